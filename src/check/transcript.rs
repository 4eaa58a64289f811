//! What a command is to print, line by line: `...` stands for any lines, `[..]` for any characters.

use std::cell::Cell;

use serde::{Deserialize, Serialize};

use super::template::{Template, Values};

/// So many bytes are looked at before a comparison is given up.
const MOST: usize = 64 << 20;

/// A line that stands for any lines.
const LINES: &str = "...";

/// What stands for any characters in a line.
const CHARACTERS: &str = "[..]";

/// The lines that are expected, blanks at their ends and blank lines at the end of all aside.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Transcript(Vec<Line>);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Line {
    /// Any number of lines.
    Any,
    /// Texts with any characters between them.
    Texts(Vec<String>),
}

/// How an output differs. Lines count from 0.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Difference {
    /// Another line stands in this place, or none does.
    Line { number: usize, expected: String },
    /// More lines than are expected; this is the first.
    More { number: usize },
    /// No line from this one on.
    Missing { from: usize, expected: String },
    /// It takes too long to tell.
    Unclear,
}

impl Transcript {
    /// Reads the lines below a command.
    pub(super) fn read<'l>(lines: impl Iterator<Item = &'l str>) -> Self {
        let mut read: Vec<Line> = lines
            .map(|line| match line.trim_end() {
                LINES => Line::Any,
                text => Line::Texts(text.split(CHARACTERS).map(str::to_owned).collect()),
            })
            .collect();
        while read.last().is_some_and(Line::is_blank) {
            read.pop();
        }
        Self(read)
    }

    /// It with the values of parameters, in which nothing is a wildcard.
    ///
    /// # Errors
    /// When a name has no value.
    pub(super) fn filled(&self, values: &Values) -> Result<Self, String> {
        let fill = |text: &String| Template::read(text).fill(values);
        let lines = self.0.iter().map(|line| match line {
            Line::Any => Ok(Line::Any),
            Line::Texts(texts) => texts.iter().map(fill).collect::<Result<_, _>>().map(Line::Texts),
        });
        lines.collect::<Result<_, String>>().map(Self)
    }

    /// As people read it in one line.
    pub(super) fn written(&self) -> String {
        match self.0[..] {
            [] => "no output".to_owned(),
            ref lines => lines.iter().map(Line::written).collect::<Vec<_>>().join(" ↵ "),
        }
    }

    /// How an output differs from it, if it does.
    pub(super) fn difference(&self, output: &str) -> Option<Difference> {
        let mut seen: Vec<&str> = output.lines().map(str::trim_end).collect();
        while seen.last().is_some_and(|line| line.is_empty()) {
            seen.pop();
        }
        let left = Cell::new(MOST);
        let differs = self.compare(&seen, &left);
        if left.get() == 0 { Some(Difference::Unclear) } else { differs }
    }

    fn compare(&self, seen: &[&str], left: &Cell<usize>) -> Option<Difference> {
        let mut parts = self.0.split(|line| *line == Line::Any);
        let head = parts.next().unwrap_or_default();
        let differs = at(head, seen, 0, left);
        if differs.is_some() {
            return differs;
        }
        let Some(mut part) = parts.next() else {
            let number = head.len();
            return (seen.len() > number).then_some(Difference::More { number });
        };
        let mut from = head.len();
        for next in parts {
            let last = seen.len().saturating_sub(part.len());
            match (from..=last).find(|&start| at(part, seen, start, left).is_none()) {
                Some(start) => from = start + part.len(),
                None => return missing(part, from),
            }
            part = next;
        }
        match seen.len().checked_sub(part.len()).filter(|start| *start >= from) {
            Some(start) => at(part, seen, start, left),
            None => missing(part, from),
        }
    }
}

/// How the lines from `start` on differ from those that are expected there.
fn at(part: &[Line], seen: &[&str], start: usize, left: &Cell<usize>) -> Option<Difference> {
    let differs = part.iter().enumerate().find(|(offset, line)| {
        !seen.get(start + offset).is_some_and(|text| line.matches(text, left))
    });
    let (offset, line) = differs?;
    Some(Difference::Line { number: start + offset, expected: line.written() })
}

fn missing(part: &[Line], from: usize) -> Option<Difference> {
    let expected = part.first().map(Line::written)?;
    Some(Difference::Missing { from, expected })
}

impl Line {
    fn is_blank(&self) -> bool {
        matches!(self, Self::Texts(texts) if texts.iter().all(String::is_empty) && texts.len() == 1)
    }

    fn written(&self) -> String {
        match self {
            Self::Any => LINES.to_owned(),
            Self::Texts(texts) => texts.join(CHARACTERS),
        }
    }

    /// Whether a line is as this one; what that costs is taken from what is `left`.
    fn matches(&self, line: &str, left: &Cell<usize>) -> bool {
        let Self::Texts(texts) = self else { return false };
        left.set(left.get().saturating_sub(line.len() + texts.len()));
        if left.get() == 0 {
            return false;
        }
        match &texts[..] {
            [] => false,
            [text] => line == text.trim_end(),
            [first, between @ .., last] => {
                let Some(mut rest) = line.strip_prefix(first.as_str()) else { return false };
                for text in between {
                    let Some(at) = rest.find(text.as_str()) else { return false };
                    rest = &rest[at + text.len()..];
                }
                rest.ends_with(last.trim_end())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn differs(expected: &str, output: &str) -> Option<Difference> {
        Transcript::read(expected.lines()).difference(output)
    }

    #[test]
    fn lines_are_compared_as_they_stand_but_for_blanks_at_their_ends() {
        for (expected, output) in [
            ("", ""),
            ("", "\n\n"),
            ("a\n b\n\n", "a  \r\n b\n"),
            ("...", ""),
            ("...", "a\nb"),
            ("a\n...\nd", "a\nb\nc\nd\n"),
            ("a\n...\nd", "a\nd"),
            ("...\nb\n...\nb", "a\nb\nb\n"),
            ("...\nb\nc\n...", "b\nb\nc\nd\n"),
            ("v[..].[..]-[..]", "v1.2-rc\n"),
            ("[..]", ""),
            ("up [..] days", "up 3 days"),
        ] {
            let expected_empty = expected == "[..]" && output.is_empty();
            assert_eq!(differs(expected, output).is_some(), expected_empty, "{expected} {output}");
        }
    }

    #[test]
    fn the_first_line_that_differs_is_told() {
        let line =
            |number, expected: &str| Some(Difference::Line { number, expected: expected.into() });
        assert_eq!(differs("a\nb", "a\nc"), line(1, "b"));
        assert_eq!(differs("a\nb", "a"), line(1, "b"));
        assert_eq!(differs("a", " a"), line(0, "a"));
        assert_eq!(differs("a", "a\nb"), Some(Difference::More { number: 1 }));
        assert_eq!(differs("", "a"), Some(Difference::More { number: 0 }));
        assert_eq!(differs("a\n...\nd", "a\nd\ne"), line(2, "d"));
        let missing = Difference::Missing { from: 1, expected: "x".into() };
        assert_eq!(differs("a\n...\nx\n...", "a\nb"), Some(missing));
        assert!(differs("a\n...\na", "a").is_some());
        assert!(differs("a[..]a", "a").is_some());
    }

    #[test]
    fn what_would_take_too_long_is_not_told() {
        let expected = format!("...\n{}b\n...\n", "a\n".repeat(8_000));
        assert_eq!(differs(&expected, &"a\n".repeat(400_000)), Some(Difference::Unclear));
    }

    #[test]
    fn values_hold_no_wildcards() {
        let values = Values::from([("V".to_owned(), "[..]".to_owned())]);
        let filled = Transcript::read(["a {{V}}"].into_iter()).filled(&values).expect("a value");
        assert_eq!(filled.difference("a [..]"), None);
        assert!(filled.difference("a b").is_some());
    }
}
