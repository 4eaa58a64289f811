//! Pictures of many runs, as integers that a template only has to write down.

use serde::Serialize;

use super::Run;
use crate::judge::Call;
use crate::report;

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
pub(super) fn trend(runs: &[Run]) -> Trend {
    let runs = &runs[runs.len().saturating_sub(MOST)..];
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
                    run.release,
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
        said: said(runs),
        took: took(&times),
        passed: passed(&parts),
        marks,
    }
}

/// How much of a run's items passed, in thousandths.
fn part(run: &Run) -> usize {
    (run.judged.counts.pass * 1000).checked_div(run.judged.counts.total()).unwrap_or(0)
}

fn said(runs: &[Run]) -> String {
    let count = |call: Call| runs.iter().filter(|run| run.judged.call == call).count();
    let [go, hold, no_go] = [Call::Go, Call::Hold, Call::NoGo].map(count);
    let newest = runs.last().map_or("none", |run| run.judged.call.word());
    format!("{go} GO, {hold} HOLD, {no_go} NO-GO; the newest is {newest}")
}

fn took(times: &[usize]) -> String {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    let word = |ms: Option<&usize>| report::duration(ms.map_or(0, |ms| *ms as i64));
    let (median, longest) = (word(sorted.get(sorted.len() / 2)), word(sorted.last()));
    format!("median {median}, longest {longest}, newest {}", word(times.last()))
}

fn passed(parts: &[usize]) -> String {
    let percent = |part: Option<&usize>| format!("{} %", part.map_or(0, |part| part / 10));
    let mean = (parts.iter().sum::<usize>()).checked_div(parts.len());
    format!("mean {}, newest {}", percent(mean.as_ref()), percent(parts.last()))
}
