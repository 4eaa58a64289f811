//! A good ledger, made once by the real program: three runs, of which the first is finished.

use std::sync::OnceLock;

use crate::support::desk::Desk;

const LIST: &str = "\
# Release

- [ ] Notes are written `#notes`
- [ ] Backup is there `#backup`
- [ ] The service answers `#answers`
  ```bash check
  cat answer
  # Expected: yes
  ```
- [ ] Disk has room `#disk`
  ```bash check
  cat size
  # Expected: 10
  ```

## Sign-off

**Tech Lead**: ______ Date: ____
**QA Lead**: ______ Date: ____
**Product Owner**: ______ Date: ____
";

const POLICY: &str = "\
[policy]
signatures = \"required\"
waive = [\"qa-lead\"]
void = [\"qa-lead\"]
decide = [\"release-manager\"]
waive_days = 30
separate = [\"operator\", \"roles\"]
[policy.change]
roles = [\"qa-lead\", \"cto\"]
people = 2
[[policy.quorum]]
role = \"tech-lead\"
people = 2
";

/// The time at which everything happens.
pub(crate) const NOW: &str = "2026-11-21T09:30:00.000Z";

/// The story: who is there, and what they did.
pub(crate) struct Story {
    pub(crate) desk: Desk,
    /// The runs: one that is GO, one whose Tech Leads are one too few, and one that failed.
    pub(crate) runs: [String; 3],
}

/// The one story that all vectors begin from.
pub(crate) fn story() -> &'static Story {
    static STORY: OnceLock<Story> = OnceLock::new();
    STORY.get_or_init(make)
}

fn make() -> Story {
    let desk = Desk::with(LIST, POLICY);
    let desk = Desk { case: desk.case.set("HOLDPOINT_CLOCK", NOW) };
    // A key that is expired, one that is revoked, a person with two keys, and a key with two people.
    desk.key("alice", &["tech-lead"], "")
        .key("anna", &["tech-lead"], "")
        .key("bob", &["qa-lead"], "")
        .key("carol", &["product-owner"], "")
        .key("cto", &["cto"], "")
        .key("dora", &["release-manager"], "")
        .key("olga", &["tech-lead"], "valid-before=\"20260101Z\"")
        .key("rex", &["tech-lead"], "")
        .key("runner", &["tech-lead"], "");
    desk.make_key("alice2", &["-t", "ed25519"]);
    desk.make_key("eve", &["-t", "ed25519"]);
    desk.line("alice", "alice2", &["tech-lead"], "").line("alicia", "alice", &["tech-lead"], "");
    desk.case.write("ledger/keys/revoked", desk.case.read("rex.pub"));
    desk.case.write("answer", "yes\n");
    desk.case.write("size", "7\n");
    let desk = Desk { case: desk.case.committed() };
    desk.pin(&[]).exits(0);
    let runs = [finished(&desk), short(&desk), failed(&desk)];
    desk.case.run(&["seal"]).exits(0);
    desk.case.commit("ledger");
    Story { desk, runs }
}

/// Everything but the sign-offs, and the run's name.
fn answered(desk: &Desk, size: &str) -> String {
    desk.case.write("size", size);
    desk.case.run_list();
    desk.case.run(&["attest", "notes", "--pass"]).exits(0);
    desk.case.run(&["attest", "backup", "--pass"]).exits(0);
    let opened = desk.entries("run_opened").pop().expect("a run");
    opened["body"]["run"].as_str().expect("a name").to_owned()
}

/// With a waiver, an answer that was taken back, every sign-off and a decision.
fn finished(desk: &Desk) -> String {
    let run = answered(desk, "7\n");
    let said = ["--reason", "known", "--key", "bob", "--yes"];
    let until = ["waive", "disk", "--until", "2026-12-01T00:00:00Z"];
    desk.by("bob", &[&until, &said[..]].concat()).exits(0);
    let answer = desk.last("attested");
    desk.by("bob", &[&["void", &answer], &said[..]].concat()).exits(0);
    desk.case.run(&["attest", "backup", "--pass", "--note", "looked again"]).exits(0);
    desk.sign("alice", "Tech Lead", "--go").exits(0);
    desk.sign("anna", "Tech Lead", "--go").exits(0);
    desk.sign("bob", "QA Lead", "--go").exits(0);
    desk.sign("carol", "Product Owner", "--go").exits(0);
    let decide = ["decide", "--go", "--role", "Release Manager", "--key", "dora", "--yes"];
    desk.by("dora", &decide).exits(0);
    assert_eq!(desk.call(), "GO");
    run
}

/// One Tech Lead is missing, and nothing else.
fn short(desk: &Desk) -> String {
    let run = answered(desk, "10\n");
    desk.sign("alice", "Tech Lead", "--go").exits(0);
    desk.sign("bob", "QA Lead", "--go").exits(0);
    desk.sign("carol", "Product Owner", "--go").exits(0);
    assert_eq!(desk.call(), "HOLD");
    run
}

fn failed(desk: &Desk) -> String {
    let run = answered(desk, "7\n");
    assert_eq!(desk.call(), "NO-GO");
    run
}
