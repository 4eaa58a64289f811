//! `holdpoint verify`: any byte that changes is found, and named.

use std::path::Path;

use crate::support::Case;

const LIST: &str =
    "# R\n\n- [ ] One `#one`\n  ```bash check\n  echo seen\n  # Expected: seen\n  ```\n";

fn reported() -> Case {
    let case = Case::with(LIST);
    case.run(&["run", "list.md"]).exits(0);
    case.run(&["verify"]).exits(0);
    case
}

fn flip(path: &Path, at: usize) {
    let mut bytes = std::fs::read(path).expect("a file");
    let at = at.min(bytes.len() - 1);
    bytes[at] ^= 1;
    std::fs::write(path, bytes).expect("written");
}

fn name(path: &Path) -> String {
    path.file_name().expect("a name").to_string_lossy().into_owned()
}

#[test]
fn a_byte_flipped_in_the_ledger_is_found_on_its_line() {
    let ledger = reported().read("ledger/ledger.jsonl");
    let second = ledger.lines().next().expect("a line").len() + 1;
    for offset in [second + 8, second + 40, second + 100] {
        let case = reported();
        flip(&case.path().join("ledger/ledger.jsonl"), offset);
        case.run(&["verify"]).exits(30).says("ledger.jsonl:2");
    }
}

#[test]
fn a_damaged_ledger_says_nothing_false_of_its_reports() {
    let case = reported();
    let ledger = case.read("ledger/ledger.jsonl").replacen(
        "\"outcome\":\"pass\"",
        "\"outcome\":\"fail\"",
        1,
    );
    case.write("ledger/ledger.jsonl", ledger);
    let done = case.run(&["verify"]).exits(30);
    assert!(!done.out.contains("another version"), "{done:?}");
}

#[test]
fn a_byte_flipped_in_evidence_is_found() {
    let case = reported();
    for path in case.files("ledger/evidence", "") {
        let bytes = std::fs::read(&path).expect("evidence");
        flip(&path, 0);
        case.run(&["verify"]).exits(30).says(&name(&path));
        std::fs::write(&path, bytes).expect("written");
    }
    case.run(&["verify"]).exits(0);
}

#[test]
fn evidence_that_is_gone_is_found() {
    let case = reported();
    let path = case.files("ledger/evidence", "").pop().expect("evidence");
    std::fs::remove_file(&path).expect("removed");
    case.run(&["verify"]).exits(30).says(&name(&path));
}

#[test]
fn a_byte_flipped_in_a_report_is_found() {
    for format in ["report.html", "report.pdf", "report.md"] {
        let case = reported();
        let path = case.files("reports", format).pop().expect("a report");
        flip(&path, 300);
        case.run(&["verify"]).exits(30).says(format);
    }
}

#[test]
fn every_wrong_file_is_named() {
    let case = reported();
    let report = case.files("reports", "report.md").pop().expect("a report");
    let evidence = case.files("ledger/evidence", "").pop().expect("evidence");
    flip(&report, 10);
    flip(&evidence, 0);
    case.run(&["verify"]).exits(30).says("report.md").says(&name(&evidence));
}

#[test]
fn a_line_left_out_is_found() {
    let case = reported();
    let ledger = case.read("ledger/ledger.jsonl");
    let without: String = ledger
        .lines()
        .enumerate()
        .filter(|(at, _)| *at != 2)
        .map(|(_, line)| format!("{line}\n"))
        .collect();
    case.write("ledger/ledger.jsonl", &without);
    for inbox in case.files("ledger/inbox", ".jsonl") {
        std::fs::remove_file(inbox).expect("removed");
    }
    case.run(&["verify"]).exits(30);
}

#[test]
fn json_names_the_verdict_and_the_findings() {
    let case = reported();
    let json = case.run(&["verify", "--format", "json"]).exits(0).json();
    assert_eq!(json["verdict"], "intact, self-anchored", "{json}");
    flip(&case.path().join("ledger/ledger.jsonl"), 30);
    let json = case.run(&["verify", "--format", "json"]).exits(30).json();
    assert_eq!(json["verdict"], "broken", "{json}");
    assert!(
        json["findings"][0]["code"].as_str().is_some_and(|code| code.starts_with("HL")),
        "{json}"
    );
}

#[test]
fn without_a_ledger_there_is_nothing_to_verify() {
    Case::new().run(&["verify"]).exits(2).says("holdpoint init");
}
