//! Checks and their steps as a report shows them: expectations, and what was seen.

use super::build::Builder;
use super::terminal;
use super::view::{CheckView, ExpectView, Run, StepView, StreamView};
use crate::outcome::{CheckResult, ExpectResult, KEPT, StepResult, Stream, is_probe};
use crate::said;
use crate::said::Said;

/// How many bytes of each end of an output a report shows.
const SHOWN: usize = 32 * 1024;

/// What the two outputs of a step are called.
struct Names {
    out: &'static str,
    err: &'static str,
    is_script: bool,
}

/// What a kind of check shows; of one that is not known here, the streams of a process.
fn names(kind: &str) -> Names {
    match kind {
        "http" => Names { out: "body", err: "head", is_script: false },
        kind if is_probe(kind) => Names { out: "observed", err: "stderr", is_script: false },
        _ => Names { out: "stdout", err: "stderr", is_script: true },
    }
}

impl Builder<'_> {
    pub(super) fn check(&mut self, check: &CheckResult) -> CheckView {
        CheckView {
            kind: self.see(&check.kind),
            target: self.see(check.target.as_deref().unwrap_or_default()),
            message: self.seen(check.message.as_deref().unwrap_or_default()),
            steps: check.steps.iter().map(|step| self.step(&check.kind, step)).collect(),
        }
    }

    fn step(&mut self, kind: &str, step: &StepResult) -> StepView {
        let names = names(kind);
        // A probe runs no program: whether it saw anything stands in its observation.
        let exit = match (names.is_script, step.exit) {
            (false, _) => String::new(),
            (true, None) => self.seen("no end seen"),
            (true, Some(exit)) => self.seen(&format!("exit {exit}")),
        };
        let streams: Vec<StreamView> = [(names.out, &step.stdout), (names.err, &step.stderr)]
            .into_iter()
            .filter(|(_, stream)| stream.bytes > 0)
            .map(|(name, stream)| self.stream(name, stream))
            .collect();
        let whole = streams.first().filter(|first| {
            first.name == names.out && first.left_out.is_empty() && first.tail.is_empty()
        });
        let seen = whole.map_or(&[][..], |stream| &stream.head);
        StepView {
            title: self.see(&step.title),
            exit,
            took: duration(step.ms),
            expect: step.expect.iter().map(|expect| self.expectation(kind, expect, seen)).collect(),
            streams,
        }
    }

    fn expectation(&mut self, kind: &str, expect: &ExpectResult, seen: &[Vec<Run>]) -> ExpectView {
        let failed = expect.held == Some(false);
        ExpectView {
            diff: if failed { self.difference(&expect.text, seen) } else { Vec::new() },
            text: self.see(&expect.text),
            held: match expect.held {
                Some(true) => "held",
                Some(false) => "did not hold",
                None => "not evaluated",
            },
            observed: self.say(&expect.seen(kind)),
            directive: ["retry: ", "until: ", "save: "]
                .iter()
                .any(|directive| expect.text.starts_with(directive)),
        }
    }

    fn stream(&mut self, name: &'static str, stream: &Stream) -> StreamView {
        let kept = stream.kept.and_then(|digest| (self.subject.evidence)(&digest));
        let lines = match stream.lines {
            1 => said!("1 line"),
            lines => said!("{} lines", lines),
        };
        let size = said!("{}, {}", counted_bytes(stream.bytes), lines);
        let mut shown = StreamView {
            name,
            size: self.say(&size),
            sha256: stream.sha256.to_string(),
            head: Vec::new(),
            left_out: String::new(),
            tail: Vec::new(),
        };
        let Some(kept) = kept else {
            let missing = || said!("the evidence that holds this output is missing");
            let why = match stream.kept {
                Some(kept) => self.forgotten(&kept).unwrap_or_else(missing),
                None => said!("not kept: the steps of this block wrote more than a block may keep"),
            };
            shown.left_out = self.say(&why);
            return shown;
        };
        let whole = stream.bytes <= 2 * KEPT as i64;
        if whole && kept.len() <= 2 * SHOWN {
            shown.head = self.lines(&kept);
            return shown;
        }
        let head = &kept[..kept.len().min(SHOWN)];
        let tail = &kept[kept.len().saturating_sub(SHOWN).max(head.len())..];
        shown.head = self.lines(head);
        shown.tail = self.lines(tail);
        let bytes = stream.bytes - (head.len() + tail.len()) as i64;
        let left_out =
            said!("{} bytes left out of {} in {} lines", bytes, stream.bytes, stream.lines);
        shown.left_out = self.say(&left_out);
        shown
    }

    pub(super) fn lines(&mut self, bytes: &[u8]) -> Vec<Vec<Run>> {
        let mut run = |(text, pen): (String, terminal::Pen)| Run {
            style: pen.styles().into(),
            text: self.see(&text),
        };
        let lines = terminal::lines(bytes).into_iter();
        lines.map(|line| line.into_iter().map(&mut run).collect()).collect()
    }
}

pub(super) fn counted_bytes(count: i64) -> Said {
    match count {
        1 => said!("1 byte"),
        count => said!("{} bytes", count),
    }
}

pub(super) fn duration(ms: i64) -> String {
    match ms {
        ..1_000 => format!("{ms} ms"),
        1_000..120_000 => format!("{}.{} s", ms / 1000, ms % 1000 / 100),
        120_000..7_200_000 => format!("{} min {} s", ms / 60_000, ms % 60_000 / 1000),
        7_200_000..172_800_000 => format!("{} h {} min", ms / 3_600_000, ms % 3_600_000 / 60_000),
        _ => format!("{} d {} h", ms / 86_400_000, ms % 86_400_000 / 3_600_000),
    }
}
