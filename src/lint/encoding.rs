//! Mojibake: UTF-8 that somebody's program read as Windows-1252, Latin-1 or Mac Roman, and saved.
//!
//! A run counts when its characters, written back in that encoding, are UTF-8 again, and when it
//! cannot be honest text: a letter with punctuation behind it (`Spaß“`, `l’été`) may look the same.

use crate::checklist::Checklist;
use crate::source::{Diagnostic, Edit, Fix};

use super::lines::{Line, lines};

/// With damage in more lines than this, one finding says so for all.
const MANY: usize = 25;

/// A finding for each line, or one for all of a document that went wrong as a whole.
pub(super) fn findings(checklist: &Checklist) -> Vec<Diagnostic> {
    let mut found: Vec<(Line<'_>, Codec, Vec<Repair>)> = lines(checklist)
        .filter(|line| !line.text.is_ascii())
        .filter_map(|line| damage(line.text).map(|(codec, repairs)| (line, codec, repairs)))
        .collect();
    let each = |(line, codec, repairs): &(Line<'_>, Codec, Vec<Repair>)| {
        let first = &repairs[0];
        let wrong = beginning(&line.text[first.start..first.end]);
        let message = format!("`{wrong}` is UTF-8 that was read as {}", codec.name());
        let more = match repairs.len() {
            1 => String::new(),
            count => format!(", and so on: {} more in this line", count - 1),
        };
        let hint = format!("write `{}`{more}", beginning(&first.text));
        Diagnostic {
            fix: (!line.is_marked()).then(|| fix(line, repairs)),
            ..line.doubt("HP020", line.span(first.start, first.end), message, hint)
        }
    };
    if found.len() <= MANY {
        return found.iter().map(each).collect();
    }
    let count = found.len();
    let mut first = each(&found[0]);
    first.message = format!(
        "text in {count} lines from here on is UTF-8 that was read as {}",
        found[0].1.name()
    );
    found.retain(|(line, ..)| !line.is_marked());
    let edits = found.iter().flat_map(|(line, _, repairs)| fix(line, repairs).edits).collect();
    vec![Diagnostic { fix: Some(Fix { edits }), ..first }]
}

fn fix(line: &Line<'_>, repairs: &[Repair]) -> Fix {
    let edit = |repair: &Repair| Edit {
        span: line.span(repair.start, repair.end),
        text: repair.text.clone(),
    };
    Fix { edits: repairs.iter().map(edit).collect() }
}

/// Enough of a text to find it by.
fn beginning(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// A part of a line, and what it was.
struct Repair {
    start: usize,
    end: usize,
    text: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Codec {
    /// Windows-1252, and Latin-1 where that has no character.
    Windows,
    MacRoman,
}

/// What the encoding that explains most of a line makes of it.
fn damage(line: &str) -> Option<(Codec, Vec<Repair>)> {
    let explained = |(_, repairs): &(Codec, Vec<Repair>)| -> usize {
        repairs.iter().map(|repair| repair.end - repair.start).sum()
    };
    [Codec::MacRoman, Codec::Windows]
        .map(|codec| (codec, repairs(line, codec)))
        .into_iter()
        .filter(|(_, repairs)| !repairs.is_empty())
        .max_by_key(explained)
}

fn repairs(line: &str, codec: Codec) -> Vec<Repair> {
    let chars: Vec<(usize, char)> = line.char_indices().collect();
    let offset = |at: usize| chars.get(at).map_or(line.len(), |(offset, _)| *offset);
    let mut repairs = Vec::new();
    let mut is_certain = false;
    let mut at = 0;
    while at < chars.len() {
        let from = at;
        let mut units = Vec::new();
        while let Some(unit) = Unit::read(&chars[at..], codec) {
            at += unit.read.len();
            units.push(unit);
        }
        let before = from.checked_sub(1).map(|before| chars[before].1);
        let behind = chars.get(at).map(|(_, char)| *char);
        let certain = codec.is_certain(&units, before, behind);
        is_certain |= certain;
        // Beside damage that is certain, what may be damage is.
        let opens_quote = units.first().is_some_and(|unit| "‘’“”«»–—…".contains(unit.read[0]));
        if certain || !units.is_empty() && !opens_quote {
            let text = units.iter().map(|unit| unit.meant).collect();
            repairs.push(Repair { start: offset(from), end: offset(at), text });
        }
        at = at.max(from + 1);
    }
    if is_certain { repairs } else { Vec::new() }
}

/// Characters that were the bytes of one.
struct Unit {
    read: Vec<char>,
    meant: char,
}

impl Unit {
    fn read(chars: &[(usize, char)], codec: Codec) -> Option<Self> {
        let lead = codec.byte(chars.first()?.1)?;
        let length = match lead {
            0xc2..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xf4 => 4,
            _ => return None,
        };
        let read: Vec<char> = chars.get(..length)?.iter().map(|(_, char)| *char).collect();
        let bytes: Vec<u8> = read.iter().map_while(|char| codec.byte(*char)).collect();
        let meant = std::str::from_utf8(&bytes).ok()?.chars().next()?;
        (bytes.len() == length && is_likely(meant)).then_some(Self { read, meant })
    }
}

/// Somebody may have written it: a letter of a living script, a sign or an emoji.
fn is_likely(char: char) -> bool {
    match char as u32 {
        // Rare letters, combining marks and small scripts: honest text decodes to them by chance.
        0x180..=0x36f | 0x530..=0x58f | 0x700..=0x8ff => false,
        0xa0..=0xbf | 0x2000..=0x2bff | 0x3000..=0x30ff | 0xfe0f | 0xff00..=0xffef => true,
        0x1f000..=0x1faff => true,
        _ => char.is_alphanumeric(),
    }
}

/// What may stand behind a word in honest text.
fn may_follow_a_word(char: char) -> bool {
    "…–—‘’“”„‚‹›«»·®™©°¹²³¡¿§¶ªº´¨¸•\u{a0}".contains(char)
}

impl Codec {
    fn name(self) -> &'static str {
        match self {
            Self::Windows => "Windows-1252",
            Self::MacRoman => "Mac Roman",
        }
    }

    /// The byte that a character is in this encoding, above ASCII.
    fn byte(self, char: char) -> Option<u8> {
        let table = match self {
            Self::Windows => match char as u32 {
                code @ 0x80..=0xff => return u8::try_from(code).ok(),
                _ => WINDOWS,
            },
            Self::MacRoman => MAC_ROMAN,
        };
        // Most characters that are not ASCII belong to no western encoding.
        let is_western =
            matches!(char as u32, 0x80..=0x3c0 | 0x2000..=0x25ff | 0xf8ff | 0xfb01 | 0xfb02);
        let at = is_western.then(|| table.chars().position(|known| known == char)).flatten()?;
        u8::try_from(0x80 + at).ok()
    }

    /// Whether so many units in a row, with what stands around them, cannot be honest text.
    fn is_certain(self, units: &[Unit], before: Option<char>, behind: Option<char>) -> bool {
        let Some(first) = units.first() else { return false };
        let is_letter = |char: Option<char>| char.is_some_and(char::is_alphanumeric);
        match self {
            Self::Windows => {
                let odd = |unit: &Unit| unit.read[1..].iter().any(|c| !may_follow_a_word(*c));
                let small = before.is_some_and(|c| c.is_lowercase() || c.is_ascii_digit());
                units.iter().any(odd)
                    || is_letter(behind)
                    || matches!(first.read[0], 'Â' | 'Ã') && small
            }
            Self::MacRoman => {
                units.len() >= 3
                    || units.iter().any(|unit| match unit.read[0] {
                        // The first bytes of accented letters, of punctuation, of emoji.
                        '¬' | '√' => is_letter(before) || is_letter(behind),
                        '‚' => matches!(unit.meant as u32, 0x2000..=0x2bff),
                        '\u{f8ff}' => true,
                        _ => false,
                    })
            }
        }
    }
}

/// Windows-1252 from 0x80 to 0x9F.
const WINDOWS: &str = "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8d}Ž\u{8f}\u{90}‘’“”•–—˜™š›œ\u{9d}žŸ";

/// Mac Roman from 0x80 to 0xFF.
const MAC_ROMAN: &str = "ÄÅÇÉÑÖÜáàâäãåçéèêëíìîïñóòôöõúùûü†°¢£§•¶ß®©™´¨≠ÆØ∞±≤≥¥µ∂∑∏π∫ªºΩæø¿¡¬√ƒ≈∆«»…\u{a0}ÀÃÕŒœ–—“”‘’÷◊ÿŸ⁄€‹›ﬁﬂ‡·‚„‰ÂÊÁËÈÍÎÏÌÓÔ\u{f8ff}ÒÚÛÙıˆ˜¯˘˙˚¸˝˛ˇ";

#[cfg(test)]
mod tests {
    use super::*;

    fn repaired(line: &str) -> Option<String> {
        let (_, repairs) = damage(line)?;
        let mut text = line.to_owned();
        for repair in repairs.iter().rev() {
            text.replace_range(repair.start..repair.end, &repair.text);
        }
        Some(text)
    }

    fn broken(text: &str, codec: Codec) -> String {
        let table = |byte: u8| match codec {
            Codec::Windows if byte >= 0xa0 => byte as char,
            Codec::Windows => WINDOWS.chars().nth(byte as usize - 0x80).expect("a character"),
            Codec::MacRoman => MAC_ROMAN.chars().nth(byte as usize - 0x80).expect("a character"),
        };
        text.bytes().map(|byte| if byte < 0x80 { byte as char } else { table(byte) }).collect()
    }

    #[test]
    fn text_that_was_read_in_another_encoding_is_repaired() {
        assert_eq!((WINDOWS.chars().count(), MAC_ROMAN.chars().count()), (32, 128));
        for text in [
            "🚀 Deploying",
            "✅ done",
            "café",
            "Übersicht",
            "naïve – well",
            "it’s “quoted”",
            "→ next",
            "⚠️ careful",
            "größer",
            "проверка",
            "数据库备份",
            "Łódź",
            "10 °C",
            "São Paulo",
            "résumé",
        ] {
            for codec in [Codec::Windows, Codec::MacRoman] {
                let broken = broken(text, codec);
                assert_eq!(repaired(&broken).as_deref(), Some(text), "{broken} {}", codec.name());
            }
        }
    }

    #[test]
    fn honest_text_is_left_alone() {
        for text in [
            "café",
            "Spaß“ und „Ärger“",
            "l’été — déjà vu »",
            "« passé… »",
            "“Ändern”",
            "È “vero”",
            "naïve…",
            "NESCAFÉ®",
            "MANHÃ”",
            "ESPAÑ…",
            "Größe: 5 µm",
            "数据库 “备份”",
            "проверка — да",
            "‚Über‘",
            "—é",
            "ÄÖÜ äöü",
            "√2 ≈ 1.41",
            "Đà Nẵng",
            "✅ 🚀 ⚠️",
            "«Économie»",
            "…à…",
            "Å…",
        ] {
            assert_eq!(repaired(text), None, "{text}");
        }
    }
}
