//! `holdpoint verify`: proves that ledger, evidence and reports are unchanged, or says what is not.

use holdpoint::flow;
use holdpoint::verify::Verdict;

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

Exit codes: 0 verified (perhaps not anchored: the warning says so), 30 something is off, 2 no ledger.")]
pub(super) struct Args {
    /// Shape of the output
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

/// Verifies everything and names everything that is wrong.
pub(super) fn main(args: &Args, place: &Place, term: &Term) -> Result<Exit, Failure> {
    let found = flow::verify(&place.home())?;
    match args.format {
        Format::Json => term.json(&found),
        Format::Text => {
            for finding in &found.findings {
                term.out(term::finding(finding));
            }
            term.out(found.summary());
        }
    }
    Ok(if matches!(found.verdict, Verdict::NotAnchored) { Exit::Done } else { Exit::Unverified })
}
