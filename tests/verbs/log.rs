//! `holdpoint log`: which entries, in which order, safely shown.

use crate::support::Case;
use crate::support::desk::Desk;

const LIST: &str = "# R\n\n- [ ] One `#one`\n\n## Services\n\n- [ ] Disk `#disk`\n  ```bash check\n  echo 1\n  # Expected: 2\n  ```\n";

/// Kinds of the entries shown, newest first.
fn kinds(case: &Case, arguments: &[&str]) -> Vec<String> {
    let done = case.run(&[&["log"], arguments].concat()).exits(0);
    let kind = |line: &str| line.split_whitespace().nth(2).expect("a kind").to_owned();
    done.out.lines().map(kind).collect()
}

/// Two runs: alice's, and one of another checklist whose item bob answers.
fn two_runs() -> Case {
    let case = Case::with(LIST).set("HOLDPOINT_CLOCK", "2026-11-20T10:00:00.000Z");
    case.run_list().exits(20);
    let case = case.set("HOLDPOINT_CLOCK", "2026-11-21T10:00:00.000Z").set("USER", "bob");
    case.write("other.md", "# Other\n\n- [ ] One `#one`\n");
    case.run(&["run", "other.md", "--no-report"]).exits(10);
    case.run(&["attest", "one", "--pass", "--note", "said \"so\"\u{202e}\u{1b}[2J"]).exits(0);
    case
}

#[test]
fn entries_are_shown_newest_first_and_as_many_as_asked_for() {
    let case = two_runs();
    let all = ["attested", "run_opened", "result", "run_opened", "policy", "genesis"];
    assert_eq!(kinds(&case, &[]), all);
    assert_eq!(kinds(&case, &["-n", "2"]), all[..2]);
    assert_eq!(kinds(&case, &["-n", "0"]), Vec::<String>::new());
    let json = case.run(&["log", "-n", "2", "--format", "json"]).exits(0).json();
    assert_eq!(json["entries"][1]["kind"], "attested", "machines get the ledger's order");
}

#[test]
fn what_is_shown_fits_all_that_is_asked_for() {
    let case = two_runs();
    assert_eq!(kinds(&case, &["--checklist", "other.md"]), ["attested", "run_opened"]);
    assert_eq!(kinds(&case, &["--item", "disk"]), ["result"]);
    assert_eq!(kinds(&case, &["--item", "one"]), ["attested"]);
    assert_eq!(kinds(&case, &["--person", "BOB@"]), ["attested", "run_opened"]);
    assert_eq!(kinds(&case, &["--outcome", "fail", "--outcome", "error"]), ["result"]);
    assert_eq!(kinds(&case, &["--kind", "policy", "--kind", "genesis"]), ["policy", "genesis"]);
    assert_eq!(kinds(&case, &["--since", "2026-11-21"]), ["attested", "run_opened"]);
    assert_eq!(kinds(&case, &["--until", "2026-11-20", "--kind", "result"]), ["result"]);
    assert_eq!(kinds(&case, &["--until", "2026-11-20T09:59:59Z"]), Vec::<String>::new());
    assert_eq!(kinds(&case, &["--outcome", "fail", "--person", "bob"]), Vec::<String>::new());
    let opened = case.run(&["log", "--kind", "run_opened", "--format", "json"]).json();
    let run = opened["entries"][0]["body"]["run"].as_str().expect("a run").to_owned();
    assert_eq!(kinds(&case, &["--run", &run]), ["result", "run_opened"]);
    case.run(&["log", "--run", &run[..12]]).exits(2).says("there is no run");
    case.run(&["log", "--kind", "results"]).exits(2).says("it is one of");
    case.run(&["log", "--outcome", "bogus"]).exits(2).says("it is one of pass, fail");
    case.run(&["log", "--checklist", "none.md"]).exits(2).says("no run is of checklist");
    case.run(&["log", "--since", "yesterday"]).exits(2).says("2026-11-21");
}

#[test]
fn decisions_and_signers_are_found_too() {
    let desk = Desk::with(
        "# R\n\n- [ ] One `#one`\n\n## Sign-off\n\n**Tech Lead**: ____ Date: ____\n",
        "[policy.change]\nroles = [\"tech-lead\"]\n",
    );
    desk.key("alice", &["tech-lead"], "");
    desk.pin(&[]).exits(0);
    desk.case.run_list().exits(10);
    desk.sign("alice", "Tech Lead", "--no-go").exits(0);
    assert_eq!(kinds(&desk.case, &["--outcome", "no-go"]), ["signoff"]);
    assert_eq!(kinds(&desk.case, &["--person", "alice@example.com"]), ["signoff"]);
}

#[test]
fn hostile_text_moves_nothing_on_a_terminal() {
    let shown = two_runs().run(&["log"]).exits(0).out;
    assert!(shown.contains("said \"so\"‹U+202E›‹U+001B›[2J"), "{shown}");
    assert!(!shown.contains('\u{1b}') && !shown.contains('\u{202e}'), "{shown}");
}

#[test]
fn the_graph_shows_branches_and_what_joins_them() {
    let case = two_runs();
    let aside = Case::new();
    for path in case.files("", "") {
        let name = path.strip_prefix(case.path()).expect("below").to_string_lossy().into_owned();
        aside.write(&name, std::fs::read(&path).expect("a file"));
    }
    aside.run(&["attest", "one", "--fail", "--note", "there"]).exits(0);
    case.run(&["attest", "one", "--pass", "--note", "here"]).exits(0);
    let theirs = aside.files("ledger/inbox", ".jsonl");
    let theirs =
        theirs.iter().max_by_key(|path| path.metadata().and_then(|one| one.modified()).ok());
    let theirs = theirs.expect("a session");
    case.write("ledger/inbox/theirs.jsonl", std::fs::read(theirs).expect("a file"));
    case.run(&["report"]).exits(0);
    let graph = case.run(&["log", "--graph"]).exits(0).out;
    let marks =
        |line: &str| line.chars().take_while(|c| !c.is_ascii_hexdigit()).collect::<String>();
    let drawn: Vec<String> = graph.lines().map(|line| marks(line).trim().to_owned()).collect();
    assert!(drawn.contains(&"├─╮".to_owned()) && drawn.contains(&"├─╯".to_owned()), "{graph}");
    assert_eq!(drawn.iter().filter(|line| line.contains('●')).count(), 12, "{graph}");
    case.run(&["log", "--graph", "--item", "one"]).exits(2);
}

#[test]
fn sessions_that_are_sealed_are_shown_once_and_damage_is_told_with_its_place() {
    let case = two_runs();
    assert!(
        !case.files("ledger/inbox", ".jsonl").is_empty(),
        "sessions stay until segments are full"
    );
    let log = case.run(&["log", "--format", "json"]).json();
    let entries = log["entries"].as_array().expect("entries");
    assert!(entries.iter().all(|entry| entry["sealed"] == true), "{log}");
    let line = case.read("ledger/ledger.jsonl");
    case.write("ledger/ledger.jsonl", line.replacen("\"seq\":2", "\"seq\": 2", 1));
    case.run(&["log"]).exits(1).says("ledger.jsonl:3").says("not in canonical form");
}
