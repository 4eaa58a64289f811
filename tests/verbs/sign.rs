//! `holdpoint sign`: whose GO counts, for what, and until when.

use std::process::Command;

use crate::support::Case;
use crate::support::desk::Desk;

const LIST: &str = "# R\n\n- [ ] One `#one`\n\n## Sign-off\n\n**Tech Lead**: ______ Date: ____\n**QA Lead**: ______ Date: ____\n";

const ONE: &str = "# R\n\n- [ ] One `#one`\n\n## Sign-off\n\n**Tech Lead**: ______ Date: ____\n";

const POLICY: &str = "[policy]\nsignatures = \"required\"\nvoid = [\"tech-lead\"]\n[policy.change]\nroles = [\"qa-lead\"]\n";

/// A run that only waits for its sign-offs; alice is the tech lead, bob leads QA.
fn waiting(list: &str, policy: &str) -> Desk {
    let desk = Desk::with(list, policy);
    desk.key("alice", &["tech-lead"], "").key("bob", &["qa-lead"], "");
    desk.pin(&[]).exits(0);
    open(&desk);
    desk
}

fn open(desk: &Desk) {
    desk.case.run_list().exits(10);
    desk.case.run(&["attest", "one", "--pass"]).exits(0);
    assert_eq!(desk.call(), "HOLD");
}

fn entries(case: &Case) -> Vec<serde_json::Value> {
    let log = case.run(&["log", "--format", "json"]).exits(0).json();
    log["entries"].as_array().expect("entries").clone()
}

#[test]
fn everybody_asked_for_says_go_and_it_is_go() {
    let desk = waiting(LIST, POLICY);
    desk.sign("alice", "Tech Lead", "--go").exits(0).says("QA Lead has not signed");
    assert_eq!(desk.call(), "HOLD");
    desk.sign("bob", "qa-lead", "--go").exits(0);
    assert_eq!(desk.call(), "GO");
    desk.case.run(&["verify"]).exits(0);
}

#[test]
fn whoever_signs_sees_first_what_the_run_came_to() {
    let desk = waiting(LIST, POLICY);
    desk.case.run(&["attest", "one", "--fail", "--note", "the restore took too long"]).exits(0);
    let sign = ["sign", "--role", "Tech Lead", "--no-go", "--reason", "x", "--key", "alice"];
    let told = desk.by("alice", &sign).exits(2).says("nothing was recorded");
    let all = ["NO-GO", "the restore took too long", "QA Lead has not signed", "decision"];
    let places: Vec<Option<usize>> = all.iter().map(|text| told.err.find(text)).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{places:?} {}", told.err);
    assert!(desk.entries("signoff").is_empty());
}

#[test]
fn no_name_of_a_gate_draws_lines_over_what_is_signed() {
    let blank = "\u{2800}".repeat(3000);
    let list = format!(
        "# R\n\n- [ ] One `#one`\n\n## Release {blank} GO nothing is open {blank}\n\n**Tech Lead**: ______ Date: ____\n"
    );
    let desk = Desk::with(&list, POLICY);
    desk.key("alice", &["tech-lead"], "").key("bob", &["qa-lead"], "");
    desk.pin(&[]).exits(0);
    desk.case.run_list().exits(10);
    desk.case.run(&["attest", "one", "--fail", "--note", "no"]).exits(0);
    let told = desk.by("alice", &["sign", "--role", "Tech Lead", "--go", "--key", "alice"]);
    let told = told.exits(2).err;
    assert!(
        !told.contains("\u{2800}") && told.lines().all(|line| line.chars().count() < 400),
        "{told}"
    );
    // The last thing above the question is the verdict.
    let last = told.lines().rev().find(|line| line.contains("the verdict of")).expect("a verdict");
    assert!(last.contains("is NO-GO now") && last.contains("1 fail"), "{last}");
}

#[test]
fn ssh_keygen_verifies_what_was_signed_from_the_ledger_alone() {
    let desk = waiting(ONE, POLICY);
    desk.sign("alice", "Tech Lead", "--go").exits(0);
    let entry = entries(&desk.case).into_iter().find(|entry| entry["kind"] == "signoff");
    let entry = entry.expect("a sign-off");
    desk.case.write("entry.json", entry.to_string());
    desk.case.write("entry.sig", entry["body"]["sig"].as_str().expect("a signature"));
    let jq = "jq -cS .body.statement entry.json | ssh-keygen -Y verify -f ledger/keys/allowed_signers \
        -I alice@example.com -n tech-lead.signoff@holdpoint -s entry.sig";
    let verified = Command::new("sh").args(["-c", jq]).current_dir(desk.case.path()).output();
    let verified = verified.expect("jq and ssh-keygen (apt-get install jq openssh-client)");
    assert!(verified.status.success(), "{verified:?}");
}

#[test]
fn an_agent_signs_with_a_public_key() {
    let desk = waiting(ONE, POLICY);
    let path = |name: &str| desk.case.path().join(name).to_string_lossy().into_owned();
    let script = format!(
        "ssh-add -q {key} && rm {key} && exec {program} sign --go --key {key}.pub --yes",
        key = path("alice"),
        program = env!("CARGO_BIN_EXE_holdpoint"),
    );
    let agent = Command::new("ssh-agent")
        .args(["sh", "-c", &script])
        .current_dir(desk.case.path())
        .env("USER", "alice")
        .output()
        .expect("ssh-agent");
    assert!(agent.status.success(), "{agent:?}");
    assert_eq!(desk.call(), "GO");
}

#[test]
fn nothing_is_recorded_before_somebody_agreed() {
    let desk = waiting(ONE, POLICY);
    let before = entries(&desk.case).len();
    let done = desk.by("alice", &["sign", "--go", "--key", "alice"]).exits(2);
    done.says("tech-lead.signoff@holdpoint").says("nothing was recorded");
    assert_eq!(entries(&desk.case).len(), before);
}

#[test]
fn a_role_that_the_gate_does_not_ask_for_is_refused_with_those_it_does() {
    let desk = waiting(ONE, POLICY);
    desk.sign("bob", "QA Lead", "--go").exits(2).says("it asks for `Tech Lead`");
    desk.sign("bob", "Tech Lead", "--go").exits(2).says("tech-lead.signoff@holdpoint");
    desk.make_key("eve", &["-t", "ed25519"]);
    desk.sign("eve", "Tech Lead", "--go").exits(2).says("no line of `allowed_signers`");
    desk.by("alice", &["sign", "--go", "--yes"]).exits(2).says("--key");
    assert_eq!(desk.call(), "HOLD");
}

#[test]
fn a_no_go_by_one_role_is_a_no_go() {
    let desk = waiting(LIST, POLICY);
    desk.sign("alice", "Tech Lead", "--go").exits(0);
    desk.sign("bob", "QA Lead", "--no-go").exits(0);
    assert_eq!(desk.call(), "NO-GO");
    desk.sign("bob", "QA Lead", "--abstain").exits(0);
    assert_eq!(desk.call(), "HOLD");
    desk.sign("bob", "QA Lead", "--go").exits(0);
    assert_eq!(desk.call(), "GO");
}

#[test]
fn what_comes_after_a_sign_off_makes_it_stale() {
    let desk = waiting(ONE, POLICY);
    desk.sign("alice", "Tech Lead", "--go").exits(0);
    assert_eq!(desk.call(), "GO");
    desk.case.run(&["report"]).exits(0);
    assert_eq!(desk.call(), "GO", "a report changes nothing");
    desk.case.run(&["attest", "one", "--pass", "--note", "again"]).exits(0);
    desk.case.run(&["status"]).exits(10).says("is stale");
    desk.sign("alice", "Tech Lead", "--go").exits(0);
    assert_eq!(desk.call(), "GO");
}

#[test]
fn a_no_go_does_not_go_away_because_the_run_went_on() {
    let policy = POLICY.replace("[policy.change]", "[policy.change]\npeople = 1");
    let desk = Desk::with(ONE, &policy);
    desk.key("alice", &["tech-lead"], "").key("carol", &["tech-lead"], "");
    desk.pin(&[]).exits(0);
    open(&desk);
    desk.sign("alice", "Tech Lead", "--no-go").exits(0);
    desk.case.run(&["attest", "one", "--pass", "--note", "again"]).exits(0);
    desk.sign("carol", "Tech Lead", "--go").exits(0);
    desk.case.run(&["status"]).exits(10).says("has to sign again");
    desk.sign("alice", "Tech Lead", "--go").exits(0);
    assert_eq!(desk.call(), "GO");
}

#[test]
fn a_quorum_takes_people_and_keys() {
    let quorum = "[[policy.quorum]]\nrole = \"tech-lead\"\npeople = 2\n";
    let desk = Desk::with(ONE, &format!("{POLICY}{quorum}"));
    desk.key("alice", &["tech-lead"], "").key("carol", &["tech-lead"], "");
    desk.make_key("alice2", &["-t", "ecdsa", "-b", "384"]);
    desk.line("alice", "alice2", &["tech-lead"], "").line("dave", "alice", &["tech-lead"], "");
    desk.pin(&[]).exits(0);
    open(&desk);
    let by = |name: &str, key: &str| desk.by(name, &["sign", "--go", "--key", key, "--yes"]);
    by("alice", "alice").exits(0).says("1 of 2 sign-offs");
    by("alice", "alice2").exits(0).says("1 of 2 sign-offs");
    by("carol", "carol").exits(0);
    assert_eq!(desk.call(), "GO");
}

#[test]
fn keys_that_are_expired_revoked_or_not_valid_yet_do_not_count() {
    let desk = Desk::with(ONE, POLICY);
    desk.key("alice", &["tech-lead"], "valid-before=\"20261122Z\"");
    desk.key("carol", &["tech-lead"], "valid-after=\"20261122Z\"");
    desk.key("bob", &["qa-lead"], "");
    let desk = Desk { case: desk.case.set("HOLDPOINT_CLOCK", "2026-11-21T09:30:00.000Z") };
    desk.pin(&[]).exits(0);
    open(&desk);
    desk.sign("carol", "Tech Lead", "--go").exits(2).says("not at this time");
    desk.sign("alice", "Tech Lead", "--go").exits(0);
    assert_eq!(desk.call(), "GO");
    let later =
        desk.case.command(&["status"]).env("HOLDPOINT_CLOCK", "2026-11-23T00:00:00.000Z").output();
    let later = crate::support::Done::from(later.expect("started")).exits(10);
    later.says("is not valid at that time");
    desk.case.write("ledger/keys/revoked", desk.case.read("alice.pub"));
    assert_eq!(desk.call(), "GO", "what is not pinned does not count");
    desk.case.run(&["status"]).says("not pinned");
    desk.pin(&["--key", "bob"]).exits(0);
    desk.case.run(&["status"]).exits(10).says("was revoked");
}

#[test]
fn nobody_edits_the_keys_or_the_policy_without_a_signature() {
    let desk = waiting(ONE, POLICY);
    desk.make_key("eve", &["-t", "ed25519"]);
    desk.line("eve", "eve", &["tech-lead", "qa-lead"], "");
    desk.sign("eve", "Tech Lead", "--go").exits(2).says("no line of `allowed_signers`");
    desk.pin(&[]).exits(2).says("signed");
    desk.pin(&["--key", "eve"]).exits(2).says("no line of `allowed_signers`");
    desk.pin(&["--key", "alice", "--role", "qa-lead"]).exits(2);
    desk.pin(&["--key", "alice", "--role", "tech-lead"]).exits(2).says("may not change the policy");
    desk.case.run(&["policy"]).exits(0).says("does not count");
    desk.case.run(&["verify"]).exits(0).says("HL020");
    desk.case.write("holdpoint.toml", "[policy]\nsignatures = \"optional\"\n");
    desk.by("eve", &["sign", "--go", "--yes"]).exits(2).says("asks for a signature");
    assert_eq!(desk.call(), "HOLD");
    desk.pin(&["--key", "bob"]).exits(2).says("nobody could change them");
}

#[test]
fn a_change_of_the_policy_can_take_two() {
    let policy = format!("{POLICY}people = 2\n");
    let desk = Desk::with(ONE, &policy);
    desk.key("bob", &["qa-lead"], "").key("carol", &["qa-lead"], "");
    desk.pin(&[]).exits(0);
    open(&desk);
    desk.key("alice", &["tech-lead"], "");
    desk.pin(&["--key", "bob"]).exits(0).says("1 more");
    desk.sign("alice", "Tech Lead", "--go").exits(2).says("no line of `allowed_signers`");
    desk.pin(&["--key", "bob"]).exits(0).says("1 more");
    desk.pin(&["--key", "carol"]).exits(0);
    desk.sign("alice", "Tech Lead", "--go").exits(0);
    assert_eq!(desk.call(), "GO");
}

#[test]
fn without_keys_statements_count_and_are_said_to_be_unsigned() {
    let case = Case::with(ONE);
    case.run_list().exits(10);
    case.run(&["attest", "one", "--pass"]).exits(0);
    case.run(&["sign", "--go", "--yes"]).exits(0).says("not signed");
    case.run(&["status"]).exits(0).says("not signed");
}

#[test]
fn whoever_ran_the_checks_does_not_sign_where_the_policy_says_so() {
    let policy = POLICY.replace("[policy]\n", "[policy]\nseparate = [\"operator\"]\n");
    let policy = policy.replace("\"required\"", "\"all\"");
    let desk = Desk::with(ONE, &policy);
    desk.key("alice", &["tech-lead"], "").key("bob", &["qa-lead"], "");
    desk.pin(&[]).exits(0);
    desk.case.run_list().exits(10);
    // Who answers is a claim, too, unless it is signed.
    desk.case.run(&["attest", "one", "--pass"]).exits(2).says("answers that are signed");
    let answer = ["attest", "one", "--pass", "--role", "qa-lead", "--key", "bob", "--yes"];
    desk.by("bob", &answer).exits(0);
    let again = ["sign", "--go", "--key", "alice", "--yes"];
    desk.by("runner", &again).exits(2).says("whoever ran the checks");
    desk.by("alice", &again).exits(0);
    assert_eq!(desk.call(), "GO");
}

#[test]
fn an_answer_that_nobody_signed_counts_no_more_where_the_policy_asks_for_signed_ones() {
    let desk = waiting(ONE, POLICY);
    desk.sign("alice", "Tech Lead", "--go").exits(0);
    assert_eq!(desk.call(), "GO");
    desk.case.write("holdpoint.toml", POLICY.replace("\"required\"", "\"all\""));
    let pin = ["policy", "--pin", "--yes", "--role", "qa-lead", "--key", "bob"];
    desk.by("bob", &pin).exits(0);
    desk.case.run(&["status"]).exits(10).says("is pending");
}

#[test]
fn nobody_signs_for_two_roles_where_the_policy_says_so() {
    let policy = POLICY.replace("[policy]\n", "[policy]\nseparate = [\"roles\"]\n");
    let desk = Desk::with(LIST, &policy);
    desk.key("alice", &["tech-lead", "qa-lead"], "").key("bob", &["qa-lead"], "");
    desk.pin(&[]).exits(0);
    open(&desk);
    desk.sign("alice", "Tech Lead", "--go").exits(0);
    desk.sign("alice", "QA Lead", "--go").exits(0).says("signed for another role");
    assert_eq!(desk.call(), "HOLD");
    desk.sign("bob", "QA Lead", "--go").exits(0);
    assert_eq!(desk.call(), "GO");
}

#[test]
fn the_printed_name_is_the_one_that_is_laid_down() {
    let people = "[[policy.people]]\nprincipal = \"alice@example.com\"\nname = \"Alice Adams\"\n";
    let desk = waiting(ONE, &format!("{POLICY}{people}"));
    let named = ["sign", "--go", "--key", "alice", "--name", "The Boss", "--yes"];
    desk.by("alice", &named).exits(0).says("by Alice Adams");
    assert_eq!(desk.call(), "GO");
}

#[test]
fn a_sign_off_that_was_taken_back_does_not_count_nor_what_was_said_before() {
    let desk = waiting(ONE, POLICY);
    desk.sign("alice", "Tech Lead", "--go").exits(0);
    desk.sign("alice", "Tech Lead", "--go").exits(0);
    let last =
        entries(&desk.case).last().expect("an entry")["id"].as_str().expect("an id").to_owned();
    let void = ["void", &last[..12], "--reason", "too early", "--key", "alice", "--yes"];
    desk.by("alice", &void).exits(0);
    desk.case.run(&["status"]).exits(10).says("taken back");
    desk.by("bob", &["void", &last[..12], "--reason", "x", "--key", "bob", "--yes"]).exits(2);
}

#[test]
fn who_waits_only_for_a_signature_is_told_how_it_is_given() {
    let case = Case::with(
        "# Release\n\n- [ ] One `#one`\n  ```bash check\n  echo a\n  # Expected: a\n  ```\n\n## Sign-off\n\n**Tech Lead**: ____ Date: ____\n",
    );
    case.run_list().exits(10).says("next: holdpoint sign --role 'Tech Lead' --go");
}
