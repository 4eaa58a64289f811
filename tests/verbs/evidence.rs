//! `holdpoint evidence`: what is kept, shown, and let go.

use std::fs;

use crate::support::Case;
use crate::support::desk::Desk;

const LIST: &str = "# R\n\n- [ ] One `#one`\n- [ ] Disk `#disk`\n  ```bash check\n  echo holds 42 customers\n  # Expected: holds 42 customers\n  ```\n";

const POLICY: &str = "[policy]\nsignatures = \"required\"\nforget = [\"qa-lead\"]\nvoid = [\"qa-lead\"]\n[policy.change]\nroles = [\"qa-lead\"]\n";

/// Bob leads QA; the runner has run the list.
fn ran() -> Desk {
    let desk = Desk::with(LIST, POLICY);
    desk.key("bob", &["qa-lead"], "").key("alice", &["tech-lead"], "");
    desk.pin(&[]).exits(0);
    desk.case.run(&["run", "list.md"]).exits(10);
    desk
}

/// The digest of the first piece of evidence that is this to its entry.
fn piece(case: &Case, purpose: &str) -> String {
    let list = case.run(&["evidence", "show", "--format", "json"]).exits(0).json();
    let all = list["evidence"].as_array().expect("evidence").clone();
    let found = all.iter().find(|one| one["named"][0]["as"] == purpose);
    let found = found.unwrap_or_else(|| panic!("no {purpose} in {list}"));
    found["sha256"].as_str().expect("a digest").to_owned()
}

fn forget(desk: &Desk, name: &str, digest: &str) -> crate::support::Done {
    let role = if name == "bob" { "QA Lead" } else { "Tech Lead" };
    let arguments = ["evidence", "forget", digest, "--reason", "names of customers"];
    desk.by(name, &[&arguments[..], &["--role", role, "--key", name, "--yes"]].concat())
}

fn path(digest: &str) -> String {
    format!("ledger/evidence/{}/{digest}", &digest[..2])
}

fn codes(case: &Case) -> Vec<String> {
    let found = case.run(&["verify", "--format", "json"]).json();
    let findings = found["findings"].as_array().expect("findings").iter();
    findings.map(|one| one["code"].as_str().expect("a code").to_owned()).collect()
}

#[test]
fn evidence_is_added_to_an_item_without_answering_it() {
    let case = Case::with(LIST);
    case.run_list().exits(10);
    case.run(&["attest", "one", "--pass"]).exits(0);
    case.run(&["status"]).exits(0);
    case.write("load.csv", "p95,340\n");
    let added = case.run(&["evidence", "add", "load.csv", "--item", "one"]).exits(0).out;
    case.run(&["evidence", "add", "load.csv", "--item", "disk"]).exits(0);
    let digest = &added[..64];
    assert_eq!(fs::read(case.path().join(path(digest))).expect("evidence"), b"p95,340\n");
    case.run(&["status"]).exits(0).says("GO");
    assert_eq!(case.run(&["evidence", "show", &digest[..8]]).exits(0).out, "p95,340\n");
    case.run(&["report"]).exits(0);
    let report = case.read(&case.files("reports", ".html")[0].to_string_lossy());
    assert!(report.contains(digest) && report.contains("load.csv"), "{report}");
    case.run(&["verify"]).exits(0).says("3 of 3 reports rendered again");
}

#[test]
fn secrets_are_taken_out_of_text_and_other_files_that_hold_one_are_refused() {
    let list =
        LIST.replacen("# R", "---\nparams:\n  - name: PASSWORD\n    secret: true\n---\n# R", 1);
    let case = Case::with(&list).set("PASSWORD", "correct horse battery");
    case.run(&["run", "list.md", "--no-report", "--param-env", "PASSWORD"]).exits(10);
    let add = |name: &str, bytes: &[u8]| {
        case.write(name, bytes);
        case.run(&["evidence", "add", name, "--item", "one"])
    };
    let token = format!("ghp_{}", "Ab1".repeat(12));
    let text = add("log.txt", format!("token {token} end\n").as_bytes()).exits(0).out;
    let kept = case.run(&["evidence", "show", &text[..64]]).exits(0).out;
    assert!(kept.starts_with("token [redacted") && kept.ends_with("end\n"), "{kept}");
    let binary = [b"\x89PNG\0\0".as_slice(), token.as_bytes(), b"\0"].concat();
    add("a.png", &binary).exits(2).says("is no text, and holds a secret");
    let wide: Vec<u8> = token.bytes().flat_map(|byte| [byte, 0]).collect();
    add("wide.txt", &wide).exits(2).says("is no text, and holds a secret");
    let clean = add("b.png", b"\x89PNG\0\0\xff").exits(0).out;
    let bytes = fs::read(case.path().join(path(&clean[..64]))).expect("evidence");
    assert_eq!(bytes, b"\x89PNG\0\0\xff");
}

#[test]
fn what_cannot_be_kept_is_refused_and_leaves_nothing() {
    let case = Case::with(LIST);
    case.run_list().exits(10);
    let before = case.files("ledger", "").len();
    case.run(&["evidence", "add", "nothing.csv", "--item", "one"]).exits(2).says("cannot read");
    case.run(&["evidence", "add", ".", "--item", "one"]).exits(2).says("it is a folder");
    case.write("a.csv", "a");
    case.run(&["evidence", "add", "a.csv", "--item", "two"]).exits(2).says("no item `two`");
    fs::File::create(case.path().join("huge"))
        .and_then(|file| file.set_len(65 << 20))
        .expect("a file");
    case.run(&["evidence", "add", "huge", "--item", "one"]).exits(2).says("64 MiB");
    assert_eq!(case.files("ledger", "").len(), before);
}

#[test]
fn forgotten_evidence_is_told_by_whom_and_why_and_reports_stay_good() {
    let desk = ran();
    let digest = piece(&desk.case, "output");
    forget(&desk, "bob", &digest).exits(0).says("git's history");
    assert!(!desk.case.path().join(path(&digest)).exists());
    let verified = desk.case.run(&["verify"]).exits(0);
    let verified =
        verified.says("forgotten by bob@example.com (qa-lead)").says("names of customers");
    let verified = verified.says("not rendered again: evidence that it shows was forgotten");
    assert!(!verified.out.contains("gone"), "{}", verified.out);
    desk.case.run(&["evidence", "show", &digest]).exits(2).says("was forgotten by bob");
    desk.case.run(&["report"]).exits(0);
    desk.case.run(&["verify"]).exits(0).says("3 of 6 reports rendered again");
    let reports = desk.case.files("reports", ".html");
    let after = reports.iter().filter(|path| {
        fs::read_to_string(path).expect("a report").contains("forgotten by bob@example.com")
    });
    assert_eq!(after.count(), 1);
    desk.case.run(&["seal"]).exits(0);
    assert!(!desk.case.path().join(path(&digest)).exists(), "nobody puts it back");
}

#[test]
fn only_who_may_forgets_with_a_key_and_a_reason() {
    let desk = ran();
    let digest = piece(&desk.case, "output");
    forget(&desk, "alice", &digest).exits(2).says("does not let `tech-lead`");
    let unsigned = ["evidence", "forget", &digest, "--role", "QA Lead", "--yes"];
    desk.by("bob", &unsigned).exits(2).says("reason");
    desk.by("bob", &[&unsigned[..], &["--reason", "x"]].concat()).exits(2).says("signature");
    let by_runner = [&unsigned[..], &["--reason", "x", "--key", "bob"]].concat();
    desk.by("runner", &by_runner).exits(2).says("whoever ran the checks");
    assert!(desk.case.path().join(path(&digest)).exists());
    let bare = Case::with(LIST);
    bare.run_list().exits(10);
    let digest = piece(&bare, "output");
    let done = bare.run(&["evidence", "forget", &digest, "--reason", "x", "--yes"]).exits(2);
    done.says("the policy names no role that may have evidence forgotten");
}

#[test]
fn what_a_verdict_stands_on_cannot_be_forgotten() {
    let desk = ran();
    for purpose in ["plan", "checklist", "policy or keys"] {
        let digest = piece(&desk.case, purpose);
        forget(&desk, "bob", &digest).exits(2).says("it cannot be forgotten");
        assert!(desk.case.path().join(path(&digest)).exists());
    }
    // The same bytes, shown by a person.
    desk.case.run(&["evidence", "add", "list.md", "--item", "one"]).exits(0);
    let digest = piece(&desk.case, "checklist");
    forget(&desk, "bob", &digest).exits(2).says("it cannot be forgotten");
    desk.case.write("ledger/evidence/ab/stray", "stray");
    let stray = holdpoint::digest::Digest::of(b"stray").to_string();
    desk.case.write(&path(&stray), "stray");
    forget(&desk, "bob", &stray).exits(2).says("no entry names evidence");
    desk.case.run(&["evidence", "show"]).exits(0).says("no entry names it: it proves nothing");
    assert!(desk.case.path().join(path(&stray)).exists());
}

#[test]
fn a_piece_that_two_runs_name_goes_when_both_have_let_it_go() {
    let desk = ran();
    desk.case.run_list().exits(10);
    let digest = piece(&desk.case, "output");
    forget(&desk, "bob", &digest).exits(2).says("2 runs name it");
    let log = desk.entries("run_opened");
    let run = |at: usize| log[at]["body"]["run"].as_str().expect("a run").to_owned();
    let by_run = |run: &str| {
        let arguments = ["evidence", "forget", &digest, "--run", run, "--reason", "names"];
        desk.by("bob", &[&arguments[..], &["--role", "qa-lead", "--key", "bob", "--yes"]].concat())
    };
    by_run(&run(0)).exits(0).says("is kept");
    assert!(desk.case.path().join(path(&digest)).exists());
    assert_eq!(codes(&desk.case), Vec::<String>::new());
    by_run(&run(0)).exits(2).says("has forgotten it");
    fs::rename(desk.case.path().join(path(&digest)), desk.case.path().join("aside"))
        .expect("moved");
    desk.case.run(&["verify"]).exits(30).says("names it too");
    fs::rename(desk.case.path().join("aside"), desk.case.path().join(path(&digest)))
        .expect("moved");
    by_run(&run(1)).exits(0);
    assert!(!desk.case.path().join(path(&digest)).exists());
    assert_eq!(codes(&desk.case).first().map(String::as_str), Some("HL026"));
}

#[test]
fn a_forgotten_piece_that_is_there_again_is_found_and_deleted_again() {
    let desk = ran();
    let digest = piece(&desk.case, "output");
    let bytes = fs::read(desk.case.path().join(path(&digest))).expect("evidence");
    forget(&desk, "bob", &digest).exits(0);
    desk.case.write(&path(&digest), &bytes);
    desk.case.run(&["verify"]).exits(30).says("HL027").says("repairable").says("evidence forget");
    desk.by("bob", &["evidence", "forget", &digest]).exits(0).says("its bytes are deleted now");
    desk.case.run(&["verify"]).exits(0);
    desk.by("bob", &["evidence", "forget", &digest]).exits(0).says("and is gone");
}

#[test]
fn a_forgotten_without_right_or_of_another_run_excuses_nothing() {
    let desk = ran();
    let digest = piece(&desk.case, "output");
    let bytes = fs::read(desk.case.path().join(path(&digest))).expect("evidence");
    forget(&desk, "bob", &digest).exits(0);
    let said = desk.entries("forgotten")[0]["body"].clone();
    // Copied into another run, and one that nobody signed.
    desk.case.write(&path(&digest), &bytes);
    desk.case.run_list().exits(10);
    let other = desk.entries("run_opened")[1]["body"]["run"].clone();
    let mut unsigned = said.clone();
    unsigned["run"] = other.clone();
    unsigned["statement"]["run"] = other;
    desk.forge("forgotten", unsigned.clone());
    desk.case.run(&["verify"]).exits(30).says("HL024").says("forgetting of evidence");
    unsigned["sig"] = serde_json::Value::Null;
    desk.forge("forgotten", unsigned);
    desk.case.run(&["verify"]).exits(30).says("HL022");
    fs::remove_file(desk.case.path().join(path(&digest))).expect("removed");
    desk.case.run(&["verify"]).exits(30).says("HL012").says("names it too");
}

#[test]
fn one_changed_piece_of_evidence_is_one_finding_whatever_rests_on_it() {
    let desk = ran();
    let digest = piece(&desk.case, "output");
    desk.case.write(&path(&digest), "holds 43 customers\n");
    assert_eq!(codes(&desk.case), ["HL013"]);
    desk.case.run(&["evidence", "show", &digest]).exits(2).says("was changed");
    fs::remove_file(desk.case.path().join(path(&digest))).expect("removed");
    assert_eq!(codes(&desk.case), ["HL012"]);
}

#[test]
fn a_run_cannot_let_go_what_it_does_not_name_nor_what_is_bound() {
    let desk = Desk::with(LIST, "[policy]\nforget = [\"qa-lead\"]\n");
    desk.pin(&[]).exits(0);
    desk.case.run(&["run", "list.md", "--no-report"]).exits(10);
    let digest = piece(&desk.case, "output");
    let arguments = ["evidence", "forget", &digest, "--reason", "x", "--role", "qa-lead", "--yes"];
    desk.by("bob", &arguments).exits(0);
    let said = desk.entries("forgotten")[0]["body"].clone();
    desk.case.write("list.md", "# S\n\n- [ ] Two `#two`\n");
    desk.case.run_list().exits(10);
    let mut elsewhere = said;
    let head = desk.entries("").last().expect("an entry")["id"].clone();
    elsewhere["run"] = desk.entries("run_opened")[1]["body"]["run"].clone();
    elsewhere["statement"]["run"] = elsewhere["run"].clone();
    elsewhere["statement"]["head"] = head;
    desk.forge("forgotten", elsewhere.clone());
    desk.case.run(&["verify"]).exits(0).says("HL022").says("that its run does not name");
    let plan = desk.entries("run_opened")[1]["body"]["items_sha256"].clone();
    fs::remove_file(desk.case.path().join(path(plan.as_str().expect("a digest"))))
        .expect("removed");
    elsewhere["statement"]["evidence"] = serde_json::json!([plan]);
    desk.forge("forgotten", elsewhere);
    desk.case.run(&["verify"]).exits(30).says("HL012");
}

#[test]
fn a_journal_elsewhere_does_not_bring_back_what_was_forgotten() {
    let desk = ran();
    let digest = piece(&desk.case, "output");
    let bytes = fs::read(desk.case.path().join(path(&digest))).expect("evidence");
    forget(&desk, "bob", &digest).exits(0);
    // As it lies beside the journal of another clone, to which the entry has come since.
    desk.case.write(&format!("ledger/.journal/evidence/{digest}"), bytes);
    desk.case.run(&["attest", "one", "--pass"]).exits(0);
    assert!(!desk.case.path().join(path(&digest)).exists());
    desk.case.run(&["verify"]).exits(0);
}
