//! The lines of a document, each with what it is part of.

use crate::checklist::{Block, Checklist, Mark};
use crate::source::{Diagnostic, Severity, Span};

/// One line.
#[derive(Clone, Copy)]
pub(super) struct Line<'c> {
    /// From 1.
    pub(super) number: usize,
    /// Where it begins in the file.
    pub(super) start: usize,
    /// Without its line end, and without a byte order mark.
    pub(super) text: &'c str,
    /// The code block that it is a line of.
    pub(super) block: Option<&'c Block>,
}

/// The lines behind front matter, in order.
pub(super) fn lines(checklist: &Checklist) -> impl Iterator<Item = Line<'_>> {
    let source = &checklist.source;
    let mut blocks = checklist.blocks.iter().peekable();
    let first = source.line_of(checklist.begins);
    (first..=source.line_count()).map(move |number| {
        let span = source.line_span(number);
        while blocks.next_if(|block| block.span.end <= span.start).is_some() {}
        let block = blocks.peek().copied().filter(|block| block.span.start <= span.start);
        let start = span.start.max(checklist.begins);
        let text = source.text[start..span.end].trim_end_matches(['\n', '\r']);
        Line { number, start, text, block }
    })
}

impl Line<'_> {
    /// It is part of a block that somebody marked, whether rightly or not.
    pub(super) fn is_marked(&self) -> bool {
        self.block.is_some_and(|block| block.mark != Mark::None)
    }

    /// A place in it as a place in the file.
    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        Span { start: self.start + start, end: self.start + end }
    }

    /// All of it but the blanks around it.
    pub(super) fn whole(&self) -> Span {
        let indent = self.text.len() - self.text.trim_start().len();
        self.span(indent, self.text.trim_end().len().max(indent))
    }

    /// A warning about a part of it.
    pub(super) fn doubt(
        &self,
        code: &'static str,
        span: Span,
        message: String,
        hint: impl Into<String>,
    ) -> Diagnostic {
        let hint = Some(hint.into());
        Diagnostic { code, severity: Severity::Warning, span, message, hint, fix: None }
    }
}
