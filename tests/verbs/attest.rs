//! `holdpoint attest` and `holdpoint status`.

use crate::support::Case;

const LIST: &str = "# Release\n\n- [ ] Notes read `#notes`\n- [ ] Team told `#told`\n";

#[test]
fn a_word_for_each_manual_item_makes_a_go() {
    let case = Case::with(LIST);
    case.run_list().exits(10);
    case.run(&["attest", "notes", "--pass", "--note", "read"]).exits(0);
    case.run(&["status"]).exits(10);
    case.run(&["attest", "told", "--pass", "--note", "in #ops"]).exits(0);
    case.run(&["status"]).exits(0).says("GO");
}

#[test]
fn the_newest_word_counts() {
    let case = Case::with(LIST);
    case.run_list().exits(10);
    case.run(&["attest", "notes", "--fail", "--note", "a page is missing"]).exits(0);
    case.run(&["status"]).exits(20).says("a page is missing");
    case.run(&["attest", "notes", "--pass", "--note", "there now"]).exits(0);
    case.run(&["attest", "told", "--pass"]).exits(0);
    case.run(&["status"]).exits(0);
}

#[test]
fn a_skipped_item_needs_a_signature_and_holds() {
    let case = Case::with("# R\n\n- [ ] One `#one`\n- [ ] Two `#two`\n");
    case.run_list().exits(10);
    case.run(&["attest", "one", "--skip", "--note", "no database"]).exits(0);
    case.run(&["attest", "two", "--pass"]).exits(0);
    case.run(&["status"]).exits(10).says("skipped");
}

#[test]
fn an_unknown_item_gets_a_suggestion() {
    let case = Case::with(LIST);
    case.run_list().exits(10);
    case.run(&["attest", "note", "--pass"]).exits(2).says("notes");
}

#[test]
fn evidence_is_kept_by_digest() {
    let case = Case::with(LIST);
    case.write("photo.txt", "a photo\n");
    case.run_list().exits(10);
    case.run(&["attest", "notes", "--pass", "--evidence", "photo.txt"]).exits(0);
    let kept = case.files("ledger/evidence", "");
    assert!(kept.iter().any(|path| std::fs::read(path).expect("evidence") == b"a photo\n"));
    case.run(&["verify"]).exits(0);
}

#[test]
fn without_a_run_there_is_nothing_to_say() {
    let case = Case::with(LIST);
    case.run(&["status"]).exits(2).says("holdpoint run");
    case.run(&["attest", "notes", "--pass"]).exits(2).says("holdpoint run");
}

#[test]
fn a_failed_check_cannot_be_skipped() {
    let list = "# R\n\n- [ ] Disk `#disk`\n  ```bash check\n  echo 1\n  # Expected: 2\n  ```\n";
    let case = Case::with(list);
    case.run_list().exits(20);
    let skip = ["attest", "disk", "--skip", "--note", "no disk"];
    case.run(&skip).exits(2).says("to skip it has no effect").says("holdpoint waive");
    case.run(&["attest", "disk", "--fail", "--note", "seen"]).exits(0);
}
