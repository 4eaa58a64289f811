//! What the ledger says of one run: its opening, and the answers to its items.

use std::collections::{BTreeMap, BTreeSet};

use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::outcome::Outcome;
use crate::sign::Statement;

use super::Stored;
use super::history::History;
use super::record::{Attested, Body, ItemResult, Look, RunOpened};

/// One run as the ledger tells it.
#[derive(Clone, Debug)]
pub struct RunState {
    /// Id of the `run_opened` entry.
    pub id: Digest,
    /// What it is about.
    pub opened: RunOpened,
    /// When it was opened, as claimed.
    pub opened_at: Timestamp,
    /// Who opened it, as claimed.
    pub operator: String,
    /// The newest time that an entry of the run claims.
    pub last_at: Timestamp,
    /// By item: every answer in the ledger's order; the ones that count are marked.
    pub answers: BTreeMap<String, Vec<Answer>>,
    /// By item: what people showed without answering, in the ledger's order.
    pub shown: BTreeMap<String, Vec<Shown>>,
    /// By item: what was seen of it while somebody watched, in the ledger's order. It answers nothing.
    pub watched: BTreeMap<String, Vec<Watched>>,
    /// Who opened it or ran something in it, as claimed.
    pub operators: BTreeSet<String>,
    /// What people said in it, in the ledger's order. Whether it counts is for the rules to say.
    pub spoken: Vec<Spoken>,
    /// Entries after which a sign-off that does not know of them is stale.
    pub changes: Vec<Digest>,
}

/// Evidence that somebody added to an item, and no answer: an `attested` whose outcome is `pending`.
#[derive(Clone, Debug)]
pub struct Shown {
    /// Id of its entry.
    pub id: Digest,
    /// When, as claimed.
    pub at: Timestamp,
    /// Who wrote it, as claimed.
    pub by: String,
    /// What they said with it.
    pub note: String,
    /// The pieces.
    pub evidence: Vec<Digest>,
}

/// What somebody saw of an item while they watched.
#[derive(Clone, Debug)]
pub struct Watched {
    /// Id of its entry.
    pub id: Digest,
    /// Who wrote it, as claimed.
    pub by: String,
    /// Digest of the item's lines that were watched.
    pub item_sha256: Digest,
    /// Each look.
    pub looks: Vec<Look>,
}

/// A sign-off, waiver, decision or the like, as somebody wrote it down.
#[derive(Clone, Debug)]
pub struct Spoken {
    /// Id of its entry.
    pub id: Digest,
    /// Who wrote it, as claimed.
    pub by: String,
    /// What it says.
    pub statement: Statement,
    /// The armoured signature, if there is one.
    pub sig: Option<String>,
}

/// One answer to an item.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Id of its entry.
    pub id: Digest,
    /// When, as claimed.
    pub at: Timestamp,
    /// Who wrote it, as claimed.
    pub by: String,
    /// No later answer of the same sort knows of it: it counts; of several that count the worst
    /// decides.
    pub counts: bool,
    /// A person's answer that was given knowing every result of checks that counts.
    pub after_checks: bool,
    /// What was answered.
    pub given: Given,
}

/// An answer by a machine or by a person.
#[derive(Clone, Debug)]
pub enum Given {
    /// A check's result.
    Machine(ItemResult),
    /// A person's word.
    Person(Attested),
}

impl Answer {
    /// The outcome it gives.
    pub fn outcome(&self) -> Outcome {
        match &self.given {
            Given::Machine(result) => result.outcome,
            Given::Person(attested) => attested.outcome,
        }
    }

    /// Digest of the item's lines that it answers.
    pub fn item_sha256(&self) -> Digest {
        match &self.given {
            Given::Machine(result) => result.item_sha256,
            Given::Person(attested) => attested.item_sha256,
        }
    }
}

/// Every run in the ledger, in the order in which they were opened.
pub fn runs(history: &History, entries: &[&Stored]) -> Vec<RunState> {
    let mut runs: Vec<RunState> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for stored in entries {
        let entry = &stored.entry;
        if let Body::RunOpened(opened) = &entry.body {
            // A second opening of the same run is a fault that verification tells; the first stands.
            places.entry(opened.run.clone()).or_insert_with(|| {
                runs.push(RunState {
                    id: stored.id,
                    opened: (**opened).clone(),
                    opened_at: entry.at,
                    operator: entry.writer.id.clone(),
                    last_at: entry.at,
                    answers: BTreeMap::new(),
                    shown: BTreeMap::new(),
                    watched: BTreeMap::new(),
                    operators: BTreeSet::from([entry.writer.id.clone()]),
                    spoken: Vec::new(),
                    changes: Vec::new(),
                });
                runs.len() - 1
            });
            continue;
        }
        let Some(run) = entry.body.run().and_then(|run| places.get(run)).map(|&at| &mut runs[at])
        else {
            continue;
        };
        run.note(stored);
        let (item, given) = match &entry.body {
            Body::Result(result) => (&result.item, Given::Machine(result.clone())),
            Body::Attested(word) if word.outcome == Outcome::Pending => {
                let shown = Shown {
                    id: stored.id,
                    at: entry.at,
                    by: entry.writer.id.clone(),
                    note: word.note.clone(),
                    evidence: word.evidence.clone(),
                };
                run.shown.entry(word.item.clone()).or_default().push(shown);
                continue;
            }
            Body::Attested(attested) => (&attested.item, Given::Person((**attested).clone())),
            Body::Sample(sample) => {
                let watched = Watched {
                    id: stored.id,
                    by: entry.writer.id.clone(),
                    item_sha256: sample.item_sha256,
                    looks: sample.samples.clone(),
                };
                run.watched.entry(sample.item.clone()).or_default().push(watched);
                continue;
            }
            _ => continue,
        };
        run.answers.entry(item.clone()).or_default().push(Answer {
            id: stored.id,
            at: entry.at,
            by: entry.writer.id.clone(),
            counts: true,
            after_checks: false,
            given,
        });
    }
    for answers in runs.iter_mut().flat_map(|run| run.answers.values_mut()) {
        weigh(history, answers);
    }
    runs
}

impl RunState {
    /// Takes down who did or said what in it.
    fn note(&mut self, stored: &Stored) {
        let entry = &stored.entry;
        match &entry.body {
            Body::Report(_) | Body::Note(_) => return,
            Body::Result(_) | Body::Action(_) => {
                self.operators.insert(entry.writer.id.clone());
                self.changes.push(stored.id);
            }
            Body::Attested(_) | Body::Trigger(_) | Body::Waived(_) | Body::Void(_) => {
                self.changes.push(stored.id);
            }
            _ => {}
        }
        self.last_at = self.last_at.max(entry.at);
        if let Some((statement, sig)) = entry.body.statement() {
            self.spoken.push(Spoken {
                id: stored.id,
                by: entry.writer.id.clone(),
                statement: statement.clone(),
                sig: sig.map(str::to_owned),
            });
        }
    }
}

/// Finds which answers count: newest means by ancestry, not by the clock.
fn weigh(history: &History, answers: &mut [Answer]) {
    let is_machine = |answer: &Answer| matches!(answer.given, Given::Machine(_));
    let counts: Vec<bool> = answers
        .iter()
        .enumerate()
        .map(|(at, answer)| {
            // Whoever knows of it stands behind it; of many attempts the next one does.
            !answers[at + 1..].iter().any(|later| {
                is_machine(later) == is_machine(answer)
                    && history.is_ancestor(&answer.id, &later.id)
            })
        })
        .collect();
    let checks: Vec<Digest> = answers
        .iter()
        .zip(&counts)
        .filter(|(answer, counts)| **counts && is_machine(answer))
        .map(|(answer, _)| answer.id)
        .collect();
    for (answer, counts) in answers.iter_mut().zip(counts) {
        answer.counts = counts;
        answer.after_checks = !is_machine(answer)
            && checks.iter().all(|check| history.is_ancestor(check, &answer.id));
    }
}
