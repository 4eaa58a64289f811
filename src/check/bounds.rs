//! Scripts that no person could read, and that the grammars would read too slowly.

use super::interpreter::Family;
use super::{Fault, jq};

/// The longest script: 64 KiB.
const LONGEST: usize = 64 << 10;

/// So many `<<` in one line. The grammar keeps what each of them waits for, and copies it at every word.
const HERE_DOCUMENTS: usize = 64;

/// So many lines of comments and blanks in a row. At each of them Python's grammar looks for the end of all.
const COMMENTS: usize = 200;

/// So many nodes of the grammar inside one another: to ask a node for its parent costs as much as it is deep.
pub(super) const DEEPEST: usize = 200;

/// So many regexes and jq programs in one checklist: each takes a thousand times as long as a line.
pub const MOST_PATTERNS: usize = 300;

/// So many commands in one checklist: the grammar takes some microseconds for each.
pub const MOST_COMMANDS: usize = 100_000;

/// At most how many commands a script has.
pub fn commands(script: &str) -> usize {
    memchr::memchr3_iter(b'|', b';', b'\n', script.as_bytes()).count()
        + memchr::memchr_iter(b'&', script.as_bytes()).count()
}

/// How many regexes and jq programs a script has at most.
pub fn patterns(script: &str) -> usize {
    let is_one = |line: &&str| {
        let value = line.split_once(':').map_or("", |(_, value)| value.trim());
        let is_jq = value.starts_with(['.', '[']) && !jq::is_plain(value);
        line.contains("matches") || line.contains("save:") || is_jq
    };
    let is_comment = |line: &&str| ["#", "//", "--"].iter().any(|mark| line.contains(mark));
    script.lines().filter(is_comment).filter(is_one).count()
}

/// Why a script is not read, if so.
pub(super) fn objection(script: &str, family: Family) -> Option<Fault> {
    if let Some(fault) = too_long(script) {
        return Some(fault);
    }
    match family {
        Family::Posix { .. } => script
            .lines()
            .position(|line| line.matches("<<").count() > HERE_DOCUMENTS)
            .map(|line| refuse(line, "this line opens too many here-documents", "open one a line")),
        Family::Python => end_of_long_run(script)
            .map(|line| refuse(line, "too many lines of comments in a row", "leave some out")),
        Family::Marked(_) => None,
    }
}

/// A block that is longer than [`LONGEST`].
pub(super) fn too_long(content: &str) -> Option<Fault> {
    let message = format!("a check has at most {} KiB", LONGEST >> 10);
    let hint = "put the script into a file of its own, and run that";
    (content.len() > LONGEST).then(|| refuse(0, message, hint))
}

/// A script that nests deeper than [`DEEPEST`].
pub(super) fn too_deep(line: usize) -> Fault {
    refuse(
        line,
        "this nests too deep",
        "write fewer parts, or put the script into a file of its own",
    )
}

fn refuse(line: usize, message: impl Into<String>, hint: &str) -> Fault {
    Fault::new(line, "HP101", message, hint)
}

/// The first line that makes a run of comments too long.
fn end_of_long_run(script: &str) -> Option<usize> {
    let mut run = 0;
    script.lines().map(str::trim).position(|line| {
        run = if line.is_empty() || line.starts_with('#') { run + 1 } else { 0 };
        run > COMMENTS
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::interpreter;

    fn line(language: &str, script: &str) -> Option<usize> {
        let family = interpreter::of(language).expect("a language").family;
        objection(script, family).map(|fault| fault.line)
    }

    #[test]
    fn what_nobody_writes_is_not_read() {
        assert_eq!(line("bash", &"true\n".repeat(20_000)), Some(0));
        assert_eq!(line("sh", &format!("true\ncat {}\n", "<<E ".repeat(65))), Some(1));
        assert_eq!(line("python", &format!("x = 1\n{}", "# a\n".repeat(300))), Some(201));
    }

    #[test]
    fn patterns_are_counted_before_they_are_compiled() {
        let script = "true\n# expect: .a > 1\n#Expect:[.a]\n# expect: stdout matches /x/\n";
        assert_eq!(patterns(script), 3);
        assert_eq!(patterns("SELECT 1\n-- expect: .a | .b\n// save: A = .a\n"), 2);
        assert_eq!(
            patterns(
                "echo matches:.\n# Expected: a\n# expect: .a.b == true\n# expect: exit == 0\n"
            ),
            0
        );
    }

    #[test]
    fn commands_are_counted_before_they_are_read() {
        assert_eq!(commands("a | b; c && d\ne &\n"), 7);
    }

    #[test]
    fn what_people_write_is_read() {
        assert_eq!(line("bash", &"echo hello\n# Expected: hello\n".repeat(1_000)), None);
        assert_eq!(line("bash", &"# a\n".repeat(300)), None);
        assert_eq!(line("bash", "git diff --check || grep -n '<<<<<<<' -r src\n"), None);
        assert_eq!(line("python", &"# a\n\nx = 1\n".repeat(300)), None);
    }
}
