//! `holdpoint sign`: GO or NO-GO for a role.

use holdpoint::flow;
use holdpoint::sign::{Decision, Meaning};

use super::exit::Exit;
use super::failure::Failure;
use super::pen::Pen;
use super::place::Place;
use super::term::Term;
use super::verdict;

/// Say GO or NO-GO for a role at a gate, with your SSH key
#[derive(clap::Args)]
#[command(group(clap::ArgGroup::new("says").required(true)), after_help = "\
Examples:
  holdpoint sign --gate Release --role 'Tech Lead' --go --key ~/.ssh/id_ed25519
  holdpoint sign --role 'Tech Lead' --no-go --reason 'the rollback was not tried' --key ~/.ssh/id_ed25519.pub

A sign-off is for the run as it stands: results, answers, waivers and what is taken back later make it stale.")]
pub(super) struct Args {
    /// The run; the newest unless told
    run: Option<String>,
    /// The gate; the next one open unless told
    #[arg(long, value_name = "GATE")]
    gate: Option<String>,
    /// Work may go on
    #[arg(long, group = "says")]
    go: bool,
    /// It may not; say why with `--reason`
    #[arg(long, group = "says", requires = "reason")]
    no_go: bool,
    /// Neither
    #[arg(long, group = "says")]
    abstain: bool,
    /// What your signature means; `approved` of GO unless told, else `reviewed`
    #[arg(long, value_enum)]
    meaning: Option<Means>,
    #[command(flatten)]
    pen: Pen,
}

/// What a signature means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Means {
    /// You approve
    Approved,
    /// You wrote it
    Authored,
    /// You answer for it
    Responsible,
    /// You looked at it
    Reviewed,
}

/// Shows what is signed, signs and records it.
pub(super) fn main(args: &Args, place: &Place, term: &Term) -> Result<Exit, Failure> {
    let says = match (args.go, args.no_go) {
        (true, _) => Decision::Go,
        (_, true) => Decision::NoGo,
        _ => Decision::Abstain,
    };
    let meaning = match (args.meaning, says) {
        (Some(Means::Approved), Decision::Go) | (None, Decision::Go) => Meaning::Approved,
        (Some(Means::Approved), _) => {
            let failure = Failure::usage(format!("nobody approves with {}", says.word()));
            return Err(failure.hint("write `--meaning reviewed`, or leave it out"));
        }
        (Some(Means::Authored), _) => Meaning::Authored,
        (Some(Means::Responsible), _) => Meaning::Responsible,
        (Some(Means::Reviewed) | None, _) => Meaning::Reviewed,
    };
    let (run, gate) = (args.run.as_deref(), args.gate.as_deref());
    let draft = flow::sign(&place.home(), run, gate, says, &args.pen.of(meaning, place))?;
    let run = draft.statement().run.clone();
    let gate = draft.statement().gate.clone();
    let id = args.pen.record(draft, place, term)?;
    term.out(format!("recorded {}", &id[..12]));
    verdict::print(&flow::status(&place.home(), run.as_deref(), gate.as_deref())?, term);
    Ok(Exit::Done)
}
