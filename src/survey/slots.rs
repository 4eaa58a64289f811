//! Places for evidence: `— <evidence>`, `Evidence: ____`, a column of a table.

use serde::Serialize;

use crate::checklist::{PieceKind, plain};
use crate::lexicon::{EVIDENCE, holds};

use super::{Document, folded};

/// A place for evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Slot {
    /// Its line, from 1.
    pub line: usize,
    /// What is there; none where it is empty.
    pub value: Option<String>,
}

/// All places for evidence, by lines.
pub(super) fn slots(document: &Document<'_>) -> Vec<Slot> {
    let mut slots = Vec::new();
    for (at, line) in document.prose() {
        let piece = &document.pieces[at];
        let text = plain(line.text);
        let value = match &piece.kind {
            PieceKind::Paragraph if document.entry_around(at).is_some() => behind(&text),
            PieceKind::Row { cells, head: false } => {
                column(document, at).and_then(|at| cells.get(at)).cloned()
            }
            _ => None,
        };
        if let Some(value) = value {
            let empty = value.chars().all(|c| !c.is_alphanumeric()) || is_word(&value);
            slots.push(Slot { line: line.line, value: (!empty).then_some(value) });
        }
    }
    slots
}

/// What stands behind the word, or `<evidence>` itself.
fn behind(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    for word in EVIDENCE.words().filter(|word| holds(&lower, word)) {
        let at = lower.find(word)?;
        let rest = lower.get(at + word.len()..).unwrap_or_default().trim_start();
        let before = lower[..at].trim_end();
        if before.ends_with('<') && rest.starts_with('>') {
            return Some(String::new());
        }
        if let Some(value) = rest.strip_prefix([':', '：']) {
            return Some(value.trim().to_owned());
        }
    }
    None
}

fn is_word(value: &str) -> bool {
    value.starts_with('<') && EVIDENCE.is(&folded(value))
}

/// The column that is for evidence.
fn column(document: &Document<'_>, row: usize) -> Option<usize> {
    let table = document.pieces[row].parent?;
    let head = &document.pieces[*document.inside[table].first()?];
    let PieceKind::Row { cells, .. } = &head.kind else { return None };
    cells.iter().position(|cell| EVIDENCE.is(&folded(cell)))
}
