//! Time-stamps of checkpoints, and what they prove: that an entry was there at some time, whatever it says of itself.
//!
//! `ledger/anchors/<size, 12 digits>.checkpoint` is a checkpoint as it was signed, `.tsr` beside it the answer of a
//! time-stamping authority. Whoever seals writes them, so that no two clones write the same.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::files;
use crate::note::{self, Refused, Verifier};
use crate::timestamp::{self, Stamp};

use super::anchor::compare;
use super::checkpoint::Checkpoint;
use super::rules::Rules;
use super::{Error, Ledger, Location};

/// So many are read, the earliest and the latest: each takes some signatures to check.
const MOST: usize = 1000;

/// A checkpoint with a time-stamp.
#[derive(Clone, Debug)]
pub struct Stamped {
    /// Where the time-stamp is.
    pub path: PathBuf,
    /// The checkpoint.
    pub checkpoint: Checkpoint,
    /// What the authority says.
    pub stamp: Stamp,
}

/// Where a time-stamp is that cannot be believed, and why.
#[derive(Clone, Debug)]
pub struct Doubtful {
    /// The file.
    pub path: PathBuf,
    /// Lower case, no full stop.
    pub why: Refused,
}

impl Location {
    /// The folder of time-stamps.
    pub fn anchors(&self) -> PathBuf {
        self.folder.join("anchors")
    }

    fn stamp_of(&self, size: u64) -> PathBuf {
        self.anchors().join(format!("{size:012}.tsr"))
    }

    /// The time-stamps that are kept, by size, whoever gave them.
    pub fn stamps(&self, log: &Verifier) -> Vec<Result<Stamped, Doubtful>> {
        let entries = std::fs::read_dir(self.anchors()).into_iter().flatten().flatten();
        let mut paths: Vec<PathBuf> = entries
            .map(|entry| entry.path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "tsr"))
            .collect();
        paths.sort();
        if paths.len() > MOST {
            paths.drain(MOST / 2..paths.len() - MOST / 2);
        }
        let read = |path: PathBuf| match stamped(&path, log) {
            Ok((checkpoint, stamp)) => Ok(Stamped { path, checkpoint, stamp }),
            Err(why) => Err(Doubtful { path, why }),
        };
        paths.into_iter().map(read).collect()
    }
}

fn stamped(path: &Path, log: &Verifier) -> Result<(Checkpoint, Stamp), Refused> {
    let unread = |_| Refused("it, or the checkpoint beside it, cannot be read");
    let answer = files::read_regular(path, timestamp::LIMIT as u64).map_err(unread)?;
    let note = path.with_extension("checkpoint");
    let note = files::read_regular(&note, note::LIMIT as u64).map_err(unread)?;
    Ok((Checkpoint::open(&note, log)?, Stamp::open(&answer, &note)?))
}

/// What was there at a time that somebody else proves.
#[derive(Clone, Debug, Default)]
pub struct Proofs {
    /// Time and size of each checkpoint that counts.
    stamps: Vec<Proof>,
    /// The places of entries in the sealed order.
    places: HashMap<Digest, u64>,
}

/// That the first entries of the sealed order were there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proof {
    /// At this time.
    pub at: Timestamp,
    /// So many of them.
    pub size: u64,
}

impl Proofs {
    /// The earliest proof of an entry.
    pub fn of(&self, id: &Digest) -> Option<Proof> {
        let place = *self.places.get(id)?;
        let fitting = self.stamps.iter().filter(|proof| place < proof.size);
        fitting.min_by_key(|proof| proof.at).copied()
    }

    /// Whether an entry is behind those that a proof is about.
    pub fn is_behind(&self, id: &Digest, proof: Proof) -> bool {
        self.places.get(id).is_none_or(|place| *place >= proof.size)
    }
}

impl Ledger {
    /// What the time-stamps prove that are by authorities whom the policy names.
    pub fn proofs(&self, rules: &Result<Arc<Rules>, String>) -> Proofs {
        let trusted = rules.as_ref().map_or(&[][..], |rules| &rules.policy.timestamps);
        let (Some(genesis), Some(log)) = (self.genesis(), self.log()) else {
            return Proofs::default();
        };
        let all: Vec<Stamped> = match trusted {
            [] => Vec::new(),
            _ => self.location.stamps(&log).into_iter().flatten().collect(),
        };
        if all.is_empty() {
            return Proofs::default();
        }
        let roots: BTreeMap<u64, Digest> = self.roots(all.iter().map(|one| one.checkpoint.size));
        let root_at = |size: u64| roots.get(&size).copied();
        let sealed = self.sealed();
        let holds = |one: &&Stamped| {
            compare(&one.checkpoint, &genesis.ledger, sealed, root_at).is_ok()
                && one.stamp.is_by(trusted)
        };
        let stamps = all.iter().filter(holds);
        let stamps = stamps.map(|one| Proof { at: one.stamp.at, size: one.checkpoint.size });
        let sealed = self.entries.iter().filter(|stored| stored.sealed);
        let places =
            sealed.filter_map(|stored| Some((stored.id, self.history.place(&stored.id)? as u64)));
        Proofs { stamps: stamps.collect(), places: places.collect() }
    }

    /// Has the repository's checkpoint stamped: `ask` sends a request, and brings back the answer. One that is
    /// stamped already is left so, since the earliest time proves most.
    ///
    /// # Errors
    /// When there is no checkpoint, no time-stamp comes back, or it cannot be written.
    pub fn stamp(
        &self,
        nonce: &[u8; 16],
        ask: impl FnOnce(Vec<u8>) -> Result<Vec<u8>, String>,
    ) -> Result<Stamped, Error> {
        let failed = |why: String| {
            let hint = "what is sealed stays sealed; ask again, or another authority";
            Error::new(format!("the checkpoint has no time-stamp: {why}"), hint)
        };
        let refused = |why: Refused| failed(why.to_string());
        let log = self.log().ok_or_else(|| failed("this ledger has no log key".to_owned()))?;
        let note = files::read_regular(&self.location.checkpoint(), note::LIMIT as u64);
        let note = note.map_err(|error| failed(format!("it cannot be read: {error}")))?;
        let checkpoint = Checkpoint::open(&note, &log).map_err(refused)?;
        let path = self.location.stamp_of(checkpoint.size);
        if let Ok((checkpoint, stamp)) = stamped(&path, &log) {
            return Ok(Stamped { path, checkpoint, stamp });
        }
        let request = timestamp::request(&note, nonce).map_err(refused)?;
        let answer = ask(request).map_err(failed)?;
        let stamp = Stamp::open(&answer, &note).map_err(refused)?;
        if !stamp.answers(nonce) {
            return Err(failed("the answer is to another request".to_owned()));
        }
        let kept = std::fs::create_dir_all(self.location.anchors())
            .and_then(|()| files::replace(&path.with_extension("checkpoint"), &note))
            .and_then(|()| files::replace(&path, &answer));
        kept.map_err(|error| Error::io("write", &path, &error))?;
        Ok(Stamped { path, checkpoint, stamp })
    }
}
