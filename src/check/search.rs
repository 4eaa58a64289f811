//! Looks for texts in output while it streams by, in bounded memory.

use regex::bytes::Regex;

use super::expect::{Assertion, Channel, TextTest, regex_of};

/// Lines longer than this are not matched against a regex: 1 MiB.
const LINE: usize = 1 << 20;

/// What is looked for while bytes stream by.
pub(super) enum Search {
    Lines { wanted: Vec<Vec<u8>>, recent: Vec<Vec<u8>>, line: Collapsed, found: bool },
    Text { finder: Regex, length: usize, held: Vec<u8>, found: bool },
    Line { regex: Regex, line: Vec<u8>, too_long: bool, unclear: bool, found: bool },
}

/// A line with its blanks trimmed and collapsed, kept no longer than it can matter.
#[derive(Default)]
pub(super) struct Collapsed {
    text: Vec<u8>,
    limit: usize,
    blank: bool,
}

impl Search {
    /// What has to be looked for on a stream, if anything.
    pub(super) fn of(assertion: &Assertion, channel: Channel) -> Option<Self> {
        match assertion {
            Assertion::Lines(lines) if channel == Channel::Stdout => {
                let wanted: Vec<Vec<u8>> = lines.iter().map(|line| collapse(line)).collect();
                let limit = wanted.iter().map(Vec::len).max().unwrap_or(0) + 1;
                let line = Collapsed { limit, ..Collapsed::default() };
                Some(Self::Lines { wanted, recent: Vec::new(), line, found: false })
            }
            Assertion::Text { stream, test, .. }
                if *stream == channel || *stream == Channel::Both =>
            {
                match test {
                    TextTest::Contains(text) => {
                        Regex::new(&regex::escape(text)).ok().map(|finder| Self::Text {
                            finder,
                            length: text.len(),
                            held: Vec::new(),
                            found: false,
                        })
                    }
                    TextTest::Matches(pattern) => regex_of(pattern).ok().map(|regex| Self::Line {
                        regex,
                        line: Vec::new(),
                        too_long: false,
                        unclear: false,
                        found: false,
                    }),
                    TextTest::Equals(_) | TextTest::Empty => None,
                }
            }
            _ => None,
        }
    }

    pub(super) fn feed(&mut self, piece: &[u8]) {
        match self {
            Self::Lines { wanted, recent, line, found } => {
                let mut rest = piece;
                while !*found && let Some(at) = rest.iter().position(|byte| *byte == b'\n') {
                    line.push(&rest[..at]);
                    *found = complete(line, recent, wanted);
                    rest = &rest[at + 1..];
                }
                line.push(rest);
            }
            Self::Text { finder, length, held, found } => {
                if !*found {
                    held.extend_from_slice(piece);
                    *found = finder.is_match(held);
                    let keep = held.len().saturating_sub(*length - 1);
                    held.drain(..keep);
                }
            }
            Self::Line { regex, line, too_long, unclear, found } => {
                let mut rest = piece;
                while !*found && let Some(at) = rest.iter().position(|byte| *byte == b'\n') {
                    push_bounded(line, &rest[..at], too_long);
                    *found = !*too_long && regex.is_match(without_return(line));
                    *unclear |= *too_long;
                    *too_long = false;
                    line.clear();
                    rest = &rest[at + 1..];
                }
                push_bounded(line, rest, too_long);
            }
        }
    }

    pub(super) fn end(&mut self) {
        match self {
            Self::Lines { wanted, recent, line, found } => {
                *found = *found || complete(line, recent, wanted)
            }
            Self::Text { .. } => {}
            Self::Line { regex, line, too_long, unclear, found } => {
                *unclear |= *too_long;
                *found = *found
                    || !line.is_empty() && !*too_long && regex.is_match(without_return(line));
            }
        }
    }

    /// Whether it was there; `None`: part of the output could not be looked at.
    pub(super) fn found(&self) -> Option<bool> {
        match self {
            Self::Lines { found, .. } | Self::Text { found, .. } => Some(*found),
            Self::Line { found: true, .. } => Some(true),
            Self::Line { unclear, .. } => (!unclear).then_some(false),
        }
    }
}

fn push_bounded(line: &mut Vec<u8>, part: &[u8], too_long: &mut bool) {
    if line.len() + part.len() > LINE {
        *too_long = true;
        line.clear();
    }
    if !*too_long {
        line.extend_from_slice(part);
    }
}

fn without_return(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// A line has ended: are this and the ones before it the ones that are wanted?
fn complete(line: &mut Collapsed, recent: &mut Vec<Vec<u8>>, wanted: &[Vec<u8>]) -> bool {
    recent.push(std::mem::take(&mut line.text));
    line.blank = false;
    if recent.len() > wanted.len() {
        recent.remove(0);
    }
    recent == wanted
}

impl Collapsed {
    fn push(&mut self, part: &[u8]) {
        for &byte in part {
            if self.text.len() >= self.limit {
                return;
            }
            if byte.is_ascii_whitespace() {
                self.blank = true;
            } else {
                if self.blank && !self.text.is_empty() {
                    self.text.push(b' ');
                }
                self.blank = false;
                self.text.push(byte);
            }
        }
    }
}

fn collapse(line: &str) -> Vec<u8> {
    let mut collapsed = Collapsed { limit: usize::MAX, ..Collapsed::default() };
    collapsed.push(line.as_bytes());
    collapsed.text
}
