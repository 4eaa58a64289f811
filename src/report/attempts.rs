//! How often a check was tried in a row, as a report says it.

use super::view::{AnswerView, CheckView, Was};
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

/// Of so many superseded answers, the newest, is told what they saw.
const COMPARED: usize = 20;
/// So much is told of each.
const TOLD: usize = 12;

/// Tells of superseded answers by checks what they saw that the answer which counts did not.
pub(super) fn compare(superseded: &mut [AnswerView], counting: &[AnswerView]) {
    let now = counting.iter().find(|answer| !answer.checks.is_empty());
    let now: Vec<Was> = now.into_iter().flat_map(seen).collect();
    let newest = superseded.len().saturating_sub(COMPARED);
    for answer in &mut superseded[newest..] {
        let was: Vec<Was> = seen(answer).filter(|one| !now.contains(one)).take(TOLD).collect();
        answer.was = was;
    }
}

/// What an answer's checks said of themselves, and each expectation.
fn seen(answer: &AnswerView) -> impl Iterator<Item = Was> + '_ {
    answer.checks.iter().flat_map(|check| {
        let said = Was { expected: String::new(), held: "", seen: check.message.clone() };
        let steps = check.steps.iter().flat_map(|step| &step.expect);
        let expected = steps.filter(|expect| !expect.directive).map(|expect| Was {
            expected: expect.text.clone(),
            held: expect.held,
            seen: expect.observed.clone(),
        });
        Some(said).filter(|said| !said.seen.is_empty()).into_iter().chain(expected)
    })
}

/// The attempt that the run wrote behind the last expectation of a check: `attempt 3 of 7`.
fn number(check: &CheckView) -> Option<usize> {
    let last = check.steps.last()?.expect.last()?;
    let directive = ["retry: ", "until: "].iter().any(|name| last.text.starts_with(name));
    let observed = last.observed.strip_prefix("attempt ").filter(|_| directive)?;
    observed.split_once(" of ")?.0.parse().ok()
}
