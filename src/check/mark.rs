//! The mark at the end of a step: a byte that scripts do not hold, a nonce that output cannot know, the
//! step's number and its exit. An exclamation mark for the exit says that failures did not count, a plus that the step came to
//! its end and leaves its subshell.

use std::borrow::Cow;

/// Finds the mark that ends the current step in a stream that comes in pieces.
#[derive(Default)]
pub(super) struct Scanner {
    pub(super) step: usize,
    /// What may be the beginning of the mark.
    pub(super) held: Vec<u8>,
}

/// What a mark says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// The step has ended; its exit, where it is a number that we know.
    End(Option<i64>),
    /// In this step commands could fail unseen.
    Lenient,
    /// The step came to its end; what it ran in is left now.
    Reached,
}

/// The longest exit status with the mark's last byte.
const STATUS: usize = 12;

impl Scanner {
    /// Text up to the mark, how much of the piece was used, and the mark if it is complete.
    pub(super) fn scan<'p>(
        &mut self,
        piece: &'p [u8],
        mark: &[u8],
    ) -> (Cow<'p, [u8]>, usize, Option<Mark>) {
        if mark.is_empty() {
            return (Cow::Borrowed(piece), piece.len(), None);
        }
        if self.held.is_empty() {
            let (text, used, end) = self.find(piece, mark);
            return (Cow::Borrowed(&piece[..text]), used, end);
        }
        // What is held is decided by so many bytes more; the rest of the piece need not be copied.
        let before = self.held.len();
        let mut all = std::mem::take(&mut self.held);
        all.extend_from_slice(&piece[..piece.len().min(mark.len() + STATUS + 1)]);
        let (text, used, end) = self.find(&all, mark);
        all.truncate(text);
        (Cow::Owned(all), used.saturating_sub(before), end)
    }

    /// Length of the text, how much was used, and the mark; keeps what may be the beginning of a mark.
    fn find(&mut self, all: &[u8], mark: &[u8]) -> (usize, usize, Option<Mark>) {
        let mut from = 0;
        while let Some(at) = all[from..].iter().position(|byte| *byte == 0x1e).map(|at| from + at) {
            let rest = &all[at..];
            let known = rest.len().min(mark.len());
            if rest[..known] != mark[..known] {
                from = at + 1;
                continue;
            }
            let status = rest.get(mark.len()..).unwrap_or_default();
            match status.iter().take(STATUS + 1).position(|byte| *byte == b'\n') {
                Some(end) if status[..end].iter().all(u8::is_ascii_digit) => {
                    let exit =
                        std::str::from_utf8(&status[..end]).ok().and_then(|text| text.parse().ok());
                    return (at, at + mark.len() + end + 1, Some(Mark::End(exit)));
                }
                Some(1) if matches!(status[0], b'!' | b'+') => {
                    let found = if status[0] == b'!' { Mark::Lenient } else { Mark::Reached };
                    return (at, at + mark.len() + 2, Some(found));
                }
                None if status.len() <= STATUS => {
                    self.held = rest.to_vec();
                    return (at, all.len(), None);
                }
                _ => from = at + 1,
            }
        }
        (all.len(), all.len(), None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan_all(pieces: &[&[u8]], mark: &[u8]) -> (Vec<u8>, Vec<Mark>, Vec<u8>) {
        let mut scanner = Scanner::default();
        let (mut text, mut marks) = (Vec::new(), Vec::new());
        for piece in pieces {
            let mut rest = *piece;
            while !rest.is_empty() {
                let (part, used, found) = scanner.scan(rest, mark);
                text.extend_from_slice(&part);
                marks.extend(found);
                rest = &rest[used..];
            }
        }
        (text, marks, scanner.held)
    }

    #[test]
    fn finds_the_mark_wherever_the_stream_is_cut() {
        let stream = b"a\x1eb\x1enonce.0.x\ncc\x1enonce.0.!\nc\x1enonce.0.17\ntail";
        for size in 1..stream.len() {
            let pieces: Vec<&[u8]> = stream.chunks(size).collect();
            let (text, marks, held) = scan_all(&pieces, b"\x1enonce.0.");
            assert_eq!(marks, [Mark::Lenient, Mark::End(Some(17))], "{size}");
            assert_eq!([text, held].concat(), b"a\x1eb\x1enonce.0.x\nccctail", "{size}");
        }
    }

    #[test]
    fn another_nonce_is_text() {
        let stream = b"\x1eother.0.0\n";
        let (text, marks, held) = scan_all(&[stream], b"\x1enonce.0.");
        assert_eq!([text, held].concat(), stream);
        assert_eq!(marks, []);
    }
}
