//! Runs a plan: items side by side in worker processes, counted sections in their order. Tells what
//! happens as events, and records nothing itself.

use std::collections::{BTreeMap, VecDeque};
use std::ffi::OsString;
use std::io::{self, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::Pid;

use crate::check::worker::{Answer, Request, Setting};
use crate::check::{Check, process};
use crate::outcome::{CheckResult, Outcome, Redaction};
use crate::plan::{Plan, Planned, PlannedCheck};

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
}

/// What happens.
#[derive(Debug)]
pub enum Event {
    /// The checks of an item begin (index into the plan's items).
    Started(usize),
    /// They have ended.
    Finished(Finished),
}

/// What came of an item.
#[derive(Debug)]
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
/// Items that an early end left unfinished have no `Finished` event.
pub fn run(
    plan: &Plan,
    wanted: &[usize],
    settings: &Settings,
    stop: &Stop,
    workers: Vec<Worker>,
    tell: &(dyn Fn(Event) + Sync),
) {
    let board = Board::new(plan, wanted);
    let jobs = settings.jobs.clamp(1, wanted.len().max(1));
    let mut workers = workers.into_iter();
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            let worker = workers.next();
            let board = &board;
            scope.spawn(move || slot(plan, settings, stop, board, worker, tell));
        }
    });
}

/// Starts workers for the checks of `plan`, so that they are there when the first is due.
pub fn prepare(plan: &Plan, settings: &Settings, stop: &Stop) -> Vec<Worker> {
    let due = plan.items.iter().filter(|item| item.gate.is_some() && !item.checks.is_empty());
    let jobs = settings.jobs.min(due.count());
    process::become_reaper();
    // One that cannot be started now is started, or told of, when a check needs it.
    (0..jobs).map_while(|_| Worker::start(settings, stop).ok()).collect()
}

/// What waits, what runs, and what is still to be waited for.
struct Board {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    waiting: VecDeque<usize>,
    running: usize,
    serial: bool,
    /// Items of each counted section that have not ended, by parent and place.
    open: BTreeMap<(usize, usize), usize>,
}

impl Board {
    fn new(plan: &Plan, wanted: &[usize]) -> Self {
        let mut open = BTreeMap::new();
        for &item in wanted {
            for &section in &plan.items[item].order {
                *open.entry(section).or_insert(0) += 1;
            }
        }
        let state =
            State { waiting: wanted.iter().copied().collect(), running: 0, serial: false, open };
        Self { state: Mutex::new(state), changed: Condvar::new() }
    }

    /// The next item that may begin; waits for one, and ends with `None`.
    fn next(&self, plan: &Plan, stop: &Stop) -> Option<usize> {
        let mut state = lock(&self.state);
        loop {
            if state.waiting.is_empty() || stop.is_asked() {
                return None;
            }
            if let Some(item) = state.take(plan) {
                return Some(item);
            }
            // The time limit is for a stop that comes while all slots wait.
            let wait = self.changed.wait_timeout(state, Duration::from_millis(100));
            state = wait.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn ended(&self, planned: &Planned) {
        let mut state = lock(&self.state);
        state.running -= 1;
        state.serial = false;
        for section in &planned.order {
            if let Some(count) = state.open.get_mut(section) {
                *count -= 1;
                if *count == 0 {
                    state.open.remove(section);
                }
            }
        }
        drop(state);
        self.changed.notify_all();
    }
}

impl State {
    fn take(&mut self, plan: &Plan) -> Option<usize> {
        if self.serial {
            return None;
        }
        let at = self.waiting.iter().position(|&item| self.is_due(&plan.items[item]))?;
        let serial = plan.items[self.waiting[at]].checks.iter().any(is_serial);
        // The first that is due keeps its turn, or a serial item would wait for ever.
        if serial && self.running > 0 {
            return None;
        }
        self.running += 1;
        self.serial = serial;
        self.waiting.remove(at)
    }

    /// No counted section before one of its own has open items.
    fn is_due(&self, item: &Planned) -> bool {
        item.order.iter().all(|&(parent, section)| {
            self.open.range((parent, 0)..(parent, section)).next().is_none()
        })
    }
}

fn is_serial(check: &PlannedCheck) -> bool {
    matches!(check, PlannedCheck::Ready { check, .. } if check.directives().serial)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One job slot: a thread here, a worker process beside it.
fn slot(
    plan: &Plan,
    settings: &Settings,
    stop: &Stop,
    board: &Board,
    mut worker: Option<Worker>,
    tell: &(dyn Fn(Event) + Sync),
) {
    while let Some(item) = board.next(plan, stop) {
        let planned = &plan.items[item];
        tell(Event::Started(item));
        let finished = answer(plan, item, settings, stop, &mut worker);
        if !stop.is_asked() {
            tell(Event::Finished(finished));
        }
        board.ended(planned);
    }
}

fn answer(
    plan: &Plan,
    item: usize,
    settings: &Settings,
    stop: &Stop,
    worker: &mut Option<Worker>,
) -> Finished {
    let begun = Instant::now();
    let mut finished = Finished {
        item,
        outcome: Outcome::Pass,
        ms: 0,
        checks: Vec::new(),
        redactions: Vec::new(),
        evidence: Vec::new(),
    };
    for check in &plan.items[item].checks {
        match check {
            PlannedCheck::Broken { kind, message } => finished.broken(kind, message),
            PlannedCheck::Ready { check, target } => {
                match ask(plan, check, target.as_deref(), settings, stop, worker) {
                    Ok(answer) => finished.take(answer),
                    Err(Trouble::Refused(why)) => finished.broken(check.kind(), &why),
                    Err(Trouble::Gone(error)) => {
                        *worker = None;
                        // What it ran is below us now.
                        process::kill_strays(&lock(&stop.workers));
                        finished.broken(
                            check.kind(),
                            &format!("the worker process that ran it is gone: {error}"),
                        );
                    }
                }
            }
        }
    }
    finished.ms = i64::try_from(begun.elapsed().as_millis()).unwrap_or(i64::MAX);
    finished
}

impl Finished {
    fn broken(&mut self, kind: &str, message: &str) {
        self.outcome = self.outcome.max(Outcome::Error);
        self.checks.push(CheckResult {
            kind: kind.to_owned(),
            steps: Vec::new(),
            target: None,
            message: Some(message.to_owned()),
        });
    }

    fn take(&mut self, answer: Answer) {
        self.outcome = self.outcome.max(answer.outcome);
        self.checks.push(answer.result);
        self.redactions.extend(answer.redactions);
        self.evidence.extend(answer.evidence);
    }
}

/// Why there is no answer.
enum Trouble {
    /// The check cannot be run as it is.
    Refused(String),
    /// The worker cannot be asked any more.
    Gone(io::Error),
}

fn ask(
    plan: &Plan,
    check: &Check,
    target: Option<&str>,
    settings: &Settings,
    stop: &Stop,
    worker: &mut Option<Worker>,
) -> Result<Answer, Trouble> {
    let folder = check
        .directives()
        .cwd
        .as_ref()
        .map_or_else(|| settings.root.clone(), |cwd| settings.root.join(cwd));
    let secrets = plan.params.iter().filter(|param| param.secret);
    let request = Request::new(
        check,
        Setting {
            environment: plan.environment.clone(),
            folder,
            secrets: secrets.map(|param| (param.name.clone(), param.value.clone())).collect(),
            target: target.map(str::to_owned),
            random: settings.random,
        },
    )
    .map_err(Trouble::Refused)?;
    let patience = check.directives().timeout + GRACE;
    let running = match worker {
        Some(running) => running,
        None => worker.insert(Worker::start(settings, stop).map_err(Trouble::Gone)?),
    };
    let answer = running.ask(&request, patience).map_err(Trouble::Gone)?;
    if answer.spent {
        *worker = None;
    }
    Ok(answer)
}

/// How long a worker may take to end a check whose time is over, and to ask its jq programs.
const GRACE: Duration = Duration::from_secs(15);

/// How long a worker may take to end a check that is to be left.
const LEAVE: Duration = Duration::from_secs(10);

/// A worker process; ended and waited for when dropped.
#[derive(Debug)]
pub struct Worker {
    child: Child,
    pid: Pid,
    all: Arc<Mutex<Vec<Pid>>>,
    input: Arc<Mutex<Option<ChildStdin>>>,
    output: BufReader<Patient>,
}

/// The output of a worker, which may have been stopped by what it runs.
#[derive(Debug)]
struct Patient {
    output: ChildStdout,
    until: Instant,
    stop: Arc<AtomicBool>,
}

impl Read for Patient {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let mut leave = None;
        loop {
            let now = Instant::now();
            if self.stop.load(Ordering::SeqCst) {
                self.until = *leave.get_or_insert(self.until.min(now + LEAVE));
            }
            if now >= self.until {
                let why = "it did not answer in time, and was ended";
                return Err(io::Error::new(io::ErrorKind::TimedOut, why));
            }
            // A stop that comes meanwhile is seen a second later.
            let wait = (self.until - now).min(Duration::from_secs(1));
            let mut fds = [PollFd::new(&self.output, PollFlags::IN)];
            match poll(&mut fds, Timespec::try_from(wait).ok().as_ref()) {
                Ok(0) | Err(rustix::io::Errno::INTR) => {}
                Ok(_) => return self.output.read(bytes),
                Err(error) => return Err(error.into()),
            }
        }
    }
}

impl Worker {
    fn start(settings: &Settings, stop: &Stop) -> io::Result<Self> {
        let (program, arguments) =
            settings.worker.split_first().ok_or(io::ErrorKind::InvalidInput)?;
        let mut command = Command::new(program);
        // In a group of its own, so that Ctrl-C reaches us and not the worker in the middle of a check.
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        // Whoever looks for strays meanwhile must know it.
        let mut workers = lock(&stop.workers);
        let mut child =
            command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let input = Arc::new(Mutex::new(child.stdin.take()));
        let output = child.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
        lock(&stop.inputs).push(Arc::clone(&input));
        if stop.is_asked() {
            lock(&input).take();
        }
        let pid = Pid::from_child(&child);
        workers.push(pid);
        drop(workers);
        let output = Patient { output, until: Instant::now(), stop: Arc::clone(&stop.asked) };
        let all = Arc::clone(&stop.workers);
        Ok(Self { child, pid, all, input, output: BufReader::new(output) })
    }

    fn ask(&mut self, request: &Request, patience: Duration) -> io::Result<Answer> {
        match lock(&self.input).as_mut() {
            Some(input) => request.send(input)?,
            None => return Err(io::ErrorKind::BrokenPipe.into()),
        }
        self.output.get_mut().until = Instant::now() + patience;
        let answer = Answer::receive(&mut self.output);
        if answer.is_err() {
            // Whoever cannot be asked any more is not waited for.
            let _ = self.child.kill();
        }
        answer
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        lock(&self.input).take();
        // It ends when its input does; waiting keeps it from staying behind as a zombie.
        let _ = self.child.wait();
        lock(&self.all).retain(|pid| *pid != self.pid);
    }
}
