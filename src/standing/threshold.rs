//! What the numbers of an item are held against.

use std::collections::BTreeMap;

use crate::check;
pub use crate::check::{Amount, Threshold};
use crate::checklist::{Checklist, Item, Mark};
use crate::ledger::record::RunOpened;

/// The thresholds of an item's last block that has any, with the values of the run's parameters as they were recorded.
pub fn thresholds(checklist: &Checklist, item: &Item, run: &RunOpened) -> Vec<Threshold> {
    let values: BTreeMap<String, String> = run
        .params
        .iter()
        .filter_map(|param| Some((param.name.clone(), param.value.clone()?)))
        .collect();
    let blocks = item.blocks.iter().rev().filter_map(|block| checklist.blocks.get(*block));
    let asked = blocks.filter(|block| matches!(block.mark, Mark::Check | Mark::Trigger));
    let compiled = asked.filter_map(|block| check::compile(&block.language, &block.content).ok());
    let all = compiled.map(|check| check.thresholds(&values));
    all.into_iter().find(|all| !all.is_empty()).unwrap_or_default()
}
