//! What the commands of a check do beside looking, and whether what is expected of them can fail.

use std::borrow::Cow;

use crate::check::{Check, Compiled, Fault, Step};
use crate::checklist::{Block, Checklist};
use crate::command::{self, Class, Command};
use crate::lexicon;
use crate::source::{Diagnostic, Severity, Span};

/// Findings about the checks of a document.
pub(super) fn findings(checklist: &Checklist, checks: &Compiled) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut looked_at = 0;
    for (at, check) in checks {
        let block = &checklist.blocks[*at];
        if let Ok(Check::Probe(probe)) = check
            && let Some(what) = probe.acts()
        {
            let place = Place { checklist, block };
            let message = format!("`{what}` may change something");
            let hint = "mark the block `action`, or keep to what only looks";
            found.push(place.finding(probe.line(), "HP130", message, hint));
        }
        if !["bash", "sh", "zsh", "console"].contains(&block.language.as_str()) {
            continue;
        }
        let place = Place { checklist, block };
        if block.item.is_some_and(|item| checklist.items[item].acts) {
            let message =
                "nothing runs this check: an action stands beside it, and people answer the item"
                    .to_owned();
            let hint = "give it an item of its own, below";
            found.push(Diagnostic {
                severity: Severity::Note,
                ..place.finding(0, "HP137", message, hint)
            });
        }
        if looked_at > MOST {
            let message =
                format!("this document has more than {MOST} commands: these are not looked at");
            let hint = "look at what they do yourself, or write a checklist for each part";
            let finding = place.finding(0, "HP138", message, hint);
            found.push(Diagnostic { severity: Severity::Note, ..finding });
            continue;
        }
        let commands = command::commands(&commands_of(block, check));
        looked_at += commands.len();
        found.extend(commands.iter().filter_map(|command| of_command(&place, command)));
        if let Ok(check) = check {
            of_steps(&place, check, &commands, &mut found);
        }
    }
    found
}

/// So many commands of a document are looked at, one by one: more than anybody writes.
const MOST: usize = 20_000;

/// What a block runs; in a transcript nothing but its commands, each in its line.
fn commands_of<'b>(block: &'b Block, check: &Result<Check, Vec<Fault>>) -> Cow<'b, str> {
    match check {
        _ if block.language != "console" => Cow::Borrowed(&block.content),
        Ok(check) => check.steps().map(|step| step.source.as_str()).collect::<String>().into(),
        Err(_) => Cow::Borrowed(""),
    }
}

/// Lines of a block in its file.
struct Place<'c> {
    checklist: &'c Checklist,
    block: &'c Block,
}

impl Place<'_> {
    /// A finding about a line of the block, from 0.
    fn finding(&self, line: usize, code: &'static str, message: String, hint: &str) -> Diagnostic {
        let source = &self.checklist.source;
        let number = self.block.line + 1 + line;
        let (start, text) = (source.line_span(number).start, source.line(number));
        let indent = text.len() - text.trim_start().len();
        Diagnostic {
            code,
            severity: Severity::Warning,
            span: Span { start: start + indent, end: start + text.trim_end().len().max(indent) },
            message,
            hint: Some(hint.to_owned()),
            fix: None,
        }
    }
}

fn of_command(place: &Place<'_>, command: &Command) -> Option<Diagnostic> {
    let (code, message, hint) = if command.class == Class::Action {
        let message = format!("this check does more than look: {}", command.why);
        ("HP130", message, "mark the block `action`, or keep to what only looks")
    } else if command.habits.secret {
        let message = "this may print a secret, and evidence keeps what is printed".to_owned();
        ("HP131", message, "ask whether it is there: `test -n \"$TOKEN\"`")
    } else if command.habits.endless {
        (
            "HP132",
            "this does not end by itself".to_owned(),
            "take `-f`, `-w` or `watch` out, or say how many",
        )
    } else if command.habits.interactive {
        (
            "HP132",
            "this waits for a person at a terminal".to_owned(),
            "take `-it` out, or give it what it is to do",
        )
    } else {
        return None;
    };
    Some(place.finding(command.line, code, message, hint))
}

fn of_steps(place: &Place<'_>, check: &Check, commands: &[Command], found: &mut Vec<Diagnostic>) {
    let mut line = 0;
    for step in check.steps() {
        let end = line + step.source.lines().count();
        let inside = commands.iter().filter(|command| (line..end).contains(&command.line));
        let own = inside.map(|command| Command { line: command.line - line, ..command.clone() });
        let own: Vec<Command> = own.collect();
        found.extend(of_step(place, line, step, &own));
        line = end;
    }
}

/// Whether what is expected of a step can fail, and can come true.
fn of_step(place: &Place<'_>, first: usize, step: &Step, commands: &[Command]) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let expected: Vec<&str> = step.expectations().collect();
    let only_exit = expected.iter().all(|text| text.starts_with("exit"));
    let Some(last) = commands.last() else { return found };
    let trouble = last.words.first().is_some_and(|word| word.ends_with("grep"))
        && last.pipeline.is_some_and(|(_, place)| place > 0)
        && last
            .words
            .iter()
            .skip(1)
            .find(|word| !word.starts_with('-'))
            .is_some_and(|word| command::is_trouble(word));
    if trouble && expected.contains(&"exit == 0") {
        let message = "this passes where trouble is found: `grep` succeeds when it finds something"
            .to_owned();
        let hint = "take `| grep` out, and write `# expect: output not matches /error/i`";
        found.push(place.finding(first + last.line, "HP134", message, hint));
    } else if only_exit && expected.contains(&"exit == 0") {
        let silent = commands.iter().rev().find(|command| is_silent(command, commands));
        if let Some(silent) = silent {
            let name = silent.words.iter().take(2).cloned().collect::<Vec<_>>().join(" ");
            let message = format!("the exit of `{name}` says nothing about what it shows");
            let hint =
                "expect something of its output, or `# expect: a person agrees`; `curl` has `-f`";
            found.push(place.finding(first + silent.line, "HP133", message, hint));
        }
    }
    let lines: Vec<&str> = step.source.lines().collect();
    for text in &expected {
        let head: String = text.split(" ↵ ").next().unwrap_or_default().to_owned();
        let at = lines
            .iter()
            .rposition(|line| line.trim_start().starts_with('#') && line.contains(&head));
        let Some(at) = at.filter(|at| is_text(lines[*at])) else { continue };
        let lower = head.to_lowercase();
        if head.contains(' ')
            && lexicon::is_prose(&lower)
            && !head.contains(['"', '{', '=', '_', '/'])
        {
            let message =
                format!("`{head}` reads as a sentence about the output, and no line of it");
            let hint = "write the line itself, another expectation, or `# expect: a person agrees`";
            found.push(place.finding(first + at, "HP135", message, hint));
        } else if says_itself(&head, commands) {
            let message = format!("`{head}` stands in the command itself");
            let hint = "expect what only the thing looked at can say";
            found.push(place.finding(first + at, "HP136", message, hint));
        }
    }
    found
}

/// The end of a pipeline, or a command of its own, whose exit says nothing.
fn is_silent(command: &Command, all: &[Command]) -> bool {
    let is_last = command.pipeline.is_none_or(|(pipeline, place)| {
        !all.iter().any(|other| other.pipeline.is_some_and(|(of, at)| of == pipeline && at > place))
    });
    // What is substituted into another command is looked at by that one.
    let is_part = all.iter().any(|other| {
        other.span.start <= command.span.start
            && command.span.end <= other.span.end
            && other.span != command.span
    });
    command.habits.silent && is_last && !is_part
}

/// `# Expected: …`, whose text is a line of the output.
fn is_text(line: &str) -> bool {
    let comment = line.trim_start().trim_start_matches(['#', ' ']);
    let label = comment.split([':', '：']).next().unwrap_or_default();
    lexicon::EXPECTED.is(&label.trim().to_lowercase())
}

/// `echo PONG` expects nothing of anybody.
fn says_itself(text: &str, commands: &[Command]) -> bool {
    let says = |command: &&Command| {
        command.words.first().is_some_and(|word| matches!(word.as_str(), "echo" | "printf"))
    };
    commands.iter().filter(says).any(|command| command.text.contains(text))
}
