//! What the items of a checklist do over many runs: what fails most, what is slowest, what is flaky.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::digest::Digest;
use crate::outcome::Outcome;
use crate::report;

/// The first so many of each are told.
const MOST: usize = 10;

/// An item that checks answered in a run.
pub struct Tried {
    /// Its identity.
    pub item: String,
    /// Digest of its lines.
    pub sha256: Digest,
    /// Where the run was for.
    pub environment: String,
    /// What its attempts came to, in order; at least one.
    pub attempts: Vec<Outcome>,
    /// How long the last of them took, in milliseconds.
    pub ms: i64,
}

/// What items do.
#[derive(Default, Serialize)]
#[allow(missing_docs)]
pub struct Habits {
    /// Over so many runs.
    pub runs: usize,
    pub failing: Vec<Failing>,
    pub slow: Vec<Slow>,
    pub flaky: Vec<Flaky>,
}

#[derive(Serialize)]
#[allow(missing_docs)]
pub struct Failing {
    pub item: String,
    pub text: String,
    pub failed: usize,
    pub runs: usize,
    /// In thousandths.
    pub part: usize,
}

#[derive(Serialize)]
#[allow(missing_docs)]
pub struct Slow {
    pub item: String,
    pub text: String,
    pub median: String,
    pub longest: String,
    pub runs: usize,
}

#[derive(Serialize)]
#[allow(missing_docs)]
pub struct Flaky {
    pub item: String,
    pub text: String,
    /// In so many runs it passed after an attempt that did not.
    pub late: usize,
    /// So often it changed between passing and not from one run to the next, unchanged itself, in one environment.
    pub turns: usize,
    pub runs: usize,
}

/// What is known of one item.
#[derive(Default)]
struct Record {
    failed: usize,
    times: Vec<i64>,
    late: usize,
    /// Whether it passed, by environment and digest, in the order of the runs.
    passed: BTreeMap<(String, Digest), Vec<bool>>,
}

impl Habits {
    /// What items did in `runs` runs, oldest first; `text` says what an item's line says.
    pub fn of<'a>(
        runs: usize,
        tried: impl IntoIterator<Item = Tried>,
        text: &dyn Fn(&str) -> Option<&'a str>,
    ) -> Self {
        let mut records: BTreeMap<String, Record> = BTreeMap::new();
        for tried in tried {
            let Some((last, before)) = tried.attempts.split_last() else { continue };
            let record = records.entry(tried.item).or_default();
            let passed = *last == Outcome::Pass;
            let failed = |outcome: &Outcome| matches!(outcome, Outcome::Fail | Outcome::Error);
            record.times.push(tried.ms);
            record.failed += usize::from(failed(last));
            record.late += usize::from(passed && before.iter().any(failed));
            if passed || failed(last) {
                let key = (tried.environment, tried.sha256);
                record.passed.entry(key).or_default().push(passed);
            }
        }
        let mut all: Vec<(String, Record)> = records.into_iter().collect();
        let named = |item: &str| text(item).unwrap_or(item).to_owned();
        all.sort_by_key(|(_, record)| {
            std::cmp::Reverse((record.failed * 1000) / record.times.len().max(1))
        });
        let failing = all.iter().filter(|(_, record)| record.failed > 0).take(MOST);
        let failing = failing.map(|(item, record)| Failing {
            item: item.clone(),
            text: named(item),
            failed: record.failed,
            runs: record.times.len(),
            part: record.failed * 1000 / record.times.len().max(1),
        });
        let failing = failing.collect();
        all.iter_mut().for_each(|(_, record)| record.times.sort_unstable());
        all.sort_by_key(|(_, record)| std::cmp::Reverse(record.median()));
        let slow = all.iter().take(MOST).map(|(item, record)| Slow {
            item: item.clone(),
            text: named(item),
            median: report::duration(record.median()),
            longest: report::duration(record.times.last().copied().unwrap_or(0)),
            runs: record.times.len(),
        });
        let slow = slow.collect();
        all.sort_by_key(|(_, record)| std::cmp::Reverse(record.late + record.turns()));
        let flaky = all.iter().filter(|(_, record)| record.late + record.turns() > 0).take(MOST);
        let flaky = flaky.map(|(item, record)| Flaky {
            item: item.clone(),
            text: named(item),
            late: record.late,
            turns: record.turns(),
            runs: record.times.len(),
        });
        Self { runs, failing, slow, flaky: flaky.collect() }
    }
}

impl Record {
    /// Of times that are sorted.
    fn median(&self) -> i64 {
        self.times.get(self.times.len() / 2).copied().unwrap_or(0)
    }

    /// One that broke, or was mended, turned once; only what turns back is flaky.
    fn turns(&self) -> usize {
        let turns =
            |passed: &Vec<bool>| passed.windows(2).filter(|pair| pair[0] != pair[1]).count();
        self.passed.values().map(turns).filter(|turns| *turns > 1).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tried(item: &str, environment: &str, attempts: &[Outcome], ms: i64) -> Tried {
        Tried {
            item: item.to_owned(),
            sha256: Digest::of(b"same"),
            environment: environment.to_owned(),
            attempts: attempts.to_vec(),
            ms,
        }
    }

    #[test]
    fn what_breaks_once_is_not_flaky_and_what_turns_back_is() {
        use Outcome::{Fail, Pass};
        let runs = [
            tried("broke", "prod", &[Pass], 10),
            tried("turns", "prod", &[Pass], 10),
            tried("late", "prod", &[Fail, Pass], 10),
            tried("place", "prod", &[Pass], 10),
            tried("place", "test", &[Fail], 10),
            tried("broke", "prod", &[Fail], 10),
            tried("turns", "prod", &[Fail], 900),
            tried("turns", "prod", &[Pass], 800),
            tried("place", "prod", &[Pass], 10),
            tried("place", "test", &[Fail], 10),
        ];
        let habits = Habits::of(3, runs, &|_| None);
        let flaky: Vec<&str> = habits.flaky.iter().map(|one| one.item.as_str()).collect();
        assert_eq!(flaky, ["turns", "late"]);
        let failing: Vec<(&str, usize)> =
            habits.failing.iter().map(|one| (one.item.as_str(), one.part)).collect();
        assert_eq!(failing, [("broke", 500), ("place", 500), ("turns", 333)]);
        assert_eq!(
            (habits.slow[0].item.as_str(), habits.slow[0].median.as_str()),
            ("turns", "800 ms")
        );
    }
}
