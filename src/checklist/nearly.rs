//! Lines that look like items and are none: nothing that somebody wants done may vanish in silence.

use comrak::nodes::NodeValue;

use super::parse::{Ast, Reader};
use super::{Inline, inline, words};

/// Whether a text may begin with what is nearly a box; in code it would be about boxes, not one.
fn may_begin(text: &[Inline]) -> bool {
    match text.first() {
        Some(Inline::Text(first)) => first.trim_start().starts_with(|char: char| {
            !char.is_ascii() || matches!(char, '[' | '-' | '*' | '+' | '<')
        }),
        Some(Inline::Emphasis(inner) | Inline::Strong(inner) | Inline::Struck(inner)) => {
            may_begin(inner)
        }
        _ => false,
    }
}

impl Reader<'_> {
    /// Lines of a paragraph or a heading that begin with what is nearly a box.
    pub(super) fn nearly_items(&mut self, node: Ast<'_>, text: &[Inline]) {
        let (first, last) = (self.line(node), self.end_line(node));
        for (at, piece) in text.split(|inline| *inline == Inline::Break).enumerate() {
            if may_begin(piece) && words::nearly_boxed(&inline::plain(piece)) {
                self.complain(
                    "HP016",
                    (first + at).min(last),
                    "this looks like an item and is none",
                    "write `- [ ] what is to be done`, with one blank in the box and one behind it",
                );
            }
        }
    }

    /// Cells that are nearly boxes.
    pub(super) fn nearly_boxed_rows(&mut self, table: Ast<'_>, rows: &[Vec<Vec<Inline>>]) {
        for (node, row) in table.children().zip(rows).skip(1) {
            let nearly =
                |cell: &Vec<Inline>| may_begin(cell) && words::nearly_boxed(&inline::plain(cell));
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
