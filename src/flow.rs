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
use crate::ledger::record::{
    Attested, Body, ChecklistFile, Genesis, ItemResult, Param, PlanItem, RunOpened,
};
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
        Self {
            message: message.into(),
            hint: Some(hint.into()),
            reading: None,
            usage: true,
        }
    }

    fn ours(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            hint: None,
            reading: None,
            usage: false,
        }
    }
}

impl From<crate::ledger::Error> for Failure {
    fn from(error: crate::ledger::Error) -> Self {
        Self {
            message: error.message,
            hint: Some(error.hint),
            reading: None,
            usage: error.missing,
        }
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
    let bytes = files::read(path, checklist::LIMIT as u64).map_err(|error| {
        Failure::usage(
            format!("cannot read `{name}`: {error}"),
            "give the path of a checklist in Markdown",
        )
    })?;
    read_bytes(name, &bytes)
}

fn read_bytes(name: &str, bytes: &[u8]) -> Result<Reading, Failure> {
    let mut reading =
        checklist::read(name, bytes).map_err(|error| Failure::usage(error.message, error.hint))?;
    lint::complete(&mut reading);
    Ok(reading)
}

/// Plans what would run.
///
/// # Errors
/// When the checklist cannot be run as it is.
pub fn plan(
    reading: &Reading,
    params: &Params,
    caller: &BTreeMap<String, String>,
) -> Result<Plan, Failure> {
    if let Some(finding) = lint::blocking(reading).next() {
        let source = &reading.checklist.source;
        let place = format!("{}:{}", source.path, source.line_of(finding.span.start));
        let hint = finding.hint.clone().unwrap_or_default();
        return Err(Failure {
            reading: Some(Box::new(reading.clone())),
            ..Failure::usage(format!("{place}: nothing runs: {}", finding.message), hint)
        });
    }
    plan::build(&reading.checklist, params, caller)
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
    record(
        home,
        &mut ledger,
        &session,
        &run,
        &plan,
        &wanted,
        order,
        stop,
        watch,
    )?;
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
fn record<W: Watch + Send>(
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
    // Told from two threads: of beginnings by the runner, of answers once they are recorded.
    let watch = Mutex::new(watch(wanted.len()));
    let watch = || {
        watch
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    };
    let settings = Settings {
        worker: order.worker.clone(),
        jobs: order.jobs,
        root: home.root.clone(),
        random: home.random,
    };
    let attempts = attempts(ledger, run);
    let (results, inbox) = channel::<run::Finished>();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let results = results;
            run::run(plan, wanted, &settings, stop, &mut |event| match event {
                Event::Started(item) => watch().started(&plan.items[item].text),
                Event::Finished(finished) => {
                    // The recorder ends early only on a failure, and then stops the run.
                    let _ = results.send(finished);
                }
            });
        });
        let mut failure = None;
        while let Ok(first) = inbox.recv() {
            if failure.is_some() {
                continue;
            }
            let batch: Vec<run::Finished> =
                std::iter::once(first).chain(inbox.try_iter()).collect();
            let recorded = append_results(home, ledger, session, run, plan, &attempts, &batch);
            if let Err(error) = recorded {
                failure = Some(error);
                stop.stop();
                continue;
            }
            for finished in &batch {
                let result = item_result(run, plan, &attempts, finished);
                let why = standing::why(&result);
                let text = &plan.items[finished.item].text;
                watch().recorded(text, finished.outcome, finished.ms, why.as_deref());
            }
        }
        failure.map_or(Ok(()), Err)
    })
}

/// Answers of `words` as identities of the plan.
fn find_words(plan: &Plan, words: &[Word]) -> Result<Vec<(usize, Word)>, Failure> {
    words
        .iter()
        .map(|word| Ok((find_item(plan, &word.item)?, word.clone())))
        .collect()
}

/// An item that a person may answer, by its identity or an end of it that no other has.
fn find_item(plan: &Plan, name: &str) -> Result<usize, Failure> {
    let exact = plan.items.iter().position(|item| item.id == name);
    let ends: Vec<usize> = plan
        .items
        .iter()
        .enumerate()
        .filter(|(_, item)| item.id.ends_with(&format!("/{name}")))
        .map(|(at, _)| at)
        .collect();
    match (exact, &ends[..]) {
        (Some(at), _) => Ok(at),
        (None, [at]) => Ok(*at),
        (None, []) => {
            let last = |id: &str| id.rsplit('/').next().unwrap_or_default().to_owned();
            let near = plan.items.iter().min_by_key(|item| {
                strsim::damerau_levenshtein(&item.id, name)
                    .min(strsim::damerau_levenshtein(&last(&item.id), name))
            });
            let hint = near.map_or("the checklist has no items".to_owned(), |item| {
                format!("did you mean `{}`?", item.id)
            });
            Err(Failure::usage(format!("there is no item `{name}`"), hint))
        }
        (None, several) => {
            let names: Vec<String> = several
                .iter()
                .map(|&at| format!("`{}`", plan.items[at].id))
                .collect();
            Err(Failure::usage(
                format!("`{name}` may be {}", names.join(" or ")),
                "give more of its identity",
            ))
        }
    }
}

/// A person cannot answer for a check, nor for a parent whose children decide.
fn may_attest(
    plan: &Plan,
    at: usize,
    outcome: Outcome,
    run: Option<&RunState>,
) -> Result<(), Failure> {
    let item = &plan.items[at];
    if outcome != Outcome::Pass {
        return Ok(());
    }
    if item.checks.is_empty() {
        return if item.parent {
            Err(Failure::usage(
                format!("`{}` is decided by the items inside it", item.id),
                "answer these",
            ))
        } else {
            Ok(())
        };
    }
    let given = run
        .and_then(|run| run.answers.get(&item.id))
        .map_or(&[][..], Vec::as_slice);
    let results = given
        .iter()
        .filter(|answer| answer.counts && matches!(answer.given, state::Given::Machine(_)));
    let worst = results.map(state::Answer::outcome).max();
    match worst {
        Some(Outcome::Pending) => Ok(()),
        _ => Err(Failure::usage(
            format!(
                "`{}` is answered by its check, and no word makes that a pass",
                item.id
            ),
            "mend what it looks at and run it again",
        )),
    }
}

fn attest_all(
    home: &Home,
    ledger: &mut Ledger,
    session: &Session,
    run: &str,
    plan: &Plan,
    words: &[(usize, Word)],
) -> Result<(), Failure> {
    let now = find_run(ledger, Some(run))?;
    let redactor = redactor(plan);
    let mut bodies = Vec::new();
    for (at, word) in words {
        may_attest(plan, *at, word.outcome, Some(&now))?;
        let item = &plan.items[*at];
        let mut evidence = Vec::new();
        for path in &word.evidence {
            let bytes = files::read(path, crate::ledger::evidence::LIMIT).map_err(|error| {
                Failure::usage(
                    format!("cannot read evidence `{}`: {error}", path.display()),
                    "give the path of a file of at most 64 MiB",
                )
            })?;
            let mut clean = Vec::new();
            let mut stream = redactor.stream();
            stream.feed(&bytes, &mut clean);
            stream.end(&mut clean);
            evidence.push(ledger.keep(&clean)?);
        }
        let note: String = redactor.text(&word.note).chars().take(4000).collect();
        bodies.push(Body::Attested(Attested {
            run: run.to_owned(),
            item: item.id.clone(),
            item_sha256: item.sha256,
            outcome: word.outcome,
            note,
            evidence,
        }));
    }
    if !bodies.is_empty() {
        ledger.append(session, home.clock.now(), bodies, &[])?;
    }
    Ok(())
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
    plan: &Plan,
    attempts: &BTreeMap<String, i64>,
    finished: &run::Finished,
) -> ItemResult {
    let item = &plan.items[finished.item];
    ItemResult {
        run: run.to_owned(),
        item: item.id.clone(),
        item_sha256: item.sha256,
        attempt: attempts.get(&item.id).copied().unwrap_or(0) + 1,
        outcome: finished.outcome,
        ms: finished.ms,
        checks: finished.checks.clone(),
        redactions: finished.redactions.clone(),
    }
}

fn append_results(
    home: &Home,
    ledger: &mut Ledger,
    session: &Session,
    run: &str,
    plan: &Plan,
    attempts: &BTreeMap<String, i64>,
    batch: &[run::Finished],
) -> Result<(), Failure> {
    let evidence: Vec<Vec<u8>> = batch
        .iter()
        .flat_map(|finished| finished.evidence.iter().cloned())
        .collect();
    let bodies = batch
        .iter()
        .map(|finished| Body::Result(item_result(run, plan, attempts, finished)))
        .collect();
    ledger.append(session, home.clock.now(), bodies, &evidence)?;
    Ok(())
}

/// Items that have checks, are on no standby, and have not passed in this run.
fn wanted(ledger: &Ledger, run: &str, plan: &Plan) -> Result<Vec<usize>, Failure> {
    let state = find_run(ledger, Some(run))?;
    let passed = |id: &str| {
        state.answers.get(id).is_some_and(|answers| {
            let mut counting = answers.iter().filter(|answer| answer.counts).peekable();
            counting.peek().is_some() && counting.all(|answer| answer.outcome() == Outcome::Pass)
        })
    };
    let due =
        |item: &plan::Planned| item.gate.is_some() && !item.checks.is_empty() && !passed(&item.id);
    Ok((0..plan.items.len())
        .filter(|&at| due(&plan.items[at]))
        .collect())
}

fn redactor(plan: &Plan) -> Redactor {
    Redactor::new(
        plan.params
            .iter()
            .filter(|param| param.secret)
            .map(|param| (param.name.as_str(), param.value.as_str())),
    )
}

/// Records that a run begins; says its id.
fn open_run(
    home: &Home,
    ledger: &mut Ledger,
    session: &Session,
    order: &Order,
    plan: &Plan,
) -> Result<String, Failure> {
    let checklist = &order.reading.checklist;
    let redactor = redactor(plan);
    let now = home.clock.now();
    let name = crate::ledger::record::plain(
        checklist
            .source
            .path
            .rsplit('/')
            .next()
            .unwrap_or_default()
            .trim_end_matches(".md"),
    );
    let stamp: String = now
        .to_string()
        .chars()
        .take(19)
        .filter(char::is_ascii_digit)
        .collect();
    let run = format!(
        "{name}-{}-{}-{}",
        &stamp[..8],
        &stamp[8..],
        &hex(home)?[..4]
    );
    let items = canonical_plan(plan)?;
    let opened = RunOpened {
        run: run.clone(),
        checklist: ChecklistFile {
            path: checklist.source.path.clone(),
            sha256: checklist.sha256,
            title: cut(&checklist.title),
        },
        release: cut(&redactor.text(&order.release)),
        environment: cut(&redactor.text(environment(order))),
        commit: order.commit.clone(),
        dirty: order.dirty,
        params: plan
            .params
            .iter()
            .map(|param| Param {
                name: param.name.clone(),
                value: (!param.secret).then(|| cut(&redactor.text(&param.value))),
                redacted: param.secret.then_some(true),
            })
            .collect(),
        gates: checklist
            .gates
            .iter()
            .map(|gate| gate.name.clone())
            .collect(),
        items: i64::try_from(plan.items.len()).unwrap_or(i64::MAX),
        items_sha256: Digest::of(&items),
    };
    let evidence = [checklist.source.text.clone().into_bytes(), items];
    ledger.append(
        session,
        now,
        vec![Body::RunOpened(Box::new(opened))],
        &evidence,
    )?;
    Ok(run)
}

fn environment(order: &Order) -> &str {
    let front = order.reading.checklist.front.environment.as_deref();
    order
        .environment
        .as_deref()
        .or(front)
        .unwrap_or("not named")
}

/// Texts that people give are cut where they would fill a line of the ledger.
fn cut(text: &str) -> String {
    text.chars().take(1000).collect()
}

/// The plan as the ledger keeps it.
fn canonical_plan(plan: &Plan) -> Result<Vec<u8>, Failure> {
    let items: Vec<PlanItem> = plan
        .items
        .iter()
        .map(|item| PlanItem {
            gate: item.gate.clone(),
            item: item.id.clone(),
            item_sha256: item.sha256,
            required: item.required,
        })
        .collect();
    let mut value =
        serde_json::to_value(items).map_err(|error| Failure::ours(error.to_string()))?;
    json::make_storable(&mut value);
    json::canonical(&value)
        .map_err(|error| Failure::ours(format!("cannot record the plan: {error}")))
}

/// A run goes on only with the checklist and the content that it was opened with.
fn resume(ledger: &Ledger, run: &str, order: &Order) -> Result<String, Failure> {
    let state = find_run(ledger, Some(run))?;
    let again = "open a new run: leave `--resume` out";
    if state.opened.checklist.sha256 != order.reading.checklist.sha256 {
        return Err(Failure::usage(
            format!("the checklist was edited since run `{run}` was opened"),
            again,
        ));
    }
    if !same_params(&state.opened.params, order) {
        return Err(Failure::usage(
            format!("run `{run}` was opened with other parameters"),
            again,
        ));
    }
    if state.opened.commit != order.commit {
        return Err(Failure::usage(
            format!(
                "run `{run}` was opened at commit {}, and this is another",
                short(&state.opened.commit)
            ),
            again,
        ));
    }
    Ok(state.opened.run)
}

fn short(commit: &str) -> &str {
    commit.get(..12).unwrap_or(commit)
}

/// Values as far as they were recorded; those of secrets were not.
fn same_params(opened: &[Param], order: &Order) -> bool {
    let declared = &order.reading.checklist.front.params;
    declared.iter().all(|param| {
        let now = order.params.get(&param.name).or(param.default.as_ref());
        match opened.iter().find(|known| known.name == param.name) {
            Some(known) if known.redacted == Some(true) => now.is_some(),
            Some(known) => known.value.as_ref() == now,
            None => now.is_none(),
        }
    })
}

/// A ledger that is not there has no runs either, which is what the user asked for.
fn with_runs(ledger: Result<Ledger, crate::ledger::Error>) -> Result<Ledger, Failure> {
    ledger.map_err(|error| {
        if error.missing {
            no_run()
        } else {
            error.into()
        }
    })
}

fn no_run() -> Failure {
    Failure::usage(
        "there is no run yet",
        "`holdpoint run CHECKLIST.md` opens one",
    )
}

/// The run named so, else the newest.
fn find_run(ledger: &Ledger, name: Option<&str>) -> Result<RunState, Failure> {
    let entries: Vec<&Stored> = ledger.entries().iter().collect();
    pick(state::runs(ledger.history(), &entries), name)
}

fn pick(mut runs: Vec<RunState>, name: Option<&str>) -> Result<RunState, Failure> {
    let Some(name) = name else {
        return runs.pop().ok_or_else(|| {
            Failure::usage(
                "there is no run yet",
                "`holdpoint run CHECKLIST.md` opens one",
            )
        });
    };
    match runs.iter().position(|run| run.opened.run == name) {
        Some(at) => Ok(runs.swap_remove(at)),
        None => {
            let names: Vec<&str> = runs
                .iter()
                .rev()
                .take(3)
                .map(|run| run.opened.run.as_str())
                .collect();
            let hint = if names.is_empty() {
                "there is none yet".to_owned()
            } else {
                format!("the newest are {}", names.join(", "))
            };
            Err(Failure::usage(format!("there is no run `{name}`"), hint))
        }
    }
}

/// Opens the ledger, or begins one.
fn open_or_begin(home: &Home) -> Result<Ledger, Failure> {
    match Ledger::open_to_write(location(home)) {
        Err(error) if error.missing => begin(home),
        other => Ok(other?),
    }
}

fn location(home: &Home) -> Location {
    Location::new(&home.root, home.private.as_deref())
}

/// The policy until keys are added: nothing has to be signed.
const POLICY: &[u8] = b"# Nothing has to be signed in this ledger.\n";

/// Files that git must not touch: another byte is another digest.
const ATTRIBUTES: &str = "*.jsonl -text\nledger/** -text\nreports/** -text\n";

fn begin(home: &Home) -> Result<Ledger, Failure> {
    let name = home.root.file_name().map_or_else(
        || "ledger".to_owned(),
        |name| name.to_string_lossy().into_owned(),
    );
    let genesis = Genesis {
        ledger: hex(home)?,
        name: cut(&name),
        trunk: home.trunk.clone(),
        log_key: None,
    };
    let ledger = Ledger::begin(
        location(home),
        genesis,
        POLICY,
        &session(home)?,
        home.clock.now(),
    )?;
    let path = home.root.join(".gitattributes");
    let known = std::fs::read_to_string(&path).unwrap_or_default();
    if !known.contains(ATTRIBUTES) {
        let newline = if known.is_empty() || known.ends_with('\n') {
            ""
        } else {
            "\n"
        };
        files::replace(&path, format!("{known}{newline}{ATTRIBUTES}").as_bytes()).map_err(
            |error| Failure::ours(format!("cannot write `{}`: {error}", path.display())),
        )?;
    }
    Ok(ledger)
}

fn hex(home: &Home) -> Result<String, Failure> {
    let bytes =
        (home.random)().map_err(|error| Failure::ours(format!("no random bytes: {error}")))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn session(home: &Home) -> Result<Session, Failure> {
    let stamp: String = home
        .clock
        .now()
        .to_string()
        .chars()
        .take(19)
        .filter(char::is_ascii_digit)
        .collect();
    Ok(Session {
        name: format!("{stamp}-{}", &hex(home)?[..12]),
        writer: home.writer.clone(),
    })
}

/// Begins a ledger; false when there is one.
///
/// # Errors
/// When it cannot be written.
pub fn init(home: &Home) -> Result<bool, Failure> {
    match Ledger::open_to_write(location(home)) {
        Ok(_) => Ok(false),
        Err(error) if error.missing => begin(home).map(|_| true),
        Err(error) => Err(error.into()),
    }
}

/// Seals; says how many entries that moved into the trunk.
///
/// # Errors
/// When there is no ledger, it is damaged, or cannot be written.
pub fn seal(home: &Home) -> Result<usize, Failure> {
    Ok(Ledger::open_to_write(location(home))?.seal()?)
}

/// Where a run stands, held against the checklist as it is in the work tree now.
///
/// # Errors
/// When there is no such run, or its evidence is gone.
pub fn status(home: &Home, run: Option<&str>, gate: Option<&str>) -> Result<Standing, Failure> {
    let ledger = with_runs(Ledger::open(location(home)))?;
    let run = find_run(&ledger, run)?;
    let stale = edited(home, &ledger, &run)?;
    standing_of(&ledger, Some(&run.opened.run), gate, &stale)
}

/// What of the checklist in the work tree differs from the one that the run was opened with.
fn edited(home: &Home, ledger: &Ledger, run: &RunState) -> Result<Vec<String>, Failure> {
    let path = home.root.join(&run.opened.checklist.path);
    let Ok(bytes) = files::read(&path, checklist::LIMIT as u64) else {
        return Ok(vec![format!(
            "checklist `{}` cannot be read any more",
            run.opened.checklist.path
        )]);
    };
    if Digest::of(&bytes) == run.opened.checklist.sha256 {
        return Ok(Vec::new());
    }
    let now = match checklist::read(&run.opened.checklist.path, &bytes) {
        Ok(reading) => reading.checklist,
        Err(error) => return Ok(vec![error.message]),
    };
    let plan = kept_plan(ledger, run)?;
    let same = |planned: &PlanItem| {
        let item = now.items.iter().find(|item| item.id == planned.item);
        item.is_some_and(|item| item.sha256 == planned.item_sha256)
    };
    let changed: Vec<&str> = plan
        .iter()
        .filter(|item| !same(item))
        .map(|item| item.item.as_str())
        .collect();
    let added = now
        .items
        .iter()
        .filter(|item| !plan.iter().any(|planned| planned.item == item.id))
        .count();
    let mut stale = Vec::new();
    if let Some(first) = changed.first() {
        let verb = if changed.len() == 1 {
            "item was"
        } else {
            "items were"
        };
        stale.push(format!(
            "{} {verb} edited or removed since the run was opened, the first `{first}`",
            changed.len()
        ));
    }
    if added > 0 {
        stale.push(format!(
            "the checklist was edited since the run was opened: {added} items are new"
        ));
    }
    Ok(stale)
}

fn kept_plan(ledger: &Ledger, run: &RunState) -> Result<Vec<PlanItem>, Failure> {
    let gone = || {
        Failure::ours(
            "the plan that the run was opened with is gone or changed; `holdpoint verify` shows what",
        )
    };
    let bytes = ledger.evidence(&run.opened.items_sha256).ok_or_else(gone)?;
    serde_json::from_slice(&bytes).map_err(|_| gone())
}

fn kept_checklist(ledger: &Ledger, run: &RunState) -> Result<Checklist, Failure> {
    let gone = || {
        Failure::ours(
            "the checklist that the run was opened with is gone or changed; `holdpoint verify` shows what",
        )
    };
    let bytes = ledger
        .evidence(&run.opened.checklist.sha256)
        .ok_or_else(gone)?;
    let reading = checklist::read(&run.opened.checklist.path, &bytes)
        .map_err(|error| Failure::ours(error.message))?;
    Ok(reading.checklist)
}

fn standing_of(
    ledger: &Ledger,
    run: Option<&str>,
    gate: Option<&str>,
    stale: &[String],
) -> Result<Standing, Failure> {
    standing_at(ledger, find_run(ledger, run)?, gate, stale)
}

fn standing_at(
    ledger: &Ledger,
    run: RunState,
    gate: Option<&str>,
    stale: &[String],
) -> Result<Standing, Failure> {
    let checklist = kept_checklist(ledger, &run)?;
    let plan = kept_plan(ledger, &run)?;
    let verdicts = standing::verdicts(&run, &plan, &checklist, stale);
    let gate = standing::speaking(&verdicts, gate).ok_or_else(|| {
        let names: Vec<String> = verdicts
            .iter()
            .map(|verdict| format!("`{}`", verdict.gate))
            .collect();
        Failure::usage(
            format!("there is no gate `{}`", gate.unwrap_or_default()),
            format!("it has {}", names.join(", ")),
        )
    })?;
    Ok(Standing {
        run,
        checklist,
        plan,
        verdicts,
        gate,
    })
}

impl Standing {
    /// The verdict of the gate that it speaks for.
    pub fn verdict(&self) -> &Verdict {
        &self.verdicts[self.gate]
    }

    /// Each item of the plan with what it comes to, parents by their children, and why.
    pub fn items(
        &self,
    ) -> impl Iterator<Item = (&PlanItem, Option<&Item>, Outcome, Option<String>)> {
        let facts: Vec<ItemFact> = standing::item_facts(&self.run, &self.plan, &self.checklist);
        let outcomes = judge::effective(&facts);
        self.plan
            .iter()
            .zip(facts)
            .zip(outcomes)
            .map(|((planned, fact), outcome)| {
                let item = self
                    .checklist
                    .items
                    .iter()
                    .find(|item| item.id == planned.item);
                (planned, item, outcome, fact.detail)
            })
    }
}

/// An answer that was recorded, and where the run stands then.
#[derive(Debug)]
pub struct Attestation {
    /// Identity of the item.
    pub answered: String,
    /// Where the run stands now.
    pub standing: Standing,
}

/// Records a person's answer.
///
/// # Errors
/// When there is no such run or item, or a check answers it.
pub fn attest(home: &Home, run: Option<&str>, word: &Word) -> Result<Attestation, Failure> {
    let mut ledger = with_runs(Ledger::open_to_write(location(home)))?;
    let state = find_run(&ledger, run)?;
    let stale = edited(home, &ledger, &state)?;
    if let Some(why) = stale.first() {
        return Err(Failure::usage(
            why.clone(),
            "open a new run, or put the checklist back",
        ));
    }
    let checklist = kept_checklist(&ledger, &state)?;
    let shown = Plan::to_answer(&checklist);
    let at = find_item(&shown, &word.item)?;
    let run = state.opened.run.clone();
    attest_all(
        home,
        &mut ledger,
        &session(home)?,
        &run,
        &shown,
        &[(at, word.clone())],
    )?;
    if home.seals {
        ledger.seal()?;
    }
    let standing = standing_of(&ledger, Some(&run), None, &[])?;
    Ok(Attestation {
        answered: shown.items[at].id.clone(),
        standing,
    })
}

/// Recomputes everything.
///
/// # Errors
/// When there is no ledger.
pub fn verify(home: &Home) -> Result<verify::Findings, Failure> {
    if !verify::is_there(&home.root) {
        return Err(Failure::usage(
            format!(
                "there is no ledger in `{}`",
                home.root.join("ledger").display()
            ),
            "`holdpoint init` begins one",
        ));
    }
    // A ledger that cannot be opened has findings enough without rendering anything again.
    let ledger = Ledger::open(location(home)).ok();
    Ok(verify::verify(&home.root, &|report| {
        issue::again(ledger.as_ref()?, report)
    }))
}

/// An entry for `log`.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Line {
    /// Its id.
    pub id: Digest,
    /// It stands in the trunk.
    pub sealed: bool,
    /// What it says.
    #[serde(flatten)]
    pub entry: crate::ledger::record::Entry,
}

impl Line {
    /// Its kind.
    pub fn kind(&self) -> &'static str {
        self.entry.body.kind()
    }

    /// What it says, in a line.
    pub fn summary(&self) -> String {
        match &self.entry.body {
            Body::Genesis(genesis) => format!("ledger {} `{}`", genesis.ledger, genesis.name),
            Body::Policy(_) => "policy without keys".to_owned(),
            Body::RunOpened(opened) => {
                format!(
                    "{} · {} · {}",
                    opened.run, opened.release, opened.environment
                )
            }
            Body::Result(result) => format!("{:<7} {}", result.outcome.word(), result.item),
            Body::Attested(word) => {
                format!("{:<7} {} {}", word.outcome.word(), word.item, word.note)
            }
            Body::Report(report) => {
                format!("{} at {}", report.format, &report.head.to_string()[..8])
            }
            Body::Note(note) => note.text.clone(),
        }
    }
}

/// The ledger's entries, in its order.
///
/// # Errors
/// When there is no ledger, or it is damaged.
pub fn log(home: &Home, run: Option<&str>) -> Result<Vec<Line>, Failure> {
    let ledger = Ledger::open(location(home))?;
    let of_run = |stored: &&Stored| run.is_none_or(|run| stored.entry.body.run() == Some(run));
    let line = |stored: &Stored| Line {
        id: stored.id,
        sealed: stored.sealed,
        entry: stored.entry.clone(),
    };
    Ok(ledger.entries().iter().filter(of_run).map(line).collect())
}
