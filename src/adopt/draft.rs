//! One attempt at a proposal: the edits of each block, and why others have none.

use std::collections::BTreeMap;

use crate::checklist::{Block, Checklist, Mark};
use crate::lexicon::REFERENCE;
use crate::survey::Survey;

use super::edit::{self, Edit, Edited};
use super::head;
use super::rewrite::{Names, Wording};
use super::writer::Writer;

/// Edits, and what they come to.
pub(super) struct Draft {
    edits: Vec<Edit>,
    /// Why nothing is proposed for a block, by block.
    pub(super) left: BTreeMap<usize, String>,
    /// Why nothing is proposed for front matter.
    pub(super) head: Option<String>,
    pub(super) names: Names,
}

impl Draft {
    pub(super) fn of(
        checklist: &Checklist,
        survey: &Survey,
        refused: &BTreeMap<usize, String>,
        people: bool,
    ) -> Self {
        let wording = Wording::of(checklist, survey);
        let mut draft =
            Self { edits: Vec::new(), left: BTreeMap::new(), head: None, names: Names::default() };
        for (at, block) in checklist.blocks.iter().enumerate() {
            if block.mark != Mark::None
                || is_reference(checklist, block)
                || !survey.commands.iter().any(|found| found.block == Some(at))
            {
                continue;
            }
            let mut names = draft.names.clone();
            let writer = Writer { checklist, survey, wording: &wording, at, block };
            let edits = match refused.get(&at) {
                Some(why) => Err(why.clone()),
                None => writer.edits(&mut names),
            };
            match edits {
                Ok((edits, left)) => {
                    draft.edits.extend(edits);
                    draft.names = names;
                    draft.left.extend(left.map(|why| (at, why)));
                }
                // Values and nothing else are nothing to decide about.
                Err(why) if why.is_empty() => {}
                Err(why) => {
                    draft.left.insert(at, why);
                }
            }
        }
        match head::edit(checklist, survey, &draft.names, people) {
            Ok(edit) => draft.edits.extend(edit),
            Err(why) if draft.names.params.is_empty() && draft.names.env.is_empty() => {
                draft.head = Some(why);
            }
            // Checks that need parameters are of no use without them.
            Err(why) => {
                draft.edits.clear();
                draft.head = Some(why);
            }
        }
        draft
    }

    pub(super) fn apply(&self, text: &str) -> Edited {
        edit::apply(text, self.edits.clone())
    }

    /// The blocks that something is proposed for.
    pub(super) fn blocks(&self) -> impl Iterator<Item = usize> + '_ {
        self.edits.iter().filter_map(|edit| edit.block)
    }
}

/// A block of a section to look things up in: troubleshooting, an appendix.
fn is_reference(checklist: &Checklist, block: &Block) -> bool {
    let sections = &checklist.sections;
    let own = sections.iter().rposition(|section| section.line < block.line);
    let mut around = std::iter::successors(own, |at| sections[*at].parent);
    around.any(|at| sections[at].standby && REFERENCE.is_in(&sections[at].title.to_lowercase()))
}
