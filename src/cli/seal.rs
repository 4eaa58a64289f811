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
  holdpoint seal && git add ledger && git commit -m 'Seal the ledger'
  holdpoint seal --tsa http://timestamp.example.com")]
pub(super) struct Args {
    /// Have the checkpoint stamped by this time-stamping authority (RFC 3161)
    #[arg(long, value_name = "URL")]
    tsa: Option<String>,
}

/// Seals, and says how many entries that moved.
pub(super) fn main(args: &Args, place: &Place, term: &Term) -> Result<Exit, Failure> {
    let sealed = flow::seal(&place.home(), &place.committed())?;
    let plural = if sealed.entries == 1 { "entry" } else { "entries" };
    term.out(format!("sealed {} {plural}", sealed.entries));
    if let Some(checkpoint) = sealed.checkpoint {
        let root = term::dim(&checkpoint.root.to_string());
        term.out(format!("checkpoint: {} entries, root {root}", checkpoint.size));
    }
    if let Some(url) = &args.tsa {
        stamp(&flow::stamp(&place.home(), url)?, term);
    }
    Ok(Exit::Done)
}

/// Says what was stamped, and what to do so that it counts.
fn stamp(stamp: &flow::Stamp, term: &Term) {
    term.out(format!("time-stamp: {} entries, {}", stamp.size, stamp.at));
    if stamp.trusted {
        return;
    }
    let why =
        "the policy does not name this authority, and its time-stamps prove nothing until then";
    term.err(term::warning(why));
    for (digest, name) in &stamp.authorities {
        let name = term::visible(name);
        term.err(format!("  `timestamps = [\"{digest}\"]` in `[policy]` names {name}"));
    }
}
