//! What a line follows are heads: none of them follows another.

use std::collections::HashSet;

use crate::ledger::places::Parents;

use super::Verifier;

/// So many lines are looked at in all; no history that people make takes as many.
const STEPS: usize = 50_000_000;

impl Verifier<'_> {
    /// Lines that name what another line that they name follows.
    pub(super) fn heads(&mut self) {
        let parents = std::mem::take(&mut self.parents);
        let mut steps = STEPS;
        for at in parents.joins() {
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
