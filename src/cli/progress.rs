//! What a run is doing: a line for each answer, and on a terminal a last line that says what runs,
//! for how long, and how many are left.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use holdpoint::flow::{Recorded, Watch};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::term;

type Running = Arc<Mutex<Vec<(String, Instant)>>>;

/// The progress of one run.
pub(super) struct Progress {
    bar: Option<ProgressBar>,
    running: Running,
}

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

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<(String, Instant)>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watch for Progress {
    fn started(&self, text: &str) {
        self.lock().push((term::visible(text), Instant::now()));
    }

    fn recorded(&self, answers: &[Recorded<'_>]) {
        let mut lines = Vec::new();
        for answer in answers {
            let text = term::visible(answer.text);
            self.lock().retain(|(running, _)| *running != text);
            let took = term::dim(&format!("{:>9}", term::duration(answer.ms)));
            lines.push(format!("{} {took}  {text}", term::outcome(answer.outcome)));
            if let Some(why) = &answer.why {
                lines.push(format!("{:20} {}", "", term::fit(&term::visible(why), 240)));
            }
        }
        self.say(&lines.join("\n"));
        if let Some(bar) = &self.bar {
            bar.inc(answers.len() as u64);
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

/// `2 left · Disk space 3 s · Load test 41 s`, cut to the terminal.
fn line(running: &[(String, Instant)], left: u64) -> String {
    let jobs: String = running
        .iter()
        .map(|(text, begun)| format!(" · {} {} s", term::fit(text, 32), begun.elapsed().as_secs()))
        .collect();
    term::fit(&format!("{left} left{jobs}"), term::width().saturating_sub(3))
}
