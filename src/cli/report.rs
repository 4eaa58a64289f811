//! `holdpoint report`: renders a run again, from the ledger and its evidence alone.

use std::path::PathBuf;

use holdpoint::flow;

use super::exit::Exit;
use super::failure::Failure;
use super::place::Place;
use super::term::Term;
use super::verdict;

/// Write the reports of a run: HTML, PDF and Markdown
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  holdpoint report                                    issue reports for the run as it stands now
  holdpoint report quickstart-20261121-093000-7f3a
  holdpoint report --out /tmp/look                    only look: nothing is recorded

Reports that are issued go to reports/<checklist>/<run>/<head>/ and into the ledger.")]
pub(super) struct Args {
    /// The run; the newest unless told
    run: Option<String>,
    /// Speak for this gate
    #[arg(long, value_name = "GATE")]
    gate: Option<String>,
    /// Write here instead, and record nothing
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Issues the reports, or writes copies elsewhere.
pub(super) fn main(args: &Args, place: &Place, term: &Term) -> Result<Exit, Failure> {
    let home = place.home();
    let (run, gate) = (args.run.as_deref(), args.gate.as_deref());
    let written = match &args.out {
        Some(folder) => flow::copy_reports(&home, run, gate, &place.resolve(folder))?,
        None => flow::issue_reports(&home, run, gate)?,
    };
    verdict::reports(&written, term);
    Ok(Exit::Done)
}
