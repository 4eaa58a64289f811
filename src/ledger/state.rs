//! What the ledger says of one run: its opening, and the answers to its items.

use std::collections::BTreeMap;

use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::outcome::Outcome;

use super::record::{Attested, ItemResult, RunOpened};

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
    /// No later answer knows of it: it counts; of several that count the worst decides.
    pub counts: bool,
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
