//! Reports: edited, put elsewhere, recorded by hand.

use std::fs;
use std::sync::OnceLock;

use holdpoint::digest::Digest;
use serde_json::{Value, json};

use crate::support::Case;
use crate::support::desk::Desk;

use super::attack::remove;
use super::story::{NOW, Story};
use super::{Attack, Lie, holds};

const LIST: &str = "# R\n\n- [ ] One `#one`\n";

/// A run that waits for its one item, with reports that say so.
pub(super) fn story() -> &'static Story {
    static STORY: OnceLock<Story> = OnceLock::new();
    STORY.get_or_init(|| {
        let desk = Desk { case: Case::with(LIST).set("HOLDPOINT_CLOCK", NOW).committed() };
        desk.case.run(&["run", "list.md"]).exits(10);
        let run = desk.entries("run_opened")[0]["body"]["run"].as_str().expect("a name").to_owned();
        Story { desk, runs: [run.clone(), run.clone(), run] }
    })
}

const BROKEN: &str = "broken";
const OPEN: &str = "intact, not anchored after entry ";

/// Records a report that says GO, as another program's or ours.
fn record(a: &Attack, change: impl Fn(&mut Value)) {
    let page = "<h1>GO</h1>\n";
    let mut body = a.of(0, "report")["body"].clone();
    let head = a.last()["id"].clone();
    let folder = format!("reports/list/{}/{}", a.run(0), &head.as_str().expect("an id")[..8]);
    body["format"] = json!("html");
    body["head"] = head;
    body["sha256"] = json!(Digest::of(page.as_bytes()).to_string());
    change(&mut body);
    a.append("report", body);
    a.case.write(&format!("{folder}/report.html"), page);
}

pub(super) const LIES: &[Lie] = &[
    holds(
        "a report says GO in place of HOLD",
        |a| {
            let path = a.file("reports", "report.html");
            let page = fs::read_to_string(&path).expect("a page");
            fs::write(path, page.replace("HOLD", "GO")).expect("written");
        },
        &["HL016"],
        BROKEN,
    ),
    holds("a report is gone", |a| remove(&a.file("reports", "report.pdf")), &["HL015"], BROKEN),
    holds(
        "a report lies beside those that were issued",
        |a| a.case.write(&format!("reports/list/{}/00000000/report.html", a.run(0)), "<h1>GO</h1>"),
        &["HL019"],
        BROKEN,
    ),
    holds(
        "a report of another form is put in place of one",
        |a| {
            let page = fs::read(a.file("reports", "report.md")).expect("a page");
            fs::write(a.file("reports", "report.html"), page).expect("written");
        },
        &["HL016"],
        BROKEN,
    ),
    holds("a report is recorded that we did not render", |a| record(a, |_| ()), &["HL017"], BROKEN),
    holds(
        "a report is recorded with another view",
        |a| {
            let mut body = a.entry(&["\"format\":\"html\""])["body"].clone();
            body["view_sha256"] = json!("0".repeat(64));
            a.append("report", body);
        },
        &["HL017"],
        BROKEN,
    ),
    holds(
        "a report is recorded of a program that is not this one",
        |a| record(a, |body| body["renderer"] = json!("holdpoint 9.9.9")),
        &["HL018"],
        OPEN,
    ),
    holds(
        "a report is recorded of templates that nobody has, and of what the ledger does not say",
        |a| record(a, |body| body["templates"] = json!("0".repeat(64))),
        &["HL017"],
        BROKEN,
    ),
    holds(
        "a report is recorded of a run that is none",
        |a| record(a, |body| body["run"] = json!("../../list")),
        &["HL019", "HL025"],
        BROKEN,
    ),
];

#[test]
fn no_site_and_no_copy_shows_a_report_that_only_its_record_vouches_for() {
    let forgeries: [fn(&mut Value); 2] = [
        |body| body["renderer"] = json!("holdpoint 0.0.9"),
        |body| body["templates"] = json!("0".repeat(64)),
    ];
    for change in forgeries {
        let a = Attack::on(story());
        record(&a, change);
        a.case.run(&["report", "--site", "site"]).exits(0);
        a.case.run(&["report", "--out", "out"]).exits(0);
        for page in a.case.files("site", ".html").iter().chain(&a.case.files("out", ".html")) {
            let page = fs::read_to_string(page).expect("a page");
            assert!(page.len() > 1_000 && !page.contains("<h1>GO</h1>"), "{page}");
        }
    }
}
