//! Lines where people sign or are named.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::checklist::{self, Inline, Piece, PieceKind, plain};
use crate::lexicon::{
    APPROVES, Concept, DATE, DECISION, FIELDS, NAME, OWNER, ROLES, SIGNATURE, SIGNING,
};

use super::{Document, bare, folded, label};

/// A line where somebody signs or is named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SignOff {
    /// Its line, from 1.
    pub line: usize,
    /// Who; none for a date or a note beside the names.
    pub role: Option<String>,
    /// What the line calls its blank.
    pub field: String,
    /// What is filled in.
    pub value: Option<String>,
}

/// All lines where people sign or are named.
pub(super) fn signoffs(document: &Document<'_>) -> Vec<SignOff> {
    let mut found: Vec<SignOff> = Vec::new();
    for role in
        document.checklist.gates.iter().flat_map(|gate| &gate.roles).filter(|role| role.line > 1)
    {
        let (line, name) = (role.line, role.name.clone());
        let field = "signature".to_owned();
        found.push(SignOff { line, role: Some(name), field, value: None });
    }
    for (at, piece) in document.pieces.iter().enumerate() {
        match &piece.kind {
            PieceKind::Paragraph => fields(document, at, &mut found),
            PieceKind::Row { head: false, cells } => found.extend(of_record(document, at, cells)),
            PieceKind::Entry { item: Some(item), .. } => {
                found.extend(titled_task(document, at));
                let item = &document.checklist.items[*item];
                let roles = approvers(&item.text).into_iter();
                found.extend(roles.map(|role| SignOff {
                    line: item.line,
                    role: Some(role),
                    field: "approval".to_owned(),
                    value: None,
                }));
            }
            _ => {}
        }
    }
    found.sort_by(|a, b| (a.line, &a.role).cmp(&(b.line, &b.role)));
    let mut seen = BTreeSet::new();
    found.retain(|signoff| {
        seen.insert((signoff.line, signoff.role.clone().map(|role| folded(&role))))
    });
    found
}

/// Blanks of a paragraph or an entry: `**Deployed by:** ____`.
fn fields(document: &Document<'_>, at: usize, found: &mut Vec<SignOff>) {
    let piece = &document.pieces[at];
    let entry = document.said_by(at);
    if let Some(PieceKind::Entry { item: Some(_), .. }) = entry.map(|at| &document.pieces[at].kind)
    {
        return;
    }
    let blanks: Vec<(usize, String, bool)> = piece
        .lines()
        .filter_map(|line| {
            let text = plain(line.text);
            let (name, value) = label(&text)?;
            let ruled = text.contains("___");
            // `[name]` is a blank where somebody is asked for by a word that is nothing else.
            let bracket = value.starts_with('[') && OWNER.is(&folded(name));
            let open = ruled || bracket || value.is_empty() && entry.is_some();
            (open && !name.contains("___")).then(|| (line.line, name.to_owned(), ruled))
        })
        .collect();
    let is_person = |name: &str| {
        let lower = folded(name);
        OWNER.begins(&lower).is_some()
            || OWNER.ends(&lower).is_some()
            || ROLES.ends(&lower).is_some()
    };
    // Dates and notes beside names belong to the signature, and so do they in a list with a blank
    // for one.
    let ruled_person = |(_, name, ruled): &(usize, String, bool)| *ruled && is_person(name);
    let signature = |name: &str| SIGNATURE.is(&folded(name));
    let group = entry.map_or_else(Vec::new, |entry| labels_beside(document, entry));
    let together = blanks.iter().any(ruled_person)
        || group.iter().any(|name| signature(name))
        || blanks.iter().any(|(_, name, _)| signature(name));
    for (line, name, ruled) in blanks {
        let person = is_person(&name);
        if !(person || ruled && together) {
            continue;
        }
        let lower = folded(&name);
        let role = (person && !FIELDS.is(&lower) || OWNER.is(&lower)).then(|| name.clone());
        found.push(SignOff { line, role, field: name, value: None });
    }
}

/// The labels of an entry and those beside it.
fn labels_beside(document: &Document<'_>, entry: usize) -> Vec<String> {
    let Some(list) = document.pieces[entry].parent else { return Vec::new() };
    let entries = document.inside[list].iter().take(MOST);
    let texts = entries.filter_map(|entry| document.said(*entry)).map(Piece::plain);
    texts.filter_map(|text| label(&text).map(|(name, _)| name.to_owned())).collect()
}

/// Nobody signs with more lines in one list.
const MOST: usize = 20;

/// The column of a row's table whose head is one of the words.
pub(super) fn column(document: &Document<'_>, row: usize, words: &Concept) -> Option<usize> {
    let table = document.pieces[row].parent?;
    let head = &document.pieces[*document.inside[table].first()?];
    let PieceKind::Row { cells, .. } = &head.kind else { return None };
    cells.iter().position(|cell| words.is(&folded(cell)))
}

/// A row of a table where people write down who decided, and when.
fn of_record(document: &Document<'_>, row: usize, cells: &[String]) -> Option<SignOff> {
    let [field, value] = cells else { return None };
    let title = &document.checklist.sections[document.pieces[row].section?].title.to_lowercase();
    let name = folded(field);
    let open = value.is_empty() || value.contains("YYYY") || value.contains("___");
    let recorded = (DECISION.is_in(title) || SIGNING.is_in(title))
        && column(document, row, &DECISION).is_none()
        && checklist::worded(value).is_none();
    let (line, field) = (document.pieces[row].line, field.clone());
    let role = OWNER.begins(&name).or(OWNER.ends(&name)).map(|_| field.clone());
    (recorded && !name.is_empty() && (open || FIELDS.is(&name) || DATE.is_in(&name))).then(|| {
        SignOff { line, role, field, value: Some(value.clone()).filter(|value| !value.is_empty()) }
    })
}

/// A list below a label such as `Seen by:`.
fn is_below_signing(document: &Document<'_>, entry: usize) -> bool {
    let label = document.pieces[entry].parent.and_then(|list| document.pieces[list].before);
    label
        .map(|label| folded(&document.pieces[label].plain()))
        .is_some_and(|text| OWNER.is(&text) || SIGNING.is(&text))
}

/// A piece stands where people sign: its headings say so.
fn is_signed(document: &Document<'_>, at: usize) -> bool {
    let sections = std::iter::successors(document.pieces[at].section, |section| {
        document.checklist.sections[*section].parent
    });
    let mut sections = sections.map(|at| &document.checklist.sections[at]);
    sections.any(|section| section.level > 1 && SIGNING.is_in(&section.title.to_lowercase()))
}

/// `- [ ] **Training**: guides published`, where people sign.
fn titled_task(document: &Document<'_>, entry: usize) -> Option<SignOff> {
    let said = document.said(entry)?;
    let line = said.line;
    let text = said.plain();
    // `- [ ] Grid operations: ____` below `Seen by:`.
    if let Some((name, _)) = label(&text).filter(|_| text.contains("___"))
        && (is_signed(document, entry) || is_below_signing(document, entry))
        && !FIELDS.is(&folded(name))
        && !DATE.is_in(&folded(name))
        && !NAME.is_in(&folded(name))
    {
        let (role, field) = (Some(name.to_owned()), "approval".to_owned());
        return Some(SignOff { line, role, field, value: None });
    }
    let Some(Inline::Strong(title)) = said.text.first() else { return None };
    let title = plain(title);
    let colon = title.ends_with([':', '：'])
        || matches!(said.text.get(1), Some(Inline::Text(text)) if text.starts_with([':', '：']));
    let name = bare(title.trim_end_matches([':', '：'])).to_owned();
    let short = name.split_whitespace().count() <= 3;
    (colon && short && is_signed(document, entry)).then(|| {
        let field = "approval".to_owned();
        SignOff { line, role: Some(name), field, value: None }
    })
}

/// Who approves, as a task says it: `Product owner and security owner approve`.
fn approvers(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    // Evidence behind a dash is of no interest here.
    let said = lower.split(" — ").next().unwrap_or_default().trim_end_matches(['.', ' ']);
    let Some(end) = APPROVES.ends(said) else { return Vec::new() };
    let names = said[..end].trim();
    let parts = names.split([',', ';', '/', '&']).flat_map(|part| part.split(" and "));
    let names: Vec<String> = parts
        .map(|part| part.trim().trim_start_matches("and ").trim().to_owned())
        .filter(|part| !part.is_empty())
        .collect();
    // As written, where lower case is as long.
    let original = |name: &String| {
        let at = lower.find(name.as_str()).filter(|_| lower.len() == text.len());
        at.and_then(|at| text.get(at..at + name.len())).unwrap_or(name).to_owned()
    };
    let all = names.iter().all(|name| ROLES.ends(name).is_some() && name.split(' ').count() <= 4);
    if all { names.iter().map(original).collect() } else { Vec::new() }
}
