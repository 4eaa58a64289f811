//! `holdpoint seal --tsa`: somebody outside says when a ledger was there.

use std::path::PathBuf;

use crate::support::Case;
use crate::support::authority::Authority;
use crate::support::desk::Desk;

const LIST: &str =
    "# R\n\n- [ ] One `#one`\n  ```bash check\n  true\n  # expect: exit == 0\n  ```\n";

const SIGNED: &str = "# R\n\n- [ ] One `#one`\n\n## Sign-off\n\n**Tech Lead**: ______ Date: ____\n";

/// A ledger whose policy names an authority.
fn naming(authority: &Authority) -> Case {
    let case = Case::with(LIST);
    let policy = format!("[policy]\ntimestamps = [\"{}\"]\n", authority.digest());
    case.write("holdpoint.toml", policy);
    case.run(&["policy", "--pin", "--yes"]).exits(0);
    case.run_list().exits(0);
    case
}

fn stamp(case: &Case, authority: &Authority) {
    case.run(&["seal", "--tsa", &authority.url]).exits(0).says("time-stamp: ");
}

fn stamps(case: &Case) -> Vec<PathBuf> {
    case.files("ledger/anchors", ".tsr")
}

#[test]
fn a_time_stamp_by_whom_the_policy_names_makes_it_anchored() {
    let authority = Authority::start("tsa", false);
    let case = naming(&authority);
    case.run(&["verify"]).exits(0).says("intact, self-anchored");
    stamp(&case, &authority);
    case.run(&["verify", "--strict"]).exits(0).says("a time-stamp of ").says("intact, anchored");
    let stamp = stamps(&case).remove(0);
    assert!(authority.vouches(&stamp.with_extension("checkpoint"), &stamp), "without us");
    let found = case.run(&["verify", "--format", "json"]).exits(0).json();
    let by = |anchor: &serde_json::Value| anchor["by"] == "authority" && anchor["at"].is_string();
    assert!(found["anchors"].as_array().expect("anchors").iter().any(by), "{found}");
    case.run_list().exits(0);
    case.run(&["verify"]).exits(0).says("intact, self-anchored");
}

#[test]
fn an_authority_that_nobody_named_proves_nothing() {
    let (named, other) = (Authority::start("tsa", false), Authority::start("tsa", false));
    let case = naming(&named);
    let done = case.run(&["seal", "--tsa", &other.url]).exits(0);
    assert!(done.err.contains("does not name this authority"), "{done:?}");
    assert!(done.err.contains(&other.digest()), "{done:?}");
    case.run(&["verify"]).exits(0).says("intact, self-anchored");
    let certificate = other.certificate();
    let certificate = certificate.to_string_lossy();
    case.run(&["verify", "--tsa", &certificate]).exits(0).says("intact, anchored");
    let own = other.certificate().with_file_name("tsa.pem");
    case.run(&["verify", "--tsa", &own.to_string_lossy()]).exits(0).says("intact, anchored");
    let wrong = named.certificate();
    case.run(&["verify", "--tsa", &wrong.to_string_lossy()]).exits(0).says("self-anchored");
}

#[test]
fn a_certificate_for_something_else_stamps_nothing() {
    // openssl itself refuses to stamp with it, so that it is put in the way of the good one.
    let (good, web) = (Authority::start("tsa", false), Authority::start("web", false));
    let case = naming(&web);
    let done = case.run(&["seal", "--tsa", &web.url]);
    assert!(done.code != 0 || done.err.contains("does not name"), "{done:?}");
    stamp(&case, &good);
    case.run(&["verify"]).exits(0).says("self-anchored");
}

#[test]
fn an_answer_to_another_request_is_refused() {
    let authority = Authority::start("tsa", true);
    let case = naming(&authority);
    stamp(&case, &authority);
    case.run_list().exits(0);
    let done = case.run(&["seal", "--tsa", &authority.url]).exits(1);
    assert!(done.err.contains("time-stamp of something else"), "{done:?}");
    assert_eq!(stamps(&case).len(), 1);
    case.run(&["verify"]).exits(0).says("self-anchored");
}

#[test]
fn a_time_stamp_that_was_changed_or_moved_is_found() {
    let authority = Authority::start("tsa", false);
    let case = naming(&authority);
    stamp(&case, &authority);
    let first = stamps(&case).remove(0);
    let bytes = std::fs::read(&first).expect("a time-stamp");
    for at in (0..bytes.len()).step_by(61) {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        std::fs::write(&first, &changed).expect("written");
        let done = case.run(&["verify", "--format", "json"]);
        // Bits of the certificate that is named make it another, and nobody named that.
        let found = done.json();
        assert_ne!(found["verdict"], "intact, anchored", "byte {at}: {found}");
        assert!(!done.out.contains("\"by\": \"authority\""), "byte {at}: {found}");
    }
    std::fs::write(&first, &bytes).expect("written");
    case.run_list().exits(0);
    let note = first.with_extension("checkpoint");
    let moved = first.with_file_name("000000000999.tsr");
    std::fs::copy(&first, &moved).expect("copied");
    std::fs::copy(case.path().join("ledger/checkpoint"), moved.with_extension("checkpoint"))
        .expect("copied");
    case.run(&["verify"]).exits(30).says("HL037");
    std::fs::remove_file(&moved).expect("removed");
    std::fs::remove_file(moved.with_extension("checkpoint")).expect("removed");
    std::fs::remove_file(note).expect("removed");
    case.run(&["verify"]).exits(30).says("HL037");
}

#[test]
fn what_a_key_signed_before_it_expired_counts_only_if_that_is_proven() {
    let authority = Authority::start("tsa", false);
    let policy = |stamps: &str| {
        format!(
            "[policy]\nsignatures = \"required\"\n{stamps}[policy.change]\nroles = [\"tech-lead\"]\n"
        )
    };
    let named = format!("timestamps = [\"{}\"]\n", authority.digest());
    for (stamps, expected) in [(named.as_str(), 0), ("", 10)] {
        let desk = Desk::with(SIGNED, &policy(stamps));
        let soon = chrono::Utc::now() + chrono::Duration::hours(1);
        let until = format!("valid-before=\"{}\"", soon.format("%Y%m%d%H%M%SZ"));
        desk.key("alice", &["tech-lead"], &until);
        desk.pin(&[]).exits(0);
        desk.case.run_list().exits(10);
        desk.case.run(&["attest", "one", "--pass"]).exits(0);
        desk.sign("alice", "Tech Lead", "--go").exits(0);
        assert_eq!(desk.call(), "GO");
        desk.case.run(&["seal", "--tsa", &authority.url]).exits(0);
        let later = chrono::Utc::now() + chrono::Duration::hours(2);
        let later = later.format("%Y-%m-%dT%H:%M:%S.000Z").to_string();
        let mut status = desk.case.command(&["status"]);
        let status = status.env("HOLDPOINT_CLOCK", &later).output().expect("the binary starts");
        assert_eq!(status.status.code(), Some(expected), "{stamps}{status:?}");
    }
}

#[test]
fn what_a_key_signed_before_it_was_revoked_counts_only_if_that_is_proven() {
    let authority = Authority::start("tsa", false);
    for (stamped, expected) in [(true, "GO"), (false, "HOLD")] {
        let policy = format!(
            "[policy]\nsignatures = \"required\"\ntimestamps = [\"{}\"]\n[policy.change]\nroles = [\"qa-lead\"]\n",
            authority.digest()
        );
        let desk = Desk::with(SIGNED, &policy);
        desk.key("alice", &["tech-lead"], "").key("bob", &["qa-lead"], "");
        desk.pin(&[]).exits(0);
        desk.case.run_list().exits(10);
        desk.case.run(&["attest", "one", "--pass"]).exits(0);
        desk.sign("alice", "Tech Lead", "--go").exits(0);
        if stamped {
            stamp(&desk.case, &authority);
        }
        desk.case.write("ledger/keys/revoked", desk.case.read("alice.pub"));
        let pin = ["policy", "--pin", "--yes", "--role", "qa-lead", "--key", "bob"];
        desk.by("bob", &pin).exits(0);
        // Somebody stamps it afterwards: that proves nothing of before.
        stamp(&desk.case, &authority);
        assert_eq!(desk.call(), expected, "stamped before: {stamped}");
    }
}
