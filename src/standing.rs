//! Where a run stands: what the ledger says of it, held against its plan, as facts to judge.
//!
//! Items, gates and what is required are those of the plan kept when the run was opened; an answer
//! counts only if it was given to the item's text and blocks as they were then.

use std::collections::BTreeMap;

use crate::checklist::{Checklist, Item};
use crate::clock::{Timestamp, Window};
use crate::digest::Digest;
use crate::judge::{self, Facts, ItemFact, Verdict};
use crate::ledger::record::{ItemResult, PlanItem};
use crate::ledger::state::{Answer, Given, RunState};
use crate::outcome::{CheckResult, Outcome};
use crate::said;
use crate::said::Said;

mod hearing;
pub mod looser;
mod rights;
pub mod threshold;

pub use hearing::{Heard, Hearing, Voice};
pub use rights::may_say;

/// The verdict of each gate of the run, in the order of the gates; at least one.
///
/// `checklist` is the one that the run was opened with; `stale` says in words why results cannot
/// count at all, if anything does.
pub fn verdicts(
    run: &RunState,
    plan: &[PlanItem],
    checklist: &Checklist,
    hearing: &Hearing,
    stale: &[Said],
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
        .map(|name| judge::verdict(&gate_facts(name, run, plan, checklist, &known, hearing, stale)))
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
pub fn item_facts(
    run: &RunState,
    plan: &[PlanItem],
    checklist: &Checklist,
    hearing: &Hearing,
) -> Vec<ItemFact> {
    let known: BTreeMap<&str, &Item> =
        checklist.items.iter().map(|item| (item.id.as_str(), item)).collect();
    let places: BTreeMap<&str, usize> =
        plan.iter().enumerate().map(|(at, item)| (item.item.as_str(), at)).collect();
    plan.iter()
        .map(|item| {
            let known = known.get(item.item.as_str()).copied();
            item_fact(item, run, checklist, known, &places, hearing)
        })
        .collect()
}

fn gate_facts(
    name: &str,
    run: &RunState,
    plan: &[PlanItem],
    checklist: &Checklist,
    known: &BTreeMap<&str, &Item>,
    hearing: &Hearing,
    stale: &[Said],
) -> Facts {
    let planned: Vec<&PlanItem> =
        plan.iter().filter(|item| item.gate.as_deref() == Some(name)).collect();
    let places: BTreeMap<&str, usize> =
        planned.iter().enumerate().map(|(at, item)| (item.item.as_str(), at)).collect();
    let items = planned
        .iter()
        .map(|item| {
            let known = known.get(item.item.as_str()).copied();
            item_fact(item, run, checklist, known, &places, hearing)
        })
        .collect();
    let gate = checklist.gates.iter().find(|gate| gate.name == name);
    let mut stale = stale.to_vec();
    if let Err(why) = &hearing.rules {
        stale.push(said!("nobody can tell which rules hold: {}", why));
    }
    stale.extend(too_old(&planned, run, hearing));
    stale.extend(outside(run, hearing));
    if gate.is_none() {
        stale.push(said!("the checklist kept for this run has no gate `{}`", name));
    }
    Facts {
        gate: name.to_owned(),
        line: gate.map_or(1, |gate| gate.line),
        items,
        roles: gate.map_or_else(Vec::new, |gate| hearing.roles(gate)),
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
    hearing: &Hearing,
) -> ItemFact {
    let (outcome, detail) = answer(planned, run, item, hearing);
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
        accepted: outcome == Outcome::Skipped && is_accepted(given, hearing),
        applies: outcome != Outcome::Skipped || !given.iter().any(by_document),
        outcome,
        parent: item
            .and_then(|item| checklist.items.get(item.parent?))
            .and_then(|parent| places.get(parent.id.as_str()).copied()),
        detail,
    }
}

/// Every person who skipped an item may do so.
fn is_accepted(given: &[Answer], hearing: &Hearing) -> bool {
    let skipped = given.iter().filter(|answer| {
        answer.counts
            && answer.outcome() == Outcome::Skipped
            && matches!(answer.given, Given::Person(_))
    });
    skipped.clone().next().is_some() && skipped.clone().all(|answer| hearing.accepts(answer))
}

/// The first item whose answer is older than the policy allows.
fn too_old(planned: &[&PlanItem], run: &RunState, hearing: &Hearing) -> Option<Said> {
    let hours = hearing.rules.as_ref().ok()?.policy.max_age_hours?;
    let oldest = hearing.now.as_millis().saturating_sub(hours * 60 * 60 * 1000);
    let is_old = |answer: &Answer| answer.counts && answer.at.as_millis() < oldest;
    let given =
        |item: &PlanItem| run.answers.get(&item.item).is_some_and(|all| all.iter().any(is_old));
    let item = planned.iter().find(|item| given(item))?;
    Some(said!("the answer to `{}` is older than {} hours: run it again", &item.item, hours))
}

/// Why now is not a time at which the change may happen, where one is named.
fn outside(run: &RunState, hearing: &Hearing) -> Option<Said> {
    let text = run.opened.change.as_ref()?.window.as_deref()?;
    let Ok(Window { from, to }) = text.parse() else {
        return Some(said!("the window of the change cannot be read"));
    };
    match hearing.now {
        now if now < from => {
            Some(said!("the window of the change begins {}, and it is {}", from, now))
        }
        now if now > to => Some(said!("the window of the change ended {}, and it is {}", to, now)),
        _ => None,
    }
}

/// What the answers that count come to, and why.
///
/// A person's word answers a check only where the check itself asks for one (it was run, its result is
/// `pending`, and the word was given after it) or where it makes the answer worse; a pass never stands
/// over a failed check. What was taken back answers nothing, whatever stood before it; what was waived counts as
/// `waived`.
pub fn answer(
    planned: &PlanItem,
    run: &RunState,
    item: Option<&Item>,
    hearing: &Hearing,
) -> (Outcome, Option<Said>) {
    let given: &[Answer] = run.answers.get(&planned.item).map_or(&[], Vec::as_slice);
    let counting = given.iter().filter(|answer| answer.counts && !hearing.is_outlived(answer));
    if counting.clone().any(|answer| answer.item_sha256() != planned.item_sha256) {
        let why =
            said!("the item was edited after the run was opened, and answered in its new form");
        return (Outcome::Pending, Some(why));
    }
    let worst = |machine: bool| {
        counting
            .clone()
            .filter(|answer| matches!(answer.given, Given::Machine(_)) == machine)
            .map(|answer| (answer, hearing.outcome(answer, &planned.item)))
            .max_by_key(|(_, outcome)| *outcome)
    };
    let (machine, person) = (worst(true), worst(false));
    // What waits for other items was not looked at by anybody, and what was taken back is not there to be.
    let was_run = counting.clone().all(|answer| match &answer.given {
        Given::Machine(result) => result.was_run() && hearing.void_of(&answer.id).is_none(),
        Given::Person(_) => true,
    });
    let checked = item.is_none_or(Item::is_checked);
    let outcome = match (machine, person) {
        (None, None) => {
            match hearing.waiver(&planned.item, planned.item_sha256, None, Outcome::Pending) {
                Some(_) => Outcome::Waived,
                None => Outcome::Pending,
            }
        }
        (Some((_, result)), None) => result,
        // A failure that a person tells of a check that never ran can be waived as little as the check.
        (None, Some((_, word))) if checked && word <= Outcome::Waived => Outcome::Pending,
        (None, Some((_, word))) => word,
        (Some((result, Outcome::Pending)), Some((word, said)))
            if result.outcome() == Outcome::Pending && was_run && word.after_checks =>
        {
            said
        }
        (Some((_, result)), Some((_, word))) => result.max(word),
    };
    if outcome == Outcome::Waived {
        return (outcome, waived(&planned.item, planned.item_sha256, given, hearing));
    }
    let said = |answer: Option<(&Answer, Outcome)>| match answer.map(|(answer, _)| answer) {
        Some(answer) if hearing.void_of(&answer.id).is_some() => {
            Some(said!("its answer was taken back"))
        }
        Some(answer) => match &answer.given {
            Given::Machine(result) if result.outcome == outcome => why(result),
            Given::Person(word) if word.outcome == outcome && !word.note.is_empty() => {
                Some(Said::from(&word.note))
            }
            _ => None,
        },
        None => None,
    };
    let said = said(machine).or_else(|| said(person));
    match ended(planned, given, hearing).filter(|_| outcome >= Outcome::Pending) {
        Some(ended) => (outcome, Said::semicolons([Some(ended), said].into_iter().flatten())),
        None => (outcome, said),
    }
}

/// That a waiver of an item is over.
fn ended(planned: &PlanItem, given: &[Answer], hearing: &Hearing) -> Option<Said> {
    let counting = given.iter().filter(|answer| answer.counts).map(|answer| Some(answer.id));
    let ended = counting
        .chain([None])
        .filter_map(|result| hearing.ended_waiver(&planned.item, planned.item_sha256, result));
    let waiver = ended.map(|heard| heard.statement()).max_by_key(|waiver| waiver.until)?;
    let until = waiver.until.map(Timestamp::brief).unwrap_or_default();
    Some(said!("its waiver by {} ended at {}", Said::name(&waiver.name), until))
}

/// By whom an item was waived, and until when.
pub fn waived(
    item: &str,
    item_sha256: Digest,
    given: &[Answer],
    hearing: &Hearing,
) -> Option<Said> {
    let counting = given.iter().filter(|answer| answer.counts);
    let mut by_answer = counting
        .filter_map(|answer| hearing.waiver(item, item_sha256, Some(answer.id), answer.outcome()));
    let none = || hearing.waiver(item, item_sha256, None, Outcome::Pending);
    let waiver = by_answer.next_back().or_else(none)?.statement();
    let until = waiver.until.map(Timestamp::brief).unwrap_or_default();
    Some(said!(
        "by {} ({}) until {}: {}",
        Said::name(&waiver.name),
        &waiver.role,
        until,
        &waiver.reason
    ))
}

/// The first expectation that did not hold, or why the check could not be evaluated; of several checks
/// on several targets with the one that it is about.
pub fn why(result: &ItemResult) -> Option<Said> {
    let skipped = result.outcome == Outcome::Skipped;
    let checks = result.checks.iter().filter(|check| skipped || !check.is_not_applicable());
    let about = |check: &CheckResult, text: Said| match &check.target {
        Some(target) if result.checks.len() > 1 => said!("{}: {}", target, text),
        _ => text,
    };
    let message = |check: &CheckResult| Some(Said::Seen(check.message.clone()?));
    let first_message = checks.clone().find_map(|check| Some(about(check, message(check)?)));
    let steps = checks.flat_map(|check| check.steps.iter().map(move |step| (check, step)));
    let first = |held: Option<bool>| {
        steps.clone().find_map(|(check, step)| {
            let mut all = step.expect.iter().filter(|expect| expect.held == held);
            // A command that fails says why; what it would have printed is missing for that.
            let exit = all.clone().find(|expect| expect.text.starts_with("exit "));
            Some((check, exit.or_else(|| all.next())?))
        })
    };
    let unheld = first(Some(false)).or_else(|| first(None)).and_then(|(check, expect)| {
        let text = said!("expected {}, saw {}", &expect.text, expect.seen(&check.kind));
        let text = Said::semicolons([Some(text), message(check)].into_iter().flatten());
        text.map(|text| about(check, text))
    });
    if result.outcome == Outcome::Error {
        first_message.or(unheld)
    } else {
        unheld.or(first_message)
    }
}
