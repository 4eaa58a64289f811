//! `holdpoint decide`: what people decide at a gate.

use holdpoint::flow::{self, Deciding};
use holdpoint::sign::{Decision, Meaning};

use super::exit::Exit;
use super::failure::Failure;
use super::pen::Pen;
use super::place::Place;
use super::term::Term;
use super::verdict;

/// Decide a gate: by its verdict, or against it with a reason
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  holdpoint decide --gate Release --role 'Release Manager' --key ~/.ssh/id_ed25519
  holdpoint decide --gate Release --go --reason 'the failure is in the test, CHG-1042' --role CTO --key …

Against the verdict only roles may decide that the policy names for that. A gate that is decided stays so until
`holdpoint void` takes the decision back. Exit codes: 0 GO, 20 NO-GO, 10 nothing to decide yet.")]
pub(super) struct Args {
    /// The run; the newest unless told
    run: Option<String>,
    /// The gate; the next one open unless told
    #[arg(long, value_name = "GATE")]
    gate: Option<String>,
    /// Decide that work may go on
    #[arg(long, conflicts_with = "no_go")]
    go: bool,
    /// Decide that it may not
    #[arg(long)]
    no_go: bool,
    #[command(flatten)]
    pen: Pen,
}

/// Judges, shows the decision, signs and records it.
pub(super) fn main(args: &Args, place: &Place, term: &Term) -> Result<Exit, Failure> {
    let says = match (args.go, args.no_go) {
        (true, _) => Some(Decision::Go),
        (_, true) => Some(Decision::NoGo),
        _ => None,
    };
    let pen = args.pen.of(Meaning::Responsible, place);
    let (run, gate) = (args.run.as_deref(), args.gate.as_deref());
    let draft = match flow::decide(&place.home(), run, gate, says, &pen)? {
        Deciding::Ready(draft) => draft,
        Deciding::Open(standing) => {
            verdict::print(&standing, term);
            term.err("nothing was decided: the verdict is HOLD");
            return Ok(Exit::Hold);
        }
    };
    let (run, gate) = (draft.statement().run.clone(), draft.statement().gate.clone());
    let id = args.pen.record(*draft, place, term)?;
    term.out(format!("recorded {}", &id[..12]));
    let standing = flow::status(&place.home(), run.as_deref(), gate.as_deref())?;
    verdict::print(&standing, term);
    match standing.decision() {
        Some(decided) => Ok(decided.call.into()),
        None => Err(Failure::ours("the decision was recorded, and does not count")
            .hint("`holdpoint status` says why")),
    }
}
