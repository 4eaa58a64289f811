//! A block cut into statements, and those into runs that look, act, or cannot be told.

use std::ops::Range;

use crate::checklist::Block;
use crate::command::{self, Class, Command};
use crate::survey::{Form, Found, Note};

/// What may be proposed for a run of statements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// They only look.
    Look,
    /// They act.
    Act,
    /// Nobody can tell, or they cannot run by themselves.
    Unclear,
}

/// A statement with the comments above it, and what stands below it up to the next.
#[derive(Clone, Debug)]
pub(super) struct Statement<'s> {
    /// Comments and blanks above it.
    pub(super) above: Vec<&'s str>,
    pub(super) lines: Vec<&'s str>,
    /// Where its lines begin in the block, from 0.
    pub(super) at: usize,
    /// Comments below it: what says what to find, and what stands between.
    pub(super) below: Vec<Below<'s>>,
    /// Its commands.
    pub(super) commands: Vec<&'s Command>,
    /// It only changes the shell.
    pub(super) is_state: bool,
    pub(super) kind: Kind,
}

/// Lines below a statement.
#[derive(Clone, Debug)]
pub(super) enum Below<'s> {
    /// They say nothing of it.
    Other(Vec<&'s str>),
    /// They say what to find: as written, and what that is.
    Note(Vec<&'s str>, &'s str),
}

impl<'s> Below<'s> {
    /// As written.
    pub(super) fn lines(&self) -> &[&'s str] {
        match self {
            Self::Other(lines) | Self::Note(lines, _) => lines,
        }
    }
}

/// Statements of one kind that stand together.
#[derive(Clone, Debug)]
pub(super) struct Segment<'s> {
    pub(super) kind: Kind,
    pub(super) statements: Vec<Statement<'s>>,
}

/// Cuts a block.
///
/// # Errors
/// Why nothing can be proposed for it.
pub(super) fn cut<'s>(
    block: &'s Block,
    commands: &'s [Found],
    notes: &'s [Note],
) -> Result<Vec<Statement<'s>>, String> {
    let lines: Vec<&str> = block.content.lines().collect();
    if let Some(why) = no_commands(&lines) {
        return Err(why.to_owned());
    }
    let Some(ranges) = command::statements(&block.content) else {
        return Err("the shell's grammar cannot read it".to_owned());
    };
    let first = block.line + 1;
    let mut statements: Vec<Statement<'_>> = Vec::new();
    let mut above: Range<usize> = 0..0;
    for (at, range) in ranges.iter().enumerate() {
        above.end = range.start;
        let own: Vec<&Command> = commands
            .iter()
            .filter(|found| range.contains(&(found.line.wrapping_sub(first))))
            .map(|found| &found.command)
            .collect();
        let next = ranges.get(at + 1).map_or(lines.len(), |next| next.start);
        let (below, end) = below(&lines, range.end..next, first, range, notes);
        let whole = own.iter().filter(|command| !is_part(command, &own));
        let is_state = !own.is_empty() && whole.into_iter().all(|command| changes_shell(command));
        statements.push(Statement {
            above: lines[above.clone()].to_vec(),
            lines: lines[range.clone()].to_vec(),
            at: range.start,
            below,
            kind: kind(&own),
            commands: own,
            is_state,
        });
        above = end..end;
    }
    // What stands below the last one stays with it.
    if let Some(last) = statements.last_mut() {
        last.below.push(Below::Other(lines[above.start..].to_vec()));
    }
    Ok(statements)
}

/// Why a block that reads as commands is none to be run line by line.
fn no_commands(lines: &[&str]) -> Option<&'static str> {
    let boxed = |line: &&str| {
        let text = line.trim_start();
        ["- [ ]", "* [ ]", "- [x]", "☐"].iter().any(|sign| text.starts_with(sign))
    };
    let endless =
        ["while true", "while :", "until false", "while [ 1 ]", "while [[ true ]]", "for ((;;"];
    if lines.first().is_some_and(|line| line.starts_with("#!")) {
        Some("it is the text of a script")
    } else if lines.iter().any(boxed) {
        Some("it holds boxes, which are no commands")
    } else if lines.iter().any(|line| endless.iter().any(|word| line.contains(word))) {
        Some("its loop does not end by itself")
    } else if lines.iter().any(|line| line.contains("$?") || line.contains("PIPESTATUS")) {
        Some("it asks for `$?`: in a check `# expect: exit == 0` does")
    } else {
        None
    }
}

/// What stands in a gap up to the last note about the statement above it, and where that ends.
fn below<'s>(
    lines: &[&'s str],
    gap: Range<usize>,
    first: usize,
    about: &Range<usize>,
    notes: &'s [Note],
) -> (Vec<Below<'s>>, usize) {
    let mut below = Vec::new();
    let mut at = gap.start;
    let own = notes.iter().filter(|note| {
        note.form == Form::Comment
            && gap.contains(&note.line.wrapping_sub(first))
            && about.contains(&note.for_line.wrapping_sub(first))
    });
    for note in own {
        let begin = (note.line - first).max(at);
        let said = note.text.lines().count();
        // The text may begin in the line of the label, or below it.
        let label_alone = lines[begin].trim_end().ends_with([':', '：']);
        let more = if label_alone { said } else { said.saturating_sub(1) };
        let end = (begin + 1 + more).min(gap.end);
        if at < begin {
            below.push(Below::Other(lines[at..begin].to_vec()));
        }
        below.push(Below::Note(lines[begin..end].to_vec(), note.text.as_str()));
        at = end;
    }
    (below, at)
}

/// Statements of one kind in a row; what only changes the shell goes with what follows.
///
/// In a step, what looks before something acts prepares it, and goes with it.
pub(super) fn segments<'s>(statements: &[Statement<'s>]) -> Vec<Segment<'s>> {
    let mut segments: Vec<Segment<'s>> = Vec::new();
    let mut waiting: Vec<Statement<'s>> = Vec::new();
    for step in super::join::steps(statements) {
        let acts_at = step.iter().rposition(|statement| statement.kind == Kind::Act);
        for (at, statement) in step.into_iter().enumerate() {
            if statement.is_state {
                waiting.push(statement);
                continue;
            }
            let prepares = acts_at.is_some_and(|last| at < last);
            let kind = if prepares { Kind::Act } else { statement.kind };
            match segments.last_mut().filter(|last| last.kind == kind) {
                Some(last) => last.statements.append(&mut waiting),
                None => segments.push(Segment { kind, statements: std::mem::take(&mut waiting) }),
            }
            if let Some(last) = segments.last_mut() {
                last.statements.push(statement);
            }
        }
    }
    match segments.last_mut() {
        Some(last) => last.statements.append(&mut waiting),
        None if !waiting.is_empty() => {
            segments.push(Segment { kind: Kind::Unclear, statements: waiting });
        }
        None => {}
    }
    segments
}

fn kind(commands: &[&Command]) -> Kind {
    let acts = commands.iter().any(|command| command.class == Class::Action);
    let alone = commands.iter().all(|command| why_not_alone(command).is_none());
    let looks =
        commands.iter().all(|command| matches!(command.class, Class::Check | Class::ShellState));
    if acts {
        Kind::Act
    } else if looks && alone && !commands.is_empty() {
        Kind::Look
    } else {
        Kind::Unclear
    }
}

/// Why a command cannot run where nobody sits.
pub(super) fn why_not_alone(command: &Command) -> Option<&'static str> {
    let habits = command.habits;
    if habits.secret {
        Some("may print a secret, which evidence would keep")
    } else if habits.endless {
        Some("does not end by itself")
    } else if habits.interactive && !super::rewrite::only_wants_terminal(&command.text) {
        Some("waits for a person at a terminal")
    } else {
        None
    }
}

/// A command that is substituted into another one.
pub(super) fn is_part(command: &Command, all: &[&Command]) -> bool {
    all.iter().any(|other| {
        other.span.start <= command.span.start
            && command.span.end <= other.span.end
            && other.span != command.span
    })
}

/// `cd`, `export`, an assignment.
fn changes_shell(command: &Command) -> bool {
    let name = command.text.split('=').next().unwrap_or_default();
    let assigns = command.text.contains('=')
        && !name.is_empty()
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    command.class == Class::ShellState || assigns && command.class <= Class::Check
}
