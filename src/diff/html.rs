//! The differences as one HTML file, from `templates/diff.html`.

use super::Diff;
use crate::report::{self, Error, Language, Sheet};

const SHEET: Sheet =
    Sheet { template: include_str!("../../templates/diff.html"), parts: &[], script: "" };

/// One self-contained HTML file without script or request, its own words in a language.
///
/// # Errors
/// When the template fails.
pub fn html(diff: &Diff, language: Language) -> Result<Vec<u8>, Error> {
    report::page(&SHEET, language, diff)
}
