//! `holdpoint run`: the main job.

use std::path::PathBuf;
use std::sync::Arc;

use holdpoint::clock::Window;
use holdpoint::flow;
use holdpoint::run::Stop;

use super::exit::Exit;
use super::failure::Failure;
use super::place::{self, Place};
use super::progress::Progress;
use super::term::{self, Term};
use super::{Format, answers, blame, consent, parameters, verdict};

/// Run a checklist: its checks, a record of each, the verdict, the reports
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  holdpoint run checklists/go-live.md --release v1.8.0 --environment staging
  holdpoint run checklists/go-live.md --param HOST=staging.example.com --jobs 4
  holdpoint run checklists/go-live.md --answers answers.toml --format json   (in CI)

Only blocks marked `check` are executed. Exit codes: 0 GO, 10 HOLD, 20 NO-GO, for the gate asked for, \
else the next one open; 2 when the checklist cannot be run; 1 when a result cannot be recorded.")]
pub(super) struct Args {
    /// The checklist
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// What is released; the newest tag or the commit unless told
    #[arg(long, value_name = "NAME")]
    release: Option<String>,
    /// Where to; front matter's `environment` unless told
    #[arg(long, value_name = "NAME")]
    environment: Option<String>,
    /// The reference of the change that this belongs to, as `CHG-1042`
    #[arg(long, value_name = "REFERENCE", conflicts_with = "resume")]
    change: Option<String>,
    /// When the change may happen, in UTC, as `2026-11-22T20:00Z/2026-11-22T23:00Z`: outside of it no gate is GO
    #[arg(long, value_name = "FROM/TO", conflicts_with = "resume")]
    window: Option<Window>,
    #[command(flatten)]
    params: parameters::Given,
    /// Answers to manual items: TOML, a table for each identity with `outcome` and `note`
    #[arg(long, value_name = "FILE")]
    answers: Option<PathBuf>,
    /// How many items run side by side; as many as there are cores unless told
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    jobs: Option<u16>,
    /// Speak for this gate
    #[arg(long, value_name = "GATE")]
    gate: Option<String>,
    /// Go on with an open run: what has not passed yet runs again
    #[arg(long, value_name = "RUN")]
    resume: Option<String>,
    /// Run only what `holdpoint.toml` pins; without a terminal nobody else is asked
    #[arg(long)]
    locked: bool,
    /// Record and judge, but write no reports
    #[arg(long)]
    no_report: bool,
    /// Shape of the output
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

/// Reads, plans, runs, records, judges and reports.
pub(super) fn main(args: Args, place: &Place, term: &Term) -> Result<Exit, Failure> {
    let path = place.resolve(&args.file);
    let checklist = flow::read(&path, &place.name(&path), &place.config)?;
    flow::may_run(&checklist)?;
    super::lint::talk(&checklist.reading, term);
    for param in checklist.reading.checklist.front.params.iter().filter(|param| param.secret) {
        if args.params.params.iter().any(|given| given.split('=').next() == Some(&param.name)) {
            term.err(term::warning(&format!(
                "process lists and shell histories show the value of secret `{0}`: use `--param-env {0}` or `--param-file {0}=FILE`",
                param.name
            )));
        }
    }
    let mut params = args.params.read(place)?;
    let mut commit = place.commit();
    if let Some(run) = &args.resume {
        let (opened, recorded) = flow::recorded(&place.home(), run)?;
        for (name, value) in recorded {
            params.entry(name).or_insert(value);
        }
        // Whoever commits what a run wrote has not changed what it looks at.
        if place.only_records_since(&opened) {
            commit = opened;
        }
    }
    consent::given(&checklist.reading.checklist, &params, args.locked, place, term)?;
    let order = flow::Order {
        release: args.release.unwrap_or_else(|| place.release()),
        environment: args.environment,
        change: args.change.filter(|reference| !reference.trim().is_empty()),
        window: args.window,
        commit,
        dirty: place.dirty(),
        // A run that goes on has been told already.
        ticked: match &args.resume {
            Some(_) => Default::default(),
            None => blame::ticked(place, &checklist.reading.checklist),
        },
        params,
        caller: place::caller(),
        worker: place::worker()?,
        jobs: args.jobs.map_or_else(place::cores, usize::from),
        answers: args
            .answers
            .map(|file| answers::read(&place.resolve(&file)))
            .transpose()?
            .unwrap_or_default(),
        gate: args.gate,
        resume: args.resume,
        report: !args.no_report,
        checklist,
    };
    let stop = Arc::new(Stop::default());
    let signal = place::on_signal(&stop)?;
    let done = flow::run(&place.home(), &order, &stop, Progress::new)?;
    if let Some(number) = signal.received() {
        term.err(term::warning(&format!(
            "interrupted; what was recorded is in the ledger: go on with `--resume {}`",
            done.standing.run.opened.run
        )));
        return Ok(Exit::Signal(number));
    }
    match args.format {
        Format::Json => term.json(&verdict::run_json(&done)),
        Format::Text => {
            verdict::print(&done.standing, term);
            verdict::reports(&done.reports, term);
        }
    }
    Ok(done.standing.verdict().call.into())
}
