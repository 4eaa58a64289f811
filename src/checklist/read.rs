//! Bytes → [`Reading`]: decoding, front matter, the tree, gates, and the second reader's opinion.

use std::fmt;
use std::sync::Arc;

use crate::digest::Digest;
use crate::source::{Diagnostic, Severity, Source, Span};

use super::{Checklist, Reading, agree, front, gates, parse};

/// The largest checklist that is read: 16 MiB.
pub const LIMIT: usize = 16 << 20;

/// How deep lists and quotes may nest.
pub(super) const DEPTH: usize = 100;

/// Why a file is no checklist at all.
#[derive(Clone, Debug)]
pub struct Unreadable {
    /// What could be made out of it, for showing the place.
    pub source: Box<Source>,
    /// What is wrong, and what to do.
    pub finding: Diagnostic,
}

impl Unreadable {
    /// A file that is refused for what stands at an offset of its text; without a text, as a whole.
    pub fn new(source: Source, at: usize, message: impl Into<String>, hint: &str) -> Self {
        let end = source.text[at..].chars().next().map_or(at, |char| at + char.len_utf8());
        let finding = Diagnostic {
            code: "HP018",
            severity: Severity::Error,
            span: Span { start: at, end },
            message: message.into(),
            hint: Some(hint.to_owned()),
            fix: None,
        };
        Self { source: Box::new(source), finding }
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (source, start) = (&self.source, self.finding.span.start);
        f.write_str(&source.path)?;
        if !source.text.is_empty() {
            write!(f, ":{}:{}", source.line_of(start), source.column_of(start))?;
        }
        write!(f, ": {}", self.finding.message)
    }
}

impl std::error::Error for Unreadable {}

/// Reads a checklist; `path` is how it is shown.
///
/// # Errors
/// When the bytes are not a text that the two readers can be given: not UTF-8, too large, nested
/// too deep. Everything else is a diagnostic.
pub fn read(path: &str, bytes: &[u8]) -> Result<Reading, Unreadable> {
    let text = decode(path, bytes)?;
    let source = Source::new(path, text);
    plain_lines(&source)?;
    bounded(&source)?;
    let mut diagnostics = Vec::new();
    let head = front::cut(&source, &mut diagnostics);
    let mut checklist = Checklist {
        sha256: Digest::of(bytes),
        title: String::new(),
        front: head.front,
        sections: Vec::new(),
        items: Vec::new(),
        blocks: Vec::new(),
        gates: Vec::new(),
        begins: head.body,
        body: Vec::new(),
        source,
    };
    let source = checklist.source.clone();
    let (outline, second) = std::thread::scope(|scope| {
        let second = scope.spawn(|| agree::second(&source, head.body));
        let body = &source.text[head.body..];
        let outline = parse::fill(&mut checklist, body, &mut diagnostics);
        gates::fill(&mut checklist, &outline, &mut diagnostics);
        (outline, second.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    });
    let disputes = agree::disputes(&checklist, &outline, &second);
    let disputed = !disputes.is_empty();
    diagnostics.extend(disputes);
    if checklist.items.is_empty() {
        diagnostics.push(Diagnostic {
            code: "HP006",
            severity: Severity::Warning,
            span: Span { start: 0, end: 0 },
            message: "there is no item in this checklist".to_owned(),
            hint: Some("an item is a line such as `- [ ] backups are tested`".to_owned()),
            fix: None,
        });
    }
    diagnostics.sort_by_key(|finding| (finding.span.start, finding.code));
    Ok(Reading { checklist: Arc::new(checklist), diagnostics, disputed })
}

fn decode<'a>(path: &str, bytes: &'a [u8]) -> Result<&'a str, Unreadable> {
    let refuse = |message: &str, hint| Unreadable::new(Source::new(path, ""), 0, message, hint);
    if bytes.len() > LIMIT {
        let (size, limit) = (bytes.len() >> 20, LIMIT >> 20);
        let message = format!("the file has {size} MiB, and a checklist may have {limit} MiB");
        return Err(refuse(&message, "is this the right file?"));
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        let hint = "save it as UTF-8: `iconv -f UTF-16 -t UTF-8 OLD > NEW`";
        return Err(refuse("the file is UTF-16", hint));
    }
    std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        let source = Source::new(path, String::from_utf8_lossy(bytes));
        let hint = "save the file as UTF-8: `iconv -f LATIN1 -t UTF-8 OLD > NEW`";
        Unreadable::new(source, at, format!("byte 0x{:02x} is not UTF-8", bytes[at]), hint)
    })
}

/// A zero byte means another kind of file. A carriage return alone ends a line for Markdown and for
/// nothing else, so places would be wrong.
fn plain_lines(source: &Source) -> Result<(), Unreadable> {
    let bytes = source.text.as_bytes();
    let odd = memchr::memchr2_iter(0, b'\r', bytes)
        .find(|&at| bytes[at] == 0 || bytes.get(at + 1) != Some(&b'\n'));
    let Some(at) = odd else {
        return Ok(());
    };
    let (what, hint) = match bytes[at] {
        0 => ("a zero byte", "is this the right file?"),
        _ => ("a carriage return without a line feed", "end lines with LF or CRLF"),
    };
    Err(Unreadable::new(source.clone(), at, what, hint))
}

/// Both parsers recurse or grow with nesting; what no author writes is refused before they see it.
fn bounded(source: &Source) -> Result<(), Unreadable> {
    let deep = (1..=source.line_count()).find(|&number| nesting(source.line(number)) > DEPTH);
    deep.map_or(Ok(()), |number| {
        let at = source.line_span(number).start;
        let message = format!("lists or quotes nest deeper than {DEPTH}");
        Err(Unreadable::new(source.clone(), at, message, "write fewer levels"))
    })
}

/// An upper bound of the containers that a line opens or continues; 0 for ordinary text.
fn nesting(line: &str) -> usize {
    let mut columns = 0;
    let mut markers = 0;
    let mut rest = line;
    loop {
        let trimmed = rest.trim_start_matches([' ', '\t']);
        columns += rest[..rest.len() - trimmed.len()]
            .chars()
            .map(|c| if c == '\t' { 4 } else { 1 })
            .sum::<usize>();
        let digits = trimmed.trim_start_matches(|c: char| c.is_ascii_digit());
        rest = if let Some(rest) = trimmed.strip_prefix('>') {
            rest
        } else if let Some(rest) =
            trimmed.strip_prefix(['-', '*', '+']).filter(|rest| rest.starts_with([' ', '\t']))
        {
            rest
        } else if digits.len() < trimmed.len()
            && digits.starts_with(['.', ')'])
            && trimmed.len() - digits.len() < 10
        {
            &digits[1..]
        } else {
            return if markers == 0 { 0 } else { markers + columns / 2 };
        };
        markers += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nesting_counts_containers_and_not_long_lines() {
        assert_eq!(nesting("text"), 0);
        assert_eq!(nesting(&format!("{}text", " ".repeat(500))), 0);
        assert!(nesting(&format!("{}- item", " ".repeat(500))) > DEPTH);
        assert!(nesting(&">".repeat(500)) > DEPTH);
        assert!(nesting(&"- ".repeat(500)) > DEPTH);
        assert!(nesting("  - > 1. [ ] item") <= 10);
    }

    #[test]
    fn a_file_of_another_encoding_is_placed() {
        let error = read("a.md", b"# R\n\n- caf\xe9").expect_err("refused");
        assert!(error.to_string().starts_with("a.md:3:6: byte 0xe9"), "{error}");
        assert!(read("a.md", b"\xff\xfea\0").expect_err("refused").to_string().contains("UTF-16"));
    }
}
