//! Whoever can write the ledger's files writes what nobody said. None of it makes a GO.

use serde_json::{Value, json};

use crate::support::desk::Desk;

const LIST: &str = "# R\n\n- [ ] One `#one`\n\n## Sign-off\n\n**Tech Lead**: ______ Date: ____\n";

const POLICY: &str = "[policy]\nsignatures = \"required\"\nwaive = [\"qa-lead\"]\nvoid = [\"qa-lead\"]\ndecide_against = [\"qa-lead\"]\n[policy.change]\nroles = [\"qa-lead\"]\n";

fn waiting() -> Desk {
    let desk = Desk::with(LIST, POLICY);
    desk.key("alice", &["tech-lead"], "").key("bob", &["qa-lead"], "");
    desk.pin(&[]).exits(0);
    desk.case.run_list().exits(10);
    desk.case.run(&["attest", "one", "--pass"]).exits(0);
    desk
}

/// The body of the newest entry of a kind.
fn body(desk: &Desk, kind: &str) -> Value {
    desk.entries(kind).last().expect("an entry")["body"].clone()
}

fn head(desk: &Desk) -> Value {
    desk.entries("").last().expect("an entry")["id"].clone()
}

#[test]
fn a_statement_without_a_signature_or_with_another_is_nothing() {
    let desk = waiting();
    desk.sign("alice", "Tech Lead", "--no-go").exits(0);
    let real = body(&desk, "signoff");
    for (sig, code) in [(Value::Null, 0), (json!("none"), 30), (real["sig"].clone(), 30)] {
        let desk = waiting();
        let mut forged = real.clone();
        forged["run"] = body(&desk, "run_opened")["run"].clone();
        forged["sig"] = sig;
        forged["statement"]["run"] = forged["run"].clone();
        forged["statement"]["head"] = head(&desk);
        forged["statement"]["ledger"] = body(&desk, "genesis")["ledger"].clone();
        forged["statement"]["decision"] = json!("go");
        desk.forge("signoff", forged);
        desk.case.run(&["status"]).exits(10).says("does not count");
        desk.case.run(&["verify"]).exits(code).says("HL02");
    }
}

#[test]
fn no_field_of_a_statement_can_be_another() {
    let desk = waiting();
    desk.sign("alice", "Tech Lead", "--go").exits(0);
    assert_eq!(desk.call(), "GO");
    let real = body(&desk, "signoff");
    let void = ["void", &desk.last("signoff"), "--reason", "x", "--key", "bob", "--yes"]
        .map(str::to_owned);
    desk.by("bob", &void.iter().map(String::as_str).collect::<Vec<_>>()).exits(0);
    assert_eq!(desk.call(), "HOLD");
    for (key, value) in [
        ("at", json!("2027-01-01T00:00:00.000Z")),
        ("head", head(&desk)),
        ("meaning", json!("reviewed")),
        ("name", json!("Bob")),
        ("reason", json!("")),
        ("report", real["statement"]["root"].clone()),
        ("root", real["statement"]["head"].clone()),
        ("signer", json!("bob@example.com")),
        ("size", json!(7)),
    ] {
        let mut forged = real.clone();
        forged["statement"][key] = value;
        desk.forge("signoff", forged);
        assert_eq!(desk.call(), "HOLD", "{key}");
    }
    desk.forge("signoff", real);
    assert_eq!(desk.call(), "HOLD", "copied as it is");
}

#[test]
fn an_older_go_copied_behind_a_no_go_is_not_the_last_word() {
    let desk = waiting();
    desk.sign("alice", "Tech Lead", "--go").exits(0);
    let go = body(&desk, "signoff");
    desk.sign("alice", "Tech Lead", "--no-go").exits(0);
    assert_eq!(desk.call(), "NO-GO");
    desk.forge("signoff", go);
    assert_eq!(desk.call(), "NO-GO");
}

#[test]
fn what_is_said_of_a_statement_is_said_of_its_copies_beside_it() {
    let desk = waiting();
    let before = desk.entries("").last().expect("an entry").clone();
    desk.sign("alice", "Tech Lead", "--go").exits(0);
    let (go, entry) = (body(&desk, "signoff"), desk.last("signoff"));
    desk.by("bob", &["void", &entry, "--reason", "x", "--key", "bob", "--yes"]).exits(0);
    assert_eq!(desk.call(), "HOLD");
    desk.forge_behind(&before, "signoff", go);
    assert_eq!(desk.call(), "HOLD", "a copy of what was taken back");

    let desk = waiting();
    let before = desk.entries("").last().expect("an entry").clone();
    desk.sign("alice", "Tech Lead", "--no-go").exits(0);
    let mut no = body(&desk, "signoff");
    no["sig"] = Value::Null;
    desk.forge_behind(&before, "signoff", no);
    assert_eq!(desk.call(), "NO-GO", "a copy without its signature hides nothing");
}

#[test]
fn a_statement_from_the_future_waits_for_it() {
    let desk = waiting();
    let ahead = ["sign", "--go", "--key", "alice", "--yes"];
    let mut command = desk.case.command(&ahead);
    command.env("HOLDPOINT_CLOCK", "2126-11-21T00:00:00.000Z").env("USER", "alice");
    let done: crate::support::Done = command.output().expect("started").into();
    done.exits(0);
    desk.case.run(&["status"]).exits(10).says("which is to come");
}

#[test]
fn a_go_is_for_no_other_run_and_no_later_state() {
    let desk = waiting();
    desk.sign("alice", "Tech Lead", "--go").exits(0);
    let go = body(&desk, "signoff");
    desk.case.run(&["attest", "one", "--pass", "--note", "other"]).exits(0);
    desk.forge("signoff", go.clone());
    assert_eq!(desk.call(), "HOLD");
    desk.case.run_list().exits(10);
    desk.case.run(&["attest", "one", "--pass"]).exits(0);
    let mut other = go;
    other["run"] = body(&desk, "run_opened")["run"].clone();
    other["statement"]["run"] = other["run"].clone();
    desk.forge("signoff", other);
    assert_eq!(desk.call(), "HOLD");
}

#[test]
fn the_policy_is_changed_neither_without_a_signature_nor_by_an_old_one() {
    let desk = waiting();
    let first = body(&desk, "policy");
    let lax = desk.entries("policy")[0]["body"].clone();
    desk.forge("policy", lax.clone());
    desk.case.run(&["status"]).exits(10).says("did not change the policy");
    desk.case.run(&["verify"]).exits(30).says("HL021");
    desk.by("eve", &["sign", "--go", "--yes"]).exits(2);
    assert_ne!(first["policy"], lax["policy"]);

    let desk = waiting();
    desk.case
        .write("holdpoint.toml", format!("{POLICY}people = 1\n").replace("required", "optional"));
    desk.pin(&["--key", "bob"]).exits(0);
    let optional = body(&desk, "policy");
    desk.case.write("holdpoint.toml", POLICY);
    desk.pin(&["--key", "bob"]).exits(0);
    desk.forge("policy", optional);
    desk.by("eve", &["sign", "--go", "--yes"]).exits(2).says("asks for a signature");
    assert_eq!(desk.call(), "HOLD");
}

#[test]
fn evidence_of_the_policy_that_is_gone_or_changed_holds_everything() {
    let desk = waiting();
    desk.sign("alice", "Tech Lead", "--go").exits(0);
    assert_eq!(desk.call(), "GO");
    let pinned = body(&desk, "policy");
    for key in ["policy", "allowed_signers"] {
        let digest = pinned[key].as_str().expect("a digest");
        let path = desk.case.files("ledger/evidence", digest).pop().expect("evidence");
        let bytes = std::fs::read(&path).expect("bytes");
        std::fs::write(&path, b"{}").expect("written");
        desk.case.run(&["status"]).exits(10).says("which rules hold");
        desk.case.run(&["verify"]).exits(30).says("HL023");
        std::fs::write(&path, bytes).expect("written");
    }
    assert_eq!(desk.call(), "GO");
}

#[test]
fn a_waiver_or_decision_by_hand_is_nothing() {
    let desk = waiting();
    desk.case.run(&["attest", "one", "--fail", "--note", "broken"]).exits(0);
    assert_eq!(desk.call(), "NO-GO");
    let result = desk.entries("attested").last().expect("an answer").clone();
    desk.sign("alice", "Tech Lead", "--abstain").exits(0);
    let mut waiver = body(&desk, "signoff");
    let statement = &mut waiver["statement"];
    for (key, value) in [
        ("type", json!("holdpoint/waived@v1")),
        ("decision", Value::Null),
        ("head", head(&desk)),
        ("item", json!("one")),
        ("item_sha256", result["body"]["item_sha256"].clone()),
        ("result", result["id"].clone()),
        ("role", json!("qa-lead")),
        ("until", json!("2099-01-01T00:00:00.000Z")),
    ] {
        statement[key] = value;
    }
    desk.forge("waived", waiver.clone());
    assert_eq!(desk.call(), "NO-GO");
    waiver["sig"] = Value::Null;
    desk.forge("waived", waiver);
    assert_eq!(desk.call(), "NO-GO");
    let mut decision = body(&desk, "signoff");
    decision["sig"] = Value::Null;
    for (key, value) in [
        ("type", json!("holdpoint/decided@v1")),
        ("decision", json!("go")),
        ("verdict", json!("GO")),
        ("head", head(&desk)),
    ] {
        decision["statement"][key] = value;
    }
    desk.forge("decided", decision);
    let status = desk.case.run(&["status", "--format", "json"]).exits(20).json();
    assert_eq!(status["decision"], Value::Null);
}

#[test]
fn a_decision_that_names_a_verdict_which_was_not_is_none() {
    let policy = POLICY.replace("required", "optional");
    let desk = Desk::with(LIST, &policy);
    desk.case.run_list().exits(10);
    desk.case.run(&["attest", "one", "--pass"]).exits(0);
    desk.by("alice", &["decide", "--no-go", "--role", "Tech Lead", "--yes"]).exits(20);
    let mut decision = body(&desk, "decided");
    let entry = desk.last("decided");
    desk.by("bob", &["void", &entry, "--reason", "x", "--role", "x", "--yes"]).exits(2);
    decision["statement"]["decision"] = json!("go");
    decision["statement"]["verdict"] = json!("GO");
    desk.forge("decided", decision);
    let status = desk.case.run(&["status", "--format", "json"]).exits(10).json();
    assert_eq!(status["decision"]["statement"]["decision"], "no-go");
}

#[test]
fn two_policies_beside_each_other_hold_everything() {
    let desk = Desk::with(LIST, "");
    desk.case.run(&["init", "."]);
    desk.case.run_list().exits(10);
    let first = desk.entries("policy")[0].clone();
    let genesis = body(&desk, "policy");
    desk.case.write("holdpoint.toml", POLICY.replace("required", "optional"));
    desk.key("bob", &["qa-lead"], "");
    desk.pin(&[]).exits(0);
    let mut pins = genesis;
    pins["revoked"] = pins["policy"].clone();
    desk.forge_behind(&first, "policy", pins);
    desk.case.run(&["status"]).exits(10).says("pin different policies");
}

#[test]
fn a_second_first_policy_holds_every_gate_whatever_it_pins_and_wherever_it_stands() {
    for other in [false, true] {
        let desk = Desk::with(LIST, POLICY);
        desk.key("alice", &["tech-lead"], "");
        desk.pin(&[]).exits(0);
        desk.case.run_list().exits(10);
        desk.case.run(&["attest", "one", "--pass"]).exits(0);
        let entries = desk.entries("");
        let policies = desk.entries("policy");
        let mut body = policies[0]["body"].clone();
        if other {
            // The keys that hold, without the signature that a change takes.
            body["allowed_signers"] = policies[1]["body"]["allowed_signers"].clone();
        }
        desk.forge_behind(&entries[0], "policy", body);
        let trunk = desk.case.path().join("ledger/ledger.jsonl");
        std::fs::remove_file(trunk).expect("removed");
        desk.case.run(&["status"]).exits(10).says("nobody can tell which rules hold");
        desk.by("eve", &["sign", "--go", "--role", "Tech Lead", "--name", "Alice", "--yes"]);
        assert_ne!(desk.call(), "GO", "pins others: {other}");
    }
}

#[test]
fn decisions_that_nobody_signed_hide_none_that_somebody_did() {
    let list = LIST.replace("- [ ] One `#one`\n", "- [ ] One `#one`\n- [ ] Two `#two`\n");
    let desk = Desk::with(&list, POLICY);
    desk.key("alice", &["tech-lead"], "").key("bob", &["qa-lead"], "");
    desk.pin(&[]).exits(0);
    desk.case.run_list().exits(10);
    let decide = ["decide", "--no-go", "--role", "Tech Lead", "--key", "alice", "--yes"];
    desk.by("alice", &decide).exits(20);
    let (opened, decided) = (body(&desk, "run_opened"), body(&desk, "decided"));
    for n in 0..6 {
        let run = format!("{}-{n}", opened["run"].as_str().expect("a run"));
        let mut opened = opened.clone();
        opened["run"] = json!(run);
        desk.forge("run_opened", opened);
        let mut decided = decided.clone();
        decided["run"] = json!(run);
        decided["sig"] = Value::Null;
        decided["statement"]["run"] = json!(run);
        decided["statement"]["head"] = head(&desk);
        desk.forge("decided", decided);
    }
    desk.case.write("list.md", LIST);
    desk.case.run_list().exits(10).says("looser than").says("item `two` is gone");
}
