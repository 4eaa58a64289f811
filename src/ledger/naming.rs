//! Who names a piece of evidence, and as what: whether it may go depends on that.

use std::collections::BTreeMap;

use crate::digest::Digest;

use super::Stored;
use super::record::{Body, DETAIL, ItemResult};

/// An entry that names a piece of evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Naming {
    /// The entry.
    pub entry: Digest,
    /// Its run, if it has one.
    pub run: Option<String>,
    /// Its item, if it has one.
    pub item: Option<String>,
    /// What the evidence is to it.
    pub purpose: Purpose,
}

/// What a piece of evidence is to an entry that names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The policy, or a file of keys.
    Rules,
    /// The checklist of a run.
    Checklist,
    /// The plan of a run.
    Plan,
    /// The checks of a long result.
    Checks,
    /// What a check wrote.
    Output,
    /// What a person shows.
    Shown,
}

impl Purpose {
    /// In words.
    pub fn word(self) -> &'static str {
        match self {
            Self::Rules => "policy or keys",
            Self::Checklist => "checklist",
            Self::Plan => "plan",
            Self::Checks => "checks of a result",
            Self::Output => "output",
            Self::Shown => "shown",
        }
    }

    /// No verdict stands on it.
    pub fn may_go(self) -> bool {
        matches!(self, Self::Output | Self::Shown)
    }
}

/// Who names which piece, of those that are wanted; `evidence` gives the lists of checks that were too long for a line.
pub fn namings(
    entries: &[Stored],
    wanted: impl Fn(&Digest) -> bool,
    evidence: impl Fn(&Digest) -> Option<Vec<u8>>,
) -> BTreeMap<Digest, Vec<Naming>> {
    let mut all: BTreeMap<Digest, Vec<Naming>> = BTreeMap::new();
    for stored in entries {
        let body = &stored.entry.body;
        for (digest, purpose) in named(body, &evidence) {
            if wanted(&digest) {
                let run = body.run().map(str::to_owned);
                let item = body.item().map(str::to_owned);
                all.entry(digest).or_default().push(Naming {
                    entry: stored.id,
                    run,
                    item,
                    purpose,
                });
            }
        }
    }
    all
}

/// The pieces that an entry names, each once.
fn named(body: &Body, evidence: &impl Fn(&Digest) -> Option<Vec<u8>>) -> BTreeMap<Digest, Purpose> {
    let all =
        |digests: Vec<Digest>, purpose| digests.into_iter().map(|one| (one, purpose)).collect();
    match body {
        Body::RunOpened(opened) => BTreeMap::from([
            (opened.checklist.sha256, Purpose::Checklist),
            (opened.items_sha256, Purpose::Plan),
        ]),
        Body::Policy(_) => all(body.evidence(), Purpose::Rules),
        Body::Attested(word) => all(word.evidence.clone(), Purpose::Shown),
        Body::Result(result) | Body::Action(result) => of_result(result, evidence),
        _ => BTreeMap::new(),
    }
}

fn of_result(
    result: &ItemResult,
    evidence: &impl Fn(&Digest) -> Option<Vec<u8>>,
) -> BTreeMap<Digest, Purpose> {
    let mut all: BTreeMap<Digest, Purpose> =
        result.kept().into_iter().map(|digest| (digest, Purpose::Output)).collect();
    let lists = result.checks.iter().filter(|check| check.kind == DETAIL);
    let lists: Vec<Digest> =
        lists.filter_map(|check| check.message.as_ref()?.parse().ok()).collect();
    if !lists.is_empty()
        && let Some(checks) = result.expanded(evidence)
    {
        let in_pack = result.in_pack(&checks);
        let inner = ItemResult { checks, ..result.clone() };
        let separate = inner.kept().into_iter().filter(|digest| !in_pack.contains(digest));
        all.extend(separate.map(|digest| (digest, Purpose::Output)));
    }
    // Whatever else it is, too.
    all.extend(lists.into_iter().map(|digest| (digest, Purpose::Checks)));
    all
}
