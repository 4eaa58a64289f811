//! Faults: killed at any moment, every system call failing, power cut between any two writes, a full disk, git taking files
//! away. What was acknowledged is never lost, and the next command puts right what is left behind and says so.
//!
//! Each test does little in every run of the tests, and all of it where `HOLDPOINT_FAULTS` is `full`:
//!
//! ```sh
//! HOLDPOINT_FAULTS=full cargo test --test main -- faults:: vectors::bytes --nocapture
//! ```
//!
//! A failure prints its seed; `HOLDPOINT_SEED` takes it. Needs `strace`; the full disk needs a tmpfs of its own, which root
//! or an unprivileged `unshare --user` can mount.

mod calls;
mod disk;
mod histories;
mod kill;
mod power;

use std::collections::{BTreeMap, BTreeSet};

use crate::support::Case;

/// A checklist of quick items: `Item 00` and on.
fn list(items: usize) -> String {
    let item =
        |n| format!("- [ ] Item {n:02}\n  ```bash check\n  true\n  # expect: exit == 0\n  ```\n");
    format!("# L\n\n{}", (0..items).map(item).collect::<String>())
}

/// The items whose answers a run told as recorded.
fn acknowledged(talk: &str) -> BTreeSet<String> {
    let told = talk.lines().filter(|line| line.contains("pass"));
    told.filter_map(|line| Some(line.get(line.find("Item ")?..)?.get(..7)?.to_owned())).collect()
}

/// The items that the ledger has answers to, by release.
fn recorded(case: &Case) -> BTreeMap<String, BTreeSet<String>> {
    let log = case.run(&["log", "--format", "json"]).exits(0).json();
    let entries = log["entries"].as_array().expect("entries").clone();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let of = |kind: &'static str| entries.iter().filter(move |entry| entry["kind"] == kind);
    let mut items: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for opened in of("run_opened").map(|entry| &entry["body"]) {
        let results = of("result").filter(|result| result["body"]["run"] == opened["run"]);
        // `item-07`, as the reader makes it of `Item 07`.
        let named = results.map(|result| text(&result["body"]["item"]).replace("item-", "Item "));
        items.entry(text(&opened["release"])).or_default().extend(named);
    }
    items
}
