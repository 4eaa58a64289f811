//! Evidence: kept without secrets, added to items, listed and shown.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::digest::Digest;
use crate::files;
use crate::ledger::evidence::{LIMIT, path};
use crate::ledger::naming::{Naming, namings};
use crate::ledger::{Ledger, evidence};
use crate::outcome::Outcome;
use crate::redact::Redactor;

use super::forget::{self, Lot};
use super::home::location;
use super::stand::{find_run, with_runs};
use super::word::{Attestation, Word};
use super::{Failure, Home};

/// So many files are added at once: their digests share a line of the ledger.
const MOST: usize = 100;

/// The files that show something, without secrets.
pub(super) fn pieces(paths: &[PathBuf], redactor: &Redactor) -> Result<Vec<Vec<u8>>, Failure> {
    if paths.len() > MOST {
        let why = format!("{} pieces of evidence at once are too many", paths.len());
        return Err(Failure::usage(why, format!("{MOST} are the limit: add them in several goes")));
    }
    paths.iter().map(|path| piece(path, redactor)).collect()
}

/// One file. Text is redacted; what is none is kept as it is, for a byte taken out would break it, or refused.
fn piece(path: &Path, redactor: &Redactor) -> Result<Vec<u8>, Failure> {
    let bytes = files::read(path, LIMIT).map_err(|error| {
        Failure::usage(
            format!("cannot read evidence `{}`: {error}", path.display()),
            "give the path of a file of at most 64 MiB",
        )
    })?;
    let (clean, mut found) = redactor.clean(&bytes);
    if !bytes.contains(&0) {
        return Ok(clean);
    }
    // Text of two or four bytes a character.
    let narrow: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != 0).collect();
    found.extend(redactor.clean(&narrow).1);
    match found.first() {
        None => Ok(bytes),
        Some(found) => Err(Failure::usage(
            format!(
                "evidence `{}` is no text, and holds a secret (`{}`)",
                path.display(),
                found.rule
            ),
            "it cannot be taken out without breaking the file: keep one without it",
        )),
    }
}

/// Adds evidence to an item of a run, without answering it.
///
/// # Errors
/// When there is no such run or item, or a file cannot be kept.
pub fn add_evidence(
    home: &Home,
    run: Option<&str>,
    word: Word,
    caller: &BTreeMap<String, String>,
) -> Result<Attestation, Failure> {
    super::attest(home, run, &Word { outcome: Outcome::Pending, ..word }, caller)
}

/// A piece of evidence.
#[derive(Clone, Debug)]
pub struct Piece {
    /// Its name.
    pub digest: Digest,
    /// What there is of it.
    pub state: State,
    /// Who names it; nobody, where it proves nothing.
    pub namings: Vec<Naming>,
}

/// What there is of a piece of evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// So many bytes, unchanged.
    Kept(u64),
    /// Other bytes than its name says.
    Changed,
    /// Nothing.
    Gone,
    /// Nothing, and who said that it had to go, and why.
    Forgotten(String),
    /// It had to go, and is there: by whom, and why.
    Back(String),
}

/// The evidence that a run names, or, without one, all that is named or there.
///
/// # Errors
/// When there is no such run, or no ledger.
pub fn list_evidence(home: &Home, run: Option<&str>) -> Result<Vec<Piece>, Failure> {
    let ledger = with_runs(Ledger::open(location(home)))?;
    let run = run.map(|run| find_run(&ledger, Some(run))).transpose()?.map(|run| run.opened.run);
    let get = |digest: &Digest| ledger.evidence(digest);
    let mut named = namings(ledger.entries(), |_| true, get);
    match &run {
        Some(run) => {
            let of_run = |naming: &Naming| naming.run.as_ref() == Some(run);
            named.retain(|_, namings| namings.iter().any(of_run));
        }
        None => {
            for digest in on_disk(&ledger) {
                named.entry(digest).or_default();
            }
        }
    }
    let lots = forget::lots(home, &ledger);
    let piece = |(digest, namings)| {
        let state = state(&ledger, &digest, lots.get(&digest));
        Piece { digest, state, namings }
    };
    Ok(named.into_iter().map(piece).collect())
}

fn on_disk(ledger: &Ledger) -> BTreeSet<Digest> {
    let folder = ledger.location().folder.join("evidence");
    let files = walkdir::WalkDir::new(folder).into_iter().filter_map(Result::ok);
    let files = files.filter(|file| file.file_type().is_file());
    files.filter_map(|file| file.file_name().to_str()?.parse().ok()).collect()
}

fn state(ledger: &Ledger, digest: &Digest, lot: Option<&Lot>) -> State {
    let told = lot.filter(|lot| lot.still.is_empty()).map(|lot| lot.told.clone());
    match (files::read(&path(&ledger.location().folder, digest), LIMIT), told) {
        (Ok(_), Some(told)) => State::Back(told),
        (Ok(bytes), None) if Digest::of(&bytes) == *digest => State::Kept(bytes.len() as u64),
        (Ok(_), None) => State::Changed,
        (Err(_), Some(told)) => State::Forgotten(told),
        (Err(_), None) => State::Gone,
    }
}

/// The bytes of a piece of evidence, checked against its name, of which 8 digits are enough.
///
/// # Errors
/// When there is no such piece, or more than one, or it is not there as it was.
pub fn show_evidence(home: &Home, name: &str) -> Result<(Digest, Vec<u8>), Failure> {
    let ledger = with_runs(Ledger::open(location(home)))?;
    let digest = find(&ledger, name)?;
    if let Some(bytes) = evidence::get(&ledger.location().folder, &digest) {
        return Ok((digest, bytes));
    }
    let lots = forget::lots(home, &ledger);
    Err(match state(&ledger, &digest, lots.get(&digest)) {
        State::Forgotten(told) | State::Back(told) => Failure::usage(
            format!("evidence {} was forgotten {told}", short(&digest)),
            "it is not kept",
        ),
        State::Changed => Failure::usage(
            format!("evidence {} was changed: its digest is not its name", short(&digest)),
            "restore it from git; nothing of it is shown",
        ),
        _ => Failure::usage(
            format!("evidence {} is gone", short(&digest)),
            "restore it from git; `holdpoint verify` shows what names it",
        ),
    })
}

/// A piece that is named, or there, by 8 digits or more of its name.
pub(super) fn find(ledger: &Ledger, name: &str) -> Result<Digest, Failure> {
    if let Ok(digest) = name.parse::<Digest>() {
        return Ok(digest);
    }
    let wanted = name.to_ascii_lowercase();
    let fits = |digest: &Digest| wanted.len() >= 8 && digest.to_string().starts_with(&wanted);
    let named = namings(ledger.entries(), fits, |digest| ledger.evidence(digest));
    let mut found: BTreeSet<Digest> = on_disk(ledger).into_iter().filter(fits).collect();
    found.extend(named.into_keys());
    match found.len() {
        1 => found.pop_first().ok_or_else(|| Failure::ours("nothing was found")),
        _ => Err(Failure::usage(
            format!("`{name}` names no evidence, or more than one piece"),
            "give 8 digits or more of its digest, as `holdpoint evidence show` lists it",
        )),
    }
}

/// A digest as people see it.
pub(super) fn short(digest: &Digest) -> String {
    digest.to_string()[..12].to_owned()
}
