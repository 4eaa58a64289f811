//! `holdpoint status`: where a run stands.

use holdpoint::flow;

use super::exit::Exit;
use super::failure::Failure;
use super::place::Place;
use super::term::{self, Term};
use super::{Format, verdict};

/// Say where a run stands, and why
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  holdpoint status
  holdpoint status quickstart-20261121-093000-7f3a --gate Release --format json

Exit codes: 0 GO, 10 HOLD, 20 NO-GO, for the gate asked for, else the next one open.")]
pub(super) struct Args {
    /// The run; the newest unless told
    run: Option<String>,
    /// Speak for this gate
    #[arg(long, value_name = "GATE")]
    gate: Option<String>,
    /// Shape of the output
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

/// Judges the run as it stands, held against the checklist as it is now.
pub(super) fn main(args: &Args, place: &Place, term: &Term) -> Result<Exit, Failure> {
    let (run, gate) = (args.run.as_deref(), args.gate.as_deref());
    let (standing, ruling) = flow::status_and_rules(&place.home(), run, gate)?;
    match args.format {
        Format::Json => term.json(&verdict::json(&standing)),
        Format::Text => {
            verdict::items(&standing, term);
            verdict::print(&standing, term);
            for one in &ruling.unpinned {
                term.err(term::warning(&format!("`{}`: {}", one.path, one.message)));
            }
            for (id, why) in &ruling.refused {
                let (id, why) = (&id.to_string()[..12], term::visible(why));
                term.err(term::warning(&format!("entry {id} did not change the policy: {why}")));
            }
        }
    }
    Ok(standing.verdict().call.into())
}
