//! Folds the sessions' lines into the trunk, byte for byte, starts a new segment when one is full, and signs
//! what came of it.

use std::fs;
use std::path::Path;

use crate::digest::Digest;
use crate::files;
use crate::note::Signer;

use super::anchor;
use super::cache::Cache;
use super::checkpoint::Checkpoint;
use super::{Error, Ledger, recover, scan, take_lock};

/// What sealing came to.
#[derive(Clone, Debug, Default)]
pub struct Sealed {
    /// How many lines it moved into the trunk.
    pub entries: usize,
    /// The checkpoint that is signed now, where the ledger has a log key.
    pub checkpoint: Option<Checkpoint>,
}

/// So many lines `init` writes: a log of them that was never signed may be signed for the first time.
const BEGINNING: u64 = 2;

impl Ledger {
    /// Moves every line that the trunk lacks into it, and signs the tree.
    ///
    /// # Errors
    /// When the signer is not the ledger's, the trunk does not extend what was signed before, or cannot be
    /// written; a line is then in the trunk as a whole or not at all.
    pub fn seal(&mut self, signer: Option<&Signer>) -> Result<Sealed, Error> {
        let _lock = take_lock(&self.location)?;
        self.refresh()?;
        self.may_sign(signer)?;
        let entries = self.fold()?;
        let checkpoint = signer.map(|signer| self.sign(signer)).transpose()?;
        if checkpoint.is_some() {
            let sealed = self.entries.iter().filter(|stored| stored.sealed);
            // A cache that cannot be kept makes proofs slower, and nothing else.
            let _ = Cache::open(&self.location).and_then(|cache| cache.grow(sealed));
        }
        Ok(Sealed { entries, checkpoint })
    }

    /// Nothing is signed that does not extend what was signed before.
    fn may_sign(&self, signer: Option<&Signer>) -> Result<(), Error> {
        let key = self.genesis().and_then(|genesis| genesis.log_key.clone());
        if key != signer.map(|signer| signer.verifier().to_string()) {
            return Err(Error::new(
                "this key is not the one that the ledger's beginning names",
                "seal with the key that `ledger/keys/log.vkey` belongs to",
            ));
        }
        let held = self.extends_all()?;
        if signer.is_some() && held.is_empty() && self.sealed() > BEGINNING {
            return Err(Error::new(
                "there is no checkpoint that this ledger could be shown to extend",
                "restore `ledger/checkpoint` from git: who removed it may have changed more",
            ));
        }
        Ok(())
    }

    /// Signs the sealed tree: the mark first, then what everyone gets.
    fn sign(&self, signer: &Signer) -> Result<Checkpoint, Error> {
        let size = self.sealed();
        let root = self.roots([size].into_iter()).remove(&size).unwrap_or(Digest::of(b""));
        let checkpoint = Checkpoint { origin: signer.verifier().name().to_owned(), size, root };
        let note = checkpoint.signed(signer).into_bytes();
        for mark in self.location.marks(self.genesis().map_or("", |genesis| &genesis.ledger)) {
            // A mark that cannot be kept is one guard less: what is signed stays true without it.
            let _ = anchor::keep(&mark, &note);
        }
        let vkey = format!("{}\n", signer.verifier()).into_bytes();
        for (path, bytes) in [(self.location.log_vkey(), vkey), (self.location.checkpoint(), note)]
        {
            if files::read_regular(&path, 1 << 20).is_ok_and(|known| known == bytes) {
                continue;
            }
            anchor::keep(&path, &bytes).map_err(|error| Error::io("write", &path, &error))?;
        }
        Ok(checkpoint)
    }

    fn fold(&mut self) -> Result<usize, Error> {
        let mut lines = Vec::new();
        let mut sealed = 0;
        let sessions = scan::session_lines(&self.location)?;
        for stored in self.entries.iter_mut().filter(|stored| !stored.sealed) {
            let line = sessions.get(&stored.id).ok_or_else(|| {
                Error::new(format!("line {} is gone", stored.id), "run the command again")
            })?;
            lines.extend_from_slice(line);
            stored.sealed = true;
            sealed += 1;
        }
        if sealed > 0 {
            let trunk = self.location.folder.join("ledger.jsonl");
            files::append(&trunk, &lines)
                .map_err(|error| Error::io("seal into", &trunk, &error))?;
            self.rotate(&trunk)?;
        }
        self.seen = scan::Signature::of(&self.location);
        Ok(sealed)
    }

    /// Drops journals whose lines are safe: in `committed`, the trunk as git has it, or outside git in
    /// the trunk itself.
    ///
    /// # Errors
    /// When a journal cannot be read or removed.
    pub fn drop_journals(&self, committed: Option<&[u8]>) -> Result<(), Error> {
        let _lock = take_lock(&self.location)?;
        let safe = match committed {
            Some(lines) => lines.split_inclusive(|byte| *byte == b'\n').map(Digest::of).collect(),
            None => {
                self.entries.iter().filter(|stored| stored.sealed).map(|stored| stored.id).collect()
            }
        };
        recover::drop_journals(&self.location, &safe)
    }

    /// Full segments leave the newest file; sessions' files that are wholly in segments go.
    fn rotate(&self, trunk: &Path) -> Result<(), Error> {
        let fault = |path: &Path, error: std::io::Error| Error::io("rotate", path, &error);
        let archive = self.location.folder.join("archive");
        let bytes = files::read_regular(trunk, 1 << 30).map_err(|error| fault(trunk, error))?;
        let lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
        let full = lines.len() / scan::ROTATION * scan::ROTATION;
        if full == 0 {
            return Ok(());
        }
        fs::create_dir_all(&archive).map_err(|error| fault(&archive, error))?;
        let before = self.entries.iter().filter(|stored| stored.sealed).count() - lines.len();
        for (at, segment) in lines[..full].chunks(scan::ROTATION).enumerate() {
            let path = archive.join(format!("{:012}.jsonl", before + at * scan::ROTATION));
            files::replace(&path, &segment.concat()).map_err(|error| fault(&path, error))?;
        }
        files::replace(trunk, &lines[full..].concat()).map_err(|error| fault(trunk, error))?;
        let left: std::collections::HashSet<&[u8]> = lines[full..].iter().copied().collect();
        for session in scan::files(&self.location.folder).1 {
            let bytes =
                files::read_regular(&session, 1 << 30).map_err(|error| fault(&session, error))?;
            if !bytes.split_inclusive(|byte| *byte == b'\n').any(|line| left.contains(line)) {
                fs::remove_file(&session).map_err(|error| fault(&session, error))?;
            }
        }
        Ok(())
    }
}
