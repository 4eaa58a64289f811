//! The text that an interpreter is given: the steps of a block, with what tells where each ends.
//!
//! The end of a step is a mark in both streams, with a nonce that output cannot know. The nonce comes
//! over standard input and lives in a variable only, so that neither the script nor a process list
//! shows it; then standard input is closed to everything. A block of one calm step needs no mark:
//! the shell's own end is the end of the step.

use std::fmt::Write;

use super::expect::Expectation;
use super::interpreter::{Family, Interpreter};
use super::shell::{Shell, Step};

/// What an interpreter is given.
pub(super) struct Script {
    pub(super) text: String,
    /// It reads a nonce from standard input and marks the ends of its steps.
    pub(super) marked: bool,
}

/// The script of a check.
pub(super) fn of(shell: &Shell) -> Script {
    let Family::Posix { set, printf, kept } = shell.interpreter.family else {
        let text = shell.steps.iter().map(|step| step.source.as_str()).collect();
        return Script { text, marked: false };
    };
    let begin = begin(shell.interpreter, set);
    if let ([step], true) = (&shell.steps[..], shell.calm) {
        // The last line keeps the shell from becoming its last command, whose signals are not its own.
        return Script { text: format!("{begin}\n{}\n\nexit\n", step.source), marked: false };
    }
    let mut text = format!("IFS= read -r _hp; exec </dev/null; {begin}\n");
    for (at, step) in shell.steps.iter().enumerate() {
        // Nothing fails when text is written to a string.
        let _ = if shell.calm {
            calm(&mut text, at, step, set)
        } else {
            watched(&mut text, at, step, [set, printf, kept])
        };
    }
    Script { text, marked: true }
}

/// What makes a failing command fail its step.
fn begin(interpreter: Interpreter, set: &str) -> String {
    // Without it bash goes on after a failure inside `$(…)`.
    let inherit = if interpreter.name == "bash" { "shopt -s inherit_errexit; " } else { "" };
    format!("{inherit}{set}")
}

/// A step that cannot change how failures are treated. A blank line ends what a trailing backslash
/// would continue.
fn calm(text: &mut String, at: usize, step: &Step, set: &str) -> std::fmt::Result {
    let source = &step.source;
    let again = if expects_failure(step) {
        write!(text, "set +e\n(\n{set}\n{source}\n\n)\n")?;
        format!("; {set}")
    } else {
        write!(text, "{source}\n\n")?;
        String::new()
    };
    // Nothing here can be another command than it seems, and `echo` is the fastest: each
    // byte of a mark is parsed once for each step.
    writeln!(text, "echo \"$_hp.{at}.$?\"; echo \"$_hp.{at}.\" >&2{again}")
}

/// A step that may: whether failures still count is looked at before each mark, and restored behind
/// it. Nothing that the shell tells about its own commands (`set -x`) shows the marks.
fn watched(
    text: &mut String,
    at: usize,
    step: &Step,
    [set, printf, kept]: [&str; 3],
) -> std::fmt::Result {
    let source = &step.source;
    let look = format!("{kept} || {printf} '%s.{at}.!\\n' \"$_hp\"");
    if expects_failure(step) {
        write!(
            text,
            "set +e\n(\n{set}\n{source}\n\n\
             {{ _hp_exit=$?; {look}; }} 2>/dev/null; exit \"$_hp_exit\"\n)\n\
             {{ _hp_exit=$?; "
        )?;
    } else {
        write!(text, "{source}\n\n{{ _hp_exit=$?; {look}; ")?;
    }
    writeln!(
        text,
        "{printf} '%s.{at}.%s\\n' \"$_hp\" \"$_hp_exit\"; \
         {printf} '%s.{at}.\\n' \"$_hp\" >&9; {set}; }} 9>&2 2>/dev/null"
    )
}

/// Only a subshell ends at the first failure and lets the next step go on.
fn expects_failure(step: &Step) -> bool {
    let other = |expectation: &Expectation| {
        expectation.on_exit() && *expectation != Expectation::exit_zero()
    };
    step.expectations.iter().any(other)
}

#[cfg(test)]
mod tests {
    use crate::check::interpreter::BASH;
    use crate::check::shell::compile;

    #[test]
    fn a_script_holds_no_nonce_and_no_raw_mark() {
        for script in ["true\n# expect: exit == 0\ntrue\n", "eval true\n# expect: exit == 0\n"] {
            let script = super::of(&compile(BASH, script).expect("a check"));
            assert!(script.marked && !script.text.contains('\u{1e}'));
        }
    }

    #[test]
    fn one_calm_step_needs_no_mark() {
        let marked = |script: &str| super::of(&compile(BASH, script).expect("a check")).marked;
        assert!(!marked("true\n# expect: exit == 0\n"));
        for restless in
            ["exit 0", "$LEAVE", "\\exit", "f() { exit; }\nf", "trap 'exit 0' ERR", "e\"xi\"t"]
        {
            assert!(marked(&format!("{restless}\n# expect: exit == 0\n")), "{restless}");
        }
    }
}
