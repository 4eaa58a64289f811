//! Who waits for whom, and who gets what from whom: what directives say of other items and of
//! parameters, held against the document.
//!
//! What does not fit is a fault of its block, found before anything runs: a check that waits for
//! what is not there, or for itself, is an error and never begins.

use std::collections::HashMap;

use crate::check::{After, Check, Compiled, Fault};
use crate::checklist::{Checklist, Item};

mod circle;
mod names;

pub use names::{Names, values};

/// Faults of the blocks whose directives name what is not there or wait for themselves, each with
/// the block's place in the document.
pub fn faults(checklist: &Checklist, checks: &Compiled) -> Vec<(usize, Fault)> {
    let mut faults = unknown(checklist, checks);
    faults.extend(circle::faults(checklist, checks));
    faults.extend(names::faults(checklist, checks));
    faults.sort_by_key(|(block, fault)| (*block, fault.line));
    faults
}

/// The checks of items that checks answer, each with the places of its item and its block.
pub(super) fn running<'c>(
    checklist: &'c Checklist,
    checks: &'c Compiled,
) -> impl Iterator<Item = (usize, usize, &'c Check)> {
    checks.iter().filter_map(|(&block, check)| {
        let item = checklist.blocks.get(block)?.item?;
        let answered = checklist.items.get(item).is_some_and(Item::is_checked);
        Some((item, block, check.as_ref().ok()?)).filter(|_| answered)
    })
}

/// The places of items by identity.
pub fn places(checklist: &Checklist) -> HashMap<&str, usize> {
    checklist.items.iter().enumerate().map(|(at, item)| (item.id.as_str(), at)).collect()
}

/// The items inside each that decide it: the required ones, or all of them where none is.
pub fn inside(checklist: &Checklist) -> Vec<Vec<usize>> {
    let mut all = vec![Vec::new(); checklist.items.len()];
    for (at, item) in checklist.items.iter().enumerate() {
        if let Some(parent) = item.parent.filter(|parent| *parent < at) {
            all[parent].push(at);
        }
    }
    for inside in &mut all {
        if inside.iter().any(|&at| !checklist.items[at].optional) {
            inside.retain(|&at| !checklist.items[at].optional);
        }
    }
    all
}

/// The counted sections around a section, outermost first, each as (its parent's number, its number).
pub fn sections(checklist: &Checklist, section: Option<usize>) -> Vec<(usize, usize)> {
    let mut around: Vec<(usize, usize)> =
        std::iter::successors(section, |&at| checklist.sections[at].parent)
            .filter(|&at| checklist.sections[at].counted)
            .map(|at| (checklist.sections[at].parent.map_or(0, |parent| parent + 1), at))
            .collect();
    around.reverse();
    around
}

/// `after` with an identity that no item has.
fn unknown(checklist: &Checklist, checks: &Compiled) -> Vec<(usize, Fault)> {
    let places = places(checklist);
    let mut faults = Vec::new();
    for (_, block, check) in running(checklist, checks) {
        let unknown = |after: &&After| !places.contains_key(after.id.as_str());
        for after in check.directives().after.iter().filter(unknown) {
            // Beyond these nobody reads hints, and looking for them takes its time.
            let near = if faults.len() < HINTS { near(checklist, &after.id) } else { None };
            let hint = near.map_or_else(
                || "give that item an identity at the end of its line: `` `#name` ``".to_owned(),
                |near| format!("did you mean `#{near}`?"),
            );
            let message = format!("there is no item `#{}`", after.id);
            faults.push((block, Fault::new(after.line, "HP140", message, hint)));
        }
    }
    faults
}

/// So many unknown identities get a hint.
const HINTS: usize = 20;

/// Identities are compared letter by letter up to this length.
const COMPARED: usize = 100;

fn near<'c>(checklist: &'c Checklist, id: &str) -> Option<&'c str> {
    let distance = |other: &str| strsim::damerau_levenshtein(other, id);
    let items = checklist.items.iter().filter(|_| id.len() <= COMPARED);
    let alike =
        items.map(|item| item.id.as_str()).filter(|other| other.len().abs_diff(id.len()) <= 2);
    alike.min_by_key(|other| distance(other)).filter(|other| distance(other) <= 2)
}
