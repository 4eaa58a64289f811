//! Comments of a block that say what a command should come to.

use crate::checklist::Block;
use crate::lexicon::{Concept, EXPECTED, SHOULD, VERIFY, holds};

use super::notes::{Form, LONG, Note};
use super::{Found, bare, folded, label, thresholds};

/// Comments of a block that say what a command should come to.
pub(super) fn comments(block: &Block, commands: &[&Found], notes: &mut Vec<Note>) {
    let commands = &match commands {
        // In other languages, each line that is no comment may be what a note is about.
        [] => code_lines(block),
        found => found.iter().map(|found| found.line).collect::<Vec<usize>>(),
    };
    let mut open: Option<usize> = None;
    let mut fresh = true;
    let lines = block.content.lines().enumerate();
    for (line, text) in lines.map(|(at, text)| (block.line + 1 + at, text.trim())) {
        let begins = std::mem::replace(&mut fresh, text.is_empty());
        let Some(comment) = comment(text) else {
            open = None;
            if let Some(note) = trailing(line, text, commands) {
                notes.push(note);
            }
            continue;
        };
        let next = commands.binary_search(&(line + 1)).is_ok();
        if begins && next && says_before(comment) {
            let text = comment.trim().to_owned();
            notes.push(Note { line, form: Form::CommentBefore, text, for_line: line + 1 });
            open = None;
            continue;
        }
        let head = note_text(comment);
        match (head, open) {
            (Some(said), _) => {
                let above = commands.partition_point(|at| *at <= line);
                let about = above.checked_sub(1).or(Some(0)).and_then(|at| commands.get(at));
                let Some(&for_line) = about else { continue };
                open = Some(notes.len());
                let text = said.to_owned();
                notes.push(Note { line, form: Form::Comment, text, for_line });
            }
            (None, Some(at)) if !ends(comment) => {
                let text = &mut notes[at].text;
                if text.len() < LONG {
                    text.push_str(if text.is_empty() { "" } else { "\n" });
                    text.push_str(comment.trim());
                }
            }
            (None, _) => open = None,
        }
    }
}

/// The lines of a block that say something and are no comment.
fn code_lines(block: &Block) -> Vec<usize> {
    let lines = block.content.lines().map(str::trim).enumerate();
    let code = lines.filter(|(_, text)| !text.is_empty() && comment(text).is_none());
    code.map(|(at, _)| block.line + 1 + at).collect()
}

/// The text of a line that is a comment, in whatever language.
fn comment(line: &str) -> Option<&str> {
    let rem = line.get(..4).filter(|begin| begin.eq_ignore_ascii_case("rem ")).map(|_| &line[4..]);
    rem.or_else(|| line.strip_prefix("::"))
        .or_else(|| line.strip_prefix("//"))
        .or_else(|| line.strip_prefix("-- "))
        .or_else(|| line.strip_prefix('#').map(|rest| rest.trim_start_matches('#')))
}

/// A blank comment or a step's title ends the note above it.
fn ends(comment: &str) -> bool {
    let text = comment.trim();
    let digits = text.trim_start_matches(|c: char| c.is_ascii_digit());
    text.is_empty() || digits.len() < text.len() && digits.starts_with(['.', ')'])
}

/// What a comment says that begins like a note; empty where the lines below say it.
fn note_text(comment: &str) -> Option<&str> {
    let text = comment.trim();
    if let Some((head, said)) = label(text) {
        let head = folded(head);
        let begins =
            |words: &Concept| words.begins(&head).is_some() && head.split_whitespace().count() <= 4;
        if begins(&EXPECTED) || begins(&SHOULD) || VERIFY.is(&head) {
            return Some(said);
        }
    }
    let lower = folded(text);
    let should = holds(&lower, "should") || holds(&lower, "soll");
    (should || SHOULD.begins(&lower).is_some() || EXPECTED.begins(&lower).is_some()).then_some(text)
}

/// `# Must FAIL`, `# Error rate (should be < 1%)`, directly above the command that it is about.
fn says_before(comment: &str) -> bool {
    let lower = comment.to_lowercase();
    let labelled =
        label(comment).is_some_and(|(label, _)| EXPECTED.begins(&folded(label)).is_some());
    !labelled
        && (["should", "must"].iter().any(|word| holds(&lower, word)) || thresholds::is_in(comment))
}

/// A comment behind a command, when it says what to find.
fn trailing(line: usize, text: &str, commands: &[usize]) -> Option<Note> {
    let (_, comment) = text.split_once(" #").or_else(|| text.split_once(" -- "))?;
    commands.binary_search(&line).ok()?;
    // A number or a text in quotes alone is what is printed.
    let value = comment.trim_start().starts_with(|c: char| c.is_ascii_digit() || c == '"');
    let said = note_text(comment)
        .or_else(|| (value || thresholds::is_in(comment)).then_some(comment))
        .map(bare)?;
    let form = Form::TrailingComment;
    Some(Note { line, form, text: said.to_owned(), for_line: line })
}
