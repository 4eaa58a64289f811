//! Lines where people decide, and sentences that bind them.

use serde::Serialize;

use crate::checklist::{self, Inline, Piece, PieceKind, plain};
use crate::lexicon::{DECISION, FORBIDS, GATE, UNTIL, holds};

use super::notes::is_gate;
use super::signing::column;
use super::{Document, bare, folded, label};

/// A line where people decide, or a sentence that binds them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// Its line, from 1.
    pub line: usize,
    /// How it is written.
    pub form: DecisionForm,
    /// What is decided.
    pub question: String,
    /// What one may decide.
    pub options: Vec<String>,
    /// What is ticked, or written down.
    pub selected: Option<String>,
}

/// How a decision is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DecisionForm {
    /// `☐ GO ☐ NO-GO`.
    Boxes,
    /// A list of options.
    List,
    /// `GO / NO-GO`, or a blank.
    Words,
    /// A row of a table with a column for the decision.
    Row,
    /// `**Gate:** …`, or a sentence that says when it is no.
    Sentence,
    /// A heading or a label such as `NO-GO` over its criteria.
    Criteria,
    /// The document's title, where nothing else says it.
    Title,
}

impl Decision {
    fn new(line: usize, form: DecisionForm, question: String, options: Vec<String>) -> Self {
        Self { line, form, question, options, selected: None }
    }

    fn boxes(line: usize, text: &str, question: String) -> Self {
        let choices = checklist::choices(text);
        let selected = choices.iter().find(|(_, ticked)| *ticked).map(|(name, _)| name.clone());
        let options = choices.into_iter().map(|(name, _)| bare(&name).to_owned()).collect();
        Self { line, form: DecisionForm::Boxes, question, options, selected }
    }
}

/// All lines where people decide, and sentences that bind them.
pub(super) fn decisions(document: &Document<'_>) -> Vec<Decision> {
    let mut found: Vec<Decision> = Vec::new();
    for (at, piece) in document.pieces.iter().enumerate() {
        match &piece.kind {
            PieceKind::Paragraph => of_paragraph(document, at, &mut found),
            PieceKind::Row { cells, head: false } => found.extend(of_row(document, at, cells)),
            PieceKind::List => {
                found.extend(of_list(document, at));
                found.extend(bold_options(document, at));
            }
            _ => {}
        }
    }
    criteria(document, &mut found);
    let title = document.checklist.sections.first();
    let decided = found.iter().any(|decision| decision.form != DecisionForm::Sentence);
    if let Some(title) = title.filter(|title| !decided && mentions_go_no_go(&title.title)) {
        let options = vec!["GO".to_owned(), "NO-GO".to_owned()];
        found.push(Decision::new(title.line, DecisionForm::Title, title.title.clone(), options));
    }
    found.sort_by_key(|decision| decision.line);
    found.dedup_by_key(|decision| decision.line);
    found
}

fn of_paragraph(document: &Document<'_>, at: usize, found: &mut Vec<Decision>) {
    let piece = &document.pieces[at];
    let entry = document.said_by(at);
    let is_item = entry.is_some_and(|at| {
        matches!(document.pieces[at].kind, PieceKind::Entry { item: Some(_), .. })
    });
    let mut prose: Vec<(usize, String)> = Vec::new();
    for line in piece.lines() {
        match of_line(document, at, line.line, &plain(line.text)) {
            Some(decision) => found.push(decision),
            None => prose.push((line.line, plain(line.text))),
        }
    }
    let Some(&(first, _)) = prose.first() else { return };
    let text = prose.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>().join(" ");
    if is_item && is_hold_point(&text) || binds(&text, entry.is_some()) {
        let options = if mentions_no_go(&text) { vec!["NO-GO".to_owned()] } else { Vec::new() };
        found.push(Decision::new(first, DecisionForm::Sentence, text, options));
    }
}

/// A line that is a decision by itself.
fn of_line(document: &Document<'_>, at: usize, line: usize, text: &str) -> Option<Decision> {
    let raw = document.checklist.source.line(line);
    let labelled = label(text);
    // Several boxes in a line are a choice, whatever of.
    if checklist::is_decision(raw) && checklist::choices(raw).len() > 1
        || labelled.is_some() && checklist::choices(raw).len() > 1
        || has_labelled_box(text)
    {
        let question = labelled.map_or_else(|| heading(document, at), |(name, _)| name.to_owned());
        return Some(Decision::boxes(line, raw, question));
    }
    let (name, value) = labelled?;
    if is_gate(name) && !value.contains("___") {
        let form = if value.is_empty() { DecisionForm::Criteria } else { DecisionForm::Sentence };
        let question = format!("{name}: {}", heading(document, at));
        return Some(Decision::new(line, form, question, Vec::new()));
    }
    if let Some(options) = checklist::worded(value) {
        return Some(Decision::new(line, DecisionForm::Words, name.to_owned(), options));
    }
    let name = folded(name);
    let decides = DECISION.ends(&name).is_some() || DECISION.begins(&name).is_some();
    (decides && value.contains("___"))
        .then(|| Decision::new(line, DecisionForm::Words, name, Vec::new()))
}

/// `Result: ☐ all green`: what came out, to be ticked.
fn has_labelled_box(text: &str) -> bool {
    let boxes = text.match_indices(['☐', '☑', '☒', '⬜']);
    boxes.take(MOST).any(|(at, _)| text[..at].trim_end_matches([' ', '*']).ends_with([':', '：']))
}

/// So many boxes of a line are looked at.
const MOST: usize = 20;

fn of_row(document: &Document<'_>, at: usize, cells: &[String]) -> Option<Decision> {
    let line = document.pieces[at].line;
    let question = cells.first().cloned().unwrap_or_default();
    if let Some(options) = cells.iter().find_map(|cell| checklist::worded(cell)) {
        return Some(Decision::new(line, DecisionForm::Words, question, options));
    }
    if let Some(cell) = cells.iter().find(|cell| checklist::is_decision(cell)) {
        return Some(Decision::boxes(line, cell, question));
    }
    let column = column(document, at, &DECISION)?;
    let selected = cells.get(column).filter(|cell| !cell.is_empty()).cloned();
    Some(Decision { selected, ..Decision::new(line, DecisionForm::Row, question, Vec::new()) })
}

fn heading(document: &Document<'_>, at: usize) -> String {
    let section = document.pieces[at].section;
    section.map_or_else(String::new, |at| document.checklist.sections[at].title.clone())
}

/// A list whose entries are the options of a decision: tasks, and yet no items.
fn of_list(document: &Document<'_>, list: usize) -> Option<Decision> {
    let source = &document.checklist.source;
    let entries = &document.inside[list];
    if entries.len() < 2 || entries.len() > 8 {
        return None;
    }
    let mut options = Vec::new();
    let mut selected = None;
    for &entry in entries {
        let PieceKind::Entry { item: None, .. } = document.pieces[entry].kind else { return None };
        let line = source.line(document.pieces[entry].line).trim_start();
        let text = line.trim_start_matches(|c: char| "-*+.)".contains(c) || c.is_ascii_digit());
        let begins = |signs: &[&str]| signs.iter().any(|sign| text.trim_start().starts_with(sign));
        let ticked = begins(&["[x] ", "[X] ", "☑", "☒"]);
        if !ticked && !begins(&["[ ] ", "☐"]) {
            return None;
        }
        let text = document.said(entry)?.plain();
        let text = text.trim_start_matches(['☐', '☑', '☒', ' ']).to_owned();
        if ticked {
            selected = Some(text.clone());
        }
        options.push(text);
    }
    // The label above says what is decided.
    let above = document.pieces[list].before.map(|at| &document.pieces[at]);
    let label = above.filter(|above| above.kind == PieceKind::Paragraph);
    let line = label.map_or(document.pieces[list].line, |label| label.line);
    let question = label.map_or_else(|| heading(document, list), Piece::plain);
    Some(Decision { selected, ..Decision::new(line, DecisionForm::List, question, options) })
}

/// `- **Go**: …`, `- **No-Go**: …`: options, and what makes it each of them.
fn bold_options(document: &Document<'_>, list: usize) -> Vec<Decision> {
    let entries = document.inside[list].iter().take(9);
    let mut found = Vec::new();
    for entry in entries {
        let Some(said) = document.said(*entry) else { return Vec::new() };
        let Some(Inline::Strong(title)) = said.text.first() else { return Vec::new() };
        let title = plain(title);
        if !is_option(title.trim_end_matches([':', '：'])) {
            return Vec::new();
        }
        found.push((said.line, title, said.text.len() == 1));
    }
    if found.len() < 2 || found.len() > 8 {
        return Vec::new();
    }
    let options: Vec<String> = found.iter().map(|(_, title, _)| title.clone()).collect();
    if found.iter().all(|(.., bare)| *bare) {
        let above = document.pieces[list].before.map(|at| &document.pieces[at]);
        let label = above.filter(|above| above.kind == PieceKind::Paragraph);
        let line = label.map_or(found[0].0, |label| label.line);
        return vec![Decision::new(line, DecisionForm::List, heading(document, list), options)];
    }
    let criteria = found.into_iter().map(|(line, title, _)| {
        Decision::new(line, DecisionForm::Criteria, format!("criteria of {title}"), vec![title])
    });
    criteria.collect()
}

/// Headings such as `GO` and `NO-GO`, or `Go criteria`, over what has to be true for each.
fn criteria(document: &Document<'_>, found: &mut Vec<Decision>) {
    let sections = document.checklist.sections.iter().filter(|section| section.level > 1);
    let named: Vec<(usize, &str)> = sections
        .filter(|section| {
            is_option(&section.title)
                || is_gate(&section.title) && !GATE.is(&folded(&section.title))
        })
        .map(|section| (section.line, section.title.as_str()))
        .collect();
    if named.len() < 2 {
        return;
    }
    found.extend(named.into_iter().map(|(line, title)| {
        let options = vec![title.to_owned()];
        Decision::new(line, DecisionForm::Criteria, format!("criteria of {title}"), options)
    }));
}

/// `GO`, `NO-GO`, `GO with conditions`, `Conditional GO`.
fn is_option(title: &str) -> bool {
    let lower = folded(title);
    let words = lower.split_whitespace().count();
    let go = lower.starts_with("go ") || lower.ends_with(" go") || lower == "go";
    let no_go = ["no-go", "no go", "nogo"].iter().any(|word| lower.starts_with(word));
    words <= 6 && (go || no_go) && !(lower.contains('/') || lower.contains(" or "))
}

fn mentions_no_go(text: &str) -> bool {
    let lower = text.to_lowercase();
    ["no-go", "no go", "nogo"].iter().any(|word| holds(&lower, word))
}

fn mentions_go_no_go(text: &str) -> bool {
    let lower: String =
        text.to_lowercase().chars().filter(|c| !matches!(c, ' ' | '_' | '-')).collect();
    lower.contains("go/nogo") || lower.contains("gonogo")
}

/// An item where people decide: `T+4h: HOLD POINT`, `Go/No-Go decision`.
fn is_hold_point(text: &str) -> bool {
    let lower = text.to_lowercase();
    let named = ["hold point", "hold-point", "checkpoint"].iter().any(|word| lower.contains(word));
    named || mentions_go_no_go(text) && DECISION.is_in(&lower)
}

/// A sentence that says when it is no, or what has to be true before work goes on. An entry of a list
/// has to say so at its beginning or end.
fn binds(text: &str, in_list: bool) -> bool {
    let lower = text.to_lowercase();
    let no_go = mentions_no_go(text) && !mentions_go_no_go(text);
    let forbids = lower.split(['.', '!', '?', '。', ';', '；', '！']).any(|sentence| {
        FORBIDS.is_in(sentence) && UNTIL.is_in(sentence) && is_about_going_on(sentence)
    });
    if in_list {
        return forbids
            && ["do not", "before proceeding", "stop", "не ", "不得", "nicht "]
                .iter()
                .any(|word| lower.contains(word))
            && ["proceed", "deploy", "continue", "go live", "go-live", "release"]
                .iter()
                .any(|word| lower.contains(word));
    }
    no_go || forbids
}

/// What is forbidden until then is to go on.
fn is_about_going_on(lower: &str) -> bool {
    const GOING_ON: &[&str] = &[
        "deploy",
        "deployment",
        "release",
        "launch",
        "proceed",
        "production",
        "go live",
        "go-live",
        "merge",
        "ship",
        "cutover",
        "promote",
        "publish",
        "process real",
        "continue",
        "rollout",
        "roll out",
        "produktion",
        "freigabe",
        "veröffentlich",
        "mise en production",
        "déployer",
        "producción",
        "desplegar",
        "lanzamiento",
        "produção",
        "lançamento",
        "publicar",
        "produzione",
        "rilascio",
        "релиз",
        "продакшн",
        "выкат",
        "本番",
        "リリース",
        "上线",
        "上線",
        "发布",
        "發布",
        "进入",
        "triển khai",
        "phát hành",
    ];
    GOING_ON.iter().any(|word| lower.contains(word))
}
