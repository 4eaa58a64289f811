//! Pictures of many runs, as integers that a template only has to write down.

use serde::Serialize;

use super::Run;
use crate::judge::Call;
use crate::report::{self, Language};
use crate::said;
use crate::said::Said;

/// The newest so many runs are drawn.
const MOST: usize = 60;

/// Width of a run in a picture.
const STEP: usize = 10;

/// Height of a picture.
const HIGH: usize = 100;

/// What the newest runs came to, how long they took, how much of them passed; oldest first.
#[derive(Serialize)]
#[allow(missing_docs)]
pub(super) struct Trend {
    pub runs: usize,
    pub width: usize,
    pub marks: Vec<Mark>,
    /// The points of the line of what passed.
    pub line: String,
    /// Each picture in words.
    pub said: String,
    pub took: String,
    pub passed: String,
}

/// One run in the pictures.
#[derive(Serialize)]
#[allow(missing_docs)]
pub(super) struct Mark {
    pub x: usize,
    pub call: &'static str,
    pub label: String,
    pub y: usize,
    pub height: usize,
    pub cx: usize,
    pub cy: usize,
}

/// The trend of runs, oldest first.
pub(super) fn trend(runs: &[Run], language: Language) -> Trend {
    let runs = &runs[runs.len().saturating_sub(MOST)..];
    let calls: Vec<Call> = runs.iter().map(|run| run.judged.call).collect();
    let took: Vec<i64> = runs.iter().map(|run| run.judged.ms).collect();
    let times: Vec<usize> =
        runs.iter().map(|run| usize::try_from(run.judged.ms).unwrap_or(0)).collect();
    let longest = times.iter().copied().max().unwrap_or(0);
    let parts: Vec<usize> = runs.iter().map(part).collect();
    let marks: Vec<Mark> = runs
        .iter()
        .zip(&times)
        .zip(&parts)
        .enumerate()
        .map(|(at, ((run, ms), part))| {
            // What took any time at all can be seen.
            let height = (ms * HIGH).checked_div(longest).unwrap_or(0).max(usize::from(*ms > 0));
            Mark {
                x: at * STEP,
                call: run.judged.call.word(),
                label: format!(
                    "{}: {}, {}",
                    language.named(&run.release),
                    run.judged.call.word(),
                    report::duration(run.judged.ms)
                ),
                y: HIGH - height,
                height,
                cx: at * STEP + STEP / 2,
                cy: HIGH - part * HIGH / 1000,
            }
        })
        .collect();
    let points: Vec<String> = marks.iter().map(|mark| format!("{},{}", mark.cx, mark.cy)).collect();
    Trend {
        runs: runs.len(),
        width: runs.len() * STEP,
        line: points.join(" "),
        said: language.say(&report::told_verdicts(&calls)),
        took: language.say(&report::told_times(&took)),
        passed: language.say(&passed(&parts)),
        marks,
    }
}

/// How much of a run's items passed, in thousandths.
fn part(run: &Run) -> usize {
    (run.judged.counts.pass * 1000).checked_div(run.judged.counts.total()).unwrap_or(0)
}

fn passed(parts: &[usize]) -> Said {
    let percent = |part: Option<&usize>| part.map_or(0, |part| part / 10);
    let mean = (parts.iter().sum::<usize>()).checked_div(parts.len());
    said!("mean {} %, newest {} %", percent(mean.as_ref()), percent(parts.last()))
}
