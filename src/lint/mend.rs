//! Fixes for what reading and compiling found, where what was meant is certain.
//!
//! `fix` applies a fix only where the document still reads as before but for what the finding is
//! about. Nothing here touches what marks a block.

use crate::checklist::{Checklist, Reading};
use crate::source::{Diagnostic, Edit, Fix, Severity, Span};

/// Gives findings their fixes.
pub(super) fn attach(reading: &mut Reading) {
    let checklist = &reading.checklist;
    for finding in reading.diagnostics.iter_mut().filter(|finding| finding.fix.is_none()) {
        finding.fix = match finding.code {
            "HP001" => trailing_tab(checklist, finding),
            "HP007" => blank_line(checklist, finding),
            "HP016" if finding.severity == Severity::Error => task(checklist, finding),
            "HP102" => word(checklist, finding),
            _ => None,
        };
    }
}

/// A tab behind a closing fence, which the readers take differently.
fn trailing_tab(checklist: &Checklist, finding: &Diagnostic) -> Option<Fix> {
    let source = &checklist.source;
    let line = source.line_of(finding.span.start);
    let from = checklist.blocks.partition_point(|block| block.line < line);
    let block = checklist.blocks.get(from).filter(|block| block.line == line)?;
    let mut ends =
        (line + 1..=source.line_of(block.span.end.saturating_sub(1))).filter(|&number| {
            let text = source.line(number).trim_start();
            let is_fence = text.starts_with("```") || text.starts_with("~~~");
            is_fence && text.ends_with('\t') && text.trim_end().trim_matches(['`', '~']).is_empty()
        });
    let number = ends.next()?;
    let text = source.line(number);
    let start = source.line_span(number).start;
    Some(Fix::replace(Span { start: start + text.trim_end().len(), end: start + text.len() }, ""))
}

/// A blank line between a task and the line below that makes a heading of it.
fn blank_line(checklist: &Checklist, finding: &Diagnostic) -> Option<Fix> {
    let source = &checklist.source;
    let line = source.line_of(finding.span.start);
    let is_underline = |number: usize| {
        let text = source.line(number).trim_start_matches([' ', '\t', '>']).trim_end();
        !text.is_empty()
            && (text.bytes().all(|byte| byte == b'-') || text.bytes().all(|byte| byte == b'='))
    };
    let below = (line + 1..=source.line_count().min(line + 20)).find(|&at| is_underline(at))?;
    let at = source.line_span(below).start;
    let end = if source.text[..at].ends_with("\r\n") { "\r\n" } else { "\n" };
    Some(Fix::replace(Span { start: at, end: at }, end))
}

/// `- [ ]text`, `- []`, `-[ ]`, `[ ] text`: the box as it is written.
fn task(checklist: &Checklist, finding: &Diagnostic) -> Option<Fix> {
    let source = &checklist.source;
    let line = source.line_of(finding.span.start);
    let (from, to, text) = written_box(source.line(line))?;
    let start = source.line_span(line).start;
    Some(Fix { edits: vec![Edit { span: Span { start: start + from, end: start + to }, text }] })
}

/// What to write in the place of what is nearly a box, from the list's mark to the text behind it.
fn written_box(line: &str) -> Option<(usize, usize, String)> {
    let blank = |char: char| char == ' ' || char == '\t' || char == '\u{a0}';
    let from = line.len() - line.trim_start_matches([' ', '\t', '>']).len();
    let bracket = from + line[from..].find('[')?;
    let mark = match line[from..bracket].trim_end_matches(blank) {
        "" => "-",
        mark if matches!(mark, "-" | "*" | "+") => mark,
        mark if mark.len() <= 10
            && mark.trim_end_matches(['.', ')']).bytes().all(|byte| byte.is_ascii_digit())
            && mark.trim_start_matches(|char: char| char.is_ascii_digit()).len() == 1 =>
        {
            mark
        }
        _ => return None,
    };
    let close = bracket + line[bracket..].find(']')?;
    let inside = line[bracket + 1..close].trim_matches(blank);
    let rest = &line[close + 1..];
    let text = rest.trim_start_matches(blank);
    // `[ ](address)` and `[x]: …` are links.
    if !matches!(inside, "" | "x" | "X") || text.is_empty() || rest.starts_with(['(', '[', ':']) {
        return None;
    }
    let tick = if inside.is_empty() { " " } else { "x" };
    Some((from, line.len() - text.len(), format!("{mark} [{tick}] ")))
}

/// A directive or an expectation that is misspelt: only the word, and only where the hint names one.
fn word(checklist: &Checklist, finding: &Diagnostic) -> Option<Fix> {
    let hint = finding.hint.as_deref()?;
    let meant = hint.strip_prefix("write `# ")?.strip_suffix("`")?;
    let meant = meant.strip_suffix(": …").unwrap_or(meant);
    let source = &checklist.source;
    let text = source.text.get(finding.span.start..finding.span.end)?;
    let comment = text.trim_start_matches(['#', ' ', '\t']);
    // Without its colon more than the word is to be mended.
    let (word, _) = comment.split_once(':')?;
    let is_plain =
        |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphabetic());
    let start = finding.span.start + text.len() - comment.len();
    let span = Span { start, end: start + word.len() };
    (is_plain(word) && is_plain(meant)).then(|| Fix::replace(span, meant))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_nearly_a_box_is_written_as_one() {
        for (line, written) in [
            ("- [ ]restart", "- [ ] restart"),
            ("- [] restart", "- [ ] restart"),
            ("  * []restart", "  * [ ] restart"),
            ("-[ ] restart", "- [ ] restart"),
            ("[ ] restart", "- [ ] restart"),
            ("1.[x]restart", "1. [x] restart"),
            ("- [\u{a0}] restart", "- [ ] restart"),
            ("- [  ]\u{a0}restart", "- [ ] restart"),
            ("> - []restart", "> - [ ] restart"),
        ] {
            let (from, to, text) = written_box(line).expect(line);
            assert_eq!(format!("{}{text}{}", &line[..from], &line[to..]), written);
        }
        for line in ["- [ ](x) y", "- [x]: y", "- [✓]y", "- [ ]", "• [ ] y", "a) [ ] y", "- [v] y"]
        {
            assert!(written_box(line).is_none(), "{line}");
        }
    }
}
