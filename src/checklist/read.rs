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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// What is wrong, with file and line.
    pub message: String,
    /// What to do.
    pub hint: String,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
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
        body: Vec::new(),
        begins: head.body,
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
    let refuse = |message: String, hint: &str| Err(Unreadable { message, hint: hint.to_owned() });
    if bytes.len() > LIMIT {
        let size = bytes.len() >> 20;
        return refuse(
            format!("{path} has {size} MiB, and a checklist may have {} MiB", LIMIT >> 20),
            "is this the right file?",
        );
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return refuse(
            format!("{path} is UTF-16"),
            "save it as UTF-8: `iconv -f UTF-16 -t UTF-8 OLD > NEW`",
        );
    }
    std::str::from_utf8(bytes).or_else(|error| {
        let good = &bytes[..error.valid_up_to()];
        let line = good.iter().filter(|byte| **byte == b'\n').count() + 1;
        let start = good.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let column = String::from_utf8_lossy(&good[start..]).chars().count() + 1;
        let byte = bytes[error.valid_up_to()];
        refuse(
            format!("{path}:{line}:{column}: byte 0x{byte:02x} is not UTF-8"),
            "save the file as UTF-8: `iconv -f LATIN1 -t UTF-8 OLD > NEW`",
        )
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
    let place = format!("{}:{}:{}", source.path, source.line_of(at), source.column_of(at));
    let (what, hint) = match bytes[at] {
        0 => ("a zero byte", "is this the right file?"),
        _ => ("a carriage return without a line feed", "end lines with LF or CRLF"),
    };
    Err(Unreadable { message: format!("{place}: {what}"), hint: hint.to_owned() })
}

/// Both parsers recurse or grow with nesting; what no author writes is refused before they see it.
fn bounded(source: &Source) -> Result<(), Unreadable> {
    for number in 1..=source.line_count() {
        if nesting(source.line(number)) > DEPTH {
            return Err(Unreadable {
                message: format!(
                    "{}:{number}: lists or quotes nest deeper than {DEPTH}",
                    source.path
                ),
                hint: "write fewer levels".to_owned(),
            });
        }
    }
    Ok(())
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
        assert!(error.message.starts_with("a.md:3:6: byte 0xe9"), "{error}");
        assert!(read("a.md", b"\xff\xfea\0").expect_err("refused").message.contains("UTF-16"));
    }
}
