//! Where a run stands: what the ledger says of it, held against its plan, as facts to judge.
//!
//! Items, gates and what is required are those of the plan kept when the run was opened; an answer
//! counts only if it was given to the item's text and blocks as they were then.

use std::collections::BTreeMap;

use crate::checklist::{Checklist, Item};
use crate::judge::{self, Facts, ItemFact, RoleFact, Verdict};
use crate::ledger::record::{ItemResult, PlanItem};
use crate::ledger::state::{Answer, Given, RunState};
use crate::outcome::{CheckResult, Outcome};

/// The verdict of each gate of the run, in the order of the gates; at least one.
///
/// `checklist` is the one that the run was opened with; `stale` says in words why results cannot
/// count at all, if anything does.
pub fn verdicts(
    run: &RunState,
    plan: &[PlanItem],
    checklist: &Checklist,
    stale: &[String],
) -> Vec<Verdict> {
    let known: BTreeMap<&str, &Item> =
        checklist.items.iter().map(|item| (item.id.as_str(), item)).collect();
    let mut names: Vec<&str> = run.opened.gates.iter().map(String::as_str).collect();
    // A gate that only the plan knows must be judged too, not passed over.
    for name in plan.iter().filter_map(|item| item.gate.as_deref()) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
        .into_iter()
        .map(|name| judge::verdict(&gate_facts(name, run, plan, checklist, &known, stale)))
        .collect()
}

/// The gate to speak for: the one asked for by name, else the first that is not GO, else the last.
pub fn speaking(verdicts: &[Verdict], asked: Option<&str>) -> Option<usize> {
    match asked {
        Some(name) => verdicts.iter().position(|verdict| verdict.gate.eq_ignore_ascii_case(name)),
        None => verdicts
            .iter()
            .position(|verdict| verdict.call != judge::Call::Go)
            .or(verdicts.len().checked_sub(1)),
    }
}

/// The facts of every item of the plan, in its order.
pub fn item_facts(run: &RunState, plan: &[PlanItem], checklist: &Checklist) -> Vec<ItemFact> {
    let known: BTreeMap<&str, &Item> =
        checklist.items.iter().map(|item| (item.id.as_str(), item)).collect();
    let places: BTreeMap<&str, usize> =
        plan.iter().enumerate().map(|(at, item)| (item.item.as_str(), at)).collect();
    plan.iter()
        .map(|item| {
            item_fact(item, run, checklist, known.get(item.item.as_str()).copied(), &places)
        })
        .collect()
}

fn gate_facts(
    name: &str,
    run: &RunState,
    plan: &[PlanItem],
    checklist: &Checklist,
    known: &BTreeMap<&str, &Item>,
    stale: &[String],
) -> Facts {
    let planned: Vec<&PlanItem> =
        plan.iter().filter(|item| item.gate.as_deref() == Some(name)).collect();
    let places: BTreeMap<&str, usize> =
        planned.iter().enumerate().map(|(at, item)| (item.item.as_str(), at)).collect();
    let items = planned
        .iter()
        .map(|item| {
            item_fact(item, run, checklist, known.get(item.item.as_str()).copied(), &places)
        })
        .collect();
    let gate = checklist.gates.iter().find(|gate| gate.name == name);
    let roles = gate.map_or(&[][..], |gate| &gate.roles);
    let mut stale = stale.to_vec();
    if gate.is_none() {
        stale.push(format!("the checklist kept for this run has no gate `{name}`"));
    }
    Facts {
        gate: name.to_owned(),
        line: gate.map_or(1, |gate| gate.line),
        items,
        roles: roles
            .iter()
            .map(|role| RoleFact { name: role.name.clone(), quorum: role.quorum, signed: 0 })
            .collect(),
        unreadable: gate.is_some_and(|gate| gate.unreadable),
        stale,
    }
}

fn item_fact(
    planned: &PlanItem,
    run: &RunState,
    checklist: &Checklist,
    item: Option<&Item>,
    places: &BTreeMap<&str, usize>,
) -> ItemFact {
    let (outcome, detail) = answer(planned, run, item);
    let given = run.answers.get(&planned.item).map_or(&[][..], Vec::as_slice);
    // A check is skipped by the document alone; what people skip takes a signature.
    let by_document = |answer: &Answer| {
        answer.counts
            && answer.outcome() == Outcome::Skipped
            && matches!(answer.given, Given::Machine(_))
    };
    ItemFact {
        id: planned.item.clone(),
        text: item.map_or_else(|| planned.item.clone(), |item| item.text.clone()),
        line: item.map_or(1, |item| item.line),
        optional: !planned.required,
        checked: item.is_some_and(Item::is_checked),
        applies: outcome != Outcome::Skipped || !given.iter().any(by_document),
        outcome,
        parent: item
            .and_then(|item| checklist.items.get(item.parent?))
            .and_then(|parent| places.get(parent.id.as_str()).copied()),
        detail,
    }
}

/// What the answers that count come to, and why.
///
/// A person's word answers a check only where the check itself asks for one (it was run, its result is
/// `pending`, and the word was given after it) or where it makes the answer worse; a pass never stands
/// over a failed check.
pub fn answer(
    planned: &PlanItem,
    run: &RunState,
    item: Option<&Item>,
) -> (Outcome, Option<String>) {
    let given: &[Answer] = run.answers.get(&planned.item).map_or(&[], Vec::as_slice);
    let counting = given.iter().filter(|answer| answer.counts);
    if counting.clone().any(|answer| answer.item_sha256() != planned.item_sha256) {
        let why = "the item was edited after the run was opened, and answered in its new form";
        return (Outcome::Pending, Some(why.to_owned()));
    }
    let worst = |machine: bool| {
        counting
            .clone()
            .filter(|answer| matches!(answer.given, Given::Machine(_)) == machine)
            .max_by_key(|answer| answer.outcome())
    };
    let (machine, person) = (worst(true), worst(false));
    // What waits for other items was not looked at by anybody.
    let was_run = counting.clone().all(|answer| match &answer.given {
        Given::Machine(result) => result.was_run(),
        Given::Person(_) => true,
    });
    let checked = item.is_none_or(Item::is_checked);
    let outcome = match (machine, person) {
        (None, None) => Outcome::Pending,
        (Some(result), None) => result.outcome(),
        (None, Some(word)) if checked && word.outcome() == Outcome::Pass => Outcome::Pending,
        (None, Some(word)) => word.outcome(),
        (Some(result), Some(word))
            if result.outcome() == Outcome::Pending && was_run && word.after_checks =>
        {
            word.outcome()
        }
        (Some(result), Some(word)) => result.outcome().max(word.outcome()),
    };
    let said = |answer: Option<&Answer>| match answer.map(|answer| &answer.given) {
        Some(Given::Machine(result)) if result.outcome == outcome => why(result),
        Some(Given::Person(word)) if word.outcome == outcome && !word.note.is_empty() => {
            Some(word.note.clone())
        }
        _ => None,
    };
    (outcome, said(machine).or_else(|| said(person)))
}

/// The first expectation that did not hold, or why the check could not be evaluated; of several checks
/// on several targets with the one that it is about.
pub fn why(result: &ItemResult) -> Option<String> {
    let skipped = result.outcome == Outcome::Skipped;
    let checks = result.checks.iter().filter(|check| skipped || !check.is_not_applicable());
    let about = |check: &CheckResult, text: String| match &check.target {
        Some(target) if result.checks.len() > 1 => format!("{target}: {text}"),
        _ => text,
    };
    let message = checks.clone().find_map(|check| Some(about(check, check.message.clone()?)));
    let steps = checks.flat_map(|check| check.steps.iter().map(move |step| (check, step)));
    let first = |held: Option<bool>| {
        steps.clone().find_map(|(check, step)| {
            let mut all = step.expect.iter().filter(|expect| expect.held == held);
            // A command that fails says why; what it would have printed is missing for that.
            let exit = all.clone().find(|expect| expect.text.starts_with("exit "));
            Some((check, exit.or_else(|| all.next())?))
        })
    };
    let unheld = first(Some(false)).or_else(|| first(None)).map(|(check, expect)| {
        let more = check.message.iter().map(|message| format!("; {message}")).collect::<String>();
        about(check, format!("expected {}, saw {}{more}", expect.text, expect.observed))
    });
    if result.outcome == Outcome::Error { message.or(unheld) } else { unheld.or(message) }
}
