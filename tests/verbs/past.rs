//! The runs of a checklist before the one that a report is about.

use crate::support::Case;

const LIST: &str = "# Shop\n\n- [ ] Up `#up`\n  ```bash check\n  cat state\n  # Expected: up\n  ```\n- [ ] Room `#room`\n  ```bash check\n  echo ok\n  # Expected: ok\n  ```\n";

fn run(case: &Case, release: &str, state: &str) {
    case.write("state", state);
    let code = if state == "up" { 0 } else { 20 };
    case.run(&["run", "list.md", "--release", release, "--no-report"]).exits(code);
}

/// GO, NO-GO, and GO again.
fn with_past() -> Case {
    let case = Case::with(LIST);
    for (release, state) in [("v1", "up"), ("v2", "down"), ("v3", "up")] {
        run(&case, release, state);
    }
    case
}

#[test]
fn a_report_shows_what_the_last_runs_came_to_and_this_one_last() {
    let case = with_past();
    case.write("other.md", LIST);
    case.run(&["run", "other.md", "--release", "x9", "--no-report"]).exits(0);
    case.run(&["report", &newest(&case, "list.md"), "--out", "out"]).exits(0);
    let html = case.read("out/report.html");
    let past = html.split("<section id=\"past\">").nth(1).expect("earlier runs");
    let past = past.split("</section>").next().expect("its end");
    assert!(past.contains("2 GO, 0 HOLD, 1 NO-GO; the newest is GO"), "{past}");
    let place = |text: &str| past.find(text).unwrap_or_else(|| panic!("no {text}: {past}"));
    assert!(place("GO: v1, ") < place("NO-GO: v2, ") && place("NO-GO: v2, ") < place("GO: v3, "));
    assert!(!past.contains("x9"), "{past}");
    assert!(html.contains("aria-label=\"pass, fail\""), "what the item came to before");
    assert_eq!(html.matches("class=\"before\"").count(), 1, "where it was not always the same");
    let markdown = case.read("out/report.md");
    assert!(markdown.contains("## Earlier runs\n\n2 GO, 0 HOLD, 1 NO-GO"), "{markdown}");
    case.run(&["report", &oldest(&case), "--out", "first"]).exits(0);
    assert!(!case.read("first/report.html").contains("id=\"past\""), "nothing was before it");
}

pub(super) fn runs(case: &Case, checklist: &str) -> Vec<String> {
    let log = case.run(&["log", "--kind", "run_opened", "--format", "json"]).json();
    let entries = log["entries"].as_array().expect("entries").iter();
    let of = entries.filter(|one| one["body"]["checklist"]["path"] == checklist);
    of.map(|one| one["body"]["run"].as_str().expect("a name").to_owned()).collect()
}

fn newest(case: &Case, checklist: &str) -> String {
    runs(case, checklist).pop().expect("a run")
}

fn oldest(case: &Case) -> String {
    runs(case, "list.md").remove(0)
}

#[test]
fn what_comes_after_a_report_changes_nothing_of_it() {
    let case = with_past();
    case.run(&["report"]).exits(0);
    let first = oldest(&case);
    case.run(&["attest", "up", "--run", &first, "--fail", "--note", "it was not"]);
    run(&case, "v4", "down");
    let done = case.run(&["verify"]).exits(0);
    assert!(!done.out.contains("HL017"), "{done:?}");
    // A report that is made now knows of it.
    case.run(&["report", "--out", "out"]).exits(0);
    let html = case.read("out/report.html");
    assert!(html.contains("1 GO, 0 HOLD, 3 NO-GO; the newest is NO-GO"), "{html}");
}

#[test]
fn a_run_whose_evidence_is_gone_is_held_and_twenty_are_the_most() {
    let case = Case::with(LIST);
    for at in 0..22 {
        run(&case, &format!("v{at}"), "up");
    }
    let log = case.run(&["log", "--kind", "run_opened", "--format", "json"]).json();
    let path = |digest: &serde_json::Value| {
        let digest = digest.as_str().expect("a digest").to_owned();
        case.path().join(format!("ledger/evidence/{}/{digest}", &digest[..2]))
    };
    // The last two were made of another document.
    case.write("list.md", LIST.replace("Shop", "Shop of ours"));
    run(&case, "v22", "up");
    std::fs::remove_file(path(&log["entries"][0]["body"]["checklist"]["sha256"])).expect("removed");
    case.run(&["report", "--out", "out"]).exits(0);
    let html = case.read("out/report.html");
    assert!(html.contains("1 GO, 19 HOLD, 0 NO-GO; the newest is GO"), "{html}");
    assert_eq!(html.matches("its evidence is gone").count(), 19);
    assert!(!html.contains("GO: v3,") && html.contains("HOLD: v21,"));
}
