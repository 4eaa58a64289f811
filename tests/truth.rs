//! Holds what the reader makes of documents against what careful people read in them.
//!
//! `cargo test --test truth` compares the documents in tests/truth, and fails where a figure is below
//! what is asked for; `cargo test --test truth -- FOLDER` compares those of another folder, whose
//! `docs/` and `truth/` are laid out as here. Every difference is printed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use holdpoint::checklist::{self, Checklist, Claim};
use serde::Deserialize;

/// What a careful person read in a document; other keys are of later use.
#[derive(Deserialize)]
struct Truth {
    file: String,
    items: Vec<TrueItem>,
    fences: Vec<TrueFence>,
}

#[derive(Deserialize)]
struct TrueItem {
    line: usize,
    /// `open`, `done` or `not-applicable`.
    state: String,
    parent_line: Option<usize>,
    /// Options of a choice are written down, and are no items.
    role: String,
}

#[derive(Deserialize)]
struct TrueFence {
    line: usize,
}

/// How much of something was read as it is.
#[derive(Clone, Copy, Default)]
struct Score {
    right: usize,
    all: usize,
}

impl Score {
    fn percent(self) -> f64 {
        if self.all == 0 { 100.0 } else { 100.0 * self.right as f64 / self.all as f64 }
    }

    fn add(&mut self, other: Self) {
        self.right += other.right;
        self.all += other.all;
    }
}

/// What is compared, and the least share of it that has to be right.
const WANTED: &[(&str, f64)] = &[("items", 99.0), ("fences", 100.0)];

type Scores = BTreeMap<&'static str, Score>;

fn main() -> ExitCode {
    let named: Vec<PathBuf> =
        std::env::args().skip(1).map(PathBuf::from).filter(|path| path.is_dir()).collect();
    let own = vec![PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/truth"))];
    let mut total = Scores::new();
    for folder in if named.is_empty() { own } else { named } {
        for truth in truths(&folder.join("truth")) {
            let scores = compare(&folder.join("docs"), &truth);
            println!("{:<72} {}", truth.file, line(&scores));
            for (what, score) in scores {
                total.entry(what).or_default().add(score);
            }
        }
    }
    println!("{:<72} {}", "all", line(&total));
    let is_low = |(what, least): &(&str, f64)| {
        total.get(what).is_none_or(|score| score.all == 0 || score.percent() < *least)
    };
    match WANTED.iter().find(|wanted| is_low(wanted)) {
        Some((what, least)) => {
            println!("fewer than {least} % of the {what} are read as they are");
            ExitCode::FAILURE
        }
        None => ExitCode::SUCCESS,
    }
}

fn line(scores: &Scores) -> String {
    let each = scores.iter().map(|(what, score)| {
        format!("{what} {}/{} {:.1} %", score.right, score.all, score.percent())
    });
    each.collect::<Vec<String>>().join("   ")
}

fn truths(folder: &Path) -> Vec<Truth> {
    let entries = std::fs::read_dir(folder).expect("a folder of truth files");
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.expect("a readable folder").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let text = std::fs::read_to_string(&path).expect("a truth file");
            serde_json::from_str(&text).unwrap_or_else(|why| panic!("{}: {why}", path.display()))
        })
        .collect()
}

fn compare(docs: &Path, truth: &Truth) -> Scores {
    let bytes = std::fs::read(docs.join(&truth.file)).expect("the document of a truth file");
    let reading = checklist::read(&truth.file, &bytes)
        .unwrap_or_else(|why| panic!("{}: {}", truth.file, why.message));
    let read = &reading.checklist;
    Scores::from([("items", items(read, truth)), ("fences", fences(read, truth))])
}

/// An item is right where its line, its state and its parent are; one that nobody meant is wrong.
fn items(read: &Checklist, truth: &Truth) -> Score {
    let line_of = |at: usize| read.items[at].line;
    let seen: BTreeMap<usize, (&str, Option<usize>)> = read
        .items
        .iter()
        .map(|item| {
            let state = match item.claim {
                Claim::Open => "open",
                Claim::Done => "done",
                Claim::NotApplicable => "not-applicable",
            };
            (item.line, (state, item.parent.map(line_of)))
        })
        .collect();
    let meant: BTreeMap<usize, (&str, Option<usize>)> = truth
        .items
        .iter()
        .filter(|item| item.role != "multiple-choice option")
        .map(|item| (item.line, (item.state.as_str(), item.parent_line)))
        .collect();
    differences("item", &truth.file, &meant, &seen)
}

fn fences(read: &Checklist, truth: &Truth) -> Score {
    let seen: BTreeMap<usize, ()> = read.blocks.iter().map(|block| (block.line, ())).collect();
    let meant: BTreeMap<usize, ()> = truth.fences.iter().map(|fence| (fence.line, ())).collect();
    differences("fence", &truth.file, &meant, &seen)
}

fn differences<T: PartialEq + std::fmt::Debug>(
    what: &str,
    file: &str,
    meant: &BTreeMap<usize, T>,
    seen: &BTreeMap<usize, T>,
) -> Score {
    let lines: BTreeSet<usize> = meant.keys().chain(seen.keys()).copied().collect();
    let mut score = Score { right: 0, all: lines.len() };
    for line in lines {
        match (meant.get(&line), seen.get(&line)) {
            (Some(meant), Some(seen)) if meant == seen => score.right += 1,
            (Some(meant), Some(seen)) => {
                println!("{file}:{line}: {what} is {meant:?}, read as {seen:?}");
            }
            (Some(meant), None) => println!("{file}:{line}: {what} {meant:?} is not read"),
            (None, _) => println!("{file}:{line}: no {what} is there, and one is read"),
        }
    }
    score
}
