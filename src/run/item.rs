//! One item on its way: its checks one after the other, each as often as it says.

use std::collections::BTreeMap;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::check::here::Here;
use crate::check::request::{Answer, Request, Setting};
use crate::check::{Again, Check, Place};
use crate::outcome::{CheckResult, ExpectResult, NOT_APPLICABLE, Outcome, Redaction};
use crate::plan::{Plan, PlannedCheck};
use crate::redact::{self, Secrets};

use super::board::{Begin, Board};
use super::worker::{GRACE, Worker};
use super::{Attempt, Event, Finished, Settings, Stop};

/// What a job slot works with.
#[derive(Clone, Copy)]
pub(super) struct Desk<'r> {
    pub(super) plan: &'r Plan,
    pub(super) settings: &'r Settings,
    pub(super) stop: &'r Stop,
    pub(super) board: &'r Board<'r>,
    /// Nothing that the run does changes anything.
    pub(super) still: bool,
    pub(super) tell: &'r (dyn Fn(Event) + Sync),
}

/// What a job slot runs checks by.
#[derive(Default)]
pub(super) struct Hands {
    /// For what may have to be killed; started when the first such check is due.
    pub(super) worker: Option<Worker>,
    here: Here,
}

impl Hands {
    pub(super) fn with(worker: Option<Worker>) -> Self {
        Self { worker, here: Here::default() }
    }
}

/// An item whose checks run.
pub(super) struct Course<'r> {
    desk: Desk<'r>,
    begin: Begin,
    /// What its checks took, each at its last attempt: pauses are not counted.
    took: Duration,
    finished: Finished,
    /// The worst of the checks that are for this run.
    worst: Option<Outcome>,
    /// What the checks that passed saved.
    saved: Vec<(String, String)>,
}

/// Why there is no answer.
enum Trouble {
    /// The check cannot be run as it is.
    Refused(String),
    /// The worker cannot be asked any more.
    Gone(io::Error),
}

/// What one attempt at a check came to.
struct Tried {
    result: CheckResult,
    outcome: Outcome,
    redactions: Vec<Redaction>,
    evidence: Vec<Vec<u8>>,
    saved: Vec<(String, String)>,
    took: Duration,
}

fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

impl<'r> Course<'r> {
    pub(super) fn new(desk: Desk<'r>, begin: Begin) -> Self {
        let finished = Finished {
            item: begin.item,
            outcome: Outcome::Pending,
            ms: 0,
            checks: Vec::new(),
            redactions: Vec::new(),
            evidence: Vec::new(),
            attempt: None,
            more: false,
        };
        Self { desk, begin, took: Duration::ZERO, finished, worst: None, saved: Vec::new() }
    }

    /// Runs the checks; what came of them, and what they saved for others.
    pub(super) fn run(mut self, hands: &mut Hands) -> (Finished, Vec<(String, String)>) {
        let plan = self.desk.plan;
        for check in &plan.items[self.begin.item].checks {
            // Whatever ended early is told by nobody.
            if self.desk.stop.is_asked() {
                break;
            }
            match check {
                PlannedCheck::Broken { kind, message } => self.take(broken(kind, message.clone())),
                PlannedCheck::Idle { kind, why } => {
                    let why = format!("{NOT_APPLICABLE}{why}");
                    self.finished.checks.push(CheckResult::without_steps(kind, why));
                }
                PlannedCheck::Ready { check, target, round, uses, .. } => {
                    match self.obstacle(check, uses) {
                        Some(tried) => self.take(tried),
                        None => {
                            self.attempts(check, target.as_deref(), round.as_ref(), uses, hands)
                        }
                    }
                }
            }
        }
        self.finished.outcome = self.outcome();
        self.finished.ms = millis(self.took);
        (self.finished, self.saved)
    }

    /// Without a check that is for this run the document itself skips the item.
    fn outcome(&self) -> Outcome {
        self.worst.unwrap_or(Outcome::Skipped)
    }

    /// Why a check does not run: what its item waits for did not pass, or did not save what it reads.
    fn obstacle(&self, check: &Check, uses: &[String]) -> Option<Tried> {
        if let Some(unmet) = &self.begin.unmet {
            let result = CheckResult::without_steps(check.kind(), unmet.clone());
            return Some(Tried { outcome: Outcome::Pending, ..Tried::of(result) });
        }
        let missing = uses.iter().find(|name| self.value(name).is_none())?;
        Some(broken(check.kind(), format!("no value was saved for `{missing}`")))
    }

    fn value(&self, name: &str) -> Option<&str> {
        let own = self.saved.iter().find(|(saved, _)| saved == name).map(|(_, value)| value);
        own.or_else(|| self.begin.saved.get(name)).map(String::as_str)
    }

    fn take(&mut self, tried: Tried) {
        self.worst = self.worst.max(Some(tried.outcome));
        self.took += tried.took;
        self.finished.checks.push(tried.result);
        for redaction in tried.redactions {
            redaction.count_in(&mut self.finished.redactions);
        }
        self.finished.evidence.extend(tried.evidence);
        if tried.outcome == Outcome::Pass {
            self.saved.extend(tried.saved);
        }
    }

    /// Tries a check until it passes or is given up; each attempt but the last is told as it ends.
    fn attempts(
        &mut self,
        check: &Check,
        target: Option<&str>,
        round: Option<&(String, String)>,
        uses: &[String],
        hands: &mut Hands,
    ) {
        let mut environment = self.desk.plan.environment.clone();
        environment.extend(round.cloned());
        environment.extend(
            uses.iter().filter_map(|name| Some((name.clone(), self.value(name)?.to_owned()))),
        );
        let needed = check.directives().place.as_ref().and_then(Place::needs);
        let agent = self.desk.plan.agent.clone();
        environment.extend(needed.map(str::to_owned).zip(agent));
        let first = Instant::now();
        let mut number = 1;
        loop {
            let mut tried = self.once(check, target, &environment, hands);
            let failed = matches!(tried.outcome, Outcome::Fail | Outcome::Error);
            let again = check.directives().again.as_ref();
            let attempt = again.map(|again| Attempt::of(again, number));
            if let Some((again, attempt)) = again.zip(attempt) {
                sign(&mut tried.result, again, attempt, !failed);
            }
            let next = again
                .filter(|again| failed && again.allows(number + 1, first.elapsed() + again.every));
            self.finished.attempt = attempt;
            let Some(again) = next.filter(|_| !self.desk.stop.is_asked()) else {
                return self.take(tried);
            };
            self.tell_attempt(tried);
            number += 1;
            (self.desk.tell)(Event::Again(self.begin.item, Attempt::of(again, number)));
            if !self.desk.board.pause(self.begin.item, again.every, self.desk.stop) {
                return;
            }
        }
    }

    /// A result of the item as it would be if the check were not tried again.
    fn tell_attempt(&self, tried: Tried) {
        let mut so_far = Self {
            begin: Begin { item: self.begin.item, unmet: None, saved: BTreeMap::new() },
            finished: Finished { more: true, ..self.finished.clone() },
            saved: Vec::new(),
            ..*self
        };
        so_far.take(tried);
        so_far.finished.outcome = so_far.outcome();
        so_far.finished.ms = millis(so_far.took);
        (self.desk.tell)(Event::Finished(so_far.finished));
    }

    fn once(
        &self,
        check: &Check,
        target: Option<&str>,
        environment: &BTreeMap<String, String>,
        hands: &mut Hands,
    ) -> Tried {
        let begun = Instant::now();
        match self.ask(check, target, environment, hands) {
            Ok(answer) => Tried {
                result: answer.result,
                outcome: answer.outcome,
                redactions: answer.redactions,
                evidence: answer.evidence,
                saved: answer.saved,
                took: begun.elapsed(),
            },
            Err(Trouble::Refused(why)) => broken(check.kind(), why),
            Err(Trouble::Gone(error)) => {
                if let Some(worker) = hands.worker.take() {
                    worker.give_up(self.desk.stop);
                }
                let why = format!("the worker process that ran it is gone: {error}");
                broken(check.kind(), why)
            }
        }
    }

    /// Those of the run, and what checks saved that is secret by its name.
    fn secrets(&self, environment: &BTreeMap<String, String>) -> Secrets {
        let mut secrets = self.desk.settings.secrets.clone();
        let before = &self.desk.plan.environment;
        let saved = environment.iter().filter(|(name, _)| !before.contains_key(*name));
        let saved = saved.filter(|(name, _)| redact::is_secret(name));
        secrets.values.extend(saved.map(|(name, value)| (name.clone(), value.clone())));
        secrets
    }

    fn ask(
        &self,
        check: &Check,
        target: Option<&str>,
        environment: &BTreeMap<String, String>,
        hands: &mut Hands,
    ) -> Result<Answer, Trouble> {
        let Desk { settings, stop, .. } = self.desk;
        let folder = self::folder(settings, check).map_err(Trouble::Refused)?;
        let request = Request::new(
            check,
            Setting {
                environment: environment.clone(),
                folder,
                still: self.desk.still,
                secrets: self.secrets(environment),
                target: target.map(str::to_owned),
                random: settings.random,
            },
        )
        .map_err(Trouble::Refused)?;
        if !request.needs_worker() {
            // Here as there, what breaks off is the error of this check and no end of the run.
            let ask = || hands.here.ask(&request, &|| stop.is_asked());
            return catch_unwind(AssertUnwindSafe(ask))
                .map_err(|_| Trouble::Refused("what runs it has broken off".to_owned()));
        }
        let patience = check.directives().timeout + GRACE;
        let running = match &mut hands.worker {
            Some(running) => running,
            none => none.insert(Worker::start(settings, stop).map_err(Trouble::Gone)?),
        };
        let answer = running.ask(request, patience).map_err(Trouble::Gone)?;
        if answer.spent {
            hands.worker = None;
        }
        Ok(answer)
    }
}

/// The folder that a check runs in, which no link leads out of the repository.
fn folder(settings: &Settings, check: &Check) -> Result<PathBuf, String> {
    let Some(cwd) = &check.directives().cwd else { return Ok(settings.root.clone()) };
    let there = settings.root.join(cwd);
    let whole = |path: &Path| path.canonicalize();
    match (whole(&there), whole(&settings.root)) {
        (Ok(there), Ok(root)) if !there.starts_with(&root) => {
            Err(format!("`{cwd}` leads out of the repository"))
        }
        // What is not there is told by whoever starts it.
        _ => Ok(there),
    }
}

impl Tried {
    fn of(result: CheckResult) -> Self {
        Self {
            result,
            outcome: Outcome::Error,
            redactions: Vec::new(),
            evidence: Vec::new(),
            saved: Vec::new(),
            took: Duration::ZERO,
        }
    }
}

fn broken(kind: &str, message: String) -> Tried {
    Tried::of(CheckResult::without_steps(kind, message))
}

/// Says which attempt it was, behind what the last step expects: an attempt that did not pass tells
/// nothing of whether the next one would.
fn sign(result: &mut CheckResult, again: &Again, attempt: Attempt, passed: bool) {
    if let Some(step) = result.steps.last_mut() {
        let held = passed.then_some(true);
        let observed = attempt.to_string();
        step.expect.push(ExpectResult { text: again.text.clone(), held, observed });
    }
}

/// How many items wait between two attempts at most, so that others have their turn.
pub(super) const PAUSES: usize = 64;

/// Items that may pause.
pub(super) fn pausing(plan: &Plan, wanted: &[usize]) -> usize {
    let again = |check: &PlannedCheck| matches!(check, PlannedCheck::Ready { check, .. } if check.directives().again.is_some());
    wanted.iter().filter(|&&item| plan.items[item].checks.iter().any(again)).count().min(PAUSES)
}
