//! The differences as one HTML file, from `templates/diff.html`.

use super::Diff;
use crate::report::{self, Error, Head, Language, Sheet, Templates, Whose};

const SHEET: Sheet = Sheet { template: "diff.html", parts: &[], script: "" };

/// One self-contained HTML file without script or request, its own words in a language.
///
/// # Errors
/// When a template has a mistake.
pub fn html(
    diff: &Diff,
    language: Language,
    whose: Whose,
    templates: &Templates,
) -> Result<Vec<u8>, Error> {
    let title = format!("{} → {}: {}", diff.from.release, diff.to.release, diff.to.title);
    let head = Head { title, feed: String::new(), whose };
    report::page(&SHEET, &head, language, templates, diff)
}
