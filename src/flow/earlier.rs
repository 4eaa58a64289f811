//! What a run that goes on has already, and what of it still has to run.

use std::collections::BTreeMap;

use crate::clock::Timestamp;
use crate::ledger::Ledger;
use crate::ledger::record::ItemResult;
use crate::ledger::state::{Given, RunState};
use crate::lint::Linted;
use crate::outcome::Outcome;
use crate::plan::{Plan, Planned, PlannedCheck};
use crate::run::Earlier;
use crate::standing::{self, Hearing};

use super::Failure;
use super::open::plan_items;
use super::stand::find_run;

/// Items that have checks, are on no standby, and have not passed in this run; and what is known of
/// the others.
///
/// What passed and cannot be read back, because a secret was in it, runs again.
pub(super) fn of(
    ledger: &Ledger,
    run: &str,
    plan: &Plan,
    checklist: &Linted,
    now: Timestamp,
) -> Result<(Vec<usize>, Earlier), Failure> {
    let state = find_run(ledger, Some(run))?;
    let rules = ledger.rules().rules;
    let hearing = Hearing::of(&state, &rules, ledger.history(), &ledger.proofs(&rules), now);
    let items = plan_items(plan);
    let facts = standing::item_facts(&state, &items, &checklist.reading.checklist, &hearing);
    let mut earlier = Earlier::default();
    let mut wanted = Vec::new();
    for (at, (item, fact)) in plan.items.iter().zip(&facts).enumerate() {
        earlier.outcomes.push(fact.outcome);
        let saved = saved(ledger, &state, item);
        let runs = item.gate.is_some() && !item.checks.is_empty();
        let done = fact.outcome == Outcome::Pass || !fact.applies;
        if done && (!runs || !fact.applies || saved.is_some()) {
            earlier.done.insert(at);
            earlier.saved.extend(saved.unwrap_or_default());
        } else if runs {
            wanted.push(at);
        }
    }
    Ok((wanted, earlier))
}

/// What the checks of an item saved; `None` where that cannot be told.
fn saved(ledger: &Ledger, state: &RunState, item: &Planned) -> Option<BTreeMap<String, String>> {
    let saves = |check: &PlannedCheck| matches!(check, PlannedCheck::Ready { check, .. } if !check.directives().saves.is_empty());
    if !item.checks.iter().any(saves) {
        return Some(BTreeMap::new());
    }
    let given = state.answers.get(&item.id)?.iter().filter(|answer| answer.counts);
    let mut results = given.filter_map(|answer| match &answer.given {
        Given::Machine(result) => Some(result),
        Given::Person(_) => None,
    });
    // Of two that nobody has put in an order, either may hold.
    match (results.next(), results.next()) {
        (Some(result), None) => of_result(ledger, item, result),
        _ => None,
    }
}

fn of_result(
    ledger: &Ledger,
    item: &Planned,
    result: &ItemResult,
) -> Option<BTreeMap<String, String>> {
    let results = result.expanded(|digest| ledger.evidence(digest))?;
    if results.len() != item.checks.len() {
        return None;
    }
    let mut saved = BTreeMap::new();
    for (check, result) in item.checks.iter().zip(&results) {
        let PlannedCheck::Ready { check, .. } = check else { continue };
        let values: Vec<_> = check.saved(result).collect();
        if values.len() != check.directives().saves.len() {
            return None;
        }
        for (name, value) in values {
            // Where something was taken out, what was saved is not known any more.
            let whole = value.held == Some(true) && !value.observed.contains("[redacted");
            saved.insert(name.to_owned(), Some(value.observed.clone()).filter(|_| whole)?);
        }
    }
    Some(saved)
}
