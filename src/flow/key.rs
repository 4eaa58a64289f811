//! The log's key: made when a ledger begins, kept in the user's own folder, read only to seal, which is after
//! every check has ended: a check can read what this program can.

use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::files;
use crate::ledger::{Ledger, anchor, checkpoint};
use crate::note::{LIMIT, Signer};

use super::{Failure, Home};

/// Names a file with the log's key, for a job that seals.
pub const VARIABLE: &str = "HOLDPOINT_LOG_KEY";

/// Where the key that signs a ledger is.
pub(super) enum Key {
    /// The ledger has none: nothing of it is signed.
    None,
    /// Here.
    Here(Box<Signer>),
    /// Not here, where it would be.
    Elsewhere(PathBuf),
}

fn path(user: &Path, ledger: &str) -> PathBuf {
    anchor::own_folder(user, ledger).join("log.key")
}

/// Makes the key of a new ledger; `None` where there is no place for one.
pub(super) fn make(home: &Home, ledger: &str) -> Result<Option<Signer>, Failure> {
    let unsigned = "this ledger begins without a log key, for good: nothing of it will be signed";
    let Some(user) = &home.user else {
        home.notices
            .add(format!("{unsigned}; there is no folder outside the repository to keep one"));
        return Ok(None);
    };
    let random =
        || (home.random)().map_err(|error| Failure::ours(format!("no random bytes: {error}")));
    let mut seed = [0; 32];
    seed[..16].copy_from_slice(&random()?);
    seed[16..].copy_from_slice(&random()?);
    let signer = Signer::new(&checkpoint::origin(ledger), &seed)
        .map_err(|error| Failure::ours(error.to_string()))?;
    let path = path(user, ledger);
    if let Err(error) = keep(&path, &signer) {
        home.notices.add(format!("{unsigned}; cannot write `{}`: {error}", path.display()));
        return Ok(None);
    }
    home.notices.add(format!(
        "keep a copy of the log's key, which seals this ledger: `{}`",
        path.display()
    ));
    Ok(Some(signer))
}

fn keep(path: &Path, signer: &Signer) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    files::make_folder_as(folder, DirBuilder::new().mode(0o700))?;
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    writeln!(file, "{}", signer.secret())?;
    file.sync_all()?;
    files::sync_folder(folder)
}

/// Looks for the key that signs this ledger. Only sealing does.
pub(super) fn find(home: &Home, ledger: &Ledger) -> Result<Key, Failure> {
    let Some(genesis) = ledger.genesis().filter(|genesis| genesis.log_key.is_some()) else {
        return Ok(Key::None);
    };
    let own = home.user.as_deref().map(|user| path(user, &genesis.ledger));
    let Some(path) = home.log_key.clone().or(own) else {
        return Ok(Key::Elsewhere(PathBuf::from("log.key")));
    };
    let bytes = match files::read(&path, LIMIT as u64) {
        Err(error) if error.kind() == io::ErrorKind::NotFound && home.log_key.is_none() => {
            return Ok(Key::Elsewhere(path));
        }
        other => other.map_err(|error| unusable(&path, &error.to_string()))?,
    };
    let text = String::from_utf8(bytes).map_err(|_| unusable(&path, "it is not text"))?;
    let signer: Signer =
        text.trim_end().parse().map_err(|error| unusable(&path, &format!("{error}")))?;
    if genesis.log_key != Some(signer.verifier().to_string()) {
        return Err(unusable(&path, "it is not the key of this ledger"));
    }
    Ok(Key::Here(Box::new(signer)))
}

fn unusable(path: &Path, why: &str) -> Failure {
    Failure::usage(
        format!("cannot seal with the log's key in `{}`: {why}", path.display()),
        format!("`{VARIABLE}` names the file; what was recorded is safe"),
    )
}
