//! When each answer was given: lanes on a scale of a thousand, from which long pauses are left out.

use super::build::Builder;
use super::steps::duration;
use super::view::{Lane, Mark, Pause, Timeline};
use crate::clock::Timestamp;
use crate::ledger::state::{Answer, Given};
use crate::outcome::Outcome;

/// So many items have a lane: those that took longest.
const LANES: usize = 40;
/// So many marks are drawn in one lane, the newest.
const MARKS: usize = 50;
/// So many pauses are left out, the longest.
const PAUSES: usize = 6;
/// The length of the scale, and what stands on it for a pause.
const SCALE: i64 = 1000;
const GAP: i64 = 24;
/// No mark is shorter.
const LEAST: i64 = 6;

/// One answer: when it began and ended, in milliseconds.
#[derive(Clone, Copy)]
struct Work {
    from: i64,
    to: i64,
    outcome: Outcome,
    person: bool,
}

impl Builder<'_> {
    pub(super) fn timeline(&self) -> Timeline {
        let run = self.subject.run;
        let items = self.subject.checklist.items.iter().enumerate();
        let mut lanes: Vec<(usize, Vec<Work>)> = items
            .filter_map(|(at, item)| {
                let answers = run.answers.get(&item.id)?;
                let newest = answers.len().saturating_sub(MARKS);
                Some((at, answers[newest..].iter().map(Work::of).collect()))
            })
            .filter(|(_, all): &(usize, Vec<Work>)| !all.is_empty())
            .collect();
        let left_out = lanes.len().saturating_sub(LANES);
        if left_out > 0 {
            let took = |all: &[Work]| -> i64 { all.iter().map(|work| work.to - work.from).sum() };
            lanes.sort_by_key(|(at, all)| (std::cmp::Reverse(took(all)), *at));
            lanes.truncate(LANES);
        }
        lanes.sort_by_key(|(at, all)| (all.iter().map(|work| work.from).min(), *at));
        let all: Vec<Work> = lanes.iter().flat_map(|(_, all)| all.iter().copied()).collect();
        let Some(scale) = Scale::of(&all) else { return Timeline::default() };
        let time = |ms| Timestamp::from_millis(ms).map(|at| at.to_string()).unwrap_or_default();
        Timeline {
            from: time(scale.from),
            to: time(scale.to),
            lanes: lanes
                .into_iter()
                .map(|(item, all)| Lane {
                    item,
                    marks: all.iter().map(|work| scale.mark(work)).collect(),
                })
                .collect(),
            pauses: scale.pauses(),
            left_out,
        }
    }
}

impl Work {
    /// A machine's answer is written down when it ends.
    fn of(answer: &Answer) -> Self {
        let to = answer.at.as_millis();
        let (took, person) = match &answer.given {
            Given::Machine(result) => (result.ms.max(0), false),
            Given::Person(_) => (0, true),
        };
        Self { from: to.saturating_sub(took), to, outcome: answer.outcome(), person }
    }
}

/// Times on a line, without the longest pauses between them.
struct Scale {
    from: i64,
    to: i64,
    /// Pauses that are left out, in order of time.
    cuts: Vec<(i64, i64)>,
}

impl Scale {
    fn of(all: &[Work]) -> Option<Self> {
        let mut sorted: Vec<(i64, i64)> = all.iter().map(|work| (work.from, work.to)).collect();
        sorted.sort_unstable();
        let (from, mut to) = *sorted.first()?;
        let mut pauses = Vec::new();
        for (begin, end) in sorted {
            if begin > to {
                pauses.push((to, begin));
            }
            to = to.max(end);
        }
        // A pause that takes less than an eighth of the line hides nothing.
        let eighth = (to - from) / 8;
        pauses.retain(|(begin, end)| end - begin > eighth.max(1000));
        pauses.sort_by_key(|(begin, end)| (begin - end, *begin));
        pauses.truncate(PAUSES);
        pauses.sort_unstable();
        Some(Self { from, to, cuts: pauses })
    }

    /// The place of a time on the line.
    fn place(&self, time: i64) -> i64 {
        let cut: i64 = self.cuts.iter().map(|(begin, end)| end - begin).sum();
        let length = (self.to - self.from - cut).max(1);
        let room = SCALE - LEAST - GAP * i64::try_from(self.cuts.len()).unwrap_or(0);
        let (mut passed, mut gaps) = (time - self.from, 0);
        for (begin, end) in self.cuts.iter().filter(|(_, end)| *end <= time) {
            passed -= end - begin;
            gaps += GAP;
        }
        i64::try_from(i128::from(passed) * i128::from(room) / i128::from(length)).unwrap_or(0)
            + gaps
    }

    fn mark(&self, work: &Work) -> Mark {
        let unsigned = |place: i64| usize::try_from(place).unwrap_or(0);
        let (x, end) = (self.place(work.from), self.place(work.to));
        Mark {
            x: unsigned(x),
            width: unsigned((end - x).max(LEAST)),
            outcome: work.outcome.word(),
            person: work.person,
        }
    }

    fn pauses(&self) -> Vec<Pause> {
        let pause = |(begin, end): &(i64, i64)| Pause {
            x: usize::try_from(self.place(*begin) + LEAST).unwrap_or(0),
            took: duration(end - begin),
        };
        self.cuts.iter().map(pause).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn work(from: i64, to: i64) -> Work {
        Work { from, to, outcome: Outcome::Pass, person: false }
    }

    #[test]
    fn marks_lie_on_the_line_in_the_order_of_time() {
        let all = [work(0, 500), work(500, 1000), work(250, 250)];
        let scale = Scale::of(&all).expect("a scale");
        let marks: Vec<(usize, usize)> =
            all.iter().map(|work| scale.mark(work)).map(|mark| (mark.x, mark.width)).collect();
        assert_eq!(marks, [(0, 497), (497, 497), (248, 6)]);
        assert!(scale.pauses().is_empty());
    }

    #[test]
    fn a_night_between_two_answers_is_told_and_takes_no_room() {
        let night = 10 * 60 * 60 * 1000;
        let all = [work(0, 1000), work(night, night + 1000)];
        let scale = Scale::of(&all).expect("a scale");
        let marks: Vec<Mark> = all.iter().map(|work| scale.mark(work)).collect();
        assert_eq!(scale.pauses().len(), 1);
        assert!(marks[0].width > 400 && marks[1].width > 400, "{marks:?}");
        assert!(marks[0].x + marks[0].width < marks[1].x, "{marks:?}");
        assert!(marks[1].x + marks[1].width <= 1000, "{marks:?}");
    }

    #[test]
    fn times_from_anywhere_stay_on_the_line() {
        let far = 253_402_300_799_999;
        for all in [
            vec![work(-62_167_219_200_000, far)],
            vec![work(7, 7)],
            vec![work(0, far), work(far, far)],
        ] {
            let scale = Scale::of(&all).expect("a scale");
            for mark in all.iter().map(|work| scale.mark(work)) {
                assert!(mark.x + mark.width <= 1000, "{mark:?}");
            }
        }
        assert!(Scale::of(&[]).is_none());
    }
}
