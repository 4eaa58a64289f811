//! What waits, what runs, and what has ended: which item may begin next.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::outcome::Outcome;
use crate::plan::{Plan, Planned, PlannedCheck};

use super::{Earlier, Stop, lock};

/// A stop that comes while all slots wait is seen this much later.
const TICK: Duration = Duration::from_millis(50);

/// The items of a run, on their way.
pub(super) struct Board<'p> {
    plan: &'p Plan,
    jobs: usize,
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    waiting: VecDeque<usize>,
    running: usize,
    /// Items between two attempts, which count as running neither here nor there.
    paused: usize,
    /// Of these, how many want to go on: they come before what has not begun.
    returning: usize,
    serial: bool,
    /// Items of each counted section that have not ended, by parent and place.
    sections: BTreeMap<(usize, usize), usize>,
    /// Items that have not ended.
    open: BTreeSet<usize>,
    /// What each item of the plan came to, as far as it is known.
    outcomes: Vec<Outcome>,
    /// Those that passed, or are not for this run.
    done: Vec<bool>,
    saved: BTreeMap<String, String>,
}

/// What an item begins with.
pub(super) struct Begin {
    pub(super) item: usize,
    /// Why its checks are not run, if so.
    pub(super) unmet: Option<String>,
    /// What items before it saved.
    pub(super) saved: BTreeMap<String, String>,
}

impl<'p> Board<'p> {
    pub(super) fn new(plan: &'p Plan, wanted: &[usize], jobs: usize, earlier: &Earlier) -> Self {
        let mut sections = BTreeMap::new();
        for &item in wanted {
            for &section in &plan.items[item].order {
                *sections.entry(section).or_insert(0) += 1;
            }
        }
        let known = |at: usize| earlier.outcomes.get(at).copied();
        let state = State {
            waiting: wanted.iter().copied().collect(),
            running: 0,
            paused: 0,
            returning: 0,
            serial: false,
            sections,
            open: wanted.iter().copied().collect(),
            outcomes: (0..plan.items.len())
                .map(|at| known(at).unwrap_or(Outcome::Pending))
                .collect(),
            done: (0..plan.items.len()).map(|at| earlier.done.contains(&at)).collect(),
            saved: earlier.saved.clone(),
        };
        Self { plan, jobs, state: Mutex::new(state), changed: Condvar::new() }
    }

    /// The next item that may begin; waits for one, and ends with `None`.
    pub(super) fn next(&self, stop: &Stop) -> Option<Begin> {
        let mut state = lock(&self.state);
        loop {
            if state.waiting.is_empty() || stop.is_asked() {
                return None;
            }
            if let Some(item) = state.take(self.plan, self.jobs) {
                let planned = &self.plan.items[item];
                let unmet = if planned.is_idle() { None } else { state.unmet(self.plan, item) };
                return Some(Begin { item, unmet, saved: state.saved.clone() });
            }
            let wait = self.changed.wait_timeout(state, TICK);
            state = wait.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// An item has ended. What it saved is there for others only if it passed.
    pub(super) fn ended(&self, item: usize, outcome: Outcome, saved: Vec<(String, String)>) {
        let mut state = lock(&self.state);
        state.running -= 1;
        state.serial = false;
        for section in &self.plan.items[item].order {
            if let Some(count) = state.sections.get_mut(section) {
                *count -= 1;
                if *count == 0 {
                    state.sections.remove(section);
                }
            }
        }
        state.open.remove(&item);
        state.outcomes[item] = outcome;
        // Checks alone skip an item only where the document has none of them for this run.
        state.done[item] = matches!(outcome, Outcome::Pass | Outcome::Skipped);
        if outcome == Outcome::Pass {
            state.saved.extend(saved);
        }
        drop(state);
        self.changed.notify_all();
    }

    /// Lets others run for so long. False when a stop was asked for meanwhile.
    pub(super) fn pause(&self, item: usize, time: Duration, stop: &Stop) -> bool {
        // Nothing runs beside a serial item, between its attempts neither.
        let alone = is_serial(&self.plan.items[item]);
        let until = Instant::now() + time;
        let mut state = lock(&self.state);
        if !alone {
            state.running -= 1;
            state.paused += 1;
            self.changed.notify_all();
        }
        let mut returning = false;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if stop.is_asked() {
                break;
            }
            if left.is_zero() {
                if alone || state.running < self.jobs && !state.serial {
                    break;
                }
                state.returning += usize::from(!std::mem::replace(&mut returning, true));
            }
            let wait = if left.is_zero() { TICK } else { left.min(TICK) };
            let waited = self.changed.wait_timeout(state, wait);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        if !alone {
            state.returning -= usize::from(returning);
            state.paused -= 1;
            state.running += 1;
        }
        !stop.is_asked()
    }
}

impl State {
    fn take(&mut self, plan: &Plan, jobs: usize) -> Option<usize> {
        if self.serial || self.running >= jobs || self.returning > 0 {
            return None;
        }
        let due = self.waiting.iter().position(|&item| self.is_due(plan, item));
        // Where all wait for each other, none may: the first is told what it waits for.
        let stuck = self.running == 0 && self.paused == 0;
        let at = due.or_else(|| stuck.then_some(0))?;
        let serial = is_serial(&plan.items[self.waiting[at]]);
        // The first that is due keeps its turn, or a serial item would wait for ever.
        if serial && self.running > 0 {
            return None;
        }
        self.running += 1;
        self.serial = serial;
        self.waiting.remove(at)
    }

    /// No counted section before one of its own has open items, and all that it waits for has ended.
    fn is_due(&self, plan: &Plan, item: usize) -> bool {
        let planned = &plan.items[item];
        let in_turn = planned.order.iter().all(|&(parent, section)| {
            self.sections.range((parent, 0)..(parent, section)).next().is_none()
        });
        in_turn
            && (planned.is_idle() || !planned.after.iter().any(|&other| self.is_open(plan, other)))
    }

    /// An item, or one of those that decide it, has not ended.
    fn is_open(&self, plan: &Plan, item: usize) -> bool {
        let inside = &plan.items[item].inside;
        self.open.contains(&item) || inside.iter().any(|&inner| self.is_open(plan, inner))
    }

    /// The first item that it waits for and that did not pass.
    fn unmet(&self, plan: &Plan, item: usize) -> Option<String> {
        let first = plan.items[item].after.iter().find_map(|&other| self.lacking(plan, other))?;
        let other = &plan.items[first];
        let why = match self.outcomes[first] {
            _ if self.open.contains(&first) => "waits for it in turn",
            Outcome::Fail => "failed",
            Outcome::Error => "could not be evaluated",
            Outcome::Pending if other.gate.is_none() => "is on standby",
            Outcome::Pending if other.checks.is_empty() => "is not answered",
            Outcome::Skipped => "was skipped",
            Outcome::Pending => "is pending",
            Outcome::Pass | Outcome::Waived => "did not pass",
        };
        Some(format!("not run: it is after `#{}`, which {why}", other.id))
    }

    /// The first of an item and those that decide it that did not pass.
    fn lacking(&self, plan: &Plan, item: usize) -> Option<usize> {
        let planned = &plan.items[item];
        let own = planned.inside.is_empty() || !planned.checks.is_empty();
        if own && !self.done[item] {
            return Some(item);
        }
        planned.inside.iter().find_map(|&inner| self.lacking(plan, inner))
    }
}

fn is_serial(item: &Planned) -> bool {
    item.checks.iter().any(
        |check| matches!(check, PlannedCheck::Ready { check, .. } if check.directives().serial),
    )
}
