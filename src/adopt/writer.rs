//! Writes what is proposed for one block: its parts, and the boxes that steps of it go to.

use crate::checklist::{Block, Checklist};
use crate::command::Command;
use crate::survey::{OwnerKind, Relation, Survey};

use super::edit::Edit;
use super::rewrite::{self, Names, Wording};
use super::script::{Script, trimmed, written};
use super::segment::{self, Kind, Segment, Statement};
use super::{is_of_item, join, remark};

/// Writes what is proposed for one block.
pub(super) struct Writer<'d> {
    pub(super) checklist: &'d Checklist,
    pub(super) survey: &'d Survey,
    pub(super) wording: &'d Wording,
    pub(super) at: usize,
    pub(super) block: &'d Block,
}

/// A block to be written.
struct Part {
    mark: Option<&'static str>,
    lines: Vec<String>,
}

/// Nobody writes more for a person to run by hand: 32 KiB.
const LONGEST: usize = 32 << 10;

type Edits = (Vec<Edit>, Option<String>);

impl Writer<'_> {
    /// Its edits, and what in it is left to people.
    ///
    /// # Errors
    /// Why nothing is proposed.
    pub(super) fn edits(&self, names: &mut Names) -> Result<Edits, String> {
        let language = language(&self.block.language)?;
        if self.block.content.len() > LONGEST {
            return Err("it is too long to be proposed".to_owned());
        }
        let (fence, prefix) = self.fence()?;
        let commands = &self.survey.commands;
        let first = commands.partition_point(|found| found.line <= self.block.line);
        let end = commands.partition_point(|found| found.line < self.end_line());
        let statements =
            segment::cut(self.block, &commands[first..end.max(first)], &self.survey.notes)?;
        if let Some(why) = self.elsewhere(&statements) {
            return Err(why);
        }
        let segments = segment::segments(&statements);
        let unclear: Vec<&Segment<'_>> =
            segments.iter().filter(|segment| segment.kind == Kind::Unclear).collect();
        let left = unclear.first().map(|segment| why_unclear(segment));
        let acts = statements.iter().any(|statement| statement.kind == Kind::Act);
        if segments.iter().all(|segment| segment.kind == Kind::Unclear)
            || left.is_some() && is_of_item(self.survey, self.at) && !acts
        {
            if statements.iter().all(|statement| statement.is_state) {
                return Err(String::new());
            }
            return Err(left.unwrap_or_else(|| "there is no command in it".to_owned()));
        }
        // Where an item waits for somebody to act, that person does what cannot be told as well.
        let (segments, left) = match left.is_some() && is_of_item(self.survey, self.at) {
            true => (vec![Segment { kind: Kind::Act, statements: statements.clone() }], None),
            false => (segments, left),
        };
        let (segments, joined) = self.join(segments);
        let mut edits = Vec::new();
        for (item, step) in joined {
            let lines = self.check(&step, &[], Some(self.checklist.items[item].line), names)?;
            edits.push(self.below_item(item, language, &fence, lines));
        }
        let parts = self.parts(&segments, names)?;
        let indent = self.indent_of_item().unwrap_or(prefix);
        let mut with = Vec::new();
        for part in &parts {
            if !with.is_empty() {
                with.push(String::new());
            }
            let info = match part.mark {
                Some(mark) => format!("{language} {mark}"),
                None => self.block.info.clone(),
            };
            with.push(format!("{indent}{fence}{info}"));
            with.extend(part.lines.iter().map(|line| indented(&indent, line)));
            with.push(format!("{indent}{fence}"));
        }
        // A block that is gone leaves no hole.
        let mut end = self.end_line();
        if parts.is_empty() && self.checklist.source.line(end).trim().is_empty() {
            end += 1;
        }
        edits.push(Edit { lines: self.block.line..end, with, block: Some(self.at) });
        Ok((edits, left))
    }

    /// A shell that is opened on the way would run what comes next: here, or in a block above it in the
    /// section.
    fn elsewhere(&self, statements: &[Statement<'_>]) -> Option<String> {
        let opens = |command: &&Command| {
            command.habits.interactive && !rewrite::only_wants_terminal(&command.text)
        };
        let own = statements.iter().flat_map(|statement| statement.commands.iter().copied());
        if let Some(command) = own.into_iter().find(|command| opens(command)) {
            return Some(format!(
                "`{}` {}",
                brief(&command.text),
                segment::why_not_alone(command)?
            ));
        }
        let heading = self.survey_section().map_or(0, |at| self.checklist.sections[at].line);
        let commands = &self.survey.commands;
        let end = commands.partition_point(|found| found.line < self.block.line);
        let from = commands.partition_point(|found| found.line < heading);
        let above = commands[from..end].iter().filter(|found| found.block.is_some());
        let above = above.map(|found| &found.command).find(|command| opens(command))?;
        let alone = !is_of_item(self.survey, self.at);
        alone.then(|| format!("`{}` above opens a shell somewhere else", brief(&above.text)))
    }

    /// The line behind the block.
    fn end_line(&self) -> usize {
        let span = self.block.span;
        self.checklist.source.line_of(span.end.saturating_sub(1).max(span.start)) + 1
    }

    /// The marks of the fence, and the blanks before it.
    fn fence(&self) -> Result<(String, String), String> {
        let line = self.checklist.source.line(self.block.line);
        let text = line.trim_start();
        let sign = text.chars().next().filter(|sign| matches!(sign, '`' | '~'));
        let Some(sign) = sign.filter(|_| text.starts_with("```") || text.starts_with("~~~")) else {
            return Err("its fence does not stand in a line of its own".to_owned());
        };
        let fence = text.chars().take_while(|char| *char == sign).collect();
        Ok((fence, line[..line.len() - text.len()].to_owned()))
    }

    /// A block at the margin that is meant for the item above goes into it.
    fn indent_of_item(&self) -> Option<String> {
        let owner = &self.survey.owners[self.at];
        let follows = owner.relation == Relation::Follows && owner.kind == OwnerKind::Task;
        follows.then(|| indent_behind(self.checklist.source.line(owner.line.unwrap_or(1))))
    }

    /// Steps that only look, each with the box that it answers; and what is left of the segments.
    fn join<'s>(
        &self,
        segments: Vec<Segment<'s>>,
    ) -> (Vec<Segment<'s>>, Vec<(usize, Vec<Statement<'s>>)>) {
        let results = &self.survey.owners[self.at].results;
        let items = &self.checklist.items;
        let open: Vec<(usize, &str)> = results
            .iter()
            .filter(|item| items[**item].blocks.is_empty())
            .filter(|item| {
                !self.checklist.source.line(items[**item].line).trim_start().starts_with('|')
            })
            .map(|item| (*item, items[*item].text.as_str()))
            .collect();
        let steps: Vec<Vec<Statement<'s>>> = segments
            .iter()
            .filter(|segment| segment.kind == Kind::Look)
            .flat_map(|segment| join::steps(&segment.statements))
            .collect();
        let has_state = segments
            .iter()
            .any(|segment| segment.statements.iter().any(|statement| statement.is_state));
        // What one step leaves in the shell, another may need.
        if open.is_empty() || has_state {
            return (segments, Vec::new());
        }
        let pairs = join::pairs(&open, &steps);
        let taken: Vec<usize> = pairs.values().copied().collect();
        let mut at = 0;
        let mut rest = Vec::new();
        for segment in segments {
            if segment.kind != Kind::Look {
                rest.push(segment);
                continue;
            }
            let mut statements = Vec::new();
            for step in join::steps(&segment.statements) {
                if !taken.contains(&at) {
                    statements.extend(step);
                }
                at += 1;
            }
            if !statements.is_empty() {
                rest.push(Segment { kind: Kind::Look, statements });
            }
        }
        let joined = pairs.into_iter().map(|(item, step)| (item, steps[step].clone()));
        (rest, joined.collect())
    }

    /// A check below an item's own text.
    fn below_item(&self, item: usize, language: &str, fence: &str, lines: Vec<String>) -> Edit {
        let source = &self.checklist.source;
        let line = self.checklist.items[item].line;
        let indent = indent_behind(source.line(line));
        let own = self.checklist.items[item].spans.first();
        let last =
            own.map_or(line, |span| source.line_of(span.end.saturating_sub(1).max(span.start)));
        let text_end = (line..=last).take_while(|at| !source.line(*at).trim().is_empty()).last();
        let mut with = vec![format!("{indent}{fence}{language} check")];
        with.extend(lines.iter().map(|line| indented(&indent, line)));
        with.push(format!("{indent}{fence}"));
        let behind = text_end.unwrap_or(line) + 1;
        Edit { lines: behind..behind, with, block: Some(self.at) }
    }

    fn parts(&self, segments: &[Segment<'_>], names: &mut Names) -> Result<Vec<Part>, String> {
        let mut parts = Vec::new();
        let mut state: Vec<String> = Vec::new();
        for segment in segments {
            let lines = match segment.kind {
                Kind::Look => {
                    let title = self.survey.owners[self.at].line;
                    self.check(&segment.statements, &state, title, names)?
                }
                Kind::Act => self.action(&segment.statements, &state, names)?,
                Kind::Unclear => raw(&segment.statements),
            };
            let mark = match segment.kind {
                Kind::Look => Some("check"),
                Kind::Act => Some("action"),
                Kind::Unclear => None,
            };
            parts.push(Part { mark, lines });
            // Each block has a shell of its own.
            for statement in segment.statements.iter().filter(|statement| statement.is_state) {
                state.extend(self.rewritten(statement, segment.kind, names)?);
            }
        }
        Ok(parts)
    }

    /// A statement's lines, able to run by themselves.
    fn rewritten(
        &self,
        statement: &Statement<'_>,
        kind: Kind,
        names: &mut Names,
    ) -> Result<Vec<String>, String> {
        let standby = self.survey_section().is_some_and(|at| self.checklist.sections[at].standby);
        let needed = kind == Kind::Look && !standby;
        let line = self.block.line + 1 + statement.at;
        self.wording.rewrite(
            &statement.lines,
            line,
            &self.block.content,
            needed,
            kind == Kind::Act,
            names,
        )
    }

    fn survey_section(&self) -> Option<usize> {
        let sections = &self.checklist.sections;
        sections.iter().rposition(|section| section.line < self.block.line)
    }

    fn action(
        &self,
        statements: &[Statement<'_>],
        state: &[String],
        names: &mut Names,
    ) -> Result<Vec<String>, String> {
        let mut lines = state.to_vec();
        for statement in statements {
            lines.extend(statement.above.iter().map(|line| (*line).to_owned()));
            lines.extend(self.rewritten(statement, Kind::Act, names)?);
            lines.extend(written(statement));
        }
        Ok(trimmed(lines))
    }

    /// Whether the line that a check stands under says that something is not there.
    fn is_negative(&self, title: Option<usize>) -> bool {
        title.is_some_and(|line| remark::is_negative(self.checklist.source.line(line)))
    }

    /// A check: each note said so that it can fail, and an expectation at the end at least.
    fn check(
        &self,
        statements: &[Statement<'_>],
        state: &[String],
        title: Option<usize>,
        names: &mut Names,
    ) -> Result<Vec<String>, String> {
        let mut script = Script::after(state, self.is_negative(title));
        for statement in statements {
            let own = self.rewritten(statement, Kind::Look, names)?;
            script.add(statement, own)?;
        }
        let mut lines = script.end();
        if let Some(seconds) = remark::waits(statements) {
            lines.insert(0, format!("# timeout: {seconds}s"));
        }
        Ok(lines)
    }
}

/// What a block of a language would be run by.
fn language(language: &str) -> Result<&'static str, String> {
    match language {
        "bash" | "sh" | "shell" | "" | "terminal" => Ok("bash"),
        "zsh" => Ok("zsh"),
        "console" | "shell-session" => Err("it is a transcript of a terminal".to_owned()),
        other => Err(format!("`{other}` is no shell that checks run in")),
    }
}

fn why_unclear(segment: &Segment<'_>) -> String {
    let commands = segment.statements.iter().flat_map(|statement| &statement.commands);
    for command in commands {
        let text = brief(&command.text);
        if let Some(why) = segment::why_not_alone(command) {
            return format!("`{text}` {why}");
        }
        if command.class == crate::command::Class::Ambiguous {
            return format!("`{text}`: {}", command.why);
        }
    }
    "there is nothing in it to look at".to_owned()
}

/// The beginning of a command, for a message.
fn brief(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default().replace('`', "'");
    match line.char_indices().nth(60) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line,
    }
}

fn raw(statements: &[Statement<'_>]) -> Vec<String> {
    let lines = statements.iter().flat_map(|statement| {
        let own = statement.above.iter().chain(&statement.lines);
        own.map(|line| (*line).to_owned()).chain(written(statement))
    });
    trimmed(lines.collect())
}

fn indented(indent: &str, line: &str) -> String {
    if line.is_empty() { String::new() } else { format!("{indent}{line}") }
}

/// The blanks that put a line into the entry that another line begins.
fn indent_behind(entry: &str) -> String {
    let text = entry.trim_start();
    let marker = text.find(char::is_whitespace).unwrap_or(1);
    let blanks = text[marker..].len() - text[marker..].trim_start().len();
    let width = entry.len() - text.len() + marker + if blanks > 4 { 1 } else { blanks.max(1) };
    " ".repeat(width)
}
