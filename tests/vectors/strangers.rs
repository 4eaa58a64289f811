//! Whoever has only docs/ledger.md: the script in it finds what it says, and the sample ledger is what it says.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Case, Done};

use super::story::{Story, story};
use super::{Attack, Lie, entries, files, words};

fn docs(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name)
}

/// What the script of the document says of a ledger's folder.
fn script(folder: &Path) -> Done {
    let text = std::fs::read_to_string(docs("ledger.md")).expect("a document");
    let script = text.split("```sh\n").filter_map(|rest| rest.split("```").next());
    let script = script.filter(|script| script.contains("sha256sum")).last().expect("a script");
    assert!(script.lines().count() <= 16, "{script}");
    let mut command = Command::new("sh");
    command.args(["-c", script]).current_dir(folder).env("LC_ALL", "C.UTF-8");
    command.output().expect("sh, jq and ssh-keygen").into()
}

fn says_nothing(done: &Done) -> bool {
    done.out.is_empty() && done.err.is_empty()
}

/// Lies that the script is there to find.
const FOUND: &[(&[Lie], &[&str])] = &[
    (
        entries::LIES,
        &[
            "a failure is made a pass",
            "a line in the middle is left out",
            "everything is written anew and signed with the log's key",
        ],
    ),
    (files::LIES, &["the output of a check is another"]),
    (
        words::LIES,
        &[
            "a sign-off has no signature",
            "what was signed as no is said as yes",
            "a key that is expired signs",
        ],
    ),
];

#[test]
fn the_script_of_the_docs_finds_what_it_is_there_to_find() {
    let good = script(&Attack::new().case.path().join("ledger"));
    assert!(says_nothing(&good), "{good:?}");
    for (lies, names) in FOUND {
        for name in *names {
            let lie = lies.iter().find(|lie| lie.name == *name).expect("such a lie");
            let attack = Attack::new();
            (lie.how)(&attack);
            // What waits in the inbox is sealed: the script reads what is.
            let waiting = attack.case.files("ledger/inbox", ".jsonl");
            let waiting = waiting.iter().map(|path| std::fs::read_to_string(path).expect("lines"));
            let waiting: Vec<String> = waiting.collect();
            attack.put(&[attack.trunk(), waiting].concat());
            let done = script(&attack.case.path().join("ledger"));
            assert!(!says_nothing(&done), "{name}");
        }
    }
}

/// What the sample is made of. Reports are not: they are of one version of the program.
const SAMPLE: [&str; 3] = ["ledger", "list.md", "holdpoint.toml"];

#[test]
fn the_sample_of_the_docs_is_a_good_ledger() {
    let sample = docs("ledger/sample");
    if std::env::var_os("HOLDPOINT_SAMPLE").is_some() {
        make(story(), &sample);
    }
    let case = Case::new();
    for name in SAMPLE {
        let copied = Command::new("cp").arg("-r").arg(sample.join(name)).arg(case.path()).status();
        assert!(copied.is_ok_and(|status| status.success()), "{name}");
    }
    let case = case.set("HOLDPOINT_CLOCK", super::story::NOW);
    let done = case.run(&["verify", "--strict"]).exits(0);
    assert!(done.out.starts_with("intact, self-anchored"), "{done:?}");
    let log = case.run(&["log", "--format", "json"]).exits(0).json();
    let runs = log["entries"].as_array().expect("entries").iter();
    let runs = runs.filter(|entry| entry["kind"] == "run_opened");
    let runs = runs.map(|entry| entry["body"]["run"].as_str().expect("a name"));
    let codes: Vec<i32> = runs.map(|run| case.run(&["status", run]).code).collect();
    assert_eq!(codes, [0, 10, 20]);
    let done = script(&case.path().join("ledger"));
    assert!(says_nothing(&done), "{done:?}");
}

/// Writes the sample: `HOLDPOINT_SAMPLE=1 unshare -u sh -c 'hostname example && cargo test --test main sample'`.
fn make(story: &Story, sample: &Path) {
    let _ = std::fs::remove_dir_all(sample);
    std::fs::create_dir_all(sample).expect("a folder");
    for name in SAMPLE {
        let from = story.desk.case.path().join(name);
        let copied = Command::new("cp").arg("-r").arg(from).arg(sample).status();
        assert!(copied.is_ok_and(|status| status.success()), "{name}");
    }
    // All of it is sealed.
    std::fs::remove_dir_all(sample.join("ledger/inbox")).expect("removed");
}
