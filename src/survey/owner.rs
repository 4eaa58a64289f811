//! Whose a block is, and which boxes are read off what it prints.

use serde::Serialize;

use crate::checklist::{Inline, Piece, PieceKind, plain};
use crate::lexicon::{CHECKLIST, EXPECTED, TARGET, VERIFY};

use super::{Document, folded};

/// Whose a block is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// How it is owned.
    pub relation: Relation,
    /// What owns it.
    pub kind: OwnerKind,
    /// The owner's line; none where the document has no heading above the block.
    pub line: Option<usize>,
    /// Items that are its results (indices into `items`).
    pub results: Vec<usize>,
}

/// How a block is owned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Relation {
    /// It is in the list entry.
    Inside,
    /// It stands at the margin, directly behind the entry that it is meant for.
    Follows,
    /// The boxes below it are what one reads off it.
    Heads,
    /// It stands below a label.
    Label,
    /// It stands below a label, and serves the boxes above.
    LabelAbove,
    /// It belongs to its heading, and nothing else.
    Section,
}

/// What owns a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum OwnerKind {
    /// An item.
    Task,
    /// A numbered entry.
    OrderedStep,
    /// Another entry.
    Bullet,
    /// A paragraph that announces what is below it.
    LabelParagraph,
    /// A heading.
    Heading,
    /// The document itself.
    Document,
}

/// So many pieces away something is still about a block.
const NEAR: usize = 20;

/// The owner of each block, in their order.
pub(super) fn owners(document: &Document<'_>) -> Vec<Owner> {
    let pieces = document.pieces.iter().enumerate();
    pieces
        .filter(|(_, piece)| matches!(piece.kind, PieceKind::Code(_)))
        .map(|(at, _)| owner(document, at))
        .collect()
}

fn owner(document: &Document<'_>, block: usize) -> Owner {
    if let Some(entry) = document.entry_around(block) {
        return of_entry(document, entry, Relation::Inside, Vec::new());
    }
    let pieces = &document.pieces;
    let above = std::iter::successors(pieces[block].before, |at| pieces[*at].before)
        .take(NEAR)
        .find(|at| !matches!(pieces[*at].kind, PieceKind::Code(_)));
    let results = if runs(document, block) { results(document, block) } else { Vec::new() };
    let piece = above.map(|at| &pieces[at]);
    match (above, piece.map(|piece| &piece.kind)) {
        (Some(list), Some(PieceKind::List)) => {
            let last = last_entry(document, list);
            if let Some(entry) = last.filter(|entry| is_step(document, *entry)) {
                return of_entry(document, entry, Relation::Follows, Vec::new());
            }
        }
        (Some(at), Some(PieceKind::Paragraph)) => {
            let line = label_line(&pieces[at]);
            // A sentence before a command whose results follow is no owner, a title is.
            if let Some(line) = line.filter(|_| results.is_empty() || is_title(&pieces[at])) {
                let relation = if !results.is_empty() {
                    Relation::Heads
                } else if results_above(document, at) {
                    Relation::LabelAbove
                } else {
                    Relation::Label
                };
                let kind = OwnerKind::LabelParagraph;
                return Owner { relation, kind, line: Some(line), results };
            }
        }
        _ => {}
    }
    let line = document.heading_line(block);
    let kind = if line.is_some() { OwnerKind::Heading } else { OwnerKind::Document };
    let relation = if results.is_empty() { Relation::Section } else { Relation::Heads };
    Owner { relation, kind, line, results }
}

/// Whether somebody could run it: a text to paste has no results.
fn runs(document: &Document<'_>, block: usize) -> bool {
    const PROSE: &[&str] = &[
        "text", "txt", "plain", "markdown", "md", "json", "yaml", "yml", "toml", "ini", "env",
        "html", "mermaid",
    ];
    let PieceKind::Code(at) = document.pieces[block].kind else { return false };
    !PROSE.contains(&document.checklist.blocks[at].language.as_str())
}

fn of_entry(
    document: &Document<'_>,
    entry: usize,
    relation: Relation,
    results: Vec<usize>,
) -> Owner {
    let piece = &document.pieces[entry];
    let kind = match piece.kind {
        PieceKind::Entry { item: Some(_), .. } => OwnerKind::Task,
        PieceKind::Entry { ordered: true, .. } => OwnerKind::OrderedStep,
        _ => OwnerKind::Bullet,
    };
    Owner { relation, kind, line: Some(piece.line), results }
}

/// The last entry of a list that has no list inside it.
fn last_entry(document: &Document<'_>, list: usize) -> Option<usize> {
    let mut entry = *document.inside[list].last()?;
    loop {
        let lists = document.inside[entry].iter().rev();
        let inner = lists.copied().find(|at| document.pieces[*at].kind == PieceKind::List);
        match inner.and_then(|list| document.inside[list].last()) {
            Some(last) => entry = *last,
            None => return Some(entry),
        }
    }
}

/// What a block may follow: an item, a numbered entry, or one that announces something.
fn is_step(document: &Document<'_>, entry: usize) -> bool {
    match document.pieces[entry].kind {
        PieceKind::Entry { item: Some(_), .. } | PieceKind::Entry { ordered: true, .. } => true,
        _ => document.said(entry).is_some_and(|text| text.plain().ends_with([':', '：'])),
    }
}

/// The line of a paragraph that announces what is below it.
fn label_line(paragraph: &Piece) -> Option<usize> {
    let last = paragraph.lines().last()?;
    let text = plain(last.text);
    if !text.ends_with([':', '：']) && !is_strong(last.text) {
        return None;
    }
    // A sentence over several lines is one label; a title in a line of its own is that line.
    let begins_anew = matches!(last.text.first(), Some(Inline::Strong(_)));
    Some(if begins_anew { last.line } else { paragraph.line })
}

/// A paragraph that is a heading in all but name.
fn is_title(paragraph: &Piece) -> bool {
    let last = paragraph.lines().last();
    last.is_some_and(|line| is_strong(line.text) && !CHECKLIST.is(&folded(&plain(line.text))))
}

/// All of a line is strong.
fn is_strong(line: &[Inline]) -> bool {
    let mut strong = false;
    line.iter().all(|inline| match inline {
        Inline::Strong(_) => {
            strong = true;
            true
        }
        Inline::Text(text) => text.chars().all(|c| !c.is_alphanumeric()),
        _ => false,
    }) && strong
}

/// The boxes that are read off a block: those of the next list or table, with at most a sentence, or
/// a heading such as `Checks` below the block's own, in between.
fn results(document: &Document<'_>, block: usize) -> Vec<usize> {
    let mut between = 0;
    let level =
        document.pieces[block].section.map_or(0, |at| document.checklist.sections[at].level);
    for &at in document.after(block).iter().take(NEAR) {
        let piece = &document.pieces[at];
        match piece.kind {
            PieceKind::Code(_) if between == 0 => {}
            PieceKind::Paragraph if between == 0 && !announces_others(piece) => between += 1,
            PieceKind::Heading if between == 0 && announces_results(document, piece, level) => {
                between += 1;
            }
            PieceKind::List => {
                // A box with a block of its own is a step of its own.
                let own = document.inside[at].iter().any(|entry| holds_code(document, *entry))
                    || next_is_code(document, at);
                return if own { Vec::new() } else { items_in(document, at) };
            }
            PieceKind::Table if has_expectations(document, at) => return items_in(document, at),
            _ => break,
        }
    }
    Vec::new()
}

/// A title, or a label of what is no result: `Then, in the browser:`.
fn announces_others(paragraph: &Piece) -> bool {
    let text = paragraph.plain();
    let folded = folded(&text);
    let results = [&CHECKLIST, &VERIFY, &EXPECTED].iter().any(|words| words.is(&folded));
    !results && (is_title(paragraph) || text.ends_with([':', '：']))
}

/// A table that says what to find.
fn has_expectations(document: &Document<'_>, table: usize) -> bool {
    let head = document.inside[table].first().map(|at| &document.pieces[*at].kind);
    matches!(head, Some(PieceKind::Row { cells, .. }) if cells.iter().any(|cell| {
        let name = folded(cell);
        EXPECTED.begins(&name).or(TARGET.begins(&name)).is_some()
    }))
}

fn announces_results(document: &Document<'_>, heading: &Piece, level: u8) -> bool {
    let below = heading.section.is_some_and(|at| document.checklist.sections[at].level > level);
    let title = folded(&heading.plain());
    below && (CHECKLIST.is(&title) || VERIFY.is(&title))
}

/// The items of a list or a table.
fn items_in(document: &Document<'_>, at: usize) -> Vec<usize> {
    let items = &document.checklist.items;
    let inside = document.inside[at].iter().map(|entry| &document.pieces[*entry]);
    inside
        .filter_map(|piece| match piece.kind {
            PieceKind::Entry { item, .. } => item,
            PieceKind::Row { head: false, .. } => {
                items.binary_search_by_key(&piece.line, |item| item.line).ok()
            }
            _ => None,
        })
        .collect()
}

fn holds_code(document: &Document<'_>, entry: usize) -> bool {
    let inside = document.inside[entry].iter();
    inside.clone().any(|at| matches!(document.pieces[*at].kind, PieceKind::Code(_)))
}

fn next_is_code(document: &Document<'_>, at: usize) -> bool {
    let next = document.after(at).first();
    next.is_some_and(|next| matches!(document.pieces[*next].kind, PieceKind::Code(_)))
}

/// Whether boxes stand above a label, under the same heading.
fn results_above(document: &Document<'_>, label: usize) -> bool {
    let pieces = &document.pieces;
    let above = std::iter::successors(pieces[label].before, |at| pieces[*at].before);
    above.take(NEAR).take_while(|at| pieces[*at].kind != PieceKind::Heading).any(|at| {
        let entries = document.inside[at].iter().map(|entry| &pieces[*entry].kind);
        pieces[at].kind == PieceKind::List
            && entries.clone().any(|kind| matches!(kind, PieceKind::Entry { item: Some(_), .. }))
    })
}
