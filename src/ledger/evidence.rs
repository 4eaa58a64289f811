//! Evidence: bytes in files that are named by their digest.

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

/// Keeps bytes, synced; what is there already is not written again.
///
/// # Errors
/// Those of the system.
pub fn put(ledger: &Path, bytes: &[u8]) -> io::Result<Digest> {
    let digest = Digest::of(bytes);
    let path = path(ledger, &digest);
    if fs::metadata(&path).is_ok_and(|known| known.len() == bytes.len() as u64) {
        return Ok(digest);
    }
    if let Some(folder) = path.parent() {
        let is_new = !folder.exists();
        fs::create_dir_all(folder)?;
        if is_new && let Some(above) = folder.parent() {
            files::sync_folder(above)?;
        }
    }
    files::replace(&path, bytes)?;
    Ok(digest)
}

/// The bytes, if they are there and are the ones that the digest names.
pub fn get(ledger: &Path, digest: &Digest) -> Option<Vec<u8>> {
    files::read(&path(ledger, digest), LIMIT).ok().filter(|bytes| Digest::of(bytes) == *digest)
}
