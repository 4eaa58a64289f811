//! What a document claims and does not bear out: ticks without their evidence, headings that say
//! all is done over open boxes.

use std::collections::BTreeMap;

use crate::checklist::{Checklist, Claim, Item, Section};
use crate::lexicon::{DONE, EVIDENCE};
use crate::source::{Diagnostic, Severity, Span};

/// Characters that a label and its placeholder may have.
const LABEL: usize = 48;

/// Findings about ticked items and finished sections.
pub(super) fn findings(checklist: &Checklist) -> Vec<Diagnostic> {
    let mut found: Vec<Diagnostic> = checklist
        .items
        .iter()
        .filter(|item| item.claim == Claim::Done)
        .filter_map(|item| unproven(checklist, item))
        .collect();
    found.extend(unfinished(checklist));
    found
}

/// A ticked item whose slot for evidence is empty.
fn unproven(checklist: &Checklist, item: &Item) -> Option<Diagnostic> {
    let source = &checklist.source;
    for own in &item.spans {
        let (first, last) = (source.line_of(own.start), source.line_of(own.end.saturating_sub(1)));
        for number in first..=last {
            let text = source.line(number);
            if let Some((at, end)) = empty_slot(text, || goes_on(checklist, number)) {
                let start = source.line_span(number).start;
                return Some(Diagnostic {
                    code: "HP025",
                    severity: Severity::Warning,
                    span: Span { start: start + at, end: start + end },
                    message: "this item is ticked, and its slot for evidence is empty".to_owned(),
                    hint: Some("write where the evidence is, or leave the box open".to_owned()),
                    fix: None,
                });
            }
        }
    }
    None
}

/// What is below a line belongs to it: deeper text, or a block.
fn goes_on(checklist: &Checklist, number: usize) -> bool {
    let source = &checklist.source;
    let indent = |text: &str| text.len() - text.trim_start().len();
    let own = indent(source.line(number));
    let mut below = (number + 1..=source.line_count()).map(|below| source.line(below));
    below.find(|text| !text.trim().is_empty()).is_some_and(|text| {
        indent(text) > own && !text.trim_start().starts_with("- [")
            || text.trim_start().starts_with(['`', '~', '!'])
    })
}

/// `Evidence: ____`, `Evidence:` at the end of a line, `<evidence>`: its place in the line.
fn empty_slot(line: &str, goes_on: impl Fn() -> bool) -> Option<(usize, usize)> {
    if let Some(found) = placeholder(line) {
        return Some(found);
    }
    let mut from = 0;
    while let Some(colon) = line[from..].find([':', '：']).map(|at| from + at) {
        let behind = colon + line[colon..].chars().next().map_or(1, char::len_utf8);
        let words = last_words(&line[..colon]);
        let label = words.trim_end_matches(['*', '_', '`', ' ']);
        let lower = label.to_lowercase();
        // Where lower case is of another length, offsets would not fit.
        if let Some(start) = EVIDENCE.ends(&lower).filter(|_| lower.len() == label.len()) {
            let start = colon - words.len() + start;
            let rest = first_words(&line[behind..]);
            let value = rest.split([',', ';', '|', '，']).next().unwrap_or_default();
            let filled = value.trim_matches([' ', '*', '`', '(', ')']);
            let end = behind + value.trim_end().len();
            if is_blank(filled) && !filled.is_empty()
                || filled.is_empty() && rest.trim_matches(['*', ' ', '`']).is_empty() && !goes_on()
            {
                return Some((start, end));
            }
        }
        from = behind;
    }
    None
}

/// As much of the end of a text as a label may have.
fn last_words(text: &str) -> &str {
    let from = text.char_indices().rev().nth(LABEL).map_or(0, |(at, _)| at);
    &text[from..]
}

/// As much of a text as shows whether something was filled in.
fn first_words(text: &str) -> &str {
    text.char_indices().nth(4 * LABEL).map_or(text, |(at, _)| &text[..at])
}

/// Something to be filled in, and not filled in.
fn is_blank(value: &str) -> bool {
    let lower = value.to_lowercase();
    value.chars().all(|char| "_.…-–—? ".contains(char))
        || matches!(lower.as_str(), "tbd" | "todo" | "xxx" | "link" | "url")
        || value.starts_with('<') && value.ends_with('>') && !lower.contains("://")
        || value.starts_with('[') && value.ends_with(']') && !value[1..].contains('[')
}

/// `<evidence>`, `[evidence link]`, in code or not.
fn placeholder(line: &str) -> Option<(usize, usize)> {
    for (open, close) in [('<', '>'), ('[', ']')] {
        let mut from = 0;
        while let Some(at) = line[from..].find(open).map(|at| from + at) {
            from = at + 1;
            let mut near = line[at..].char_indices().take(LABEL);
            let Some(end) = near.find(|(_, char)| *char == close).map(|(end, _)| at + end) else {
                continue;
            };
            let inside = line[at + 1..end].trim().to_lowercase();
            let linked = line[end + 1..].starts_with(['(', '[']);
            if EVIDENCE.begins(&inside).is_some() && !linked {
                return Some((at, end + 1));
            }
        }
    }
    None
}

/// Sections whose heading says that they are done, and that hold open items.
fn unfinished(checklist: &Checklist) -> Vec<Diagnostic> {
    let sections = &checklist.sections;
    let claimed: Vec<bool> = sections.iter().map(|section| claims_done(&section.title)).collect();
    let mut open: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
    for item in &checklist.items {
        let mut around = std::iter::successors(item.section, |&at| sections[at].parent);
        if let Some(section) = around.find(|&at| claimed[at]) {
            let counts = open.entry(section).or_default();
            counts.0 += usize::from(item.claim == Claim::Open);
            counts.1 += 1;
        }
    }
    let open = open.into_iter().filter(|(_, (open, _))| *open > 0);
    open.map(|(at, (open, all))| unfinished_section(checklist, &sections[at], open, all)).collect()
}

fn unfinished_section(
    checklist: &Checklist,
    section: &Section,
    open: usize,
    all: usize,
) -> Diagnostic {
    let start = checklist.source.line_span(section.line).start;
    let how_many = match (open, all) {
        (1, 1) => "its one box is open".to_owned(),
        (open, all) if open == all => format!("all of its {all} boxes are open"),
        (1, all) => format!("1 of its {all} boxes is open"),
        (open, all) => format!("{open} of its {all} boxes are open"),
    };
    Diagnostic {
        code: "HP026",
        severity: Severity::Warning,
        span: Span { start, end: start + checklist.source.line(section.line).len() },
        message: format!("the heading says that this is done, and {how_many}"),
        hint: Some("take the mark off the heading: items and gates say what is done".to_owned()),
        fix: None,
    }
}

/// `Code ✅`, `Migration (completed)`, `✅ Phase 1: done`. A mark in front alone is decoration.
fn claims_done(title: &str) -> bool {
    const MARKS: [char; 4] = ['✅', '☑', '✔', '✓'];
    let title = title.trim_end_matches(['\u{fe0f}', ' ']);
    if title.ends_with(MARKS) {
        return true;
    }
    let lower = title.to_lowercase();
    let lower = lower.trim_end_matches(|char: char| !char.is_alphanumeric());
    // `Done` alone, or behind a dash, a colon or in parentheses: a word that ends a sentence is text.
    DONE.ends(lower).is_some_and(|at| {
        let before = lower[..at].trim_end();
        before.ends_with(['(', ':', '：', '（', '[', '-', '–', '—', '|'])
            || title.starts_with(MARKS)
                && before.trim_matches(|c: char| !c.is_alphanumeric()).is_empty()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_slot_is_told_from_a_filled_one() {
        for empty in [
            "- [x] Restored. Evidence: ____",
            "- [x] Restored — `<evidence>`",
            "- [x] a. **Evidence:** ",
            "- [x] a (Nachweis: …)",
            "- [x] a 证据：____",
            "- [x] a [evidence link]",
            "  Evidence: <link>",
            "- [x] a Evidence: TBD, Date: 2026-01-01",
            "- [x] Preuve : [lien]",
            "Evidence: `____`",
        ] {
            assert!(empty_slot(empty, || false).is_some(), "{empty}");
        }
        for filled in [
            "- [x] Restored. Evidence: CHG-1042",
            "- [x] Evidence is kept",
            "- [x] a. Evidence: [log](x.md)",
            "- [x] [Evidence](x.md)",
            "- [x] Evidence: https://x.example",
            "- [x] Evidence: <https://x.example>",
            "- [x] a: ____",
            "- [x] evidence-based: yes",
        ] {
            assert!(empty_slot(filled, || false).is_none(), "{filled}");
        }
        assert!(empty_slot("- [x] Evidence:", || true).is_none());
    }

    #[test]
    fn a_mark_behind_a_heading_claims_and_one_before_it_decorates() {
        for done in [
            "Code ✅",
            "Phase 1 (COMPLETED)",
            "Phase 1 — done",
            "✅ Done",
            "部署（已完成）",
            "Stufe 1: erledigt",
        ] {
            assert!(claims_done(done), "{done}");
        }
        for not in [
            "✅ Verification",
            "MUST COMPLETE",
            "Definition of done",
            "✅ What has to be done first",
        ] {
            assert!(!claims_done(not), "{not}");
        }
    }
}
