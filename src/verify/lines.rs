//! The lines: their form, and what they follow.

use std::path::Path;

use crate::digest::Digest;
use crate::ledger::ROTATION;
use crate::source::Severity;

use super::read::{Batch, End, Seen};
use super::{Line, Verifier};

/// A line has about so many bytes, and room is made for no more lines than this: whatever the files claim.
const TYPICAL: u64 = 450;
const MOST: u64 = 4 << 20;

impl Verifier<'_> {
    /// Where an entry is that was seen.
    fn seen(&self, id: &Digest) -> Option<usize> {
        self.known.get(id, |at| &self.lines[at].id)
    }

    /// Makes room for about as many lines as the files could have.
    pub(super) fn reserve(&mut self) {
        let lengths = self.paths.iter().filter_map(|path| Some(path.metadata().ok()?.len()));
        let lines = (lengths.sum::<u64>() / TYPICAL).min(MOST) as usize;
        self.lines.reserve(lines);
        let seen = &self.lines;
        self.known.reserve(lines, |at| &seen[at].id);
    }

    /// Takes in a part of a file; parts come in order.
    pub(super) fn take(&mut self, batch: Batch) {
        let sealed = batch.file < self.sealed_files;
        if batch.file != self.file {
            self.begin_file(batch.file);
        }
        let base = self.numbers;
        self.numbers += batch.ids.len();
        if sealed {
            batch.ids.iter().for_each(|id| self.anchors.push(id));
        }
        for (number, why) in &batch.faults {
            let place = self.place_of(batch.file, base + *number as usize);
            self.find("HL003", Severity::Error, place, why, "restore the line from git");
        }
        let (mut prev, mut evidence) = (&batch.prev[..], batch.evidence.iter().peekable());
        let mut entries = batch.entries.into_iter().peekable();
        for seen in &batch.lines {
            let (parents, others) = prev.split_at(seen.parents as usize);
            prev = others;
            let id = batch.ids[seen.number as usize];
            let number = base + seen.number as usize;
            let fresh = self.add(seen, id, number, parents, sealed);
            if fresh {
                if let Some(run) = seen.run {
                    let (run, at) = (&batch.runs[run as usize], self.lines.len() - 1);
                    self.runs.count(run, seen.opens, at);
                }
                self.writers.count(
                    &batch.writers[seen.writer as usize],
                    seen.n,
                    self.lines.len() - 1,
                );
            }
            while let Some((_, digest)) = evidence.next_if(|(of, _)| *of == seen.number) {
                self.evidence.entry(*digest).or_insert(self.lines.len() as u32 - 1);
            }
            while let Some((_, entry)) = entries.next_if(|(of, _)| *of == seen.number) {
                if fresh {
                    self.entries.push((self.lines.len() - 1, entry));
                }
            }
        }
        self.end(batch.file, batch.end);
    }

    /// A segment is named by how many lines are before it, and full.
    fn begin_file(&mut self, file: usize) {
        self.check_full();
        (self.file, self.numbers) = (file, 0);
        let before = self.anchors.sealed();
        let path = &self.paths[file];
        let archived = path.parent().is_some_and(|folder| folder.ends_with("archive"));
        let named = path.file_stem().and_then(|stem| stem.to_str());
        if archived && file < self.sealed_files && named != Some(&format!("{before:012}")) {
            let message = format!(
                "{before} entries are before this segment, and its name says otherwise: one is missing, or was changed"
            );
            let place = (self.names[file].clone(), None);
            self.find(
                "HL036",
                Severity::Error,
                place,
                message,
                "restore `ledger/archive/` from git",
            );
        }
    }

    /// Called when the next file begins.
    pub(super) fn check_full(&mut self) {
        let path = self.paths.get(self.file);
        let archived = path.is_some_and(|path| path.parent().is_some_and(is_archive));
        if archived && self.file < self.sealed_files && self.numbers != ROTATION {
            let message =
                format!("this segment has {} lines, and {ROTATION} fill one", self.numbers);
            let place = (self.names[self.file].clone(), None);
            self.find("HL036", Severity::Error, place, message, "restore it from git");
        }
    }

    /// Adds an entry; false where it is known already.
    fn add(
        &mut self,
        seen: &Seen,
        id: Digest,
        number: usize,
        parents: &[Digest],
        sealed: bool,
    ) -> bool {
        if self.seen(&id).is_some() {
            if sealed {
                let place = self.place_of(self.file, number);
                self.find(
                    "HL004",
                    Severity::Error,
                    place,
                    "this line is there twice",
                    "delete one",
                );
            }
            return false;
        }
        let at = self.lines.len();
        self.lines.push(Line {
            id,
            file: self.file as u32,
            number: number as u32 + 1,
            seq: seen.seq,
            named: false,
        });
        let lines = &self.lines;
        self.known.insert(at, |at| &lines[at].id);
        if !seen.ascending {
            self.faults.push((at, "HL008", "`prev` is not ascending".to_owned()));
        }
        if seen.genesis != parents.is_empty() || seen.genesis && at > 0 {
            self.faults.push((at, "HL009", "a ledger begins once, in its first line".to_owned()));
        }
        // The trunk stands by itself: what a sealed line follows is sealed, and before it.
        match sealed {
            true => self.link(at, parents),
            false => self.open.push((at, parents.to_vec())),
        }
        true
    }

    /// What follows what, once all of it is known.
    fn link(&mut self, at: usize, parents: &[Digest]) {
        let (mut seq, mut all) = (0, true);
        let mut known = Vec::with_capacity(parents.len());
        for parent in parents {
            match self.seen(parent).filter(|&parent| parent != at) {
                Some(parent) => {
                    self.lines[parent].named = true;
                    known.push(parent as u32);
                    seq = seq.max(self.lines[parent].seq + 1);
                }
                None => {
                    all = false;
                    self.missing.push((at, *parent));
                }
            }
        }
        self.parents.set(at, &known);
        let own = self.lines[at].seq;
        if all && own != seq {
            self.faults.push((
                at,
                "HL007",
                format!("`seq` is {own}, and {seq} follows from `prev`"),
            ));
        }
    }

    /// What was left until everything had been read.
    pub(super) fn links(&mut self) {
        self.check_full();
        for (at, parents) in std::mem::take(&mut self.open) {
            self.link(at, &parents);
        }
        self.heads();
        let sealed = self.lines.partition_point(|line| (line.file as usize) < self.sealed_files);
        let unnamed: Vec<usize> = (0..sealed).filter(|&at| !self.lines[at].named).collect();
        let mut blamed = None;
        for (at, parent) in std::mem::take(&mut self.missing) {
            let before = unnamed.partition_point(|&other| other < at);
            match unnamed[..before].last().filter(|_| at < sealed) {
                Some(&other) if blamed == Some(other) => {}
                Some(&other) => {
                    blamed = Some(other);
                    let number = self.lines[at].number;
                    self.faults.push((other, "HL005", format!("this line was changed: line {number} follows {}, which is no line any more", short(&parent))));
                }
                None => {
                    let why = format!(
                        "it follows {}, and there is no such line before it",
                        short(&parent)
                    );
                    self.faults.push((at, "HL006", why));
                }
            }
        }
        let mut faults = std::mem::take(&mut self.faults);
        faults.sort_by_key(|(at, ..)| *at);
        for (at, code, why) in faults {
            let place = self.place(at);
            let hint = "compare it with the same line in git's history";
            self.find(code, Severity::Error, place, why, hint);
        }
    }

    fn end(&mut self, file: usize, end: End) {
        let place = self.place_of(file, self.numbers);
        match end {
            End::Whole => {}
            End::Torn => self.find(
                "HL002",
                Severity::Error,
                place,
                "the last line is not complete, and was never acknowledged",
                "repair: `holdpoint seal` puts it aside",
            ),
            End::TooLong => self.find(
                "HL003",
                Severity::Error,
                place,
                "longer than 64 KiB; nothing after it was read",
                "restore the file from git",
            ),
            End::Failed(error) => self.find(
                "HL001",
                Severity::Error,
                (place.0, None),
                format!("cannot be read: {error}"),
                "restore it from git",
            ),
        }
    }

    /// File and line of an entry.
    pub(super) fn place(&self, at: usize) -> (String, Option<usize>) {
        let line = &self.lines[at];
        (self.names[line.file as usize].clone(), Some(line.number as usize))
    }

    fn place_of(&self, file: usize, number: usize) -> (String, Option<usize>) {
        (self.names[file].clone(), Some(number + 1))
    }
}

fn is_archive(folder: &Path) -> bool {
    folder.ends_with("archive")
}

fn short(digest: &Digest) -> String {
    digest.to_string()[..12].to_owned()
}
