//! Looking at all of a ledger: verified, with whatever there is to say.

use std::cell::OnceCell;
use std::path::Path;

use crate::clock::Timestamp;
use crate::config::NAME;
use crate::files;
use crate::ledger::Ledger;
use crate::ledger::checkpoint::Checkpoint;
use crate::ledger::record::Report;
use crate::note;
use crate::verify;

use super::home::location;
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
