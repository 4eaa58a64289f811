//! Tasks that are the options of one choice: nobody is to do them all.

use comrak::nodes::NodeValue;

use crate::lexicon::{CHOICES, CHOOSE, DECISION, EXPECTED, RESULTS, SHOULD, SIGNING, THIRD};

use super::parse::{Ast, Reader, paragraph};
use super::{Inline, inline, words};

impl Reader<'_> {
    /// Whether the entries of a list are options: both sides of a question, or what stands below a
    /// sentence that asks to choose.
    pub(super) fn is_choice(&mut self, list: Ast<'_>) -> bool {
        let is_task = |entry: Ast<'_>| {
            matches!(entry.data.borrow().value, NodeValue::TaskItem(_))
                || words::boxed(&first_line(entry)).is_some()
        };
        if list.first_child().is_none_or(|entry| !is_task(entry)) {
            return false;
        }
        let option = |entry: Ast<'_>, pairs| {
            let text = first_line(entry);
            let text = words::boxed(&text).map_or(text.as_str(), |(_, rest)| rest);
            words::option(text, pairs)
        };
        // Each entry is a side, or a third way: what is neither has to be done.
        let both = |pairs| {
            let sides: Vec<Option<bool>> =
                list.children().take(MOST).map(|entry| option(entry, pairs)).collect();
            let third = |entry: Ast<'_>| {
                let text = first_line(entry).to_lowercase();
                THIRD.begins(text.trim_start_matches(|c: char| !c.is_alphanumeric())).is_some()
            };
            sides.len() < MOST
                && sides.contains(&Some(true))
                && sides.contains(&Some(false))
                && list.children().zip(&sides).all(|(entry, side)| side.is_some() || third(entry))
        };
        let decides = both(CHOICES) || both(RESULTS) && self.is_about_deciding(list);
        if decides {
            self.outline.decisions.insert(self.line(list));
        }
        (decides || both(RESULTS) || is_below_choose(list)) && list.children().all(is_task)
    }

    /// Whether the entries of a list say what to find: `✅ Redis: PONG` below `Expected results:`.
    pub(super) fn is_expected(&self, list: Ast<'_>) -> bool {
        let found = |entry: Ast<'_>| {
            matches!(entry.data.borrow().value, NodeValue::Item(_))
                && first_line(entry).starts_with('✅')
        };
        let says = |label: String| EXPECTED.is(&label) || SHOULD.is(&label);
        list.children().all(found) && above(list).is_some_and(says)
    }

    fn is_about_deciding(&self, list: Ast<'_>) -> bool {
        let says = |text: &str| {
            let lower = text.to_lowercase();
            DECISION.is_in(&lower) || SIGNING.is_in(&lower)
        };
        self.section().is_some_and(|at| says(&self.checklist.sections[at].title))
            || list
                .previous_sibling()
                .is_some_and(|before| says(&inline::plain(&inline::read(before))))
    }
}

/// Nobody chooses among more.
const MOST: usize = 6;

fn is_below_choose(list: Ast<'_>) -> bool {
    above(list).is_some_and(|text| CHOOSE.ends(&text).is_some())
}

/// The paragraph or heading above a list, as the tables of words have it.
fn above(list: Ast<'_>) -> Option<String> {
    let above = list.previous_sibling().filter(|above| {
        matches!(above.data.borrow().value, NodeValue::Paragraph | NodeValue::Heading(_))
    })?;
    let text = inline::plain(&inline::read(above)).to_lowercase();
    Some(text.trim_matches(|c: char| !c.is_alphanumeric()).to_owned())
}

fn first_line(entry: Ast<'_>) -> String {
    let text = paragraph(entry);
    let first = text.split(|inline| *inline == Inline::Break).next().unwrap_or_default();
    inline::plain(first)
}
