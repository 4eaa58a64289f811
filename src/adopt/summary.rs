//! What a proposal comes to: so many checks, so many actions, and what stays with people, and why.

use std::collections::BTreeMap;

use crate::checklist::{self, Checklist, Mark, Reading};
use crate::survey::Survey;

use super::draft::Draft;
use super::edit::Edited;

/// What a proposal comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Items as proposed; checks that stand alone are some.
    pub items: usize,
    /// Items that checks answer by themselves.
    pub alone: usize,
    /// Items that checks run for, and a person looks at.
    pub with_person: usize,
    /// Blocks that are actions.
    pub actions: usize,
    /// Why other items stay with people, and how many for each reason.
    pub by_hand: Vec<(String, usize)>,
    /// What a person has to decide, by lines of the file as it is now.
    pub left: Vec<Left>,
    /// Parameters that are proposed.
    pub params: Vec<String>,
    /// Variables of the caller that checks would see.
    pub env: Vec<String>,
}

/// Something that a person has to decide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// Its line, from 1.
    pub line: usize,
    /// Why nothing is proposed.
    pub why: String,
}

impl Summary {
    pub(super) fn of(reading: &Reading, survey: &Survey, draft: &Draft, edited: &Edited) -> Self {
        let old = &reading.checklist;
        let mut left: Vec<Left> = draft
            .left
            .iter()
            .map(|(block, why)| Left { line: old.blocks[*block].line, why: why.clone() })
            .collect();
        left.extend(draft.head.iter().map(|why| Left { line: 1, why: why.clone() }));
        left.sort_by_key(|left| left.line);
        let summary = Self {
            left,
            params: draft.names.params.keys().cloned().collect(),
            env: draft.names.env.clone(),
            ..Self::default()
        };
        match checklist::read(&old.source.path, edited.text.as_bytes()) {
            Ok(reading) => summary.count(&reading.checklist, survey),
            Err(_) => summary,
        }
    }

    fn count(mut self, new: &Checklist, survey: &Survey) -> Self {
        let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
        let parents: std::collections::BTreeSet<usize> =
            new.items.iter().filter_map(|item| item.parent).collect();
        self.items = new.items.len();
        self.actions = new.blocks.iter().filter(|block| block.mark == Mark::Action).count();
        for (at, item) in new.items.iter().enumerate() {
            let marks: Vec<&Mark> =
                item.blocks.iter().map(|block| &new.blocks[*block].mark).collect();
            let asks = |block: &usize| new.blocks[*block].content.contains(super::expect::PERSON);
            if marks.contains(&&Mark::Action) {
                *reasons.entry("somebody has to do what they are about").or_default() += 1;
            } else if marks.contains(&&Mark::Check) {
                match item.blocks.iter().any(asks) {
                    true => self.with_person += 1,
                    false => self.alone += 1,
                }
            } else if parents.contains(&at) {
                *reasons.entry("the items inside them decide").or_default() += 1;
            } else if new
                .blocks
                .iter()
                .any(|block| block.item.is_none() && holds(new, at, block.line))
            {
                *reasons.entry("what their commands do cannot be told for sure").or_default() += 1;
            } else {
                *reasons.entry("no command goes with them").or_default() += 1;
            }
        }
        let _ = survey;
        self.by_hand = reasons.into_iter().map(|(why, count)| (why.to_owned(), count)).collect();
        self
    }
}

/// Whether a line is one of an item's own.
fn holds(checklist: &Checklist, item: usize, line: usize) -> bool {
    let start = checklist.source.line_span(line).start;
    checklist.items[item].spans.iter().any(|span| (span.start..span.end).contains(&start))
}
