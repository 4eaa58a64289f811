//! The differences as one HTML file, from `templates/diff.html`.

use super::Diff;
use crate::report::{self, Error, Head, Language, Sheet, Templates, Whose};
use crate::said::Said;

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
    let diff = spoken(diff.clone(), language);
    let title = format!("{} → {}: {}", diff.from.release, diff.to.release, diff.to.title);
    let head = Head { title, feed: String::new(), whose };
    report::page(&SHEET, &head, language, templates, &diff)
}

/// The same, with all that is said in a language.
fn spoken(mut diff: Diff, language: Language) -> Diff {
    let say = |said: &mut Said| *said = Said::Data(language.say(said));
    let items = diff.items.iter_mut();
    let of_items = items.flat_map(|item| item.changes.iter_mut().chain(&mut item.seen));
    for change in diff.facts.iter_mut().chain(&mut diff.about).chain(of_items) {
        let values = change.from.iter_mut().chain(&mut change.to);
        values.chain([&mut change.name]).for_each(say);
    }
    diff.looser.iter_mut().for_each(say);
    for about in [&mut diff.from, &mut diff.to] {
        about.release = language.named(&about.release).to_owned();
        about.environment = language.named(&about.environment).to_owned();
    }
    diff
}
