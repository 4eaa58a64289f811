//! How reports are to look: what `holdpoint.toml` and the checklist say of it, and what somebody asks for.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::checklist::Checklist;
use crate::config::NAME;
use crate::files;
use crate::ledger::Ledger;
use crate::report::{Language, Looks, Made, Sealed, Typefaces};

use super::{Failure, Home};

/// A logo may be so long: 16 KiB. It stands in what a PDF says of its making, whose texts have at most 32,767 characters
/// (ISO 19005-3, 6.1.13), and is in base64 twice there.
const LOGO: u64 = 16 << 10;

/// So many fonts are used, of so many bytes in all, and found among so many files.
const FONTS: usize = 64;
const FONT_BYTES: u64 = 128 << 20;
const SEEN: usize = 4_096;

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
    let (mut looks, fonts) = (looks(home, Some(checklist), asked)?, typefaces(home)?);
    fonts.digest().clone_into(&mut looks.fonts);
    Ok(Made { checkpoint, looks, fonts })
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
    let of_all = match config.language.as_str() {
        "" => Language::default(),
        code => Language::of(code).ok_or_else(|| {
            let known: Vec<&str> = Language::ALL.iter().map(|one| one.code()).collect();
            let message = format!("`{NAME}`: reports cannot be in `{code}`");
            Failure::usage(message, format!("they can be in {}", known.join(", ")))
        })?,
    };
    Ok(Looks {
        classification: line(&config.classification),
        fonts: String::new(),
        language: asked.or(of_checklist).unwrap_or(of_all),
        logo: config.logo.as_deref().map_or(Ok(String::new()), |path| logo(home, path))?,
        organisation: line(&config.organisation),
    })
}

/// The fonts in the folder that `holdpoint.toml` or whoever asks names. They may lie anywhere: nothing of them gets into a
/// report but their digest and the outlines of letters.
///
/// # Errors
/// When there are none, or too many.
pub(super) fn typefaces(home: &Home) -> Result<Typefaces, Failure> {
    let Some(folder) = &home.config.report.fonts else { return Ok(Typefaces::default()) };
    let folder = home.root.join(folder);
    let refused = |why: String| {
        let message = format!("the fonts in `{}` cannot be used: {why}", folder.display());
        let hint = format!(
            "name a folder with fonts (.ttf, .otf, .ttc), at most {FONTS} of them and {} MiB",
            FONT_BYTES >> 20
        );
        Failure::usage(message, hint)
    };
    let is_font = |entry: &walkdir::DirEntry| {
        let name = entry.file_name().to_string_lossy().to_ascii_lowercase();
        entry.file_type().is_file()
            && [".ttf", ".otf", ".ttc"].iter().any(|end| name.ends_with(end))
    };
    let (mut files, mut room) = (Vec::new(), FONT_BYTES);
    // Links are not followed, beside the folder itself.
    for (seen, entry) in walkdir::WalkDir::new(&folder).into_iter().enumerate() {
        let entry = entry.map_err(|error| refused(error.to_string()))?;
        if seen > SEEN || files.len() == FONTS && is_font(&entry) {
            return Err(refused("there are too many files".to_owned()));
        }
        if is_font(&entry) {
            let bytes = files::read_regular(entry.path(), room)
                .map_err(|error| refused(format!("`{}`: {error}", entry.path().display())))?;
            room -= bytes.len() as u64;
            let name = entry.path().strip_prefix(&folder).unwrap_or(entry.path());
            files.push((name.to_string_lossy().into_owned(), bytes));
        }
    }
    if files.is_empty() {
        return Err(refused("there are none".to_owned()));
    }
    Typefaces::of(files).map_err(|name| refused(format!("`{name}` is none")))
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
    // Wherever links lead: a repository must not put a user's other files into reports.
    let real = |path: &Path| path.canonicalize().map_err(|error| refused(error.to_string()));
    let file = real(&home.root.join(path))?;
    if !file.starts_with(real(&home.root)?) {
        return Err(refused("it is not below the root".to_owned()));
    }
    let bytes = files::read_regular(&file, LOGO).map_err(|error| refused(error.to_string()))?;
    match crate::report::is_picture(&bytes) {
        true => Ok(BASE64.encode(bytes)),
        false => Err(refused("it is neither PNG nor JPEG".to_owned())),
    }
}
