//! A checkpoint: size and root of the sealed tree, signed by the log's key
//! (<https://c2sp.org/tlog-checkpoint>, without extension lines).

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::digest::Digest;
use crate::note::{self, Refused, Signer, Verifier};

/// How many lines were sealed, and the root over them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log: `holdpoint/<ledger>`.
    pub origin: String,
    /// How many lines.
    pub size: u64,
    /// The root over them.
    pub root: Digest,
}

/// The origin of a ledger's checkpoints, and the name of its log key.
pub fn origin(ledger: &str) -> String {
    format!("holdpoint/{ledger}")
}

impl Checkpoint {
    /// As a signed note.
    pub fn signed(&self, signer: &Signer) -> String {
        signer.sign(&self.to_string())
    }

    /// Reads one that the log's key has signed.
    ///
    /// # Errors
    /// When it is no checkpoint of that log, or not signed by it.
    pub fn open(note: &[u8], log: &Verifier) -> Result<Self, Refused> {
        let checkpoint: Self = log.open(note)?.parse()?;
        let own = checkpoint.origin == log.name();
        if own { Ok(checkpoint) } else { Err(Refused("it is of another log")) }
    }

    /// Reads one that is believed for where it was kept: a note, or its text alone.
    ///
    /// # Errors
    /// When it is no checkpoint.
    pub fn held(bytes: &[u8]) -> Result<Self, Refused> {
        let alone = || std::str::from_utf8(bytes).map_err(|_| Refused("it is not UTF-8"));
        note::text(bytes).or_else(|_| alone())?.parse()
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let root = BASE64.encode(self.root.as_bytes());
        write!(f, "{}\n{}\n{root}\n", self.origin, self.size)
    }
}

impl FromStr for Checkpoint {
    type Err = Refused;

    fn from_str(text: &str) -> Result<Self, Refused> {
        let refused = Refused("not a checkpoint of three lines: origin, size and root");
        let lines: Vec<&str> = text.strip_suffix('\n').unwrap_or_default().split('\n').collect();
        let [origin, size, root] = lines[..] else { return Err(refused) };
        let root = BASE64.decode(root).ok().and_then(|root| <[u8; 32]>::try_from(root).ok());
        let plain = size == "0" || !size.starts_with(['0', '+']);
        let size = size.parse().ok().filter(|_| plain);
        let (Some(size), Some(root)) = (size, root) else { return Err(refused) };
        if origin.is_empty() {
            return Err(refused);
        }
        Ok(Self { origin: origin.to_owned(), size, root: Digest::from(root) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checkpoint() -> Checkpoint {
        Checkpoint { origin: origin("ab"), size: 12, root: Digest::of(b"") }
    }

    #[test]
    fn its_text_is_origin_size_and_root_in_base64() {
        let text = "holdpoint/ab\n12\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n";
        assert_eq!(checkpoint().to_string(), text);
        assert_eq!(text.parse(), Ok(checkpoint()));
        assert_eq!(Checkpoint::held(text.as_bytes()), Ok(checkpoint()));
    }

    #[test]
    fn only_the_three_lines_as_they_are_written_are_read() {
        let text = checkpoint().to_string();
        for wrong in [
            text.replace("12", "012"),
            text.replace("12", "+12"),
            text.replace("12", "-1"),
            text.replace("12", "1 2"),
            text.replace("12", "18446744073709551616"),
            text.replace("FU=", "FV="),
            text.replace("47", "4"),
            text.replace("holdpoint/ab", ""),
            format!("{text}more\n"),
            format!("{text}\n"),
            text.trim_end().to_owned(),
        ] {
            assert!(wrong.parse::<Checkpoint>().is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn one_of_another_log_is_refused_whoever_signed_it() {
        let signer = |ledger: &str| Signer::new(&origin(ledger), &[3; 32]).expect("a name");
        let note = checkpoint().signed(&signer("ab"));
        assert_eq!(Checkpoint::open(note.as_bytes(), &signer("ab").verifier()), Ok(checkpoint()));
        assert!(Checkpoint::open(note.as_bytes(), &signer("cd").verifier()).is_err());
        let foreign = checkpoint().signed(&signer("cd"));
        assert!(Checkpoint::open(foreign.as_bytes(), &signer("cd").verifier()).is_err());
    }
}
