//! The folder of a site: what is there is left as it is where nothing differs, and nothing of others is touched.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{DirBuilder, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Component, Path, PathBuf};

use crate::digest::Digest;
use crate::files;
use crate::ledger::Ledger;
use crate::report::{self, Language, Templates};
use crate::site::manifest::{self, Kept, Manifest, Written};

use super::looks::looks;
use super::{Failure, Home};

/// The site's folder.
pub(super) struct Shelf {
    folder: PathBuf,
    /// What vouches for what was written before.
    key: [u8; 32],
    /// What its reports are rendered with.
    pub(super) templates: Templates,
    before: Manifest,
    now: Manifest,
    written: usize,
    /// Folders that are there.
    made: BTreeSet<PathBuf>,
}

impl Shelf {
    pub(super) fn open(
        home: &Home,
        folder: &Path,
        ledger: &Ledger,
        templates: Templates,
        language: Option<Language>,
    ) -> Result<Self, Failure> {
        // Wherever links lead.
        let real = folder.ancestors().find_map(|folder| folder.canonicalize().ok());
        let root = home.root.canonicalize().unwrap_or_else(|_| home.root.clone());
        let taken = ["ledger", "reports", ".git"].map(|name| root.join(name));
        let inside = |taken: &PathBuf| {
            folder.starts_with(taken) || real.as_ref().is_some_and(|real| real.starts_with(taken))
        };
        if taken.iter().any(inside) || folder.components().any(|part| part == Component::ParentDir)
        {
            let hint = "name a folder of its own, as `site`";
            let message = "a site must not lie in the folder of the ledger, of reports or of git";
            return Err(Failure::usage(message, hint));
        }
        let genesis = ledger.genesis().map(|genesis| genesis.ledger.as_str()).unwrap_or_default();
        let looks = serde_json::to_vec(&looks(home, None, language)?).unwrap_or_default();
        let (renderer, used) = (report::RENDERER, templates.digest());
        let with = format!("{renderer} {used} {genesis} {}", Digest::of(&looks));
        let path = folder.join(manifest::NAME);
        let known = files::read(&path, manifest::LIMIT);
        if known.is_err() && !is_empty(folder) {
            let message = format!("`{}` holds other files than a site", folder.display());
            return Err(Failure::usage(message, "name a folder that is new or empty"));
        }
        let key = key(home)?;
        let read = known.ok().and_then(|bytes| Manifest::read(&bytes, &key));
        let before = match read {
            Some(before) if before.with == with => before,
            // What was written is known all the same, and goes when it is not needed.
            Some(before) => Manifest { runs: BTreeMap::new(), ..before },
            None => Manifest::default(),
        };
        let now = Manifest { with, ..Manifest::default() };
        let (folder, made) = (folder.to_owned(), BTreeSet::new());
        let shelf = Self { folder, key, templates, before, now, written: 0, made };
        if !path.exists() {
            // Whatever happens on the way, the folder is known as a site's.
            shelf.write(manifest::NAME, &shelf.manifest(&shelf.before)?)?;
        }
        Ok(shelf)
    }

    /// What is known of a run whose newest entries are these, where its page is there.
    pub(super) fn kept(&mut self, run: &str, heads: &[Digest], page: &str) -> Option<Kept> {
        let kept = self.before.runs.get(run).filter(|kept| kept.heads == heads)?.clone();
        if let Some(known) = &kept.page {
            let written = *self.before.files.get(&known.path)?;
            if known.path != page || !self.is_there(&known.path, written) {
                return None;
            }
            self.now.files.insert(known.path.clone(), written);
        }
        self.now.runs.insert(run.to_owned(), kept.clone());
        Some(kept)
    }

    pub(super) fn keep(&mut self, run: &str, kept: Kept) {
        self.now.runs.insert(run.to_owned(), kept);
    }

    /// A file is there, with the bytes that were written.
    fn is_there(&self, path: &str, written: Written) -> bool {
        let full = self.folder.join(path);
        let is_file = full.symlink_metadata().is_ok_and(|about| about.is_file());
        let read = || files::read_regular(&full, written.bytes).ok();
        is_file && read().is_some_and(|bytes| Written::of(&bytes) == written)
    }

    /// Writes a file, unless it is there as it is.
    pub(super) fn put(&mut self, path: String, bytes: &[u8]) -> Result<(), Failure> {
        let fresh = Written::of(bytes);
        let same = self.before.files.get(&path) == Some(&fresh) && self.is_there(&path, fresh);
        if !same {
            self.make_folder(&path)?;
            self.write(&path, bytes)?;
            self.written += 1;
        }
        self.now.files.insert(path, fresh);
        Ok(())
    }

    fn make_folder(&mut self, path: &str) -> Result<(), Failure> {
        let Some(folder) = Path::new(path).parent() else { return Ok(()) };
        if !self.made.insert(folder.to_owned()) {
            return Ok(());
        }
        let mut at = self.folder.clone();
        for part in folder {
            at.push(part);
            // A link could lead anywhere.
            if at.is_symlink() {
                let message = format!("`{}` is a link", at.display());
                return Err(Failure::usage(message, "a site's folders are its own: remove it"));
            }
        }
        std::fs::create_dir_all(&at).map_err(|error| fault("make folder", &at, &error))
    }

    fn write(&self, path: &str, bytes: &[u8]) -> Result<(), Failure> {
        let path = self.folder.join(path);
        if path.parent().is_some_and(|folder| !folder.exists()) {
            std::fs::create_dir_all(&self.folder)
                .map_err(|error| fault("make folder", &self.folder, &error))?;
        }
        // All of it can be made again: a crash costs nothing but that.
        files::replace_unsynced(&path, bytes).map_err(|error| fault("write", &path, &error))
    }

    fn manifest(&self, manifest: &Manifest) -> Result<Vec<u8>, Failure> {
        manifest.bytes(&self.key).map_err(|error| Failure::ours(error.to_string()))
    }

    /// Removes what was written before and is not needed now, and writes down what there is: how many files were
    /// written and removed.
    pub(super) fn close(self) -> Result<(usize, usize), Failure> {
        let mut removed = 0;
        for (path, written) in &self.before.files {
            let full = self.folder.join(path);
            let ours = || {
                let bytes = files::read(&full, written.bytes).ok();
                bytes.is_some_and(|bytes| Written::of(&bytes) == *written)
            };
            // What somebody changed since is theirs.
            // A link could lead anywhere.
            let linked = full.ancestors().take_while(|at| *at != self.folder).any(Path::is_symlink);
            if !self.now.files.contains_key(path) && !linked && ours() {
                std::fs::remove_file(&full).map_err(|error| fault("remove", &full, &error))?;
                removed += 1;
                // Folders go when nothing is in them.
                let above = Path::new(path).ancestors().skip(1);
                let above = above.filter(|above| !above.as_os_str().is_empty());
                above.for_each(|above| drop(std::fs::remove_dir(self.folder.join(above))));
            }
        }
        if self.now != self.before || !self.folder.join(manifest::NAME).exists() {
            self.write(manifest::NAME, &self.manifest(&self.now)?)?;
        }
        Ok((self.written, removed))
    }
}

/// The key of this user; another each time where it cannot be kept.
fn key(home: &Home) -> Result<[u8; 32], Failure> {
    let failed = |error: std::io::Error| Failure::ours(format!("no random bytes: {error}"));
    let path = home.user.as_ref().map(|user| user.join("site.key"));
    let known = path.as_ref().and_then(|path| files::read_regular(path, 32).ok());
    if let Some(known) = known.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok()) {
        return Ok(known);
    }
    let halves = [(home.random)().map_err(failed)?, (home.random)().map_err(failed)?];
    let key: [u8; 32] = std::array::from_fn(|at| halves[at / 16][at % 16]);
    // Where it cannot be kept, all is rendered again the next time.
    let kept = path.map(|path| -> std::io::Result<()> {
        let folder = path.parent().unwrap_or(Path::new("."));
        files::make_folder_as(folder, DirBuilder::new().mode(0o700))?;
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        file.write_all(&key)
    });
    drop(kept);
    Ok(key)
}

/// Nothing is in a folder, or it is not there.
fn is_empty(folder: &Path) -> bool {
    match std::fs::read_dir(folder) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) => error.kind() == std::io::ErrorKind::NotFound,
    }
}

fn fault(doing: &str, path: &Path, error: &std::io::Error) -> Failure {
    Failure::ours(format!("cannot {doing} `{}`: {error}", path.display()))
}
