//! Three writers at once, each killed at any moment.

use std::io::Read;
use std::process::Stdio;
use std::time::Duration;

use crate::support::Case;
use crate::support::chance::{Chance, amount};

use super::{acknowledged, list, recorded};

#[test]
fn whoever_is_killed_loses_nothing_that_was_acknowledged() {
    let mut chance = Chance::new();
    let case = Case::with(&list(30)).committed();
    case.run(&["init"]).exits(0);
    let mut told = Vec::new();
    for round in 0..amount(30, 600) / 3 {
        let writers: Vec<_> = (0..3).map(|writer| format!("{round}-{writer}")).collect();
        let mut children: Vec<_> = writers
            .iter()
            .map(|release| {
                case.command(&[
                    "run",
                    "list.md",
                    "--no-report",
                    "--jobs",
                    "2",
                    "--release",
                    release,
                ])
                .stderr(Stdio::piped())
                .stdout(Stdio::null())
                .spawn()
                .expect("started")
            })
            .collect();
        for child in &mut children {
            std::thread::sleep(Duration::from_millis(50 + chance.below(500)));
            child.kill().expect("killed");
        }
        for (release, mut child) in writers.into_iter().zip(children) {
            let mut talk = String::new();
            child.stderr.take().expect("its talk").read_to_string(&mut talk).expect("text");
            child.wait().expect("an end");
            told.push((release, acknowledged(&talk)));
        }
    }
    // Whoever comes next puts right what the last round left.
    case.run(&["seal"]).exits(0);
    let kept = recorded(&case);
    let count: usize = told.iter().map(|(_, items)| items.len()).sum();
    assert!(count > 0, "nobody came to say anything");
    for (release, items) in told {
        let known = kept.get(&release).cloned().unwrap_or_default();
        let lost: Vec<&String> = items.difference(&known).collect();
        assert!(lost.is_empty(), "seed {}: {release} has lost {lost:?}", chance.seed);
    }
    case.run(&["verify", "--strict"]).exits(0);
}
