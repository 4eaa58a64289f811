//! Boxes such as `☐`: what people write who do not write task lists.
//!
//! They count at the start of a line, and as a column of a table; a line that offers a choice
//! (`☐ GO ☐ NO-GO`) is a decision and no item. Nothing runs because of a box, so the second reader
//! is not asked about them.

use comrak::nodes::NodeValue;

use super::parse::{Ast, Reader, paragraph};
use super::{Claim, Inline, inline, signoff, words};

impl Reader<'_> {
    /// A list entry whose text begins with a box.
    pub(super) fn boxed_entry(&mut self, entry: Ast<'_>, parent: Option<usize>) -> Option<usize> {
        let text = paragraph(entry);
        let first = text.split(|inline| *inline == Inline::Break).next()?;
        let (claim, _) = item_of(first)?;
        let item = self.item(without_box(text), self.line(entry), claim, parent);
        self.outline.boxed.insert(item);
        Some(item)
    }

    /// Lines of a paragraph that begin with a box, but for the first of a list entry.
    pub(super) fn boxed_lines(&mut self, node: Ast<'_>, text: &[Inline], parent: Option<usize>) {
        if !inline::may_hold_box(text) {
            return;
        }
        let in_entry = node.previous_sibling().is_none()
            && node.parent().is_some_and(|parent| {
                matches!(parent.data.borrow().value, NodeValue::Item(_) | NodeValue::TaskItem(_))
            });
        let (first, last) = (self.line(node), self.end_line(node));
        let pieces: Vec<&[Inline]> = text.split(|inline| *inline == Inline::Break).collect();
        let found: Vec<(usize, Claim, &[Inline])> = pieces
            .iter()
            .enumerate()
            .skip(usize::from(in_entry))
            .filter_map(|(at, piece)| {
                // A code span over two lines makes fewer pieces than lines.
                let line = (first + at).min(last);
                item_of(piece).map(|(claim, _)| (line, claim, *piece))
            })
            .collect();
        for (at, (line, claim, piece)) in found.iter().enumerate() {
            let end = found.get(at + 1).map_or(last, |(next, ..)| (next - 1).max(*line));
            let item = self.item(without_box(piece.to_vec()), *line, *claim, parent);
            self.outline.boxed.insert(item);
            self.own_lines(item, *line, end);
        }
    }

    /// Rows of a table that has a column of boxes; a table of `✅` and `❌` has none.
    pub(super) fn boxed_rows(
        &mut self,
        table: Ast<'_>,
        rows: &[Vec<Vec<Inline>>],
        parent: Option<usize>,
    ) {
        if !rows.iter().flatten().any(|cell| inline::may_hold_box(cell)) {
            return;
        }
        let cells: Vec<Vec<String>> =
            rows.iter().map(|row| row.iter().map(|cell| inline::plain(cell)).collect()).collect();
        let columns = cells.first().map_or(0, Vec::len);
        let is_open = |text: &String| {
            (words::boxed(text).is_some() || text == "[ ]")
                && words::boxed_cell(text) == Some(Claim::Open)
        };
        // Of several columns with boxes, the one that most rows have one in, and the last of those.
        let boxes = |column: usize| {
            let open = cells.iter().skip(1).filter(|row| row.get(column).is_some_and(is_open));
            open.count()
        };
        let column = (0..columns).max_by_key(|&column| boxes(column));
        let Some(column) = column.filter(|&column| boxes(column) > 0) else {
            return;
        };
        for (node, row) in table.children().zip(&cells).skip(1) {
            let boxed = row.get(column).and_then(|text| words::boxed_cell(text));
            let says = row.iter().find(|text| {
                text.chars().any(char::is_alphabetic) && words::boxed_cell(text).is_none()
            });
            if let (Some(claim), Some(says)) = (boxed, says) {
                let line = self.line(node);
                let item = self.item(vec![Inline::Text(says.clone())], line, claim, parent);
                self.outline.boxed.insert(item);
                self.own_lines(item, line, line);
            }
        }
    }
}

/// What a box with something to be done behind it claims, and what that is.
fn item_of(piece: &[Inline]) -> Option<(Claim, String)> {
    let text = inline::plain(piece);
    let (claim, rest) = words::boxed(&text)?;
    // `**✅ Ready**` is a banner and no line of a list.
    let banner = matches!(piece, [Inline::Strong(_)]) && claim == Claim::Done;
    (!banner && !rest.is_empty() && !words::is_choice(rest) && !signoff::is_all_choice(&text))
        .then(|| (claim, rest.to_owned()))
}

fn without_box(mut text: Vec<Inline>) -> Vec<Inline> {
    match text.first_mut() {
        Some(Inline::Text(first)) => {
            if let Some((_, rest)) = words::boxed(first) {
                *first = format!("{rest} ");
            }
            text
        }
        _ => {
            let plain = inline::plain(&text);
            let rest = words::boxed(&plain).map_or(plain.as_str(), |(_, rest)| rest);
            vec![Inline::Text(rest.to_owned())]
        }
    }
}
