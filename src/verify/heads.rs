//! What a line follows are heads: none of them follows another.

use std::collections::{HashMap, HashSet};

use super::Verifier;

/// The parents of lines, so that a million fit: of most lines one.
#[derive(Default)]
pub(super) struct Parents {
    first: Vec<u32>,
    /// All of them, of lines that follow several.
    several: HashMap<u32, Vec<u32>>,
}

/// So many lines are looked at in all; no history that people make takes as many.
const STEPS: usize = 50_000_000;

impl Parents {
    /// Takes down what a line follows, as far as it is there.
    pub(super) fn set(&mut self, at: usize, parents: Vec<u32>) {
        if self.first.len() <= at {
            self.first.resize(at + 1, u32::MAX);
        }
        self.first[at] = parents.first().copied().unwrap_or(u32::MAX);
        if parents.len() > 1 {
            self.several.insert(at as u32, parents);
        }
    }

    fn of(&self, at: u32) -> &[u32] {
        let first = self.first.get(at as usize).filter(|first| **first != u32::MAX);
        let several = || self.several.get(&at).map(Vec::as_slice);
        several().or(first.map(std::slice::from_ref)).unwrap_or_default()
    }
}

impl Verifier<'_> {
    /// Lines that name what another line that they name follows.
    pub(super) fn heads(&mut self) {
        let parents = std::mem::take(&mut self.parents);
        let mut joins: Vec<u32> = parents.several.keys().copied().collect();
        joins.sort_unstable();
        let mut steps = STEPS;
        for at in joins {
            let why = match self.are_heads(&parents, parents.of(at), &mut steps) {
                Some(true) => continue,
                Some(false) => "`prev` names an entry that another in it follows",
                None => "there are too many branches to tell whether `prev` names heads",
            };
            self.faults.push((at as usize, "HL008", why.to_owned()));
        }
    }

    /// `None` where there are no steps left to tell.
    fn are_heads(&self, parents: &Parents, heads: &[u32], steps: &mut usize) -> Option<bool> {
        let seq = |at: u32| self.lines[at as usize].seq;
        // Whatever a line follows has a smaller `seq`.
        let lowest = heads.iter().map(|&at| seq(at)).min()?;
        let named: HashSet<u32> = heads.iter().copied().collect();
        let mut open: Vec<u32> = heads.iter().flat_map(|&at| parents.of(at)).copied().collect();
        let mut seen = HashSet::new();
        while let Some(at) = open.pop() {
            *steps = steps.checked_sub(1)?;
            if named.contains(&at) {
                return Some(false);
            }
            if seq(at) > lowest && seen.insert(at) {
                open.extend_from_slice(parents.of(at));
            }
        }
        Some(true)
    }
}
