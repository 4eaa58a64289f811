//! Signed notes: a text, and who vouches for it, as <https://c2sp.org/signed-note> has them; Ed25519 only.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};

use crate::digest::{Hasher, hex};

/// Why something is no note, no key, or not signed by whom it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused(pub &'static str);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Refused {}

/// A note may be so long: 64 KiB.
pub const LIMIT: usize = 64 << 10;

/// The signature type of Ed25519.
const ED25519: u8 = 1;

/// How a private key's line begins.
const PRIVATE: &str = "PRIVATE+KEY+";

/// Who may be believed: a name and a public key. Its text is the verifier key line, the *vkey*.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verifier {
    name: String,
    key: VerifyingKey,
}

/// Who signs: a name and a private key. It is never shown.
pub struct Signer {
    name: String,
    key: SigningKey,
}

/// The four bytes that a signature names its key by.
fn key_id(name: &str, key: &VerifyingKey) -> [u8; 4] {
    let mut hasher = Hasher::default();
    hasher.update(name.as_bytes());
    hasher.update(&[b'\n', ED25519]);
    hasher.update(key.as_bytes());
    let [a, b, c, d, ..] = *hasher.finish().as_bytes();
    [a, b, c, d]
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|char: char| char.is_whitespace() || char == '+')
}

/// Name, key id and the 32 bytes of the key, of `<name>+<id>+<base64 of type and key>`.
fn key_line(text: &str) -> Option<(&str, &str, [u8; 32])> {
    let mut parts = text.splitn(3, '+');
    let (name, id, key) = (parts.next()?, parts.next()?, parts.next()?);
    let [ED25519, key @ ..] = &BASE64.decode(key).ok()?[..] else { return None };
    Some((name, id, key.try_into().ok()?)).filter(|(name, ..)| is_name(name))
}

impl Verifier {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text of a note that this key has signed. Signatures of others are passed over.
    ///
    /// # Errors
    /// When it is no note, or the key has not signed it.
    pub fn open<'n>(&self, note: &'n [u8]) -> Result<&'n str, Refused> {
        let (text, signatures) = split(note)?;
        let id = key_id(&self.name, &self.key);
        let mut signed = false;
        for line in signatures.split_terminator('\n') {
            let (name, bytes) = signature(line).ok_or(Refused("a signature cannot be read"))?;
            let Some(bytes) = bytes.strip_prefix(&id).filter(|_| name == self.name) else {
                continue;
            };
            let signature = Signature::from_slice(bytes);
            let valid = signature.and_then(|one| self.key.verify_strict(text.as_bytes(), &one));
            valid.map_err(|_| Refused("its signature is not by the key that it names"))?;
            signed = true;
        }
        if signed { Ok(text) } else { Err(Refused("it is not signed by this key")) }
    }
}

impl FromStr for Verifier {
    type Err = Refused;

    fn from_str(text: &str) -> Result<Self, Refused> {
        let refused = Refused("not a verifier key of the form `<name>+<id>+<base64>`, Ed25519");
        let (name, id, key) = key_line(text).ok_or(refused.clone())?;
        let key = VerifyingKey::from_bytes(&key).map_err(|_| refused.clone())?;
        if id != hex(&key_id(name, &key)) || key.is_weak() {
            return Err(refused);
        }
        Ok(Self { name: name.to_owned(), key })
    }
}

impl fmt::Display for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [&[ED25519][..], self.key.as_bytes()].concat();
        let id = hex(&key_id(&self.name, &self.key));
        write!(f, "{}+{id}+{}", self.name, BASE64.encode(bytes))
    }
}

impl Signer {
    /// Of 32 random bytes.
    ///
    /// # Errors
    /// When the name cannot be one: it is empty, or holds a blank or `+`.
    pub fn new(name: &str, seed: &[u8; 32]) -> Result<Self, Refused> {
        if !is_name(name) {
            return Err(Refused("a name holds no blank and no `+`"));
        }
        Ok(Self { name: name.to_owned(), key: SigningKey::from_bytes(seed) })
    }

    /// What others believe it by.
    pub fn verifier(&self) -> Verifier {
        Verifier { name: self.name.clone(), key: self.key.verifying_key() }
    }

    /// The line that a file keeps it as: the secret.
    pub fn secret(&self) -> String {
        let bytes = [&[ED25519][..], self.key.as_bytes()].concat();
        let id = hex(&key_id(&self.name, &self.key.verifying_key()));
        format!("{PRIVATE}{}+{id}+{}", self.name, BASE64.encode(bytes))
    }

    /// A note of `text`, which ends with LF, signed.
    pub fn sign(&self, text: &str) -> String {
        let signature = self.key.sign(text.as_bytes()).to_bytes();
        let id = key_id(&self.name, &self.key.verifying_key());
        let bytes = [&id[..], &signature].concat();
        format!("{text}\n— {} {}\n", self.name, BASE64.encode(bytes))
    }
}

impl FromStr for Signer {
    type Err = Refused;

    /// Reads [`Signer::secret`].
    fn from_str(text: &str) -> Result<Self, Refused> {
        let refused = Refused("not a private key of the form `PRIVATE+KEY+<name>+<id>+<base64>`");
        let line = text.strip_prefix(PRIVATE).ok_or(refused.clone())?;
        let (name, id, seed) = key_line(line).ok_or(refused.clone())?;
        let signer = Self::new(name, &seed)?;
        let known = id == hex(&key_id(name, &signer.key.verifying_key()));
        if known { Ok(signer) } else { Err(refused) }
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({})", self.name)
    }
}

/// The text with its LF, and the lines of signatures.
fn split(note: &[u8]) -> Result<(&str, &str), Refused> {
    let text = std::str::from_utf8(note).map_err(|_| Refused("it is not UTF-8"))?;
    if text.len() > LIMIT {
        return Err(Refused("it is longer than 64 KiB"));
    }
    if text.bytes().any(|byte| byte < b' ' && byte != b'\n') {
        return Err(Refused("it holds control characters"));
    }
    let unsigned = Refused("it is not signed");
    let at = text.rfind("\n\n").ok_or(unsigned.clone())?;
    let (text, signatures) = (&text[..=at], &text[at + 2..]);
    if signatures.ends_with('\n') { Ok((text, signatures)) } else { Err(unsigned) }
}

/// The text of a note, whoever signed it: for those who have it from a source of their own.
///
/// # Errors
/// When it is no note.
pub fn text(note: &[u8]) -> Result<&str, Refused> {
    split(note).map(|(text, _)| text)
}

/// Name and bytes (key id, then signature) of a signature's line.
fn signature(line: &str) -> Option<(&str, Vec<u8>)> {
    let (name, bytes) = line.strip_prefix("— ")?.split_once(' ')?;
    let bytes = BASE64.decode(bytes).ok().filter(|bytes| bytes.len() > 4)?;
    is_name(name).then_some((name, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "holdpoint/00112233445566778899aabbccddeeff";

    fn signer() -> Signer {
        Signer::new(NAME, &[7; 32]).expect("a name")
    }

    #[test]
    fn what_is_signed_is_opened_by_the_key_and_by_no_other() {
        let note = signer().sign("one\ntwo\n");
        assert_eq!(signer().verifier().open(note.as_bytes()), Ok("one\ntwo\n"));
        for other in [Signer::new(NAME, &[8; 32]), Signer::new("holdpoint/other", &[7; 32])] {
            let verifier = other.expect("a name").verifier();
            assert!(verifier.open(note.as_bytes()).is_err());
        }
    }

    #[test]
    fn keys_are_read_as_they_are_written() {
        let (signer, verifier) = (signer(), signer().verifier());
        let line = verifier.to_string();
        assert!(line.starts_with("holdpoint/00112233445566778899aabbccddeeff+"), "{line}");
        assert_eq!(line.parse(), Ok(verifier.clone()));
        let again: Signer = signer.secret().parse().expect("a key");
        assert_eq!(again.verifier(), verifier);
        assert!(!format!("{again:?}").contains(&signer.secret()[50..]));
    }

    #[test]
    fn no_byte_of_a_note_can_be_changed() {
        let note = signer().sign("holdpoint/x\n12\nAAAA\n");
        let verifier = signer().verifier();
        for at in 0..note.len() {
            for bit in [1, 2, 0x20, 0x80] {
                let mut bytes = note.clone().into_bytes();
                bytes[at] ^= bit;
                assert!(verifier.open(&bytes).is_err(), "byte {at}, bit {bit}");
            }
            assert!(verifier.open(&note.as_bytes()[..at]).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn signatures_of_others_are_passed_over_and_wrong_ones_are_not() {
        let text = "a text\n";
        let (ours, verifier) = (signer().sign(text), signer().verifier());
        let theirs = Signer::new("witness.example", &[9; 32]).expect("a name").sign(text);
        let line = theirs.lines().last().expect("a signature");
        assert_eq!(verifier.open(format!("{ours}{line}\n").as_bytes()), Ok(text));
        let other = signer().sign("another text\n");
        let wrong = other.lines().last().expect("a signature");
        assert!(verifier.open(format!("{ours}{wrong}\n").as_bytes()).is_err());
        assert!(verifier.open(format!("{ours}nonsense\n").as_bytes()).is_err());
    }

    #[test]
    fn keys_with_another_id_type_or_length_are_refused() {
        let line = signer().verifier().to_string();
        let key = line.rsplit('+').next().expect("a key");
        for wrong in [
            line.replacen("holdpoint", "holdpoin", 1),
            line.replace(key, &BASE64.encode([2; 33])),
            line.replace(key, &BASE64.encode([1; 32])),
            line.replace(key, &BASE64.encode([&[1][..], &[0; 32]].concat())),
            String::new(),
            "+".repeat(9),
        ] {
            assert!(wrong.parse::<Verifier>().is_err(), "{wrong}");
        }
    }
}
