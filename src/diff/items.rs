//! Items of two runs, by their identities.

use std::collections::BTreeMap;

use super::{Change, ItemChange, Kind, Side, seen};
use crate::checklist::{Checklist, Item};
use crate::ledger::record::PlanItem;
use crate::outcome::Outcome;
use crate::said;
use crate::said::Said;

/// Items of more lines than this are not compared line by line.
const LINES: usize = 2_000;

/// One item on one side.
#[derive(Clone, Copy)]
struct Known<'a> {
    item: &'a Item,
    outcome: Outcome,
    planned: Option<&'a PlanItem>,
}

/// The items that differ, and how many do not.
pub(super) fn items(from: &Side<'_>, to: &Side<'_>) -> (Vec<ItemChange>, usize) {
    let (before, now) = (known(from), known(to));
    let mut all: Vec<ItemChange> = Vec::new();
    for item in &to.checklist.items {
        let id = item.id.as_str();
        let changed = match (before.get(id), now.get(id)) {
            (Some(then), Some(now)) => change(from, to, then, now),
            (None, Some(now)) => Some(alone(now, Kind::Added)),
            _ => None,
        };
        all.extend(changed);
    }
    let unchanged = to.checklist.items.len() - all.len();
    let gone = from.checklist.items.iter().filter(|item| !now.contains_key(item.id.as_str()));
    let gone = gone.filter_map(|item| before.get(item.id.as_str()));
    all.extend(gone.map(|then| alone(then, Kind::Removed)));
    // In the order of the document where they weigh the same.
    all.sort_by_key(|item| item.kind);
    (all, unchanged)
}

fn known<'a>(side: &'a Side<'_>) -> BTreeMap<&'a str, Known<'a>> {
    let planned: BTreeMap<&str, &PlanItem> =
        side.plan.iter().map(|item| (item.item.as_str(), item)).collect();
    let items = side.checklist.items.iter().zip(&side.outcomes);
    items
        .map(|(item, outcome)| {
            let planned = planned.get(item.id.as_str()).copied();
            (item.id.as_str(), Known { item, outcome: *outcome, planned })
        })
        .collect()
}

fn alone(known: &Known<'_>, kind: Kind) -> ItemChange {
    let outcome = Some(word(known.outcome));
    let (from, to) = if kind == Kind::Added { (None, outcome) } else { (outcome, None) };
    ItemChange {
        item: known.item.id.clone(),
        text: known.item.text.clone(),
        line: known.item.line,
        required: is_required(known),
        kind,
        changes: Change::of(said!("outcome"), from, to).into_iter().collect(),
        edit: String::new(),
        seen: Vec::new(),
    }
}

fn change(from: &Side<'_>, to: &Side<'_>, then: &Known<'_>, now: &Known<'_>) -> Option<ItemChange> {
    let outcome = Change::between(said!("outcome"), word(then.outcome), word(now.outcome));
    let text = Change::between(said!("text"), &then.item.text, &now.item.text);
    let asked = Change::between(said!("asked"), asked(then.planned), asked(now.planned));
    let edited = then.item.sha256 != now.item.sha256;
    let (said, seen) = seen::seen(from, to, &now.item.id);
    let kind = match now.outcome.cmp(&then.outcome) {
        std::cmp::Ordering::Greater => Kind::Worse,
        std::cmp::Ordering::Less => Kind::Better,
        _ if edited || text.is_some() || asked.is_some() => Kind::Edited,
        _ if said.is_some() || !seen.is_empty() => Kind::Seen,
        _ => return None,
    };
    let edit = if edited {
        edit(from.checklist, then.item, to.checklist, now.item)
    } else {
        String::new()
    };
    Some(ItemChange {
        item: now.item.id.clone(),
        text: now.item.text.clone(),
        line: now.item.line,
        required: is_required(now),
        kind,
        changes: [outcome, text, asked, said].into_iter().flatten().collect(),
        edit,
        seen,
    })
}

fn word(outcome: Outcome) -> Said {
    Said::word(outcome.word())
}

/// A gate asks for it.
fn is_required(known: &Known<'_>) -> bool {
    known.planned.is_some_and(|planned| planned.required && planned.gate.is_some())
}

/// What is asked of an item, and where.
fn asked(planned: Option<&PlanItem>) -> Said {
    let Some(planned) = planned else { return said!("not in the plan") };
    match (planned.required, &planned.gate) {
        (true, Some(gate)) => said!("required at `{}`", gate),
        (false, Some(gate)) => said!("optional at `{}`", gate),
        (true, None) => said!("required, on standby"),
        (false, None) => said!("optional, on standby"),
    }
}

/// An item's own lines as a unified diff.
fn edit(from: &Checklist, then: &Item, to: &Checklist, now: &Item) -> String {
    let (before, after) = (lines(from, then), lines(to, now));
    if before.lines().count().max(after.lines().count()) > LINES {
        return format!("more than {LINES} lines: not compared\n");
    }
    let diff = similar::TextDiff::from_lines(&before, &after);
    diff.unified_diff().context_radius(2).to_string()
}

fn lines(checklist: &Checklist, item: &Item) -> String {
    let text = |span: &crate::source::Span| checklist.source.text.get(span.start..span.end);
    let all: String = item.spans.iter().filter_map(text).collect();
    all.replace("\r\n", "\n")
}
