//! The document as a flat list of pieces with their places: what stands before, in and around what.
//!
//! The tree that reports render has no places, and running needs none of this; so it is read anew,
//! by the same parser, for those who ask.

use comrak::nodes::{ListType, NodeValue};

use super::parse::{self, Ast};
use super::{Checklist, Inline, inline, parts};

/// A block of the document, or an entry of a list.
#[derive(Clone, Debug)]
pub struct Piece {
    /// What it is.
    pub kind: PieceKind,
    /// Its first line, from 1.
    pub line: usize,
    /// Its last line.
    pub end_line: usize,
    /// The entry, quotation or list around it (index into the pieces).
    pub parent: Option<usize>,
    /// What stands before it in the same container (index into the pieces).
    pub before: Option<usize>,
    /// The section it is in (index into `sections`); a heading is in its own.
    pub section: Option<usize>,
    /// Its text, where it has text of its own.
    pub text: Vec<Inline>,
}

/// What a piece is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PieceKind {
    /// A heading.
    Heading,
    /// A paragraph.
    Paragraph,
    /// A list.
    List,
    /// An entry of a list.
    Entry {
        /// It is numbered.
        ordered: bool,
        /// The item that it is (index into `items`).
        item: Option<usize>,
    },
    /// A code block (index into `blocks`).
    Code(usize),
    /// A row of a table, its cells as plain text; the head comes first.
    Row {
        /// One text a cell.
        cells: Vec<String>,
        /// It names the columns.
        head: bool,
    },
    /// A table, around its rows.
    Table,
    /// A quotation, an alert, a footnote.
    Quote,
    /// Raw HTML, or a thematic break.
    Other,
}

/// A line of a piece's text.
#[derive(Clone, Debug)]
pub struct TextLine<'p> {
    /// Its number, from 1.
    pub line: usize,
    /// What it says.
    pub text: &'p [Inline],
}

impl Piece {
    /// Its text by lines.
    pub fn lines(&self) -> impl Iterator<Item = TextLine<'_>> {
        let pieces = self.text.split(|inline| *inline == Inline::Break).enumerate();
        // A code span over two lines makes fewer parts than lines.
        pieces.map(|(at, text)| TextLine { line: (self.line + at).min(self.end_line), text })
    }

    /// Its text without emphasis.
    pub fn plain(&self) -> String {
        inline::plain(&self.text)
    }
}

/// The pieces of a checklist, in document order, containers before what is in them.
pub fn layout(checklist: &Checklist) -> Vec<Piece> {
    let body = &checklist.source.text[checklist.begins..];
    let mut items: std::collections::HashMap<usize, usize> = Default::default();
    for (at, item) in checklist.items.iter().enumerate() {
        items.entry(item.line).or_insert(at);
    }
    let mut layout =
        Layout { checklist, lines_before: 0, items, blocks: 0, section: None, pieces: Vec::new() };
    let lines_before = checklist.source.line_of(checklist.begins) - 1;
    let mut before = None;
    parts::each(body, lines_before, |child, lines_before| {
        layout.lines_before = lines_before;
        before = layout.child(child, None, before);
    });
    layout.pieces
}

struct Layout<'c> {
    checklist: &'c Checklist,
    lines_before: usize,
    /// Items by their lines.
    items: std::collections::HashMap<usize, usize>,
    /// So many code blocks were met.
    blocks: usize,
    section: Option<usize>,
    pieces: Vec<Piece>,
}

impl Layout<'_> {
    /// Nesting is bounded before anything is parsed.
    fn children(&mut self, node: Ast<'_>, parent: Option<usize>) {
        node.children().fold(None, |before, child| self.child(child, parent, before));
    }

    /// The piece that a block is, if it is shown; else what was before it.
    fn child(
        &mut self,
        node: Ast<'_>,
        parent: Option<usize>,
        before: Option<usize>,
    ) -> Option<usize> {
        match parse::is_hidden(&node.data.borrow().value) {
            true => before,
            false => Some(self.piece(node, parent, before)),
        }
    }

    fn piece(&mut self, node: Ast<'_>, parent: Option<usize>, before: Option<usize>) -> usize {
        let data = node.data.borrow();
        let line = self.lines_before + data.sourcepos.start.line;
        let last = self.checklist.source.line_count().max(1);
        let end_line = (self.lines_before + data.sourcepos.end.line).clamp(line, last.max(line));
        let (kind, text) = self.kind(node, line);
        if kind == PieceKind::Heading && parent.is_none() {
            let next = self.section.map_or(0, |section| section + 1);
            self.section = Some(next).filter(|at| *at < self.checklist.sections.len());
        }
        let (section, at) = (self.section, self.pieces.len());
        self.pieces.push(Piece { kind, line, end_line, parent, before, section, text });
        if !matches!(
            data.value,
            NodeValue::Heading(_) | NodeValue::Paragraph | NodeValue::TableRow(_)
        ) {
            self.children(node, Some(at));
        }
        at
    }

    fn kind(&mut self, node: Ast<'_>, line: usize) -> (PieceKind, Vec<Inline>) {
        let entry = |ordered| {
            let item = self.items.get(&line).copied();
            (PieceKind::Entry { ordered, item }, Vec::new())
        };
        match &node.data.borrow().value {
            NodeValue::Heading(_) => (PieceKind::Heading, inline::read(node)),
            NodeValue::Paragraph => (PieceKind::Paragraph, inline::read(node)),
            NodeValue::List(_) => (PieceKind::List, Vec::new()),
            NodeValue::Item(list) => entry(list.list_type == ListType::Ordered),
            NodeValue::TaskItem(_) => entry(is_ordered(node)),
            NodeValue::CodeBlock(_) => {
                self.blocks += 1;
                (PieceKind::Code(self.blocks - 1), Vec::new())
            }
            NodeValue::Table(_) => (PieceKind::Table, Vec::new()),
            NodeValue::TableRow(head) => {
                let cells = node.children().map(|cell| inline::plain(&inline::read(cell)));
                let cells = cells.collect();
                let text = node.children().flat_map(inline::read).collect();
                (PieceKind::Row { cells, head: *head }, text)
            }
            NodeValue::HtmlBlock(_) | NodeValue::ThematicBreak => (PieceKind::Other, Vec::new()),
            _ => (PieceKind::Quote, Vec::new()),
        }
    }
}

fn is_ordered(entry: Ast<'_>) -> bool {
    entry.parent().is_some_and(|list| {
        matches!(&list.data.borrow().value, NodeValue::List(list) if list.list_type == ListType::Ordered)
    })
}
