//! Hostile text made inert and visible: bytes of a command's output become lines of plain text.
//!
//! What a reader could not see (controls, bidirectional marks, zero-width and tag characters) shows
//! as `‹U+XXXX›`, a byte that is no UTF-8 as `\xNN`. Colours are dropped.

use std::sync::OnceLock;

use regex::Regex;

/// Replaces characters that a reader could not see by `‹U+XXXX›` and adds their number to `count`.
pub(super) fn visible(text: &str, count: &mut u64) -> String {
    if text.bytes().all(|byte| matches!(byte, b'\n' | b'\t' | 0x20..=0x7e)) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut before = ' ';
    let mut buffer = [0; 4];
    for c in text.chars() {
        // The emoji selector behind a symbol only asks for its look.
        let selector = c == '\u{fe0f}' && !before.is_ascii() && !before.is_alphanumeric();
        if c.is_ascii() && !c.is_ascii_control()
            || matches!(c, '\n' | '\t')
            || selector
            || !c.is_ascii() && !unseen(c.encode_utf8(&mut buffer))
        {
            out.push(c);
        } else {
            out.push_str(&marker(c));
            *count += 1;
        }
        before = c;
    }
    out
}

/// How an unseen character is shown.
pub(super) fn marker(c: char) -> String {
    format!("‹U+{:04X}›", u32::from(c))
}

/// The cluster has a combining mark that stands on no letter or digit.
pub(super) fn has_lone_mark(text: &str) -> bool {
    static MARK: OnceLock<Option<Regex>> = OnceLock::new();
    MARK.get_or_init(|| Regex::new(r"^[^\p{L}\p{N}]?\p{M}").ok())
        .as_ref()
        .is_none_or(|pattern| pattern.is_match(text))
}

fn unseen(c: &str) -> bool {
    static UNSEEN: OnceLock<Option<Regex>> = OnceLock::new();
    UNSEEN
        .get_or_init(|| Regex::new(r"^[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]$").ok())
        .as_ref()
        .is_none_or(|pattern| pattern.is_match(c))
}

/// The lines that a terminal would show for `bytes`: carriage return, backspace and the erasing of
/// lines are resolved, other escape sequences dropped. Bytes that are no UTF-8 become `\xNN`.
pub(super) fn terminal_lines(bytes: &[u8]) -> Vec<String> {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            text.push_str(&format!("\\x{byte:02X}"));
        }
    }
    let mut screen = Screen::default();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\n' => screen.feed(),
            '\r' => screen.column = 0,
            '\u{8}' => screen.column = screen.column.saturating_sub(1),
            '\u{1b}' => escape(&mut chars, &mut screen),
            c => screen.put(c),
        }
    }
    if !screen.line.is_empty() {
        screen.feed();
    }
    screen.lines
}

#[derive(Default)]
struct Screen {
    lines: Vec<String>,
    line: Vec<char>,
    column: usize,
}

impl Screen {
    fn put(&mut self, c: char) {
        if self.column < self.line.len() {
            self.line[self.column] = c;
        } else {
            self.line.push(c);
        }
        self.column += 1;
    }

    fn feed(&mut self) {
        self.lines.push(self.line.drain(..).collect());
        self.column = 0;
    }

    fn erase(&mut self, how: &str) {
        let column = self.column.min(self.line.len());
        match how {
            "" | "0" => self.line.truncate(column),
            "1" => self.line[..column].fill(' '),
            _ => self.line.fill(' '),
        }
    }
}

fn escape(chars: &mut std::iter::Peekable<std::str::Chars<'_>>, screen: &mut Screen) {
    match chars.peek() {
        Some('[') => {
            chars.next();
            let mut parameters = String::new();
            while let Some(c) = chars.next_if(|c| (' '..='?').contains(c)) {
                parameters.push(c);
            }
            if chars.next_if(|c| ('@'..='~').contains(c)) == Some('K') {
                screen.erase(&parameters);
            }
        }
        Some(']' | 'P' | '_' | '^' | 'X') => {
            chars.next();
            // An unended string would swallow what follows: a line end ends it too.
            while let Some(c) = chars.next_if(|c| *c != '\n') {
                if c == '\u{7}' || c == '\u{1b}' && chars.next_if_eq(&'\\').is_some() {
                    break;
                }
            }
        }
        Some(c) if (' '..='~').contains(c) => {
            chars.next();
        }
        _ => screen.put('\u{1b}'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_what_a_reader_could_not_see() {
        let mut count = 0;
        assert_eq!(
            visible("a\u{202e}b\0\u{200b}\u{f8ff}é漢🚀\u{e0041}", &mut count),
            "a‹U+202E›b‹U+0000›‹U+200B›‹U+F8FF›é漢🚀‹U+E0041›"
        );
        assert_eq!(count, 5);
    }

    #[test]
    fn resolves_a_progress_bar_to_its_last_state() {
        let bytes = b" 10%\r 50%\r100%\x1b[K done\r\nab\x08c\n\x1b[31mred\x1b[0m\x1b]0;t\x07!\xff";
        assert_eq!(terminal_lines(bytes), ["100% done", "ac", "red!\\xFF"]);
    }
}
