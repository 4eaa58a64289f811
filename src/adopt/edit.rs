//! Changes by lines, and the text that they make.

use std::ops::Range;

/// Lines (from 1) that give way to others; an empty range puts the new ones before its line.
#[derive(Clone, Debug)]
pub(super) struct Edit {
    pub(super) lines: Range<usize>,
    pub(super) with: Vec<String>,
    /// The block that it is about (index into `blocks`); none for front matter.
    pub(super) block: Option<usize>,
}

/// A text with edits in it.
pub(super) struct Edited {
    pub(super) text: String,
    /// The lines (from 1) of the new text that an edit made, and the block that it is about.
    pub(super) made: Vec<(Range<usize>, Option<usize>)>,
}

impl Edited {
    /// The block whose edit made a line; `Some(None)` for front matter.
    pub(super) fn maker(&self, line: usize) -> Option<Option<usize>> {
        self.made.iter().find(|(lines, _)| lines.contains(&line)).map(|(_, block)| *block)
    }
}

/// Applies edits that do not overlap; line ends are those of the text.
pub(super) fn apply(text: &str, mut edits: Vec<Edit>) -> Edited {
    edits.sort_by_key(|edit| (edit.lines.start, edit.lines.end));
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut edited = Edited { text: String::with_capacity(text.len()), made: Vec::new() };
    let mut lines =
        text.split_inclusive('\n').enumerate().map(|(at, line)| (at + 1, line)).peekable();
    let mut written = 0;
    for edit in edits {
        while let Some((_, line)) = lines.next_if(|(at, _)| *at < edit.lines.start) {
            push(&mut edited.text, line, end);
            written += 1;
        }
        while lines.next_if(|(at, _)| *at < edit.lines.end).is_some() {}
        let first = written + 1;
        for line in &edit.with {
            push(&mut edited.text, line, end);
            written += 1;
        }
        edited.made.push((first..written + 1, edit.block));
    }
    for (_, line) in lines {
        edited.text.push_str(line);
    }
    edited
}

/// A line, with an end where it has none.
fn push(text: &mut String, line: &str, end: &str) {
    text.push_str(line);
    if !line.ends_with('\n') {
        text.push_str(end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_keep_the_rest_and_tell_what_they_made() {
        let edit = |lines, with: &[&str], block| Edit {
            lines,
            with: with.iter().map(|line| (*line).to_owned()).collect(),
            block,
        };
        let edits = vec![edit(3..4, &["C", "D"], Some(7)), edit(1..1, &["front"], None)];
        let edited = apply("a\r\nb\r\nc\r\nd", edits);
        assert_eq!(edited.text, "front\r\na\r\nb\r\nC\r\nD\r\nd");
        assert_eq!(edited.maker(1), Some(None));
        assert_eq!(edited.maker(4), Some(Some(7)));
        assert_eq!(edited.maker(2), None);
    }
}
