//! Read → plan → run → record → judge → report, on one page.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::mpsc::channel;
use std::time::Duration;

use crate::checklist::{self, Checklist, Params};
use crate::clock::Window;
use crate::config::Config;
use crate::ledger::record::{Body, ItemResult};
use crate::ledger::{Ledger, Session};
use crate::lint::{Linted, blocking, complete, guard};
use crate::outcome::Outcome;
use crate::plan::{self, Plan, Planned};
use crate::redact::Redactor;
pub use crate::run::Attempt;
use crate::run::{self, Event, Settings, Stop};
use crate::{files, standing};

pub mod adopt;
mod before;
mod diff;
mod draft;
mod earlier;
mod evidence;
mod folder;
mod forget;
mod home;
mod issue;
mod key;
mod lint;
mod log;
mod look;
mod looks;
mod open;
mod past;
mod prove;
mod rules;
mod say;
mod shelf;
mod since;
mod site;
mod stand;
mod voices;
mod word;

pub use self::lint::{fix, lint};
pub use diff::{diff, diff_page};
pub use draft::{Draft, Pen};
pub use evidence::{Piece, State, add_evidence, list_evidence, show_evidence};
pub use forget::{Forgetting, forget};
pub use home::{Failure, Home, Notices, Stamp, init, seal, stamp};
pub use issue::{Asked, Issued, copy_reports, issue_reports};
pub use key::VARIABLE as LOG_KEY;
pub use log::{Filter, Line, log};
pub use look::{Brought, verify};
pub use open::{recorded, redactor};
pub use prove::{Checked, Proven, check_proof, prove};
pub use rules::{Ruling, Unpinned, pin, ruling};
pub use say::{Deciding, attest_signed, decide, sign, void, waive};
pub use since::Looser;
pub use site::{Built, site};
pub use stand::{Decided, Standing, status, status_and_rules};
pub use word::{Attestation, Word, attest};

use home::{open_or_begin, seal_here, session};
use open::{open_run, resume};
use stand::standing_of;
use word::{attest_all, find_words};

/// What `run` is asked to do.
#[derive(Debug)]
pub struct Order {
    /// The checklist.
    pub checklist: Linted,
    /// What is released.
    pub release: String,
    /// Where to; front matter's unless told.
    pub environment: Option<String>,
    /// The reference of the change that it belongs to.
    pub change: Option<String>,
    /// When that may happen.
    pub window: Option<Window>,
    /// The commit checked out, hex; empty outside git.
    pub commit: String,
    /// The work tree holds changes.
    pub dirty: bool,
    /// What git says of lines that are ticked in the checklist, by their numbers.
    pub ticked: BTreeMap<usize, Blamed>,
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

/// What git says of who wrote a line: claims.
#[derive(Clone, Debug)]
pub struct Blamed {
    /// Who, when and in which commit, in one line.
    pub said: String,
    /// All that git said.
    pub whole: String,
}

/// What a run tells while it goes on.
pub trait Watch {
    /// An item's checks begin.
    fn started(&self, text: &str);
    /// A check of an item waits for this attempt.
    fn again(&self, text: &str, attempt: Attempt);
    /// Items are answered, or attempts at them have ended, and this is safe in the ledger.
    fn recorded(&self, answers: &[Recorded<'_>]);
}

/// An answer that is safe in the ledger.
#[derive(Clone, Debug)]
pub struct Recorded<'p> {
    /// The text of the item.
    pub text: &'p str,
    /// What came of it.
    pub outcome: Outcome,
    /// How long its checks took, in milliseconds.
    pub ms: i64,
    /// Why it did not pass.
    pub why: Option<String>,
    /// Which attempt, where a check of it may be tried again.
    pub attempt: Option<Attempt>,
    /// That check is tried again, and this is not the last of the item.
    pub more: bool,
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
pub fn read(path: &Path, name: &str, config: &Config) -> Result<Linted, Failure> {
    let bytes = files::read(path, checklist::LIMIT as u64).map_err(|error| {
        Failure::usage(
            format!("cannot read `{name}`: {error}"),
            "give the path of a checklist in Markdown",
        )
    })?;
    let reading = checklist::read(name, &bytes).map_err(|error| {
        let hint = error.finding.hint.clone().unwrap_or_default();
        Failure::usage(error.to_string(), hint)
    })?;
    let mut linted = complete(reading);
    guard(&mut linted.reading, &config.redactor());
    Ok(linted)
}

/// Whether a checklist can be run as it is.
///
/// # Errors
/// When it cannot, with the findings that say why.
pub fn may_run(checklist: &Linted) -> Result<(), Failure> {
    let reading = &checklist.reading;
    let Some(finding) = blocking(reading).next() else { return Ok(()) };
    let source = &reading.checklist.source;
    let place = format!("{}:{}", source.path, source.line_of(finding.span.start));
    let hint = finding.hint.clone().unwrap_or_default();
    Err(Failure {
        reading: Some(Box::new(reading.clone())),
        ..Failure::usage(format!("{place}: nothing runs: {}", finding.message), hint)
    })
}

/// Plans what would run.
///
/// # Errors
/// When the checklist cannot be run as it is.
pub fn plan(
    checklist: &Linted,
    params: &Params,
    caller: &BTreeMap<String, String>,
) -> Result<Plan, Failure> {
    may_run(checklist)?;
    plan::build(&checklist.reading.checklist, &checklist.checks, params, caller)
        .map_err(|error| Failure::usage(error.message, error.hint))
}

/// The main job: runs a checklist, records each result as it comes, judges and reports.
///
/// # Errors
/// When the checklist cannot be run, or a result cannot be recorded. What was recorded stays.
pub fn run<W: Watch + Send>(
    home: &Home,
    order: &Order,
    stop: &Stop,
    watch: impl FnOnce(usize) -> W,
) -> Result<Ran, Failure> {
    // What a report could not be made with is told before anything runs.
    looks::language(home)?;
    let plan = plan(&order.checklist, &order.params, &order.caller)?;
    known_gate(&order.checklist.reading.checklist, order.gate.as_deref())?;
    let words = find_words(&plan, &order.answers)?;
    let secrets = open::secrets(home, &plan);
    let redactor = Redactor::new(&secrets);
    open::holds_no_secret(&order.checklist.reading.checklist, &plan)?;
    let settings = Settings {
        worker: order.worker.clone(),
        jobs: order.jobs,
        root: home.root.clone(),
        random: home.random,
        temporary: temporary(&order.caller),
        secrets,
    };
    // They start while the ledger is read.
    let workers = run::prepare(&plan, &settings, stop);
    let mut ledger = open_or_begin(home)?;
    let session = session(home)?;
    let run = match &order.resume {
        Some(run) => resume(&ledger, run, order, &redactor)?,
        None => open_run(home, &mut ledger, &session, order, &plan, &redactor)?,
    };
    attest_all(home, &mut ledger, &session, &run, &plan, &words)?;
    let (wanted, earlier) = earlier::of(&ledger, &run, &plan, &order.checklist, home.clock.now())?;
    let runner = |tell: &(dyn Fn(Event) + Sync)| {
        run::run(&plan, &wanted, &earlier, &settings, stop, workers, tell);
    };
    record(home, &mut ledger, &session, &run, &plan, &redactor, stop, watch(wanted.len()), runner)?;
    // An early end leaves what was recorded, and no verdict that could be mistaken for the whole.
    let reports = if order.report && !stop.is_asked() {
        {
            let asked = Asked { gate: order.gate.clone(), ..Asked::default() };
            issue::into(home, &mut ledger, &session, &run, &asked)?
        }
    } else {
        Vec::new()
    };
    if home.seals {
        seal_here(home, &mut ledger)?;
    }
    let known = Some(&order.checklist.reading.checklist);
    let standing =
        standing_of(&ledger, Some(&run), order.gate.as_deref(), &[], known, home.clock.now())?;
    Ok(Ran { standing, reports })
}

/// Where the caller has temporary files.
fn temporary(caller: &BTreeMap<String, String>) -> PathBuf {
    let named = caller.get("TMPDIR").map(PathBuf::from).filter(|named| named.is_absolute());
    named.unwrap_or_else(|| PathBuf::from("/tmp"))
}

/// A gate that is not there is told before anything runs.
fn known_gate(checklist: &Checklist, gate: Option<&str>) -> Result<(), Failure> {
    let gates: Vec<&str> = checklist.gates.iter().map(|gate| gate.name.as_str()).collect();
    match gate {
        Some(name) if !gates.iter().any(|gate| gate.eq_ignore_ascii_case(name)) => {
            Err(stand::no_gate(name, &gates))
        }
        _ => Ok(()),
    }
}

/// Has `runner` run the checks, and records the results: those that arrive while others are being synced share the
/// next write.
#[allow(clippy::too_many_arguments)]
fn record<W: Watch + Send>(
    home: &Home,
    ledger: &mut Ledger,
    session: &Session,
    run: &str,
    plan: &Plan,
    redactor: &Redactor,
    stop: &Stop,
    watch: W,
    runner: impl FnOnce(&(dyn Fn(Event) + Sync)) + Send,
) -> Result<(), Failure> {
    // Told from two threads: of beginnings by the runner, of answers once they are recorded.
    let watch = Mutex::new(watch);
    let watch = || watch.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let mut attempts = attempts(ledger, run);
    let (results, inbox) = channel::<run::Finished>();
    let (running, over) = channel::<()>();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let (results, _running) = (results, running);
            runner(&|event| match event {
                Event::Started(item) => watch().started(&plan.items[item].text),
                Event::Again(item, attempt) => watch().again(&plan.items[item].text, attempt),
                Event::Finished(finished) => {
                    // The recorder ends early only on a failure, and then stops the run.
                    let _ = results.send(finished);
                }
            });
        });
        let (mut failure, mut together) = (None, SOON);
        while let Ok(first) = inbox.recv() {
            if failure.is_some() {
                continue;
            }
            // Results that arrive meanwhile share one write.
            let _ = over.recv_timeout(std::mem::replace(&mut together, TOGETHER));
            let (mut told, mut bodies, mut evidence) = (Vec::new(), Vec::new(), Vec::new());
            for mut finished in std::iter::once(first).chain(inbox.try_iter()) {
                clean(&mut finished, redactor);
                evidence.append(&mut finished.evidence);
                let (item, outcome, ms) =
                    (&plan.items[finished.item], finished.outcome, finished.ms);
                let (attempt, more) = (finished.attempt, finished.more);
                let result = item_result(run, item, &mut attempts, finished);
                let why = standing::why(&result).filter(|_| outcome != Outcome::Pass);
                let why = why.map(|why| why.to_string());
                told.push(Recorded { text: &item.text, outcome, ms, why, attempt, more });
                bodies.push(Body::Result(result));
            }
            match ledger.append(session, home.clock.now(), bodies, &evidence) {
                Ok(_) => watch().recorded(&told),
                Err(error) => {
                    failure = Some(error.into());
                    stop.stop();
                }
            }
        }
        failure.map_or(Ok(()), Err)
    })
}

/// Results that arrive within this time are recorded together.
const TOGETHER: Duration = Duration::from_millis(50);

/// The first of them are, within this time: somebody waits for a sign, and most evidence is in them.
const SOON: Duration = Duration::from_millis(1);

/// What no worker has cleaned: why a check did not run.
fn clean(finished: &mut run::Finished, redactor: &Redactor) {
    let idle = finished.checks.iter_mut().filter(|check| check.steps.is_empty());
    for text in idle.flat_map(|check| [&mut check.message, &mut check.target]).flatten() {
        let (clean, counts) = redactor.clean(text.as_bytes());
        *text = String::from_utf8_lossy(&clean).into_owned();
        counts.into_iter().for_each(|count| count.count_in(&mut finished.redactions));
    }
}

/// How often each item was run before.
fn attempts(ledger: &Ledger, run: &str) -> BTreeMap<String, i64> {
    let mut attempts = BTreeMap::new();
    for stored in ledger.entries() {
        if let Body::Result(result) = &stored.entry.body
            && result.run == run
        {
            let known = attempts.entry(result.item.clone()).or_insert(0);
            *known = result.attempt.max(*known);
        }
    }
    attempts
}

fn item_result(
    run: &str,
    item: &Planned,
    attempts: &mut BTreeMap<String, i64>,
    finished: run::Finished,
) -> ItemResult {
    let attempt = attempts.entry(item.id.clone()).or_insert(0);
    *attempt += 1;
    ItemResult {
        run: run.to_owned(),
        item: item.id.clone(),
        item_sha256: item.sha256,
        attempt: *attempt,
        outcome: finished.outcome,
        ms: finished.ms,
        checks: finished.checks,
        redactions: finished.redactions,
    }
}
