//! The second reader: pulldown-cmark must find the same items and the same marked blocks.
//!
//! Two parsers by different authors rarely err alike; where they differ, what reviewers saw may not
//! be what would run.

use std::collections::{BTreeMap, BTreeSet};

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use crate::digest::Digest;
use crate::source::{Diagnostic, Severity, Source, Span};

use super::parse::Outline;
use super::{Checklist, Claim, ItemKind, Mark, mark, words};

/// What stands in a line, as far as running depends on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    Task { ticked: bool },
    Block { info: String, content: Digest },
}

/// What one reader finds, with the line of each, in their order.
pub(super) type Finds = Vec<(usize, Found)>;

/// A diagnostic for each line on which the readers differ.
pub(super) fn disputes(
    checklist: &Checklist,
    outline: &Outline,
    second: &Finds,
) -> Vec<Diagnostic> {
    let first = first(checklist, outline);
    if first == *second {
        return Vec::new();
    }
    let (first, second) = (by_line(&first), by_line(second));
    let lines: BTreeSet<usize> = first.keys().chain(second.keys()).copied().collect();
    lines
        .into_iter()
        .filter(|line| first.get(line) != second.get(line))
        .map(|line| {
            let start = checklist.source.line_span(line).start;
            Diagnostic {
                code: "HP001",
                severity: Severity::Error,
                span: Span { start, end: start + checklist.source.line(line).len() },
                message: format!(
                    "two readers differ here: comrak finds {}, pulldown-cmark {}",
                    describe(first.get(&line)),
                    describe(second.get(&line))
                ),
                hint: Some("write it plainly; nothing runs while they differ".to_owned()),
                fix: None,
            }
        })
        .collect()
}

fn by_line(finds: &Finds) -> BTreeMap<usize, Vec<&Found>> {
    let mut lines: BTreeMap<usize, Vec<&Found>> = BTreeMap::new();
    for (line, found) in finds {
        lines.entry(*line).or_default().push(found);
    }
    lines
}

fn describe(found: Option<&Vec<&Found>>) -> String {
    let Some(found) = found else {
        return "nothing".to_owned();
    };
    let words: Vec<String> = found
        .iter()
        .map(|found| match found {
            Found::Task { ticked: true } => "a ticked task".to_owned(),
            Found::Task { ticked: false } => "a task".to_owned(),
            Found::Block { info, content } => {
                format!("a block `{info}` ({})", &content.to_string()[..8])
            }
        })
        .collect();
    words.join(" and ")
}

fn first(checklist: &Checklist, outline: &Outline) -> Finds {
    let mut finds = Finds::new();
    for (_, item) in checklist
        .items
        .iter()
        .enumerate()
        .filter(|(at, item)| item.kind == ItemKind::Task && !outline.boxed.contains(at))
    {
        finds.push((item.line, Found::Task { ticked: item.claim == Claim::Done }));
    }
    for &(line, ticked) in &outline.options {
        finds.push((line, Found::Task { ticked }));
    }
    for block in checklist.blocks.iter().filter(|block| block.mark != Mark::None) {
        let found = Found::Block { info: block.info.clone(), content: digest(&block.content) };
        finds.push((block.line, found));
    }
    finds.sort_by_key(|(line, _)| *line);
    finds
}

/// What Git hosts render.
pub(super) fn options() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_GFM
}

/// What the second reader finds behind the front matter.
pub(super) fn second(source: &Source, body: usize) -> Finds {
    let mut finds = Finds::new();
    let mut block: Option<(usize, String, String)> = None;
    for (event, range) in Parser::new_ext(&source.text[body..], options()).into_offset_iter() {
        let line = || source.line_of(body + range.start);
        match event {
            Event::TaskListMarker(ticked) => {
                let line = line();
                // Here the readers are known to differ, and the parser of Git hosts with both.
                let behind = body + range.end..source.line_span(line).end;
                if source.text.get(behind).is_some_and(words::follows_box) {
                    finds.push((line, Found::Task { ticked }));
                }
            }
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                block = Some((line(), info.trim().to_owned(), String::new()));
            }
            Event::Text(text) => {
                if let Some((.., content)) = &mut block {
                    content.push_str(&text);
                }
            }
            Event::End(TagEnd::CodeBlock) => {
                if let Some((line, info, content)) =
                    block.take().filter(|(_, info, _)| mark::of_block(info) != Mark::None)
                {
                    finds.push((line, Found::Block { info, content: digest(&content) }));
                }
            }
            _ => {}
        }
    }
    finds.sort_by_key(|(line, _)| *line);
    finds
}

/// Line ends and those at the end do not change what runs.
fn digest(content: &str) -> Digest {
    Digest::of(content.replace("\r\n", "\n").trim_end_matches('\n').as_bytes())
}
