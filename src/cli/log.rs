//! `holdpoint log`: what the ledger says, entry by entry.

use std::path::{Path, PathBuf};

use holdpoint::flow::{self, Line};

use super::Format;
use super::exit::Exit;
use super::failure::Failure;
use super::place::Place;
use super::term::{self, Term};

/// Show the ledger, newest first
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  holdpoint log
  holdpoint log --run quickstart-20261121-093000-7f3a
  holdpoint log --prove quickstart-20261121-093000-7f3a --out for-the-auditor
  holdpoint log --format json | jq '.entries[] | select(.kind == \"result\")'")]
pub(super) struct Args {
    /// Only this run
    #[arg(long, value_name = "RUN")]
    run: Option<String>,
    /// Write a proof of each sealed entry of this run, for whoever has no ledger
    #[arg(long, value_name = "RUN", conflicts_with_all = ["run", "format"])]
    prove: Option<String>,
    /// Where to; `RUN-proof` unless told
    #[arg(long, value_name = "DIR", requires = "prove")]
    out: Option<PathBuf>,
    /// Shape of the output
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

/// Prints the entries: newest first for people, in the ledger's order for machines.
pub(super) fn main(args: &Args, place: &Place, term: &Term) -> Result<Exit, Failure> {
    if let Some(run) = &args.prove {
        return prove(run, args.out.as_deref(), place, term);
    }
    let lines = flow::log(&place.home(), args.run.as_deref())?;
    match args.format {
        Format::Json => term.json(&serde_json::json!({ "entries": lines })),
        Format::Text => lines.iter().rev().for_each(|line| term.out(shown(line))),
    }
    Ok(Exit::Done)
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

fn shown(line: &Line) -> String {
    let id = line.id.to_string();
    format!(
        "{} {}  {:<10}  {}  {}",
        term::bold(&id[..8]),
        term::dim(&line.entry.at.to_string()),
        line.kind(),
        term::visible(&line.summary()),
        term::dim(&term::visible(&line.entry.writer.id)),
    )
}
