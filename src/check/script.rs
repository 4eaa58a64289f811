//! The text that an interpreter is given: the steps of a block, with what tells where each ends.
//!
//! The end of a step is a mark in both streams, with a nonce that output cannot know. The nonce comes
//! over standard input and lives in a variable only, so that neither the script nor a process list
//! shows it; then standard input is closed to everything. A block of one calm step needs no nonce: it
//! ends by a signal that its last line sends to the shell, which output cannot send. A shell that ends
//! by itself with 0 was left before that line, or never read it.

use std::fmt::Write;

use super::expect::Expectation;
use super::interpreter::Family;
use super::shell::{Shell, Step};

/// What an interpreter is given.
pub(super) struct Script {
    pub(super) text: String,
    /// It reads a nonce from standard input and marks the ends of its steps.
    pub(super) marked: bool,
    /// Its own exit tells how its only step came out: nothing but it could leave it.
    pub(super) ends_itself: bool,
}

/// The script of a check. `elsewhere` nobody sees the signal by which a shell could say that it ended.
pub(super) fn of(shell: &Shell, elsewhere: bool) -> Script {
    let Family::Posix { set, printf, kept } = shell.interpreter.family else {
        let text = shell.steps.iter().map(|step| step.source.as_str()).collect();
        return Script { text, marked: false, ends_itself: true };
    };
    let is_bash = shell.interpreter.program == "bash";
    // Without it bash goes on after a failure inside `$(…)`.
    let inherit = if is_bash { "shopt -s inherit_errexit; " } else { "" };
    // bash drops the command line in which arithmetic fails, and goes on; in a group that is all of it.
    let source = |step: &Step| step.source.contains("extglob");
    let group = is_bash && !shell.steps.iter().any(source);
    let end = END.filter(|_| !elsewhere);
    // A shell that cannot read its script fails, too, and that is not what is expected.
    let certain = shell.calm && !shell.steps.iter().any(|step| expects_failure(&step.expectations));
    if let ([step], true, Some(end)) = (&shell.steps[..], certain, end) {
        let (open, close) = if group { ("{ ", "}\n") } else { ("", "") };
        let text = format!(
            "{inherit}{set}; {open}{}\n\n{close}_hp=$?; [ \"$_hp\" != 0 ] || kill -{end} $$; exit \"$_hp\"\n",
            step.source
        );
        return Script { text, marked: false, ends_itself: false };
    }
    let mut text = format!("IFS= read -r _hp; exec </dev/null; {inherit}{set}; ");
    for (at, step) in shell.steps.iter().enumerate() {
        let mark = if shell.calm { calm(at) } else { watched(at, [set, printf, kept]) };
        // Nothing fails when text is written to a string.
        let _ = write_step(&mut text, step, &mark, set, group);
    }
    Script { text, marked: true, ends_itself: false }
}

/// The signal by which a shell says that it came to its end: one that nothing else uses. Not every
/// system has it.
pub(super) const END: Option<i32> = if cfg!(target_os = "linux") { Some(50) } else { None };

/// What tells of the end of a step.
#[derive(Default)]
struct Mark {
    /// In the shell that ran the step: whether failures still count.
    look: String,
    /// Leaves a subshell as the step would have left it, saying so, and takes that up outside.
    leave: String,
    take: &'static str,
    /// Tells the end.
    tell: String,
}

/// Writes a step and its mark, which stands where its expectations stood: every line of the block is
/// as far down in the script, so that the messages of shells name the right one.
fn write_step(
    text: &mut String,
    step: &Step,
    mark: &Mark,
    set: &str,
    group: bool,
) -> std::fmt::Result {
    let Mark { look, leave, take, tell } = mark;
    let above = step.source.split_inclusive('\n').take(step.above);
    let commands: String = above.collect();
    let lines = step.source.lines().count() - step.above.min(step.source.lines().count());
    // A blank line ends what a trailing backslash would continue.
    let blank =
        if lines == 0 || commands.trim_end_matches('\n').ends_with('\\') { "\n\n" } else { "" };
    // Only a subshell ends at the first failure and lets the next step go on.
    if expects_failure(&step.expectations) {
        writeln!(text, "set +e; ( {set}; {commands}{blank}{look}{leave}); {take}{tell}; {set}")?;
    } else if group {
        writeln!(text, "{{ {commands}{blank}}}; {look}{tell}")?;
    } else {
        writeln!(text, "{commands}{blank}{look}{tell}")?;
    }
    (1..lines).try_for_each(|_| text.write_str("\n"))
}

/// The mark of a step that cannot change how failures are treated.
fn calm(at: usize) -> Mark {
    // Nothing here can be another command than it seems, and `echo` is the fastest; each byte of a
    // mark is parsed once for each step.
    let tell = format!("echo \"$_hp.{at}.$?\"; echo \"$_hp.{at}.\" >&2");
    Mark { tell, ..Mark::default() }
}

/// The mark of a step that may: whether failures still count is looked at before each mark, and
/// restored behind it. Nothing that the shell tells about its own commands (`set -x`) shows the marks.
fn watched(at: usize, [set, printf, kept]: [&str; 3]) -> Mark {
    Mark {
        look: format!(
            "{{ _hp_exit=$?; {kept} || {printf} '%s.{at}.!\\n' \"$_hp\"; }} 2>/dev/null; "
        ),
        leave: format!("{{ {printf} '%s.{at}.+\\n' \"$_hp\"; }} 2>/dev/null; exit \"$_hp_exit\""),
        take: "{ _hp_exit=$?; } 2>/dev/null; ",
        tell: format!(
            "{{ {printf} '%s.{at}.%s\\n' \"$_hp\" \"$_hp_exit\"; \
             {printf} '%s.{at}.\\n' \"$_hp\" >&9; {set}; }} 9>&2 2>/dev/null"
        ),
    }
}

/// One of its expectations is about another exit than 0.
pub(super) fn expects_failure(expectations: &[Expectation]) -> bool {
    let other = |expectation: &Expectation| {
        expectation.on_exit() && *expectation != Expectation::exit_zero()
    };
    expectations.iter().any(other)
}

#[cfg(test)]
mod tests {
    use crate::check::interpreter::BASH;
    use crate::check::shell::compile;

    #[test]
    fn a_script_holds_no_nonce_and_no_raw_mark() {
        for script in ["true\n# expect: exit == 0\ntrue\n", "eval true\n# expect: exit == 0\n"] {
            let script = super::of(&compile(BASH, script).expect("a check"), false);
            assert!(script.marked && !script.text.contains('\u{1e}'));
        }
    }

    #[test]
    fn one_calm_step_needs_no_mark() {
        let marked =
            |script: &str| super::of(&compile(BASH, script).expect("a check"), false).marked;
        assert!(!marked("true\n# expect: exit == 0\n"));
        for restless in
            ["exit 0", "$LEAVE", "\\exit", "f() { exit; }\nf", "trap 'exit 0' ERR", "e\"xi\"t"]
        {
            assert!(marked(&format!("{restless}\n# expect: exit == 0\n")), "{restless}");
        }
    }
}
