//! `holdpoint status` of a large ledger: what it looks through, and what it reads.

use std::fs;

use holdpoint::clock::Timestamp;
use holdpoint::ledger::state::{self, RunState};
use holdpoint::ledger::{Ledger, Location, Stored};
use holdpoint::standing::Hearing;

use crate::support::Case;
use crate::support::desk::Desk;

const LIST: &str = "# R\n\n- [ ] One `#one`\n- [ ] Disk `#disk`\n  ```bash check\n  echo 1\n  # Expected: 1\n  ```\n\n## Sign-off\n\n**Tech Lead**: ____ Date: ____\n";

const POLICY: &str = "[policy]\nsignatures = \"required\"\nvoid = [\"qa-lead\"]\n[policy.change]\nroles = [\"qa-lead\"]\n";

fn location(case: &Case) -> Location {
    Location::new(case.path(), None, Some(case.user()))
}

/// All that is told of a run, in words; the newest unless it is named.
fn told(ledger: &Ledger, run: Option<&str>) -> String {
    let entries: Vec<&Stored> = ledger.entries().iter().collect();
    let mut runs: Vec<RunState> = state::runs(ledger.history(), &entries);
    runs.retain(|state| run.is_none_or(|run| state.opened.run == run));
    let run = runs.pop().expect("a run");
    let now: Timestamp = "2036-01-01T00:00:00.000Z".parse().expect("a time");
    let rules = ledger.rules();
    let hearing =
        Hearing::of(&run, &rules.rules, ledger.history(), &ledger.proofs(&rules.rules), now);
    format!("{run:?} {hearing:?} {rules:?}")
}

/// A glance tells what reading everything tells.
#[track_caller]
fn agrees(case: &Case, run: Option<&str>) {
    let whole = Ledger::open(location(case)).expect("a ledger");
    let glance = Ledger::glance(&location(case), run).expect("a glance is enough");
    assert!(glance.entries().len() <= whole.entries().len());
    assert_eq!(told(&glance, run), told(&whole, run));
    // What may be looser is told from the runs before that were decided.
    let decided = |ledger: &Ledger| {
        let entries: Vec<&Stored> = ledger.entries().iter().collect();
        let mut told = Vec::new();
        for state in state::runs(ledger.history(), &entries) {
            told.push(format!("{state:?}"));
            if run == Some(state.opened.run.as_str()) {
                break;
            }
        }
        told
    };
    assert_eq!(decided(&glance), decided(&whole));
}

fn runs(desk: &Desk) -> Vec<String> {
    let opened = desk.entries("run_opened");
    opened.iter().map(|one| one["body"]["run"].as_str().expect("a run").to_owned()).collect()
}

/// Two runs with signatures, the second not sealed as a whole.
fn signed() -> Desk {
    let desk = Desk::with(LIST, POLICY);
    desk.key("alice", &["tech-lead"], "").key("bob", &["qa-lead"], "");
    desk.pin(&[]).exits(0);
    for _ in 0..2 {
        desk.case.run_list().exits(10);
        desk.case.run(&["attest", "one", "--pass"]).exits(0);
        desk.sign("alice", "Tech Lead", "--go").exits(0);
        desk.by("alice", &["decide", "--key", "alice", "--yes", "--role", "Tech Lead"]).exits(0);
        desk.case.run(&["attest", "one", "--fail", "--note", "no"]).exits(0);
    }
    let last = desk.last("attested");
    let voids = ["void", &last, "--reason", "x", "--role", "qa-lead", "--key", "bob", "--yes"];
    desk.by("bob", &voids).exits(0);
    desk
}

#[test]
fn a_glance_tells_of_a_run_what_reading_everything_tells() {
    let desk = signed();
    agrees(&desk.case, None);
    for run in runs(&desk) {
        agrees(&desk.case, Some(&run));
    }
    let note = serde_json::json!({ "run": null, "text": "\"run\":\"x\"" });
    desk.forge("note", note);
    agrees(&desk.case, None);
    assert!(Ledger::glance(&location(&desk.case), Some("nothing")).is_none());
}

#[test]
fn where_branches_lie_beside_each_other_everything_is_read() {
    let desk = signed();
    let all = desk.entries("");
    let newest = runs(&desk).pop().expect("a run");
    let beside = serde_json::json!({ "run": newest, "text": "beside" });
    // Beside the last but one, which is of the run.
    desk.forge_behind(&all[all.len() - 2], "note", beside);
    assert!(Ledger::glance(&location(&desk.case), None).is_none());
    assert!(Ledger::glance(&location(&desk.case), Some(&newest)).is_none());
    agrees(&desk.case, Some(&runs(&desk)[0]));
    // A second beginning of the same run.
    let desk = signed();
    let mut again = desk.entries("run_opened")[0]["body"].clone();
    again["release"] = "another".into();
    desk.forge("run_opened", again);
    assert!(Ledger::glance(&location(&desk.case), Some(&runs(&desk)[0])).is_none());
}

#[test]
fn a_line_of_the_run_that_was_changed_is_never_taken() {
    let desk = signed();
    let trunk = desk.case.read("ledger/ledger.jsonl");
    for path in desk.case.files("ledger/inbox", ".jsonl") {
        fs::remove_file(path).expect("removed");
    }
    let lines: Vec<&str> = trunk.lines().collect();
    let opened =
        lines.iter().rposition(|line| line.contains("\"kind\":\"run_opened\"")).expect("a run");
    for at in opened..lines.len() - 1 {
        let changed = lines[at].replacen("20", "21", 1);
        let mut all: Vec<&str> = lines.clone();
        all[at] = &changed;
        desk.case.write("ledger/ledger.jsonl", all.join("\n") + "\n");
        assert!(Ledger::glance(&location(&desk.case), None).is_none(), "line {at}: {changed}");
        all.remove(at);
        desk.case.write("ledger/ledger.jsonl", all.join("\n") + "\n");
        assert!(Ledger::glance(&location(&desk.case), None).is_none(), "without line {at}");
    }
    desk.case.write("ledger/ledger.jsonl", trunk.replacen("\"seq\":", "\"sequence\":", 1));
    assert!(Ledger::glance(&location(&desk.case), None).is_none());
    desk.case.write("ledger/ledger.jsonl", &trunk);
    agrees(&desk.case, None);
}
