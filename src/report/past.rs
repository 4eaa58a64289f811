//! The last runs of a checklist beside each other: what they came to, and how long their checks took.

use super::build::Builder;
use super::steps::duration;
use super::view::{Past, PastRun};
use crate::checklist::Item;
use crate::judge::Call;
use crate::outcome::Outcome;
use crate::said;
use crate::said::Said;

/// So many runs before this one are told of an item.
const SQUARES: usize = 8;

impl Builder<'_> {
    /// The runs before this one, and this one with its verdict.
    pub(super) fn past(&mut self, call: &'static str) -> Past {
        let subject = self.subject;
        let (run, earlier) = (subject.run, subject.earlier);
        if earlier.is_empty() {
            return Past::default();
        }
        let here = subject.verdicts.get(subject.gate).map_or(Call::Hold, |verdict| verdict.call);
        let calls: Vec<Call> = earlier.iter().map(|one| one.call).chain([here]).collect();
        let times: Vec<i64> = earlier.iter().map(|one| one.took).chain([subject.took]).collect();
        let longest = times.iter().copied().max().unwrap_or(0);
        let mut runs: Vec<PastRun> = earlier
            .iter()
            .map(|one| PastRun {
                call: one.call.word(),
                run: self.see(&one.run),
                release: self.see(self.language.named(&one.release)),
                environment: self.see(self.language.named(&one.environment)),
                at: one.at.to_string(),
                took: duration(one.took),
                height: height(one.took, longest),
                here: false,
                gone: one.gone,
            })
            .collect();
        runs.push(PastRun {
            call,
            run: self.see(&run.opened.run),
            release: self.see(self.language.named(&run.opened.release)),
            environment: self.see(self.language.named(&run.opened.environment)),
            at: run.last_at.to_string(),
            took: duration(subject.took),
            height: height(subject.took, longest),
            here: true,
            gone: false,
        });
        let (verdicts, times) = (self.say(&told_verdicts(&calls)), self.say(&told_times(&times)));
        Past { runs, verdicts, times }
    }

    /// What an item came to before, its lines being the same; nothing where it always came to what it does now.
    pub(super) fn before(&self, item: &Item, now: Outcome) -> Vec<&'static str> {
        let earlier = self.subject.earlier;
        let newest = &earlier[earlier.len().saturating_sub(SQUARES)..];
        let came_to = newest.iter().map(|run| match run.outcomes.get(&item.id) {
            Some((sha256, outcome)) if *sha256 == item.sha256 => outcome.word(),
            _ => "",
        });
        let all: Vec<&str> = came_to.skip_while(|word| word.is_empty()).collect();
        match all.iter().any(|word| !word.is_empty() && *word != now.word()) {
            true => all,
            false => Vec::new(),
        }
    }
}

/// What took any time at all can be seen.
fn height(took: i64, longest: i64) -> usize {
    let part = i128::from(took.max(0)) * 100 / i128::from(longest.max(1));
    usize::try_from(part).unwrap_or(100).max(usize::from(took > 0))
}

/// What runs came to, oldest first, in words.
pub fn told_verdicts(calls: &[Call]) -> Said {
    let count = |call: Call| calls.iter().filter(|one| **one == call).count();
    let [go, hold, no_go] = [Call::Go, Call::Hold, Call::NoGo].map(count);
    let newest = calls.last().map_or_else(|| said!("none"), |call| Said::from(call.word()));
    said!("{} GO, {} HOLD, {} NO-GO; the newest is {}", go, hold, no_go, newest)
}

/// How long runs took in milliseconds, oldest first, in words.
pub fn told_times(times: &[i64]) -> Said {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    let word = |ms: Option<&i64>| duration(ms.copied().unwrap_or(0));
    let (median, longest) = (word(sorted.get(sorted.len() / 2)), word(sorted.last()));
    said!("median {}, longest {}, newest {}", median, longest, word(times.last()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_verdicts_of_runs_are_told_in_words() {
        let told = told_times(&[1500, 100, 200]);
        assert_eq!(told.to_string(), "median 200 ms, longest 1.5 s, newest 200 ms");
        assert_eq!(told_verdicts(&[]).to_string(), "0 GO, 0 HOLD, 0 NO-GO; the newest is none");
        assert_eq!((height(1, i64::MAX), height(i64::MAX, i64::MAX), height(0, 0)), (1, 100, 0));
    }
}
