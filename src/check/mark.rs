//! The mark at the end of a step: a byte that scripts do not hold, a nonce that output cannot know, the
//! step's number and its exit.

/// Finds the mark that ends the current step in a stream that comes in pieces.
#[derive(Default)]
pub(super) struct Scanner {
    pub(super) step: usize,
    /// What may be the beginning of the mark.
    pub(super) held: Vec<u8>,
}

/// The longest exit status with the mark's last byte.
const STATUS: usize = 12;

impl Scanner {
    /// Text up to the mark, how much of the piece was used, and the exit if the mark is complete.
    pub(super) fn scan(
        &mut self,
        piece: &[u8],
        mark: &[u8],
    ) -> (Vec<u8>, usize, Option<Option<i64>>) {
        if mark.is_empty() {
            return (piece.to_vec(), piece.len(), None);
        }
        if self.held.is_empty() && !piece.contains(&0x1e) {
            return (piece.to_vec(), piece.len(), None);
        }
        let before = self.held.len();
        let mut all = std::mem::take(&mut self.held);
        all.extend_from_slice(piece);
        let mut from = 0;
        while let Some(at) = all[from..].iter().position(|byte| *byte == 0x1e).map(|at| from + at) {
            let rest = &all[at..];
            let known = rest.len().min(mark.len());
            if rest[..known] != mark[..known] {
                from = at + 1;
                continue;
            }
            let status = rest.get(mark.len()..).unwrap_or_default();
            match status.iter().position(|byte| *byte == 0x1e) {
                Some(end) if end <= STATUS && status[..end].iter().all(u8::is_ascii_digit) => {
                    let exit =
                        std::str::from_utf8(&status[..end]).ok().and_then(|text| text.parse().ok());
                    let used = at + mark.len() + end + 1;
                    let text = all[..at].to_vec();
                    return (text, used.saturating_sub(before), Some(exit));
                }
                None if status.len() <= STATUS => {
                    self.held = all.split_off(at);
                    return (all, piece.len(), None);
                }
                _ => from = at + 1,
            }
        }
        (all, piece.len(), None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan_all(pieces: &[&[u8]], mark: &[u8]) -> (Vec<u8>, Vec<Option<i64>>, Vec<u8>) {
        let mut scanner = Scanner::default();
        let (mut text, mut exits) = (Vec::new(), Vec::new());
        for piece in pieces {
            let mut rest = *piece;
            while !rest.is_empty() {
                let (part, used, exit) = scanner.scan(rest, mark);
                text.extend(part);
                exits.extend(exit);
                rest = &rest[used..];
            }
        }
        (text, exits, scanner.held)
    }

    #[test]
    fn finds_the_mark_wherever_the_stream_is_cut() {
        let stream = b"a\x1eb\x1enonce.0.x\x1eccc\x1enonce.0.17\x1etail";
        for size in 1..stream.len() {
            let pieces: Vec<&[u8]> = stream.chunks(size).collect();
            let (text, exits, held) = scan_all(&pieces, b"\x1enonce.0.");
            assert_eq!(exits, [Some(17)], "{size}");
            assert_eq!([text, held].concat(), b"a\x1eb\x1enonce.0.x\x1eccctail", "{size}");
        }
    }

    #[test]
    fn another_nonce_is_text() {
        let stream = b"\x1eother.0.0\x1e";
        let (text, exits, held) = scan_all(&[stream], b"\x1enonce.0.");
        assert_eq!([text, held].concat(), stream);
        assert_eq!(exits, []);
    }
}
