//! How reports are to look: what `holdpoint.toml` and the checklist say of it, and what somebody asks for.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::checklist::Checklist;
use crate::config::NAME;
use crate::files;
use crate::ledger::Ledger;
use crate::report::{self, Language, Looks, Made, Sealed, Templates, Typefaces, Whose};

use super::folder::{self, Bounds, below};
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
    let of_all = language(home)?;
    Ok(Looks {
        classification: line(&config.classification),
        fonts: String::new(),
        language: asked.or(of_checklist).unwrap_or(of_all),
        logo: config.logo.as_deref().map_or(Ok(String::new()), |path| logo(home, path))?,
        organisation: line(&config.organisation),
    })
}

/// The language that the repository agreed on.
///
/// # Errors
/// When it is not known.
pub(super) fn language(home: &Home) -> Result<Language, Failure> {
    match home.config.report.language.as_str() {
        "" => Ok(Language::default()),
        code => Language::of(code).ok_or_else(|| {
            let known: Vec<&str> = Language::ALL.iter().map(|one| one.code()).collect();
            let message = format!("`{NAME}`: reports cannot be in `{code}`");
            Failure::usage(message, format!("they can be in {}", known.join(", ")))
        }),
    }
}

/// Whose pages beside reports are.
pub(super) fn whose(home: &Home) -> Whose {
    let config = &home.config.report;
    let (organisation, classification) = (line(&config.organisation), line(&config.classification));
    Whose { organisation, classification }
}

/// What went wrong where something was rendered: somebody's own template has a mistake, or we have.
pub(super) fn mistaken(templates: &Templates, error: &report::Error) -> Failure {
    match error {
        report::Error::Template(mistake) if templates.are_own() => Failure::usage(
            format!("the template has a mistake: {}", templates.placed(mistake)),
            "docs/templates.md says what templates are given",
        ),
        _ => Failure::ours(format!("the report cannot be rendered: {error}")),
    }
}

const TEMPLATES: Bounds = Bounds { deep: 2, files: 64, bytes: 1 << 20 };

/// The templates of the folder that somebody asks for, or that `holdpoint.toml` names; else our own.
///
/// # Errors
/// When they cannot be used.
pub(super) fn templates(home: &Home, asked: Option<&Path>) -> Result<Templates, Failure> {
    let refused = |why: String| {
        let message = format!("`{NAME}`: the templates cannot be used: {why}");
        Failure::usage(message, "name a folder below the root")
    };
    match (asked, &home.config.report.templates) {
        (Some(folder), _) => templates_in(&home.root, folder),
        (None, Some(folder)) => templates_in(&home.root, &below(home, folder, refused)?),
        (None, None) => Ok(Templates::default()),
    }
}

/// The templates of a folder: its files and those of `parts/`, but none that is hidden.
///
/// # Errors
/// When there is none, or one cannot be used.
pub(super) fn templates_in(root: &Path, folder: &Path) -> Result<Templates, Failure> {
    let refused = |why: String| {
        let known: Vec<&str> = Templates::names().collect();
        let message = format!("templates cannot be read from `{}`: {why}", folder.display());
        Failure::usage(message, format!("there are {}, and parts/*", known.join(", ")))
    };
    let text = |(name, bytes)| match String::from_utf8(bytes) {
        Ok(text) => Ok((name, text)),
        Err(_) => Err(refused(format!("`{name}` is not UTF-8"))),
    };
    let all = folder::all(folder, &TEMPLATES, |_| true).map_err(refused)?;
    let own = all.into_iter().map(text).collect::<Result<_, _>>()?;
    let shown = folder.strip_prefix(root).unwrap_or(folder).to_string_lossy();
    Templates::of(&shown, own).map_err(|mistake| {
        let message = format!("the template has a mistake: {mistake}");
        Failure::usage(message, "docs/templates.md says what templates may be")
    })
}

const FONTS: Bounds = Bounds { deep: 8, files: 64, bytes: 128 << 20 };

/// The fonts in the folder that `holdpoint.toml` or whoever asks names. They may lie anywhere: nothing of them gets into a
/// report but their digest and the outlines of letters.
///
/// # Errors
/// When there are none, or too many.
pub(super) fn typefaces(home: &Home) -> Result<Typefaces, Failure> {
    let named = home.config.report.fonts.as_ref();
    let Some(folder) = home.fonts.as_ref().or(named) else { return Ok(Typefaces::default()) };
    let folder = home.root.join(folder);
    // A repository brings no fonts: what they show as a letter may be anything.
    let real = |path: &Path| path.canonicalize().ok();
    let below = |top: &Path| {
        real(&folder).zip(real(top)).is_some_and(|(folder, top)| folder.starts_with(top))
    };
    if home.fonts.is_none() && (below(&home.root) || below(&home.repository)) {
        let message = format!("`{NAME}`: the fonts `{}` lie in the repository", folder.display());
        return Err(Failure::usage(
            message,
            "name a folder outside of it, or give this one by `--fonts`",
        ));
    }
    let refused = |why: String| {
        let message = format!("the fonts in `{}` cannot be used: {why}", folder.display());
        let hint = format!(
            "name a folder with fonts (.ttf, .otf, .ttc), at most {} of them and {} MiB",
            FONTS.files,
            FONTS.bytes >> 20
        );
        Failure::usage(message, hint)
    };
    let is_font = |name: &str| {
        let name = name.to_ascii_lowercase();
        [".ttf", ".otf", ".ttc"].iter().any(|end| name.ends_with(end))
    };
    let files = folder::all(&folder, &FONTS, is_font).map_err(refused)?;
    Typefaces::of(files)
        .map_err(|name| refused(format!("`{name}` is none, or has glyphs in colours")))
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
