//! Looking at a ledger: all of it verified, or line by line.

use std::cell::OnceCell;
use std::path::Path;

use crate::clock::Timestamp;
use crate::config::NAME;
use crate::digest::Digest;
use crate::files;
use crate::ledger::checkpoint::Checkpoint;
use crate::ledger::record::{Body, Report};
use crate::ledger::{Ledger, Stored};
use crate::note;
use crate::sign::Statement;
use crate::verify;

use super::home::location;
use super::stand::find_run;
use super::{Failure, Home, issue, voices};

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
    let opened = || ledger.get_or_init(|| Ledger::open(location(home)).ok()).as_ref();
    let again = |report: &Report, at: Timestamp| issue::again(opened()?, report, at);
    // Reading all of it once more is for ledgers in which somebody stated something, or could be asked to.
    let rules = [NAME, "ledger/keys/allowed_signers", "ledger/keys/revoked"];
    let ruled = rules.iter().any(|name| home.root.join(name).exists());
    let voices = |stated: bool| match (stated || ruled).then(opened).flatten() {
        Some(ledger) => voices::of(home, ledger),
        None => verify::Voices::default(),
    };
    Ok(verify::verify(&home.root, &location(home), auditor.transpose()?, &again, &voices))
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
            Body::Policy(policy) => match policy.allowed_signers {
                Some(keys) => format!("policy with keys {}", &keys.to_string()[..8]),
                None => "policy without keys".to_owned(),
            },
            Body::RunOpened(opened) => {
                format!("{} · {} · {}", opened.run, opened.release, opened.environment)
            }
            Body::Result(result) | Body::Action(result) => {
                format!("{:<7} {}", result.outcome.word(), result.item)
            }
            Body::Sample(sample) => {
                let held = sample.samples.iter().filter(|look| look.held == Some(true)).count();
                format!("{held} of {} held {}", sample.samples.len(), sample.item)
            }
            Body::Trigger(trigger) => {
                let word = if trigger.fired { "fired" } else { "quiet" };
                format!("{word:<7} {}", trigger.item)
            }
            Body::Waived(said)
            | Body::Signoff(said)
            | Body::Decided(said)
            | Body::Void(said)
            | Body::Forgotten(said) => spoken(&said.statement, said.sig.is_some()),
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

/// Who says what, for which role and gate, and whether they signed.
fn spoken(statement: &Statement, signed: bool) -> String {
    let about = [
        statement.decision.map(|decision| decision.word().to_owned()),
        statement.gate.clone(),
        statement.item.clone(),
        statement.entry.map(|entry| entry.to_string()[..8].to_owned()),
    ];
    let about: Vec<String> = about.into_iter().flatten().collect();
    let who = format!("{} for {}", statement.name, statement.role);
    let how = if signed { "signed" } else { "not signed" };
    format!("{} · {who} · {how} {}", about.join(" · "), statement.reason).trim_end().to_owned()
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
