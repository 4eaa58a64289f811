//! What a document says of itself: `**Owner**: Platform team`, `Last updated: 2025-01-11`.

use serde::Serialize;

use crate::checklist::{Inline, PieceKind, plain};

use super::{Document, label};

/// One thing that a document says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fact {
    /// Its line, from 1.
    pub line: usize,
    /// What it is about, as written.
    pub key: String,
    /// What it says; none where it is to be filled in.
    pub value: Option<String>,
}

/// Lines such as `**Key**: value`, outside of lists where something is to be done.
pub(super) fn facts(document: &Document<'_>) -> Vec<Fact> {
    let mut facts = Vec::new();
    let first_part = document.checklist.sections.iter().find(|section| section.level > 1);
    let head = first_part.map_or(usize::MAX, |section| section.line);
    for (at, line) in document.prose() {
        let piece = &document.pieces[at];
        let in_entry = document.entry_around(at);
        let item = in_entry.is_some_and(|at| {
            matches!(document.pieces[at].kind, PieceKind::Entry { item: Some(_), .. })
        });
        let bold = matches!(line.text.first(), Some(Inline::Strong(_)));
        if piece.kind != PieceKind::Paragraph || item || in_entry.is_some() && !bold {
            continue;
        }
        // Without emphasis, only what stands at the top, or is told of the document in so many words.
        let text = plain(line.text);
        let italic = matches!(line.text.first(), Some(Inline::Emphasis(_)));
        let Some((key, value)) = label(&text).filter(|(key, _)| is_key(key)) else { continue };
        let blank = value.is_empty() || value.chars().all(|c| matches!(c, '_' | '.' | ' '));
        if !(bold || italic || line.line < head && in_entry.is_none()) || blank && value.is_empty()
        {
            continue;
        }
        let value = (!blank).then(|| value.to_owned());
        facts.push(Fact { line: line.line, key: key.to_owned(), value });
    }
    facts
}

/// So few words may name something, and no address does.
fn is_key(key: &str) -> bool {
    key.split_whitespace().count() <= 5 && !key.ends_with("http") && !key.ends_with("https")
}
