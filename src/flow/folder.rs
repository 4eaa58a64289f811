//! The files of a folder that somebody names, read with bounds.

use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use crate::files;

use super::{Failure, Home};

/// How much of a folder is read.
pub(super) struct Bounds {
    /// So many folders deep.
    pub(super) deep: usize,
    /// So many files.
    pub(super) files: usize,
    /// So many bytes, together.
    pub(super) bytes: u64,
}

/// So many other files are passed over.
const PASSED: usize = 10_000;

/// The files that are wanted, by their names in the folder, in order. A link is an error: it leads to what nobody named.
///
/// # Errors
/// When there are none or too many, or one cannot be read: why, in words.
pub(super) fn all(
    folder: &Path,
    bounds: &Bounds,
    wanted: impl Fn(&str) -> bool,
) -> Result<Vec<(String, Vec<u8>)>, String> {
    let is_hidden = |entry: &DirEntry| {
        entry.depth() > 0 && entry.file_name().as_encoded_bytes().starts_with(b".")
    };
    let walk = WalkDir::new(folder).max_depth(bounds.deep).sort_by_file_name();
    let entries = walk.into_iter().filter_entry(|entry| !is_hidden(entry));
    let (mut found, mut room) = (Vec::new(), bounds.bytes);
    for (seen, entry) in entries.enumerate() {
        let entry = entry.map_err(|error| error.to_string())?;
        let name = entry.path().strip_prefix(folder).unwrap_or(entry.path()).to_string_lossy();
        if entry.file_type().is_dir() || !wanted(&name) {
            continue;
        }
        if entry.file_type().is_symlink() {
            return Err(format!("`{name}` is a link, and links are not followed"));
        }
        if seen > PASSED || found.len() == bounds.files {
            return Err(format!("there are too many files, more than {}", bounds.files));
        }
        let bytes = files::read_regular(entry.path(), room);
        let bytes = bytes.map_err(|error| format!("`{name}`: {error}"))?;
        room -= bytes.len() as u64;
        found.push((name.into_owned(), bytes));
    }
    if found.is_empty() { Err("there are none".to_owned()) } else { Ok(found) }
}

/// A path below the root, wherever links lead: a repository must not put a user's other files into reports.
pub(super) fn below(
    home: &Home,
    path: &Path,
    refused: impl Fn(String) -> Failure,
) -> Result<PathBuf, Failure> {
    let real = |path: &Path| path.canonicalize().map_err(|error| refused(error.to_string()));
    let file = real(&home.root.join(path))?;
    match file.starts_with(real(&home.root)?) {
        true => Ok(file),
        false => Err(refused("it is not below the root".to_owned())),
    }
}
