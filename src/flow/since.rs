//! What a run asks for less than the last one of its checklist that was decided.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use crate::checklist::Checklist;
use crate::digest::Digest;
use crate::judge::Call;
use crate::ledger::Stored;
use crate::ledger::record::{Body, PlanItem};
use crate::ledger::state::RunState;
use crate::said;
use crate::said::Said;
use crate::sign::Act;
use crate::standing::Hearing;
use crate::standing::looser::{self, Terms};

use super::past::Past;
use super::stand::{decision, kept_plan};

/// So many earlier runs in which somebody claims to decide are looked at, from the newest on, until one is decided.
const MOST: usize = 64;

/// What is asked for less.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Looser {
    /// The earlier run.
    pub run: String,
    /// What was decided at its last gate.
    pub decided: Call,
    /// What the later one asks for less, each in a line.
    #[serde(serialize_with = "said::english_each")]
    pub lines: Vec<Said>,
}

/// Compares a run with the last before it that was decided, among what `heads` know of, or of everything. `None` where
/// there is none, or nothing is looser.
pub(super) fn looser(
    past: &Past<'_>,
    heads: Option<&[Digest]>,
    run: &RunState,
    plan: &[PlanItem],
    checklist: &Checklist,
    hearing: &Hearing,
) -> Option<Looser> {
    let policy = hearing.rules.as_ref().ok().map(|rules| &rules.policy);
    let now = Terms { plan, checklist, policy };
    let all: Vec<Digest> = past.ledger.history().heads().copied().collect();
    let heads = heads.unwrap_or(&all);
    let proofs = OnceCell::new();
    let (before, decided, lines) = decided_before(past, heads, run).find_map(|before| {
        let (plan, checklist) =
            (kept_plan(past.ledger, &before).ok()?, past.checklist(&before).ok()?);
        let proofs = proofs.get_or_init(|| past.ledger.proofs(&hearing.rules));
        let history = past.ledger.history();
        let heard = Hearing::of(&before, &hearing.rules, history, proofs, hearing.now);
        let gates = checklist.gates.iter().rev();
        let decided = gates
            .filter_map(|gate| decision(past, &before, &plan, &checklist, &heard, &gate.name))
            .next()?;
        let book = past.rules(&[decided.heard.statement().head]);
        let policy = book.rules.as_ref().ok().map(|rules| &rules.policy);
        let then = Terms { plan: &plan, checklist: &checklist, policy };
        let lines = looser::looser(&then, &now);
        Some((before, decided.call, lines))
    })?;
    let run = before.opened.run;
    (!lines.is_empty()).then_some(Looser { run, decided, lines })
}

/// Runs of the same checklist before this one, in which somebody decided: the newest first.
fn decided_before<'p>(
    past: &'p Past<'_>,
    heads: &'p [Digest],
    run: &'p RunState,
) -> impl Iterator<Item = RunState> + 'p {
    let before = &past.runs()[..past.place(&run.opened.run).unwrap_or(0)];
    let alike = before
        .iter()
        .rev()
        .filter(|earlier| earlier.is_decided && earlier.checklist == run.opened.checklist.path);
    let then = alike.filter_map(|earlier| past.run(heads, earlier.name));
    let is_decided = |earlier: &RunState| {
        let mut spoken = earlier.spoken.iter();
        spoken.any(|spoken| spoken.statement.act == Act::Decided)
    };
    then.filter(is_decided).take(MOST)
}

/// The runs that have to be read for whoever asks about one, by its name or the newest: that one, and those that it
/// would be compared with. `told` has what begins and decides all runs, in the ledger's order.
pub(super) fn needed(told: &[&Stored], name: Option<&str>) -> BTreeSet<String> {
    let (mut begun, mut decided) = (BTreeMap::<&str, &str>::new(), BTreeSet::new());
    let mut order = Vec::new();
    for stored in told {
        match &stored.entry.body {
            Body::RunOpened(opened) => {
                begun.entry(&opened.run).or_insert_with(|| {
                    order.push(opened.run.as_str());
                    &opened.checklist.path
                });
            }
            // What stands before the run began is nothing in it.
            Body::Decided(said) if begun.contains_key(said.run.as_str()) => {
                decided.insert(said.run.as_str());
            }
            _ => {}
        }
    }
    let Some(name) = name.or(order.last().copied()).filter(|name| begun.contains_key(name)) else {
        return BTreeSet::new();
    };
    let alike = |run: &&&str| begun.get(**run) == begun.get(name) && decided.contains(**run);
    let before = order.iter().take_while(|run| **run != name).filter(alike);
    let before: Vec<&str> = before.copied().collect();
    let compared = before.iter().rev().take(MOST).copied();
    compared.chain([name]).map(str::to_owned).collect()
}
