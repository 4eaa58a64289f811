//! What a site's folder holds and what it was made of, so that what has not changed is left as it is.
//!
//! A line with the digest of what follows, and JSON. One that is damaged or of another version stands for nothing: all
//! is rendered again.

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
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let line = bytes.iter().position(|byte| *byte == b'\n')?;
        let (digest, rest) = (std::str::from_utf8(&bytes[..line]).ok()?, &bytes[line + 1..]);
        if digest.parse() != Ok(Digest::of(rest)) {
            return None;
        }
        let manifest: Self = serde_json::from_slice(rest).ok()?;
        manifest.files.keys().all(|path| is_inside(path)).then_some(manifest)
    }

    /// Its bytes.
    ///
    /// # Errors
    /// Never in practice: all of it can be written as JSON.
    pub fn bytes(&self) -> Result<Vec<u8>, serde_json::Error> {
        let json = serde_json::to_vec(self)?;
        Ok([format!("{}\n", Digest::of(&json)).as_bytes(), &json].concat())
    }
}

fn is_inside(path: &str) -> bool {
    let mut parts = Path::new(path).components();
    !path.is_empty() && parts.all(|part| matches!(part, Component::Normal(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_was_changed_stands_for_nothing() {
        let written = Written::of(b"x");
        let files = BTreeMap::from([("a/index.html".to_owned(), written)]);
        let manifest = Manifest { with: "w".to_owned(), runs: BTreeMap::new(), files };
        let bytes = manifest.bytes().expect("bytes");
        assert_eq!(Manifest::read(&bytes), Some(manifest.clone()));
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert_eq!(Manifest::read(&changed), None, "{at}");
        }
        for path in ["../x", "/etc/passwd", "a/../../x", ""] {
            let files = BTreeMap::from([(path.to_owned(), written)]);
            let outside = Manifest { files, ..manifest.clone() };
            assert_eq!(Manifest::read(&outside.bytes().expect("bytes")), None, "{path}");
        }
    }
}
