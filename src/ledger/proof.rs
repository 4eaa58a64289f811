//! The proof that a line is in the sealed log, for whoever has no ledger: <https://c2sp.org/tlog-proof>, with the
//! line itself as extra data.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::digest::Digest;
use crate::note::{Refused, Verifier};

use super::checkpoint::Checkpoint;
use super::merkle;
use super::record::{Entry, LINE};

/// Its first line.
const HEADER: &str = "c2sp.org/tlog-proof@v1";

/// A proof is never longer: a line in base64, a hash a level, a note.
pub const LIMIT: usize = 2 * LINE + 64 * 45 + crate::note::LIMIT;

/// A line, and why it is in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The line, LF included.
    pub line: Vec<u8>,
    /// How many are before it.
    pub index: u64,
    /// The hashes beside it, from the leaf up.
    pub path: Vec<Digest>,
    /// The signed note with the root.
    pub checkpoint: String,
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}\nextra {}\nindex {}", BASE64.encode(&self.line), self.index)?;
        for hash in &self.path {
            writeln!(f, "{}", BASE64.encode(hash.as_bytes()))?;
        }
        write!(f, "\n{}", self.checkpoint)
    }
}

impl Proof {
    /// Reads what [`Display`](fmt::Display) writes.
    ///
    /// # Errors
    /// When it is no proof, or one without the line.
    pub fn read(bytes: &[u8]) -> Result<Self, Refused> {
        let text = std::str::from_utf8(bytes).map_err(|_| Refused("it is not UTF-8"))?;
        if text.len() > LIMIT {
            return Err(Refused("it is longer than any proof"));
        }
        let (head, checkpoint) =
            text.split_once("\n\n").ok_or(Refused("it holds no checkpoint"))?;
        let mut lines = head.split('\n');
        if lines.next() != Some(HEADER) {
            return Err(Refused("it does not begin with `c2sp.org/tlog-proof@v1`"));
        }
        let line = lines.next().and_then(|line| BASE64.decode(line.strip_prefix("extra ")?).ok());
        let line = line.ok_or(Refused("it does not hold the entry that it proves"))?;
        let index = lines.next().and_then(|line| {
            let digits = line.strip_prefix("index ")?;
            let index: u64 = digits.parse().ok()?;
            (index.to_string() == digits).then_some(index)
        });
        let index = index.ok_or(Refused("it does not say which entry it proves"))?;
        let hash =
            |line: &str| Some(Digest::from(<[u8; 32]>::try_from(BASE64.decode(line).ok()?).ok()?));
        let path: Option<Vec<Digest>> = lines.map(hash).collect();
        let path = path.ok_or(Refused("one of its hashes cannot be read"))?;
        Ok(Self { line, index, path, checkpoint: checkpoint.to_owned() })
    }

    /// The entry and the checkpoint, where the log's key has signed a tree that holds it there.
    ///
    /// # Errors
    /// When it proves nothing.
    pub fn check(&self, log: &Verifier) -> Result<(Entry, Checkpoint), Refused> {
        let checkpoint = Checkpoint::open(self.checkpoint.as_bytes(), log)?;
        let leaf = merkle::leaf(&Digest::of(&self.line));
        let Checkpoint { size, root, .. } = &checkpoint;
        if !merkle::includes(root, *size, self.index, leaf, &self.path) {
            return Err(Refused("the entry is not in the tree that was signed"));
        }
        let line =
            self.line.strip_suffix(b"\n").ok_or(Refused("the entry does not end with LF"))?;
        let entry = Entry::read(line).map_err(|_| Refused("what it proves is no entry"))?;
        Ok((entry, checkpoint))
    }
}
