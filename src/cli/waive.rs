//! `holdpoint waive`: a failure is accepted for a time.

use holdpoint::clock::Timestamp;
use holdpoint::flow;
use holdpoint::sign::Meaning;

use super::exit::Exit;
use super::failure::Failure;
use super::pen::Pen;
use super::place::Place;
use super::term::Term;
use super::verdict;

/// Accept a failure for a time
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  holdpoint waive load-test --until 2026-12-01T00:00:00Z --reason 'known, CHG-1042' \\
    --role 'Tech Lead' --key ~/.ssh/id_ed25519

It is for this result of this run; a later one is judged by itself. When it has ended the failure is one again.
Only roles that the policy names may waive, and nobody who ran the checks.")]
pub(super) struct Args {
    /// The item's identity
    item: String,
    /// Until when, in UTC
    #[arg(long, value_name = "TIME", value_parser = time)]
    until: Timestamp,
    /// The run; the newest unless told
    #[arg(long, value_name = "RUN")]
    run: Option<String>,
    #[command(flatten)]
    pen: Pen,
}

/// `2026-12-01T00:00Z`, with or without seconds and milliseconds.
pub(super) fn time(text: &str) -> Result<Timestamp, String> {
    Timestamp::short(text).ok_or_else(|| "write a time in UTC as 2026-12-01T00:00Z".to_owned())
}

/// Shows the waiver, signs and records it.
pub(super) fn main(args: &Args, place: &Place, term: &Term) -> Result<Exit, Failure> {
    if args.pen.reason.as_deref().is_none_or(|reason| reason.trim().is_empty()) {
        return Err(Failure::usage("a waiver takes a reason").hint("give it with `--reason`"));
    }
    let pen = args.pen.of(Meaning::Approved, place);
    let run = args.run.as_deref();
    let draft = flow::waive(&place.home(), run, &args.item, args.until, &pen)?;
    let run = draft.statement().run.clone();
    let id = args.pen.record(draft, place, term)?;
    term.out(format!("recorded {}", &id[..12]));
    verdict::print(&flow::status(&place.home(), run.as_deref(), None)?, term);
    Ok(Exit::Done)
}
