//! Where a run stands, by the ledger and against the work tree.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::checklist::{self, Checklist, Item, Role};
use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::judge::{self, Call, ItemFact, Verdict};
use crate::ledger::record::PlanItem;
use crate::ledger::state::{self, Given, RunState};
use crate::ledger::{Ledger, Stored};
use crate::outcome::Outcome;
use crate::said;
use crate::said::Said;
use crate::sign::Decision;
use crate::standing::{Heard, Hearing};
use crate::{files, standing};

use super::home::location;
use super::past::Past;
use super::rules::{self, Ruling};
use super::since::{self, Looser};
use super::{Failure, Home};

/// Where a run stands.
#[derive(Debug)]
pub struct Standing {
    /// The run, as the ledger tells it.
    pub run: RunState,
    /// The checklist that it was opened with.
    pub checklist: Arc<Checklist>,
    /// The plan that it was opened with.
    pub plan: Vec<PlanItem>,
    /// What people said.
    pub hearing: Hearing,
    /// A verdict for each gate.
    pub verdicts: Vec<Verdict>,
    /// What was decided at each gate.
    pub decided: Vec<Option<Decided>>,
    /// The gate it speaks for.
    pub gate: usize,
    /// What it asks for less than the last run of its checklist that was decided.
    pub looser: Option<Looser>,
}

/// What people decided at a gate.
#[derive(Clone, Debug)]
pub struct Decided {
    /// GO or NO-GO; the worse of two that were made beside each other.
    pub call: Call,
    /// The entry.
    pub heard: Heard,
}

/// A ledger that is not there has no runs either, which is what the user asked for.
pub(super) fn with_runs(ledger: Result<Ledger, crate::ledger::Error>) -> Result<Ledger, Failure> {
    ledger.map_err(|error| if error.missing { no_run() } else { error.into() })
}

pub(super) fn no_run() -> Failure {
    Failure::usage("there is no run yet", "`holdpoint run CHECKLIST.md` opens one")
}

/// The run named so, else the newest.
pub(super) fn find_run(ledger: &Ledger, name: Option<&str>) -> Result<RunState, Failure> {
    let entries: Vec<&Stored> = ledger.entries().iter().collect();
    pick(state::runs(ledger.history(), &entries), name)
}

pub(super) fn pick(mut runs: Vec<RunState>, name: Option<&str>) -> Result<RunState, Failure> {
    let Some(name) = name else {
        return runs.pop().ok_or_else(|| {
            Failure::usage("there is no run yet", "`holdpoint run CHECKLIST.md` opens one")
        });
    };
    match runs.iter().position(|run| run.opened.run == name) {
        Some(at) => Ok(runs.swap_remove(at)),
        None => Err(no_such_run(name, runs.iter().rev().map(|run| run.opened.run.as_str()))),
    }
}

/// There is no run of this name; those that there are, the newest first.
pub(super) fn no_such_run<'r>(name: &str, newest: impl Iterator<Item = &'r str>) -> Failure {
    let names: Vec<&str> = newest.take(3).collect();
    let hint = if names.is_empty() {
        "there is none yet".to_owned()
    } else {
        format!("the newest are {}", names.join(", "))
    };
    Failure::usage(format!("there is no run `{name}`"), hint)
}

/// Where a run stands, held against the checklist as it is in the work tree now.
///
/// # Errors
/// When there is no such run, or its evidence is gone.
pub fn status(home: &Home, run: Option<&str>, gate: Option<&str>) -> Result<Standing, Failure> {
    status_and_rules(home, run, gate).map(|(standing, _)| standing)
}

/// The same, with the rules that hold.
///
/// # Errors
/// As [`status`].
pub fn status_and_rules(
    home: &Home,
    run: Option<&str>,
    gate: Option<&str>,
) -> Result<(Standing, Ruling), Failure> {
    let ledger = with_runs(Ledger::open_for(location(home), |told| since::needed(told, run)))?;
    let run = find_run(&ledger, run)?;
    let stale = edited(home, &ledger, &run)?;
    let run = run.opened.run;
    let standing = standing_of(&ledger, Some(&run), gate, &stale, None, home.clock.now())?;
    Ok((standing, rules::of(home, &ledger)))
}

/// What of the checklist in the work tree differs from the one that the run was opened with.
pub(super) fn edited(home: &Home, ledger: &Ledger, run: &RunState) -> Result<Vec<Said>, Failure> {
    let path = home.root.join(&run.opened.checklist.path);
    let Ok(bytes) = files::read(&path, checklist::LIMIT as u64) else {
        let path = &run.opened.checklist.path;
        return Ok(vec![said!("checklist `{}` cannot be read any more", path)]);
    };
    if Digest::of(&bytes) == run.opened.checklist.sha256 {
        return Ok(Vec::new());
    }
    let now = match checklist::read(&run.opened.checklist.path, &bytes) {
        Ok(reading) => reading.checklist,
        Err(error) => return Ok(vec![Said::from(error.to_string())]),
    };
    let plan = kept_plan(ledger, run)?;
    let same = |planned: &PlanItem| {
        let item = now.items.iter().find(|item| item.id == planned.item);
        item.is_some_and(|item| item.sha256 == planned.item_sha256)
    };
    let changed: Vec<&str> =
        plan.iter().filter(|item| !same(item)).map(|item| item.item.as_str()).collect();
    let added =
        now.items.iter().filter(|item| !plan.iter().any(|planned| planned.item == item.id)).count();
    let mut stale = Vec::new();
    if let Some(first) = changed.first() {
        stale.push(match changed.len() {
            1 => said!(
                "1 item was edited or removed since the run was opened, `{}`: open a new run",
                *first
            ),
            n => said!(
                "{} items were edited or removed since the run was opened, the first `{}`: open a new run",
                n,
                *first
            ),
        });
    }
    if added > 0 {
        stale.push(match added {
            1 => said!("1 item is new since the run was opened: open a new run"),
            n => said!("{} items are new since the run was opened: open a new run", n),
        });
    }
    let then = kept_checklist(ledger, run, None)?;
    if signing(&then) != signing(&now) {
        stale.push(said!("who signs was changed since the run was opened: open a new run"));
    }
    if (&then.front.params, &then.front.env) != (&now.front.params, &now.front.env) {
        let why =
            said!("parameters or variables were changed since the run was opened: open a new run");
        stale.push(why);
    }
    Ok(stale)
}

/// Each gate with the roles that sign there, and how many people.
fn signing(checklist: &Checklist) -> Vec<String> {
    let role = |role: &Role| format!("{} {}", role.slug, role.quorum);
    let gates = checklist.gates.iter().map(|gate| {
        let roles: Vec<String> = gate.roles.iter().map(role).collect();
        format!("{} {} {}", gate.name, gate.unreadable, roles.join(","))
    });
    gates.collect()
}

pub(super) fn kept_plan(ledger: &Ledger, run: &RunState) -> Result<Vec<PlanItem>, Failure> {
    let gone = || {
        Failure::ours(
            "the plan that the run was opened with is gone or changed; `holdpoint verify` shows what",
        )
    };
    let bytes = ledger.evidence(&run.opened.items_sha256).ok_or_else(gone)?;
    serde_json::from_slice(&bytes).map_err(|_| gone())
}

/// The checklist that the run was opened with, from its evidence; `known` is not read again where it
/// is the same.
pub(super) fn kept_checklist(
    ledger: &Ledger,
    run: &RunState,
    known: Option<&Arc<Checklist>>,
) -> Result<Arc<Checklist>, Failure> {
    let gone = || {
        Failure::ours(
            "the checklist that the run was opened with is gone or changed; `holdpoint verify` shows what",
        )
    };
    let bytes = ledger.evidence(&run.opened.checklist.sha256).ok_or_else(gone)?;
    let same = |known: &&Arc<Checklist>| {
        known.sha256 == run.opened.checklist.sha256
            && known.source.path == run.opened.checklist.path
    };
    if let Some(known) = known.filter(same) {
        return Ok(Arc::clone(known));
    }
    let reading = checklist::read(&run.opened.checklist.path, &bytes)
        .map_err(|error| Failure::ours(error.to_string()))?;
    Ok(reading.checklist)
}

pub(super) fn standing_of(
    ledger: &Ledger,
    run: Option<&str>,
    gate: Option<&str>,
    stale: &[Said],
    known: Option<&Arc<Checklist>>,
    now: Timestamp,
) -> Result<Standing, Failure> {
    let run = find_run(ledger, run)?;
    let rules = ledger.rules().rules;
    let hearing = Hearing::of(&run, &rules, ledger.history(), &ledger.proofs(&rules), now);
    let past = Past::of(ledger);
    if let Some(known) = known {
        past.reads(known);
    }
    standing_at(&past, None, run, hearing, gate, stale)
}

/// Where a run stands, among what `heads` know of, or of everything.
pub(super) fn standing_at(
    past: &Past<'_>,
    heads: Option<&[Digest]>,
    run: RunState,
    hearing: Hearing,
    gate: Option<&str>,
    stale: &[Said],
) -> Result<Standing, Failure> {
    let checklist = past.checklist(&run)?;
    let plan = kept_plan(past.ledger, &run)?;
    let verdicts = standing::verdicts(&run, &plan, &checklist, &hearing, stale);
    let decided = verdicts
        .iter()
        .map(|verdict| decision(past, &run, &plan, &checklist, &hearing, &verdict.gate))
        .collect();
    let gate = standing::speaking(&verdicts, gate).ok_or_else(|| {
        let gates: Vec<&str> = verdicts.iter().map(|verdict| verdict.gate.as_str()).collect();
        no_gate(gate.unwrap_or_default(), &gates)
    })?;
    let looser = since::looser(past, heads, &run, &plan, &checklist, &hearing);
    Ok(Standing { run, checklist, plan, hearing, verdicts, decided, gate, looser })
}

/// So many decisions of a gate are looked at.
const MOST: usize = 16;

/// What was decided at a gate: a decision counts only if the verdict that it names is what the ledger says for the
/// entry that the signer saw last.
pub(super) fn decision(
    past: &Past<'_>,
    run: &RunState,
    plan: &[PlanItem],
    checklist: &Checklist,
    hearing: &Hearing,
    gate: &str,
) -> Option<Decided> {
    let gate = checklist.gates.iter().find(|known| known.name == gate)?;
    let is_true = |heard: &&Heard| {
        let statement = heard.statement();
        // Not as of an earlier time than others had reached, whatever the signer claims.
        let at = statement.at.max(past.entry(&statement.head)?.entry.at);
        let (then, hearing) = past.heard(&[statement.head], &run.opened.run, at)?;
        let verdicts = standing::verdicts(&then, plan, checklist, &hearing, &[]);
        let verdict = verdicts.iter().find(|verdict| verdict.gate == gate.name)?;
        Some(statement.verdict.as_deref() == Some(verdict.call.word()))
    };
    let call = |heard: &Heard| match heard.statement().decision {
        Some(Decision::Go) => Call::Go,
        _ => Call::NoGo,
    };
    let counting = hearing.decisions(gate).take(MOST).filter(|heard| is_true(heard) == Some(true));
    let decided = counting.map(|heard| Decided { call: call(heard), heard: heard.clone() });
    decided.max_by_key(|decided| decided.call == Call::NoGo)
}

pub(super) fn no_gate(name: &str, gates: &[&str]) -> Failure {
    let gates: Vec<String> = gates.iter().map(|gate| format!("`{gate}`")).collect();
    Failure::usage(format!("there is no gate `{name}`"), format!("it has {}", gates.join(", ")))
}

impl Standing {
    /// The verdict of the gate that it speaks for.
    pub fn verdict(&self) -> &Verdict {
        &self.verdicts[self.gate]
    }

    /// What was decided at each gate, in their order.
    pub fn decisions(&self) -> Vec<Option<(Call, &Heard)>> {
        let decided = self.decided.iter().map(Option::as_ref);
        decided.map(|one| one.map(|decided| (decided.call, &decided.heard))).collect()
    }

    /// What was decided at the gate that it speaks for.
    pub fn decision(&self) -> Option<&Decided> {
        self.decided.get(self.gate)?.as_ref()
    }

    /// How long its checks took that count, in milliseconds.
    pub fn in_checks(&self) -> i64 {
        let results = self.run.answers.values().flatten().filter(|answer| answer.counts);
        let times = results.filter_map(|answer| match &answer.given {
            Given::Machine(result) => Some(result.ms),
            Given::Person(_) => None,
        });
        times.fold(0, i64::saturating_add)
    }

    /// What each item of the checklist comes to, in its order.
    pub fn outcomes(&self) -> Vec<Outcome> {
        let known: BTreeMap<&str, Outcome> =
            self.items().map(|(planned, _, outcome, _)| (planned.item.as_str(), outcome)).collect();
        let of = |item: &Item| known.get(item.id.as_str()).copied().unwrap_or(Outcome::Pending);
        self.checklist.items.iter().map(of).collect()
    }

    /// Each item of the plan with what it comes to, parents by their children, and why.
    pub fn items(&self) -> impl Iterator<Item = (&PlanItem, Option<&Item>, Outcome, Option<Said>)> {
        let facts: Vec<ItemFact> =
            standing::item_facts(&self.run, &self.plan, &self.checklist, &self.hearing);
        let outcomes = judge::effective(&facts);
        let known: BTreeMap<&str, &Item> =
            self.checklist.items.iter().map(|item| (item.id.as_str(), item)).collect();
        self.plan.iter().zip(facts).zip(outcomes).map(move |((planned, fact), outcome)| {
            (planned, known.get(planned.item.as_str()).copied(), outcome, fact.detail)
        })
    }
}
