//! Canonical JSON: RFC 8785 narrowed to integers of |n| ≤ 2^53−1 and keys of `[a-z0-9_]+`.
//!
//! One rule refuses duplicate keys, byte order marks, spaces, floats, `-0` and needless escapes at
//! once: what is read, written again, must be the same bytes.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// Why bytes or a value have no canonical form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused(pub String);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}

/// The largest integer that every JSON reader keeps: 2^53−1 (RFC 7493 §2.2).
const LARGEST: i64 = (1 << 53) - 1;

/// Reads exactly the canonical form of one value.
///
/// # Errors
/// When the bytes are not that, or another value than is asked for.
pub fn read<'b, T: Deserialize<'b>>(bytes: &'b [u8]) -> Result<T, Refused> {
    if !is_canonical(bytes) {
        return Err(Refused("not in canonical form".to_owned()));
    }
    serde_json::from_slice(bytes).map_err(|error| Refused(error.to_string()))
}

/// The values of an object that has exactly these keys, which are in canonical order; all of it is canonical. What
/// they hold is still to be read, each by [`typed`].
///
/// # Errors
/// When the bytes are not that.
pub fn members<'b, const N: usize>(
    bytes: &'b [u8],
    keys: [&str; N],
) -> Result<[&'b str; N], Refused> {
    let not_canonical = || Refused("not in canonical form".to_owned());
    let text = std::str::from_utf8(bytes).map_err(|_| not_canonical())?;
    let mut values = [""; N];
    let (mut rest, mut found) = (Rest(bytes), 0);
    let mut wrong = None;
    rest.object(0, |key, [begin, end]| {
        let (begin, end) = (bytes.len() - begin.len(), bytes.len() - end.len());
        match keys.get(found).filter(|known| known.as_bytes() == key) {
            Some(_) => values[found] = text.get(begin..end).unwrap_or_default(),
            None => wrong = wrong.or(Some(key)),
        }
        found += usize::from(wrong.is_none());
    })
    .filter(|()| rest.0.is_empty())
    .ok_or_else(not_canonical)?;
    match wrong.map(String::from_utf8_lossy) {
        Some(key) => Err(Refused(format!("key `{key}` is not known here, or another is missing"))),
        None if found < N => Err(Refused(format!("key `{}` is missing", keys[found]))),
        None => Ok(values),
    }
}

/// A value whose form is known to be canonical.
///
/// # Errors
/// When it is another value than is asked for.
pub fn typed<'b, T: Deserialize<'b>>(text: &'b str) -> Result<T, Refused> {
    serde_json::from_str(text).map_err(|error| Refused(error.to_string()))
}

/// For a required key that may be null. Without it serde takes a key that is missing for one that is null.
///
/// # Errors
/// When the value is another.
pub fn nullable<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    Option::deserialize(deserializer)
}

/// For an optional key, which is left out and never null.
///
/// # Errors
/// When the value is another.
pub fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Writes the canonical form. NUL and U+007F in texts, which it has no place for, become the visible
/// `␀` and `␡`.
///
/// # Errors
/// When the value holds what else the form has no place for: a float, a large integer, a control key.
pub fn canonical(value: &impl Serialize) -> Result<Vec<u8>, Refused> {
    let refused = |error: serde_json::Error| Refused(error.to_string());
    // Types whose fields are in the order of their keys need nothing more.
    let bytes = serde_json::to_vec(value).map_err(refused)?;
    if is_canonical(&bytes) {
        return Ok(bytes);
    }
    let mut value = serde_json::to_value(value).map_err(refused)?;
    make_storable(&mut value);
    let mut bytes = Vec::new();
    write(&value, &mut bytes)?;
    Ok(bytes)
}

fn make_storable(value: &mut Value) {
    match value {
        Value::String(text) if text.contains(['\0', '\u{7f}']) => {
            *text = text.replace('\0', "␀").replace('\u{7f}', "␡")
        }
        Value::Array(values) => values.iter_mut().for_each(make_storable),
        Value::Object(map) => map.values_mut().for_each(make_storable),
        _ => {}
    }
}

fn write(value: &Value, bytes: &mut Vec<u8>) -> Result<(), Refused> {
    match value {
        Value::Null => bytes.extend_from_slice(b"null"),
        Value::Bool(true) => bytes.extend_from_slice(b"true"),
        Value::Bool(false) => bytes.extend_from_slice(b"false"),
        Value::Number(number) => {
            let integer =
                number.as_i64().filter(|integer| integer.abs() <= LARGEST && !number.is_f64());
            let integer =
                integer.ok_or_else(|| Refused(format!("{number} is no integer up to 2^53-1")))?;
            bytes.extend_from_slice(integer.to_string().as_bytes());
        }
        Value::String(text) => string(text, bytes)?,
        Value::Array(values) => {
            bytes.push(b'[');
            for (at, value) in values.iter().enumerate() {
                if at > 0 {
                    bytes.push(b',');
                }
                write(value, bytes)?;
            }
            bytes.push(b']');
        }
        Value::Object(map) => {
            // The map may keep the order of insertion, where some crate turns that on.
            let mut members: Vec<(&String, &Value)> = map.iter().collect();
            members.sort_unstable_by_key(|(key, _)| *key);
            bytes.push(b'{');
            for (at, (key, value)) in members.into_iter().enumerate() {
                if key.is_empty() || !key.bytes().all(is_key) {
                    return Err(Refused(format!("`{key}` is no key")));
                }
                if at > 0 {
                    bytes.push(b',');
                }
                string(key, bytes)?;
                bytes.push(b':');
                write(value, bytes)?;
            }
            bytes.push(b'}');
        }
    }
    Ok(())
}

/// serde_json escapes as RFC 8785 §3.2.2.2 asks: the short forms, `\u00xx` in lower case, nothing else.
fn string(text: &str, bytes: &mut Vec<u8>) -> Result<(), Refused> {
    if text.contains(['\0', '\u{7f}']) {
        return Err(Refused("a text holds NUL or U+007F".to_owned()));
    }
    serde_json::to_writer(bytes, text).map_err(|error| Refused(error.to_string()))
}

/// Whether bytes are one value in the canonical form, without building it.
fn is_canonical(bytes: &[u8]) -> bool {
    let mut rest = Rest(bytes);
    std::str::from_utf8(bytes).is_ok() && rest.value(0).is_some() && rest.0.is_empty()
}

/// Values nest no deeper; serde_json's limit is the same.
const DEPTH: usize = 127;

/// Bytes of a text that do not stand for themselves.
const SPECIAL: [bool; 256] = {
    let mut special = [false; 256];
    let mut byte = 0;
    while byte < 0x20 {
        special[byte] = true;
        byte += 1;
    }
    special[b'"' as usize] = true;
    special[b'\\' as usize] = true;
    special[0x7f] = true;
    special
};

/// Where the first byte is that does not stand for itself; eight bytes a step.
fn first_special(bytes: &[u8]) -> Option<usize> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = ONES << 7;
    // The lowest bit that is set belongs to the first byte that is zero; those above it may be wrong.
    let zero = |word: u64| word.wrapping_sub(ONES) & !word & HIGH;
    let (words, rest) = bytes.as_chunks::<8>();
    for (at, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let control = word.wrapping_sub(0x20 * ONES) & !word & HIGH;
        let is = |byte: u8| zero(word ^ (u64::from(byte) * ONES));
        let special = control | is(b'"') | is(b'\\') | is(0x7f);
        if special != 0 {
            return Some(8 * at + special.trailing_zeros() as usize / 8);
        }
    }
    let at = rest.iter().position(|byte| SPECIAL[usize::from(*byte)])?;
    Some(8 * words.len() + at)
}

/// What is still to be read. Each step gives `None` where the canonical form is left.
struct Rest<'b>(&'b [u8]);

impl<'b> Rest<'b> {
    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn one(&mut self, wanted: u8) -> Option<()> {
        let (first, rest) = self.0.split_first()?;
        (*first == wanted).then(|| self.0 = rest)
    }

    fn take(&mut self, wanted: &[u8]) -> Option<()> {
        self.0 = self.0.strip_prefix(wanted)?;
        Some(())
    }

    fn value(&mut self, depth: usize) -> Option<()> {
        match *self.0.first()? {
            _ if depth > DEPTH => None,
            b'{' => self.object(depth, |_, _| {}),
            b'[' => self.list(depth),
            b'"' => self.string(),
            b't' => self.take(b"true"),
            b'f' => self.take(b"false"),
            b'n' => self.take(b"null"),
            _ => self.integer(),
        }
    }

    fn list(&mut self, depth: usize) -> Option<()> {
        self.one(b'[')?;
        if self.one(b']').is_some() {
            return Some(());
        }
        loop {
            self.value(depth + 1)?;
            match self.next()? {
                b',' => {}
                b']' => return Some(()),
                _ => return None,
            }
        }
    }

    /// Tells each key, with what was still to be read before its value and after it.
    fn object(
        &mut self,
        depth: usize,
        mut tell: impl FnMut(&'b [u8], [&'b [u8]; 2]),
    ) -> Option<()> {
        self.one(b'{')?;
        if self.one(b'}').is_some() {
            return Some(());
        }
        let mut before: &[u8] = b"";
        loop {
            let key = self.key()?;
            // Strictly ascending: no key twice. All are ASCII, where every order of text is one.
            // Most differ in their first byte, which is cheaper to ask.
            if key.first() <= before.first() && key <= before {
                return None;
            }
            before = key;
            self.one(b':')?;
            let begin = self.0;
            self.value(depth + 1)?;
            tell(key, [begin, self.0]);
            match self.next()? {
                b',' => {}
                b'}' => return Some(()),
                _ => return None,
            }
        }
    }

    fn key(&mut self) -> Option<&'b [u8]> {
        self.one(b'"')?;
        let end = self.0.iter().position(|byte| !is_key(*byte))?;
        let (key, rest) = self.0.split_at(end);
        self.0 = rest;
        self.one(b'"')?;
        Some(key)
    }

    /// RFC 8785 §3.2.2.2: short escapes where there are such, `\u00xx` in lower case for the other
    /// control characters, nothing else escaped.
    fn string(&mut self) -> Option<()> {
        self.one(b'"')?;
        loop {
            let plain = first_special(self.0)?;
            self.0 = &self.0[plain..];
            match self.next()? {
                b'"' => return Some(()),
                b'\\' => match self.next()? {
                    b'"' | b'\\' | b'b' | b'f' | b'n' | b'r' | b't' => {}
                    b'u' => {
                        self.take(b"00")?;
                        match (self.next()?, self.next()?) {
                            (b'0', b'1'..=b'7' | b'b' | b'e' | b'f') => {}
                            (b'1', b'0'..=b'9' | b'a'..=b'f') => {}
                            _ => return None,
                        }
                    }
                    _ => return None,
                },
                0..0x20 | 0x7f => return None,
                _ => {}
            }
        }
    }

    fn integer(&mut self) -> Option<()> {
        let end = self.0.iter().position(|byte| !matches!(byte, b'-' | b'0'..=b'9'));
        let (digits, rest) = self.0.split_at(end.unwrap_or(self.0.len()));
        self.0 = rest;
        let plain = digits.strip_prefix(b"-").unwrap_or(digits);
        let leads = plain.first() == Some(&b'0') && digits.len() > 1;
        let number: i64 = std::str::from_utf8(digits).ok()?.parse().ok()?;
        (!leads && (-LARGEST..=LARGEST).contains(&number)).then_some(())
    }
}

fn is_key(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_the_canonical_form_only() {
        let good = r#"{"a":[1,-2,true,false,null,"x\n\u001f\"\\é😀"],"b_2":{}}"#;
        assert!(read::<Value>(good.as_bytes()).is_ok());
        for bad in [
            r#"{"a":1,"a":1}"#,
            r#"{"b":1,"a":1}"#,
            r#"{ "a":1}"#,
            r#"{"a":1} "#,
            r#"{"a":1.0}"#,
            r#"{"a":1e3}"#,
            r#"{"a":-0}"#,
            r#"{"a":9007199254740992}"#,
            r#"{"a":18446744073709551615}"#,
            r#"{"A":1}"#,
            r#"{"a b":1}"#,
            r#"{"":1}"#,
            "\u{feff}{}",
            r#"{"a":"\u0041"}"#,
            r#"{"a":"\/"}"#,
            r#"{"a":"\u001F"}"#,
            r#"{"a":"\u0000"}"#,
            "{\"a\":\"\u{7f}\"}",
            r#"{"a":"\ud800"}"#,
            "{\"a\":1}\r",
            "",
            "{",
            "[1,]",
            r#"{"a":01}"#,
        ] {
            assert!(read::<Value>(bad.as_bytes()).is_err(), "{bad}");
        }
        assert!(read::<Value>(b"\"\xff\"").is_err());
    }

    #[test]
    fn the_scan_agrees_with_writing_again() {
        let again = |bytes: &[u8]| -> bool {
            let mut written = Vec::new();
            serde_json::from_slice::<Value>(bytes)
                .is_ok_and(|value| write(&value, &mut written).is_ok() && written == bytes)
        };
        let seeds: [&str; 3] = [
            r#"{"a":[1,-2,true,false,null,"x\n\u001f\"\\é😀"],"b_2":{}}"#,
            r#"{"at":"2026","body":{"n":9007199254740991},"v":[[],[0,-1],""]}"#,
            r#"["\b\f\r\t\u000b\u0001",{"":0},"/"]"#,
        ];
        for seed in seeds {
            for at in 0..seed.len() {
                for byte in [0, b'"', b'\\', b'0', b'-', b' ', b'u', b'}', b'a', b'A', 0x7f, 0xff] {
                    let mut bytes = seed.as_bytes().to_vec();
                    bytes[at] = byte;
                    assert_eq!(is_canonical(&bytes), again(&bytes), "{bytes:?}");
                    bytes.remove(at);
                    assert_eq!(is_canonical(&bytes), again(&bytes), "{bytes:?}");
                }
            }
        }
    }

    #[test]
    fn the_first_special_byte_is_found_wherever_it_is() {
        for before in 0..20 {
            for after in 0..20 {
                for byte in 0..=u8::MAX {
                    let bytes = [&vec![b'a'; before][..], &[byte], &vec![0xff; after]].concat();
                    let slow = bytes.iter().position(|byte| SPECIAL[usize::from(*byte)]);
                    assert_eq!(first_special(&bytes), slow, "{bytes:?}");
                }
            }
        }
    }

    #[test]
    fn any_text_can_be_made_storable() {
        let value = serde_json::json!({ "a": ["x\0y\u{7f}"] });
        assert_eq!(canonical(&value), Ok("{\"a\":[\"x␀y␡\"]}".as_bytes().to_vec()));
    }

    #[test]
    fn nesting_cannot_exhaust_the_stack() {
        assert!(read::<Value>("[".repeat(100_000).as_bytes()).is_err());
    }
}
