//! Who knew of whom: ancestry among entries, by their `prev`.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::digest::Digest;

use super::Stored;

/// Entries in an order in which parents come first.
#[derive(Clone, Debug, Default)]
pub struct History {
    places: HashMap<Digest, usize>,
    parents: Vec<Vec<usize>>,
    heads: BTreeSet<Digest>,
    seqs: Vec<i64>,
}

impl History {
    /// Adds an entry whose parents have been added.
    pub fn push(&mut self, stored: &Stored) {
        let parents =
            stored.entry.prev.iter().filter_map(|id| self.places.get(id).copied()).collect();
        self.places.insert(stored.id, self.parents.len());
        self.parents.push(parents);
        self.seqs.push(stored.entry.seq);
        for parent in &stored.entry.prev {
            self.heads.remove(parent);
        }
        self.heads.insert(stored.id);
    }

    /// Entries that no other names, ascending.
    pub fn heads(&self) -> impl ExactSizeIterator<Item = &Digest> {
        self.heads.iter()
    }

    /// The `seq` of an entry that names all heads.
    pub fn next_seq(&self) -> i64 {
        let of_heads = self.heads.iter().filter_map(|head| self.seqs.get(*self.places.get(head)?));
        of_heads.max().map_or(0, |seq| seq + 1)
    }

    /// The entry is known.
    pub fn contains(&self, id: &Digest) -> bool {
        self.places.contains_key(id)
    }

    /// `earlier` can be reached from `later` over one link or more.
    pub fn is_ancestor(&self, earlier: &Digest, later: &Digest) -> bool {
        let (Some(&earlier), Some(&later)) = (self.places.get(earlier), self.places.get(later))
        else {
            return false;
        };
        // Parents come first, so nothing below `earlier` needs a look.
        let mut seen = HashSet::new();
        let mut open = vec![later];
        while let Some(at) = open.pop() {
            for &parent in self.parents[at].iter().filter(|&&parent| parent >= earlier) {
                if parent == earlier {
                    return true;
                }
                if seen.insert(parent) {
                    open.push(parent);
                }
            }
        }
        false
    }

    /// What whoever saw `head` last could know of.
    pub fn known_to(&self, head: &Digest) -> Known<'_> {
        Known { history: self, below: self.below(head) }
    }

    /// Whether each entry, in the order in which they were added, is `head` or an ancestor of it.
    pub fn below(&self, head: &Digest) -> Vec<bool> {
        let mut below = vec![false; self.parents.len()];
        if let Some(&head) = self.places.get(head) {
            below[head] = true;
            for at in (0..=head).rev() {
                if below[at] {
                    self.parents[at].iter().for_each(|&parent| below[parent] = true);
                }
            }
        }
        below
    }
}

/// An entry and all that can be reached from it.
pub struct Known<'h> {
    history: &'h History,
    below: Vec<bool>,
}

impl Known<'_> {
    /// The entry is among them.
    pub fn contains(&self, id: &Digest) -> bool {
        self.history.places.get(id).is_some_and(|&place| self.below[place])
    }
}
