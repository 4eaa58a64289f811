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

/// A statement with the comments above it and the notes below.
#[derive(Clone, Debug)]
pub(super) struct Statement<'s> {
    /// Comments and blanks above it.
    pub(super) above: Vec<&'s str>,
    pub(super) lines: Vec<&'s str>,
    /// Comments below it that say what to find.
    pub(super) notes: Vec<NoteLines<'s>>,
    /// Its commands.
    pub(super) commands: Vec<&'s Command>,
    /// It only changes the shell.
    pub(super) is_state: bool,
    pub(super) kind: Kind,
}

/// A note as it is written, and what it says.
#[derive(Clone, Debug)]
pub(super) struct NoteLines<'s> {
    pub(super) lines: Vec<&'s str>,
    pub(super) text: &'s str,
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
        let below = notes_below(&lines, range.end..next, first, range, notes);
        let end = below.last().map_or(range.end, |(lines, _)| lines.end);
        let is_state = !own.is_empty() && own.iter().all(|command| changes_shell(command));
        statements.push(Statement {
            above: lines[above.clone()].to_vec(),
            lines: lines[range.clone()].to_vec(),
            notes: below
                .into_iter()
                .map(|(at, text)| NoteLines { lines: lines[at].to_vec(), text })
                .collect(),
            kind: kind(&own),
            commands: own,
            is_state,
        });
        above = end..end;
    }
    // What stands below the last one stays with it.
    if let Some(last) = statements.last_mut() {
        let rest = &lines[above.start..];
        let text = rest.iter().rposition(|line| !line.trim().is_empty()).map_or(0, |at| at + 1);
        if text > 0 {
            last.lines.extend(&rest[..text]);
        }
    }
    Ok(statements)
}

/// The notes in a gap that are about the statement above it: their lines, and what they say.
fn notes_below<'s>(
    lines: &[&str],
    gap: Range<usize>,
    first: usize,
    about: &Range<usize>,
    notes: &'s [Note],
) -> Vec<(Range<usize>, &'s str)> {
    let mut below: Vec<(Range<usize>, &str)> = Vec::new();
    let own = notes.iter().filter(|note| {
        note.form == Form::Comment
            && gap.contains(&note.line.wrapping_sub(first))
            && about.contains(&note.for_line.wrapping_sub(first))
    });
    for note in own {
        let begin = note.line - first;
        let said = note.text.lines().count();
        // The text may begin in the line of the label, or below it.
        let label_alone = lines[begin].trim_end().ends_with([':', '：']);
        let more = if label_alone { said } else { said.saturating_sub(1) };
        let end = (begin + 1 + more).min(gap.end);
        below.push((begin..end, note.text.as_str()));
    }
    below
}

/// Statements of one kind in a row; what only changes the shell goes with what follows.
pub(super) fn segments<'s>(statements: &[Statement<'s>]) -> Vec<Segment<'s>> {
    let mut segments: Vec<Segment<'s>> = Vec::new();
    let mut waiting: Vec<Statement<'s>> = Vec::new();
    for statement in statements {
        if statement.is_state {
            waiting.push(statement.clone());
            continue;
        }
        match segments.last_mut().filter(|last| last.kind == statement.kind) {
            Some(last) => last.statements.append(&mut waiting),
            None => {
                let statements = std::mem::take(&mut waiting);
                segments.push(Segment { kind: statement.kind, statements });
            }
        }
        if let Some(last) = segments.last_mut() {
            last.statements.push(statement.clone());
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

/// `cd`, `export`, an assignment.
fn changes_shell(command: &Command) -> bool {
    let name = command.text.split('=').next().unwrap_or_default();
    let assigns = command.text.contains('=')
        && !name.is_empty()
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    command.class == Class::ShellState || assigns && command.class <= Class::Check
}
