//! What headings, lines and labels are recognised as.

use crate::lexicon::{
    APPROVES, CHOICES, COUNTED, FIELDS, NOT_APPLICABLE, OWNER, Pair, READINESS, RESULTS, ROLES,
    SIGNING, STANDBY,
};

use super::Claim;
use super::mark::without_optional;

/// Boxes of people who do not write task lists, and what they claim.
const BOXES: &[(char, Claim)] = &[
    ('☐', Claim::Open),
    ('□', Claim::Open),
    ('⬜', Claim::Open),
    ('🔲', Claim::Open),
    ('☑', Claim::Done),
    ('✅', Claim::Done),
    ('☒', Claim::Done),
];

/// The section is only for when things go wrong, or for reference.
pub(super) fn is_standby(title: &str) -> bool {
    let lower = title.to_lowercase();
    // `Rollback plan tested` is a question before the event. In doubt the items count.
    STANDBY.is_in(&lower) && !READINESS.is_in(&lower)
}

/// A heading on standby that names when things go wrong in passing: `Disable emergency mode`.
pub(super) fn is_standby_in_passing(title: &str) -> bool {
    let lower = title.to_lowercase();
    let mut words =
        lower.split_whitespace().map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()));
    let first = words.find(|word| word.chars().any(char::is_alphabetic)).unwrap_or_default();
    let counted = COUNTED.is(first);
    let from = |word: &str| lower.find(word).map_or("", |at| &lower[at..]);
    let next =
        if counted { words.find(|word| word.chars().any(char::is_alphabetic)) } else { None };
    let begins = from(next.unwrap_or(first));
    // What stands in parentheses behind it says how, not what.
    let last = lower.split(" (").next().unwrap_or_default();
    let last = last.trim_end_matches(|c: char| !c.is_alphanumeric());
    is_standby(title)
        && !STANDBY.words().any(|phrase| begins.starts_with(phrase) || last.ends_with(phrase))
        && !["plan", "procedure", "steps", "guide", "playbook", "strategy"]
            .iter()
            .any(|word| last.ends_with(word))
}

/// One side of a decision, and nothing to be done: `GO`, `NO-GO`, `Yes`.
pub(super) fn is_choice(text: &str) -> bool {
    let lower = text.to_lowercase();
    let word = lower.trim_matches(|c: char| !c.is_alphanumeric());
    word == "hold"
        || CHOICES.iter().chain(RESULTS).any(|(_, through, not)| word == *through || word == *not)
}

/// The side of a choice that an option is, `true` for the one that lets through: `PASS - all is well`.
pub(super) fn option(text: &str, pairs: &[Pair]) -> Option<bool> {
    let lower = text.to_lowercase();
    let lower = lower.trim_start_matches(|c: char| !c.is_alphanumeric());
    let is = |word: &str| {
        lower.strip_prefix(word).is_some_and(|rest| {
            let rest = rest.trim_start();
            rest.is_empty() || rest.starts_with(['-', '–', '—', '(', '（', '*'])
        })
    };
    // `no-go` is no `no`, whatever the order of the table.
    let sides = pairs.iter().flat_map(|(_, through, not)| [(*not, false), (*through, true)]);
    sides.filter(|(word, _)| is(word)).max_by_key(|(word, _)| word.len()).map(|(_, side)| side)
}

/// What stands behind `[ ]` in its line makes an item of it: a blank and a text.
pub(super) fn follows_box(behind: &str) -> bool {
    behind.starts_with([' ', '\t']) && !behind.trim().is_empty()
}

/// A line that begins with a box: what it claims, and what the line says.
pub(super) fn boxed(line: &str) -> Option<(Claim, &str)> {
    // What some hosts render as a box with a dash.
    if let Some(rest) =
        line.trim_start().strip_prefix("[~]").or(line.trim_start().strip_prefix("[-]"))
        && follows_box(rest)
    {
        return Some((Claim::NotApplicable, rest.trim()));
    }
    let mut chars = line.trim_start().chars();
    let first = chars.next()?;
    let (_, claim) = BOXES.iter().find(|(known, _)| *known == first)?;
    let rest = chars.as_str().trim_start_matches('\u{fe0f}').trim();
    Some((*claim, rest))
}

/// A cell of a column of boxes: it begins with one, says that it does not apply, or that it failed.
pub(super) fn boxed_cell(cell: &str) -> Option<Claim> {
    let cell = cell.trim();
    match cell {
        "[ ]" => return Some(Claim::Open),
        "[x]" | "[X]" => return Some(Claim::Done),
        _ => {}
    }
    match boxed(cell) {
        Some((claim, rest)) if !rest.contains(['☐', '☑', '☒', '⬜']) => Some(claim),
        Some(_) => None,
        None if cell.starts_with(['❌', '✗', '✘']) => Some(Claim::Open),
        None => NOT_APPLICABLE.is(&cell.to_lowercase()).then_some(Claim::NotApplicable),
    }
}

/// The heading counts: `Step 1`, `Phase 2`, `3.`, `1.1`, `T-30 min`, `T+1 Hour`.
pub(super) fn counts(title: &str) -> bool {
    let lower = title.trim().to_lowercase();
    let digit_follows = |rest: &str| rest.trim_start().starts_with(|c: char| c.is_ascii_digit());
    let numbered = lower.split_whitespace().next().is_some_and(|word| {
        let digits = word.trim_end_matches(['.', ')', ':']);
        digits.split('.').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
            && (digits.len() < word.len() || digits.contains('.'))
    });
    let clock = lower.strip_prefix('t').is_some_and(|rest| {
        rest.trim_start().starts_with(['-', '+', '−', '–'])
            && digit_follows(
                &rest.trim_start()[rest.trim_start().chars().next().map_or(0, char::len_utf8)..],
            )
    });
    let word = COUNTED.words().any(|word| {
        lower
            .strip_prefix(word)
            .is_some_and(|rest| rest.starts_with([' ', '-']) && digit_follows(&rest[1..]))
    });
    numbered || clock || word
}

/// The text names a place where people sign or decide.
pub(super) fn is_signing(text: &str) -> bool {
    SIGNING.is_in(&text.to_lowercase())
}

/// The role that a sign-off line names, if it names one. `task`: the line is a task, which has to
/// look like a person's approval; `signing`: it stands where people sign.
pub(super) fn role(label: &str, task: bool, signing: bool, dated: bool) -> Option<String> {
    // `**Tech Lead** (optional)` is asked for like any other: whoever signs is not optional.
    let plain = label.replace("**", "");
    let label = bare(without_optional(plain.trim()).unwrap_or(&plain));
    let lower = label.to_lowercase();
    if label.is_empty() || label.chars().count() > 60 || FIELDS.is(&lower) {
        return None;
    }
    let approves = without_end(label, APPROVES.ends(&lower));
    let name = approves.filter(|name| !name.is_empty()).unwrap_or(label);
    let last = name.to_lowercase();
    let known = ROLES.ends(last.trim_end_matches(|c: char| !c.is_alphanumeric())).is_some();
    let reads = if task {
        approves.is_some_and(|name| !name.is_empty()) || known && dated
    } else {
        known || signing && dated
    };
    reads.then(|| name.to_owned())
}

/// The name of a role, by its last word.
pub(super) fn is_role(label: &str) -> bool {
    ROLES.ends(&bare(label).to_lowercase()).is_some()
}

/// A label for whoever did something: `Approved By`.
pub(super) fn is_person(label: &str) -> bool {
    OWNER.is(&bare(label).to_lowercase())
}

/// A label for what stands beside a name: `Signature`, `Date`.
pub(super) fn is_field(label: &str) -> bool {
    FIELDS.is(&bare(label).to_lowercase())
}

fn bare(label: &str) -> &str {
    label.trim().trim_matches(['*', '_', '`', ':', ' ']).trim()
}

/// The label before the word that begins at `end` of its lower case, which may have other lengths.
fn without_end(label: &str, end: Option<usize>) -> Option<&str> {
    let lower = label.to_lowercase();
    let word = lower.get(end?..)?.chars().count();
    let at = label.char_indices().rev().nth(word.checked_sub(1)?).map_or(0, |(at, _)| at);
    Some(label[..at].trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_count_by_number_clock_or_word() {
        for counted in [
            "Step 1: build",
            "Phase 2",
            "3. Deploy",
            "1.1 Code Status",
            "T-30 Min: Communication",
            "T+1 Hour",
            "DÍA 4 - x",
        ] {
            assert!(counts(counted), "{counted}");
        }
        for not in ["Deploy", "2024 review", "Steps", "Testing 1", "T-Day", "5 things"] {
            assert!(!counts(not), "{not}");
        }
    }

    #[test]
    fn standby_is_found_by_whole_words() {
        assert!(is_standby("Rollback Procedure (If Issues Found)"));
        assert!(is_standby("Common Issues & Solutions"));
        assert!(is_standby("回滚方案"));
        assert!(!is_standby("Emergencyless"));
        assert!(!is_standby("Deployment"));
        assert!(!is_standby("Rollback plan tested"));
        assert!(!is_standby("Backup / rollback"));
    }

    #[test]
    fn roles_are_told_from_tasks() {
        assert_eq!(role("**Tech Lead**", false, true, true).as_deref(), Some("Tech Lead"));
        let optional = role("**Tech Lead** (optional)", false, true, true);
        assert_eq!(optional.as_deref(), Some("Tech Lead"));
        assert_eq!(role("Operations Team", false, true, true).as_deref(), Some("Operations Team"));
        assert_eq!(
            role("Product Owner approval", true, true, true).as_deref(),
            Some("Product Owner")
        );
        assert_eq!(role("All smoke tests passing", true, true, true), None);
        assert_eq!(role("Date", false, true, true), None);
        // Lower case of this letter is longer than the letter.
        assert!(role(&format!("{}aprobación", "İ".repeat(12)), false, true, true).is_some());
    }
}
