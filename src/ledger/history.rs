//! Who knew of whom: ancestry among entries, by their `prev`.

use std::collections::HashSet;

use crate::digest::Digest;

use super::Stored;
use super::places::{Parents, Places};

/// Entries in an order in which parents come first.
#[derive(Clone, Debug, Default)]
pub struct History {
    ids: Vec<Digest>,
    places: Places,
    parents: Parents,
    seqs: Vec<i64>,
    /// Whether each knows of all before it.
    whole: Vec<bool>,
    /// Whether another names it; and how many no other does.
    named: Vec<bool>,
    open: usize,
}

impl History {
    /// Adds an entry whose parents have been added.
    pub fn push(&mut self, stored: &Stored) {
        let parents = stored.entry.prev.iter().filter_map(|id| Some(self.place(id)? as u32));
        let parents: Vec<u32> = parents.collect();
        self.push_linked(stored.id, stored.entry.seq, &parents);
    }

    /// Adds an entry that follows those at some places.
    pub(super) fn push_linked(&mut self, id: Digest, seq: i64, parents: &[u32]) {
        self.link(id, seq, parents);
        let ids = &self.ids;
        self.places.insert(ids.len() - 1, |at| &ids[at]);
    }

    /// A history of entries that are linked already: what each follows is known by its place.
    pub(super) fn linked(room: usize, fill: impl FnOnce(&mut Linker<'_>)) -> Self {
        let mut history = Self::default();
        history.ids.reserve(room);
        history.seqs.reserve(room);
        history.whole.reserve(room);
        history.named.reserve(room);
        fill(&mut Linker(&mut history));
        history.places.fill(&history.ids);
        history
    }

    fn link(&mut self, id: Digest, seq: i64, parents: &[u32]) {
        for parent in parents {
            let named = std::mem::replace(&mut self.named[*parent as usize], true);
            self.open -= usize::from(!named);
        }
        self.parents.set(self.ids.len(), parents);
        self.named.push(false);
        self.open += 1;
        self.whole.push(self.open == 1);
        self.ids.push(id);
        self.seqs.push(seq);
    }

    /// The ids, in the order in which they were added.
    pub fn ids(&self) -> &[Digest] {
        &self.ids
    }

    /// Where an entry is in that order.
    pub fn place(&self, id: &Digest) -> Option<usize> {
        self.places.get(id, |at| &self.ids[at])
    }

    /// The `seq` of the entry at a place.
    pub(super) fn seq(&self, at: usize) -> i64 {
        self.seqs[at]
    }

    /// What the entry at a place follows, by place.
    pub(super) fn parents(&self, at: usize) -> &[u32] {
        self.parents.of(at as u32)
    }

    /// Entries that no other names, ascending.
    pub fn heads(&self) -> impl ExactSizeIterator<Item = &Digest> {
        let mut heads: Vec<&Digest> = self.open().map(|at| &self.ids[at]).collect();
        heads.sort_unstable();
        heads.into_iter()
    }

    /// The places of entries that no other names.
    fn open(&self) -> impl Iterator<Item = usize> {
        let named = self.named.iter().enumerate();
        named.filter(|(_, named)| !**named).map(|(at, _)| at)
    }

    /// The `seq` of an entry that names all heads.
    pub fn next_seq(&self) -> i64 {
        self.open().map(|at| self.seqs[at]).max().map_or(0, |seq| seq + 1)
    }

    /// `earlier` can be reached from `later` over one link or more.
    pub fn is_ancestor(&self, earlier: &Digest, later: &Digest) -> bool {
        let (Some(earlier), Some(later)) = (self.place(earlier), self.place(later)) else {
            return false;
        };
        // Parents come first, so nothing below `earlier` needs a look.
        earlier < later && self.reach(later, earlier).holds(earlier)
    }

    /// What whoever saw `head` last could know of.
    pub fn known_to(&self, head: &Digest) -> Known<'_> {
        let below = self.place(head).map_or_else(Below::default, |head| self.reach(head, 0));
        Known { history: self, below }
    }

    /// Follows what the entry at a place follows, down to another place.
    fn reach(&self, from: usize, lowest: usize) -> Below {
        let mut below = Below::default();
        let mut open = vec![from];
        while let Some(at) = open.pop() {
            if at < lowest || below.holds(at) {
                continue;
            }
            if self.whole[at] {
                below.all = below.all.max(at + 1);
            } else {
                below.others.insert(at);
                open.extend(self.parents(at).iter().map(|parent| *parent as usize));
            }
        }
        below.others.retain(|at| *at >= below.all);
        below
    }
}

/// Adds entries to a history whose ids nobody asks for meanwhile.
pub(super) struct Linker<'h>(&'h mut History);

impl Linker<'_> {
    /// Adds an entry behind those that were added; `None`, and nothing, where it follows what was not.
    pub(super) fn push(&mut self, id: Digest, seq: i64, parents: &[u32]) -> Option<()> {
        let added = self.0.ids.len();
        parents.iter().all(|parent| (*parent as usize) < added).then_some(())?;
        self.0.link(id, seq, parents);
        Some(())
    }
}

/// Places that can be reached from one.
#[derive(Debug, Default)]
struct Below {
    /// Those before this one,
    all: usize,
    /// and these.
    others: HashSet<usize>,
}

impl Below {
    fn holds(&self, at: usize) -> bool {
        at < self.all || self.others.contains(&at)
    }
}

/// An entry and all that can be reached from it.
pub struct Known<'h> {
    history: &'h History,
    below: Below,
}

impl Known<'_> {
    /// The entry is among them.
    pub fn contains(&self, id: &Digest) -> bool {
        self.history.place(id).is_some_and(|place| self.below.holds(place))
    }

    /// How many they are.
    pub fn count(&self) -> usize {
        self.below.all + self.below.others.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition: everything that links lead to.
    fn naive(parents: &[Vec<u32>], from: usize) -> HashSet<usize> {
        let (mut seen, mut open) = (HashSet::new(), vec![from]);
        while let Some(at) = open.pop() {
            if seen.insert(at) {
                open.extend(parents[at].iter().map(|parent| *parent as usize));
            }
        }
        seen
    }

    #[test]
    fn what_is_known_is_what_links_lead_to_in_any_history() {
        // A small generator of our own, so that the histories are the same each time.
        let mut state = 7_u64;
        let mut below = |most: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) % most
        };
        for _ in 0..200 {
            let mut history = History::default();
            let mut parents: Vec<Vec<u32>> = Vec::new();
            for at in 0..30_u32 {
                let joins = at > 0 && below(4) == 0;
                let mut mine: Vec<u32> = match at {
                    0 => Vec::new(),
                    _ if joins => {
                        let place = |id: &Digest| history.place(id).expect("a place") as u32;
                        history.heads().map(place).collect()
                    }
                    _ => vec![below(u64::from(at)).max(u64::from(at.saturating_sub(4))) as u32],
                };
                mine.sort_unstable();
                history.push_linked(Digest::of(&at.to_le_bytes()), 0, &mine);
                parents.push(mine);
            }
            for at in 0..30 {
                let expected = naive(&parents, at);
                let id = history.ids()[at];
                let known = history.known_to(&id);
                assert_eq!(known.count(), expected.len());
                for (other, other_id) in history.ids().iter().enumerate() {
                    assert_eq!(known.contains(other_id), expected.contains(&other));
                    let above = other != at && expected.contains(&other);
                    assert_eq!(history.is_ancestor(other_id, &id), above);
                }
            }
        }
    }
}
