//! Proposes what makes a plain checklist executable: marks, expectations, parameters, roles.
//!
//! Nothing is run to find out. What acts is never marked as a check, nothing is expected that could
//! not fail, and what cannot be told is left to people, with the reason.

use std::collections::BTreeMap;

use crate::checklist::{self, Checklist, Mark, Reading};
use crate::command::{self, Class};
use crate::lint;
use crate::source::Severity;
use crate::survey::{self, OwnerKind, Relation, Survey};

mod draft;
mod edit;
mod expect;
mod head;
mod join;
mod remark;
mod rewrite;
mod script;
mod segment;
mod summary;
mod writer;

use draft::Draft;
use edit::Edited;
pub use summary::{Left, Summary};

/// What is proposed for a checklist.
#[derive(Clone, Debug)]
pub struct Proposal {
    /// The checklist as it would be.
    pub text: String,
    /// What that comes to, and what is left to people.
    pub summary: Summary,
}

/// So often a proposal is taken back and made anew without what lint finds fault with.
const ROUNDS: usize = 40;

/// Proposes changes to a checklist.
pub fn propose(reading: &Reading) -> Proposal {
    let checklist = &reading.checklist;
    let survey = survey::survey(checklist);
    let before = errors(reading);
    let mut refused: BTreeMap<usize, String> = BTreeMap::new();
    let mut people = true;
    for _ in 0..ROUNDS {
        let draft = Draft::of(checklist, &survey, &refused, people);
        let edited = draft.apply(&checklist.source.text);
        let faults = faults(checklist, &before, &edited);
        if faults.is_empty() {
            return Proposal {
                summary: Summary::of(reading, &survey, &draft, &edited),
                text: edited.text,
            };
        }
        let known = refused.len();
        for (maker, why) in faults {
            match maker {
                Some(Some(block)) => {
                    refused.entry(block).or_insert(why);
                }
                Some(None) if people => people = false,
                // Nobody knows whose fault it is: all that is proposed goes.
                _ => refused.extend(draft.blocks().map(|block| (block, why.clone()))),
            }
        }
        if refused.len() == known && !people {
            break;
        }
    }
    let all =
        (0..checklist.blocks.len()).map(|at| (at, "it cannot be proposed as a whole".to_owned()));
    let draft = Draft::of(checklist, &survey, &all.collect(), false);
    let edited = draft.apply(&checklist.source.text);
    Proposal { summary: Summary::of(reading, &survey, &draft, &edited), text: edited.text }
}

/// The proposal as a unified diff; empty where nothing is proposed.
pub fn diff(path: &str, old: &str, new: &str) -> String {
    if old == new {
        return String::new();
    }
    let diff = similar::TextDiff::from_lines(old, new);
    let path = path.trim_start_matches('/');
    let (from, to) = (format!("a/{path}"), format!("b/{path}"));
    diff.unified_diff().context_radius(3).header(&from, &to).to_string()
}

/// Errors of a reading by code and message: what was wrong before is not ours.
fn errors(reading: &Reading) -> BTreeMap<(&'static str, String), usize> {
    let mut errors = BTreeMap::new();
    for finding in reading.diagnostics.iter().filter(|finding| finding.severity == Severity::Error)
    {
        *errors.entry((finding.code, finding.message.clone())).or_default() += 1;
    }
    errors
}

/// Whose edit a fault is: a block's, front matter's, or nobody knows.
type Maker = Option<Option<usize>>;

/// What is wrong with a proposal, and whose edit it is.
fn faults(
    checklist: &Checklist,
    before: &BTreeMap<(&'static str, String), usize>,
    edited: &Edited,
) -> Vec<(Maker, String)> {
    let path = &checklist.source.path;
    let Ok(reading) = checklist::read(path, edited.text.as_bytes()) else {
        return vec![(None, "the proposal cannot be read".to_owned())];
    };
    let linted = lint::complete(reading);
    let new = &linted.reading.checklist;
    let mut faults = Vec::new();
    let mut known = before.clone();
    for finding in linted.reading.diagnostics.iter().filter(|one| one.severity == Severity::Error) {
        let old = known.get_mut(&(finding.code, finding.message.clone())).filter(|left| **left > 0);
        match old {
            Some(left) => *left -= 1,
            None => {
                let line = new.source.line_of(finding.span.start);
                faults.push((edited.maker(line), finding.message.clone()));
            }
        }
    }
    faults.extend(acting_checks(new, edited));
    if faults.is_empty() && lost(checklist, new) {
        faults.push((None, "an item would be lost".to_owned()));
    }
    faults
}

/// Checks of the proposal that do more than look, by what is read from the proposal itself.
fn acting_checks(new: &Checklist, edited: &Edited) -> Vec<(Maker, String)> {
    let marked = new.blocks.iter().filter(|block| block.mark == Mark::Check);
    let ours = marked.filter_map(|block| edited.maker(block.line + 1).map(|maker| (block, maker)));
    let acting = ours
        .filter(|(block, _)| command::class(&command::commands(&block.content)) != Class::Check);
    acting
        .map(|(_, maker)| (Some(maker), "what it does cannot be told for sure".to_owned()))
        .collect()
}

/// Whether an item is gone, or has another answer.
fn lost(old: &Checklist, new: &Checklist) -> bool {
    let mut left: BTreeMap<(&str, bool), usize> = BTreeMap::new();
    for item in &new.items {
        *left.entry((&item.text, item.optional)).or_default() += 1;
    }
    old.items.iter().any(|item| match left.get_mut(&(item.text.as_str(), item.optional)) {
        Some(count) if *count > 0 => {
            *count -= 1;
            false
        }
        _ => true,
    }) || old.gates.len() > new.gates.len()
}

/// Where a block stands: what may be proposed depends on it.
fn is_of_item(survey: &Survey, block: usize) -> bool {
    let owner = &survey.owners[block];
    owner.kind == OwnerKind::Task && matches!(owner.relation, Relation::Inside | Relation::Follows)
}
