//! What a run asks for less than the last one of its checklist that was decided.

use crate::checklist::Checklist;
use crate::digest::Digest;
use crate::judge::Call;
use crate::ledger::record::PlanItem;
use crate::ledger::state::{self, RunState};
use crate::ledger::{Ledger, Stored};
use crate::standing::Hearing;
use crate::standing::looser::{self, Terms};

use super::stand::{decision, kept_checklist, kept_plan, run_below};

/// So many earlier runs are looked at, from the newest on.
const MOST: usize = 4;

/// What is asked for less.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Looser {
    /// The earlier run.
    pub run: String,
    /// What was decided at its last gate.
    pub decided: Call,
    /// What the later one asks for less, each in a line.
    pub lines: Vec<String>,
}

/// Compares a run with the last before it that was decided, among what `head` knows of, or of everything. `None` where
/// there is none, or nothing is looser.
pub(super) fn looser(
    ledger: &Ledger,
    head: Option<&Digest>,
    run: &RunState,
    plan: &[PlanItem],
    checklist: &Checklist,
    hearing: &Hearing,
) -> Option<Looser> {
    let policy = hearing.rules.as_ref().ok().map(|rules| &rules.policy);
    let now = Terms { plan, checklist, policy };
    let earlier = decided_before(ledger, head, run);
    let proofs = ledger.proofs(&hearing.rules);
    let (before, decided, lines) = earlier.iter().rev().take(MOST).find_map(|before| {
        let (plan, checklist) =
            (kept_plan(ledger, before).ok()?, kept_checklist(ledger, before, None).ok()?);
        let heard = Hearing::of(before, &hearing.rules, ledger.history(), &proofs, hearing.now);
        let gates = checklist.gates.iter().rev();
        let decided = gates
            .filter_map(|gate| decision(ledger, before, &plan, &checklist, &heard, &gate.name))
            .next()?;
        let (_, rules) = run_below(ledger, &decided.heard.statement().head, &before.opened.run)?;
        let policy = rules.as_ref().ok().map(|rules| &rules.policy);
        let then = Terms { plan: &plan, checklist: &checklist, policy };
        Some((before, decided.call, looser::looser(&then, &now)))
    })?;
    let run = before.opened.run.clone();
    (!lines.is_empty()).then_some(Looser { run, decided, lines })
}

/// Runs of the same checklist before this one, in which somebody decided.
fn decided_before(ledger: &Ledger, head: Option<&Digest>, run: &RunState) -> Vec<RunState> {
    let below = head.map(|head| ledger.history().below(head));
    let known = |at: &usize| below.as_ref().is_none_or(|below| below[*at]);
    let all = ledger.entries().iter().enumerate().filter(|(at, _)| known(at));
    let all: Vec<&Stored> = all.map(|(_, stored)| stored).collect();
    // Few ledgers have many decisions; where nobody decided anything nothing is read.
    let is_decision = |stored: &&Stored| stored.entry.body.kind() == "decided";
    if !all.iter().any(is_decision) {
        return Vec::new();
    }
    let runs = state::runs(ledger.history(), &all).into_iter();
    runs.take_while(|earlier| earlier.id != run.id)
        .filter(|earlier| earlier.opened.checklist.path == run.opened.checklist.path)
        .filter(|earlier| {
            earlier.spoken.iter().any(|spoken| spoken.statement.act == crate::sign::Act::Decided)
        })
        .collect()
}
