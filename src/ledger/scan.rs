//! Reads the ledger's files, strictly: the first line that is wrong stops everything.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::io::{self, BufRead, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::digest::Digest;
use crate::files as bounded;

use super::record::{Body, Entry, Genesis, LINE};
use super::{Error, Location, Stored};

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

/// A line that was read, and where.
struct Found {
    id: Digest,
    entry: Entry,
    file: usize,
    line: usize,
}

/// Every entry, parents first.
pub(super) fn read(location: &Location) -> Result<Vec<Stored>, Error> {
    let (trunk, inbox) = files(&location.folder);
    let sealed = trunk.len();
    let paths: Vec<PathBuf> = trunk.into_iter().chain(inbox).collect();
    let mut known: HashMap<Digest, usize> = HashMap::new();
    let mut found: Vec<Found> = Vec::new();
    for (file, path) in paths.iter().enumerate() {
        for (at, line) in complete_lines(path)?.split_inclusive(|byte| *byte == b'\n').enumerate() {
            let line = &line[..line.len() - 1];
            let entry = Entry::read(line).map_err(|error| damage(path, at + 1, &error.0, line))?;
            let id = digest(line);
            match known.get(&id) {
                Some(_) if file < sealed => {
                    return Err(damage(path, at + 1, "the line is there twice", line));
                }
                Some(_) => {}
                None => {
                    known.insert(id, found.len());
                    found.push(Found { id, entry, file, line: at + 1 });
                }
            }
        }
    }
    let order = ordered(&found, &known, sealed)
        .map_err(|(at, why)| damage(&paths[found[at].file], found[at].line, &why, b""))?;
    let mut entries = Vec::with_capacity(found.len());
    let mut found: Vec<Option<Found>> = found.into_iter().map(Some).collect();
    for at in order {
        if let Some(one) = found[at].take() {
            entries.push(Stored { id: one.id, entry: one.entry, sealed: one.file < sealed });
        }
    }
    Ok(entries)
}

pub(super) fn digest(line: &[u8]) -> Digest {
    let mut hasher = crate::digest::Hasher::default();
    hasher.update(line);
    hasher.update(b"\n");
    hasher.finish()
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
    let mut bytes = bounded::read(path, LIMIT).map_err(|error| Error::io("read", path, &error))?;
    let end = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    bytes.truncate(end);
    Ok(bytes)
}

/// Sealed lines in the order in which they stand, then the others: parents first, then by `seq`, `at`
/// and id.
fn ordered(
    found: &[Found],
    known: &HashMap<Digest, usize>,
    sealed: usize,
) -> Result<Vec<usize>, (usize, String)> {
    let mut placed = vec![false; found.len()];
    let mut order = Vec::with_capacity(found.len());
    for (at, one) in found.iter().enumerate().filter(|(_, one)| one.file < sealed) {
        linked(found, known, at, |parent| placed[parent])?;
        if one.entry.prev.is_empty() != order.is_empty() {
            return Err((at, "only the first line begins a ledger".to_owned()));
        }
        placed[at] = true;
        order.push(at);
    }
    let mut children: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut missing = vec![0_usize; found.len()];
    let mut ready = BTreeSet::new();
    let key = |at: usize| (found[at].entry.seq, found[at].entry.at, found[at].id, at);
    for (at, one) in found.iter().enumerate().filter(|(at, _)| !placed[*at]) {
        for parent in &one.entry.prev {
            match known.get(parent) {
                Some(&parent) if placed[parent] => {}
                Some(&parent) => {
                    children.entry(parent).or_default().push(at);
                    missing[at] += 1;
                }
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
        linked(found, known, at, |parent| placed[parent])?;
        if found[at].entry.prev.is_empty() != order.is_empty() {
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

/// Its parents stand before it, ascending and once each, and its `seq` is theirs and one.
fn linked(
    found: &[Found],
    known: &HashMap<Digest, usize>,
    at: usize,
    placed: impl Fn(usize) -> bool,
) -> Result<(), (usize, String)> {
    let entry = &found[at].entry;
    let mut seq = 0;
    for parent in &entry.prev {
        match known.get(parent).filter(|&&parent| placed(parent)) {
            Some(&parent) => seq = seq.max(found[parent].entry.seq + 1),
            None => {
                return Err((at, format!("it follows {parent}, and no line before it is that")));
            }
        }
    }
    if entry.prev.windows(2).any(|pair| pair[0] >= pair[1]) {
        return Err((at, "`prev` is not ascending".to_owned()));
    }
    if entry.seq != seq {
        return Err((at, format!("`seq` is {}, and {seq} follows from `prev`", entry.seq)));
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
