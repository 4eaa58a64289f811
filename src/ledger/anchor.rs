//! Checkpoints that the sealed lines have to extend: the repository's own, and the high-water mark, which is
//! the last one signed or seen here, kept outside the work tree.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::digest::Digest;
use crate::files;
use crate::note::{self, Refused, Verifier};

use super::checkpoint::{Checkpoint, origin};
use super::merkle::Tree;
use super::{Error, Ledger, Location};

/// A checkpoint that was kept somewhere.
#[derive(Clone, Debug)]
pub struct Held {
    /// Where.
    pub path: PathBuf,
    /// What it says, or why it cannot be believed.
    pub checkpoint: Result<Checkpoint, Refused>,
}

/// How a sealed log does not extend a checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It has fewer lines than were signed.
    Shorter,
    /// Its first lines have another root.
    Differs,
    /// It is of another ledger.
    Foreign,
}

impl Location {
    /// The repository's checkpoint.
    pub fn checkpoint(&self) -> PathBuf {
        self.folder.join("checkpoint")
    }

    /// The log's public key, for whoever looks for it: the ledger's beginning has it too.
    pub fn log_vkey(&self) -> PathBuf {
        self.folder.join("keys/log.vkey")
    }

    /// Where the high-water mark of a ledger is kept: beside its lock, and in the user's folder.
    pub fn marks(&self, ledger: &str) -> Vec<PathBuf> {
        let user = self.user.as_deref().map(|user| own_folder(user, ledger));
        let folders = [self.private.clone(), user];
        folders.into_iter().flatten().map(|folder| folder.join("checkpoint")).collect()
    }

    /// The checkpoints that are kept, the repository's first.
    pub fn held(&self, ledger: &str, log: &Verifier) -> Vec<Held> {
        let paths = [self.checkpoint()].into_iter().chain(self.marks(ledger));
        let read = |path: PathBuf| match files::read_regular(&path, note::LIMIT as u64) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(_) => Some(Held { path, checkpoint: Err(Refused("it cannot be read")) }),
            Ok(bytes) => Some(Held { path, checkpoint: Checkpoint::open(&bytes, log) }),
        };
        paths.filter_map(read).collect()
    }
}

impl Location {
    /// What to do about a checkpoint that cannot be believed.
    pub fn hint(&self, path: &Path) -> &'static str {
        match path.starts_with(&self.folder) {
            true => "restore it from git: one place seals, and nobody else writes it",
            false => "if the ledger was begun again on purpose, delete this file",
        }
    }
}

/// The folder of one ledger in the user's folder, whatever the ledger calls itself.
pub fn own_folder(user: &Path, ledger: &str) -> PathBuf {
    user.join(super::record::plain(ledger))
}

/// Holds a checkpoint against what was sealed: `root_at` knows the roots.
pub fn compare(
    checkpoint: &Checkpoint,
    ledger: &str,
    sealed: u64,
    root_at: impl Fn(u64) -> Option<Digest>,
) -> Result<(), Fault> {
    if checkpoint.origin != origin(ledger) {
        return Err(Fault::Foreign);
    }
    if checkpoint.size > sealed {
        return Err(Fault::Shorter);
    }
    let same = root_at(checkpoint.size) == Some(checkpoint.root);
    if same { Ok(()) } else { Err(Fault::Differs) }
}

impl Fault {
    /// What is wrong, and what to do.
    pub fn told(self, checkpoint: &Checkpoint, sealed: u64) -> (String, &'static str) {
        let size = checkpoint.size;
        match self {
            Self::Shorter => (
                format!(
                    "{size} entries were sealed, and the ledger has {sealed}: it went back in time, or its tail was cut off"
                ),
                "`git pull` where another clone has sealed; else check out the branch that it is sealed on, or restore `ledger/` from git; `holdpoint seal` puts back what the journal has",
            ),
            Self::Differs => (
                format!(
                    "the first {size} entries are not those that were sealed: something rewrote them"
                ),
                "compare `ledger/` with git's history; nothing will be sealed on top of it",
            ),
            Self::Foreign => (
                format!("this checkpoint is of another ledger, `{}`", checkpoint.origin),
                "if the ledger was begun again on purpose, delete the checkpoint that this names",
            ),
        }
    }
}

impl Ledger {
    /// The log's key, where the ledger has one that can be read.
    pub fn log(&self) -> Option<Verifier> {
        self.genesis()?.log_key.as_ref()?.parse().ok()
    }

    /// The last checkpoint that the repository has, signed by the log's key.
    pub fn checkpoint(&self) -> Option<Checkpoint> {
        Checkpoint::open(&self.note()?, &self.log()?).ok()
    }

    /// The checkpoint that the repository has, as it was signed.
    fn note(&self) -> Option<Vec<u8>> {
        files::read_regular(&self.location.checkpoint(), note::LIMIT as u64).ok()
    }

    /// The newest checkpoint that is kept anywhere, as it was signed, if the ledger extends all of them.
    ///
    /// # Errors
    /// As [`Ledger::extends_all`].
    pub fn newest_note(&self) -> Result<Option<Vec<u8>>, Error> {
        let held = self.extends_all()?;
        let size = |held: &&Held| held.checkpoint.as_ref().map_or(0, |known| known.size);
        let newest = held.iter().max_by_key(size);
        Ok(newest.and_then(|held| files::read_regular(&held.path, note::LIMIT as u64).ok()))
    }

    /// A checkpoint that the log's key signed, if the ledger's first entries have its root.
    pub fn holds(&self, note: &[u8]) -> Option<Checkpoint> {
        let checkpoint = Checkpoint::open(note, &self.log()?).ok()?;
        let roots = self.roots([checkpoint.size].into_iter());
        let root_at = |size: u64| roots.get(&size).copied();
        let sealed = self.sealed();
        compare(&checkpoint, &self.genesis()?.ledger, sealed, root_at).ok().map(|()| checkpoint)
    }

    /// Whether what is sealed, with what would be folded behind it, extends every checkpoint that is kept: lines
    /// that git took away and the journal brought back count.
    ///
    /// # Errors
    /// The first that it does not extend, or that cannot be believed.
    pub fn extends_all(&self) -> Result<Vec<Held>, Error> {
        let (Some(genesis), Some(log)) = (self.genesis(), self.log()) else {
            return Ok(Vec::new());
        };
        let held = self.location.held(&genesis.ledger, &log);
        let sizes = held.iter().filter_map(|held| Some(held.checkpoint.as_ref().ok()?.size));
        let roots = self.roots(sizes);
        for Held { path, checkpoint } in &held {
            let (why, hint) = match checkpoint {
                Err(refused) => (refused.to_string(), self.location.hint(path)),
                Ok(checkpoint) => {
                    let sealed = self.sealed();
                    let root_at = |size: u64| roots.get(&size).copied();
                    let all = self.history.ids().len() as u64;
                    match compare(checkpoint, &genesis.ledger, all, root_at) {
                        Ok(()) => continue,
                        Err(_)
                            if checkpoint.origin == origin(&genesis.ledger)
                                && checkpoint.size > sealed =>
                        {
                            Fault::Shorter.told(checkpoint, sealed)
                        }
                        Err(fault) => fault.told(checkpoint, sealed),
                    }
                }
            };
            return Err(Error::new(format!("`{}`: {why}", path.display()), hint));
        }
        Ok(held)
    }

    /// How many lines are sealed.
    pub fn sealed(&self) -> u64 {
        // What is not sealed comes last, and all of it is here.
        let open = self.entries.iter().rev().take_while(|stored| !stored.sealed).count();
        (self.history.ids().len() - open) as u64
    }

    /// The roots of the tree at some sizes, as far as it goes: over the trunk, then what would be folded.
    pub(super) fn roots(&self, sizes: impl Iterator<Item = u64>) -> BTreeMap<u64, Digest> {
        let mut roots: BTreeMap<u64, Option<Digest>> = sizes.map(|size| (size, None)).collect();
        let Some((&last, _)) = roots.last_key_value() else { return BTreeMap::new() };
        let mut tree = Tree::default();
        let mut ids = self.history.ids().iter();
        loop {
            if let Some(root) = roots.get_mut(&tree.size()) {
                *root = Some(tree.root());
            }
            let Some(id) = ids.next().filter(|_| tree.size() < last) else { break };
            tree.push(id);
        }
        roots.into_iter().filter_map(|(size, root)| Some((size, root?))).collect()
    }

    /// Keeps the newest checkpoint of the repository as the high-water mark.
    ///
    /// # Errors
    /// As [`Ledger::extends_all`].
    pub fn remember(&self) -> Result<(), Error> {
        let held = self.extends_all()?;
        let own = self.location.checkpoint();
        let size = |held: &Held| held.checkpoint.as_ref().map_or(0, |checkpoint| checkpoint.size);
        let Some(newest) = held.iter().find(|held| held.path == own) else { return Ok(()) };
        for path in self.location.marks(self.genesis().map_or("", |genesis| &genesis.ledger)) {
            let known = held.iter().find(|held| held.path == path).map_or(0, size);
            if known < size(newest) {
                // Whoever cannot write there has one mark less, and loses nothing.
                let _ = files::read_regular(&own, note::LIMIT as u64)
                    .and_then(|note| keep(&path, &note));
            }
        }
        Ok(())
    }
}

/// Writes a mark.
pub(super) fn keep(path: &Path, note: &[u8]) -> std::io::Result<()> {
    std::fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
    files::replace(path, note)
}
