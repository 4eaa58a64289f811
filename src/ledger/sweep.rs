//! Looks through the lines of a ledger for a few of them, newest first, without taking the others apart.
//!
//! A line is found by bytes that canonical JSON makes certain, then read as strictly as everywhere; its links are not
//! followed. Nothing is remembered from one time to the next: there is no index that could be wrong.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::digest::Digest;

use super::record::Entry;
use super::{Error, Location, Stored, scan};

/// At most so many files are read before it is asked whether that was enough; few at first.
const TOGETHER: usize = 64;

/// Which lines are looked for.
pub struct Wanted<'w> {
    /// Whether a line could be one, from its bytes alone.
    pub line: &'w (dyn Fn(&[u8]) -> bool + Sync),
    /// Whether an entry is one.
    pub entry: &'w (dyn Fn(&Entry) -> bool + Sync),
    /// The newest so many; all without it.
    pub most: Option<usize>,
}

/// What a file of the trunk has.
#[derive(Default)]
struct Hits {
    /// The newest first.
    found: Vec<Stored>,
    /// Lines that a session wrote and that are sealed.
    sealed: Vec<Digest>,
}

/// The entries that are wanted, in the ledger's order.
///
/// # Errors
/// When a file cannot be read, or a line that could be one is damaged.
pub fn find(location: &Location, wanted: &Wanted<'_>) -> Result<Vec<Stored>, Error> {
    let (trunk, inbox) = scan::files(&location.folder);
    let mut open: HashMap<Digest, Vec<u8>> = HashMap::new();
    for path in &inbox {
        for line in lines(&scan::complete_lines(path)?) {
            open.entry(Digest::of(line)).or_insert_with(|| line.to_vec());
        }
    }
    let seqs: HashSet<i64> = open.values().filter_map(|line| seq(line)).collect();
    let most = wanted.most.unwrap_or(usize::MAX);
    // From the newest file back, until there is enough and no session's line could be among the rest.
    let (mut found, mut rest, mut together) = (Vec::new(), &trunk[..], 2);
    while !rest.is_empty() && (found.len() < most || !open.is_empty()) {
        let (before, files) = rest.split_at(rest.len().saturating_sub(together));
        (rest, together) = (before, TOGETHER.min(4 * together));
        let enough = found.len() >= most;
        let hits = each(files, |path, bytes| hits(path, bytes, &seqs, wanted, enough))?;
        for hits in hits.into_iter().rev() {
            hits.sealed.iter().for_each(|id| drop(open.remove(id)));
            found.extend(hits.found);
        }
    }
    found.reverse();
    found.extend(unsealed(&inbox, open, wanted)?);
    found.drain(..found.len().saturating_sub(most));
    Ok(found)
}

fn hits(
    path: &Path,
    bytes: &[u8],
    seqs: &HashSet<i64>,
    wanted: &Wanted<'_>,
    enough: bool,
) -> Result<Hits, Error> {
    let mut hits = Hits::default();
    if !seqs.is_empty() {
        let known = |line: &&[u8]| seq(line).is_some_and(|seq| seqs.contains(&seq));
        hits.sealed = lines(bytes).filter(known).map(Digest::of).collect();
    }
    let most = if enough { 0 } else { wanted.most.unwrap_or(usize::MAX) };
    let all: Vec<&[u8]> = if most > 0 { lines(bytes).collect() } else { Vec::new() };
    for (at, line) in all.into_iter().enumerate().rev().filter(|(_, line)| (wanted.line)(line)) {
        if hits.found.len() == most {
            break;
        }
        let stored = scan::entry(path, at, line)?;
        if (wanted.entry)(&stored.entry) {
            hits.found.push(stored);
        }
    }
    Ok(hits)
}

/// What sessions wrote and nobody sealed, in the ledger's order.
fn unsealed(
    inbox: &[PathBuf],
    open: HashMap<Digest, Vec<u8>>,
    wanted: &Wanted<'_>,
) -> Result<Vec<Stored>, Error> {
    let place = inbox.first().map_or(Path::new("ledger/inbox"), |path| path);
    let mut found = Vec::new();
    for line in open.into_values().filter(|line| (wanted.line)(line)) {
        let stored = scan::entry(place.parent().unwrap_or(place), 0, &line)?;
        if (wanted.entry)(&stored.entry) {
            found.push(Stored { sealed: false, ..stored });
        }
    }
    // Whoever follows has the larger `seq`: parents come first.
    found.sort_by_key(|stored: &Stored| (stored.entry.seq, stored.entry.at, stored.id));
    Ok(found)
}

/// Calls `take` for the complete lines of each file, on every core; what came of it is in the files' order.
pub(super) fn each<T: Send>(
    files: &[PathBuf],
    take: impl Fn(&Path, &[u8]) -> Result<T, Error> + Sync,
) -> Result<Vec<T>, Error> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        while let Some((at, path)) = {
            let at = next.fetch_add(1, Ordering::Relaxed);
            files.get(at).map(|path| (at, path))
        } {
            done.push((at, scan::complete_lines(path).and_then(|bytes| take(path, &bytes))));
        }
        done
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(files.len());
    let mut done: Vec<(usize, Result<T, Error>)> = std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let mut done = work();
        for other in others {
            match other.join() {
                Ok(theirs) => done.extend(theirs),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        done
    });
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

/// Lines with their LF.
pub(super) fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut start = 0;
    memchr::memchr_iter(b'\n', bytes).map(move |end| {
        let line = &bytes[start..=end];
        start = end + 1;
        line
    })
}

/// The `seq` of a line. Quotes inside of texts are escaped, so that no text looks like its key.
pub(super) fn seq(line: &[u8]) -> Option<i64> {
    let digits = &line[before_seq(line)? + SEQ.len()..];
    let digits = digits.iter().take_while(|byte| byte.is_ascii_digit());
    digits.take(18).fold(None, |seq, digit| Some(10 * seq.unwrap_or(0) + i64::from(digit - b'0')))
}

const SEQ: &[u8] = b",\"seq\":";

/// Where what stands before the `seq` of a line ends: `"kind":"…","prev":[…]`.
pub(super) fn before_seq(line: &[u8]) -> Option<usize> {
    // The last brace opens the writer, unless their name has one; `seq` and the version are before it.
    let writer = memchr::memrchr(b'{', line).filter(|at| line[..*at].ends_with(WRITER));
    let Some(writer) = writer else { return memchr::memmem::rfind(line, SEQ) };
    let digits = &line[..writer - WRITER.len()];
    let end = digits.iter().rposition(|byte| !byte.is_ascii_digit())? + 1;
    digits[..end].ends_with(SEQ).then_some(end - SEQ.len())
}

const WRITER: &[u8] = b",\"v\":1,\"writer\":";

/// When a line says that it was written: its first key.
pub fn at(line: &[u8]) -> Option<&str> {
    let time = line.strip_prefix(b"{\"at\":\"")?.get(..24)?;
    std::str::from_utf8(time).ok()
}

/// A text as canonical JSON has it: what a line must hold that names it.
pub fn quoted(key: &str, text: &str) -> Option<Vec<u8>> {
    let text = crate::json::canonical(&text).ok()?;
    Some([b"\"", key.as_bytes(), b"\":", &text].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seq_is_read_from_its_key_and_from_no_text() {
        let line = br#"{"at":"2026-11-21T09:30:00.000Z","body":{"text":",\"seq\":7"},"kind":"note","prev":[],"seq":12,"v":1,"writer":{"id":",\"seq\":9","n":1}}"#;
        assert_eq!(seq(line), Some(12));
        let brace = String::from_utf8_lossy(line).replace(",\\\"seq\\\":9", "{");
        assert_eq!(seq(brace.as_bytes()), Some(12));
        assert_eq!(at(line), Some("2026-11-21T09:30:00.000Z"));
        assert_eq!(seq(b"<<<<<<< HEAD\n"), None);
        assert_eq!(quoted("run", "a\"b"), Some(br#""run":"a\"b""#.to_vec()));
    }
}
