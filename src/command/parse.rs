//! Trees of a script by the grammar of the shell, at a cost that the script cannot choose.
//!
//! The grammar recovers from errors, but what it makes of the rest is a guess, and a hostile script
//! can make it guess for hours. So it ends at the first error, and goes on line by line.

use std::cell::Cell;
use std::ops::{ControlFlow, Range};
use std::sync::LazyLock;

use tree_sitter::{Language, ParseOptions, ParseState, Parser, Point, Tree};

/// Longer scripts are not looked at.
const MOST_BYTES: usize = 64 * 1024;

/// More lines than these are not looked at one by one.
const MOST_LINES: usize = 1024;

/// The cost of a statement grows with the square of its pipes, redirects and backticks.
const MOST_PARTS: usize = 64;

/// The cost of a token grows with the number of here-documents that are open.
const MOST_DOCUMENTS: usize = 32;

/// The cost of an error grows with how deep it lies.
const MOST_OPEN: usize = 64;

/// How much the grammar reads at once, in bytes.
const CHUNK: usize = 512;

/// How often it may read the whole of a script.
const READINGS: usize = 4;

/// What the grammar makes of a script.
pub(super) enum Parsed {
    /// It can read all of it.
    Whole(Tree),
    /// It cannot; what it makes of each line.
    Lines(Vec<(Range<usize>, usize, Option<Tree>)>),
    /// There is too much of it.
    TooMuch,
}

/// Parses a script.
pub(super) fn parse(script: &str) -> Parsed {
    static LANGUAGE: LazyLock<Language> = LazyLock::new(|| tree_sitter_bash::LANGUAGE.into());
    let mut parser = Parser::new();
    if script.len() > MOST_BYTES || is_too_much(script) || parser.set_language(&LANGUAGE).is_err() {
        return Parsed::TooMuch;
    }
    if let Some(tree) = tree(&mut parser, script) {
        return Parsed::Whole(tree);
    }
    let lines = lines(script);
    if lines.len() > MOST_LINES {
        return Parsed::TooMuch;
    }
    if let [(range, row)] = lines.as_slice() {
        return Parsed::Lines(vec![(range.clone(), *row, None)]);
    }
    let parsed = lines.into_iter().map(|(range, row)| {
        let tree =
            only(&mut parser, script, &range, row).then(|| tree(&mut parser, script)).flatten();
        (range, row, tree)
    });
    Parsed::Lines(parsed.collect())
}

/// A tree without an error.
fn tree(parser: &mut Parser, script: &str) -> Option<Tree> {
    let bytes = script.as_bytes();
    // At an error the grammar's scanner looks ahead to the end, again and again.
    let budget = Cell::new(READINGS * (16 + bytes.len() / CHUNK));
    let mut read = |at: usize, _: Point| {
        let left = budget.get();
        budget.set(left.saturating_sub(1));
        let end = script.ceil_char_boundary((at / CHUNK + 1) * CHUNK);
        if left == 0 { &[] } else { bytes.get(at..end).unwrap_or_default() }
    };
    let mut watch = |state: &ParseState| match state.has_error() || budget.get() == 0 {
        true => ControlFlow::Break(()),
        false => ControlFlow::Continue(()),
    };
    let options = ParseOptions::new().progress_callback(&mut watch);
    let tree = parser.parse_with_options(&mut read, None, Some(options));
    parser.reset();
    tree.filter(|tree| budget.get() > 0 && !tree.root_node().has_error())
}

/// Lets the parser see nothing but a line.
fn only(parser: &mut Parser, script: &str, range: &Range<usize>, row: usize) -> bool {
    let text = &script[range.clone()];
    let last = text.rfind('\n').map_or(text.len(), |at| text.len() - at - 1);
    let range = tree_sitter::Range {
        start_byte: range.start,
        end_byte: range.end,
        start_point: Point::new(row, 0),
        end_point: Point::new(row + text.matches('\n').count(), last),
    };
    parser.set_included_ranges(&[range]).is_ok()
}

/// Lines that are neither blank nor comments, with those that continue them, and their numbers.
fn lines(script: &str) -> Vec<(Range<usize>, usize)> {
    let mut lines: Vec<(Range<usize>, usize)> = Vec::new();
    let mut at = 0;
    let mut continues = false;
    for (row, line) in script.split_inclusive('\n').enumerate() {
        let range = at..at + line.len();
        at = range.end;
        let text = line.trim();
        match lines.last_mut().filter(|_| continues) {
            Some((last, _)) => last.end = range.end,
            None if text.is_empty() || text.starts_with('#') => continue,
            None => lines.push((range, row)),
        }
        continues = text.ends_with('\\');
    }
    lines
}

fn is_too_much(script: &str) -> bool {
    let (mut parts, mut documents, mut open) = (0, 0, 0usize);
    for line in script.lines() {
        parts += line.matches(['|', '<', '>', '`']).count();
        documents += line.matches("<<").count();
        for byte in line.bytes() {
            match byte {
                b'(' => open += 1,
                b')' => open = open.saturating_sub(1),
                _ => continue,
            }
            if open > MOST_OPEN {
                return true;
            }
        }
        if parts > MOST_PARTS || documents > MOST_DOCUMENTS {
            return true;
        }
        if !line.trim_end().ends_with(['|', '\\']) {
            parts = 0;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_keep_what_continues_them() {
        let lines = lines("a \\\n b\n\n# c\nd\n");
        assert_eq!(lines, [(0..7, 0), (12..14, 4)]);
    }

    #[test]
    fn an_error_leaves_the_other_lines_readable() {
        let Parsed::Lines(lines) = parse("if x\nls\n") else { panic!("read as a whole") };
        let readable: Vec<bool> = lines.iter().map(|(_, _, tree)| tree.is_some()).collect();
        assert_eq!(readable, [false, true]);
    }

    #[test]
    fn what_would_take_hours_is_left_alone() {
        for script in
            ["a|".repeat(1000), "cat <<X ".repeat(1000), "(a".repeat(99), "a\n".repeat(200_000)]
        {
            assert!(matches!(parse(&script), Parsed::TooMuch));
        }
    }
}
