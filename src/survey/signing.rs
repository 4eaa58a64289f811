//! Lines where people sign or are named, lines where they decide, and sentences that bind a decision.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::checklist::{self, PieceKind, plain};
use crate::lexicon::{
    APPROVES, DECISION, FIELDS, FORBIDS, GATE, OWNER, ROLES, SIGNING, UNTIL, holds,
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
    /// What is ticked.
    pub selected: Option<String>,
}

/// How a decision is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DecisionForm {
    /// `☐ GO ☐ NO-GO`.
    Boxes,
    /// A list of tasks, each an option.
    List,
    /// `GO / NO-GO`.
    Words,
    /// `**Gate:** …`, or a sentence that says when it is no.
    Sentence,
    /// A heading such as `NO-GO` over its criteria.
    Criteria,
    /// The document's title, where nothing else says it.
    Title,
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
        match piece.kind {
            PieceKind::Paragraph => fields(document, at, &mut found),
            PieceKind::Entry { item: Some(item), .. } => {
                let item = &document.checklist.items[item];
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
            let open = ruled || value.is_empty() && entry.is_some();
            (open && !name.contains("___")).then(|| (line.line, name.to_owned(), ruled))
        })
        .collect();
    let is_person = |name: &str| {
        let lower = folded(name);
        OWNER.begins(&lower).is_some()
            || OWNER.ends(&lower).is_some()
            || ROLES.ends(&lower).is_some()
    };
    let signing = is_signed(document, at);
    // Dates and notes beside names belong to the signature.
    let people = blanks.iter().any(|(_, name, ruled)| *ruled && is_person(name));
    for (line, name, ruled) in blanks {
        let person = is_person(&name);
        if !person && !(ruled && (people || signing)) {
            continue;
        }
        let role = (person && !FIELDS.is(&folded(&name)) || OWNER.is(&folded(&name)))
            .then(|| name.clone());
        found.push(SignOff { line, role, field: name, value: None });
    }
}

/// A piece stands where people sign: its headings say so.
fn is_signed(document: &Document<'_>, at: usize) -> bool {
    let sections = std::iter::successors(document.pieces[at].section, |section| {
        document.checklist.sections[*section].parent
    });
    let mut sections = sections.map(|at| &document.checklist.sections[at]);
    sections.any(|section| section.level > 1 && SIGNING.is_in(&section.title.to_lowercase()))
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
    let all = names.iter().all(|name| ROLES.ends(name).is_some() && name.split(' ').count() <= 4);
    if all { names } else { Vec::new() }
}

/// All lines where people decide, and sentences that bind them.
pub(super) fn decisions(document: &Document<'_>) -> Vec<Decision> {
    let mut found: Vec<Decision> = Vec::new();
    for (at, piece) in document.pieces.iter().enumerate() {
        match &piece.kind {
            PieceKind::Paragraph => of_paragraph(document, at, &mut found),
            PieceKind::Row { cells, head: false } => {
                if let Some(options) = cells.iter().find_map(|cell| checklist::worded(cell)) {
                    let question = cells.first().cloned().unwrap_or_default();
                    let form = DecisionForm::Words;
                    found.push(Decision {
                        line: piece.line,
                        form,
                        question,
                        options,
                        selected: None,
                    });
                } else if let Some(cell) = cells.iter().find(|cell| checklist::is_decision(cell)) {
                    let question = cells.first().cloned().unwrap_or_default();
                    found.push(boxes(piece.line, cell, question));
                }
            }
            PieceKind::List => found.extend(of_list(document, at)),
            _ => {}
        }
    }
    criteria(document, &mut found);
    let decided = found.iter().any(|decision| {
        matches!(decision.form, DecisionForm::Boxes | DecisionForm::List | DecisionForm::Words)
    });
    if !decided {
        let title = document.checklist.sections.first();
        if let Some(title) = title.filter(|title| mentions_go_no_go(&title.title)) {
            let (line, question) = (title.line, title.title.clone());
            let options = vec!["GO".to_owned(), "NO-GO".to_owned()];
            found.push(Decision {
                line,
                form: DecisionForm::Title,
                question,
                options,
                selected: None,
            });
        }
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
        let raw = document.checklist.source.line(line.line);
        let text = plain(line.text);
        if checklist::is_decision(raw) {
            let question =
                label(&text).map_or_else(|| heading(document, at), |(name, _)| name.to_owned());
            found.push(boxes(line.line, raw, question));
            continue;
        }
        let labelled = label(&text).map(|(name, value)| (folded(name), value));
        match labelled {
            Some((name, value)) if GATE.is(&name) && !value.is_empty() => {
                found.push(sentence(
                    line.line,
                    format!("Gate of {}", heading(document, at)),
                    Vec::new(),
                ));
            }
            Some((name, value))
                if DECISION.ends(&name).is_some() || DECISION.begins(&name).is_some() =>
            {
                if let Some(options) = checklist::worded(value) {
                    let (question, form) = (name, DecisionForm::Words);
                    found.push(Decision {
                        line: line.line,
                        form,
                        question,
                        options,
                        selected: None,
                    });
                } else if value.contains("___") {
                    let (question, form) = (name, DecisionForm::Words);
                    let options = Vec::new();
                    found.push(Decision {
                        line: line.line,
                        form,
                        question,
                        options,
                        selected: None,
                    });
                }
            }
            _ => prose.push((line.line, text)),
        }
    }
    if is_item || entry.is_some() || prose.is_empty() {
        return;
    }
    let text = prose.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>().join(" ");
    if binds(&text) {
        let options = if mentions_no_go(&text) { vec!["NO-GO".to_owned()] } else { Vec::new() };
        found.push(sentence(prose[0].0, text, options));
    }
}

fn sentence(line: usize, question: String, options: Vec<String>) -> Decision {
    Decision { line, form: DecisionForm::Sentence, question, options, selected: None }
}

fn boxes(line: usize, text: &str, question: String) -> Decision {
    let choices = checklist::choices(text);
    let selected = choices.iter().find(|(_, ticked)| *ticked).map(|(name, _)| name.clone());
    let options = choices.into_iter().map(|(name, _)| bare(&name).to_owned()).collect();
    Decision { line, form: DecisionForm::Boxes, question, options, selected }
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
        let line = source.line(document.pieces[entry].line);
        let ticked = ["[x]", "[X]", "☑", "☒"].iter().any(|sign| line.contains(sign));
        if !ticked && !line.contains("[ ]") && !line.contains('☐') {
            return None;
        }
        let text = document.said(entry)?.plain();
        let text = text.trim_start_matches(['☐', '☑', '☒', ' ']).to_owned();
        if ticked {
            selected = Some(text.clone());
        }
        options.push(text);
    }
    let line = document.pieces[list].line;
    let question = heading(document, list);
    Some(Decision { line, form: DecisionForm::List, question, options, selected })
}

/// Headings such as `GO` and `NO-GO`, over what has to be true for each.
fn criteria(document: &Document<'_>, found: &mut Vec<Decision>) {
    let named: Vec<(usize, &str)> = document
        .checklist
        .sections
        .iter()
        .filter(|section| section.level > 1 && is_option(&section.title))
        .map(|section| (section.line, section.title.as_str()))
        .collect();
    if named.len() < 2 {
        return;
    }
    found.extend(named.into_iter().map(|(line, title)| Decision {
        line,
        form: DecisionForm::Criteria,
        question: format!("criteria of {title}"),
        options: vec![title.to_owned()],
        selected: None,
    }));
}

/// `GO`, `NO-GO`, `GO with conditions`, `Conditional GO`.
fn is_option(title: &str) -> bool {
    let lower = folded(title);
    let words = lower.split_whitespace().count();
    let go = lower.starts_with("go ") || lower.ends_with(" go") || lower == "go";
    let no_go = ["no-go", "no go", "nogo"].iter().any(|word| lower.starts_with(word));
    words <= 4 && (go || no_go) && !(lower.contains('/') || lower.contains(" or "))
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

/// A sentence that says when it is no, or what has to be true before work goes on.
fn binds(text: &str) -> bool {
    let lower = text.to_lowercase();
    let no_go = mentions_no_go(text) && !mentions_go_no_go(text);
    no_go || FORBIDS.is_in(&lower) && UNTIL.is_in(&lower) && is_about_going_on(&lower)
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
