//! Who answered an item, and what its checks saw: expectation by expectation.

use super::{Change, Side};
use crate::ledger::state::{Answer, Given};
use crate::outcome::{CheckResult, ExpectResult, StepResult};
use crate::said;
use crate::said::Said;

/// So many changes of one item are told.
const MOST: usize = 100;

/// What differs in who answered an item, and in what its checks saw.
pub(super) fn seen(from: &Side<'_>, to: &Side<'_>, item: &str) -> (Option<Change>, Vec<Change>) {
    let (then, now) = (answers(from, item), answers(to, item));
    let said = Change::of(said!("answered by"), then.person.map(said), now.person.map(said));
    let (Some(then), Some(now)) = (then.machine, now.machine) else { return (said, Vec::new()) };
    let (Some(then), Some(now)) = (checks(from, then), checks(to, now)) else {
        let gone = Change { name: said!("evidence that is not there"), from: None, to: None };
        return (said, vec![gone]);
    };
    let mut all = Vec::new();
    for (at, check) in now.iter().enumerate() {
        match then.get(at) {
            Some(before) => compare(before, check, &mut all),
            None => all.push(Change {
                name: said!("{} check", &check.kind),
                from: None,
                to: Some(said!("was run")),
            }),
        }
    }
    all.extend(then.iter().skip(now.len()).map(|check| Change {
        name: said!("{} check", &check.kind),
        from: Some(said!("was run")),
        to: None,
    }));
    all.truncate(MOST);
    (said, all)
}

/// The answers that count: of several results the worst, of several words the last.
#[derive(Default)]
struct Answers<'a> {
    machine: Option<&'a Answer>,
    person: Option<&'a Answer>,
}

fn answers<'a>(side: &'a Side<'_>, item: &str) -> Answers<'a> {
    let given = side.run.answers.get(item).map_or(&[][..], Vec::as_slice);
    let is_machine = |answer: &&Answer| matches!(answer.given, Given::Machine(_));
    let (machine, people): (Vec<&Answer>, Vec<&Answer>) =
        given.iter().filter(|answer| answer.counts).partition(is_machine);
    let machine = machine.into_iter().max_by_key(|answer| answer.outcome());
    Answers { machine, person: people.last().copied() }
}

fn said(answer: &Answer) -> Said {
    let Given::Person(word) = &answer.given else { return Said::from("") };
    let name = word.statement.as_ref().map_or(&answer.by, |statement| &statement.name);
    let said = said!("{}, {}", name, Said::word(word.outcome.word()));
    match word.note.as_str() {
        "" => said,
        note => said!("{}: {}", said, note),
    }
}

fn checks(side: &Side<'_>, answer: &Answer) -> Option<Vec<CheckResult>> {
    match &answer.given {
        Given::Machine(result) => (side.checks)(result),
        Given::Person(_) => None,
    }
}

fn compare(then: &CheckResult, now: &CheckResult, all: &mut Vec<Change>) {
    let kind = &now.kind;
    all.extend(Change::between(said!("kind"), &then.kind, kind));
    let target = |check: &CheckResult| check.target.as_ref().map(Said::from);
    let message = |check: &CheckResult| check.message.clone().map(Said::Seen);
    all.extend(Change::of(said!("target"), target(then), target(now)));
    all.extend(Change::of(said!("{} check", kind), message(then), message(now)));
    let steps = then.steps.len().max(now.steps.len()).min(MOST);
    for at in 0..steps {
        match (then.steps.get(at), now.steps.get(at)) {
            (Some(then), Some(now)) => step(kind, then, now, all),
            (None, Some(step)) => all.extend(reached(step, false)),
            (Some(step), None) => all.extend(reached(step, true)),
            (None, None) => {}
        }
    }
}

/// A step that only one of the two came to.
fn reached(step: &StepResult, before: bool) -> Option<Change> {
    let was = Some(said!("reached"));
    let (from, to) = if before { (was, None) } else { (None, was) };
    Change::of(Said::from(&step.title), from, to)
}

fn step(kind: &str, then: &StepResult, now: &StepResult, all: &mut Vec<Change>) {
    let held = |expect: &ExpectResult| held(kind, expect);
    let exit = |step: &StepResult| match step.exit {
        Some(exit) => Said::Seen(format!("exit {exit}")),
        None => Said::Seen("no end seen".to_owned()),
    };
    all.extend(Change::between(said!("command"), &then.title, &now.title));
    all.extend(Change::between(Said::from(&now.title), exit(then), exit(now)));
    let same = |text: &str, step: &StepResult| {
        step.expect.iter().find(|expect| expect.text == text).map(&held)
    };
    for expect in now.expect.iter().take(MOST) {
        all.extend(Change::of(
            Said::from(&expect.text),
            same(&expect.text, then),
            Some(held(expect)),
        ));
    }
    let gone = then.expect.iter().take(MOST).filter(|expect| same(&expect.text, now).is_none());
    all.extend(
        gone.filter_map(|expect| Change::of(Said::from(&expect.text), Some(held(expect)), None)),
    );
}

fn held(kind: &str, expect: &ExpectResult) -> Said {
    let word = match expect.held {
        Some(true) => said!("held"),
        Some(false) => said!("did not hold"),
        None => said!("not evaluated"),
    };
    match expect.observed.as_str() {
        "" => word,
        _ => said!("{}, observed {}", word, expect.seen(kind)),
    }
}
