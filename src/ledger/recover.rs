//! Puts right what a crash or git left behind. The caller holds the lock.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::digest::Digest;
use crate::files;

use super::record::{Body, Entry};
use super::{Error, Location, evidence, scan};

/// What was put right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Entries that a file of the ledger had lost.
    pub entries: usize,
    /// Pieces of evidence that were gone.
    pub evidence: usize,
    /// Files from which bytes were put aside that are no entries, and never were.
    pub torn: usize,
}

impl Recovered {
    /// There was nothing to put right.
    pub fn is_nothing(self) -> bool {
        self == Self::default()
    }
}

impl fmt::Display for Recovered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { entries, evidence, torn } = self;
        let counts = [
            (entries, "entry", "entries", "put back"),
            (evidence, "piece of evidence", "pieces of evidence", "put back"),
            (torn, "file", "files", "cut after the last whole entry"),
        ];
        let told = counts.iter().filter(|(count, ..)| **count > 0);
        let told = told.map(|(count, one, many, done)| {
            format!("{count} {} {done}", if **count == 1 { one } else { many })
        });
        let told: Vec<String> = told.collect();
        f.write_str(&told.join(", "))
    }
}

/// Cuts tails that were never acknowledged, and appends again what was and is gone.
pub(super) fn run(location: &Location) -> Result<Recovered, Error> {
    let (trunk, inbox) = scan::files(&location.folder);
    finish_rotation(&trunk)?;
    let mut done = Recovered::default();
    let (mut known, mut forgotten) = (HashSet::new(), Forgotten::default());
    for path in trunk.iter().chain(&inbox) {
        clear(location, path, &mut done)?;
        let bytes = cut_tail(location, path, &mut done)?;
        forgotten.take(&bytes);
        known.extend(lines(&bytes).map(Digest::of));
    }
    let mut written = Vec::new();
    for journal in journals(location) {
        let bytes = cut_tail(location, &journal, &mut done)?;
        forgotten.take(&bytes);
        written.push((journal, bytes));
    }
    done.evidence = restore_evidence(location, &forgotten)?;
    for (journal, bytes) in written {
        let is_lost = |line: &&[u8]| !known.contains(&Digest::of(line)) && is_entry(line);
        let lost: Vec<&[u8]> = lines(&bytes).filter(is_lost).collect();
        if lost.is_empty() {
            continue;
        }
        let folder = location.folder.join("inbox");
        let path = folder.join(journal.file_name().unwrap_or_default());
        files::make_folder(&folder)
            .and_then(|()| files::append(&path, &lost.concat()))
            .map_err(|error| Error::io("put lost entries back into", &path, &error))?;
        done.entries += lost.len();
    }
    Ok(done)
}

fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split_inclusive(|byte| *byte == b'\n')
}

fn is_entry(line: &[u8]) -> bool {
    line.strip_suffix(b"\n").is_some_and(|line| Entry::read(line).is_ok())
}

/// Puts a session's file aside that was written here, and holds what is no entry: a crash of the system can leave
/// anything where nothing was synced. The journal has all of it.
fn clear(location: &Location, path: &Path, done: &mut Recovered) -> Result<(), Error> {
    let journal = location.journal.join(path.file_name().unwrap_or_default());
    if !journal.exists() {
        return Ok(());
    }
    let fault = |error: io::Error| Error::io("repair", path, &error);
    let bytes = files::read_regular(path, 1 << 30).map_err(fault)?;
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    if lines(&bytes[..whole]).all(is_entry) {
        return Ok(());
    }
    put_aside(location, &bytes).map_err(fault)?;
    let good: Vec<&[u8]> = lines(&bytes).filter(|line| is_entry(line)).collect();
    files::replace(path, &good.concat()).map_err(fault)?;
    done.torn += 1;
    Ok(())
}

fn put_aside(location: &Location, bytes: &[u8]) -> io::Result<()> {
    let digest = Digest::of(bytes).to_string();
    files::replace(&location.journal.with_file_name(format!(".torn-{}", &digest[..16])), bytes)
}

/// What lines say is forgotten. Whether they may say so is told elsewhere; here nothing is lost that somebody needs.
#[derive(Default)]
struct Forgotten {
    /// By whom in the order of the ledger, the last of them; and whether that is signed.
    pieces: HashMap<Digest, (i64, bool)>,
    /// Keys are pinned: what nobody signed lets nothing go.
    has_keys: bool,
}

impl Forgotten {
    /// Takes down what some lines say.
    fn take(&mut self, bytes: &[u8]) {
        let holds = |lines: &[u8], kind: &[u8]| memchr::memmem::find(lines, kind).is_some();
        const KINDS: [&[u8]; 2] = [b"\"kind\":\"forgotten\"", b"\"kind\":\"policy\""];
        // Few ledgers hold one: nothing else is read for it.
        if !KINDS.iter().any(|kind| holds(bytes, kind)) {
            return;
        }
        let named = lines(bytes).filter(|line| KINDS.iter().any(|kind| holds(line, kind)));
        for entry in named.filter_map(|line| Entry::read(&line[..line.len() - 1]).ok()) {
            match entry.body {
                Body::Policy(policy) => self.has_keys |= policy.allowed_signers.is_some(),
                Body::Forgotten(said) => {
                    for piece in said.statement.evidence.into_iter().flatten() {
                        let known = self.pieces.entry(piece).or_default();
                        *known = (known.0.max(entry.seq), known.1 || said.sig.is_some());
                    }
                }
                _ => {}
            }
        }
    }

    /// Nobody puts a piece back: somebody let it go, and no line needs it that came later or stands on it.
    fn excuses(&self, location: &Location, piece: &Digest) -> bool {
        let Some((seq, signed)) = self.pieces.get(piece) else { return false };
        if self.has_keys && !signed {
            return false;
        }
        let (trunk, inbox) = scan::files(&location.folder);
        let name = piece.to_string();
        let needs = |line: &[u8]| {
            memchr::memmem::find(line, name.as_bytes()).is_some()
                && Entry::read(line.strip_suffix(b"\n").unwrap_or(line)).is_ok_and(|entry| {
                    match entry.body {
                        Body::Forgotten(_) => false,
                        Body::RunOpened(_) | Body::Policy(_) => true,
                        _ => entry.seq > *seq,
                    }
                })
        };
        let all = trunk.into_iter().chain(inbox).chain(journals(location));
        // What cannot be read may need it.
        let needed = |path: PathBuf| {
            files::read_regular(&path, 1 << 30).map_or(true, |bytes| lines(&bytes).any(needs))
        };
        !all.into_iter().any(needed)
    }
}

fn journals(location: &Location) -> Vec<PathBuf> {
    let mut journals: Vec<PathBuf> = fs::read_dir(&location.journal)
        .into_iter()
        .flatten()
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "jsonl"))
        .collect();
    journals.sort();
    journals
}

/// Drops journals all of whose lines are among `safe`, and the names of evidence that no other needs.
pub(super) fn drop_journals(location: &Location, safe: &HashSet<Digest>) -> Result<(), Error> {
    let mut needed = HashSet::new();
    for journal in journals(location) {
        let bytes = cut_tail(location, &journal, &mut Recovered::default())?;
        let lines = || bytes.split_inclusive(|byte| *byte == b'\n');
        if lines().all(|line| safe.contains(&Digest::of(line))) {
            fs::remove_file(&journal).map_err(|error| Error::io("remove", &journal, &error))?;
            continue;
        }
        // A line that cannot be read is kept, and so is all evidence beside it.
        for entry in lines().map(|line| Entry::read(&line[..line.len() - 1])) {
            match entry {
                Ok(entry) => needed.extend(entry.body.evidence()),
                Err(_) => return Ok(()),
            }
        }
    }
    for kept in fs::read_dir(evidence_folder(location)).into_iter().flatten().flatten() {
        let digest = kept.file_name().to_str().and_then(|name| name.parse::<Digest>().ok());
        if digest.is_some_and(|digest| !needed.contains(&digest)) {
            let path = kept.path();
            fs::remove_file(&path).map_err(|error| Error::io("remove", &path, &error))?;
        }
    }
    Ok(())
}

/// The complete lines of a file; bytes after the last LF are put aside first.
fn cut_tail(location: &Location, path: &Path, done: &mut Recovered) -> Result<Vec<u8>, Error> {
    let fault = |error: std::io::Error| Error::io("repair", path, &error);
    let mut bytes = files::read_regular(path, 1 << 30).map_err(fault)?;
    let end = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let tail = bytes.split_off(end);
    if !tail.is_empty() {
        put_aside(location, &tail).map_err(fault)?;
        done.torn += 1;
        let file = fs::OpenOptions::new().write(true).open(path).map_err(fault)?;
        file.set_len(end as u64).and_then(|()| file.sync_all()).map_err(fault)?;
    }
    Ok(bytes)
}

/// A crash while a segment was split off leaves its lines in two files: those in the archive stay.
fn finish_rotation(trunk: &[PathBuf]) -> Result<(), Error> {
    let [segments @ .., newest] = trunk else { return Ok(()) };
    if newest.parent().is_some_and(|folder| folder.ends_with("archive")) {
        return Ok(());
    }
    let read = |path: &Path| {
        files::read_regular(path, 1 << 30).map_err(|error| Error::io("repair", path, &error))
    };
    let bytes = read(newest)?;
    let held: HashSet<Digest> = lines(&bytes).map(Digest::of).collect();
    let mut moved = HashSet::new();
    // Several may have been split off at once.
    for segment in segments.iter().rev() {
        let segment = read(segment)?;
        let ids: Vec<Digest> = lines(&segment).map(Digest::of).collect();
        if ids.len() != scan::ROTATION || !held.contains(&ids[0]) {
            break;
        }
        moved.extend(ids);
    }
    if moved.is_empty() {
        return Ok(());
    }
    let is_moved = |line: &&[u8]| moved.contains(&Digest::of(line));
    let left: Vec<&[u8]> = lines(&bytes).skip_while(is_moved).collect();
    files::replace(newest, &left.concat()).map_err(|error| Error::io("repair", newest, &error))
}

/// Evidence that lines in the journal name, as further names of the same files.
fn evidence_folder(location: &Location) -> PathBuf {
    location.journal.join("evidence")
}

/// Gives evidence a second name beside the journal, so that git can take away the first.
pub(super) fn remember(location: &Location, digests: &BTreeSet<Digest>) -> io::Result<()> {
    let folder = evidence_folder(location);
    let missing: Vec<&Digest> =
        digests.iter().filter(|digest| !folder.join(digest.to_string()).exists()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    files::make_folder(&folder)?;
    for digest in missing {
        second_name(&evidence::path(&location.folder, digest), &folder.join(digest.to_string()))?;
    }
    files::sync_folder(&folder)
}

/// Deletes a piece of evidence under both of its names; says whether it was there.
pub(super) fn let_go(location: &Location, digest: &Digest) -> Result<bool, Error> {
    let names = [
        evidence_folder(location).join(digest.to_string()),
        evidence::path(&location.folder, digest),
    ];
    let mut was_there = false;
    for path in names {
        let removed = match fs::remove_file(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            other => other.and_then(|()| path.parent().map_or(Ok(()), files::sync_folder)),
        };
        removed.map_err(|error| Error::io("delete", &path, &error))?;
        was_there = true;
    }
    Ok(was_there)
}

/// Puts back evidence that is gone.
fn restore_evidence(location: &Location, forgotten: &Forgotten) -> Result<usize, Error> {
    let mut restored = 0;
    for kept in fs::read_dir(evidence_folder(location)).into_iter().flatten().flatten() {
        let name = kept.file_name();
        let Some(digest) = name.to_str().and_then(|name| name.parse::<Digest>().ok()) else {
            continue;
        };
        let path = evidence::path(&location.folder, &digest);
        if path.exists() || forgotten.excuses(location, &digest) {
            continue;
        }
        let folder = path.parent().unwrap_or(Path::new("."));
        files::make_folder(folder)
            .and_then(|()| second_name(&kept.path(), &path))
            .and_then(|()| files::sync_folder(folder))
            .map_err(|error| Error::io("put evidence back at", &path, &error))?;
        restored += 1;
    }
    Ok(restored)
}

/// A link where the file system has them, else a copy.
fn second_name(from: &Path, to: &Path) -> io::Result<()> {
    match fs::hard_link(from, to) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(_) => files::replace(to, &fs::read(from)?),
    }
}
