//! What a run is doing: a line for each answer, and on a terminal a last line that says what runs,
//! for how long, and how many are left.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use holdpoint::flow::{Attempt, Recorded, Watch};
use holdpoint::outcome::Outcome;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::term;

type Running = Arc<Mutex<Vec<Job>>>;

/// An item whose checks run.
struct Job {
    text: String,
    begun: Instant,
    attempt: Option<Attempt>,
}

/// The progress of one run.
pub(super) struct Progress {
    bar: Option<ProgressBar>,
    running: Running,
}

/// The columns before the text of an item: its outcome, and how long it took.
const INDENT: usize = 21;

/// Redrawn so often, so that the seconds move while nothing else does.
const TICK: Duration = Duration::from_millis(200);

impl Progress {
    /// Progress over `checks` items that have checks.
    pub(super) fn new(checks: usize) -> Self {
        let running = Running::default();
        let bar = (term::watched() && checks > 0).then(|| bar(checks, Arc::clone(&running)));
        Self { bar, running }
    }

    fn say(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| term::err(line)),
            None => term::err(line),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Job>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watch for Progress {
    fn started(&self, text: &str) {
        self.lock().push(Job { text: term::visible(text), begun: Instant::now(), attempt: None });
    }

    fn again(&self, text: &str, attempt: Attempt) {
        let text = term::visible(text);
        let mut running = self.lock();
        for job in running.iter_mut().filter(|job| job.text == text) {
            job.attempt = Some(attempt);
        }
    }

    fn recorded(&self, answers: &[Recorded<'_>]) {
        let mut lines = Vec::new();
        for answer in answers {
            let text = term::visible(answer.text);
            if !answer.more {
                self.lock().retain(|job| job.text != text);
            }
            // What did not run took no time.
            let idle =
                answer.ms == 0 && matches!(answer.outcome, Outcome::Skipped | Outcome::Pending);
            let took = if idle { String::new() } else { term::duration(answer.ms) };
            // Of what passed at once nobody asks how often it could have been tried.
            let attempt = answer.attempt.filter(|attempt| answer.more || attempt.number > 1);
            let attempt = attempt.map(|attempt| term::dim(&format!("  ({attempt})")));
            let beginning =
                format!("{} {}  ", term::outcome(answer.outcome), term::dim(&format!("{took:>9}")));
            let line = format!("{text}{}", attempt.unwrap_or_default());
            lines.push(term::hanging(&beginning, &line, INDENT));
            if let Some(why) = &answer.why {
                let why = term::fit(&term::visible(why), 240);
                lines.push(term::hanging(&" ".repeat(INDENT), &why, INDENT));
            }
        }
        self.say(&lines.join("\n"));
        if let Some(bar) = &self.bar {
            bar.inc(answers.iter().filter(|answer| !answer.more).count() as u64);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn bar(checks: usize, running: Running) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(checks as u64), ProgressDrawTarget::stderr());
    let style = ProgressStyle::with_template("{spinner} {running}")
        .unwrap_or_else(|_| ProgressStyle::default_spinner())
        .with_key(
            "running",
            move |state: &indicatif::ProgressState, out: &mut dyn std::fmt::Write| {
                let left = state.len().unwrap_or(0).saturating_sub(state.pos());
                let running = running.lock().unwrap_or_else(PoisonError::into_inner);
                // A terminal that cannot be written is no reason to stop the run.
                let _ = out.write_str(&line(&running, left));
            },
        );
    bar.set_style(style);
    bar.enable_steady_tick(TICK);
    bar
}

/// `2 left · Disk space 3 s · Health 41 s, attempt 2 of 7`, cut to the terminal.
fn line(running: &[Job], left: u64) -> String {
    let shown = |Job { text, begun, attempt }: &Job| {
        let attempt = attempt.map_or_else(String::new, |attempt| format!(", {attempt}"));
        format!(" · {} {} s{attempt}", term::fit(text, 32), begun.elapsed().as_secs())
    };
    let jobs: String = running.iter().map(shown).collect();
    term::fit(&format!("{left} left{jobs}"), term::width().saturating_sub(3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_runs_is_told_with_its_attempt() {
        let job = |attempt| Job { text: "Health".to_owned(), begun: Instant::now(), attempt };
        let attempt = Attempt { number: 2, most: 7, timed: false };
        assert_eq!(line(&[job(None)], 2), "2 left · Health 0 s");
        assert_eq!(line(&[job(Some(attempt))], 1), "1 left · Health 0 s, attempt 2 of 7");
    }
}
