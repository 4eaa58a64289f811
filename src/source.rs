//! A source text with its lines, places in it, and what there is to say about a place.

use std::sync::Arc;

/// A half-open range of byte offsets in a source text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// Offset of the first byte.
    pub start: usize,
    /// Offset behind the last byte.
    pub end: usize,
}

/// A text, the name it is shown by, and where its lines begin.
#[derive(Clone, Debug)]
pub struct Source {
    /// The path as the user gave it.
    pub path: String,
    /// The text, byte order mark and front matter included. Copies of a source share it.
    pub text: Arc<str>,
    line_starts: Arc<[usize]>,
}

impl Source {
    /// Takes a text and indexes its lines; a line ends at LF.
    pub fn new(path: impl Into<String>, text: impl Into<Arc<str>>) -> Self {
        let text = text.into();
        let line_starts = std::iter::once(0)
            .chain(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1))
            .collect();
        Self { path: path.into(), text, line_starts }
    }

    /// How many lines there are; a final LF does not begin another.
    pub fn line_count(&self) -> usize {
        match self.line_starts.last() {
            Some(&last) if last == self.text.len() => self.line_starts.len() - 1,
            _ => self.line_starts.len(),
        }
    }

    /// The line that holds a byte offset, counted from 1.
    pub fn line_of(&self, offset: usize) -> usize {
        self.line_starts.partition_point(|&start| start <= offset)
    }

    /// The line that holds the last byte of a span, counted from 1.
    pub fn last_line_of(&self, span: Span) -> usize {
        self.line_of(span.end.saturating_sub(1).max(span.start))
    }

    /// The column of a byte offset in its line, in characters, counted from 1.
    pub fn column_of(&self, offset: usize) -> usize {
        let start = self.line_starts[self.line_of(offset) - 1];
        self.text.get(start..offset).map_or(1, |before| before.chars().count() + 1)
    }

    /// The text of a line (counted from 1) without its line end; empty where there is none.
    pub fn line(&self, number: usize) -> &str {
        let span = self.line_span(number);
        self.text[span.start..span.end].trim_end_matches(['\n', '\r'])
    }

    /// The bytes of a line (counted from 1), its line end included.
    pub fn line_span(&self, number: usize) -> Span {
        let at = |line: usize| self.line_starts.get(line).copied().unwrap_or(self.text.len());
        Span { start: at(number.saturating_sub(1)), end: at(number) }
    }
}

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Probably not what was meant.
    Warning,
    /// Nothing is run while it stands, or the outcome of its item is `error`.
    Error,
}

/// One finding about a place in a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The code that docs/lint.md explains: `HP012`.
    pub code: &'static str,
    /// How much it weighs.
    pub severity: Severity,
    /// Where it is.
    pub span: Span,
    /// What is wrong: lower case, no full stop, values in backticks.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// What `lint --fix` writes instead; only where it is certain.
    pub fix: Option<Fix>,
}

/// A change of the text that mends what a finding is about, and nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// In the order of the text; they do not overlap.
    pub edits: Vec<Edit>,
}

/// One replacement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What goes; empty where text is only added.
    pub span: Span,
    /// What comes in its place.
    pub text: String,
}

impl Fix {
    /// One replacement.
    pub fn replace(span: Span, text: impl Into<String>) -> Self {
        Self { edits: vec![Edit { span, text: text.into() }] }
    }
}
