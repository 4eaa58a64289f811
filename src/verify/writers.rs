//! Who counted which entries: a count that was used twice, and counts that are missing.

use std::collections::{BTreeMap, HashMap};

use crate::source::Severity;

use super::Verifier;

/// The counts of every writer, as ranges: a million entries in a row are one.
#[derive(Default)]
pub(super) struct Writers {
    counts: BTreeMap<String, Counts>,
    /// Entries whose count was used before, by the first of them.
    repeated: Vec<(String, i64, usize)>,
}

#[derive(Default)]
struct Counts {
    /// First count → last count, and the entry of the first.
    ranges: BTreeMap<i64, (i64, usize)>,
    repeated: HashMap<i64, ()>,
}

impl Writers {
    pub(super) fn count(&mut self, writer: &str, n: i64, at: usize) {
        if !self.counts.contains_key(writer) {
            self.counts.insert(writer.to_owned(), Counts::default());
        }
        let Some(counts) = self.counts.get_mut(writer) else { return };
        if !counts.add(n, at) && counts.repeated.insert(n, ()).is_none() {
            self.repeated.push((writer.to_owned(), n, at));
        }
    }
}

impl Counts {
    /// False where the count is there already.
    fn add(&mut self, n: i64, at: usize) -> bool {
        let before = self.ranges.range_mut(..=n).next_back();
        let joins = match before {
            Some((_, (last, _))) if *last >= n => return false,
            Some((first, (last, _))) if last.checked_add(1) == Some(n) => {
                *last = n;
                Some(*first)
            }
            _ => None,
        };
        let next = n.checked_add(1).and_then(|next| self.ranges.remove(&next));
        match (joins, next) {
            (Some(first), Some((last, _))) => {
                self.ranges.entry(first).and_modify(|range| range.0 = last);
            }
            (None, next) => {
                self.ranges.insert(n, (next.map_or(n, |(last, _)| last), at));
            }
            (Some(_), None) => {}
        }
        true
    }
}

impl Verifier<'_> {
    /// A count that a writer used twice, or left out.
    pub(super) fn writers(&mut self) {
        let writers = std::mem::take(&mut self.writers);
        let mut found = Vec::new();
        // Two clones of one person go on from the same count: told, and no proof of anything.
        for (writer, n, at) in writers.repeated {
            found.push((
                at,
                "HL010",
                format!("`{writer}` has written entry {n} more than once: on two clones, or twice"),
            ));
        }
        for (writer, counts) in writers.counts {
            let mut last = 0;
            for (first, (until, at)) in counts.ranges {
                if first > last + 1 {
                    found.push((at, "HL011", format!("entries {} to {} of `{writer}` are unaccounted: on an open branch, or left out", last + 1, first - 1)));
                }
                last = until;
            }
        }
        found.sort();
        for (at, code, why) in found {
            let place = self.place(at);
            self.find(code, Severity::Warning, place, why, "ask whoever wrote it for the branch");
        }
    }
}
