//! How often a check was tried in a row, as a report says it.

use super::view::{AnswerView, CheckView};
use crate::outcome::Outcome;

const PASSED: &str = "passed on the ";

const ORDINALS: &[&str] =
    &["second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"];

/// What there is to say of a result whose checks were tried more than once.
pub(super) fn told(outcome: Outcome, checks: &[CheckView]) -> Option<String> {
    let number = checks.iter().filter_map(number).max().filter(|number| *number > 1)?;
    Some(match (outcome, ORDINALS.get(number - 2)) {
        (Outcome::Pass, Some(ordinal)) => format!("{PASSED}{ordinal} attempt"),
        (Outcome::Pass, None) => format!("{PASSED}{number}th attempt"),
        _ => format!("attempt {number}"),
    })
}

/// An answer that says that the first attempt did not pass.
pub(super) fn is_late(answer: &AnswerView) -> bool {
    !answer.checks.is_empty() && answer.note.starts_with(PASSED)
}

/// The attempt that the run wrote behind the last expectation of a check: `attempt 3 of 7`.
fn number(check: &CheckView) -> Option<usize> {
    let last = check.steps.last()?.expect.last()?;
    let directive = ["retry: ", "until: "].iter().any(|name| last.text.starts_with(name));
    let observed = last.observed.strip_prefix("attempt ").filter(|_| directive)?;
    observed.split_once(" of ")?.0.parse().ok()
}
