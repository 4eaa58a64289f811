//! Runs a plan: items side by side in worker processes, counted sections in their order. Tells what
//! happens as events, and records nothing itself.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::process::ChildStdin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustix::process::Pid;

use crate::check::here::Here;
use crate::check::{Again, Limit, process};
use crate::outcome::{CheckResult, Outcome, Redaction};
use crate::plan::{Plan, PlannedCheck};
use crate::redact::Secrets;

mod board;
mod item;
mod worker;

use board::Board;
use item::{Course, Desk, Hands, pausing};
pub use worker::Worker;

/// How a plan is run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The command that makes this program a worker.
    pub worker: Vec<OsString>,
    /// How many items run side by side; at least 1.
    pub jobs: usize,
    /// Checks run here.
    pub root: PathBuf,
    /// Fresh random bytes at each call.
    pub random: fn() -> io::Result<[u8; 16]>,
    /// Checks have their temporary folders here.
    pub temporary: PathBuf,
    /// What is taken out of whatever is written down.
    pub secrets: Secrets,
}

/// What happens.
#[derive(Debug)]
pub enum Event {
    /// The checks of an item begin (index into the plan's items).
    Started(usize),
    /// A check of the item waits for this attempt.
    Again(usize, Attempt),
    /// They have ended, or one of them is tried again.
    Finished(Finished),
}

/// Which attempt at a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// From 1.
    pub number: u32,
    /// So many there are at most.
    pub most: u32,
    /// There may be fewer: its time is limited.
    pub timed: bool,
}

impl Attempt {
    fn of(again: &Again, number: u32) -> Self {
        let timed = matches!(again.limit, Limit::Time(_));
        Self { number, most: again.attempts(), timed }
    }
}

impl fmt::Display for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let least = if self.timed { "at most " } else { "" };
        write!(f, "attempt {} of {least}{}", self.number, self.most)
    }
}

/// What earlier sessions of the run, and people, left.
#[derive(Clone, Debug, Default)]
pub struct Earlier {
    /// What each item of the plan comes to by itself.
    pub outcomes: Vec<Outcome>,
    /// Items that passed, or are not for this run.
    pub done: BTreeSet<usize>,
    /// What items that passed saved, by name.
    pub saved: BTreeMap<String, String>,
}

/// What came of an item.
#[derive(Clone, Debug)]
pub struct Finished {
    /// Index into the plan's items.
    pub item: usize,
    /// The worst of its checks.
    pub outcome: Outcome,
    /// How long they took, in milliseconds.
    pub ms: i64,
    /// A result for each check.
    pub checks: Vec<CheckResult>,
    /// What was redacted.
    pub redactions: Vec<Redaction>,
    /// Bytes kept.
    pub evidence: Vec<Vec<u8>>,
    /// Which attempt at the last of its checks that are tried again.
    pub attempt: Option<Attempt>,
    /// That check is tried again: this is not the last of the item.
    pub more: bool,
}

/// Ends a run early: nothing more begins, and what runs is killed.
#[derive(Debug, Default)]
pub struct Stop {
    asked: Arc<AtomicBool>,
    inputs: Mutex<Vec<Arc<Mutex<Option<ChildStdin>>>>>,
    /// The workers that are there.
    workers: Arc<Mutex<Vec<Pid>>>,
}

impl Stop {
    /// Asks for the end. Workers whose input ends kill what they run.
    pub fn stop(&self) {
        self.asked.store(true, Ordering::SeqCst);
        for input in lock(&self.inputs).iter() {
            lock(input).take();
        }
    }

    /// Whether the end was asked for.
    pub fn is_asked(&self) -> bool {
        self.asked.load(Ordering::SeqCst)
    }
}

/// Runs the items that `wanted` names, and calls `tell` for each event, from several threads.
///
/// An item whose prerequisites did not pass is not run, and finishes as pending. Items that an early
/// end left unfinished have no last `Finished` event.
pub fn run(
    plan: &Plan,
    wanted: &[usize],
    earlier: &Earlier,
    settings: &Settings,
    stop: &Stop,
    workers: Vec<Worker>,
    tell: &(dyn Fn(Event) + Sync),
) {
    let jobs = settings.jobs.clamp(1, wanted.len().max(1));
    let board = Board::new(plan, wanted, jobs, earlier);
    let still = plan.items.iter().flat_map(|item| &item.checks).all(only_looks);
    let desk = Desk { plan, settings, stop, board: &board, still, tell };
    // Whoever waits for the next attempt leaves its place to another.
    let slots = wanted.len().min(jobs + pausing(plan, wanted)).max(1);
    let mut workers = workers.into_iter();
    std::thread::scope(|scope| {
        for _ in 0..slots {
            let worker = workers.next();
            scope.spawn(move || slot(desk, worker));
        }
    });
}

/// A check that changes nothing, and is not tried again until something else has.
fn only_looks(check: &PlannedCheck) -> bool {
    match check {
        PlannedCheck::Ready { check, .. } => check.only_looks(),
        PlannedCheck::Broken { .. } | PlannedCheck::Idle { .. } => true,
    }
}

/// Starts what the checks of `plan` need, so that it is there when the first is due.
pub fn prepare(plan: &Plan, settings: &Settings, stop: &Stop) -> Vec<Worker> {
    let needs_worker = |check: &PlannedCheck| match check {
        PlannedCheck::Ready { check, .. } => Some(check.needs_worker()),
        _ => None,
    };
    let due = || plan.items.iter().filter(|item| item.gate.is_some());
    if due().flat_map(|item| &item.checks).any(|check| needs_worker(check) == Some(false)) {
        Here::warm_up();
    }
    let by_worker =
        due().filter(|item| item.checks.iter().any(|it| needs_worker(it) == Some(true)));
    let jobs = settings.jobs.min(by_worker.count());
    process::become_reaper();
    // One that cannot be started now is started, or told of, when a check needs it.
    (0..jobs).map_while(|_| Worker::start(settings, stop).ok()).collect()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One job slot: a thread here, and a worker process beside it where a check needs one.
fn slot(desk: Desk<'_>, worker: Option<Worker>) {
    let mut hands = Hands::with(worker);
    while let Some(begin) = desk.board.next(desk.stop) {
        let item = begin.item;
        if begin.unmet.is_none() {
            (desk.tell)(Event::Started(item));
        }
        let (finished, saved) = Course::new(desk, begin).run(&mut hands);
        let outcome = finished.outcome;
        if !desk.stop.is_asked() {
            (desk.tell)(Event::Finished(finished));
        }
        desk.board.ended(item, outcome, saved);
    }
}
