//! Code blocks that do not hold what they seem to: fences inside fences, text out of sight.

use crate::checklist::{Block, Checklist, Mark};
use crate::source::{Diagnostic, Severity};

use super::lines::{Line, lines};

/// So many blanks within a line push what follows out of sight on a page.
const FAR: usize = 40;

/// Languages whose lines are commands, which people copy.
const SHELLS: &[&str] = &[
    "bash",
    "sh",
    "zsh",
    "shell",
    "console",
    "terminal",
    "fish",
    "pwsh",
    "powershell",
    "cmd",
    "bat",
];

/// Findings about what is inside code blocks.
pub(super) fn findings(checklist: &Checklist) -> Vec<Diagnostic> {
    let mut told = None;
    let mut found = Vec::new();
    for line in lines(checklist) {
        let Some(block) = line.block else { continue };
        let is_first = line.number == block.line;
        if !is_first && told != Some(block.line) && opens_inside(checklist, block, &line) {
            told = Some(block.line);
            found.push(nested(block, &line));
        }
        // In a marked block this is an error, which reading raises.
        if !line.is_marked() && SHELLS.contains(&block.language.as_str()) {
            found.extend(out_of_sight(&line));
        }
    }
    found
}

/// The mark of a fence and how long it is, for a line that is one.
fn fence(text: &str) -> Option<(char, usize, &str)> {
    let text = text.trim_start_matches([' ', '\t', '>']);
    let mark = text.chars().next().filter(|mark| matches!(mark, '`' | '~'))?;
    let info = text.trim_start_matches(mark);
    let length = text.len() - info.len();
    (length >= 3).then_some((mark, length, info.trim()))
}

/// A list's marks may stand before the fence that opens a block.
fn opening(checklist: &Checklist, block: &Block) -> Option<(char, usize)> {
    let text = checklist.source.line(block.line);
    let at = text.find("```").into_iter().chain(text.find("~~~")).min()?;
    fence(&text[at..]).map(|(mark, length, _)| (mark, length))
}

/// A fence with an info string cannot close the block that it stands in: the next one without does.
fn opens_inside(checklist: &Checklist, block: &Block, line: &Line<'_>) -> bool {
    let Some((mark, length, info)) = fence(line.text) else { return false };
    let is_info = info.starts_with(char::is_alphabetic) && info.len() <= 60 && !info.contains('`');
    is_info && opening(checklist, block).is_some_and(|(own, least)| own == mark && length >= least)
}

fn nested(block: &Block, line: &Line<'_>) -> Diagnostic {
    let message = format!(
        "this fence opens inside the block of line {}: the next plain fence ends that one, and what follows is turned inside out",
        block.line
    );
    let hint = "close the block above it, or give that one a longer fence than those inside it";
    // What somebody marked may be text now, or text may be marked.
    let info = fence(line.text).map(|(.., info)| info).unwrap_or_default();
    let marks = ["check", "action", "trigger"];
    let marked =
        block.mark != Mark::None || info.split_whitespace().any(|word| marks.contains(&word));
    let severity = if marked { Severity::Error } else { Severity::Warning };
    Diagnostic { severity, ..line.doubt("HP023", line.whole(), message, hint) }
}

fn out_of_sight(line: &Line<'_>) -> Option<Diagnostic> {
    let (from, to) = far_blanks(line.text)?;
    // A comment does nothing, and a line that goes on is often aligned.
    let rest = &line.text[to..];
    if rest.starts_with('#') || rest == "\\" {
        return None;
    }
    let message = format!("{} blanks push `{}` out of sight", to - from, first_word(rest));
    let hint = "write it in a line of its own";
    Some(line.doubt("HP022", line.span(to, line.text.trim_end().len()), message, hint))
}

fn first_word(text: &str) -> String {
    let mut words = text.split_whitespace().filter(|word| word.contains(char::is_alphanumeric));
    words.next().unwrap_or(text).chars().take(FAR).collect()
}

/// A run of blanks behind other text that is long enough to hide what comes after it.
fn far_blanks(text: &str) -> Option<(usize, usize)> {
    let code = text.trim_end();
    let mut begin = code.len() - code.trim_start().len();
    while let Some(blank) = code[begin..].find(char::is_whitespace) {
        let from = begin + blank;
        let to = from + (code[from..].len() - code[from..].trim_start().len());
        if code[from..to].chars().count() >= FAR {
            return Some((from, to));
        }
        begin = to;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_within_a_line_are_counted_and_those_around_it_are_not() {
        let gap = " ".repeat(FAR);
        assert_eq!(far_blanks(&format!("true{gap}; rm")), Some((4, 4 + FAR)));
        assert_eq!(far_blanks(&format!("{gap}true a  b{gap}")), None);
        assert_eq!(far_blanks(""), None);
        assert_eq!(far_blanks(&gap), None);
    }
}
