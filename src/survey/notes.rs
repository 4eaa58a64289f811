//! What commands and items should come to, as people write it, and what each note is about.

use serde::Serialize;

use crate::checklist::{Block, PieceKind, plain};
use crate::lexicon::{CHECKLIST, CRITERIA, EXPECTED, GATE, PASSES, SHOULD, TARGET, VERIFY, holds};

use super::comments::comments;
use super::owner::{Owner, Relation};
use super::{Document, Found, folded, label, thresholds};

/// What somebody should find.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Note {
    /// Its line, from 1.
    pub line: usize,
    /// How it is written.
    pub form: Form,
    /// What it says.
    pub text: String,
    /// The line that it is about: of a command, a block, an item or a heading.
    pub for_line: usize,
}

/// How a note is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// A comment in a block: `# Expected: PONG`.
    Comment,
    /// A comment directly above a command.
    CommentBefore,
    /// A comment behind a command.
    TrailingComment,
    /// A box below the block whose result it is.
    ItemAfterBlock,
    /// A point below a step such as `Verify:`.
    PointOfVerify,
    /// A point such as `**Expected**: …` in an item.
    LabelledPoint,
    /// A block below a label such as `Expected output:`.
    LabelledBlock,
    /// A point below such a label.
    BelowLabel,
    /// A paragraph behind a block: `Expect one row.`
    Prose,
    /// An item, an entry or a row that says it itself.
    OwnText,
    /// `**Gate:** …`.
    Gate,
    /// The cell of a column such as `Expected`.
    Cell,
}

/// Of a longer note, so many bytes are kept.
pub(super) const LONG: usize = 4000;

/// All notes of the document, by lines.
pub(super) fn notes(document: &Document<'_>, owners: &[Owner], commands: &[Found]) -> Vec<Note> {
    let mut notes = Vec::new();
    for (at, block) in document.checklist.blocks.iter().enumerate() {
        let first = commands.partition_point(|found| found.line <= block.line);
        let own: Vec<&Found> = commands[first..]
            .iter()
            .take_while(|found| found.line <= last_line(document, block))
            .filter(|found| found.block == Some(at))
            .collect();
        comments(block, &own, &mut notes);
    }
    let gates = Gates::of(document);
    let results = results(document, owners, &mut notes);
    for (at, piece) in document.pieces.iter().enumerate() {
        match &piece.kind {
            PieceKind::Entry { item, .. } if item.is_none_or(|item| !results.contains(&item)) => {
                of_entry(document, at, commands, &mut notes);
            }
            PieceKind::Paragraph if document.entry_around(at).is_none() => {
                of_paragraph(document, at, &gates, &mut notes);
            }
            PieceKind::Row { head: false, .. } => of_row(document, at, &mut notes),
            _ => {}
        }
    }
    labelled_blocks(document, &mut notes);
    notes.sort_by_key(|note| note.line);
    notes.dedup_by_key(|note| note.line);
    notes
}

fn last_line(document: &Document<'_>, block: &Block) -> usize {
    document.checklist.source.line_of(block.span.end.saturating_sub(1).max(block.span.start))
}

/// Boxes below a block are its results; the last of several blocks in a row has them.
fn results(
    document: &Document<'_>,
    owners: &[Owner],
    notes: &mut Vec<Note>,
) -> std::collections::BTreeSet<usize> {
    let mut block_of = std::collections::BTreeMap::new();
    for (at, owner) in
        owners.iter().enumerate().filter(|(_, owner)| owner.relation == Relation::Heads)
    {
        block_of
            .extend(owner.results.iter().map(|item| (*item, document.checklist.blocks[at].line)));
    }
    for (&item, &for_line) in &block_of {
        let item = &document.checklist.items[item];
        let (line, text) = (item.line, item.text.clone());
        // A row says itself what to find.
        let row = document.checklist.source.line(line).trim_start().starts_with('|');
        if row {
            continue;
        }
        notes.push(Note { line, form: Form::ItemAfterBlock, text, for_line });
    }
    block_of.into_keys().collect()
}

fn of_entry(document: &Document<'_>, at: usize, commands: &[Found], notes: &mut Vec<Note>) {
    let piece = &document.pieces[at];
    let Some(said) = document.said(at) else { return };
    let text = said.plain();
    let task = matches!(piece.kind, PieceKind::Entry { item: Some(_), .. });
    if !task
        && !thresholds::is_in(&text)
        && let Some(for_line) = label_above(document, at)
    {
        notes.push(Note { line: piece.line, form: Form::BelowLabel, text, for_line });
        return;
    }
    if !task && let Some(around) = document.entry_around(at) {
        let parent = &document.pieces[around];
        if document.said(around).is_some_and(|said| asks_to_verify(&said.plain())) {
            let (line, for_line) = (piece.line, parent.line);
            notes.push(Note { line, form: Form::PointOfVerify, text, for_line });
            return;
        }
        if let Some((_, said)) = label(&text).filter(|(label, _)| {
            let label = folded(label);
            EXPECTED.is(&label) || SHOULD.is(&label) || VERIFY.is(&label)
        }) {
            let block = document.inside[around].iter().find_map(|at| {
                let piece = &document.pieces[*at];
                matches!(piece.kind, PieceKind::Code(_)).then_some(piece.line)
            });
            let (line, text) = (piece.line, said.to_owned());
            let for_line = block.unwrap_or(parent.line);
            notes.push(Note { line, form: Form::LabelledPoint, text, for_line });
            return;
        }
    }
    let for_line = match document.entry_around(at) {
        Some(around) if !task => document.pieces[around].line,
        _ => piece.line,
    };
    // `npm test` passes.
    let command = || {
        let first = commands.partition_point(|found| found.line < piece.line);
        let here = commands[first..].iter().take_while(|found| found.line <= said.end_line);
        let lower = text.to_lowercase();
        (PASSES.is_in(&lower) || VERIFY.begins(&lower).is_some())
            && here.into_iter().any(|found| found.block.is_none())
    };
    if says_what_to_find(&text, task, piece) || task && command() {
        notes.push(Note { line: piece.line, form: Form::OwnText, text, for_line });
    }
}

/// `Verify:`, `Then check the following:`, `Open the dashboard and check:`.
fn asks_to_verify(text: &str) -> bool {
    let lower = folded(text);
    let few = lower.split_whitespace().count() <= 8;
    VERIFY.is(&lower)
        || text.trim_end().ends_with([':', '：'])
            && (VERIFY.begins(&lower).is_some() && few || VERIFY.ends(&lower).is_some())
}

/// What an entry of a list below `Expected results:` or `Validation:` is about: the block above, or
/// the label.
fn label_above(document: &Document<'_>, entry: usize) -> Option<usize> {
    let list = document.pieces[entry].parent?;
    let label = document.pieces[list].before?;
    let piece = &document.pieces[label];
    let text = folded(&piece.plain());
    if piece.kind != PieceKind::Paragraph || document.entry_around(label).is_some() {
        return None;
    }
    let expects = EXPECTED.is(&text) || SHOULD.is(&text);
    if !(expects || VERIFY.is(&text) || CHECKLIST.is(&text)) {
        return None;
    }
    let before = piece.before.map(|at| &document.pieces[at]);
    match before.filter(|_| expects).map(|before| (&before.kind, before.line)) {
        Some((PieceKind::Code(_), line)) => Some(line),
        _ => Some(piece.line),
    }
}

fn says_what_to_find(text: &str, task: bool, piece: &crate::checklist::Piece) -> bool {
    let lower = text.to_lowercase();
    let asks = matches!(piece.kind, PieceKind::Entry { ordered: true, .. })
        && VERIFY.begins(&lower).is_some();
    let arrow = ["→", "->", "=>"].iter().any(|arrow| {
        text.rsplit_once(arrow).is_some_and(|(_, value)| (1..40).contains(&value.trim().len()))
    });
    thresholds::is_in(text)
        || task && arrow
        || ["should", "must"].iter().any(|word| holds(&lower, word))
        || (task || asks) && SHOULD_SAY.iter().any(|word| crate::lexicon::holds(&lower, word))
        || asks && lower.contains("100%")
}

/// Words in an item that make its text say what to find.
const SHOULD_SAY: &[&str] = &[
    "should",
    "answers",
    "returns",
    "返回",
    "得到",
    "возвращает",
    "liefert",
    "renvoie",
    "devuelve",
    "retorna",
    "restituisce",
    "返す",
    "make sure that",
    "sollte",
    "devrait",
    "debe",
    "debería",
    "deve",
    "dovrebbe",
    "должен",
    "должна",
    "должно",
    "должны",
    "べき",
    "应该",
    "應該",
];

/// A sentence about a gate, or about the block above it.
fn of_paragraph(document: &Document<'_>, at: usize, gates: &Gates, notes: &mut Vec<Note>) {
    let piece = &document.pieces[at];
    for line in piece.lines() {
        let text = plain(line.text);
        let Some(said) = gate_sentence(&text) else { continue };
        let for_line = gates.closed_by(document, at).unwrap_or(piece.line);
        let text = said.to_owned();
        notes.push(Note { line: line.line, form: Form::Gate, text, for_line });
    }
    let above = piece.before.map(|at| &document.pieces[at]);
    let text = piece.plain();
    if document.on_standby(at) && thresholds::is_in(&text) {
        let (line, form) = (piece.line, Form::OwnText);
        notes.push(Note { line, form, text, for_line: line });
        return;
    }
    let lower = folded(&text);
    let expects = EXPECTED.begins(&lower).or(SHOULD.begins(&lower)).is_some();
    if let Some(block) = above.filter(|above| matches!(above.kind, PieceKind::Code(_)) && expects)
        && !text.ends_with([':', '：'])
    {
        let (line, for_line) = (piece.line, block.line);
        notes.push(Note { line, form: Form::Prose, text, for_line });
    }
}

/// Where sentences about gates stand: how many below each section, and how many parts it has.
struct Gates {
    sentences: Vec<usize>,
    parts: Vec<usize>,
}

impl Gates {
    fn of(document: &Document<'_>) -> Self {
        let sections = &document.checklist.sections;
        let mut gates = Self { sentences: vec![0; sections.len()], parts: vec![0; sections.len()] };
        for parent in sections.iter().filter_map(|section| section.parent) {
            gates.parts[parent] += 1;
        }
        let paragraphs = document.pieces.iter().filter(|piece| piece.kind == PieceKind::Paragraph);
        for piece in paragraphs {
            let Some(parent) = piece.section.and_then(|at| sections[at].parent) else { continue };
            gates.sentences[parent] +=
                piece.lines().filter(|line| gate_sentence(&plain(line.text)).is_some()).count();
        }
        gates
    }

    /// The heading that a sentence closes: its own, or the one around several parts that have no
    /// sentence of their own.
    fn closed_by(&self, document: &Document<'_>, at: usize) -> Option<usize> {
        let sections = &document.checklist.sections;
        let own = document.pieces[at].section?;
        let around = sections[own].parent.filter(|around| {
            sections[*around].level > 1 && self.parts[*around] > 1 && self.sentences[*around] == 1
        });
        Some(sections[around.unwrap_or(own)].line)
    }
}

/// What a line says of a gate: `**Gate:** zero P0 issues open`.
fn gate_sentence(text: &str) -> Option<&str> {
    label(text).filter(|(label, said)| is_gate(label) && !said.is_empty()).map(|(_, said)| said)
}

/// `Gate`, `Go criteria`, `No-Go if`.
pub(super) fn is_gate(label: &str) -> bool {
    let lower = folded(label);
    let go = ["no-go", "no go", "nogo", "go"].iter().find_map(|go| lower.strip_prefix(go));
    GATE.is(&lower) || go.is_some_and(|rest| CRITERIA.begins(rest.trim_start()).is_some())
}

fn of_row(document: &Document<'_>, at: usize, notes: &mut Vec<Note>) {
    let piece = &document.pieces[at];
    let PieceKind::Row { cells, .. } = &piece.kind else { return };
    let head = piece.parent.and_then(|table| document.inside[table].first());
    let Some(PieceKind::Row { cells: names, .. }) = head.map(|at| &document.pieces[*at].kind)
    else {
        return;
    };
    let line = piece.line;
    let column = names.iter().position(|name| {
        let name = folded(name);
        EXPECTED.begins(&name).is_some() || name.starts_with("expected") || TARGET.is(&name)
    });
    if let Some(text) = column.and_then(|at| cells.get(at)).filter(|cell| !cell.is_empty()) {
        notes.push(Note { line, form: Form::Cell, text: text.clone(), for_line: line });
        return;
    }
    let is_item = document.checklist.items.binary_search_by_key(&line, |item| item.line).is_ok();
    if is_item && let Some(text) = cells.iter().find(|cell| thresholds::is_in(cell)) {
        notes.push(Note { line, form: Form::OwnText, text: text.clone(), for_line: line });
    }
}

/// A block below `Expected output:` says what the block above it should print.
fn labelled_blocks(document: &Document<'_>, notes: &mut Vec<Note>) {
    for (at, piece) in document.pieces.iter().enumerate() {
        let (PieceKind::Code(block), Some(label)) = (&piece.kind, piece.before) else { continue };
        let label = &document.pieces[label];
        if label.kind != PieceKind::Paragraph || !is_expected_label(&label.plain()) {
            continue;
        }
        let above = std::iter::successors(label.before, |at| document.pieces[*at].before).take(3);
        let commands = above
            .map(|at| &document.pieces[at])
            .find(|piece| matches!(piece.kind, PieceKind::Code(_)));
        let for_line = match (commands, document.entry_around(at)) {
            (Some(commands), _) => commands.line,
            (None, Some(entry)) => document.pieces[entry].line,
            (None, None) => continue,
        };
        let text = document.checklist.blocks[*block].content.chars().take(LONG).collect();
        notes.push(Note { line: label.line, form: Form::LabelledBlock, text, for_line });
    }
}

fn is_expected_label(text: &str) -> bool {
    let lower = folded(text);
    EXPECTED.is(&lower) || SHOULD.is(&lower) && text.trim_end().ends_with([':', '：'])
}
