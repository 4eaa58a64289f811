//! The command line: one file a verb, its arguments beside it.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod adopt;
mod answers;
mod attest;
mod blame;
mod consent;
mod decide;
mod diff;
mod evidence;
mod exit;
mod failure;
mod finding;
mod init;
mod lanes;
mod lint;
mod log;
mod parameters;
mod pen;
mod place;
mod plan;
mod policy;
mod progress;
mod report;
mod run;
mod seal;
mod sign;
mod status;
mod term;
mod verdict;
mod verify;
mod void;
mod waive;

use exit::Exit;
use failure::Failure;
use place::Place;
use term::Term;

/// The first argument that makes this program a worker of itself.
pub(crate) const WORKER: &str = "__worker";

/// Run a Markdown checklist, record what happened, and prove it later
#[derive(Parser)]
#[command(name = "holdpoint", version, after_help = EXAMPLES)]
struct Cli {
    /// Work in this folder
    #[arg(short = 'C', long = "directory", global = true, value_name = "DIR", default_value = ".")]
    directory: PathBuf,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    Init(init::Args),
    Lint(lint::Args),
    Adopt(adopt::Args),
    Plan(plan::Args),
    Run(run::Args),
    Attest(attest::Args),
    Sign(sign::Args),
    Waive(waive::Args),
    Decide(decide::Args),
    Void(void::Args),
    Evidence(evidence::Args),
    Policy(policy::Args),
    Status(status::Args),
    Report(report::Args),
    Diff(diff::Args),
    Verify(verify::Args),
    Seal(seal::Args),
    Log(log::Args),
}

const EXAMPLES: &str = "\
Examples:
  holdpoint init                                an example checklist and a ledger in this folder
  holdpoint lint checklists/go-live.md          what is wrong with a checklist, and how to mend it
  holdpoint adopt runbook.md                    what makes a plain checklist executable, as a diff
  holdpoint plan checklists/go-live.md          what would run; nothing is executed
  holdpoint run checklists/go-live.md           run its checks, record them, write the reports
  holdpoint attest backups/restore-tested --pass --note 'restored 12:40, see CHG-1042'
  holdpoint sign --gate Release --role 'Tech Lead' --go --key ~/.ssh/id_ed25519
  holdpoint status                              where the newest run stands
  holdpoint verify                              prove that nothing was changed

Exit codes: 0 GO or done, 10 HOLD, 20 NO-GO, 30 verification failed, 2 usage, 1 other failures.";

/// Shapes of output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For machines; the shape is documented in docs/json.md
    Json,
}

/// Parses, dispatches, and turns the end into an exit code.
pub(crate) fn main() -> ExitCode {
    if std::env::args_os().nth(1).is_some_and(|first| first == WORKER) {
        return holdpoint::check::worker::main();
    }
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version come this way too; clap knows which stream is theirs.
            let _ = error.print();
            let exit = if error.use_stderr() { Exit::Usage } else { Exit::Done };
            return exit.into();
        }
    };
    let term = Term::new();
    let end = Place::find(&cli.directory).and_then(|place| {
        term.hide(place.config.redactor());
        let end = cli.verb.go(&place, &term);
        place.notices.take().iter().for_each(|notice| term.err(term::warning(notice)));
        end
    });
    let exit = end.unwrap_or_else(|failure| {
        failure.print(&term);
        failure.exit
    });
    match term.failure() {
        Some(error) => {
            term.err(term::error(&format!("cannot write to standard output: {error}"), None));
            Exit::Failure.into()
        }
        None => exit.into(),
    }
}

impl Verb {
    fn go(self, place: &Place, term: &Term) -> Result<Exit, Failure> {
        match self {
            Self::Init(args) => init::main(args, place, term),
            Self::Lint(args) => lint::main(&args, place, term),
            Self::Adopt(args) => adopt::main(&args, place, term),
            Self::Plan(args) => plan::main(&args, place, term),
            Self::Run(args) => run::main(args, place, term),
            Self::Attest(args) => attest::main(args, place, term),
            Self::Sign(args) => sign::main(&args, place, term),
            Self::Waive(args) => waive::main(&args, place, term),
            Self::Decide(args) => decide::main(&args, place, term),
            Self::Void(args) => void::main(&args, place, term),
            Self::Evidence(args) => evidence::main(args, place, term),
            Self::Policy(args) => policy::main(&args, place, term),
            Self::Status(args) => status::main(&args, place, term),
            Self::Report(args) => report::main(&args, place, term),
            Self::Diff(args) => diff::main(&args, place, term),
            Self::Verify(args) => verify::main(&args, place, term),
            Self::Seal(args) => seal::main(&args, place, term),
            Self::Log(args) => log::main(args, place, term),
        }
    }
}
