//! Findings as compilers show them: place, message, the line with carets, hint. Of many of one kind
//! the first are shown, and the others listed by their lines.

use std::collections::BTreeMap;

use anstyle::{AnsiColor, Style};
use holdpoint::lint;
use holdpoint::redact::Redactor;
use holdpoint::source::{Diagnostic, Source};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::term::{self, bold, dim, styled, visible};

/// Of findings with one code so many are shown; one more is shown instead of a line that counts it.
const SHOWN: usize = 3;

/// All findings about a text.
pub(super) fn all<'f>(
    findings: impl Iterator<Item = &'f Diagnostic>,
    source: &Source,
    redactor: &Redactor,
) -> Vec<String> {
    // Whatever is wrong in a line, a secret that stands there too is not shown.
    let source = &lint::masked(source, redactor);
    let findings: Vec<&Diagnostic> = findings.collect();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in &findings {
        *counts.entry(finding.code).or_default() += 1;
    }
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let mut more: BTreeMap<&str, Vec<&Diagnostic>> = BTreeMap::new();
    let mut shown = Vec::new();
    for finding in findings {
        let so_far = seen.entry(finding.code).or_default();
        *so_far += 1;
        if *so_far <= SHOWN || counts.get(finding.code).is_some_and(|count| *count <= SHOWN + 1) {
            shown.push(one(finding, source));
        } else {
            more.entry(finding.code).or_default().push(finding);
        }
    }
    shown.extend(more.values().map(|more| rest(more, source)));
    shown
}

/// Those of one code that are not shown, by their lines.
fn rest(findings: &[&Diagnostic], source: &Source) -> String {
    let lines: Vec<usize> =
        findings.iter().map(|finding| source.line_of(finding.span.start)).collect();
    let mut ranges: Vec<(usize, usize)> = Vec::new();
    for line in lines {
        match ranges.last_mut() {
            Some((_, last)) if line <= *last + 1 => *last = line,
            _ => ranges.push((line, line)),
        }
    }
    let ranges: Vec<String> = ranges
        .iter()
        .map(|(first, last)| match first == last {
            true => first.to_string(),
            false => format!("{first}-{last}"),
        })
        .collect();
    let worst = findings.iter().map(|finding| finding.severity).max();
    let (word, colour) = worst.map_or(("note", AnsiColor::Blue), term::severity);
    let code = findings.first().map_or("", |finding| finding.code);
    let text = format!("{} more of these, in lines {}", findings.len(), ranges.join(", "));
    let label = styled(colour.on_default().bold(), &format!("{word}[{code}]"));
    wrapped(&format!("{}: {label}: {text}", bold(&visible(&source.path))), "  ")
}

/// A text at words for a terminal; for anybody else in one line, which can be searched.
fn wrapped(text: &str, indent: &str) -> String {
    if !term::read_by_people() {
        return text.to_owned();
    }
    let options =
        textwrap::Options::new(term::width()).subsequent_indent(indent).break_words(false);
    textwrap::fill(text, options)
}

/// One finding.
pub(super) fn one(finding: &Diagnostic, source: &Source) -> String {
    let (line, column) = (source.line_of(finding.span.start), source.column_of(finding.span.start));
    let (word, colour) = term::severity(finding.severity);
    let style = colour.on_default().bold();
    let path = visible(&source.path);
    // A file that could not be read has no places.
    let place = if source.text.is_empty() { path } else { format!("{path}:{line}:{column}") };
    let label = styled(style, &format!("{word}[{}]", finding.code));
    let head = format!("{}: {label}: {}", bold(&place), visible(&finding.message));
    let mut text = wrapped(&head, "  ");
    let gutter = line.to_string();
    let pad = " ".repeat(gutter.len());
    if !source.line(line).trim().is_empty() {
        text.push_str(&excerpt(source, finding, line, style, &gutter, &pad));
    }
    if let Some(hint) = &finding.hint {
        let label = styled(AnsiColor::Cyan.on_default(), "hint:");
        let hint = format!("{pad} {} {label} {}", dim("="), visible(hint));
        text.push('\n');
        text.push_str(&wrapped(&hint, &" ".repeat(pad.len() + 9)));
    }
    text
}

fn excerpt(
    source: &Source,
    finding: &Diagnostic,
    line: usize,
    style: Style,
    gutter: &str,
    pad: &str,
) -> String {
    let columns = if term::read_by_people() { term::width() } else { 100 };
    let window = Window::around(source, finding, line, columns.saturating_sub(pad.len() + 3));
    let bar = dim("|");
    let carets = styled(style, &"^".repeat(window.marked.max(1)));
    let before = " ".repeat(window.before);
    format!("\n{pad} {bar}\n{gutter} {bar} {}\n{pad} {bar} {before}{carets}", window.text)
}

/// The part of a line that is shown, where its carets begin and how many there are, in columns.
struct Window {
    text: String,
    before: usize,
    marked: usize,
}

impl Window {
    fn around(source: &Source, finding: &Diagnostic, line: usize, columns: usize) -> Self {
        let text = source.line(line);
        let begin = source.line_span(line).start;
        let start = finding.span.start.saturating_sub(begin).min(text.len());
        let same_line = source.last_line_of(finding.span) == line;
        let end = if same_line { finding.span.end.saturating_sub(begin) } else { text.len() };
        let end = end.clamp(start, text.len());
        let (left, marked, right) = (&text[..start], &text[start..end], &text[end..]);
        // What is before it gives way first, but for some context.
        let needed = width(marked).min(columns / 2) + columns / 4;
        let (cut_left, left) = tail(left, columns.saturating_sub(needed).max(columns / 4));
        let room = columns.saturating_sub(width(&left) + 2);
        let (cut_marked, marked) = head(marked, room);
        let (cut_right, right) = head(right, room.saturating_sub(width(&marked)));
        let dots = |cut: bool| if cut { "…" } else { "" };
        Self {
            before: width(&left) + usize::from(cut_left),
            marked: width(&marked),
            text: format!(
                "{}{left}{marked}{right}{}",
                dots(cut_left),
                dots(cut_marked || cut_right)
            ),
        }
    }
}

fn width(text: &str) -> usize {
    // What takes no column has been made visible, and the rest is as wide as terminals draw it.
    visible(text).graphemes(true).map(UnicodeWidthStr::width).sum()
}

/// The beginning of a text in so many columns, and whether something is missing.
fn head(text: &str, columns: usize) -> (bool, String) {
    let kept = fitting(text.graphemes(true), columns);
    let end: usize = kept.iter().map(|part| part.len()).sum();
    (end < text.len(), visible(&text[..end]))
}

/// The end of a text in so many columns.
fn tail(text: &str, columns: usize) -> (bool, String) {
    let kept = fitting(text.graphemes(true).rev(), columns);
    let from = text.len() - kept.iter().map(|part| part.len()).sum::<usize>();
    (from > 0, visible(&text[from..]))
}

fn fitting<'t>(parts: impl Iterator<Item = &'t str>, columns: usize) -> Vec<&'t str> {
    let mut used = 0;
    let fits = |part: &&str| {
        used += width(part);
        used <= columns
    };
    parts.take_while(fits).collect()
}
