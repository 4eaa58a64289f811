//! What a site's folder holds and what it was made of, so that what has not changed is left as it is.
//!
//! A line with a digest of what follows and of a key that only this user has, and JSON. One that is damaged, of another
//! version or of somebody else's stands for nothing: all is rendered again. Verdicts come from the ledger, and from nobody
//! who can write to a folder.

use std::collections::BTreeMap;
use std::path::{Component, Path};

use serde::{Deserialize, Serialize};

use super::{Judged, Page};
use crate::digest::Digest;

/// Its name in the site's folder.
pub const NAME: &str = ".holdpoint-site";

/// It may be so long: 1 GiB.
pub const LIMIT: u64 = 1 << 30;

/// What a site's folder holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// What renders, and for which ledger.
    pub with: String,
    /// By run: what it was made of.
    pub runs: BTreeMap<String, Kept>,
    /// By path: what was written.
    pub files: BTreeMap<String, Written>,
}

/// A run that was rendered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    /// Its newest entries.
    pub heads: Vec<Digest>,
    /// What came of it.
    pub judged: Judged,
    /// Its page.
    pub page: Option<Page>,
}

/// A file that was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Written {
    /// Its size.
    pub bytes: u64,
    /// Digest of its bytes.
    pub sha256: Digest,
}

impl Written {
    /// What `bytes` are as a file.
    pub fn of(bytes: &[u8]) -> Self {
        Self { bytes: bytes.len() as u64, sha256: Digest::of(bytes) }
    }
}

impl Manifest {
    /// Reads one; `None` where it is damaged, or names what is not in its folder.
    pub fn read(bytes: &[u8], key: &[u8; 32]) -> Option<Self> {
        let line = bytes.iter().position(|byte| *byte == b'\n')?;
        let (digest, rest) = (std::str::from_utf8(&bytes[..line]).ok()?, &bytes[line + 1..]);
        if digest.parse() != Ok(keyed(rest, key)) {
            return None;
        }
        let manifest: Self = serde_json::from_slice(rest).ok()?;
        manifest.files.keys().all(|path| is_inside(path)).then_some(manifest)
    }

    /// Its bytes.
    ///
    /// # Errors
    /// Never in practice: all of it can be written as JSON.
    pub fn bytes(&self, key: &[u8; 32]) -> Result<Vec<u8>, serde_json::Error> {
        let json = serde_json::to_vec(self)?;
        Ok([format!("{}\n", keyed(&json, key)).as_bytes(), &json].concat())
    }
}

/// A digest that nobody gets without the key; twice, so that nothing can be put behind (RFC 2104).
fn keyed(bytes: &[u8], key: &[u8; 32]) -> Digest {
    let inner = Digest::of(&[&[0x36], &key[..], bytes].concat());
    Digest::of(&[&[0x5c], &key[..], inner.as_bytes()].concat())
}

fn is_inside(path: &str) -> bool {
    let mut parts = Path::new(path).components();
    !path.is_empty() && parts.all(|part| matches!(part, Component::Normal(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 32] = [1; 32];

    #[test]
    fn one_that_was_changed_stands_for_nothing() {
        let written = Written::of(b"x");
        let files = BTreeMap::from([("a/index.html".to_owned(), written)]);
        let manifest = Manifest { with: "w".to_owned(), runs: BTreeMap::new(), files };
        let bytes = manifest.bytes(&KEY).expect("bytes");
        assert_eq!(Manifest::read(&bytes, &KEY), Some(manifest.clone()));
        assert_eq!(Manifest::read(&bytes, &[2; 32]), None, "somebody else wrote it");
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert_eq!(Manifest::read(&changed, &KEY), None, "{at}");
        }
        for path in ["../x", "/etc/passwd", "a/../../x", ""] {
            let files = BTreeMap::from([(path.to_owned(), written)]);
            let outside = Manifest { files, ..manifest.clone() };
            assert_eq!(Manifest::read(&outside.bytes(&KEY).expect("bytes"), &KEY), None, "{path}");
        }
    }
}
