//! Bytes: any one of the ledger's folder and of the reports, changed to any other.

use std::fs;
use std::path::PathBuf;

use crate::support::chance::{Chance, amount};

use super::attack::Attack;
use super::story::{Story, story};

/// A change that nothing tells, if there is one.
fn unfound(attack: &Attack, files: &[PathBuf], chance: &mut Chance) -> Option<String> {
    let sizes: Vec<u64> =
        files.iter().map(|path| fs::metadata(path).expect("a file").len()).collect();
    let mut at = chance.below(sizes.iter().sum::<u64>());
    let mut file = 0;
    while at >= sizes[file] {
        at -= sizes[file];
        file += 1;
    }
    let path = &files[file];
    let good = fs::read(path).expect("a file");
    let mut bad = good.clone();
    let other = 1 + chance.below(255) as u8;
    bad[at as usize] ^= other;
    fs::write(path, &bad).expect("written");
    let (findings, calls) = (attack.verify(), attack.calls());
    fs::write(path, &good).expect("written");
    let found = !findings.findings.is_empty() || findings.verdict.to_string() != FINE;
    let goes = calls[1..].contains(&"GO");
    let name = path.display();
    (!found || goes).then(|| format!("{name}, byte {at}: changed by {other:#04x}, {calls:?}"))
}

const FINE: &str = "intact, self-anchored";

fn change(story: &'static Story, folder: &str, times: u64) {
    let chance = Chance::new();
    let missed: Vec<String> = std::thread::scope(|scope| {
        let parts = (0..2).map(|part| {
            let mut chance = chance.part(part);
            scope.spawn(move || {
                let attack = Attack::whole(story);
                let files = attack.case.files(folder, "");
                let change = |_| unfound(&attack, &files, &mut chance);
                (0..times / 2).filter_map(change).collect::<Vec<String>>()
            })
        });
        let parts: Vec<_> = parts.collect();
        parts.into_iter().flat_map(|part| part.join().expect("an end")).collect()
    });
    assert!(missed.is_empty(), "seed {}:\n{}", chance.seed, missed.join("\n"));
}

#[test]
fn no_byte_of_the_ledger_changes_unseen() {
    change(story(), "ledger", amount(200, 10_000));
}

#[test]
fn no_byte_of_a_report_changes_unseen() {
    change(super::reports::story(), "reports", amount(6, 500));
}
