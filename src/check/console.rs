//! `console`: a transcript of commands and what they print, run as a script of bash.

use super::directive::{self, Directives};
use super::expect::{self, Expectation, Reading};
use super::grammar;
use super::interpreter::CONSOLE;
use super::shell::{self, Shell, Step};
use super::subject::SCRIPT;
use super::transcript::Transcript;
use super::{Fault, bounds, target};

/// Compiles a transcript. Every line stays in its place, so that what bash says names the right one.
pub(super) fn compile(content: &str) -> Result<Shell, Vec<Fault>> {
    if let Some(fault) = bounds::objection(content, CONSOLE.family) {
        return Err(vec![fault]);
    }
    let lines: Vec<&str> = content.lines().collect();
    let begins: Vec<usize> =
        (0..lines.len()).filter(|&at| behind('$', lines[at]).is_some()).collect();
    let mut faults = Vec::new();
    let mut directives = Directives::default();
    let head = &lines[..begins.first().copied().unwrap_or(lines.len())];
    for (number, line) in head.iter().enumerate() {
        faults.extend(take(line, number, &mut directives).err());
    }
    if begins.is_empty() && faults.is_empty() {
        let hint = "write `$ ` before it, and below what it prints";
        faults.push(Fault::new(0, "HP106", "there is no command in this transcript", hint));
    }
    let (mut steps, mut doubts, mut calm) = (Vec::new(), Vec::new(), true);
    for (at, &begin) in begins.iter().enumerate() {
        let end = begins.get(at + 1).copied().unwrap_or(lines.len());
        let from = if at == 0 { 0 } else { begin };
        match step(&lines, from, begin..end, &mut doubts) {
            Ok((step, is_calm)) => {
                steps.push(step);
                calm &= is_calm;
            }
            Err(found) => faults.extend(found),
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    if let Some(last) = steps.last_mut() {
        last.expectations.extend(directives.saves.iter().map(Expectation::save));
    }
    let programs = target::programs(content);
    Ok(Shell { interpreter: CONSOLE, directives, steps, programs, calm, doubts })
}

/// What stands behind a prompt at the beginning of a line.
fn behind(prompt: char, line: &str) -> Option<&str> {
    let rest = line.strip_prefix(prompt)?.trim_end();
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix(' ') }
}

/// Takes up a line before the first command.
fn take(line: &str, number: usize, directives: &mut Directives) -> Result<(), Fault> {
    let line = line.trim();
    let Some(comment) = line.strip_prefix('#') else {
        let message = "this is neither a command nor what one prints";
        let hint = "write `$ ` before a command, and `# ` before a comment";
        let fault = || Fault::new(number, "HP151", message, hint);
        return if line.is_empty() { Ok(()) } else { Err(fault()) };
    };
    if directives.take(comment, number)? {
        return Ok(());
    }
    match expect::read(comment, number, SCRIPT)? {
        Reading::Prose => Ok(()),
        Reading::One(_) | Reading::Text(_) => Err(expect::too_early(number)),
    }
}

/// The step of the command that begins with `lines`; its source begins at line `from`.
fn step(
    all: &[&str],
    from: usize,
    lines: std::ops::Range<usize>,
    doubts: &mut Vec<Fault>,
) -> Result<(Step, bool), Vec<Fault>> {
    let (begin, end) = (lines.start, lines.end);
    let mut command = vec![behind('$', all[begin]).unwrap_or_default()];
    // What is complete goes on with what it prints, which may begin so, too.
    let more = all[begin + 1..end].iter().map_while(|line| behind('>', line));
    for line in more {
        if command.len() < LONG && is_complete(&command) {
            break;
        }
        command.push(line);
    }
    let below = begin + command.len();
    let mut faults = Vec::new();
    let script = format!("{}\n", command.join("\n"));
    let outline = grammar::bash(&script);
    let mut found: Vec<Fault> = shell::objection(&outline, CONSOLE.name).into_iter().collect();
    if outline.statements.is_empty() && found.is_empty() {
        let hint = "write one, or take the line out";
        found.push(Fault::new(0, "HP106", "there is no command behind this `$`", hint));
    }
    found.extend(shell::hidden(&outline));
    let (unseen, doubted): (Vec<_>, Vec<_>) =
        outline.unseen.iter().map(shell::unseen_fault).partition(|fault| fault.code == "HP112");
    let here = |fault: Fault| Fault { line: fault.line + begin, ..fault };
    faults.extend(found.into_iter().chain(unseen).map(here));
    doubts.extend(doubted.into_iter().map(here));
    let expectations = match expectations(&all[below..end], below) {
        Ok(expectations) => expectations,
        Err(fault) => {
            faults.push(fault);
            Vec::new()
        }
    };
    if !faults.is_empty() {
        return Err(faults);
    }
    let blank = |count: usize| "\n".repeat(count);
    let step = Step {
        title: command[0].trim().chars().take(120).collect(),
        source: format!("{}{script}{}", blank(begin - from), blank(end - below)),
        expectations,
        above: below - from,
        leaves: !outline.leaves.is_empty(),
    };
    Ok((step, outline.calm))
}

/// A command that is not complete after so many lines is not asked again: that would take long.
const LONG: usize = 16;

/// Whether a shell would run what stands there, and not wait for another line.
fn is_complete(command: &[&str]) -> bool {
    let goes_on = command.last().is_some_and(|line| {
        let line = line.trim_end();
        ["\\", "|", "&&"].iter().any(|end| line.ends_with(end))
    });
    let outline = grammar::bash(&format!("{}\n", command.join("\n")));
    !goes_on && outline.unreadable.is_none() && outline.too_deep.is_none()
}

/// What a command must come to, by the lines below it.
fn expectations(lines: &[&str], first: usize) -> Result<Vec<Expectation>, Fault> {
    let mut expectations = Vec::new();
    let mut output = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        match line.strip_prefix('#').map(|comment| written(comment, first + at)) {
            Some(Ok(Some(expectation))) => expectations.push(expectation),
            Some(Err(fault)) => return Err(fault),
            Some(Ok(None)) | None => output.push(*line),
        }
    }
    while output.last().is_some_and(|line| line.trim().is_empty()) {
        output.pop();
    }
    let exit = output.last().copied().and_then(exit);
    if exit.is_some() {
        output.pop();
    }
    // Who says something else of a command and shows nothing of what it prints leaves that open.
    if expectations.is_empty() || !output.is_empty() {
        expectations.insert(0, Expectation::transcript(Transcript::read(output.into_iter())));
    }
    if exit.is_some() || !expectations.iter().any(Expectation::on_exit) {
        expectations.push(Expectation::exit(exit.unwrap_or(0)));
    }
    Ok(expectations)
}

/// An expectation in a line of its own; `None` for a line that is printed.
fn written(comment: &str, line: usize) -> Result<Option<Expectation>, Fault> {
    match expect::read(comment, line, SCRIPT)? {
        Reading::One(expectation) => Ok(Some(expectation)),
        Reading::Text(_) => {
            let hint = "write what is printed below the command, as it is";
            Err(Fault::new(line, "HP151", "a transcript shows what is expected", hint))
        }
        Reading::Prose => directive::misplaced(comment, line).map_or(Ok(None), Err),
    }
}

/// `[exit 3]`.
fn exit(line: &str) -> Option<u8> {
    line.trim_end().strip_prefix("[exit ")?.strip_suffix(']')?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(transcript: &str) -> Vec<(String, Vec<String>)> {
        let shell = compile(transcript).expect("a check");
        let step = |step: &Step| {
            (step.source.clone(), step.expectations().map(str::to_owned).collect::<Vec<_>>())
        };
        shell.steps.iter().map(step).collect()
    }

    fn codes(transcript: &str) -> Vec<&'static str> {
        compile(transcript).expect_err("faults").iter().map(|fault| fault.code).collect()
    }

    #[test]
    fn commands_are_steps_and_lines_stay_in_their_places() {
        let read = steps(
            "# timeout: 5s\n$ echo a \\\n>   b\na   b\n\n$ false\n[exit 1]\n$ x\n# expect: seconds < 2\n$ y\n",
        );
        assert_eq!(read[0].0, "\necho a \\\n  b\n\n\n");
        assert_eq!(read[0].1, ["a   b", "exit == 0"]);
        assert_eq!(read[1].1, ["no output", "exit == 1"]);
        assert_eq!(read[2].1, ["seconds < 2", "exit == 0"]);
        assert_eq!(
            read[3],
            ("y\n".to_owned(), vec!["no output".to_owned(), "exit == 0".to_owned()])
        );
    }

    #[test]
    fn what_is_no_transcript_is_a_fault() {
        assert_eq!(codes("echo a\n"), ["HP151"]);
        assert_eq!(codes("# a comment\n"), ["HP106"]);
        assert_eq!(codes("$\n"), ["HP106"]);
        assert_eq!(codes("$ if true\n$ then echo\n"), ["HP101", "HP101"]);
        assert_eq!(codes("$ set +e\n"), ["HP109"]);
        assert_eq!(codes("$ true\n# Expected: x\n"), ["HP151"]);
        assert_eq!(codes("$ true\n# timeout: 5s\n"), ["HP105"]);
        assert_eq!(codes("# expect: exit == 0\n$ true\n"), ["HP126"]);
    }
}
