//! Commands: those of blocks of a shell, and those in sentences.

use crate::checklist::{Inline, PieceKind};
use crate::command;

use super::{Document, Found, is_shell, reads_as_commands};

/// All commands of the document, by lines.
pub(super) fn commands(document: &Document<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for (at, block) in document.checklist.blocks.iter().enumerate() {
        // What nobody writes by hand is not read command by command.
        if block.content.len() > LONGEST {
            continue;
        }
        let shell = is_shell(&block.language)
            || block.language.is_empty() && reads_as_commands(&block.content);
        if shell {
            let script = without_prompts(&block.content);
            // The content of a fenced block begins below its fence.
            let first = block.line + usize::from(is_fenced(document, block.line));
            found.extend(command::commands(&script).into_iter().map(|command| Found {
                line: first + command.line,
                block: Some(at),
                command,
            }));
        }
    }
    for (_, line) in document.prose().filter(|(at, _)| says_something(document, *at)) {
        for code in codes(line.text) {
            let commands = command::of_inline(code).into_iter().flatten();
            found.extend(commands.map(|command| Found { line: line.line, block: None, command }));
        }
    }
    found.sort_by_key(|found| found.line);
    found
}

/// The longest block whose commands are told one by one: 256 KiB.
const LONGEST: usize = 256 << 10;

/// Prompts of a transcript give way to blanks, and so do the lines that it prints.
fn without_prompts(content: &str) -> String {
    let is_prompt = |line: &str| line.trim_start().starts_with("$ ");
    if !content.lines().any(is_prompt) {
        return content.to_owned();
    }
    let mut script = String::with_capacity(content.len());
    for line in content.split_inclusive('\n') {
        match is_prompt(line) {
            true => script.push_str(&line.replacen('$', " ", 1)),
            false => script.push('\n'),
        }
    }
    script
}

fn is_fenced(document: &Document<'_>, line: usize) -> bool {
    let text = document.checklist.source.line(line);
    text.contains("```") || text.contains("~~~")
}

fn says_something(document: &Document<'_>, at: usize) -> bool {
    matches!(document.pieces[at].kind, PieceKind::Paragraph | PieceKind::Row { .. })
}

/// The code spans of a line.
fn codes(line: &[Inline]) -> Vec<&str> {
    let mut codes = Vec::new();
    let mut open: Vec<&Inline> = line.iter().rev().collect();
    while let Some(inline) = open.pop() {
        match inline {
            Inline::Code(code) => codes.push(code.as_str()),
            Inline::Emphasis(inner) | Inline::Strong(inner) => open.extend(inner.iter().rev()),
            Inline::Link(link) => open.extend(link.text.iter().rev()),
            Inline::Struck(_) | Inline::Text(_) | Inline::Break => {}
        }
    }
    codes
}
