//! Hostile text made inert and visible: what a reader could not see (controls, bidirectional marks, zero-width and
//! tag characters) shows as `‹U+XXXX›`.

use std::sync::OnceLock;

use regex::Regex;

use super::made::MARK;

/// Replaces characters that a reader could not see by `‹U+XXXX›` and adds their number to `count`.
pub(super) fn visible(text: &str, count: &mut u64) -> String {
    // What a report says of its own making stands in it once, and no document says the like.
    if text.contains(MARK) {
        *count += 1;
        return visible(&text.replace(MARK, &MARK.replace(':', "‹:›")), count);
    }
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
}
