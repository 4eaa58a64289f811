//! `holdpoint log`: what the ledger says, entry by entry.

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
  holdpoint log --format json | jq '.entries[] | select(.kind == \"result\")'")]
pub(super) struct Args {
    /// Only this run
    #[arg(long, value_name = "RUN")]
    run: Option<String>,
    /// Shape of the output
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

/// Prints the entries: newest first for people, in the ledger's order for machines.
pub(super) fn main(args: &Args, place: &Place, term: &Term) -> Result<Exit, Failure> {
    let lines = flow::log(&place.home(), args.run.as_deref())?;
    match args.format {
        Format::Json => term.json(&serde_json::json!({ "entries": lines })),
        Format::Text => lines.iter().rev().for_each(|line| term.out(shown(line))),
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
