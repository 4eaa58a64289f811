//! A box that is ticked in the document: who ticked it, as git tells, kept in the ledger and shown as the claim it is.

use crate::support::Case;

const LIST: &str = "# Shop\n\n- [ ] Backups are tested `#backup`\n- [ ] Runbook is read `#book`\n- [ ] Open `#open`\n";

fn ticked(case: &Case, item: &str, author: &str) {
    let list = case.read("list.md").replace(&format!("[ ] {item}"), &format!("[x] {item}"));
    case.write("list.md", list);
    case.git(&["commit", "-qam", "tick", "--author", author, "--date", "2026-11-02T10:00:00Z"]);
}

pub(super) fn with_ticks() -> Case {
    let case = Case::with(LIST).committed();
    ticked(&case, "Backups", "Ada {{ v }} & Co #x[ <ada@example.com>");
    case.write("list.md", case.read("list.md").replace("[ ] Runbook", "[x] Runbook"));
    case
}

#[test]
fn a_report_says_who_ticked_a_box_when_and_in_which_commit() {
    let case = with_ticks();
    let commit = case.git(&["rev-parse", "HEAD"]);
    case.run(&["run", "list.md"]).exits(10);
    let html = std::fs::read_to_string(&case.files("reports", ".html")[0]).expect("a report");
    let ada = format!(
        "Ada {{{{ v }}}} &amp; Co #x[ &lt;ada@example.com&gt;, 2026-11-02T10:00:00.000Z, commit {}",
        &commit[..12]
    );
    let claim = html.split("(a claim, git blame: ").nth(1).expect("a claim");
    assert!(claim.contains(&ada), "{claim}");
    assert!(html.contains("(a claim, git blame: not committed)"), "{html}");
    assert_eq!(html.matches("(a claim").count(), 2, "what is not ticked claims nothing");
    // It answers nothing.
    let outcomes = case.run(&["status", "--format", "json"]).outcomes();
    assert!(outcomes.values().all(|(outcome, _)| outcome == "pending"), "{outcomes:?}");
    case.run(&["verify"]).exits(0);
}

#[test]
fn the_ledger_keeps_what_git_said_and_the_report_asks_nobody() {
    let case = with_ticks();
    case.run(&["run", "list.md"]).exits(10);
    let log = case.run(&["log", "--kind", "attested", "--format", "json"]).json();
    let entries = log["entries"].as_array().expect("entries");
    assert_eq!(entries.len(), 2, "{log}");
    assert_eq!(entries[0]["body"]["outcome"], "pending");
    let digest = entries[0]["body"]["evidence"][0].as_str().expect("a digest").to_owned();
    let kept = case.read(&format!("ledger/evidence/{}/{digest}", &digest[..2]));
    assert!(kept.contains("author-mail <ada@example.com>") && kept.contains("summary tick"));
    std::fs::remove_dir_all(case.path().join(".git")).expect("removed");
    case.run(&["report", "--out", "out"]).exits(0);
    assert!(case.read("out/report.md").contains("ada\\@example.com"));
}

#[test]
fn without_git_or_history_nothing_is_said_and_the_run_goes_on() {
    let case = Case::with(&LIST.replace("[ ] Open", "[x] Open"));
    case.run(&["run", "list.md", "--no-report"]).exits(10);
    assert!(case.run(&["log", "--kind", "attested"]).exits(0).out.trim().is_empty());
    let case = Case::with("# Other\n").committed();
    case.write("new.md", LIST.replace("[ ] Open", "[x] Open"));
    case.run(&["run", "new.md", "--no-report"]).exits(10);
    let log = case.run(&["log", "--kind", "attested", "--format", "json"]).json();
    assert_eq!(log["entries"].as_array().map(Vec::len), Some(0), "a file that git does not know");
}

#[test]
fn a_shallow_clone_blames_nobody() {
    let case = with_ticks();
    case.git(&["checkout", "-q", "list.md"]);
    let url = format!("file://{}", case.path().display());
    let clone = Case::new();
    clone.git(&["clone", "-q", "--depth", "1", "--template=", &url, "."]);
    clone.run(&["run", "list.md"]).exits(10);
    let html = std::fs::read_to_string(&clone.files("reports", ".html")[0]).expect("a report");
    assert!(html.contains("git blame: not known, the clone is shallow"), "{html}");
}
