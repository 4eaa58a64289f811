//! What someone who can write the repository does to the ledger, and what finds it: tail, rewriting, checkpoint,
//! rollback. Links alone find none of these.

use std::fs;

use sha2::{Digest, Sha256};

use crate::support::desk::Desk;
use crate::support::{Case, Done};

const LIST: &str =
    "# R\n\n- [ ] One `#one`\n  ```bash check\n  true\n  # expect: exit == 0\n  ```\n";

/// A ledger of two runs, and the checkpoint after the first, as somebody kept it.
fn twice() -> (Case, String) {
    let case = Case::with(LIST).committed();
    case.run_list().exits(0);
    let kept = case.read("ledger/checkpoint");
    case.run_list().exits(0);
    (case, kept)
}

/// Takes away what this machine remembers, as if the ledger had been cloned.
fn forget(case: &Case) {
    let private = case.path().join(".git/holdpoint");
    fs::remove_dir_all(private).expect("removed");
    fs::remove_file(case.log_key().with_file_name("checkpoint")).expect("removed");
}

fn without_sessions(case: &Case) {
    for inbox in case.files("ledger/inbox", ".jsonl") {
        fs::remove_file(inbox).expect("removed");
    }
}

fn trunk(case: &Case) -> Vec<String> {
    case.read("ledger/ledger.jsonl").lines().map(|line| format!("{line}\n")).collect()
}

/// The same story with another end, linked anew: nothing in it is wrong by itself.
fn rewritten(lines: &[String]) -> Vec<String> {
    let id = |line: &str| holdpoint_id(line);
    let mut before = String::new();
    let mut new: Vec<String> = Vec::new();
    for line in lines {
        let changed = line.replace("\"outcome\":\"pass\"", "\"outcome\":\"fail\"");
        let mut value: serde_json::Value = serde_json::from_str(&changed).expect("JSON");
        if !before.is_empty() {
            value["prev"] = serde_json::json!([before]);
        }
        let line = format!("{value}\n");
        before = id(&line);
        new.push(line);
    }
    new
}

fn holdpoint_id(line: &str) -> String {
    Sha256::digest(line).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn codes(done: &Done) -> Vec<String> {
    let findings = done.json()["findings"].as_array().expect("findings").clone();
    let errors = findings.iter().filter(|finding| finding["severity"] == "error");
    errors.map(|finding| finding["code"].as_str().expect("a code").to_owned()).collect()
}

fn verify(case: &Case, more: &[&str], exit: i32) -> Vec<String> {
    let arguments = [&["verify", "--format", "json"], more].concat();
    codes(&case.run(&arguments).exits(exit))
}

#[test]
fn a_tail_that_was_cut_off_is_found_by_the_checkpoint() {
    let (case, _) = twice();
    let lines = trunk(&case);
    without_sessions(&case);
    forget(&case);
    case.write("ledger/ledger.jsonl", lines[..lines.len() - 1].concat());
    assert_eq!(verify(&case, &[], 30)[0], "HL033");
}

#[test]
fn a_last_line_that_was_edited_is_found_by_the_checkpoint() {
    let (case, _) = twice();
    let mut lines = trunk(&case);
    without_sessions(&case);
    forget(&case);
    let last = lines.last_mut().expect("a line");
    *last = last.replace("\"outcome\":\"pass\"", "\"outcome\":\"fail\"");
    case.write("ledger/ledger.jsonl", lines.concat());
    assert_eq!(verify(&case, &[], 30), ["HL032"]);
}

#[test]
fn a_rewritten_ledger_is_found_by_its_checkpoint() {
    let (case, _) = twice();
    without_sessions(&case);
    forget(&case);
    case.write("ledger/ledger.jsonl", rewritten(&trunk(&case)).concat());
    assert_eq!(verify(&case, &[], 30), ["HL032"]);
}

#[test]
fn a_rewritten_ledger_without_its_checkpoint_is_found_by_the_mark_and_by_the_auditor() {
    let (case, kept) = twice();
    without_sessions(&case);
    case.write("ledger/ledger.jsonl", rewritten(&trunk(&case)).concat());
    fs::remove_file(case.path().join("ledger/checkpoint")).expect("removed");
    assert_eq!(verify(&case, &[], 30), ["HL031", "HL032", "HL032"]);
    forget(&case);
    assert_eq!(verify(&case, &[], 30), ["HL031"]);
    case.write("kept", kept);
    assert_eq!(verify(&case, &["--checkpoint", "kept"], 30), ["HL031", "HL032"]);
}

#[test]
fn a_ledger_that_went_back_in_time_is_found_by_the_mark() {
    let case = Case::with(LIST).committed();
    case.run_list().exits(0);
    case.commit("one run");
    case.run_list().exits(0);
    case.commit("two runs");
    case.run(&["seal"]).exits(0);
    case.git(&["reset", "-q", "--hard", "HEAD~1"]);
    assert_eq!(verify(&case, &[], 30), ["HL033", "HL033"]);
    case.run_list().says("went back in time").says("nothing was sealed");
    case.git(&["stash", "-q", "-u"]);
    case.git(&["reset", "-q", "--hard", "HEAD@{1}"]);
}

#[test]
fn a_ledger_signed_again_by_another_key_is_found() {
    let (case, _) = twice();
    let other = Case::with(LIST);
    other.run(&["init"]).exits(0);
    case.write("ledger/checkpoint", other.read("ledger/checkpoint"));
    assert_eq!(verify(&case, &[], 30), ["HL030"]);
    let (case, _) = twice();
    case.write("ledger/keys/log.vkey", other.read("ledger/keys/log.vkey"));
    assert_eq!(verify(&case, &[], 30), ["HL035"]);
}

#[test]
fn another_ledger_in_its_place_is_found_by_the_mark() {
    let (case, kept) = twice();
    fs::remove_dir_all(case.path().join("ledger")).expect("removed");
    fs::remove_dir_all(case.path().join(".git/holdpoint/journal")).expect("removed");
    case.run(&["init"]).exits(0).says("nothing was sealed").says("begun again on purpose");
    let found = verify(&case, &[], 30);
    assert!(found.contains(&"HL030".to_owned()), "{found:?}");
    case.write("kept", kept);
    assert!(verify(&case, &["--checkpoint", "kept"], 30).contains(&"HL034".to_owned()));
}

#[test]
fn any_byte_of_a_checkpoint_that_changes_is_found() {
    let (case, _) = twice();
    let note = fs::read(case.path().join("ledger/checkpoint")).expect("a checkpoint");
    for at in (0..note.len()).step_by(7) {
        let mut wrong = note.clone();
        wrong[at] ^= 1;
        case.write("ledger/checkpoint", wrong);
        let found = verify(&case, &[], 30);
        assert_eq!(found, ["HL030"], "byte {at}");
    }
}

#[test]
fn what_the_auditor_kept_anchors_what_it_covers() {
    let (case, kept) = twice();
    case.write("kept", kept);
    case.run(&["verify", "--checkpoint", "kept"]).exits(0).says("intact, self-anchored");
    let newest = case.read("ledger/checkpoint");
    case.write("newest", &newest);
    case.run(&["verify", "--checkpoint", "newest"]).exits(0).says("intact, anchored");
    let text: String = newest.split_inclusive('\n').take(3).collect();
    case.write("copied", text);
    case.run(&["verify", "--checkpoint", "copied"]).exits(0).says("intact, anchored");
    case.write("nonsense", "12 entries, I believe\n");
    case.run(&["verify", "--checkpoint", "nonsense"]).exits(2).says("holds no checkpoint");
}

#[test]
fn a_segment_that_is_missing_or_short_is_found() {
    let (case, _) = twice();
    let trunk = case.read("ledger/ledger.jsonl");
    case.write("ledger/archive/000000004096.jsonl", &trunk);
    case.write("ledger/ledger.jsonl", "");
    let found = verify(&case, &[], 30);
    assert_eq!(found, ["HL036", "HL036"]);
}

#[test]
fn what_people_signed_tells_that_the_lines_before_it_were_rewritten() {
    let list = format!("{LIST}\n## Sign-off\n\n**Tech Lead**: ______ Date: ____\n");
    let desk = Desk::with(
        &list,
        "[policy]\nsignatures = \"required\"\n[policy.change]\nroles = [\"qa-lead\"]\n",
    );
    desk.key("alice", &["tech-lead"], "").key("bob", &["qa-lead"], "");
    desk.pin(&[]).exits(0);
    desk.case.run_list().exits(10);
    desk.sign("alice", "Tech Lead", "--go").exits(0);
    let case = &desk.case;
    assert!(!verify(case, &[], 0).contains(&"HL032".to_owned()));
    without_sessions(case);
    case.write("ledger/ledger.jsonl", rewritten(&trunk(case)).concat());
    let found = verify(case, &[], 30);
    let lines = found.iter().filter(|code| *code == "HL032").count();
    // The repository's checkpoint, the user's mark and the sign-off.
    assert!(lines >= 3, "{found:?}");
}
