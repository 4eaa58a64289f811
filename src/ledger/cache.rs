//! The hashes of the sealed tree and the runs of its lines, kept outside git so that a proof needs no reading of
//! all lines. Never trusted: what does not give the root that was signed is made anew.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use crate::digest::Digest;
use crate::files;

use super::merkle::{self, Subtrees, Tree};
use super::{Location, Stored};

/// The cache of one ledger.
#[derive(Debug)]
pub struct Cache {
    folder: PathBuf,
    /// Of every leaf, and behind it of the subtrees that it completes.
    hashes: File,
    /// The names of runs, one a line.
    names: File,
    /// For each line of the trunk the number of its run, little-endian; 0 for none.
    runs: File,
}

/// The names of runs are never longer: 64 MiB.
const NAMES: u64 = 64 << 20;

impl Cache {
    /// Opens it, empty where there is none.
    ///
    /// # Errors
    /// Those of the system.
    pub fn open(location: &Location) -> io::Result<Self> {
        let hidden = || location.folder.join(".tree");
        let folder = location.private.as_ref().map_or_else(hidden, |private| private.join("tree"));
        fs::create_dir_all(&folder)?;
        let open = |name: &str| {
            OpenOptions::new().read(true).append(true).create(true).open(folder.join(name))
        };
        let (hashes, names, runs) = (open("hashes")?, open("names")?, open("runs")?);
        Ok(Self { folder, hashes, names, runs })
    }

    /// The root over the first `size` lines, as far as this can be told from here.
    ///
    /// # Errors
    /// When it has fewer.
    pub fn root(&self, size: u64) -> io::Result<Digest> {
        merkle::root(self, size)
    }

    /// The lines of a run among the first `size`, ascending.
    ///
    /// # Errors
    /// Those of the system.
    pub fn lines_of(&self, run: &str, size: u64) -> io::Result<Vec<u64>> {
        let names = files::read(&self.folder.join("names"), NAMES)?;
        let mut names = names.split(|byte| *byte == b'\n');
        let Some(number) = names.position(|name| name == run.as_bytes()) else {
            return Ok(Vec::new());
        };
        let wanted = (number as u32 + 1).to_le_bytes();
        let runs = files::read(&self.folder.join("runs"), 4 * size.max(1 << 30))?;
        let (runs, _) = runs.as_chunks::<4>();
        let lines = (0..size).zip(runs);
        Ok(lines.filter(|(_, run)| **run == wanted).map(|(at, _)| at).collect())
    }

    /// Adds the lines of the trunk that it lacks; what does not fit together is made anew.
    ///
    /// # Errors
    /// Those of the system.
    pub fn grow<'s>(&self, sealed: impl Iterator<Item = &'s Stored>) -> io::Result<()> {
        let known = self.runs.metadata()?.len() / 4;
        let whole = self.hashes.metadata()?.len() == 32 * merkle::stored_before(known);
        let tree = Tree::of(self, known).ok().filter(|_| whole);
        let (known, tree) = match tree {
            Some(tree) => (known, tree),
            None => {
                self.clear()?;
                (0, Tree::default())
            }
        };
        self.add(tree, sealed.skip(usize::try_from(known).unwrap_or(usize::MAX)))
    }

    /// Forgets everything.
    ///
    /// # Errors
    /// Those of the system.
    pub fn clear(&self) -> io::Result<()> {
        [&self.hashes, &self.names, &self.runs].into_iter().try_for_each(|file| file.set_len(0))
    }

    fn add<'s>(&self, mut tree: Tree, lines: impl Iterator<Item = &'s Stored>) -> io::Result<()> {
        let mut names = Names::read(&self.folder)?;
        let (mut hashes, mut runs) = (BufWriter::new(&self.hashes), Vec::new());
        for stored in lines {
            let mut written = Ok(());
            tree.push_telling(&stored.id, |hash| {
                if written.is_ok() {
                    written = hashes.write_all(hash.as_bytes());
                }
            });
            written?;
            let number = stored.entry.body.run().map_or(0, |run| names.number(run));
            runs.extend_from_slice(&number.to_le_bytes());
        }
        hashes.flush()?;
        (&self.names).write_all(&names.fresh)?;
        // The last: it says how many lines the others have.
        (&self.runs).write_all(&runs)
    }
}

impl Subtrees for Cache {
    type Error = io::Error;

    fn subtree(&self, level: u32, at: u64) -> io::Result<Digest> {
        let mut bytes = [0; 32];
        self.hashes.read_exact_at(&mut bytes, 32 * merkle::stored(level, at))?;
        Ok(Digest::from(bytes))
    }
}

/// Names with numbers, from 1: their lines in a file.
#[derive(Default)]
struct Names {
    numbers: HashMap<String, u32>,
    /// Lines that the file lacks.
    fresh: Vec<u8>,
}

impl Names {
    fn read(folder: &Path) -> io::Result<Self> {
        let known = files::read(&folder.join("names"), NAMES)?;
        let known = String::from_utf8_lossy(&known);
        let numbers = known.split_terminator('\n').map(str::to_owned).zip(1..).collect();
        Ok(Self { numbers, fresh: Vec::new() })
    }

    fn number(&mut self, name: &str) -> u32 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = self.numbers.len() as u32 + 1;
        self.numbers.insert(name.to_owned(), number);
        self.fresh.extend_from_slice(name.as_bytes());
        self.fresh.push(b'\n');
        number
    }
}
