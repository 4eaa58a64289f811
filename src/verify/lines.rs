//! The lines: their form, what they follow, and who counted them.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use crate::digest::Digest;
use crate::files;
use crate::ledger::record::{Body, Entry};
use crate::source::Severity;

use super::{Line, Verifier};

impl Verifier<'_> {
    pub(super) fn read(&mut self, path: &Path, file: usize, sealed: bool) {
        let name = self.name(path);
        let bytes = match files::read(path, 1 << 30) {
            Ok(bytes) => bytes,
            Err(error) => {
                return self.find(
                    "HL001",
                    Severity::Error,
                    (name, None),
                    format!("cannot be read: {error}"),
                    "restore it from git",
                );
            }
        };
        for (at, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
            let place = (name.clone(), Some(at + 1));
            let Some(content) = line.strip_suffix(b"\n") else {
                self.repairable = true;
                self.find(
                    "HL002",
                    Severity::Error,
                    place,
                    "the last line is not complete, and was never acknowledged",
                    "repair: `holdpoint seal` puts it aside",
                );
                break;
            };
            match Entry::read(content) {
                Err(error) => {
                    let conflict = content.starts_with(b"<<<<<<<")
                        || content.starts_with(b"=======")
                        || content.starts_with(b">>>>>>>");
                    let why = if conflict { "a conflict mark of git".to_owned() } else { error.0 };
                    self.find("HL003", Severity::Error, place, why, "restore the line from git");
                }
                Ok(entry) => {
                    let id = Digest::of(line);
                    match self.known.get(&id) {
                        Some(_) if sealed => self.find(
                            "HL004",
                            Severity::Error,
                            place,
                            "this line is there twice",
                            "delete one",
                        ),
                        Some(_) => {}
                        None => {
                            self.known.insert(id, self.lines.len());
                            self.lines.push(Line { id, file, number: at + 1, entry });
                        }
                    }
                }
            }
        }
    }

    pub(super) fn links(&mut self, names: &[String], sealed_files: usize) {
        let named: HashSet<Digest> =
            self.lines.iter().flat_map(|line| line.entry.prev.iter().copied()).collect();
        let mut faults: Vec<(usize, &'static str, String)> = Vec::new();
        let mut blamed = HashSet::new();
        for (at, line) in self.lines.iter().enumerate() {
            let sealed = line.file < sealed_files;
            let mut seq = 0;
            for parent in &line.entry.prev {
                // The trunk stands by itself: what a sealed line follows is sealed, and before it.
                let before =
                    self.known.get(parent).copied().filter(|&parent| !sealed || parent < at);
                match before {
                    Some(parent) => seq = seq.max(self.lines[parent].entry.seq + 1),
                    None => {
                        seq = line.entry.seq;
                        let unnamed = (0..at).rev().find(|&other| {
                            self.lines[other].file < sealed_files
                                && sealed
                                && !named.contains(&self.lines[other].id)
                        });
                        match unnamed {
                            Some(other) => {
                                if blamed.insert(other) {
                                    faults.push((other, "HL005", format!("this line was changed: line {} follows {}, which is no line any more", line.number, short(parent))));
                                }
                            }
                            None => faults.push((
                                at,
                                "HL006",
                                format!(
                                    "it follows {}, and there is no such line before it",
                                    short(parent)
                                ),
                            )),
                        }
                    }
                }
            }
            if line.entry.seq != seq {
                faults.push((
                    at,
                    "HL007",
                    format!("`seq` is {}, and {seq} follows from `prev`", line.entry.seq),
                ));
            }
            if line.entry.prev.windows(2).any(|pair| pair[0] >= pair[1]) {
                faults.push((at, "HL008", "`prev` is not ascending".to_owned()));
            }
            let is_genesis = matches!(line.entry.body, Body::Genesis(_));
            if is_genesis != line.entry.prev.is_empty() || is_genesis && at > 0 {
                faults.push((at, "HL009", "a ledger begins once, in its first line".to_owned()));
            }
        }
        faults.sort_by_key(|(at, ..)| *at);
        for (at, code, why) in faults {
            let place = (names[self.lines[at].file].clone(), Some(self.lines[at].number));
            self.find(
                code,
                Severity::Error,
                place,
                why,
                "compare it with the same line in git's history",
            );
        }
    }

    /// A count that a writer used twice, or left out.
    pub(super) fn writers(&mut self, names: &[String]) {
        let mut counts: BTreeMap<&str, BTreeMap<i64, Vec<usize>>> = BTreeMap::new();
        for (at, line) in self.lines.iter().enumerate() {
            counts
                .entry(&line.entry.writer.id)
                .or_default()
                .entry(line.entry.writer.n)
                .or_default()
                .push(at);
        }
        let mut found = Vec::new();
        for (writer, numbers) in counts {
            let mut last = 0;
            for (n, lines) in numbers {
                let at = lines[0];
                // Two clones of one person go on from the same count: told, and no proof of anything.
                if lines.len() > 1 {
                    found.push((lines[1], "HL010", format!("`{writer}` has written entry {n} more than once: on two clones, or twice")));
                }
                if n > last + 1 {
                    found.push((at, "HL011", format!("entries {} to {} of `{writer}` are unaccounted: on an open branch, or left out", last + 1, n - 1)));
                }
                last = n;
            }
        }
        for (at, code, why) in found {
            let place = (names[self.lines[at].file].clone(), Some(self.lines[at].number));
            self.find(code, Severity::Warning, place, why, "ask whoever wrote it for the branch");
        }
    }
}

fn short(digest: &Digest) -> String {
    digest.to_string()[..12].to_owned()
}
