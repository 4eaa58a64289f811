//! Puts right what a crash or git left behind. The caller holds the lock.

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::digest::Digest;
use crate::files;

use super::record::{Body, Entry};
use super::{Error, Location, evidence, scan};

/// Cuts tails that were never acknowledged, and appends again what was and is gone.
pub(super) fn run(location: &Location) -> Result<(), Error> {
    let (trunk, inbox) = scan::files(&location.folder);
    finish_rotation(&trunk)?;
    let (mut known, mut forgotten) = (HashSet::new(), HashSet::new());
    for path in trunk.iter().chain(&inbox) {
        let bytes = cut_tail(location, path)?;
        forget(&bytes, &mut forgotten);
        known.extend(bytes.split_inclusive(|byte| *byte == b'\n').map(Digest::of));
    }
    let mut written = Vec::new();
    for journal in journals(location) {
        let bytes = cut_tail(location, &journal)?;
        forget(&bytes, &mut forgotten);
        written.push((journal, bytes));
    }
    restore_evidence(location, &forgotten)?;
    for (journal, bytes) in written {
        let lost: Vec<u8> = bytes
            .split_inclusive(|byte| *byte == b'\n')
            .filter(|line| !known.contains(&Digest::of(line)))
            .flatten()
            .copied()
            .collect();
        if lost.is_empty() {
            continue;
        }
        let folder = location.folder.join("inbox");
        let path = folder.join(journal.file_name().unwrap_or_default());
        fs::create_dir_all(&folder)
            .and_then(|()| files::append(&path, &lost))
            .map_err(|error| Error::io("put lost entries back into", &path, &error))?;
    }
    Ok(())
}

/// Takes down which evidence lines say is forgotten: nobody puts that back.
fn forget(lines: &[u8], forgotten: &mut HashSet<Digest>) {
    let find = |lines: &[u8]| memchr::memmem::find(lines, b"\"kind\":\"forgotten\"").is_some();
    // Few ledgers hold one: nothing else is read for it.
    if !find(lines) {
        return;
    }
    let lines = lines.split_inclusive(|byte| *byte == b'\n').filter(|line| find(line));
    for entry in lines.filter_map(|line| Entry::read(&line[..line.len() - 1]).ok()) {
        if let Body::Forgotten(said) = entry.body {
            forgotten.extend(said.statement.evidence.into_iter().flatten());
        }
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
        let bytes = cut_tail(location, &journal)?;
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
fn cut_tail(location: &Location, path: &Path) -> Result<Vec<u8>, Error> {
    let fault = |error: std::io::Error| Error::io("repair", path, &error);
    let mut bytes = files::read(path, 1 << 30).map_err(fault)?;
    let end = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let tail = bytes.split_off(end);
    if !tail.is_empty() {
        let digest = Digest::of(&tail).to_string();
        let aside = location.journal.with_file_name(format!(".torn-{}", &digest[..16]));
        files::replace(&aside, &tail).map_err(fault)?;
        let file = fs::OpenOptions::new().write(true).open(path).map_err(fault)?;
        file.set_len(end as u64).and_then(|()| file.sync_all()).map_err(fault)?;
    }
    Ok(bytes)
}

/// A crash while a segment was split off leaves its lines in two files: those in the archive stay.
fn finish_rotation(trunk: &[std::path::PathBuf]) -> Result<(), Error> {
    let [.., segment, newest] = trunk else {
        return Ok(());
    };
    let fault = |path: &Path, error: std::io::Error| Error::io("repair", path, &error);
    let segment = files::read(segment, 1 << 30).map_err(|error| fault(segment, error))?;
    let bytes = files::read(newest, 1 << 30).map_err(|error| fault(newest, error))?;
    let Some(first) = bytes.split_inclusive(|byte| *byte == b'\n').next() else {
        return Ok(());
    };
    if segment.split_inclusive(|byte| *byte == b'\n').all(|line| line != first) {
        return Ok(());
    }
    let moved: HashSet<&[u8]> = segment.split_inclusive(|byte| *byte == b'\n').collect();
    let left: Vec<&[u8]> = bytes
        .split_inclusive(|byte| *byte == b'\n')
        .skip_while(|line| moved.contains(line))
        .collect();
    files::replace(newest, &left.concat()).map_err(|error| fault(newest, error))
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
    fs::create_dir_all(&folder)?;
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
fn restore_evidence(location: &Location, forgotten: &HashSet<Digest>) -> Result<(), Error> {
    for kept in fs::read_dir(evidence_folder(location)).into_iter().flatten().flatten() {
        let name = kept.file_name();
        let Some(digest) = name.to_str().and_then(|name| name.parse::<Digest>().ok()) else {
            continue;
        };
        let path = evidence::path(&location.folder, &digest);
        if path.exists() || forgotten.contains(&digest) {
            continue;
        }
        let folder = path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder)
            .and_then(|()| second_name(&kept.path(), &path))
            .and_then(|()| files::sync_folder(folder))
            .map_err(|error| Error::io("put evidence back at", &path, &error))?;
    }
    Ok(())
}

/// A link where the file system has them, else a copy.
fn second_name(from: &Path, to: &Path) -> io::Result<()> {
    match fs::hard_link(from, to) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(_) => files::replace(to, &fs::read(from)?),
    }
}
