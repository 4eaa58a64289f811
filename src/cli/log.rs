//! `holdpoint log`: what the ledger says, entry by entry.

use std::path::{Path, PathBuf};

use chrono::{NaiveDate, NaiveTime};
use holdpoint::clock::Timestamp;
use holdpoint::flow::{self, Filter, Line};

use super::Format;
use super::exit::Exit;
use super::failure::Failure;
use super::lanes::Lanes;
use super::place::Place;
use super::term::{self, Term};

/// Show the ledger, newest first
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  holdpoint log -n 20
  holdpoint log --run quickstart-20261121-093000-7f3a --outcome fail --outcome error
  holdpoint log --person alice --kind signoff --since 2026-11-01
  holdpoint log --graph -n 50
  holdpoint log --prove quickstart-20261121-093000-7f3a --out for-the-auditor
  holdpoint log --format json | jq '.entries[] | select(.kind == \"result\")'

What is shown has to fit all that is asked for; `--outcome` and `--kind` may be given more than once. Lines are shown as
they stand: `holdpoint verify` proves that nothing was changed.")]
pub(super) struct Args {
    /// Only this run
    #[arg(long, value_name = "RUN")]
    run: Option<String>,
    /// Only runs of this checklist, by its path in the repository
    #[arg(long, value_name = "PATH")]
    checklist: Option<String>,
    /// Only about this item, by its identity or an end of it
    #[arg(long, value_name = "ITEM")]
    item: Option<String>,
    /// Only by this person: who signed, attested or ran something, or a part of their name
    #[arg(long, value_name = "NAME")]
    person: Option<String>,
    /// Only with this outcome or decision: pass, fail, error, pending, skipped, waived, go, no-go, abstains
    #[arg(long, value_name = "WORD")]
    outcome: Vec<String>,
    /// Only of this kind: result, attested, signoff, decided …
    #[arg(long, value_name = "KIND")]
    kind: Vec<String>,
    /// Not before this day or time (UTC)
    #[arg(long, value_name = "TIME", value_parser = begin)]
    since: Option<Timestamp>,
    /// Not after this day or time (UTC)
    #[arg(long, value_name = "TIME", value_parser = end)]
    until: Option<Timestamp>,
    /// Only the newest so many
    #[arg(short = 'n', long = "max-count", value_name = "COUNT")]
    most: Option<usize>,
    /// Draw who follows whom
    #[arg(long, conflicts_with_all = ["run", "checklist", "item", "person", "outcome", "kind", "since", "until"])]
    graph: bool,
    /// Write a proof of each sealed entry of this run, for whoever has no ledger
    #[arg(long, value_name = "RUN", conflicts_with_all = [
        "run", "format", "checklist", "item", "person", "outcome", "kind", "since", "until", "most", "graph",
    ])]
    prove: Option<String>,
    /// Where to; `RUN-proof` unless told
    #[arg(long, value_name = "DIR", requires = "prove")]
    out: Option<PathBuf>,
    /// Shape of the output
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

fn begin(text: &str) -> Result<Timestamp, String> {
    time(text, NaiveTime::MIN)
}

fn end(text: &str) -> Result<Timestamp, String> {
    time(text, NaiveTime::from_hms_milli_opt(23, 59, 59, 999).unwrap_or(NaiveTime::MIN))
}

/// A time, or a day and `then`.
fn time(text: &str, then: NaiveTime) -> Result<Timestamp, String> {
    let day = text.parse::<NaiveDate>().ok();
    let of_day =
        day.and_then(|day| Timestamp::from_millis(day.and_time(then).and_utc().timestamp_millis()));
    let wrong = || "write a day as 2026-11-21, or a time in UTC as 2026-11-21T09:30:00Z".to_owned();
    of_day.map_or_else(|| super::waive::time(text).map_err(|_| wrong()), Ok)
}

/// Prints the entries: newest first for people, in the ledger's order for machines.
pub(super) fn main(args: Args, place: &Place, term: &Term) -> Result<Exit, Failure> {
    if let Some(run) = &args.prove {
        return prove(run, args.out.as_deref(), place, term);
    }
    let (format, graph) = (args.format, args.graph);
    let lines = flow::log(&place.home(), &args.filter())?;
    let mut lanes = graph.then(Lanes::default);
    match format {
        Format::Json => term.json(&serde_json::json!({ "entries": lines })),
        Format::Text => lines.iter().rev().for_each(|line| show(line, lanes.as_mut(), term)),
    }
    Ok(Exit::Done)
}

impl Args {
    fn filter(self) -> Filter {
        let Self { run, checklist, item, person, since, until, most, .. } = self;
        Filter {
            run,
            checklist,
            item,
            person,
            says: self.outcome,
            kinds: self.kind,
            since,
            until,
            most,
        }
    }
}

/// An entry: on a wide terminal and for programs in one line; else what it says is below, in as many as it takes.
fn show(line: &Line, lanes: Option<&mut Lanes>, term: &Term) {
    let drawn = lanes.map(|lanes| lanes.draw(&line.id, &line.entry.prev));
    let [mark, beside] = match &drawn {
        Some(drawn) => [&drawn.own, &drawn.beside].map(String::as_str),
        None => ["", ""],
    };
    drawn.iter().flat_map(|drawn| &drawn.above).for_each(|line| term.out(line));
    let id = term::bold(&line.id.to_string()[..8]);
    let at = term::dim(&line.entry.at.to_string());
    let by = term::dim(&term::visible(&line.entry.writer.id));
    let (kind, says) = (line.kind(), term::visible(&line.summary()));
    let says = says.trim_end();
    let columns = term::columns();
    if columns.is_none_or(|columns| columns >= WIDE) {
        let start = format!("{mark}{id} {at}  {kind:<10}  ");
        let indent = mark.chars().count() + 47;
        let text = format!("{says}  {by}");
        let lines = wrapped(&text, columns.map(|columns| columns.saturating_sub(indent)));
        put(&start, &format!("{beside}{:47}", ""), &lines, term);
    } else {
        term.out(format!("{mark}{id} {at}  {kind}  {by}"));
        let room = columns.map(|columns| columns.saturating_sub(beside.chars().count() + 4));
        let start = format!("{beside}    ");
        put(&start, &start, &wrapped(says, room), term);
    }
    drawn.iter().flat_map(|drawn| &drawn.below).for_each(|line| term.out(line));
}

/// Columns from which an entry is one line.
const WIDE: usize = 110;

fn wrapped(text: &str, room: Option<usize>) -> Vec<String> {
    let Some(room) = room else { return vec![text.to_owned()] };
    let options =
        textwrap::Options::new(room.max(20)).word_splitter(textwrap::WordSplitter::NoHyphenation);
    textwrap::wrap(text, options).into_iter().map(String::from).collect()
}

fn put(start: &str, rest: &str, lines: &[String], term: &Term) {
    for (at, line) in lines.iter().enumerate() {
        term.out(format!("{}{line}", if at == 0 { start } else { rest }));
    }
}

fn prove(run: &str, out: Option<&Path>, place: &Place, term: &Term) -> Result<Exit, Failure> {
    let folder = out.map_or_else(|| PathBuf::from(format!("{run}-proof")), Path::to_owned);
    let proven = flow::prove(&place.home(), run, &place.resolve(&folder))?;
    let (count, name) = (proven.files.len(), folder.display());
    term.out(format!(
        "wrote {count} proofs into `{name}`; `holdpoint verify --proof FILE` checks one"
    ));
    if proven.unsealed > 0 {
        let count = proven.unsealed;
        term.err(term::warning(&format!(
            "{count} entries of the run are not sealed yet, and have no proof"
        )));
    }
    Ok(Exit::Done)
}
