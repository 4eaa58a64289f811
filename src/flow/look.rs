//! Looking at a ledger: all of it verified, or line by line.

use std::cell::OnceCell;
use std::path::Path;

use crate::digest::Digest;
use crate::files;
use crate::ledger::checkpoint::Checkpoint;
use crate::ledger::record::{Body, Report};
use crate::ledger::{Ledger, Stored};
use crate::note;
use crate::verify;

use super::home::location;
use super::stand::find_run;
use super::{Failure, Home, issue};

/// Recomputes everything; `checkpoint` is a file with one that whoever verifies has from elsewhere.
///
/// # Errors
/// When there is no ledger, or the checkpoint cannot be read.
pub fn verify(home: &Home, checkpoint: Option<&Path>) -> Result<verify::Findings, Failure> {
    if !verify::is_there(&home.root) {
        return Err(Failure::usage(
            format!("there is no ledger in `{}`", home.root.join("ledger").display()),
            "`holdpoint init` begins one",
        ));
    }
    let auditor = checkpoint.map(|path| held(path).map(|held| (path.to_owned(), held)));
    // A ledger that cannot be opened has findings enough without rendering anything again.
    let ledger = OnceCell::new();
    let again = |report: &Report| {
        let ledger = ledger.get_or_init(|| Ledger::open(location(home)).ok());
        issue::again(ledger.as_ref()?, report)
    };
    Ok(verify::verify(&home.root, &location(home), auditor.transpose()?, &again))
}

/// A checkpoint that somebody kept.
fn held(path: &Path) -> Result<Checkpoint, Failure> {
    let refused = |why: String| {
        let message = format!("`{}` holds no checkpoint: {why}", path.display());
        Failure::usage(message, "give a copy of `ledger/checkpoint` that you kept yourself")
    };
    let bytes =
        files::read(path, note::LIMIT as u64).map_err(|error| refused(error.to_string()))?;
    Checkpoint::held(&bytes).map_err(|error| refused(error.to_string()))
}

/// An entry for `log`.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Line {
    /// Its id.
    pub id: Digest,
    /// It stands in the trunk.
    pub sealed: bool,
    /// What it says.
    #[serde(flatten)]
    pub entry: crate::ledger::record::Entry,
}

impl Line {
    /// Its kind.
    pub fn kind(&self) -> &'static str {
        self.entry.body.kind()
    }

    /// What it says, in a line.
    pub fn summary(&self) -> String {
        match &self.entry.body {
            Body::Genesis(genesis) => format!("ledger {} `{}`", genesis.ledger, genesis.name),
            Body::Policy(_) => "policy without keys".to_owned(),
            Body::RunOpened(opened) => {
                format!("{} · {} · {}", opened.run, opened.release, opened.environment)
            }
            Body::Result(result) => format!("{:<7} {}", result.outcome.word(), result.item),
            Body::Attested(word) => {
                format!("{:<7} {} {}", word.outcome.word(), word.item, word.note)
            }
            Body::Report(report) => {
                format!("{} at {}", report.format, &report.head.to_string()[..8])
            }
            Body::Note(note) => note.text.clone(),
        }
    }
}

/// The ledger's entries, in its order.
///
/// # Errors
/// When there is no ledger, or it is damaged.
pub fn log(home: &Home, run: Option<&str>) -> Result<Vec<Line>, Failure> {
    let ledger = Ledger::open(location(home))?;
    if run.is_some() {
        find_run(&ledger, run)?;
    }
    let of_run = |stored: &&Stored| run.is_none_or(|run| stored.entry.body.run() == Some(run));
    let line = |stored: &Stored| Line {
        id: stored.id,
        sealed: stored.sealed,
        entry: stored.entry.clone(),
    };
    Ok(ledger.entries().iter().filter(of_run).map(line).collect())
}
