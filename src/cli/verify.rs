//! `holdpoint verify`: proves that ledger, evidence and reports are unchanged, or says what is not.

use std::path::PathBuf;

use holdpoint::flow;

use super::Format;
use super::exit::Exit;
use super::failure::Failure;
use super::place::Place;
use super::term::{self, Term};

/// Prove that ledger, evidence and reports are unchanged
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  holdpoint verify
  holdpoint verify --format json | jq '.findings[]'
  holdpoint verify --strict --checkpoint ~/kept/checkpoint-of-march

Exit codes: 0 verified (perhaps not anchored: the last line says so), 30 something is off, 2 no ledger.")]
pub(super) struct Args {
    /// A checkpoint of this ledger that you kept yourself
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,
    /// Fail unless every entry is anchored
    #[arg(long)]
    strict: bool,
    /// Shape of the output
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

/// Verifies everything and names everything that is wrong.
pub(super) fn main(args: &Args, place: &Place, term: &Term) -> Result<Exit, Failure> {
    let checkpoint = args.checkpoint.as_deref().map(|path| place.resolve(path));
    let found = flow::verify(&place.home(), checkpoint.as_deref())?;
    match args.format {
        Format::Json => term.json(&found),
        Format::Text => {
            for finding in &found.findings {
                term.out(term::finding(finding));
            }
            term.out(found.summary());
        }
    }
    Ok(if found.verdict.passes(args.strict) { Exit::Done } else { Exit::Unverified })
}
