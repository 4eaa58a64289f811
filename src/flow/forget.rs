//! Evidence that has to go: who may say so, what cannot be let go, and when the bytes are deleted.
//!
//! A piece goes when every entry that names it does so in a run whose `forgotten` knows of it and counts. The rules
//! that hold now decide what counts; who has the right says it again where it does no more.

use std::collections::{BTreeMap, BTreeSet};

use crate::digest::Digest;
use crate::ledger::naming::{Naming, namings};
use crate::ledger::{Known, Ledger, Stored, state};
use crate::sign::{Act, Statement};
use crate::standing::Hearing;

use super::draft::{Desk, Draft, Form, Pen, role_of};
use super::evidence::{find, short};
use super::home::location;
use super::stand::with_runs;
use super::{Failure, Home};

/// What became of a piece of evidence that somebody let go.
#[derive(Clone, Debug, Default)]
pub(super) struct Lot {
    /// `by Alice Adams (qa-lead): reason`.
    pub(super) told: String,
    /// The entries that say so.
    pub(super) said: BTreeSet<Digest>,
    /// Runs that name it and did not let it go, or where that cannot be: it is still needed.
    pub(super) still: BTreeSet<String>,
}

/// What came of asking for evidence to be forgotten.
#[derive(Debug)]
pub enum Forgetting {
    /// It can be recorded.
    Ready(Box<Draft>),
    /// That was said before; whether bytes were there, and are gone now.
    Said(bool),
}

/// Every piece of evidence that somebody let go, and had a right to.
pub(super) fn lots(home: &Home, ledger: &Ledger) -> BTreeMap<Digest, Lot> {
    let rules = ledger.rules().rules;
    let entries: Vec<&Stored> = ledger.entries().iter().collect();
    let runs = state::runs(ledger.history(), &entries);
    let forgets = |run: &&state::RunState| {
        run.spoken.iter().any(|spoken| spoken.statement.act == Act::Forgotten)
    };
    let (proofs, now) = (ledger.proofs(&rules), home.clock.now());
    let hearings: Vec<Hearing> = runs
        .iter()
        .filter(forgets)
        .map(|run| Hearing::of(run, &rules, ledger.history(), &proofs, now))
        .collect();
    lots_of(ledger, &hearings)
}

/// The same, from what was said in each run.
pub(super) fn lots_of(ledger: &Ledger, hearings: &[Hearing]) -> BTreeMap<Digest, Lot> {
    let mut said: BTreeMap<Digest, Vec<Said<'_>>> = BTreeMap::new();
    for heard in hearings.iter().flat_map(Hearing::forgotten) {
        let statement = heard.statement();
        for digest in statement.evidence.iter().flatten() {
            let known = ledger.history().known_to(&statement.head);
            said.entry(*digest).or_default().push(Said { id: heard.spoken.id, statement, known });
        }
    }
    if said.is_empty() {
        return BTreeMap::new();
    }
    let named =
        namings(ledger.entries(), |digest| said.contains_key(digest), |one| ledger.evidence(one));
    let lot = |(digest, said): (Digest, Vec<Said<'_>>)| {
        let namings = named.get(&digest)?;
        let counting: Vec<&Said<'_>> =
            said.iter().filter(|said| namings.iter().any(|naming| said.covers(naming))).collect();
        let still = namings.iter().filter(|naming| !said.iter().any(|said| said.covers(naming)));
        let still =
            still.map(|naming| naming.run.clone().unwrap_or_else(|| "the policy".to_owned()));
        let told = told(counting.first()?.statement);
        let said = counting.iter().map(|said| said.id).collect();
        Some((digest, Lot { told, said, still: still.collect() }))
    };
    said.into_iter().filter_map(lot).collect()
}

/// A `forgotten` that counts.
struct Said<'a> {
    id: Digest,
    statement: &'a Statement,
    known: Known<'a>,
}

impl Said<'_> {
    /// It lets go what this entry names: knowing of it, in its run, and nothing that a verdict stands on.
    fn covers(&self, naming: &Naming) -> bool {
        naming.purpose.may_go()
            && self.statement.run == naming.run
            && self.known.contains(&naming.entry)
    }
}

/// By whom, and why.
fn told(statement: &Statement) -> String {
    let Statement { name, role, at, reason, .. } = statement;
    format!("by {name} ({role}) at {at}: {reason}")
}

/// Drafts that a piece of evidence has to go; where that was said before, its bytes are deleted.
///
/// # Errors
/// When there is no such piece, a verdict stands on it, it is not clear in which run, or it would not count.
pub fn forget(
    home: &Home,
    name: &str,
    run: Option<&str>,
    pen: &Pen,
) -> Result<Forgetting, Failure> {
    let ledger = with_runs(Ledger::open(location(home)))?;
    let digest = find(&ledger, name)?;
    let named = namings(ledger.entries(), |one| *one == digest, |one| ledger.evidence(one));
    let named = named.get(&digest).map_or(&[][..], Vec::as_slice);
    may_go(&digest, named)?;
    let lot = lots(home, &ledger).remove(&digest);
    let open: BTreeSet<&str> = named
        .iter()
        .filter_map(|naming| naming.run.as_deref())
        .filter(|run| lot.as_ref().is_none_or(|lot| lot.still.contains(*run)))
        .collect();
    if open.is_empty() {
        return Ok(Forgetting::Said(ledger.let_go(&digest)?));
    }
    if pen.reason.trim().is_empty() {
        return Err(Failure::usage("it takes a reason", "give it with `--reason`"));
    }
    let run = in_run(&open, run)?.to_owned();
    let desk = Desk::at(home, Some(&run), None)?;
    let role = role_of(pen, &desk.rules.policy.forget, "have evidence forgotten")?;
    if desk.rules.has_keys() && pen.key.is_none() {
        return Err(Failure::usage("this takes a signature", "name your `--key`"));
    }
    let evidence = Some(vec![digest]);
    let statement = Statement { evidence, ..desk.statement(Act::Forgotten, role, pen)? };
    desk.draft(statement, pen, Form::Said).map(|draft| Forgetting::Ready(Box::new(draft)))
}

/// Nothing goes that a verdict stands on, or that nobody can tell what it is.
fn may_go(digest: &Digest, named: &[Naming]) -> Result<(), Failure> {
    let short = short(digest);
    if named.is_empty() {
        let why = format!("no entry names evidence {short}: nobody can tell what it is");
        let hint = "what is unnamed proves nothing; it is left to you";
        return Err(Failure::usage(why, hint));
    }
    let Some(bound) = named.iter().find(|naming| !naming.purpose.may_go()) else { return Ok(()) };
    let of = bound.run.as_ref().map(|run| format!(" of run `{run}`")).unwrap_or_default();
    Err(Failure::usage(
        format!("evidence {short} is the {}{of}: it cannot be forgotten", bound.purpose.word()),
        "only what checks wrote and what people showed can",
    ))
}

fn in_run<'r>(open: &BTreeSet<&'r str>, asked: Option<&str>) -> Result<&'r str, Failure> {
    let names: Vec<String> = open.iter().map(|run| format!("`{run}`")).collect();
    let mut runs = open.iter().filter(|run| asked.is_none_or(|asked| asked == **run));
    match (runs.next(), runs.next()) {
        (Some(run), None) => Ok(run),
        (None, _) => Err(Failure::usage(
            format!("run `{}` does not name it, or has forgotten it", asked.unwrap_or_default()),
            format!("name one of these: {}", names.join(", ")),
        )),
        (Some(_), Some(_)) => Err(Failure::usage(
            format!("{} runs name it, and each has to forget it", open.len()),
            format!("say which with `--run`: {}", names.join(", ")),
        )),
    }
}

/// Deletes what every run that names it has let go.
pub(super) fn sweep(home: &Home, ledger: &Ledger, digests: &[Digest]) -> Result<(), Failure> {
    let lots = lots(home, ledger);
    for digest in digests {
        match lots.get(digest) {
            Some(lot) if lot.still.is_empty() => {
                ledger.let_go(digest)?;
            }
            Some(lot) => {
                let runs: Vec<String> = lot.still.iter().map(|run| format!("`{run}`")).collect();
                let (short, runs) = (short(digest), runs.join(", "));
                home.notices.add(format!("evidence {short} is kept: {runs} names it too"));
            }
            None => {
                return Err(Failure::ours(
                    "this was recorded, and does not count: nothing was deleted",
                ));
            }
        }
    }
    Ok(())
}
