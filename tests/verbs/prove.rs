//! `holdpoint log --prove` and `holdpoint verify --proof`: one entry, proven to whoever has no ledger.

use std::fs;

use crate::support::Case;

const LIST: &str =
    "# R\n\n- [ ] One `#one`\n  ```bash check\n  true\n  # expect: exit == 0\n  ```\n";

/// A case with two runs, the first of them proven, and an empty folder with the key.
fn proven() -> (Case, Case) {
    let case = Case::with(LIST).committed();
    case.run_list().exits(0);
    case.run_list().exits(0);
    let run = run(&case);
    case.run(&["log", "--prove", &run, "--out", "proof"]).exits(0).says("wrote 2 proofs");
    let auditor = Case::new();
    auditor.write("log.vkey", case.read("ledger/keys/log.vkey"));
    for path in case.files("proof", ".tlog-proof") {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        auditor.write(&name, fs::read(path).expect("a proof"));
    }
    (case, auditor)
}

fn run(case: &Case) -> String {
    let log = case.run(&["log", "--format", "json"]).exits(0).json();
    let opened = log["entries"].as_array().expect("entries").iter();
    let mut opened = opened.filter(|entry| entry["kind"] == "run_opened");
    opened.next().expect("a run")["body"]["run"].as_str().expect("a name").to_owned()
}

fn first(auditor: &Case) -> String {
    let path = auditor.files("", ".tlog-proof").remove(1);
    path.file_name().expect("a name").to_string_lossy().into_owned()
}

#[test]
fn a_proof_is_checked_without_the_ledger() {
    let (_case, auditor) = proven();
    let proof = first(&auditor);
    auditor
        .run(&["verify", "--proof", &proof, "--log-key", "log.vkey"])
        .exits(0)
        .says("proven: entry 4 of 6")
        .says("pass");
    auditor.run(&["verify", "--proof", &proof]).exits(2).says("--log-key");
}

#[test]
fn no_byte_of_a_proof_can_be_changed() {
    let (_case, auditor) = proven();
    let name = first(&auditor);
    let proof = fs::read(auditor.path().join(&name)).expect("a proof");
    for at in (0..proof.len()).step_by(97) {
        let mut wrong = proof.clone();
        wrong[at] ^= 1;
        auditor.write("wrong", wrong);
        auditor.run(&["verify", "--proof", "wrong", "--log-key", "log.vkey"]).exits(30);
    }
}

#[test]
fn a_proof_under_another_key_proves_nothing() {
    let (_case, auditor) = proven();
    let other = Case::with(LIST);
    other.run(&["init"]).exits(0);
    auditor.write("other.vkey", other.read("ledger/keys/log.vkey"));
    let proof = first(&auditor);
    let arguments = ["verify", "--proof", &proof, "--log-key", "other.vkey", "--format", "json"];
    let json = auditor.run(&arguments).exits(30).json();
    assert!(json["proofs"][0]["proves"].is_null(), "{json}");
}

#[test]
fn a_cache_that_was_tampered_with_is_made_anew() {
    let (case, _) = proven();
    let run = run(&case);
    let cache = case.path().join(".git/holdpoint/tree");
    for file in ["hashes", "names", "runs"] {
        for content in [Vec::new(), vec![7; 500]] {
            fs::write(cache.join(file), content).expect("written");
            let _ = fs::remove_dir_all(case.path().join("proof"));
            case.run(&["log", "--prove", &run, "--out", "proof"]).exits(0).says("wrote 2 proofs");
        }
    }
}

#[test]
fn what_is_not_sealed_has_no_proof() {
    let case = Case::with(LIST).committed();
    case.run(&["init"]).exits(0);
    fs::remove_file(case.log_key()).expect("removed");
    case.run_list().exits(0);
    let run = run(&case);
    case.run(&["log", "--prove", &run]).exits(2).says("no entry of run");
    case.run(&["log", "--prove", "another"]).exits(2);
}
