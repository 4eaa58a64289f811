//! Characters that a reader does not see, or that change the order of what he sees.
//!
//! In front matter and marked blocks they are errors that reading raises. Elsewhere they are in place
//! where a script or an emoji needs them, and misleading where not.

use crate::checklist::{Checklist, is_invisible};
use crate::source::{Diagnostic, Edit, Fix};

use super::lines::{Line, lines};

/// One finding for each line.
pub(super) fn findings(checklist: &Checklist) -> Vec<Diagnostic> {
    lines(checklist)
        .filter(|line| !line.is_marked() && may_hold_any(line.text))
        .filter_map(|line| finding(&line))
        .collect()
}

/// Most lines hold nothing but printable ASCII, or letters and emoji.
fn may_hold_any(text: &str) -> bool {
    text.bytes().any(|byte| byte < b' ' && byte != b'\t' || byte >= 0x7f)
        && text.chars().any(is_invisible)
}

fn finding(line: &Line<'_>) -> Option<Diagnostic> {
    let found = misleading(line.text);
    let (at, char) = *found.first()?;
    let name = name(char).map(|name| format!(", a {name},")).unwrap_or_default();
    let seen = if is_order(char) { "changes the order of what is shown" } else { "cannot be seen" };
    let message = format!("character U+{:04X}{name} {seen}", char as u32);
    let hint = match found.len() {
        1 => "delete it".to_owned(),
        count => format!("delete it, and {} more in this line", count - 1),
    };
    let span = |at: usize, char: char| line.span(at, at + char.len_utf8());
    // A line separator stands between words; what is in code may be what the code is about.
    let text = |char| if matches!(char, '\u{2028}' | '\u{2029}') { " " } else { "" };
    let edit =
        |(at, char): &(usize, char)| Edit { span: span(*at, *char), text: text(*char).into() };
    let fix = line.block.is_none().then(|| Fix { edits: found.iter().map(edit).collect() });
    Some(Diagnostic { fix, ..line.doubt("HP021", span(at, char), message, hint) })
}

/// Those of a line that no script and no emoji there needs.
fn misleading(text: &str) -> Vec<(usize, char)> {
    let right_to_left = text.chars().any(is_right_to_left);
    let mut found = Vec::new();
    let mut before = None;
    let mut chars = text.char_indices().peekable();
    let mut in_flag = false;
    while let Some((at, char)) = chars.next() {
        let next = chars.peek().map(|(_, next)| *next);
        in_flag = char == '🏴' || in_flag && is_tag(char);
        if is_invisible(char) && !in_flag && !is_needed(before, char, next, right_to_left) {
            found.push((at, char));
        }
        before = Some(char);
    }
    found
}

/// Whether what stands around it makes it ordinary.
fn is_needed(before: Option<char>, char: char, next: Option<char>, right_to_left: bool) -> bool {
    let between = |is: fn(char) -> bool| before.is_some_and(is) && next.is_some_and(is);
    match char {
        // Joiners shape letters of many scripts, and emoji sequences.
        '\u{200d}' => between(is_shaped) || between(is_pictured),
        '\u{200c}' => between(is_shaped),
        // Where words have no blanks between them, lines break here.
        '\u{200b}' => {
            between(|c| matches!(c as u32, 0xe00..=0xeff | 0x1000..=0x109f | 0x1780..=0x17ff))
        }
        '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{2066}'..='\u{2069}' => right_to_left,
        '\u{34f}' | '\u{fe00}'..='\u{fe0d}' | '\u{e0100}'..='\u{e01ef}' => {
            before.is_some_and(|before| !before.is_ascii() && !is_invisible(before))
        }
        '\u{180b}'..='\u{180f}' => before.is_some_and(|c| matches!(c as u32, 0x1800..=0x18af)),
        '\u{17b4}' | '\u{17b5}' => before.is_some_and(|c| matches!(c as u32, 0x1780..=0x17ff)),
        '\u{115f}' | '\u{1160}' => {
            before.into_iter().chain(next).any(|c| matches!(c as u32, 0x1100..=0x11ff))
        }
        _ => false,
    }
}

/// Letters that change with what stands beside them.
fn is_shaped(char: char) -> bool {
    matches!(char as u32, 0x600..=0x8ff | 0x900..=0xdff | 0xf00..=0xfff | 0x1000..=0x109f
        | 0x1780..=0x17ff | 0x1800..=0x18af | 0xfb50..=0xfdff | 0xfe70..=0xfefe)
}

/// Emoji, their variation selectors and skin tones.
fn is_pictured(char: char) -> bool {
    matches!(char as u32, 0x2190..=0x2bff | 0x3030 | 0xfe0f | 0x1f000..=0x1faff | 0xe0020..=0xe007f)
}

fn is_tag(char: char) -> bool {
    matches!(char, '\u{e0020}'..='\u{e007f}')
}

fn is_right_to_left(char: char) -> bool {
    matches!(char as u32, 0x590..=0x8ff | 0xfb1d..=0xfdff | 0xfe70..=0xfefe | 0x10800..=0x10fff)
}

fn is_order(char: char) -> bool {
    matches!(char, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn name(char: char) -> Option<&'static str> {
    Some(match char {
        '\u{ad}' => "soft hyphen",
        '\u{200b}' => "zero-width space",
        '\u{200c}' => "zero-width non-joiner",
        '\u{200d}' => "zero-width joiner",
        '\u{2060}' => "word joiner",
        '\u{feff}' => "byte order mark",
        '\u{200e}' | '\u{200f}' | '\u{61c}' => "direction mark",
        '\u{202a}' | '\u{202b}' | '\u{202d}' | '\u{202e}' => "direction override",
        '\u{2066}'..='\u{2068}' => "direction isolate",
        char if char.is_control() => "control character",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_scripts_and_emoji_need_is_ordinary() {
        for text in [
            "👩\u{200d}💻 and 🏳\u{fe0f}\u{200d}🌈 and ⚠\u{fe0f}",
            "می\u{200c}خواهم",
            "क्\u{200d}ष",
            "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f} England",
            "葛\u{e0100}城",
            "שלום \u{200e}(a)",
            "tab\there",
            "ไทย\u{200b}ไทย",
        ] {
            assert_eq!(misleading(text), [], "{text}");
        }
    }

    #[test]
    fn what_nothing_needs_misleads() {
        for text in [
            "roll\u{200b}back",
            "a\u{202e}b",
            "x\u{feff}",
            "so\u{ad}ft",
            "a\u{2066}b",
            "bell\u{7}",
            "a\u{200d}b",
            "a\u{200c}b",
            "x\u{200e}",
            "\u{3164}",
            "a\u{e0041}",
        ] {
            assert_eq!(misleading(text).len(), 1, "{text:?}");
        }
    }
}
