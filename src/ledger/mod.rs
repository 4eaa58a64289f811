//! The append-only record: what each session wrote, folded into one trunk.
//!
//! Everyone appends to a file of the session under `inbox/`; only sealing writes `ledger.jsonl`. The
//! format is docs/ledger.md's to the byte.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::files::{self, Lock};
use crate::sign::Pins;

pub mod anchor;
pub mod cache;
pub mod checkpoint;
pub mod evidence;
mod fit;
mod history;
mod index;
pub mod merkle;
pub mod naming;
pub mod places;
pub mod proof;
pub mod record;
mod recover;
pub mod rules;
mod scan;
mod seal;
pub mod stamps;
pub mod state;
pub mod sweep;

pub use history::{History, Known};
pub use recover::Recovered;
pub use scan::{ROTATION, files as ledger_files, genesis};
pub use seal::Sealed;

use record::{Body, Entry, Genesis, Policy, Writer};
use rules::InForce;

/// An entry with its id.
#[derive(Clone, Debug)]
pub struct Stored {
    /// SHA-256 of the line, LF included.
    pub id: Digest,
    /// What the line says.
    pub entry: Entry,
    /// It stands in the trunk.
    pub sealed: bool,
}

/// Where a ledger lives.
#[derive(Clone, Debug)]
pub struct Location {
    /// The folder `ledger/`.
    pub folder: PathBuf,
    /// The lock, outside the work tree where that is possible.
    pub lock: PathBuf,
    /// The folder for journals, likewise.
    pub journal: PathBuf,
    /// The folder that work trees share and git leaves alone, where there is git.
    pub private: Option<PathBuf>,
    /// The user's own folder of this program, where there is one.
    pub user: Option<PathBuf>,
}

impl Location {
    /// The ledger of a repository; `private` is a folder that work trees share and git leaves alone, `user` one
    /// of the user's, for what must not lie in the repository.
    pub fn new(root: &Path, private: Option<&Path>, user: Option<&Path>) -> Self {
        let folder = root.join("ledger");
        let (lock, journal) = match private {
            Some(private) => (private.join("lock"), private.join("journal")),
            None => (folder.join(".lock"), folder.join(".journal")),
        };
        let (private, user) = (private.map(Path::to_owned), user.map(Path::to_owned));
        Self { folder, lock, journal, private, user }
    }
}

/// Why the ledger cannot be read or written.
#[derive(Debug)]
pub struct Error {
    /// Lower case, with file and line where there is one.
    pub message: String,
    /// What to do.
    pub hint: String,
    /// There is no ledger yet.
    pub missing: bool,
}

impl Error {
    fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into(), missing: false }
    }

    fn io(doing: &str, path: &Path, error: &io::Error) -> Self {
        let hint = match error.kind() {
            io::ErrorKind::StorageFull => "free some space; what was recorded before is safe",
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                "the folder must be writable for you"
            }
            _ => "what was recorded before is safe",
        };
        Self::new(format!("cannot {doing} `{}`: {error}", path.display()), hint)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// Who writes, and where to.
#[derive(Clone, Debug)]
pub struct Session {
    /// The name of its files: one writer, ever.
    pub name: String,
    /// Who claims to write.
    pub writer: String,
}

/// A ledger, read and checked.
#[derive(Debug)]
pub struct Ledger {
    location: Location,
    entries: Vec<Stored>,
    history: History,
    /// By writer: the largest count.
    written: HashMap<String, i64>,
    seen: scan::Signature,
    recovered: Recovered,
}

impl Ledger {
    /// Reads a ledger; a tail that was never acknowledged is passed over.
    ///
    /// # Errors
    /// When there is none, or the first line that is wrong.
    pub fn open(location: Location) -> Result<Self, Error> {
        scan::steadily(&location, || Self::open_once(location.clone()))
    }

    fn open_once(location: Location) -> Result<Self, Error> {
        let seen = scan::Signature::of(&location);
        let entries = scan::read(&location)?;
        if entries.is_empty() {
            return Err(Error {
                missing: true,
                ..Error::new(
                    format!("there is no ledger in `{}`", location.folder.display()),
                    "`holdpoint init` begins one",
                )
            });
        }
        let mut ledger = Self::empty(location);
        ledger.take(entries);
        ledger.seen = seen;
        Ok(ledger)
    }

    /// Reads a ledger to write to it: what a crash or git took away is put back first.
    ///
    /// # Errors
    /// As [`Ledger::open`], and when the folders cannot be written.
    pub fn open_to_write(location: Location) -> Result<Self, Error> {
        let lock = take_lock(&location)?;
        let recovered = recover::run(&location)?;
        drop(lock);
        Ok(Self { recovered, ..Self::open(location)? })
    }

    /// What was put right when it was opened.
    pub fn recovered(&self) -> Recovered {
        self.recovered
    }

    /// Begins a ledger with a policy, unless there is one, and opens it; nothing of it is sealed yet.
    ///
    /// # Errors
    /// When the folders cannot be written.
    pub fn begin(
        location: Location,
        genesis: Genesis,
        policy: &[u8],
        session: &Session,
        now: Timestamp,
    ) -> Result<Self, Error> {
        let inbox = location.folder.join("inbox");
        files::make_folder(&inbox).map_err(|error| Error::io("make folder", &inbox, &error))?;
        let mut ledger = Self::empty(location);
        let lock = take_lock(&ledger.location)?;
        ledger.refresh()?;
        // Somebody may have begun it since it was missed.
        if ledger.entries.is_empty() {
            let policy = ledger.keep(policy)?;
            let pins = Pins { policy, allowed_signers: None, revoked: None };
            let bodies = vec![Body::Genesis(genesis), Body::Policy(Policy::unsigned(pins))];
            ledger.append_locked(session, now, bodies, &[])?;
        }
        drop(lock);
        Ok(ledger)
    }

    fn empty(location: Location) -> Self {
        Self {
            location,
            entries: Vec::new(),
            history: History::default(),
            written: HashMap::new(),
            seen: scan::Signature::default(),
            recovered: Recovered::default(),
        }
    }

    /// Every entry, parents first: the trunk in its order, then what is not sealed.
    pub fn entries(&self) -> &[Stored] {
        &self.entries
    }

    /// The entry with an id, if it is among those that were read.
    pub fn entry(&self, id: &Digest) -> Option<&Stored> {
        let place = self.history.place(id)?;
        let found = |at: usize| self.entries.get(at).filter(|stored| stored.id == *id);
        // Where all were read, each is at its place; else they are in that order.
        found(place).or_else(|| {
            let place_of = |stored: &Stored| self.history.place(&stored.id).unwrap_or(usize::MAX);
            found(self.entries.binary_search_by_key(&place, place_of).ok()?)
        })
    }

    /// Who knew of whom.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// Where it lives.
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// The ledger's beginning.
    pub fn genesis(&self) -> Option<&Genesis> {
        self.entries.iter().find_map(|stored| match &stored.entry.body {
            Body::Genesis(genesis) => Some(genesis),
            _ => None,
        })
    }

    /// The rules that hold now.
    pub fn rules(&self) -> InForce {
        let entries: Vec<&Stored> = self.entries.iter().collect();
        rules::in_force(&self.history, &entries, &|digest| self.evidence(digest))
    }

    /// Evidence by digest, if it is there and unchanged.
    pub fn evidence(&self, digest: &Digest) -> Option<Vec<u8>> {
        evidence::get(&self.location.folder, digest)
    }

    /// Keeps a piece of evidence.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn keep(&self, bytes: &[u8]) -> Result<Digest, Error> {
        let digest = Digest::of(bytes);
        self.keep_all(&BTreeMap::from([(digest, bytes)]))?;
        Ok(digest)
    }

    /// Deletes a piece of evidence, here and beside the journal; says whether it was there. The entry that says so
    /// comes before.
    ///
    /// # Errors
    /// When it cannot be deleted.
    pub fn let_go(&self, digest: &Digest) -> Result<bool, Error> {
        let _lock = take_lock(&self.location)?;
        recover::let_go(&self.location, digest)
    }

    fn keep_all(&self, pieces: &BTreeMap<Digest, &[u8]>) -> Result<(), Error> {
        if let Some(bytes) = pieces.values().find(|bytes| bytes.len() as u64 > evidence::LIMIT) {
            let size = bytes.len() >> 20;
            return Err(Error::new(
                format!("evidence of {size} MiB is too large"),
                "64 MiB are the limit; keep its digest instead",
            ));
        }
        evidence::put(&self.location.folder, pieces)
            .map_err(|error| Error::io("keep evidence in", &self.location.folder, &error))
    }

    /// Appends entries that chain on each other and on all that is known, in one go: evidence first,
    /// then the journal, then the session's file. When it returns, they are recorded.
    ///
    /// # Errors
    /// When something cannot be written: then nothing is acknowledged.
    pub fn append(
        &mut self,
        session: &Session,
        now: Timestamp,
        bodies: Vec<Body>,
        evidence: &[Vec<u8>],
    ) -> Result<Vec<Digest>, Error> {
        let _lock = take_lock(&self.location)?;
        self.refresh()?;
        let appended = self.append_locked(session, now, bodies, evidence);
        if appended.is_err() {
            // Whatever got as far as a file is found, or cut, before anything is appended to it.
            self.seen = scan::Signature::default();
        }
        appended
    }

    fn append_locked(
        &mut self,
        session: &Session,
        now: Timestamp,
        bodies: Vec<Body>,
        evidence: &[Vec<u8>],
    ) -> Result<Vec<Digest>, Error> {
        let given: HashMap<Digest, &[u8]> =
            evidence.iter().map(|bytes| (Digest::of(bytes), bytes.as_slice())).collect();
        let (bodies, made) = fit::all(bodies, &given);
        let named: BTreeSet<Digest> =
            bodies.iter().flat_map(|body| body.evidence()).chain(made.separate).collect();
        let made = made.pieces.iter().map(|(digest, bytes)| (*digest, bytes.as_slice()));
        let kept =
            named.iter().filter_map(|digest| given.get(digest).map(|bytes| (*digest, *bytes)));
        let pieces = made.chain(kept).collect();
        self.keep_all(&pieces)?;
        let mut lines = Vec::new();
        let mut stored = Vec::new();
        let mut prev: Vec<Digest> = self.history.heads().copied().collect();
        let counts = (self.history.next_seq()..).zip(self.written_by(&session.writer) + 1..);
        for ((seq, n), body) in counts.zip(bodies) {
            let writer = Writer { id: session.writer.clone(), n };
            let entry = Entry { at: now, body, prev: std::mem::take(&mut prev), seq, v: 1, writer };
            let line = entry.line().map_err(|error| {
                Error::new(format!("cannot record: {error}"), "shorten what it says")
            })?;
            // What was written is read again by the rule that everyone will read it by.
            let entry = Entry::read(&line[..line.len() - 1]).map_err(|error| {
                Error::new(format!("cannot record: {error}"), "this is a fault of holdpoint")
            })?;
            let id = Digest::of(&line);
            prev = vec![id];
            lines.extend_from_slice(&line);
            stored.push(Stored { id, entry, sealed: false });
        }
        recover::remember(&self.location, &named)
            .map_err(|error| Error::io("write", &self.location.journal, &error))?;
        self.write(session, &lines)?;
        let ids = stored.iter().map(|stored| stored.id).collect();
        for stored in stored {
            self.add(stored);
        }
        self.seen = scan::Signature::of(&self.location);
        Ok(ids)
    }

    fn write(&self, session: &Session, lines: &[u8]) -> Result<(), Error> {
        let name = format!("{}.jsonl", session.name);
        let journal = self.location.journal.join(&name);
        let written = |path: &Path, result: io::Result<()>| {
            result.map_err(|error| Error::io("write", path, &error))
        };
        let make = |folder: &Path| {
            files::make_folder(folder).map_err(|error| Error::io("make folder", folder, &error))
        };
        make(&self.location.journal)?;
        written(&journal, files::append(&journal, lines))?;
        let inbox = self.location.folder.join("inbox");
        make(&inbox)?;
        let path = inbox.join(&name);
        // The journal is what a crash is survived by; sealing syncs what it folds.
        written(&path, files::append_unsynced(&path, lines))
    }

    /// Reads again what others have written since.
    fn refresh(&mut self) -> Result<(), Error> {
        let seen = scan::Signature::of(&self.location);
        if seen != self.seen {
            recover::run(&self.location)?;
            let entries = scan::read(&self.location)?;
            self.take(entries);
            self.seen = scan::Signature::of(&self.location);
        }
        Ok(())
    }

    fn add(&mut self, stored: Stored) {
        self.history.push(&stored);
        let count = self.written.entry(stored.entry.writer.id.clone()).or_insert(0);
        *count = stored.entry.writer.n.max(*count);
        self.entries.push(stored);
    }

    /// How many entries a writer has written, by its own count.
    fn written_by(&self, writer: &str) -> i64 {
        self.written.get(writer).copied().unwrap_or(0)
    }

    /// Takes what was read from the files.
    fn take(&mut self, entries: Vec<Stored>) {
        self.entries = Vec::with_capacity(entries.len());
        self.history = History::default();
        self.written.clear();
        entries.into_iter().for_each(|stored| self.add(stored));
    }
}

fn take_lock(location: &Location) -> Result<Lock, Error> {
    let folder = location.lock.parent().unwrap_or(Path::new("."));
    files::make_folder(folder)
        .and_then(|()| files::lock(&location.lock))
        .map_err(|error| Error::io("lock", &location.lock, &error))
}
