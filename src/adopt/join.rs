//! Boxes below a block, each with the step of it that answers it.

use std::collections::BTreeMap;

use super::segment::Statement;

/// Words that say nothing about what is looked at.
const EMPTY: &[&str] = &[
    "the",
    "and",
    "all",
    "are",
    "any",
    "for",
    "not",
    "with",
    "that",
    "this",
    "verify",
    "check",
    "checks",
    "confirm",
    "ensure",
    "available",
    "configured",
    "running",
    "successful",
    "successfully",
    "completed",
    "complete",
    "ready",
    "get",
    "list",
    "show",
    "kubectl",
    "docker",
    "compose",
    "curl",
    "https",
    "http",
    "exec",
    "from",
    "has",
    "have",
    "been",
    "free",
    "status",
    "working",
    "expected",
    "look",
    "run",
    "prod",
    "production",
    "staging",
    "step",
];

/// The step for each item, where both are made for each other: `pairs[item]` is an index into `steps`.
pub(super) fn pairs(
    items: &[(usize, &str)],
    steps: &[Vec<Statement<'_>>],
) -> BTreeMap<usize, usize> {
    let of_step: Vec<Vec<String>> = steps.iter().map(|step| stems(&text(step))).collect();
    let scores: Vec<Vec<usize>> = items
        .iter()
        .map(|(_, item)| {
            let words = stems(item);
            of_step
                .iter()
                .map(|step| words.iter().filter(|word| step.contains(word)).count())
                .collect()
        })
        .collect();
    let mut pairs = BTreeMap::new();
    for (at, row) in scores.iter().enumerate() {
        let Some(step) = only_best(row) else { continue };
        let column: Vec<usize> = scores.iter().map(|row| row[step]).collect();
        if only_best(&column) == Some(at) {
            pairs.insert(items[at].0, step);
        }
    }
    pairs
}

/// Where the greatest is, if it is greater than all others.
fn only_best(scores: &[usize]) -> Option<usize> {
    let best = *scores.iter().max()?;
    let mut holders = scores.iter().enumerate().filter(|(_, score)| **score == best);
    let first = holders.next()?;
    (best > 0 && holders.next().is_none()).then_some(first.0)
}

fn text(step: &[Statement<'_>]) -> String {
    let lines = step.iter().flat_map(|statement| statement.above.iter().chain(&statement.lines));
    lines.map(|line| format!("{line} ")).collect()
}

/// Words without their endings.
fn stems(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric());
    let mut stems: Vec<String> = words
        .filter(|word| word.chars().count() >= 3 && !EMPTY.contains(word))
        .filter(|word| !word.bytes().all(|byte| byte.is_ascii_digit()))
        .map(|word| word.chars().take(5).collect::<String>())
        .map(|stem| stem.trim_end_matches('s').to_owned())
        .collect();
    stems.sort();
    stems.dedup();
    stems
}

/// Statements by steps: a step begins at a comment or behind a blank line.
pub(super) fn steps<'s>(statements: &[Statement<'s>]) -> Vec<Vec<Statement<'s>>> {
    let mut steps: Vec<Vec<Statement<'s>>> = Vec::new();
    for statement in statements {
        match steps.last_mut().filter(|step| !step.is_empty() && statement.above.is_empty()) {
            Some(step) => step.push(statement.clone()),
            None => steps.push(vec![statement.clone()]),
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_made_for_each_other_is_joined() {
        assert_eq!(only_best(&[0, 2, 1]), Some(1));
        assert_eq!(only_best(&[2, 2]), None);
        assert_eq!(only_best(&[0, 0]), None);
        assert_eq!(stems("All nodes ready"), ["node"]);
        assert_eq!(stems("Migrations run, no migration errors"), ["error", "migra"]);
    }
}
