//! Looking at all of a ledger: verified, with whatever there is to say.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};

use crate::clock::Timestamp;
use crate::config::NAME;
use crate::digest::Digest;
use crate::files;
use crate::ledger::Ledger;
use crate::ledger::checkpoint::Checkpoint;
use crate::ledger::record::Report;
use crate::note;
use crate::{timestamp, verify};

use super::home::location;
use super::{Failure, Home, issue, looks, voices};

/// What whoever verifies has from elsewhere; each is a path.
#[derive(Clone, Debug, Default)]
pub struct Brought {
    /// A checkpoint of the ledger.
    pub checkpoint: Option<PathBuf>,
    /// The certificate of a time-stamping authority that they trust.
    pub authority: Option<PathBuf>,
    /// Folders of templates that reports were rendered with.
    pub templates: Vec<PathBuf>,
}

/// Recomputes everything.
///
/// # Errors
/// When there is no ledger, or one of the files cannot be read.
pub fn verify(home: &Home, brought: &Brought) -> Result<verify::Findings, Failure> {
    if !verify::is_there(&home.root) {
        return Err(Failure::usage(
            format!("there is no ledger in `{}`", home.root.join("ledger").display()),
            "`holdpoint init` begins one",
        ));
    }
    let auditor =
        brought.checkpoint.as_deref().map(|path| held(path).map(|held| (path.to_owned(), held)));
    // A ledger that cannot be opened has findings enough without rendering anything again.
    let ledger = OnceCell::new();
    let opened = || ledger.get_or_init(|| Ledger::open(location(home)).ok()).as_ref();
    // Only those that are given: nobody's templates are run because a repository names them.
    let folders = brought.templates.iter();
    let templates = folders.map(|folder| looks::templates_in(&home.root, folder));
    let templates = templates.collect::<Result<Vec<_>, _>>()?;
    // Fonts that cannot be read are none: reports that were made with them say so.
    let fonts = OnceCell::new();
    let fonts = || fonts.get_or_init(|| looks::typefaces(home).unwrap_or_default()).clone();
    let again = |report: &Report, at: Timestamp, bytes: &[u8]| {
        issue::again(opened()?, report, at, bytes, &templates, &fonts)
    };
    // Reading all of it once more is for ledgers in which somebody stated something, or could be asked to.
    let rules = [NAME, "ledger/keys/allowed_signers", "ledger/keys/revoked"];
    let ruled = rules.iter().any(|name| home.root.join(name).exists());
    let voices = |stated: bool| match (stated || ruled).then(opened).flatten() {
        Some(ledger) => voices::of(home, ledger),
        None => verify::Voices::default(),
    };
    let own = brought.authority.as_deref().map(certificates).transpose()?.unwrap_or_default();
    let trusted = || {
        let rules = opened().and_then(|ledger| ledger.rules().rules.ok());
        let named = rules.map(|rules| rules.policy.timestamps.clone()).unwrap_or_default();
        own.iter().copied().chain(named).collect()
    };
    let (location, auditor) = (location(home), auditor.transpose()?);
    Ok(verify::verify(&home.root, &location, auditor, &trusted, &again, &voices))
}

/// The digests of the certificates in a file, in PEM.
fn certificates(path: &Path) -> Result<Vec<Digest>, Failure> {
    let refused = |why: String| {
        let message = format!("`{}` holds no certificate: {why}", path.display());
        Failure::usage(message, "give the certificate of a time-stamping authority, in PEM")
    };
    let bytes = files::read(path, 1 << 20).map_err(|error| refused(error.to_string()))?;
    let all = timestamp::certificates(&bytes).map_err(|why| refused(why.to_string()))?;
    if all.is_empty() { Err(refused("there is none in it".to_owned())) } else { Ok(all) }
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
