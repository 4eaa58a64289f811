//! Read → plan → run → record → judge → report, on one page; and what the other verbs share with it.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::mpsc::channel;

use crate::checklist::{self, Checklist, Item, Params, Reading};
use crate::clock::Clock;
use crate::digest::Digest;
use crate::judge::{self, ItemFact, Verdict};
use crate::ledger::record::{Attested, Body, ChecklistFile, Genesis, ItemResult, Note, Param, PlanItem, RunOpened};
use crate::ledger::state::{self, RunState};
use crate::ledger::{Ledger, Location, Session, Stored};
use crate::outcome::Outcome;
use crate::plan::{self, Plan};
use crate::redact::Redactor;
use crate::run::{self, Event, Settings, Stop};
use crate::{files, json, lint, standing, verify};

mod issue;

pub use issue::{Issued, copy_reports, issue_reports};

/// Where and as whom the product works.
#[derive(Clone, Debug)]
pub struct Home {
    /// The folder that holds `ledger/` and `reports/`; checks run here.
    pub root: PathBuf,
    /// A folder that git leaves alone, for lock and journal.
    pub private: Option<PathBuf>,
    /// Who claims to write.
    pub writer: String,
    /// Where the time comes from.
    pub clock: Clock,
    /// No remote: whoever runs also seals.
    pub seals: bool,
    /// The branch that seals, for a new ledger.
    pub trunk: String,
    /// Fresh random bytes at each call.
    pub random: fn() -> io::Result<[u8; 16]>,
}

/// Why a command could not do its job.
#[derive(Debug)]
pub struct Failure {
    /// Lower case, no full stop.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
    /// Findings to show before the message.
    pub reading: Option<Box<Reading>>,
    /// The caller can mend it: wrong usage or input. Else it is a failure of ours.
    pub usage: bool,
}

impl Failure {
    fn usage(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: Some(hint.into()), reading: None, usage: true }
    }

    fn ours(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None, reading: None, usage: false }
    }
}

impl From<crate::ledger::Error> for Failure {
    fn from(error: crate::ledger::Error) -> Self {
        Self { message: error.message, hint: Some(error.hint), reading: None, usage: error.missing }
    }
}

/// What `run` is asked to do.
#[derive(Debug)]
pub struct Order {
    /// The checklist.
    pub reading: Reading,
    /// What is released.
    pub release: String,
    /// Where to; front matter's unless told.
    pub environment: Option<String>,
    /// The commit checked out, hex; empty outside git.
    pub commit: String,
    /// The work tree holds changes.
    pub dirty: bool,
    /// Parameters given.
    pub params: Params,
    /// The caller's environment.
    pub caller: BTreeMap<String, String>,
    /// The command that makes this program a worker.
    pub worker: Vec<std::ffi::OsString>,
    /// How many items run side by side.
    pub jobs: usize,
    /// Answers to manual items.
    pub answers: Vec<Word>,
    /// The gate to speak for.
    pub gate: Option<String>,
    /// The run to go on with.
    pub resume: Option<String>,
    /// Issue reports at the end.
    pub report: bool,
}

/// A person's answer to an item.
#[derive(Clone, Debug)]
pub struct Word {
    /// Its identity, or an end of it that no other has.
    pub item: String,
    /// The answer.
    pub outcome: Outcome,
    /// What they say.
    pub note: String,
    /// Files that show it.
    pub evidence: Vec<PathBuf>,
}

/// What a run tells while it goes on.
pub trait Watch {
    /// An item's checks begin.
    fn started(&self, text: &str);
    /// An item is answered, and the answer is safe in the ledger.
    fn recorded(&self, text: &str, outcome: Outcome, ms: i64, why: Option<&str>);
}

/// Where a run stands.
#[derive(Debug)]
pub struct Standing {
    /// The run, as the ledger tells it.
    pub run: RunState,
    /// The checklist that it was opened with.
    pub checklist: Checklist,
    /// The plan that it was opened with.
    pub plan: Vec<PlanItem>,
    /// A verdict for each gate.
    pub verdicts: Vec<Verdict>,
    /// The gate it speaks for.
    pub gate: usize,
}

/// What came of `run`.
#[derive(Debug)]
pub struct Ran {
    /// Where the run stands.
    pub standing: Standing,
    /// Reports that were issued.
    pub reports: Vec<Issued>,
}

/// Reads a checklist with all that there is to say about it.
///
/// # Errors
/// When the file cannot be read.
pub fn read(path: &Path, name: &str) -> Result<Reading, Failure> {
    let bytes = files::read(path, checklist::LIMIT as u64)
        .map_err(|error| Failure::usage(format!("cannot read `{name}`: {error}"), "give the path of a checklist in Markdown"))?;
    read_bytes(name, &bytes)
}

fn read_bytes(name: &str, bytes: &[u8]) -> Result<Reading, Failure> {
    let mut reading = checklist::read(name, bytes).map_err(|error| Failure::usage(error.message, error.hint))?;
    lint::complete(&mut reading);
    Ok(reading)
}

/// Plans what would run.
///
/// # Errors
/// When the checklist cannot be run as it is.
pub fn plan(reading: &Reading, params: &Params, caller: &BTreeMap<String, String>) -> Result<Plan, Failure> {
    if let Some(finding) = lint::blocking(reading).next() {
        let source = &reading.checklist.source;
        let place = format!("{}:{}", source.path, source.line_of(finding.span.start));
        let hint = finding.hint.clone().unwrap_or_default();
        return Err(Failure {
            reading: Some(Box::new(reading.clone())),
            ..Failure::usage(format!("{place}: nothing runs: {}", finding.message), hint)
        });
    }
    plan::build(&reading.checklist, params, caller).map_err(|error| Failure::usage(error.message, error.hint))
}

/// The main job: runs a checklist, records each result as it comes, judges and reports.
///
/// # Errors
/// When the checklist cannot be run, or a result cannot be recorded. What was recorded stays.
pub fn run<W: Watch>(home: &Home, order: &Order, stop: &Stop, watch: impl FnOnce(usize) -> W) -> Result<Ran, Failure> {
    let plan = plan(&order.reading, &order.params, &order.caller)?;
    let words = find_words(&plan, &order.answers)?;
    let mut ledger = open_or_begin(home)?;
    let session = session(home)?;
    let run = match &order.resume {
        Some(run) => resume(&ledger, run, order)?,
        None => open_run(home, &mut ledger, &session, order, &plan)?,
    };
    attest_all(home, &mut ledger, &session, &run, &plan, &words)?;
    let wanted = wanted(&ledger, &run, &plan)?;
    record(home, &mut ledger, &session, &run, &plan, &wanted, order, stop, watch)?;
    // An early end leaves what was recorded, and no verdict that could be mistaken for the whole.
    let reports = if order.report && !stop.is_asked() {
        issue::into(home, &mut ledger, &session, &run, order.gate.as_deref())?
    } else {
        Vec::new()
    };
    if home.seals {
        ledger.seal()?;
    }
    let standing = standing_of(&ledger, Some(&run), order.gate.as_deref(), &[])?;
    Ok(Ran { standing, reports })
}

/// Runs the checks and records the results: those that arrive while others are being synced share the
/// next write.
#[allow(clippy::too_many_arguments)]
fn record<W: Watch>(
    home: &Home,
    ledger: &mut Ledger,
    session: &Session,
    run: &str,
    plan: &Plan,
    wanted: &[usize],
    order: &Order,
    stop: &Stop,
    watch: impl FnOnce(usize) -> W,
) -> Result<(), Failure> {
    let watch = Mutex::new(watch(wanted.len()));
    let tell = |item: usize, say: &dyn Fn(&W, &str)| {
        let watch = watch.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        say(&watch, &plan.items[item].text);
    };
    let settings = Settings {
        worker: order.worker.clone(),
        jobs: order.jobs,
        root: home.root.clone(),
        random: home.random,
    };
    let attempts = attempts(ledger, run);
    let (results, inbox) = channel::<run::Finished>();
    // Watchers may not be shareable; they are told under the lock above, on whichever thread.
    std::thread::scope(|scope| {
        let runner = scope.spawn(|| {
            let results = results;
            let mut begun = Vec::new();
            run::run(plan, wanted, &settings, stop, &mut |event| match event {
                Event::Started(item) => begun.push(item),
                Event::Finished(finished) => {
                    // The recorder ends early only on a failure, and then stops the run.
                    let _ = results.send(finished);
                }
            });
            begun
        });
        let mut failure = None;
        while let Ok(first) = inbox.recv() {
            if failure.is_some() {
                continue;
            }
            let batch: Vec<run::Finished> = std::iter::once(first).chain(inbox.try_iter()).collect();
            let recorded = append_results(home, ledger, session, run, plan, &attempts, &batch);
            if let Err(error) = recorded {
                failure = Some(error);
                stop.stop();
                continue;
            }
            for finished in &batch {
                let result = item_result(run, plan, &attempts, finished);
                let why = standing::why(&result);
                tell(finished.item, &|watch, text| watch.recorded(text, finished.outcome, finished.ms, why.as_deref()));
            }
        }
        let _ = runner.join();
        failure.map_or(Ok(()), Err)
    })
}
