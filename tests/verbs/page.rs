//! HTML reports as readers meet them, in a browser: what they ask for, what can be done with them, with and without
//! script, and whether everybody can read them. One browser serves all of these tests.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use crate::support::Case;

/// A picture of one grey pixel.
const PNG: &[u8] = b"\x89PNG\x0d\x0a\x1a\x0a\x00\x00\x00\x0dIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00:~\x9bU\x00\x00\x00\x0aIDATx\x9cch\x00\x00\x00\x82\x00\x81w\xcdr\xb6\x00\x00\x00\x00IEND\xaeB`\x82";

/// An item of each sort: one passes, one fails with colours and a difference, one is shown by a picture, one is open.
const LIST: &str = "# Shop\n\n## Before\n\n- [ ] Health `#health`\n  ```bash check\n  echo ok # fine\n  # Expected: ok\n  ```\n- [ ] Disk has room `#disk`\n  ```bash check\n  printf '\\033[1;31mred\\033[0m \\033[7minverse\\033[0m \\033[30;47mpaper\\033[0m\\n'\n  # Expected:\n  # one\n  # two\n  ```\n- [ ] Dashboard `#dash`\n- [ ] Runbook `#book`\n\n| Team | Phone |\n|---|---|\n| Ops | 12 |\n\n> Ask when in doubt.\n\n## Sign-off\n\n**Decision**: ☐ GO ☐ NO-GO\n\n**Tech Lead**: ____ Date: ____\n";

/// Pages beside that report: with samples, attempts and an earlier run; of all runs; of what differs between two.
const PAGES: &[(&str, &str)] = &[
    ("report over time", "out/report.html"),
    ("site", "site/index.html"),
    ("checklist", "site/list/index.html"),
    ("diff", "diff.html"),
];

/// One whose boxes are ticked, in another language.
const TICKED: &[(&str, &str)] = &[("report of ticks", "out/report.html")];

/// Makes pages in a case; some of them are made together.
fn make<'p>(
    case: &Case,
    pages: &'p [(&'p str, &'p str)],
) -> impl Iterator<Item = (&'p str, std::path::PathBuf)> {
    if pages.len() == 1 {
        case.run(&["run", "list.md", "--no-report"]).exits(10);
        case.run(&["report", "--out", "out", "--language", "de"]).exits(0);
    } else {
        case.run(&["report", "--out", "out"]).exits(0);
        case.run(&["report", "--site", "site"]).exits(0);
        let runs = super::past::runs(case, "list.md");
        let arguments = ["--format", "html", "--out", "diff.html"];
        case.run(&[&["diff", &runs[0], &runs[1]], &arguments[..]].concat()).exits(0);
    }
    let folder = case.path().to_owned();
    pages.iter().map(move |(name, page)| (*name, folder.join(page)))
}

static SEEN: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    let case = Case::with(LIST);
    case.write("dash.png", PNG);
    case.run(&["run", "list.md", "--no-report"]).exits(20);
    case.run(&["attest", "dash", "--pass", "--note", "all green", "--evidence", "dash.png"]);
    case.run(&["report", "--out", "out"]).exits(0);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser/report.mjs");
    let mut node = Command::new("node");
    node.arg(script).arg(case.path().join("out/report.html"));
    let (ticks, past) = (super::blame::with_ticks(), super::series::watched().case);
    for (case, pages) in [(&ticks, TICKED), (&past, PAGES)] {
        for (name, page) in make(case, pages) {
            node.arg(format!("{name}={}", page.display()));
        }
    }
    let output = node.output();
    let output = output.expect("node is installed (tests/run)");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!("{error}; is Chromium here, and what tests/browser needs? tests/run brings it: {output:?}")
    })
});

#[track_caller]
fn holds(claim: &str) {
    assert_eq!(SEEN.get(claim).map(String::as_str), Some(""), "{claim}");
}

#[test]
fn a_report_asks_for_nothing_says_nothing_to_the_console_and_shows_its_pictures() {
    holds("quiet");
}

#[test]
fn items_are_found_by_words_and_by_outcome() {
    holds("filter");
}

#[test]
fn the_keyboard_searches_and_goes_from_item_to_item() {
    holds("keys");
}

#[test]
fn a_link_to_an_item_unfolds_it() {
    holds("links");
}

#[test]
fn without_script_everything_is_there_and_no_control_is_dead() {
    holds("without script");
}

#[test]
fn a_telephone_scrolls_in_one_direction_only() {
    holds("narrow");
}

#[test]
fn what_is_folded_is_printed() {
    holds("print");
}

#[test]
fn axe_finds_nothing_in_light_and_in_dark() {
    let accessible: Vec<&String> =
        SEEN.keys().filter(|claim| claim.starts_with("accessible: ")).collect();
    assert_eq!(accessible.len(), 6 * 6, "{accessible:?}");
    accessible.into_iter().for_each(|claim| holds(claim));
}
