//! Evidence: bytes in files that are named by their digest.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::digest::Digest;
use crate::files;

/// The largest piece of evidence: 64 MiB.
pub const LIMIT: u64 = 64 << 20;

/// Where evidence lies below the ledger's folder.
pub fn path(ledger: &Path, digest: &Digest) -> PathBuf {
    let name = digest.to_string();
    ledger.join("evidence").join(&name[..2]).join(&name)
}

/// So many new files are synced one by one; more are synced by syncing their file system once.
const FEW: usize = 3;

/// Keeps pieces by their digests, synced; what is there already, unchanged, is not written again.
///
/// # Errors
/// Those of the system.
pub fn put(ledger: &Path, pieces: &BTreeMap<Digest, &[u8]>) -> io::Result<()> {
    let fresh = pieces.iter().filter(|(digest, _)| get(ledger, digest).is_none());
    let fresh: Vec<(PathBuf, &[u8])> =
        fresh.map(|(digest, bytes)| (path(ledger, digest), *bytes)).collect();
    let few = fresh.len() <= FEW;
    for folder in fresh.iter().filter_map(|(path, _)| path.parent()) {
        if few {
            files::make_folder(folder)?;
        } else {
            fs::create_dir_all(folder)?;
        }
    }
    for (path, bytes) in &fresh {
        if few {
            files::replace(path, bytes)?;
        } else {
            files::replace_unsynced(path, bytes)?;
        }
    }
    if few { Ok(()) } else { files::sync_all_below(ledger) }
}

/// The bytes, if they are there and are the ones that the digest names.
pub fn get(ledger: &Path, digest: &Digest) -> Option<Vec<u8>> {
    files::read_regular(&path(ledger, digest), LIMIT)
        .ok()
        .filter(|bytes| Digest::of(bytes) == *digest)
}
