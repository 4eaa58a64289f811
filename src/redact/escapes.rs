//! Values whose characters are escaped one by one, each in a way of its own: `%2f` beside `%2F` and `+`,
//! `&lt;` beside `&#60;`, a backslash before what is special in a regex, and more of them in quotes.

/// Longer values are looked for in whole forms only.
const LONGEST: usize = 512;

/// The head of a value has so many bytes, so that looking for it costs what looking for others does.
const SHORTEST_HEAD: usize = 4;

/// More heads than these are too many for one value.
const HEADS: usize = 64;

/// So many backslashes may stand before a character, and zeros before its number.
const PADDING: usize = 4;

const NAMED: &[(char, &[&str])] = &[
    ('<', &["lt"]),
    ('>', &["gt"]),
    ('&', &["amp"]),
    ('"', &["quot"]),
    ('\'', &["apos"]),
    ('/', &["sol"]),
    ('\\', &["bsol"]),
    ('+', &["plus"]),
    ('=', &["equals"]),
    ('`', &["grave"]),
    ('@', &["commat"]),
    (':', &["colon"]),
    (';', &["semi"]),
    ('!', &["excl"]),
    ('#', &["num"]),
    ('$', &["dollar"]),
    ('%', &["percnt"]),
    ('(', &["lpar"]),
    (')', &["rpar"]),
    ('*', &["ast"]),
    (',', &["comma"]),
    ('.', &["period"]),
    ('?', &["quest"]),
    ('[', &["lsqb", "lbrack"]),
    (']', &["rsqb", "rbrack"]),
    ('^', &["Hat"]),
    ('_', &["lowbar"]),
    ('{', &["lcub", "lbrace"]),
    ('|', &["vert", "verbar"]),
    ('}', &["rcub", "rbrace"]),
];

/// A value that is found however its characters are escaped.
#[derive(Clone, Debug)]
pub(super) struct Escaped(Vec<char>);

impl Escaped {
    /// Of values without anything to escape, of long ones and of bytes that are no text there is none.
    pub(super) fn new(value: &str) -> Option<Self> {
        let special = value.chars().any(is_special);
        (special && value.len() <= LONGEST).then(|| Self(value.chars().collect()))
    }

    /// What a text begins with that may be the value: up to `most` bytes, none where that is too much.
    pub(super) fn heads(&self, most: usize) -> Vec<Vec<u8>> {
        let (mut open, mut heads) = (vec![Vec::new()], Vec::new());
        for &char in &self.0 {
            if is_special(char) {
                // What is long enough ends before what would branch.
                heads.extend(open.extract_if(.., |head| head.len() >= SHORTEST_HEAD));
            }
            let ways = ways(char);
            let longer = |head: Vec<u8>| ways.iter().map(move |way| [&head[..], way].concat());
            open = open.into_iter().flat_map(longer).collect();
            if open.len() + heads.len() > HEADS {
                return Vec::new();
            }
        }
        heads.extend(open);
        heads.retain(|head| head.len() >= SHORTEST_HEAD);
        heads.iter_mut().for_each(|head| head.truncate(most.max(SHORTEST_HEAD)));
        heads
    }

    /// Where the value ends that a text begins with; the longest where several are.
    pub(super) fn end(&self, text: &[u8]) -> Option<usize> {
        let (mut ends, mut next) = (vec![0], Vec::new());
        for &char in &self.0 {
            for &at in &ends {
                each_end(char, &text[at..], |length| next.push(at + length));
            }
            next.sort_unstable();
            next.dedup();
            std::mem::swap(&mut ends, &mut next);
            next.clear();
            if ends.is_empty() {
                return None;
            }
        }
        ends.pop()
    }
}

fn is_special(char: char) -> bool {
    !char.is_ascii_alphanumeric()
}

/// The ways in which a character is written at the beginning of a value.
fn ways(char: char) -> Vec<Vec<u8>> {
    let mut plain = [0; 4];
    let plain = char.encode_utf8(&mut plain).as_bytes().to_vec();
    if !is_special(char) {
        return vec![plain];
    }
    let code = u32::from(char);
    let percent = |upper: bool| -> Vec<u8> {
        let each = plain.iter().map(|byte| match upper {
            true => format!("%{byte:02X}"),
            false => format!("%{byte:02x}"),
        });
        each.collect::<String>().into_bytes()
    };
    let backslashed = |count: usize| [&b"\\".repeat(count)[..], &plain].concat();
    let numbers = [format!("&#{code};"), format!("&#x{code:x};"), format!("&#x{code:X};")];
    let named = names(char).iter().map(|name| format!("&{name};"));
    let mut ways = vec![percent(true), percent(false), backslashed(1), backslashed(2)];
    ways.extend(numbers.into_iter().chain(named).map(String::into_bytes));
    if code <= 0xff {
        ways.push(format!("\\x{code:02x}").into_bytes());
    }
    if code <= 0xffff {
        ways.extend([format!("\\u{code:04x}"), format!("\\u{code:04X}")].map(String::into_bytes));
    }
    ways.extend((char == ' ').then(|| b"+".to_vec()));
    ways.extend("'\"".contains(char).then(|| plain.repeat(2)));
    ways.push(plain);
    ways.sort_unstable();
    ways.dedup();
    ways
}

fn names(char: char) -> &'static [&'static str] {
    NAMED.iter().find(|(named, _)| *named == char).map_or(&[], |(_, names)| names)
}

/// Calls `take` with the length of each way in which a text begins with a character.
fn each_end(char: char, text: &[u8], mut take: impl FnMut(usize)) {
    let mut plain = [0; 4];
    let plain = char.encode_utf8(&mut plain).as_bytes();
    if text.starts_with(plain) {
        take(plain.len());
    }
    if !is_special(char) {
        return;
    }
    let quote = "'\"".contains(char);
    match text.first() {
        Some(b'%') => percent(plain, text).into_iter().for_each(&mut take),
        Some(b'&') => entity(char, text).into_iter().for_each(&mut take),
        Some(b'+') if char == ' ' => take(1),
        Some(&byte) if quote && u32::from(byte) == u32::from(char) => {
            // As SQL writes a quote in a text, and a shell.
            for way in ["''", "\"\"", "'\\''", "'\"'\"'"] {
                if text.starts_with(way.as_bytes()) {
                    take(way.len());
                }
            }
        }
        _ => {}
    }
    let backslashes = text.iter().take(PADDING).take_while(|byte| **byte == b'\\').count();
    for count in 1..=backslashes {
        let rest = &text[count..];
        if rest.starts_with(plain) {
            take(count + plain.len());
        }
        let hex = match rest.first() {
            Some(b'u') => rest.get(1..5),
            Some(b'x') => rest.get(1..3),
            _ => None,
        };
        if let Some(hex) = hex
            && number(hex, 16) == Some(u32::from(char))
        {
            take(count + 1 + hex.len());
        }
    }
}

/// `%c3%A4`, all of its bytes.
fn percent(plain: &[u8], text: &[u8]) -> Option<usize> {
    let length = 3 * plain.len();
    let triples = text.get(..length)?.chunks(3).zip(plain);
    let is_byte = |triple: &[u8], byte: &u8| {
        triple[0] == b'%' && number(&triple[1..], 16) == Some(u32::from(*byte))
    };
    triples.into_iter().all(|(triple, byte)| is_byte(triple, byte)).then_some(length)
}

/// `&lt;`, `&#60;`, `&#x03C;`.
fn entity(char: char, text: &[u8]) -> Option<usize> {
    let inside = text.get(1..)?;
    let end = inside.iter().take(2 + PADDING + 7).position(|byte| *byte == b';')?;
    let inside = &inside[..end];
    let same = match inside {
        [b'#', b'x' | b'X', hex @ ..] => number(hex, 16) == Some(u32::from(char)),
        [b'#', decimal @ ..] => number(decimal, 10) == Some(u32::from(char)),
        name => names(char).iter().any(|known| known.as_bytes() == name),
    };
    same.then_some(end + 2)
}

fn number(digits: &[u8], radix: u32) -> Option<u32> {
    digits.iter().all(u8::is_ascii_alphanumeric).then_some(())?;
    u32::from_str_radix(std::str::from_utf8(digits).ok()?, radix).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_character_may_be_escaped_in_a_way_of_its_own() {
        let value = Escaped::new("abc/d\u{e4}f <h>\\.'\"").expect("a value");
        for text in [
            "abc/d\u{e4}f <h>\\.'\"",
            "abc%2fd%C3%a4f+%3Ch%3e%5c.%27%22",
            "abc&#47;d&#xE4;f&#032;&lt;h&#x003e;&bsol;&period;&apos;&quot;",
            "abc\\/d\\u00e4f <h\\>\\\\\\.''\\\"",
            "abc/d\u{e4}f <h>\\\\\\\\\\\\.'\\''\"\"",
            "abc\\x2fd\u{e4}f\\u0020<h>\\.'\"",
        ] {
            assert_eq!(value.end(text.as_bytes()), Some(text.len()), "{text}");
            assert!(value.heads(8).iter().any(|head| text.as_bytes().starts_with(head)), "{text}");
            for length in 0..text.len() - 1 {
                assert_eq!(value.end(&text.as_bytes()[..length]), None, "{text} {length}");
            }
        }
        for text in ["abc%2gd", "abc%+2d", "abc&#+47;d", "abc&#47d", "abc&lt;d", "abd", "abc\\u00"]
        {
            assert_eq!(value.end(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn heads_are_long_enough_to_be_looked_for_and_few() {
        for value in ["/a/b/c/d/e", "abcdefghij/k", "<>abcdef", "a+b+c+d+", "ab cdefgh"] {
            let heads = Escaped::new(value).expect("a value").heads(8);
            let fits = |head: &Vec<u8>| (SHORTEST_HEAD..=8).contains(&head.len());
            assert!(heads.iter().all(fits) && heads.len() <= HEADS, "{value}: {heads:?}");
        }
        assert_eq!(Escaped::new("abcdefghij/k").expect("a value").heads(8), [b"abcdefgh"]);
        assert!(Escaped::new("hunter2hunter2").is_none());
    }
}
