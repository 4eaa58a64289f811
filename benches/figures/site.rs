//! The site of a thousand runs: made the first time, and again when one run is new.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use holdpoint::clock::Timestamp;
use holdpoint::ledger::record::{Body, ItemResult};
use holdpoint::ledger::{Ledger, Location, Session};

use super::{BINARY, folder, holdpoint, show, timed};

const RUNS: usize = 1_000;

/// Items of each run.
const ITEMS: usize = 20;

pub(crate) fn site() {
    let item =
        "- [ ] Item N `#item-N`\n  ```bash check\n  echo line N\n  # Expected: line N\n  ```\n";
    let items: String = (0..ITEMS).map(|n| item.replace('N', &n.to_string())).collect();
    let place = folder(&format!("# Site\n\n{items}"));
    let root = place.path();
    holdpoint(root, &["run", "list.md", "--no-report"]);
    repeat(root, 1..RUNS);
    let first = build(root);
    let pages = format!("{RUNS} runs of {ITEMS} checks");
    show(&format!("site of {pages}"), first, "limit 10,000 ms");
    repeat(root, RUNS..RUNS + 1);
    show("  when one run is new", build(root), "limit 1,000 ms");
    show("  when none is", build(root), "");
}

fn build(root: &Path) -> Duration {
    timed(|| {
        let status = Command::new(BINARY)
            .args(["report", "--site", "site"])
            .current_dir(root)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .status();
        assert!(status.is_ok_and(|status| status.success()));
    })
}

/// The ledger's first run again, under other names.
fn repeat(root: &Path, numbers: std::ops::Range<usize>) {
    let mut ledger = Ledger::open(Location::new(root, None, None)).expect("a ledger");
    let session =
        Session { name: format!("bench-{}", numbers.start), writer: "bench@example".to_owned() };
    let of_run = ledger.entries().iter().map(|stored| &stored.entry.body);
    let first = of_run.clone().find_map(Body::run).expect("a run").to_owned();
    let once: Vec<Body> = of_run.filter(|body| body.run() == Some(&first)).cloned().collect();
    let named = |number: usize| {
        let run = format!("list-{number:06}");
        once.iter().cloned().map(move |body| match body {
            Body::RunOpened(mut opened) => {
                opened.run.clone_from(&run);
                opened.release = format!("v{number}");
                Body::RunOpened(opened)
            }
            Body::Result(result) => Body::Result(ItemResult { run: run.clone(), ..result }),
            other => other,
        })
    };
    let at: Timestamp = "2026-11-21T09:30:00.000Z".parse().expect("a time");
    let bodies = numbers.flat_map(named).collect();
    ledger.append(&session, at, bodies, &[]).expect("appended");
}
