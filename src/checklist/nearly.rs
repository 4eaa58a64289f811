//! Lines that look like items and are none: nothing that somebody wants done may vanish in silence.

use comrak::nodes::NodeValue;

use super::parse::{Ast, Reader};
use crate::lexicon::COUNTED;

use super::{Claim, Inline, inline, words};

/// Whether a text may begin with what is nearly a box; in code it would be about boxes, not one.
fn may_begin(text: &[Inline]) -> bool {
    match text.first() {
        Some(Inline::Text(first)) => {
            let first = first.trim_start();
            !first.is_ascii()
                || first.starts_with('<')
                || first.starts_with(':')
                || first.bytes().take(16).any(|byte| byte == b'[')
        }
        Some(Inline::Emphasis(inner) | Inline::Strong(inner) | Inline::Struck(inner)) => {
            may_begin(inner)
        }
        _ => false,
    }
}

/// `[ ](address)`: a box that became a link.
fn is_empty_link(text: &[Inline]) -> bool {
    matches!(text.first(), Some(Inline::Link(link)) if inline::plain(&link.text).trim().is_empty())
}

/// Of the lines of a heading that an underline makes, the first that would be a task without it.
pub(super) fn lost_task(heading: &[Inline]) -> Option<usize> {
    let is_task = |line: &str| {
        let written = ["[ ]", "[x]", "[X]"].iter().find_map(|mark| line.strip_prefix(mark));
        written.is_some_and(words::follows_box)
            || words::boxed(line).is_some_and(|(claim, _)| claim == Claim::Open)
    };
    let mut lines = heading.split(|inline| *inline == Inline::Break);
    lines.position(|line| is_task(&inline::plain(line)))
}

impl Reader<'_> {
    /// Lines of a paragraph or a heading that begin with what is nearly a box.
    pub(super) fn nearly_items(&mut self, node: Ast<'_>, text: &[Inline]) {
        let (first, last) = (self.line(node), self.end_line(node));
        for (at, piece) in text.split(|inline| *inline == Inline::Break).enumerate() {
            if is_empty_link(piece) || may_begin(piece) && nearly_boxed(&inline::plain(piece)) {
                self.complain(
                    "HP016",
                    (first + at).min(last),
                    "this looks like an item and is none",
                    "write `- [ ] what is to be done`, with one blank in the box and one behind it",
                );
            }
        }
    }

    /// A heading with an open box: what is below it may be meant, and has items of its own.
    pub(super) fn boxed_heading(&mut self, line: usize, title: &str) {
        if words::boxed(title).is_some_and(|(claim, _)| claim == Claim::Open) {
            self.doubt(
                "HP016",
                line,
                "a box in a heading is no item",
                "write what is to be done as tasks below it",
            );
        }
    }

    /// Cells that are nearly boxes.
    pub(super) fn nearly_boxed_rows(&mut self, table: Ast<'_>, rows: &[Vec<Vec<Inline>>]) {
        for (node, row) in table.children().zip(rows).skip(1) {
            let nearly = |cell: &Vec<Inline>| {
                let text = inline::plain(cell);
                may_begin(cell) && nearly_boxed(&text) && words::boxed_cell(&text).is_none()
            };
            if row.iter().any(nearly) {
                self.doubt(
                    "HP016",
                    self.line(node),
                    "a box in a table is no item",
                    "write `☐` in the cell, or a list of tasks",
                );
            }
        }
    }

    /// A comment that hides the rest of the document.
    pub(super) fn open_comment(&mut self, node: Ast<'_>) {
        if let NodeValue::HtmlBlock(html) = &node.data.borrow().value
            && html.literal.trim_start().starts_with("<!--")
            && !html.literal.contains("-->")
        {
            self.doubt(
                "HP011",
                self.line(node),
                "this comment is never closed: all below is hidden",
                "close it with `-->`",
            );
        }
    }
}

/// A line that begins with what was probably meant for a box: `[ ]text`, `[]`, `[  ]`, a no-break
/// space in or behind it, a list's mark without its blank, a box in HTML, or a box of another kind.
fn nearly_boxed(line: &str) -> bool {
    if words::boxed(line).is_some() {
        return false;
    }
    let line = line.trim_start();
    // A list's mark that is none in Markdown: `-[ ]`, `• [ ]`, `1.1 [ ]`, `a) [ ]`, `Step 1: [ ]`.
    if let Some((before, rest)) =
        line.split_once(['[', '［']).filter(|(before, _)| is_label(before))
        && let Some((inside, behind)) = rest.split_once([']', '］'])
    {
        let inside = inside.trim_matches(|char: char| char.is_whitespace() || is_unseen(char));
        let is_box = inside.chars().count() <= 1
            && (inside.is_empty() || "xX-~vVoO✓✔✗✘_*/>!?.".contains(inside));
        let linked = before.is_empty() && behind.starts_with(['(', '[', ':']) && !inside.is_empty();
        return is_box && !linked;
    }
    let lower: String = line.chars().take(80).collect::<String>().to_ascii_lowercase();
    lower.starts_with("<input") && lower.contains("checkbox")
        || lower.starts_with(":white_large_square:")
        || line.starts_with(['🔳', '◽', '▫', '🗹', '🗷', '⬛', '◻', '◼', '▢', '❏', '❐', '❑', '❒'])
}

/// What may stand before a box as if it were the mark of a list.
fn is_label(before: &str) -> bool {
    let before = before.trim().to_lowercase();
    let counted = COUNTED.words().find_map(|word| before.strip_prefix(word)).unwrap_or(&before);
    let mut letters = 0;
    counted.chars().count() <= 6
        && counted.chars().all(|char| {
            letters += usize::from(char.is_alphabetic());
            char.is_ascii_digit()
                || letters <= 1 && char.is_alphabetic()
                || "-–—*+•·.,:)(\\# ".contains(char)
        })
        && (letters == 0 || counted.ends_with(['.', ')', ':']))
}

fn is_unseen(char: char) -> bool {
    matches!(char, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
}
