//! `holdpoint void`: an entry is taken back.

use holdpoint::flow;
use holdpoint::sign::Meaning;

use super::exit::Exit;
use super::failure::Failure;
use super::pen::Pen;
use super::place::Place;
use super::term::Term;
use super::verdict;

/// Take an entry back: a result, an answer, a waiver, a sign-off, a decision
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  holdpoint void 3f04e27c9a1b --reason 'ran against the wrong cluster' --role 'Tech Lead' --key ~/.ssh/id_ed25519

Nothing is removed: the entry stays, and so does who took it back and why. An item whose result was taken back is
pending. Only roles that the policy names may do this.")]
pub(super) struct Args {
    /// 8 digits or more of the entry's id, as `holdpoint log` shows it
    entry: String,
    #[command(flatten)]
    pen: Pen,
}

/// Shows it, signs and records it.
pub(super) fn main(args: &Args, place: &Place, term: &Term) -> Result<Exit, Failure> {
    let draft = flow::void(&place.home(), &args.entry, &args.pen.of(Meaning::Approved, place))?;
    let run = draft.statement().run.clone();
    let id = args.pen.record(draft, place, term)?;
    term.out(format!("recorded {}", &id[..12]));
    verdict::print(&flow::status(&place.home(), run.as_deref(), None)?, term);
    Ok(Exit::Done)
}
