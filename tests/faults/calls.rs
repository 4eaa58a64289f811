//! Every system call of an append, failing: by `strace`, which answers in the system's stead.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};

use crate::support::chance::{Chance, amount};
use crate::support::{Case, Done};

const LIST: &str = "# L\n\n- [ ] One `#one`\n- [ ] Two `#two`\n";

/// How a call fails.
const FAULTS: [&str; 4] = ["error=EIO", "error=ENOSPC", "error=EROFS", "signal=KILL"];

/// An answer to an item, traced.
fn attest(case: &Case, options: &[&str]) -> Done {
    let plain = case.command(&["attest", "two", "--pass"]);
    let mut command = Command::new("strace");
    command.args(options).arg(plain.get_program()).args(plain.get_args());
    command.current_dir(case.path()).stdin(Stdio::null()).env_clear();
    command.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.output().expect("strace is installed (apt-get install strace)").into()
}

/// The calls from where the lock is taken, by name: from the which to the which.
fn calls(case: &Case) -> BTreeMap<String, (usize, usize)> {
    let trace = case.user().join("trace");
    attest(case, &["-o", &trace.to_string_lossy(), "-e", "trace=%file,%desc"]).exits(0);
    let text = std::fs::read_to_string(&trace).expect("a trace");
    let (mut counts, mut calls) = (BTreeMap::<&str, usize>::new(), BTreeMap::new());
    let mut locked = false;
    for line in text.lines() {
        let Some((name, _)) = line.split_once('(') else { continue };
        let count = counts.entry(name).or_default();
        *count += 1;
        locked |= line.contains("ledger/.lock");
        if locked {
            calls.entry(name.to_owned()).or_insert((*count, *count)).1 = *count;
        }
    }
    calls
}

#[test]
fn whichever_call_fails_nothing_is_torn_or_lost() {
    let good = Case::with(LIST);
    good.run(&["run", "list.md", "--no-report"]).exits(10);
    good.run(&["attest", "one", "--pass"]).exits(0);
    let before = entries(&good);
    let calls = calls(&good.copy());
    let of = |(name, (first, last)): (&String, &(usize, usize))| {
        let name = name.clone();
        (*first..=*last).map(move |at| (name.clone(), at)).collect::<Vec<_>>()
    };
    let each: Vec<(String, usize)> = calls.iter().flat_map(of).collect();
    assert!(each.len() > 50 && calls.contains_key("fsync"), "{calls:?}");
    let all: Vec<(String, usize, &str)> =
        each.iter().flat_map(|(name, at)| FAULTS.map(|fault| (name.clone(), *at, fault))).collect();
    let mut chance = Chance::new();
    let step = amount(all.len() as u64 / 40, 1).max(1);
    let first = chance.below(step);
    for (name, at, fault) in all.into_iter().skip(first as usize).step_by(step as usize) {
        let case = good.copy();
        let inject = format!("inject={name}:{fault}:when={at}");
        let options = ["-qq", "-o", "/dev/null", "-e", "trace=none", "-e", &inject];
        let done = attest(&case, &options);
        let about = format!("{inject}: {done:?}");
        survived(&case, &before, &done, &about);
    }
}

/// Nothing is broken, whoever comes next puts right what there is and says so, and everything is there.
fn survived(case: &Case, before: &[String], done: &Done, about: &str) {
    let verified = case.run(&["verify"]);
    assert!(!verified.out.contains("broken"), "{about}\n{verified:?}");
    let acknowledged = done.out.contains("pass    two");
    if !acknowledged && done.code != 128 + 9 {
        assert!(!done.err.is_empty(), "it says nothing: {about}");
    }
    let next = case.run(&["attest", "one", "--pass", "--note", "again"]);
    assert!([0, 10].contains(&next.code), "{about}\n{next:?}");
    if verified.out.contains("repairable") {
        assert!(next.err.contains("put right"), "{about}\n{next:?}");
    }
    case.run(&["verify", "--strict"]).exits(0);
    let after = entries(case);
    assert!(before.iter().all(|id| after.contains(id)), "{about}");
    let answers = after.len() - before.len();
    assert!(answers > usize::from(acknowledged), "{about}");
    assert_eq!(case.files("ledger", ".new"), [] as [std::path::PathBuf; 0], "{about}");
}

fn entries(case: &Case) -> Vec<String> {
    let log = case.run(&["log", "--format", "json"]).exits(0).json();
    let entries = log["entries"].as_array().expect("entries").clone();
    entries.iter().map(|entry| entry["id"].as_str().expect("an id").to_owned()).collect()
}
