//! Gates: where the document shows that people sign or decide, and what front matter adds.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::source::{Diagnostic, Severity, Span};

use super::parse::Outline;
use super::{Checklist, Gate, Role, declared, identity, signoff, words};

/// A gate on its way: `end` is the first line that it no longer answers for.
pub(super) struct Draft {
    pub(super) name: String,
    pub(super) line: usize,
    pub(super) end: usize,
    pub(super) roles: Vec<Role>,
    pub(super) unreadable: bool,
    /// For items that the document's own gates leave over.
    pub(super) leftover: bool,
}

/// Finds the gates and gives each item its own.
pub(super) fn fill(
    checklist: &mut Checklist,
    outline: &Outline,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let mut drafts = from_document(checklist, outline);
    declared::gates(checklist, &mut drafts, diagnostics);
    let last = checklist.source.line_count().max(1);
    drafts.sort_by_key(|draft| (draft.end, draft.line));
    let needs_more = |drafts: &[Draft]| {
        let end = drafts.last().map_or(0, |draft| draft.end);
        checklist.items.iter().any(|item| item.line >= end && !on_standby(checklist, item.section))
    };
    if drafts.is_empty() || needs_more(&drafts) {
        let leftover = !drafts.is_empty();
        let name = if leftover { "Completion" } else { "Release" };
        drafts.push(Draft {
            name: name.to_owned(),
            line: last,
            end: usize::MAX,
            roles: Vec::new(),
            unreadable: false,
            leftover,
        });
    }
    declared::default_roles(checklist, &mut drafts, diagnostics);
    declared::complete_roles(checklist, &mut drafts);
    declared::unused_roles(checklist, &drafts, diagnostics);
    unique_names(&mut drafts);
    report(checklist, &drafts, diagnostics);
    let standby: Vec<bool> =
        checklist.items.iter().map(|item| on_standby(checklist, item.section)).collect();
    for (item, standby) in checklist.items.iter_mut().zip(standby) {
        item.gate = if standby {
            None
        } else {
            Some(drafts.partition_point(|draft| draft.end <= item.line))
                .filter(|at| *at < drafts.len())
        };
    }
    checklist.gates = drafts
        .into_iter()
        .map(|draft| Gate {
            name: draft.name,
            line: draft.line,
            roles: draft.roles,
            unreadable: draft.unreadable,
        })
        .collect();
}

fn on_standby(checklist: &Checklist, section: Option<usize>) -> bool {
    section.is_some_and(|at| checklist.sections[at].standby)
}

/// The gates that the document shows, one for each section that holds their lines.
fn from_document(checklist: &Checklist, outline: &Outline) -> Vec<Draft> {
    let source = &checklist.source;
    let mut drafts: BTreeMap<Option<usize>, Draft> = BTreeMap::new();
    let mut column = None;
    let mut label = false;
    let mut above: Option<String> = None;
    let mut unseen = outline.unseen.iter().peekable();
    let mut heads = checklist.sections.iter().map(|section| section.line).enumerate().peekable();
    let mut section = None;
    let signing_sections = signing_sections(checklist, 1);
    // A document may be titled `Go/No-Go`, and not each label in it is a signature.
    let listing_sections = self::signing_sections(checklist, 2);
    for number in 1..=source.line_count() {
        while let Some((at, _)) = heads.next_if(|(_, line)| *line <= number) {
            section = Some(at);
        }
        while unseen.next_if(|(_, last)| *last < number).is_some() {}
        if unseen.peek().is_some_and(|(first, _)| *first <= number) {
            continue;
        }
        let line = source.line(number).trim();
        if line.is_empty() || on_standby(checklist, section) {
            column = None;
            continue;
        }
        label = if line.starts_with('#') {
            false
        } else {
            label && signoff::is_entry(line)
                || line.ends_with([':', '*']) && words::is_signing(line)
        };
        let signing = label || section.is_some_and(|at| signing_sections[at]);
        let listed = label || section.is_some_and(|at| listing_sections[at]);
        let role = if let Some(column) = column.filter(|_| line.starts_with('|')) {
            signoff::table_role(line, column)
        } else if listed && signoff::is_field(line) && above.is_some() {
            above.take()
        } else {
            column = signoff::role_column(line, signing);
            let declared = checklist.front.roles.iter().map(|role| role.name.as_str());
            let declared = signoff::declared(line, declared).map(str::to_owned);
            declared.or_else(|| signoff::line_role(line, signing, listed))
        };
        above = signoff::role_above(line).map(str::to_owned).or(above).filter(|_| listed);
        let decides = signoff::is_decision(line) || outline.decisions.contains(&number);
        let more = match line.matches("**").count() > 3 {
            true => signoff::more_roles(line, signing),
            false => Vec::new(),
        };
        if role.is_none() && more.is_empty() && !decides {
            continue;
        }
        let home = home(checklist, section);
        let draft = drafts.entry(home).or_insert_with(|| draft(checklist, home, number));
        for name in role.into_iter().chain(more) {
            let slug = identity::ascii_slug(&name);
            draft.roles.push(Role { name, slug, quorum: 1, line: number });
        }
    }
    unreadable(checklist, &mut drafts);
    merge(drafts.into_values().collect())
}

/// For each section: its heading, or one around it, says that people sign; from a level on.
fn signing_sections(checklist: &Checklist, level: u8) -> Vec<bool> {
    let mut signing: Vec<bool> = Vec::new();
    for section in &checklist.sections {
        let around = section.parent.is_some_and(|parent| signing[parent]);
        signing.push(around || section.level >= level && words::is_signing(&section.title));
    }
    signing
}

/// Sections whose heading says that people sign, and where nothing could be read.
fn unreadable(checklist: &Checklist, drafts: &mut BTreeMap<Option<usize>, Draft>) {
    for (at, section) in checklist.sections.iter().enumerate() {
        let home = home(checklist, Some(at));
        if section.level < 2
            || section.standby
            || !words::is_signing(&section.title)
            || drafts.contains_key(&home)
        {
            continue;
        }
        // `Change approval` over ordinary tasks is no such section; in doubt it is one.
        let items = &checklist.items;
        let first = items.partition_point(|item| item.line < section.line);
        let has_tasks = items.get(first).is_some_and(|item| item.line < section.end_line);
        let text = (section.line + 1..section.end_line).map(|line| checklist.source.line(line));
        let has_blanks = text.clone().any(|line| line.contains("___"));
        let is_list =
            text.map(str::trim).any(|line| signoff::is_entry(line) || line.ends_with(':'));
        if has_blanks || is_list && !has_tasks {
            let draft = draft(checklist, home, section.line);
            drafts.insert(home, Draft { unreadable: true, ..draft });
        }
    }
}

fn draft(checklist: &Checklist, home: Option<usize>, line: usize) -> Draft {
    let section = home.map(|at| &checklist.sections[at]);
    Draft {
        name: section.map_or_else(|| "Release".to_owned(), |section| title(&section.title)),
        line,
        end: section.map_or(usize::MAX, |section| section.end_line),
        roles: Vec::new(),
        unreadable: false,
        leftover: false,
    }
}

/// A gate inside another's section is part of it, and a role signs once at a gate.
fn merge(mut drafts: Vec<Draft>) -> Vec<Draft> {
    drafts.sort_by_key(|draft| (draft.end, draft.line));
    let mut merged: Vec<Draft> = Vec::new();
    for draft in drafts {
        match merged.last_mut().filter(|last| last.end == draft.end) {
            Some(last) => {
                last.line = last.line.min(draft.line);
                last.unreadable &= draft.unreadable;
                last.roles.extend(draft.roles);
            }
            None => merged.push(draft),
        }
    }
    for draft in &mut merged {
        let mut seen = HashSet::new();
        draft.roles.retain(|role| seen.insert(role.name.clone()));
    }
    merged
}

fn ancestors(checklist: &Checklist, section: Option<usize>) -> impl Iterator<Item = usize> + '_ {
    std::iter::successors(section, |&at| checklist.sections[at].parent)
}

/// The outermost section below the title that is about signing, else the nearest.
fn home(checklist: &Checklist, section: Option<usize>) -> Option<usize> {
    ancestors(checklist, section)
        .filter(|&at| {
            checklist.sections[at].level >= 2 && words::is_signing(&checklist.sections[at].title)
        })
        .last()
        .or(section)
}

/// A heading as a name: without number, marks and emoji before it.
pub(super) fn title(heading: &str) -> String {
    let name = heading.trim_start_matches(|c: char| !c.is_alphabetic()).trim();
    let name =
        name.trim_end_matches(|c: char| !c.is_alphanumeric() && !matches!(c, ')' | '）')).trim();
    if name.is_empty() { "Gate".to_owned() } else { name.to_owned() }
}

fn unique_names(drafts: &mut [Draft]) {
    let mut seen = HashSet::new();
    let mut numbers: HashMap<String, usize> = HashMap::new();
    for draft in drafts {
        let name = draft.name.clone();
        let number = numbers.entry(name.to_lowercase()).or_insert(1);
        while !seen.insert(draft.name.to_lowercase()) {
            *number += 1;
            draft.name = format!("{name} {number}");
        }
    }
}

fn report(checklist: &Checklist, drafts: &[Draft], diagnostics: &mut Vec<Diagnostic>) {
    for draft in drafts {
        if draft.unreadable {
            diagnostics.push(Diagnostic {
                code: "HP009",
                severity: Severity::Warning,
                span: line_span(checklist, draft.line),
                message: "this looks like sign-offs, and no role could be read from it".to_owned(),
                hint: Some(
                    "write `**Tech Lead**: ______ Date: ____`, or name `roles` in front matter"
                        .to_owned(),
                ),
                fix: None,
            });
        }
        let mut seen = BTreeMap::new();
        for role in &draft.roles {
            if role.slug.is_empty() {
                complain(
                    diagnostics,
                    line_span(checklist, role.line),
                    format!("role `{}` has no ASCII letters to sign by", role.name),
                    "give it an `id` in front matter's `roles`",
                );
            } else if let Some(other) = seen.insert(role.slug.clone(), &role.name) {
                complain(
                    diagnostics,
                    line_span(checklist, role.line),
                    format!(
                        "roles `{other}` and `{}` sign by the same name `{}`",
                        role.name, role.slug
                    ),
                    "give one an `id` in front matter's `roles`",
                );
            }
        }
    }
}

/// The text of a line, from 1.
pub(super) fn line_span(checklist: &Checklist, line: usize) -> Span {
    let start = checklist.source.line_span(line).start;
    Span { start, end: start + checklist.source.line(line).len() }
}

pub(super) fn complain(diagnostics: &mut Vec<Diagnostic>, span: Span, message: String, hint: &str) {
    diagnostics.push(Diagnostic {
        code: "HP010",
        severity: Severity::Error,
        span,
        message,
        hint: Some(hint.to_owned()),
        fix: None,
    });
}
