//! docs/lint.md as data: what each code means, with an example and the fix.

use std::fmt;

/// The document that explains every finding.
const BOOK: &str = include_str!("../../docs/lint.md");

/// What the document says of one code; Markdown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// `HP012`.
    pub code: &'static str,
    /// `error`, `warning` or `note`, or more than one of them.
    pub severity: &'static str,
    /// What is wrong.
    pub meaning: String,
    /// A line that has it.
    pub example: String,
    /// What to do.
    pub fix: String,
}

/// All codes, in order.
pub fn entries() -> impl Iterator<Item = Entry> {
    BOOK.lines().filter_map(entry)
}

/// What there is to say about a code.
pub fn explain(code: &str) -> Option<Entry> {
    entries().find(|entry| entry.code.eq_ignore_ascii_case(code))
}

/// A row of one of the tables: code, severity where it varies, meaning, example, fix.
fn entry(line: &'static str) -> Option<Entry> {
    let cells = cells(line);
    let code = *cells.first().filter(|code| code.starts_with("HP") && code.len() == 5)?;
    let plain = |cell: &str| cell.replace("\\|", "|");
    let (severity, rest) = match cells.len() {
        5 => (cells[1], &cells[2..]),
        // The table of checks has no column for it.
        4 => (if cells[1].starts_with("a warning") { "warning" } else { "error" }, &cells[1..]),
        _ => return None,
    };
    Some(Entry {
        code,
        severity,
        meaning: plain(rest[0]),
        example: plain(rest[1]),
        fix: plain(rest[2]),
    })
}

/// The cells of a row; a bar behind a backslash is text.
fn cells(line: &'static str) -> Vec<&'static str> {
    let Some(row) = line.strip_prefix('|').and_then(|row| row.trim_end().strip_suffix('|')) else {
        return Vec::new();
    };
    let mut cells = Vec::new();
    let mut from = 0;
    for (at, _) in row.match_indices('|') {
        if !row[..at].ends_with('\\') {
            cells.push(row[from..at].trim());
            from = at + 1;
        }
    }
    cells.push(row[from..].trim());
    cells
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} ({})\n\n{}\n", self.code, self.severity, self.meaning)?;
        write!(f, "For example: {}\nWhat to do:  {}", self.example, self.fix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_read_whole() {
        let rows = BOOK.lines().filter(|line| line.starts_with("| HP")).count();
        assert_eq!(entries().count(), rows);
        assert!(entries().all(|entry| !entry.meaning.is_empty() && !entry.fix.is_empty()));
        let pipeline = explain("hp108").expect("a code");
        assert!(pipeline.example.contains("false | cat"), "{pipeline:?}");
        assert_eq!(explain("XX999"), None);
    }
}
