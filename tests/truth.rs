//! Holds what the reader makes of documents against what careful people read in them.
//!
//! `cargo test --test truth` compares the documents in tests/truth, and fails where a figure is below
//! what is asked for; `cargo test --test truth -- FOLDER` compares those of another folder, whose
//! `docs/` and `truth/` are laid out as here. Every difference is printed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use holdpoint::checklist::{self, Checklist, Claim};
use holdpoint::survey::{self, Survey};
use serde::Deserialize;

/// What a careful person read in a document; other keys are not compared.
#[derive(Deserialize)]
struct Truth {
    file: String,
    items: Vec<TrueItem>,
    fences: Vec<TrueFence>,
    #[serde(default)]
    commands: Vec<TrueCommand>,
    #[serde(default)]
    expectations: Vec<TrueExpectation>,
    #[serde(default)]
    signoffs: Vec<TrueLine>,
    #[serde(default)]
    decisions: Vec<TrueLine>,
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
    /// `inside`, `follows`, `heads`, `label`, `label-above` or `section`.
    relation: String,
    owner_line: Option<usize>,
}

#[derive(Deserialize)]
struct TrueCommand {
    line: usize,
    text: String,
    /// `check`, `action`, `ambiguous` or `shell-state`.
    verdict: String,
}

#[derive(Deserialize)]
struct TrueExpectation {
    line: usize,
    /// The line of the command, the fence, the item or the heading that it is about.
    for_line: usize,
}

#[derive(Deserialize)]
struct TrueLine {
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
const WANTED: &[(&str, f64)] = &[
    ("items", 99.0),
    ("fences", 100.0),
    ("owners", 95.0),
    ("signing", 90.0),
    ("bound", 90.0),
    ("actions", 100.0),
];

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
        .unwrap_or_else(|why| panic!("{}: {}", truth.file, why.finding.message));
    let read = &reading.checklist;
    let survey = survey::survey(read);
    Scores::from([
        ("items", items(read, truth)),
        ("fences", fences(read, truth)),
        ("owners", owners(read, &survey, truth)),
        ("signing", signing(&survey, truth)),
        ("bound", bound(&survey, truth)),
        ("actions", actions(&survey, truth)),
        ("classes", classes(&survey, truth)),
    ])
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

/// Whose each fence is. `label-above` is a label whose boxes stand above it.
fn owners(read: &Checklist, survey: &Survey, truth: &Truth) -> Score {
    let of = |relation: &str| match relation {
        "label-above" => "label".to_owned(),
        other => other.to_owned(),
    };
    let seen = read.blocks.iter().zip(&survey.owners).map(|(block, owner)| {
        let relation = serde_json::to_value(owner.relation).expect("a word");
        (block.line, (of(relation.as_str().unwrap_or_default()), owner.line))
    });
    let meant =
        truth.fences.iter().map(|fence| (fence.line, (of(&fence.relation), fence.owner_line)));
    differences("owner of the fence", &truth.file, &meant.collect(), &seen.collect())
}

/// Lines where people sign, are named or decide.
fn signing(survey: &Survey, truth: &Truth) -> Score {
    let seen = survey.signoffs.iter().map(|signoff| (signoff.line, "signs"));
    let seen = seen.chain(survey.decisions.iter().map(|decision| (decision.line, "decides")));
    let meant = truth.signoffs.iter().map(|line| (line.line, "signs"));
    let meant = meant.chain(truth.decisions.iter().map(|line| (line.line, "decides")));
    differences("signing line", &truth.file, &meant.collect(), &seen.collect())
}

/// Expectations that people wrote, and what each is about. What is read beside them is told of, and
/// does not count: who says what has to be so often says it twice.
fn bound(survey: &Survey, truth: &Truth) -> Score {
    let seen: BTreeMap<usize, usize> =
        survey.notes.iter().map(|note| (note.line, note.for_line)).collect();
    let meant: BTreeMap<usize, usize> =
        truth.expectations.iter().map(|note| (note.line, note.for_line)).collect();
    let right = differences("expectation", &truth.file, &meant, &seen).right;
    Score { right, all: meant.len() }
}

/// Commands that act, and are not taken for ones that look.
fn actions(survey: &Survey, truth: &Truth) -> Score {
    let mut score = Score::default();
    for meant in truth.commands.iter().filter(|command| command.verdict == "action") {
        score.all += 1;
        let looks = commands_like(survey, meant).any(|found| found == "check");
        score.right += usize::from(!looks);
        if looks {
            println!(
                "{}:{}: `{}` acts, and is read as a check",
                truth.file, meant.line, meant.text
            );
        }
    }
    score
}

/// All commands, with the class that each is of.
fn classes(survey: &Survey, truth: &Truth) -> Score {
    let mut score = Score::default();
    for meant in &truth.commands {
        score.all += 1;
        let found: Vec<&str> = commands_like(survey, meant).collect();
        if found.contains(&meant.verdict.as_str()) {
            score.right += 1;
        } else {
            let (file, line, text, verdict) =
                (&truth.file, meant.line, &meant.text, &meant.verdict);
            println!("{file}:{line}: `{text}` is {verdict}, read as {found:?}");
        }
    }
    score
}

/// The classes of the commands in a line whose text begins alike.
fn commands_like<'s>(survey: &'s Survey, meant: &TrueCommand) -> impl Iterator<Item = &'s str> {
    let begin = |text: &str| text.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
    let wanted = begin(&meant.text);
    let line = meant.line;
    survey
        .commands
        .iter()
        .filter(move |found| found.line == line && begin(&found.command.text) == wanted)
        .map(|found| survey::class_word(found.command.class))
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
