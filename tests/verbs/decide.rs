//! `holdpoint waive`, `decide` and `void`: who may, for how long, and how it is taken back.

use crate::support::desk::Desk;

const LIST: &str = "# R\n\n- [ ] One `#one`\n- [ ] Disk `#disk`\n  ```bash check\n  cat size\n  # Expected: 10\n  ```\n\n## Sign-off\n\n**Tech Lead**: ______ Date: ____\n";

const POLICY: &str = "[policy]\nsignatures = \"required\"\nwaive = [\"qa-lead\"]\nvoid = [\"qa-lead\"]\ndecide_against = [\"cto\"]\nwaive_days = 30\n[policy.change]\nroles = [\"qa-lead\"]\n";

const NOW: &str = "2026-11-21T09:30:00.000Z";
const UNTIL: &str = "2026-12-01T00:00:00Z";

/// A run in which one item passed and one failed.
fn failed(policy: &str) -> Desk {
    let desk = Desk::with(LIST, policy);
    let desk = Desk { case: desk.case.set("HOLDPOINT_CLOCK", NOW) };
    desk.key("alice", &["tech-lead"], "").key("bob", &["qa-lead"], "").key("cto", &["cto"], "");
    desk.pin(&[]).exits(0);
    desk.case.write("size", "7\n");
    desk.case.run_list().exits(20);
    desk.case.run(&["attest", "one", "--pass"]).exits(0);
    assert_eq!(desk.call(), "NO-GO");
    desk
}

fn waive(desk: &Desk, who: &str, item: &str, until: &str) -> crate::support::Done {
    let reason = ["--reason", "known", "--key", who, "--yes"];
    desk.by(who, &[&["waive", item, "--until", until], &reason[..]].concat())
}

fn at(desk: &Desk, time: &str, arguments: &[&str]) -> crate::support::Done {
    let mut command = desk.case.command(arguments);
    command.env("HOLDPOINT_CLOCK", time).output().expect("started").into()
}

#[test]
fn a_waiver_holds_for_its_result_and_its_time() {
    let desk = failed(POLICY);
    waive(&desk, "bob", "disk", UNTIL).exits(0);
    desk.sign("alice", "Tech Lead", "--go").exits(0).says("waived");
    assert_eq!(desk.call(), "GO");
    desk.case.run(&["status"]).says("until 2026-12-01T00:00:00Z: known");
    at(&desk, "2026-11-30T23:59:59.999Z", &["status"]).exits(0);
    at(&desk, "2026-12-01T00:00:00.000Z", &["status"]).exits(20).says("`Disk` failed");
    let run = desk.entries("run_opened")[0]["body"]["run"].as_str().expect("a run").to_owned();
    desk.case.run(&["run", "list.md", "--no-report", "--resume", &run]).exits(20).says("failed");
}

#[test]
fn a_waiver_takes_a_reason_a_time_to_come_and_a_role_of_the_policy() {
    let desk = failed(POLICY);
    let no_reason = ["waive", "disk", "--until", UNTIL, "--key", "bob", "--yes"];
    desk.by("bob", &no_reason).exits(2).says("reason");
    waive(&desk, "bob", "disk", "2026-11-21T09:30:00Z").exits(2).says("over already");
    waive(&desk, "bob", "disk", "tomorrow").exits(2);
    waive(&desk, "bob", "disk", "2027-12-01T00:00:00Z").exits(2).says("30 days");
    waive(&desk, "bob", "one", UNTIL).exits(2).says("only failures");
    waive(&desk, "alice", "disk", UNTIL).exits(2).says("qa-lead.waived@holdpoint");
    let by_runner = ["waive", "disk", "--until", UNTIL, "--reason", "x", "--key", "bob", "--yes"];
    desk.by("runner", &by_runner).exits(2).says("whoever ran the checks");
    assert_eq!(desk.call(), "NO-GO");
    let none = failed(&POLICY.replace("waive = [\"qa-lead\"]\n", ""));
    waive(&none, "bob", "disk", UNTIL).exits(2).says("names no role");
}

#[test]
fn what_could_not_be_evaluated_or_is_open_is_not_waived_unless_the_policy_says_so() {
    for (key, outcome) in [("waive_errors", "error"), ("waive_pending", "pending")] {
        let list = match outcome {
            "error" => LIST.replace("# Expected: 10", "# expect: value < 10ms"),
            _ => LIST.replace("# Expected: 10", "# expect: a person agrees"),
        };
        let of = |policy: &str| {
            let desk = Desk::with(&list, policy);
            let desk = Desk { case: desk.case.set("HOLDPOINT_CLOCK", NOW) };
            desk.key("alice", &["tech-lead"], "").key("bob", &["qa-lead"], "");
            desk.pin(&[]).exits(0);
            desk.case.write("size", "7\n");
            desk.case.run_list();
            desk.case.run(&["attest", "one", "--pass"]).exits(0);
            desk
        };
        let strict = of(POLICY);
        waive(&strict, "bob", "disk", UNTIL).exits(2).says(&format!("`disk` is {outcome}"));
        let lax = of(&POLICY.replace("[policy]\n", &format!("[policy]\n{key} = true\n")));
        waive(&lax, "bob", "disk", UNTIL).exits(0);
        lax.sign("alice", "Tech Lead", "--go").exits(0);
        assert_eq!(lax.call(), "GO");
    }
}

#[test]
fn a_waiver_that_was_taken_back_is_none() {
    let desk = failed(POLICY);
    waive(&desk, "bob", "disk", UNTIL).exits(0);
    desk.sign("alice", "Tech Lead", "--go").exits(0);
    assert_eq!(desk.call(), "GO");
    let entry = desk.last("waived");
    desk.by("bob", &["void", &entry, "--reason", "no", "--key", "bob", "--yes"]).exits(0);
    assert_eq!(desk.call(), "NO-GO");
}

#[test]
fn skipping_what_is_required_takes_a_signature_that_may() {
    let desk = failed(POLICY);
    desk.case.write("size", "10\n");
    let run = desk.entries("run_opened")[0]["body"]["run"].as_str().expect("a run").to_owned();
    desk.case.run(&["run", "list.md", "--no-report", "--resume", &run]).exits(10);
    let skip = ["attest", "one", "--skip", "--note", "none here"];
    desk.case.run(&skip).exits(0);
    desk.sign("alice", "Tech Lead", "--go").exits(0);
    assert_eq!(desk.call(), "HOLD");
    let signed = |who: &str, role: &str| {
        desk.by(who, &[&skip[..], &["--role", role, "--key", who, "--yes"]].concat())
    };
    signed("alice", "Tech Lead").exits(2).says("have items skipped");
    signed("bob", "QA Lead").exits(0);
    desk.sign("alice", "Tech Lead", "--go").exits(0).says("skipped");
    assert_eq!(desk.call(), "GO");
}

#[test]
fn a_result_that_was_taken_back_leaves_its_item_open() {
    let desk = failed(POLICY);
    desk.case.write("size", "10\n");
    let run = desk.entries("run_opened")[0]["body"]["run"].as_str().expect("a run").to_owned();
    desk.case.run(&["run", "list.md", "--no-report", "--resume", &run]).exits(10);
    desk.sign("alice", "Tech Lead", "--go").exits(0);
    assert_eq!(desk.call(), "GO");
    let entry = desk.last("result");
    desk.by("bob", &["void", &entry, "--reason", "wrong host", "--key", "bob", "--yes"]).exits(0);
    desk.case.run(&["status"]).exits(10).says("taken back");
    desk.case.run(&["attest", "disk", "--pass"]);
    desk.sign("alice", "Tech Lead", "--go").exits(0);
    assert_eq!(desk.call(), "HOLD");
    desk.case.run(&["run", "list.md", "--no-report", "--resume", &run]).exits(10);
    desk.sign("alice", "Tech Lead", "--go").exits(0);
    assert_eq!(desk.call(), "GO");
}

#[test]
fn a_decision_follows_the_verdict_and_stands_until_it_is_taken_back() {
    let desk = failed(POLICY);
    let decide = ["decide", "--key", "alice", "--yes"];
    desk.by("alice", &decide).exits(20).says("decided: NO-GO");
    desk.by("alice", &decide).exits(2).says("is decided");
    waive(&desk, "bob", "disk", UNTIL).exits(0);
    desk.sign("alice", "Tech Lead", "--go").exits(0);
    desk.case.run(&["status"]).exits(0).says("decided: NO-GO");
    let entry = desk.last("decided");
    desk.by("bob", &["void", &entry, "--reason", "mended", "--key", "bob", "--yes"]).exits(0);
    desk.sign("alice", "Tech Lead", "--go").exits(0);
    desk.by("alice", &decide).exits(0).says("decided: GO");
    desk.case.run(&["verify"]).exits(0);
}

#[test]
fn against_the_verdict_decides_only_who_may_with_a_reason() {
    let desk = failed(POLICY);
    let go = |who: &str, more: &[&str]| {
        desk.by(who, &[&["decide", "--go", "--key", who, "--yes"], more].concat())
    };
    go("alice", &["--reason", "x", "--role", "Tech Lead"]).exits(2).says("against the verdict");
    go("cto", &[]).exits(2).says("no reason");
    go("cto", &["--reason", "the failure is in the test"]).exits(0).says("decided: GO");
    assert_eq!(desk.call(), "NO-GO", "the verdict stays what it is");
}

#[test]
fn on_hold_there_is_nothing_to_decide_unless_it_is_no_go() {
    let desk = failed(POLICY);
    waive(&desk, "bob", "disk", UNTIL).exits(0);
    desk.by("alice", &["decide", "--key", "alice", "--yes"]).exits(10).says("nothing was decided");
    assert!(desk.entries("decided").is_empty());
    desk.by("alice", &["decide", "--no-go", "--key", "alice", "--yes"]).exits(20);
}

#[test]
fn answers_that_are_too_old_do_not_count() {
    let desk = failed(&POLICY.replace("[policy]\n", "[policy]\nmax_age_hours = 24\n"));
    waive(&desk, "bob", "disk", UNTIL).exits(0);
    desk.sign("alice", "Tech Lead", "--go").exits(0);
    at(&desk, "2026-11-22T09:30:00.000Z", &["status"]).exits(0);
    at(&desk, "2026-11-22T09:30:00.001Z", &["status"]).exits(10).says("older than 24 hours");
}

#[test]
fn reports_are_rendered_again_to_the_same_bytes_when_a_waiver_has_ended() {
    let desk = failed(POLICY);
    waive(&desk, "bob", "disk", UNTIL).exits(0);
    desk.sign("alice", "Tech Lead", "--go").exits(0);
    desk.by("alice", &["decide", "--key", "alice", "--yes"]).exits(0);
    desk.case.run(&["report"]).exits(0);
    at(&desk, "2027-01-01T00:00:00.000Z", &["verify"]).exits(0).says("3 of 3 reports");
    let then = at(&desk, "2027-01-01T00:00:00.000Z", &["status"]).exits(20);
    assert!(then.out.contains("its waiver by bob@example.com ended at 2026-12-01"), "{then:?}");
    let then = at(&desk, "2027-01-01T00:00:00.000Z", &["status", "--format", "json"]).json();
    assert!(then.to_string().contains("its time is over"), "{then}");
    let path = desk.case.files("reports", "report.md").pop().expect("a report");
    let text = std::fs::read_to_string(path).expect("text");
    for word in ["example.com", "SHA256:", "approved", "decided", "2026-11-21T09:30:00.000Z"] {
        assert!(text.contains(word), "no `{word}` in:\n{text}");
    }
}

#[test]
fn what_became_looser_since_the_last_decision_is_told_before_the_next() {
    let list = "# R\n\n- [ ] One `#one`\n- [ ] Two `#two`\n\n## Sign-off\n\n**Tech Lead**: ____ Date: ____\n**QA Lead**: ____ Date: ____\n";
    let policy = "[policy]\nseparate = [\"operator\"]\n[policy.change]\nroles = [\"qa-lead\"]\n";
    let desk = Desk::with(list, policy);
    desk.key("alice", &["tech-lead"], "").key("bob", &["qa-lead"], "");
    desk.pin(&[]).exits(0);
    let answer = || {
        desk.case.run(&["run", "list.md", "--no-report"]).exits(10);
        for item in ["one", "two"] {
            desk.case.run(&["attest", item, "--pass"]);
        }
        desk.sign("alice", "Tech Lead", "--go").exits(0);
    };
    answer();
    desk.sign("bob", "QA Lead", "--go").exits(0);
    desk.by("alice", &["decide", "--role", "Tech Lead", "--key", "alice", "--yes"]).exits(0);
    let first = desk.case.run(&["status", "--format", "json"]).exits(0).json();
    assert_eq!(first["looser"], serde_json::Value::Null);
    let fewer = list.replace("**QA Lead**: ____ Date: ____\n", "");
    desk.case.write(
        "list.md",
        fewer.replace("- [ ] Two `#two`\n", "").replace("`#one`", "`#one` (optional)"),
    );
    desk.case.write(
        "holdpoint.toml",
        policy.replace("separate = [\"operator\"]\n", "void = [\"qa-lead\"]\n"),
    );
    desk.pin(&["--role", "QA Lead", "--key", "bob"]).exits(0);
    answer();
    let lines = [
        "gate `R` does not ask for `QA Lead` any more",
        "item `one` is optional",
        "item `two` is gone",
        "whoever ran the checks may sign and decide",
        "`qa-lead` may take entries back",
    ];
    let second = desk.case.run(&["status", "--format", "json"]).json();
    let gate = second["gate"].as_str().expect("a gate");
    assert_eq!(second["looser"]["run"], first["run"]);
    assert_eq!(second["looser"]["decided"], "GO");
    let lines = lines.map(|line| line.replace("gate `R`", &format!("gate `{gate}`")));
    assert_eq!(second["looser"]["lines"], serde_json::json!(lines));
    desk.case.run(&["status"]).says("looser than").says("- item `two` is gone");
    let decided = desk.by("alice", &["decide", "--role", "Tech Lead", "--key", "alice", "--yes"]);
    let told = decided.err.find("item `two` is gone").expect("told");
    assert!(told < decided.err.find("signed in the namespace").expect("shown"), "{}", decided.err);
    desk.case.run(&["report"]).exits(0);
    let report = desk.case.files("reports", ".md").pop().expect("a report");
    let report = desk.case.read(&report.to_string_lossy());
    let exceptions = report.split("## Exceptions").nth(1).expect("exceptions");
    let first = exceptions.trim_start().lines().next().expect("a line");
    assert!(first.starts_with("### Looser than run"), "{exceptions}");
    desk.case.run(&["verify"]).exits(0).says("3 of 3 reports rendered again");
}
