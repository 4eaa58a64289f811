//! Entries by their ids, and what they follow, so that a million of them take little.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use hashbrown::HashTable;

use crate::digest::Digest;

/// Places in a list, by the ids that are there.
#[derive(Clone, Debug)]
pub struct Places {
    table: HashTable<u32>,
    groups: Groups,
    /// Of this process alone: nobody can choose ids that meet in the table.
    seeds: [u64; 2],
}

impl Default for Places {
    fn default() -> Self {
        let random = RandomState::new();
        let seeds = [random.hash_one(0), random.hash_one(1)];
        Self { table: HashTable::new(), groups: Groups::default(), seeds }
    }
}

impl Places {
    /// Where an id is; `id_at` tells which one is at a place.
    pub fn get<'l>(&self, id: &Digest, id_at: impl Fn(usize) -> &'l Digest) -> Option<usize> {
        let same = |at: &u32| id_at(*at as usize) == id;
        let hash = hash(self.seeds, id);
        let found = self.groups.of(hash).find(|at| same(at));
        found.or_else(|| self.table.find(hash, same).copied()).map(|at| at as usize)
    }

    /// Takes all of a list at once, which is quicker than one after the other; nothing was added before.
    pub fn fill(&mut self, ids: &[Digest]) {
        let seeds = self.seeds;
        self.groups = Groups::new(ids.len(), || ids.iter().map(|id| hash(seeds, id)));
    }

    /// Adds a place whose id is not known yet.
    pub fn insert<'l>(&mut self, at: usize, id_at: impl Fn(usize) -> &'l Digest) {
        let seeds = self.seeds;
        let hash = |at: &u32| hash(seeds, id_at(*at as usize));
        let at = at as u32;
        self.table.insert_unique(hash(&at), at, hash);
    }

    /// Makes room for so many more.
    pub fn reserve<'l>(&mut self, more: usize, id_at: impl Fn(usize) -> &'l Digest) {
        let seeds = self.seeds;
        self.table.reserve(more, |at| hash(seeds, id_at(*at as usize)));
    }
}

/// Places that were there from the beginning, beside each other by the first bits of their hashes: a table that is
/// written in its order takes a fraction of the time.
#[derive(Clone, Debug, Default)]
struct Groups {
    /// Where each group begins, and the last ends.
    starts: Vec<u32>,
    /// Other bits of the hash, and the place.
    entries: Vec<(u32, u32)>,
}

/// So many bits of a hash name its group.
const BITS: u32 = 16;

impl Groups {
    fn new<H: Iterator<Item = u64>>(count: usize, hashes: impl Fn() -> H) -> Self {
        let mut starts = vec![0_u32; (1 << BITS) + 1];
        hashes().for_each(|hash| starts[group(hash) + 1] += 1);
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let (mut next, mut entries) = (starts.clone(), vec![(0, 0); count]);
        for (place, hash) in (0..).zip(hashes()) {
            let at = &mut next[group(hash)];
            entries[*at as usize] = (hash as u32, place);
            *at += 1;
        }
        Self { starts, entries }
    }

    /// The places whose ids could have this hash.
    fn of(&self, hash: u64) -> impl Iterator<Item = u32> {
        let group = group(hash);
        let range = self.starts.get(group).zip(self.starts.get(group + 1));
        let group = range.map_or(&[][..], |(from, to)| &self.entries[*from as usize..*to as usize]);
        group.iter().filter(move |(bits, _)| *bits == hash as u32).map(|(_, place)| *place)
    }
}

fn group(hash: u64) -> usize {
    (hash >> (u64::BITS - BITS)) as usize
}

/// Ids are digests already: all that is left is to mix them with the seeds.
fn hash(seeds: [u64; 2], id: &Digest) -> u64 {
    let (parts, _) = id.as_bytes().as_chunks::<8>();
    let [first, second, ..] = parts else { return 0 };
    let [first, second] = [u64::from_le_bytes(*first), u64::from_le_bytes(*second)];
    let product = u128::from(first ^ seeds[0]) * u128::from(second ^ seeds[1]);
    (product >> 64) as u64 ^ product as u64
}

/// What each entry follows: of most of them one.
#[derive(Clone, Debug, Default)]
pub struct Parents {
    first: Vec<u32>,
    /// All of them, of entries that follow several.
    several: HashMap<u32, Vec<u32>>,
}

impl Parents {
    /// Takes down what an entry follows, as far as it is there.
    pub fn set(&mut self, at: usize, parents: &[u32]) {
        let first = parents.first().copied().unwrap_or(u32::MAX);
        if self.first.len() == at {
            self.first.push(first);
        } else {
            self.first.resize(self.first.len().max(at + 1), u32::MAX);
            self.first[at] = first;
        }
        if parents.len() > 1 {
            self.several.insert(at as u32, parents.to_vec());
        }
    }

    /// What an entry follows.
    pub fn of(&self, at: u32) -> &[u32] {
        let first = self.first.get(at as usize).filter(|first| **first != u32::MAX);
        let several = || self.several.get(&at).map(Vec::as_slice);
        several().or(first.map(std::slice::from_ref)).unwrap_or_default()
    }

    /// Entries that follow several, ascending.
    pub fn joins(&self) -> Vec<u32> {
        let mut joins: Vec<u32> = self.several.keys().copied().collect();
        joins.sort_unstable();
        joins
    }
}
