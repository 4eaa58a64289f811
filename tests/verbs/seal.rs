//! `holdpoint seal` and the log's key: who can seal, what is signed, and what waits.

use std::os::unix::fs::PermissionsExt;

use crate::support::Case;

const LIST: &str =
    "# R\n\n- [ ] One `#one`\n  ```bash check\n  true\n  # expect: exit == 0\n  ```\n";

/// How many entries the repository's checkpoint is over.
fn size(case: &Case) -> usize {
    let note = case.read("ledger/checkpoint");
    note.lines().nth(1).expect("a size").parse().expect("a number")
}

fn lines(case: &Case) -> usize {
    case.read("ledger/ledger.jsonl").lines().count()
}

#[test]
fn the_key_is_made_outside_the_repository_and_only_for_its_owner() {
    let case = Case::with(LIST).committed();
    case.run(&["init"]).exits(0).says("keep a copy of the log's key");
    let key = case.log_key();
    assert_eq!(key.metadata().expect("a key").permissions().mode() & 0o777, 0o600);
    let secret = std::fs::read_to_string(key).expect("a key");
    for path in case.files("", "") {
        let bytes = std::fs::read(&path).expect("a file");
        let held = bytes.windows(40).any(|part| part == &secret.as_bytes()[60..100]);
        assert!(!held, "{}", path.display());
    }
    let vkey = case.read("ledger/keys/log.vkey");
    assert!(case.read("ledger/ledger.jsonl").contains(vkey.trim()), "{vkey}");
    assert_eq!(size(&case), lines(&case));
}

#[test]
fn every_seal_signs_what_was_folded() {
    let case = Case::with(LIST);
    case.run_list().exits(0);
    let first = size(&case);
    assert_eq!(first, lines(&case));
    case.run_list().exits(0);
    assert!(size(&case) > first);
    assert_eq!(size(&case), lines(&case));
    case.run(&["verify"]).exits(0).says("intact, self-anchored");
}

#[test]
fn without_the_key_everything_waits_in_the_inbox() {
    let case = Case::with(LIST).committed();
    case.run(&["init"]).exits(0);
    let (key, sealed) = (case.log_key(), lines(&case));
    let away = case.user().join("away.key");
    std::fs::rename(&key, &away).expect("moved");
    case.run_list().exits(0).says("the log's key is not here: 2 entries wait safely");
    assert_eq!((lines(&case), size(&case)), (sealed, sealed));
    case.run(&["seal"]).exits(2).says("HOLDPOINT_LOG_KEY");
    let done = case.run(&["verify"]).exits(0);
    assert!(done.out.contains(&format!("intact, not anchored after entry {sealed}")), "{done:?}");
    case.run(&["verify", "--strict"]).exits(30);
    let case = case.set("HOLDPOINT_LOG_KEY", &away.to_string_lossy());
    case.run(&["seal"]).exits(0).says("sealed 2 entries");
    case.run(&["verify", "--strict"]).exits(0).says("intact, self-anchored");
}

#[test]
fn a_key_of_another_ledger_seals_nothing() {
    let other = Case::with(LIST);
    other.run(&["init"]).exits(0);
    let case = Case::with(LIST);
    case.run(&["init"]).exits(0);
    let case = case.set("HOLDPOINT_LOG_KEY", &other.log_key().to_string_lossy());
    case.run(&["seal"]).exits(2).says("it is not the key of this ledger");
}

#[test]
fn where_no_key_can_be_kept_a_ledger_is_not_signed_and_says_so() {
    let case = Case::with(LIST).set("XDG_CONFIG_HOME", "").committed();
    case.run(&["init"]).exits(0).says("without a log key");
    assert!(case.read("ledger/ledger.jsonl").contains("\"log_key\":null"));
    case.run_list().exits(0);
    assert!(case.files("ledger", "checkpoint").is_empty());
    case.run(&["verify"]).exits(0).says("intact, not anchored").says("no log key");
    case.run(&["verify", "--strict"]).exits(30);
}

#[test]
fn a_rewritten_trunk_is_not_signed_and_nothing_is_lost() {
    let case = Case::with(LIST);
    case.run_list().exits(0);
    let (trunk, note) = (case.read("ledger/ledger.jsonl"), case.read("ledger/checkpoint"));
    let shorter: String = trunk.split_inclusive('\n').take(2).collect();
    case.write("ledger/ledger.jsonl", &shorter);
    for inbox in case.files("ledger/inbox", ".jsonl") {
        std::fs::remove_file(inbox).expect("removed");
    }
    for journal in case.files("ledger/.journal", ".jsonl") {
        std::fs::remove_file(journal).expect("removed");
    }
    case.run_list().says("went back in time").says("nothing was sealed");
    assert_eq!(case.read("ledger/checkpoint"), note);
    assert_eq!(case.read("ledger/ledger.jsonl"), shorter);
    let inbox: String = case
        .files("ledger/inbox", ".jsonl")
        .iter()
        .map(|path| std::fs::read_to_string(path).expect("lines"))
        .collect();
    assert_eq!(inbox.matches("\"kind\":\"result\"").count(), 1, "{inbox}");
}

#[test]
fn a_log_without_its_checkpoint_is_not_signed_again() {
    let case = Case::with(LIST).committed();
    case.run_list().exits(0);
    std::fs::remove_file(case.path().join("ledger/checkpoint")).expect("removed");
    // As in a fresh clone that has only the key.
    std::fs::remove_file(case.path().join(".git/holdpoint/checkpoint")).expect("removed");
    let mark = case.log_key().with_file_name("checkpoint");
    std::fs::remove_file(mark).expect("removed");
    case.run(&["seal"]).exits(1).says("no checkpoint");
    case.run(&["verify"]).exits(30).says("HL031");
}

#[test]
fn the_mark_brings_a_checkpoint_back_that_only_the_repository_lost() {
    let case = Case::with(LIST);
    case.run_list().exits(0);
    let note = case.read("ledger/checkpoint");
    std::fs::remove_file(case.path().join("ledger/checkpoint")).expect("removed");
    case.run(&["verify"]).exits(30).says("HL031");
    case.run(&["seal"]).exits(0);
    assert_eq!(case.read("ledger/checkpoint"), note);
}
