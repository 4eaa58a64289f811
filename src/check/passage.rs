//! A script on its way to another place: what is sent there, and what comes back.
//!
//! A small shell there reads all of its standard input and runs it: values and script never stand on a
//! command line of ours. It says where the script's output begins and ends, with a nonce that the script
//! is not told, so that what a login writes is no output, and the end of a connection no exit.

use std::fmt::Write;

use serde::{Deserialize, Serialize};

use super::directive::Place;
use super::mark::{Mark, Scanner};
use super::template::Values;

/// Reads what it runs from its standard input; nothing is left there for the script.
const LOADER: &str = "eval \"$(cat)\"";

/// So much of what comes before the script's output is kept: somebody may have to be told of it.
const NOISE: usize = 4 << 10;

/// A script that runs elsewhere.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Passage {
    /// Where, as people write it.
    pub(super) place: String,
    /// The interpreter there.
    pub(super) interpreter: String,
    /// What is sent.
    pub(super) text: String,
    nonce: String,
}

/// What an interpreter is called with there.
pub(super) struct Call<'c> {
    pub(super) program: &'c str,
    /// Its arguments, the script last.
    pub(super) arguments: Vec<&'c str>,
    /// What it reads from its standard input.
    pub(super) input: Option<String>,
}

impl Passage {
    /// Sends `values` and then calls the interpreter.
    pub(super) fn new(place: String, call: &Call<'_>, values: &Values, nonce: String) -> Self {
        let program = quoted(call.program);
        // In a group, so that nothing of it is run where not all of it arrives.
        let mut text = format!(
            "{{\n_hp='\u{1e}{nonce}'\ncommand -v {program} >/dev/null 2>&1 || {{ {}; exit 0; }}\n",
            both("b", "0")
        );
        // Nothing fails when text is written to a string.
        for (name, value) in values {
            let _ = writeln!(text, "export {name}={}", quoted(value));
        }
        let input = call
            .input
            .as_ref()
            .map_or_else(String::new, |input| format!("printf '%s\\n' {} | ", quoted(input)));
        let from = if call.input.is_some() { "" } else { " </dev/null" };
        let arguments = call.arguments.iter().map(|argument| format!(" {}", quoted(argument)));
        let arguments: String = arguments.collect();
        let _ = write!(
            text,
            "{}\n{input}{program}{arguments}{from}\n_hp_exit=$?\n{}\n}}\n",
            both("b", "\"$$\""),
            both("e", "\"$_hp_exit\"")
        );
        Self { place, interpreter: call.program.to_owned(), text, nonce }
    }

    /// The command that runs it there, behind what reaches the place.
    pub(super) fn command(one_text: bool) -> Vec<String> {
        match one_text {
            true => vec![format!("sh -c {}", quoted(LOADER))],
            false => ["sh", "-c", LOADER].map(str::to_owned).to_vec(),
        }
    }

    fn mark(&self, stage: Stage) -> String {
        let key = if stage == Stage::Before { 'b' } else { 'e' };
        format!("\u{1e}{}.{key}.", self.nonce)
    }
}

/// Marks both streams.
fn both(key: &str, number: &str) -> String {
    let mark = format!("printf '%s.{key}.%s\\n' \"$_hp\" {number}");
    format!("{mark}; {mark} >&2")
}

/// One word for every shell of the POSIX family.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    #[default]
    Before,
    Within,
    Behind,
}

/// One stream that comes back.
#[derive(Default)]
pub(super) struct Frame {
    scanner: Scanner,
    stage: Stage,
    /// The end of what came before the script's output.
    noise: Vec<u8>,
    /// The process there; 0 where there is no interpreter.
    process: Option<i64>,
    /// The script's exit.
    exit: Option<i64>,
}

impl Frame {
    /// Gives on what the script wrote; true where that begins.
    pub(super) fn feed(
        &mut self,
        passage: &Passage,
        piece: &[u8],
        mut output: impl FnMut(&[u8]),
    ) -> bool {
        let (mut rest, mut begins) = (piece, false);
        while !rest.is_empty() && self.stage != Stage::Behind {
            let mark = passage.mark(self.stage);
            let (text, used, found) = self.scanner.scan(rest, mark.as_bytes());
            match self.stage {
                Stage::Before => {
                    self.noise.extend_from_slice(&text);
                    let over = self.noise.len().saturating_sub(NOISE);
                    self.noise.drain(..over);
                }
                Stage::Within | Stage::Behind => output(&text),
            }
            rest = &rest[used..];
            let Some(Mark::End(number)) = found else { continue };
            if self.stage == Stage::Before {
                (self.stage, self.process, begins) = (Stage::Within, number, true);
            } else {
                (self.stage, self.exit) = (Stage::Behind, number);
            }
        }
        begins
    }

    /// Nothing more comes: what was held back is output.
    pub(super) fn end(&mut self, output: impl FnOnce(&[u8])) {
        if self.stage == Stage::Within {
            output(&std::mem::take(&mut self.scanner.held));
        }
    }

    pub(super) fn is_over(&self) -> bool {
        self.stage == Stage::Behind
    }
}

/// How far a script came, as both streams tell it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// Nothing of it began, and this is what was said instead.
    Unreached(String),
    /// There is no interpreter.
    Without,
    /// It began as a process there, and its end was not told.
    Lost(i64),
    /// It ended with this exit.
    Ended(i64),
}

/// How far a script came.
pub(super) fn way(frames: &[Frame; 2]) -> Way {
    match frames[0].process.or(frames[1].process) {
        None => Way::Unreached(said(frames)),
        Some(0) => Way::Without,
        Some(process) => match (frames[0].exit, frames[1].exit) {
            (Some(exit), Some(_)) => Way::Ended(exit),
            _ => Way::Lost(process),
        },
    }
}

/// The last line that says something, of standard error where it does.
fn said(frames: &[Frame; 2]) -> String {
    let last = |frame: &Frame| {
        let text = String::from_utf8_lossy(&frame.noise).into_owned();
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        lines.next_back().map(str::to_owned)
    };
    last(&frames[1]).or_else(|| last(&frames[0])).unwrap_or_else(|| "it says nothing".to_owned())
}

/// The values that go along: what a checklist names, and not what is about this machine, or for the
/// program that goes there.
pub(super) fn values(place: &Place, environment: &Values) -> Values {
    let is_ours = |name: &str| {
        matches!(name, "PATH" | "HOME" | "LANG" | "LANGUAGE") || name.starts_with("LC_")
    };
    let all = environment.iter().filter(|(name, _)| !is_ours(name) && !place.keeps(name));
    all.map(|(name, value)| (name.clone(), value.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passage() -> Passage {
        let call = Call { program: "sh", arguments: vec!["-c", "echo \"$A\""], input: None };
        let values = Values::from([("A".to_owned(), "it's\n\"$(id)\"".to_owned())]);
        Passage::new("ssh://a".to_owned(), &call, &values, "ab".to_owned())
    }

    #[test]
    fn what_a_login_writes_is_no_output_wherever_the_stream_is_cut() {
        let passage = passage();
        let stream = b"Welcome\n\x1eab.b.17\nout\n\x1eab.x\x1eab.e.3\nlogout\n";
        for size in 1..=stream.len() {
            let (mut frame, mut output) = (Frame::default(), Vec::new());
            for piece in stream.chunks(size) {
                frame.feed(&passage, piece, |bytes| output.extend_from_slice(bytes));
            }
            frame.end(|bytes| output.extend_from_slice(bytes));
            assert_eq!(output, b"out\n\x1eab.x", "{size}");
            assert_eq!((frame.process, frame.exit), (Some(17), Some(3)), "{size}");
        }
    }

    #[test]
    fn an_end_is_known_only_when_both_streams_tell_it() {
        let passage = passage();
        let after = |out: &[u8], err: &[u8]| {
            let mut frames = [Frame::default(), Frame::default()];
            frames[0].feed(&passage, out, |_| {});
            frames[1].feed(&passage, err, |_| {});
            way(&frames)
        };
        let (begin, end) = (b"\x1eab.b.17\n", b"\x1eab.b.17\n\x1eab.e.0\n");
        assert_eq!(after(b"", b"no route\n"), Way::Unreached("no route".to_owned()));
        assert_eq!(after(begin, begin), Way::Lost(17));
        assert_eq!(after(end, begin), Way::Lost(17));
        assert_eq!(after(end, end), Way::Ended(0));
        assert_eq!(after(b"\x1eab.b.0\n", b"\x1eab.b.0\n"), Way::Without);
    }

    #[test]
    fn nothing_is_run_where_not_all_arrives() {
        let passage = passage();
        for length in 0..passage.text.len() - 2 {
            let output =
                std::process::Command::new("sh").args(["-c", &passage.text[..length]]).output();
            assert!(output.expect("sh runs").stdout.is_empty(), "{length}");
        }
    }

    #[test]
    fn every_value_is_one_word_there() {
        let passage = passage();
        let output = std::process::Command::new("sh").args(["-c", &passage.text]).output();
        let output = output.expect("sh runs");
        let text = String::from_utf8(output.stdout).expect("text");
        assert!(text.contains("\nit's\n\"$(id)\"\n"), "{text}");
        assert!(!Passage::command(true).concat().contains("it's"));
    }
}
