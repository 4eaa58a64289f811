//! Proofs of single entries, for whoever has no ledger: written, and checked.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::digest::Digest;
use crate::files;
use crate::ledger::cache::Cache;
use crate::ledger::checkpoint::Checkpoint;
use crate::ledger::proof::{self, Proof};
use crate::ledger::record::{Entry, LINE};
use crate::ledger::{self, Ledger, Location, ROTATION, merkle};
use crate::note::{self, Verifier};

use super::home::location;
use super::log::Line;
use super::{Failure, Home};

/// What was proven of a run.
#[derive(Debug)]
pub struct Proven {
    /// The files, one for each entry.
    pub files: Vec<PathBuf>,
    /// How many entries of the run are not sealed yet, and have no proof.
    pub unsealed: usize,
}

/// Writes a proof of each sealed entry of a run into a folder.
///
/// # Errors
/// When nothing is signed, there is no such run, or something cannot be read or written.
pub fn prove(home: &Home, run: &str, folder: &Path) -> Result<Proven, Failure> {
    let place = location(home);
    let (note, checkpoint, log) = signed(&place)?;
    let unreadable = |error: io::Error| Failure::ours(format!("cannot read the ledger: {error}"));
    let cache = Cache::open(&place).map_err(unreadable)?;
    let fits = || cache.root(checkpoint.size).is_ok_and(|root| root == checkpoint.root);
    let lines = || cache.lines_of(run, checkpoint.size).unwrap_or_default();
    if !fits() || lines().is_empty() {
        let ledger = Ledger::open(place.clone())?;
        let sealed = || ledger.entries().iter().filter(|stored| stored.sealed);
        cache.grow(sealed()).map_err(unreadable)?;
        if !fits() || lines().is_empty() {
            cache.clear().and_then(|()| cache.grow(sealed())).map_err(unreadable)?;
        }
    }
    if !fits() {
        return Err(Failure::ours(
            "the ledger is not what its checkpoint has signed: `holdpoint verify` tells more",
        ));
    }
    let lines = lines();
    if lines.is_empty() {
        let message = format!("no entry of run `{run}` is sealed");
        return Err(Failure::usage(
            message,
            "`holdpoint log` names the runs, `holdpoint seal` seals",
        ));
    }
    let mut trunk = Trunk { folder: place.folder.clone(), segment: None };
    let (mut written, mut proven) = (Vec::new(), HashSet::new());
    let fault =
        |error: io::Error| Failure::ours(format!("cannot write `{}`: {error}", folder.display()));
    fs::create_dir_all(folder).map_err(fault)?;
    for index in lines {
        let path = merkle::inclusion(&cache, index, checkpoint.size).map_err(unreadable)?;
        let line = trunk.line(index).map_err(unreadable)?;
        let proof = Proof { line, index, path, checkpoint: note.clone() };
        if proof.check(&log).is_err() {
            return Err(Failure::ours(format!(
                "entry {index} is not what was signed: `holdpoint verify` tells more"
            )));
        }
        proven.insert(Digest::of(&proof.line));
        let path = folder.join(format!("{index:012}.tlog-proof"));
        files::replace_unsynced(&path, proof.to_string().as_bytes()).map_err(fault)?;
        written.push(path);
    }
    Ok(Proven { files: written, unsealed: unsealed(&place, run, &proven) })
}

/// The ledger's signed note, what it says, and the key.
fn signed(place: &Location) -> Result<(String, Checkpoint, Verifier), Failure> {
    let log = log_key(place)?;
    let refused = |why: String| {
        Failure::usage(
            format!("`{}` proves nothing: {why}", place.checkpoint().display()),
            "`holdpoint seal` signs one, where the log's key is",
        )
    };
    let bytes = files::read(&place.checkpoint(), note::LIMIT as u64);
    let bytes = bytes.map_err(|error| refused(error.to_string()))?;
    let checkpoint = Checkpoint::open(&bytes, &log).map_err(|error| refused(error.to_string()))?;
    Ok((String::from_utf8_lossy(&bytes).into_owned(), checkpoint, log))
}

/// The log's key, from the ledger's beginning.
fn log_key(place: &Location) -> Result<Verifier, Failure> {
    let genesis = ledger::genesis(place).ok_or_else(|| {
        Failure::usage(
            format!("no ledger begins in `{}`", place.folder.display()),
            "name the log's key with `--log-key FILE`",
        )
    })?;
    let key = genesis.log_key.and_then(|key| key.parse().ok());
    key.ok_or_else(|| {
        Failure::usage(
            "this ledger has no log key: nothing of it is signed",
            "there is nothing to prove with",
        )
    })
}

/// Entries of a run that only the sessions have.
fn unsealed(place: &Location, run: &str, proven: &HashSet<Digest>) -> usize {
    let mut unsealed = HashSet::new();
    for path in ledger::ledger_files(&place.folder).1 {
        let bytes = files::read(&path, 1 << 30).unwrap_or_default();
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            let entry = Entry::read(line.strip_suffix(b"\n").unwrap_or_default());
            let id = Digest::of(line);
            if entry.is_ok_and(|entry| entry.body.run() == Some(run)) && !proven.contains(&id) {
                unsealed.insert(id);
            }
        }
    }
    unsealed.len()
}

/// The trunk's lines by number; one segment is in memory.
struct Trunk {
    folder: PathBuf,
    segment: Option<(u64, Vec<u8>)>,
}

impl Trunk {
    fn line(&mut self, index: u64) -> io::Result<Vec<u8>> {
        let first = index - index % ROTATION as u64;
        let bytes = match self.segment.take() {
            Some((known, bytes)) if known == first => bytes,
            _ => self.read(first)?,
        };
        let number = usize::try_from(index - first).unwrap_or(usize::MAX);
        let line = bytes.split_inclusive(|byte| *byte == b'\n').nth(number).map(<[u8]>::to_vec);
        self.segment = Some((first, bytes));
        line.ok_or_else(|| io::Error::other(format!("there is no entry {index}")))
    }

    fn read(&self, first: u64) -> io::Result<Vec<u8>> {
        let limit = (LINE * ROTATION) as u64;
        let archived = self.folder.join(format!("archive/{first:012}.jsonl"));
        match files::read(&archived, limit) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                files::read(&self.folder.join("ledger.jsonl"), limit)
            }
            other => other,
        }
    }
}

/// What a proof proves.
#[derive(Debug, serde::Serialize)]
pub struct Checked {
    /// How many entries are before it.
    pub index: u64,
    /// The log.
    pub origin: String,
    /// How many entries were signed.
    pub size: u64,
    /// The root over them.
    pub root: Digest,
    /// The entry.
    #[serde(flatten)]
    pub line: Line,
}

/// Checks a proof, by the key in a file, or the one that the ledger here begins with.
///
/// # Errors
/// When there is no key; what is wrong with the proof is the inner one.
pub fn check_proof(
    home: &Home,
    proof: &Path,
    key: Option<&Path>,
) -> Result<Result<Checked, String>, Failure> {
    let log = match key {
        None => log_key(&location(home))?,
        Some(path) => {
            let text = fs::read_to_string(path).map_err(|error| error.to_string());
            let key = text.and_then(|text| {
                text.trim().parse().map_err(|error: note::Refused| error.to_string())
            });
            key.map_err(|error| {
                let message = format!("`{}` holds no log key: {error}", path.display());
                Failure::usage(
                    message,
                    "`ledger/keys/log.vkey` is the file to give, from whom you trust",
                )
            })?
        }
    };
    let read = files::read(proof, proof::LIMIT as u64).map_err(|error| error.to_string());
    let checked = read.and_then(|bytes| {
        let proof = Proof::read(&bytes).map_err(|error| error.to_string())?;
        let (entry, checkpoint) = proof.check(&log).map_err(|error| error.to_string())?;
        let Checkpoint { origin, size, root } = checkpoint;
        let line = Line { id: Digest::of(&proof.line), sealed: true, entry };
        Ok(Checked { index: proof.index, origin, size, root, line })
    });
    Ok(checked)
}
