//! Reads the ledger's files, strictly: the first line that is wrong stops everything.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::io::{self, BufRead, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::digest::Digest;
use crate::files as bounded;

use super::history::History;
use super::record::{Body, Entry, Genesis, LINE};
use super::{Error, Location, Stored, sweep};

/// Lines of a sealed segment.
pub const ROTATION: usize = 4096;

/// The largest file of lines: a full trunk of the longest lines.
const LIMIT: u64 = 512 << 20;

/// The files that hold lines: the trunk's in their order, then the sessions' by name.
pub fn files(folder: &Path) -> (Vec<PathBuf>, Vec<PathBuf>) {
    let mut trunk = listed(&folder.join("archive"));
    let newest = folder.join("ledger.jsonl");
    if newest.try_exists().unwrap_or(true) {
        trunk.push(newest);
    }
    (trunk, listed(&folder.join("inbox")))
}

/// A folder that cannot be listed stands for its files: reading it fails, and nobody takes it for empty.
fn listed(folder: &Path) -> Vec<PathBuf> {
    let entries: io::Result<Vec<PathBuf>> = fs::read_dir(folder)
        .and_then(|entries| entries.map(|entry| entry.map(|entry| entry.path())).collect());
    let mut files = match entries {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        // The slash at its end keeps a file in its stead from being read as one.
        Err(_) => return vec![folder.join("")],
    };
    files.retain(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
    files.sort();
    files
}

/// The ledger's beginning, from its first line alone.
pub fn genesis(location: &Location) -> Option<Genesis> {
    let (trunk, inbox) = files(&location.folder);
    let read = |path: &PathBuf| {
        let mut line = Vec::new();
        if !fs::metadata(path).ok()?.is_file() {
            return None;
        }
        let file = io::BufReader::new(fs::File::open(path).ok()?);
        file.take(LINE as u64).read_until(b'\n', &mut line).ok()?;
        line.pop().filter(|last| *last == b'\n').map(|_| line)
    };
    let line = trunk.iter().chain(&inbox).find_map(read)?;
    match Entry::read(&line).ok()?.body {
        Body::Genesis(genesis) => Some(genesis),
        _ => None,
    }
}

/// Length and time of every file: another signature means that somebody wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Signature(Vec<(PathBuf, u64, Option<SystemTime>)>);

impl Signature {
    pub(super) fn of(location: &Location) -> Self {
        let (trunk, inbox) = files(&location.folder);
        let measure = |path: PathBuf| {
            let known = fs::metadata(&path).ok();
            let (length, time) =
                known.map_or((0, None), |known| (known.len(), known.modified().ok()));
            (path, length, time)
        };
        Self(trunk.into_iter().chain(inbox).map(measure).collect())
    }
}

/// Reads again what failed while somebody else wrote: sealing moves lines from file to file.
pub(super) fn steadily<T>(
    location: &Location,
    read: impl Fn() -> Result<T, Error>,
) -> Result<T, Error> {
    for _ in 0..TRIES {
        let before = Signature::of(location);
        let done = read();
        if done.is_ok() || Signature::of(location) == before {
            return done;
        }
    }
    read()
}

/// How often.
const TRIES: usize = 5;

/// A line that was read, and where.
struct Found {
    stored: Stored,
    file: usize,
    line: usize,
}

/// Every entry, parents first.
pub(super) fn read(location: &Location) -> Result<Vec<Stored>, Error> {
    let (trunk, inbox) = files(&location.folder);
    read_behind(&History::default(), &trunk, &inbox)
}

/// The entries of these files that come behind those that are known, parents first.
pub(super) fn read_behind(
    history: &History,
    trunk: &[PathBuf],
    inbox: &[PathBuf],
) -> Result<Vec<Stored>, Error> {
    let sealed = trunk.len();
    let paths: Vec<PathBuf> = trunk.iter().chain(inbox).cloned().collect();
    let read = sweep::each(&paths, |path, bytes| {
        let all = sweep::lines(bytes).enumerate();
        all.map(|(at, line)| entry(path, at, line)).collect::<Result<Vec<Stored>, Error>>()
    })?;
    let mut known: HashMap<Digest, usize> = HashMap::new();
    let mut found: Vec<Found> = Vec::new();
    for (file, stored) in read.into_iter().enumerate() {
        for (line, stored) in (1..).zip(stored) {
            match known.contains_key(&stored.id) || history.place(&stored.id).is_some() {
                true if file < sealed => {
                    return Err(damage(&paths[file], line, "the line is there twice", b""));
                }
                true => {}
                false => {
                    known.insert(stored.id, found.len());
                    let stored = Stored { sealed: file < sealed, ..stored };
                    found.push(Found { stored, file, line });
                }
            }
        }
    }
    let order = ordered(history, &found, &known, sealed)
        .map_err(|(at, why)| damage(&paths[found[at].file], found[at].line, &why, b""))?;
    let mut entries = Vec::with_capacity(found.len());
    let mut found: Vec<Option<Found>> = found.into_iter().map(Some).collect();
    entries.extend(order.into_iter().filter_map(|at| Some(found[at].take()?.stored)));
    Ok(entries)
}

/// A line of a file, LF included; the first line is at 0.
pub(super) fn entry(path: &Path, at: usize, line: &[u8]) -> Result<Stored, Error> {
    let text = line.strip_suffix(b"\n").unwrap_or(line);
    let entry = Entry::read(text).map_err(|error| damage(path, at + 1, &error.0, text))?;
    Ok(Stored { id: Digest::of(line), entry, sealed: true })
}

/// The sessions' lines by their digests.
pub(super) fn session_lines(location: &Location) -> Result<HashMap<Digest, Vec<u8>>, Error> {
    let mut lines = HashMap::new();
    for path in files(&location.folder).1 {
        let bytes = complete_lines(&path)?;
        let each = bytes.split_inclusive(|byte| *byte == b'\n');
        lines.extend(each.map(|line| (Digest::of(line), line.to_vec())));
    }
    Ok(lines)
}

/// The bytes up to the last LF; what follows was never acknowledged.
pub(super) fn complete_lines(path: &Path) -> Result<Vec<u8>, Error> {
    let mut bytes =
        bounded::read_regular(path, LIMIT).map_err(|error| Error::io("read", path, &error))?;
    let end = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    bytes.truncate(end);
    Ok(bytes)
}

/// Sealed lines in the order in which they stand, then the others: parents first, then by `seq`, `at`
/// and id.
fn ordered(
    history: &History,
    found: &[Found],
    known: &HashMap<Digest, usize>,
    sealed: usize,
) -> Result<Vec<usize>, (usize, String)> {
    let mut placed = vec![false; found.len()];
    let mut order = Vec::with_capacity(found.len());
    let entry = |at: usize| &found[at].stored.entry;
    let linked = |at: usize, placed: &[bool]| {
        let parent = |id: &Digest| {
            let known = known.get(id).filter(|parent| placed[**parent]);
            let behind = || Some(history.seq(history.place(id)?));
            known.map(|parent| entry(*parent).seq).or_else(behind)
        };
        follows(&entry(at).prev, entry(at).seq, parent).map_err(|why| (at, why))
    };
    let begun = |order: &[usize]| !history.ids().is_empty() || !order.is_empty();
    for (at, one) in found.iter().enumerate().filter(|(_, one)| one.file < sealed) {
        linked(at, &placed)?;
        if one.stored.entry.prev.is_empty() == begun(&order) {
            return Err((at, "only the first line begins a ledger".to_owned()));
        }
        placed[at] = true;
        order.push(at);
    }
    let mut children: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut missing = vec![0_usize; found.len()];
    let mut ready = BTreeSet::new();
    let key = |at: usize| (entry(at).seq, entry(at).at, found[at].stored.id, at);
    for (at, one) in found.iter().enumerate().filter(|(at, _)| !placed[*at]) {
        for parent in &one.stored.entry.prev {
            match known.get(parent) {
                Some(&parent) if placed[parent] => {}
                Some(&parent) => {
                    children.entry(parent).or_default().push(at);
                    missing[at] += 1;
                }
                None if history.place(parent).is_some() => {}
                None => {
                    return Err((at, format!("it follows {parent}, and there is no such line")));
                }
            }
        }
        if missing[at] == 0 {
            ready.insert(key(at));
        }
    }
    while let Some(next) = ready.pop_first() {
        let at = next.3;
        linked(at, &placed)?;
        if entry(at).prev.is_empty() == begun(&order) {
            return Err((at, "it begins another ledger".to_owned()));
        }
        placed[at] = true;
        order.push(at);
        for &child in children.get(&at).into_iter().flatten() {
            missing[child] -= 1;
            if missing[child] == 0 {
                ready.insert(key(child));
            }
        }
    }
    match placed.iter().position(|placed| !placed) {
        Some(at) => Err((at, "lines follow each other in a circle".to_owned())),
        None => Ok(order),
    }
}

/// Its parents stand before it, ascending and once each, and its `seq` is theirs and one; `seq_of` tells that of what
/// stands before it.
pub(super) fn follows(
    prev: &[Digest],
    own: i64,
    seq_of: impl Fn(&Digest) -> Option<i64>,
) -> Result<(), String> {
    let mut seq = 0;
    for parent in prev {
        match seq_of(parent) {
            Some(known) => seq = seq.max(known + 1),
            None => return Err(format!("it follows {parent}, and no line before it is that")),
        }
    }
    if prev.windows(2).any(|pair| pair[0] >= pair[1]) {
        return Err("`prev` is not ascending".to_owned());
    }
    if own != seq {
        return Err(format!("`seq` is {own}, and {seq} follows from `prev`"));
    }
    Ok(())
}

pub(super) fn damage(path: &Path, line: usize, why: &str, content: &[u8]) -> Error {
    let conflict =
        [&b"<<<<<<<"[..], b"=======", b">>>>>>>"].iter().any(|mark| content.starts_with(mark));
    let name = path.display();
    if conflict {
        return Error::new(
            format!("{name}:{line}: a conflict mark of git"),
            "keep the lines of both sides and delete the marks, then `holdpoint verify`",
        );
    }
    Error::new(
        format!("{name}:{line}: {why}"),
        "something else changed this file; `holdpoint verify` shows all that is wrong",
    )
}
