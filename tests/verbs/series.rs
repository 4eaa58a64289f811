//! What was seen over time: samples of whoever watches and attempts of a check, drawn in every format.

use serde_json::{Value, json};

use crate::support::Case;
use crate::support::desk::Desk;

const LIST: &str = "# Soak\n\n- [ ] Error rate stays low `#rate`\n  ```bash trigger\n  rate\n  # expect: value < 1 %\n  ```\n- [ ] Settles `#settles`\n  ```bash check\n  # retry: 5 every 100ms\n  n=$(cat n 2> /dev/null || echo 9); echo \"$n ms\"; echo $((n-3)) > n\n  # expect: value < 2 ms\n  ```\n";

/// What the plan has for an item.
fn sha256(desk: &Desk, item: &str) -> String {
    let opened = &desk.entries("run_opened")[0];
    let plan = opened["body"]["items_sha256"].as_str().expect("a digest");
    let plan: Value =
        serde_json::from_str(&desk.case.read(&format!("ledger/evidence/{}/{plan}", &plan[..2])))
            .expect("JSON");
    let planned = plan.as_array().expect("a list").iter().find(|one| one["item"] == item);
    planned.expect("an item")["item_sha256"].as_str().expect("a digest").to_owned()
}

/// A second run that somebody watched for two days, a look each minute: a quarter of an hour of failures, an hour of which
/// nothing is known.
pub(super) fn watched() -> Desk {
    let desk = Desk { case: Case::with(LIST) };
    desk.case.run_list();
    std::fs::remove_file(desk.case.path().join("n")).expect("removed");
    desk.case.run_list();
    let run = desk.entries("run_opened")[1]["body"]["run"].clone();
    let look = |minute: u32| {
        let (day, hour) = (20 + minute / 1440, minute / 60 % 24);
        let (held, observed) = match minute {
            600..615 => (json!(false), "3.75 %".to_owned()),
            1200..1260 => (Value::Null, "<script>alert(1)</script> \u{202e} ended".to_owned()),
            _ => (json!(true), format!("0.{} %", minute % 9)),
        };
        json!({ "at": format!("2026-11-{day}T{hour:02}:{:02}:00.000Z", minute % 60), "held": held, "observed": observed })
    };
    let minutes: Vec<u32> = (0..2880).collect();
    for part in minutes.chunks(480) {
        let samples: Vec<Value> = part.iter().copied().map(look).collect();
        let item_sha256 = sha256(&desk, "rate");
        desk.forge(
            "sample",
            json!({ "item": "rate", "item_sha256": item_sha256, "run": run, "samples": samples }),
        );
    }
    let before = json!([{ "at": "2026-11-19T00:00:00.000Z", "held": false, "observed": "99 %" }]);
    desk.forge(
        "sample",
        json!({ "item": "rate", "item_sha256": "0".repeat(64), "run": run, "samples": before }),
    );
    desk
}

const SAID: &str = "2880 samples, 2026-11-20T00:00:00.000Z to 2026-11-21T23:59:00.000Z: least 0.0 %, median 0.4 %, greatest 3.75 %; 15 did not hold, 60 could not be told";

#[test]
fn two_days_of_samples_are_a_small_line_that_ends_where_nothing_is_known() {
    let desk = watched();
    desk.case.run(&["report", "--out", "out"]).exits(0);
    let html = desk.case.read("out/report.html");
    assert!(html.contains(SAID), "{html}");
    let figure = html.split("<figure class=\"series\">").nth(1).expect("a figure");
    let figure = figure.split("</figure>").next().expect("its end");
    assert!(figure.len() < 16 << 10, "{} bytes", figure.len());
    assert_eq!(figure.matches("<polyline").count(), 2, "a gap between two pieces");
    assert_eq!(figure.matches("class=\"gap\"").count(), 1);
    assert!(figure.contains("value &lt; 1 %") && figure.contains("f-fail"), "{figure}");
    assert!(figure.contains("samples of the item as it read before, not shown: 1"));
    assert!(!figure.contains("99 %") && !html.contains("<script>alert"));
    assert!(desk.case.read("out/report.md").contains("2880 samples, 2026-11-20"));
}

#[test]
fn samples_answer_nothing_and_the_report_is_the_same_each_time() {
    let desk = watched();
    let outcome = |case: &Case| case.run(&["status", "--format", "json"]).outcomes();
    assert_eq!(outcome(&desk.case)["rate"].0, "pending");
    desk.case.run(&["report"]).exits(0);
    let done = desk.case.run(&["verify"]);
    assert!(!done.out.contains("HL017"), "{done:?}");
    desk.case.run(&["report", "--out", "out"]).exits(0);
    let issued = desk.case.files("reports", ".pdf");
    let same = std::fs::read(&issued[0]).expect("a report");
    assert!(same == std::fs::read(desk.case.path().join("out/report.pdf")).expect("a copy"));
}

#[test]
fn samples_of_an_item_as_it_read_before_are_counted_and_not_drawn() {
    let desk = Desk { case: Case::with(LIST) };
    desk.case.run_list();
    let run = desk.entries("run_opened")[0]["body"]["run"].clone();
    let samples = json!([{ "at": "2026-11-19T00:00:00.000Z", "held": false, "observed": "99 %" }]);
    let body =
        json!({ "item": "rate", "item_sha256": "0".repeat(64), "run": run, "samples": samples });
    (0..5).for_each(|_| desk.forge("sample", body.clone()));
    desk.case.run(&["report", "--out", "out"]).exits(0);
    let html = desk.case.read("out/report.html");
    assert!(html.contains("<small>samples of the item as it read before, not shown: 5</small>"));
    assert!(!html.contains("99 %") && !html.contains("watched by"), "{html}");
}

#[test]
fn attempts_that_saw_numbers_are_a_line() {
    let desk = watched();
    desk.case.run(&["report", "--out", "out"]).exits(0);
    let html = desk.case.read("out/report.html");
    let of = |text: &str| html.split("4 attempts, ").nth(1).is_some_and(|rest| rest.contains(text));
    assert!(of(": least 0 ms, median 3 ms, greatest 9 ms; 3 did not hold, 0 could not be told"));
    desk.case.run(&["report", "--out", "de", "--language", "de"]).exits(0);
    assert!(desk.case.read("de/report.html").contains("2880 Messwerte, 2026-11-20T00:00:00.000Z"));
}
