//! How reports are to look: what `holdpoint.toml` and the checklist say of it, and what somebody asks for.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::checklist::Checklist;
use crate::config::NAME;
use crate::files;
use crate::ledger::Ledger;
use crate::report::{Language, Looks, Made, Sealed, Templates};

use super::{Failure, Home};

/// A logo may be so long: 16 KiB. It stands in what a PDF says of its making, whose texts have at most 32,767 characters
/// (ISO 19005-3, 6.1.13), and is in base64 twice there.
const LOGO: u64 = 16 << 10;

/// What a report that is issued now is made with, beside the ledger; `asked` is a language that somebody asks for.
///
/// # Errors
/// When the logo cannot be used, or a language is not known.
pub(super) fn made(
    home: &Home,
    ledger: &Ledger,
    checklist: &Checklist,
    asked: Option<Language>,
) -> Result<Made, Failure> {
    let newest = ledger.newest_note().unwrap_or_else(|error| {
        home.notices
            .add(format!("the report names no checkpoint: {}; {}", error.message, error.hint));
        None
    });
    let note = newest.and_then(|note| String::from_utf8(note).ok());
    let checkpoint = note.and_then(|note| sealed(ledger, &note));
    Ok(Made { checkpoint, looks: looks(home, Some(checklist), asked)? })
}

/// How reports of a checklist are to look, or of none.
///
/// # Errors
/// As [`made`].
pub(super) fn looks(
    home: &Home,
    checklist: Option<&Checklist>,
    asked: Option<Language>,
) -> Result<Looks, Failure> {
    let config = &home.config.report;
    // Front matter of other tools names languages, too: one that no report can be in says nothing.
    let front = checklist.map(|checklist| &checklist.front);
    let of_checklist = front.and_then(|front| Language::of(front.language.as_deref()?));
    let of_all = language(home)?;
    Ok(Looks {
        classification: line(&config.classification),
        language: asked.or(of_checklist).unwrap_or(of_all),
        logo: config.logo.as_deref().map_or(Ok(String::new()), |path| logo(home, path))?,
        organisation: line(&config.organisation),
    })
}

/// The language that the repository agreed on.
///
/// # Errors
/// When it is not known.
pub fn language(home: &Home) -> Result<Language, Failure> {
    match home.config.report.language.as_str() {
        "" => Ok(Language::default()),
        code => Language::of(code).ok_or_else(|| {
            let known: Vec<&str> = Language::ALL.iter().map(|one| one.code()).collect();
            let message = format!("`{NAME}`: reports cannot be in `{code}`");
            Failure::usage(message, format!("they can be in {}", known.join(", ")))
        }),
    }
}

/// A folder of templates may have so many files, of so many bytes together: 1 MiB.
const FILES: usize = 64;
const BYTES: u64 = 1 << 20;

/// The templates of the folder that somebody asks for, or that `holdpoint.toml` names; else our own.
///
/// # Errors
/// When they cannot be used.
pub(super) fn templates(home: &Home, asked: Option<&Path>) -> Result<Templates, Failure> {
    match (asked, &home.config.report.templates) {
        (Some(folder), _) => templates_in(&home.root, folder),
        (None, Some(folder)) => {
            let folder = below(home, folder, |why| {
                let message =
                    format!("`{NAME}`: the templates `{}` cannot be used: {why}", folder.display());
                Failure::usage(message, "name a folder below the root")
            })?;
            templates_in(&home.root, &folder)
        }
        (None, None) => Ok(Templates::default()),
    }
}

/// The templates of a folder: its files and those of `parts/`, but none that is hidden.
///
/// # Errors
/// When there is none, or one cannot be used.
pub(super) fn templates_in(root: &Path, folder: &Path) -> Result<Templates, Failure> {
    let refused = |what: &Path, why: &dyn std::fmt::Display| {
        let known: Vec<&str> = Templates::names().collect();
        let message = format!("templates cannot be read from `{}`: {why}", what.display());
        Failure::usage(message, format!("there are {}, and parts/*", known.join(", ")))
    };
    let files = walkdir::WalkDir::new(folder).min_depth(1).max_depth(2).sort_by_file_name();
    let hidden = |name: &std::ffi::OsStr| name.as_encoded_bytes().starts_with(b".");
    let files = files.into_iter().filter_entry(|entry| !hidden(entry.file_name()));
    let (mut own, mut left) = (BTreeMap::new(), BYTES);
    for file in files {
        let file = file.map_err(|error| refused(folder, &error))?;
        let path = file.path();
        if file.file_type().is_dir() {
            continue;
        }
        let name = path.strip_prefix(folder).ok().and_then(Path::to_str).unwrap_or_default();
        let bytes = files::read_regular(path, left).map_err(|error| refused(path, &error))?;
        left -= bytes.len() as u64;
        let text = String::from_utf8(bytes).map_err(|_| refused(path, &"it is not UTF-8"))?;
        own.insert(name.to_owned(), text);
        if own.len() > FILES {
            return Err(refused(folder, &format!("it has more than {FILES} files")));
        }
    }
    if own.is_empty() {
        return Err(refused(folder, &"there is none"));
    }
    let shown = folder.strip_prefix(root).unwrap_or(folder).to_string_lossy();
    Templates::of(&shown, own).map_err(|mistake| {
        let message = format!("the template has a mistake: {mistake}");
        Failure::usage(message, "docs/templates.md says what templates may be")
    })
}

/// A path below the root, wherever links lead: a repository must not put a user's other files into reports.
fn below(
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

/// A checkpoint that the log's key signed, and whose root is that of the ledger's first entries.
pub(super) fn sealed(ledger: &Ledger, note: &str) -> Option<Sealed> {
    let checkpoint = ledger.holds(note.as_bytes())?;
    Some(Sealed { note: note.to_owned(), size: checkpoint.size, root: checkpoint.root })
}

/// One line, of a length that fits on a page.
fn line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(120).collect()
}

/// The picture in base64.
fn logo(home: &Home, path: &Path) -> Result<String, Failure> {
    let refused = |why: String| {
        let message = format!("`{NAME}`: the logo `{}` cannot be used: {why}", path.display());
        Failure::usage(message, "name a PNG or JPEG of at most 16 KiB below the root")
    };
    let file = below(home, path, refused)?;
    let bytes = files::read_regular(&file, LOGO).map_err(|error| refused(error.to_string()))?;
    match crate::report::is_picture(&bytes) {
        true => Ok(BASE64.encode(bytes)),
        false => Err(refused("it is neither PNG nor JPEG".to_owned())),
    }
}
