//! `holdpoint attest`: a person's answer to an item.

use std::path::PathBuf;

use holdpoint::flow;
use holdpoint::outcome::Outcome;
use holdpoint::sign::Meaning;

use super::exit::Exit;
use super::failure::Failure;
use super::pen::Pen;
use super::place::{self, Place};
use super::term::{self, Term};
use super::verdict;

/// Answer an item that no check answers
#[derive(clap::Args)]
#[command(group(clap::ArgGroup::new("answer").required(true)), after_help = "\
Examples:
  holdpoint attest notes-reviewed --pass --note 'read by two of us'
  holdpoint attest load-test --fail --note 'p95 at 340 ms' --evidence load.csv
  holdpoint attest --run quickstart-20261121-093000-7f3a database --skip --note 'no database here'

ITEM is an identity as `holdpoint status` shows it, or what stands behind one of its `/`,\nwhere no other ends so. --skip needs a note.")]
pub(super) struct Args {
    /// The item's identity
    item: String,
    /// It is as it should be
    #[arg(long, group = "answer")]
    pass: bool,
    /// It is not
    #[arg(long, group = "answer")]
    fail: bool,
    /// It does not apply; say why in the note
    #[arg(long, group = "answer", requires = "note")]
    skip: bool,
    /// What you have seen
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// A file that shows it; kept with the ledger
    #[arg(long, value_name = "FILE")]
    evidence: Vec<PathBuf>,
    /// The run; the newest unless told
    #[arg(long, value_name = "RUN")]
    run: Option<String>,
    /// Sign the answer for this role; skipping a required item takes that
    #[arg(long, value_name = "ROLE", requires = "key")]
    role: Option<String>,
    /// Sign it with this SSH key: a private key, or a public one whose private part your agent has
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// You have read what is signed: nobody asks again
    #[arg(long, requires = "key")]
    yes: bool,
}

/// Records the answer and says where the run stands now.
pub(super) fn main(args: Args, place: &Place, term: &Term) -> Result<Exit, Failure> {
    let outcome = match (args.pass, args.fail) {
        (true, _) => Outcome::Pass,
        (_, true) => Outcome::Fail,
        _ => Outcome::Skipped,
    };
    let evidence = args.evidence.iter().map(|file| place.resolve(file)).collect();
    let word =
        flow::Word { item: args.item, outcome, note: args.note.unwrap_or_default(), evidence };
    if args.key.is_some() {
        let pen = Pen { role: args.role, key: args.key, name: None, reason: None, yes: args.yes };
        let signer = pen.of(Meaning::Responsible, place);
        let draft = flow::attest_signed(&place.home(), args.run.as_deref(), &word, &signer)?;
        let run = draft.statement().run.clone();
        pen.record(draft, place, term)?;
        verdict::print(&flow::status(&place.home(), run.as_deref(), None)?, term);
        return Ok(Exit::Done);
    }
    let standing = flow::attest(&place.home(), args.run.as_deref(), &word, &place::caller())?;
    term.out(format!("{} {}", term::outcome(outcome), term::visible(&standing.answered)));
    verdict::print(&standing.standing, term);
    Ok(Exit::Done)
}
