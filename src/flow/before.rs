//! The runs of a checklist before one, as a report shows them: each as it stood at its newest entry among those that the
//! report knows of, by the rules that held then.

use std::collections::BTreeMap;

use crate::digest::Digest;
use crate::judge::Call;
use crate::ledger::record::{Body, RunOpened};
use crate::report::Earlier;
use crate::standing::{self, Hearing};

use super::past::{Begun, Past};
use super::stand::kept_plan;
use super::{Failure, Standing};

/// So many runs before one are shown, the newest.
const MOST: usize = 19;

/// Runs of the same checklist that were opened before one, among what `head` knows of; oldest first.
pub(super) fn earlier(past: &Past<'_>, head: &Digest, run: &str) -> Vec<Earlier> {
    let known = past.ledger.history().known_to(head);
    let Some(this) = past.place(run).map(|at| &past.runs()[at]) else { return Vec::new() };
    // By what they say themselves: the order of lines may change when branches are joined.
    let begin = |begun: &Begun<'_>| {
        let (id, at, opened) = opened(begun)?;
        known.contains(&id).then(|| (at, opened.run.clone()))
    };
    let Some(now) = begin(this) else { return Vec::new() };
    let alike = past.runs().iter().filter(|begun| begun.checklist == this.checklist);
    let mut before: Vec<_> = alike
        .filter_map(|begun| Some((begin(begun)?, begun)))
        .filter(|(begin, _)| *begin < now)
        .collect();
    before.sort_by(|(one, _), (other, _)| one.cmp(other));
    let newest = before.split_off(before.len().saturating_sub(MOST));
    newest.into_iter().filter_map(|(_, begun)| one(past, head, begun)).collect()
}

fn opened<'l>(begun: &Begun<'l>) -> Option<(Digest, crate::clock::Timestamp, &'l RunOpened)> {
    begun.entries.iter().find_map(|stored| match &stored.entry.body {
        Body::RunOpened(opened) => Some((stored.id, stored.entry.at, &**opened)),
        _ => None,
    })
}

fn one(past: &Past<'_>, head: &Digest, begun: &Begun<'_>) -> Option<Earlier> {
    let heads = past.heads_below(Some(head), begun.name);
    if let Some(known) = past.judged.borrow().get(&(begun.name.to_owned(), heads.clone())) {
        return Some(known.clone());
    }
    let (_, at, opened) = opened(begun)?;
    let mut earlier = Earlier {
        run: opened.run.clone(),
        release: opened.release.clone(),
        environment: opened.environment.clone(),
        at,
        call: Call::Hold,
        gone: true,
        took: 0,
        outcomes: Default::default(),
    };
    // Of a run whose evidence is gone nobody can say more.
    if let Ok(stood) = stood(past, &heads, begun.name) {
        let items = stood.items();
        let items = items
            .map(|(planned, _, outcome, _)| (planned.item.clone(), (planned.item_sha256, outcome)));
        earlier.outcomes = std::rc::Rc::new(items.collect::<BTreeMap<_, _>>());
        earlier.at = stood.run.last_at;
        earlier.call = stood.verdict().call;
        earlier.took = stood.in_checks();
        earlier.gone = false;
    }
    past.judged.borrow_mut().insert((begun.name.to_owned(), heads), earlier.clone());
    Some(earlier)
}

/// Where a run stood when `heads` were its newest entries, without what people decided.
fn stood(past: &Past<'_>, heads: &[Digest], name: &str) -> Result<Standing, Failure> {
    let gone = || Failure::ours("there is no such run");
    let run = past.run(heads, name).ok_or_else(gone)?;
    let (checklist, plan) = (past.checklist(&run)?, kept_plan(past.ledger, &run)?);
    let book = past.rules(heads);
    let history = past.ledger.history();
    let hearing = Hearing::of(&run, &book.rules, history, &book.proofs, run.last_at);
    let verdicts = standing::verdicts(&run, &plan, &checklist, &hearing, &[]);
    let gate = standing::speaking(&verdicts, None).ok_or_else(gone)?;
    let (decided, looser) = Default::default();
    Ok(Standing { run, checklist, plan, hearing, verdicts, decided, gate, looser })
}
