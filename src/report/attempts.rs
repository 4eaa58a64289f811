//! How often a check was tried in a row, as a report says it.

use super::view::{AnswerView, Was};
use crate::outcome::{CheckResult, Outcome};
use crate::said;
use crate::said::Said;

/// The last attempt of a result's checks, from 1.
pub(super) fn last(checks: &[CheckResult]) -> usize {
    checks.iter().filter_map(number).max().unwrap_or(1)
}

/// What there is to say of a result that took more than one attempt.
pub(super) fn told(outcome: Outcome, attempt: usize) -> Option<Said> {
    (attempt > 1).then(|| match outcome {
        Outcome::Pass => said!("passed on attempt {}", attempt),
        _ => said!("attempt {}", attempt),
    })
}

/// An answer of a check whose first attempt did not pass.
pub(super) fn is_late(answer: &AnswerView) -> bool {
    answer.attempt > 1 && answer.outcome == Outcome::Pass.word()
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
fn number(check: &CheckResult) -> Option<usize> {
    let last = check.steps.last()?.expect.last()?;
    let directive = ["retry: ", "until: "].iter().any(|name| last.text.starts_with(name));
    let observed = last.observed.strip_prefix("attempt ").filter(|_| directive)?;
    observed.split_once(" of ")?.0.parse().ok()
}
