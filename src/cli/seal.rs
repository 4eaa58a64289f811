//! `holdpoint seal`: folds what sessions wrote into the trunk.

use holdpoint::flow;

use super::exit::Exit;
use super::failure::Failure;
use super::place::Place;
use super::term::{self, Term};

/// Fold what sessions wrote into the ledger's trunk
#[derive(clap::Args)]
#[command(after_help = "\
One place seals: a CI job on the trunk branch, or a person. Where the repository has no remote, `run` \
seals by itself.

Example:
  holdpoint seal && git add ledger && git commit -m 'Seal the ledger'")]
pub(super) struct Args {}

/// Seals, and says how many entries that moved.
pub(super) fn main(_: &Args, place: &Place, term: &Term) -> Result<Exit, Failure> {
    let sealed = flow::seal(&place.home(), &place.committed())?;
    let plural = if sealed.entries == 1 { "entry" } else { "entries" };
    term.out(format!("sealed {} {plural}", sealed.entries));
    if let Some(checkpoint) = sealed.checkpoint {
        let root = term::dim(&checkpoint.root.to_string());
        term.out(format!("checkpoint: {} entries, root {root}", checkpoint.size));
    }
    Ok(Exit::Done)
}
