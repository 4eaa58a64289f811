//! JSON documents that say one thing: a key that stands twice in an object makes a document that
//! readers understand differently, and such a document answers nothing.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// Reads one document. Depth is bounded by the parser (128).
///
/// # Errors
/// `Ok(Err(_))`: it is JSON that cannot be relied on, and why; `Err(())`: it is no JSON.
pub(super) fn read(bytes: &[u8]) -> Result<Result<Value, String>, ()> {
    match serde_json::from_slice::<Unique>(&exact(bytes)) {
        Ok(document) => Ok(Ok(document.0)),
        Err(error) if error.is_data() => Ok(Err(error.to_string())),
        Err(error) if error.to_string().starts_with("recursion limit") => {
            Ok(Err("JSON nested too deeply".to_owned()))
        }
        Err(_) => Err(()),
    }
}

/// Whether a JSON number is kept to its last digit: an integer of 64 bits, or what is written again
/// with the same digits from a double (RFC 8259 §6).
pub(super) fn is_exact(number: &str) -> bool {
    if !number.contains(['.', 'e', 'E']) {
        return number.parse::<i64>().is_ok() || number.parse::<u64>().is_ok();
    }
    let again = number.parse::<f64>().ok().filter(|double| double.is_finite());
    again.is_some_and(|double| digits(&format!("{double:e}")) == digits(number))
}

/// The significant digits of a number, and the place of the first.
fn digits(number: &str) -> Option<(String, i64)> {
    let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{}{fraction}", whole.trim_start_matches('-'));
    let significant = all.trim_start_matches('0');
    let zeros = i64::try_from(all.len() - significant.len()).ok()?;
    let significant = significant.trim_end_matches('0');
    if significant.is_empty() {
        return Some((String::new(), 0));
    }
    let whole = i64::try_from(whole.trim_start_matches('-').len()).ok()?;
    Some((significant.to_owned(), whole - zeros + exponent.parse::<i64>().ok()?))
}

/// The document with each number that is not kept exactly as a text, which is never equal to a number
/// and never ordered with one.
pub(super) fn exact(document: &[u8]) -> Cow<'_, [u8]> {
    let mut exact = Vec::new();
    let (mut copied, mut at) = (0, 0);
    while let Some(byte) = document.get(at) {
        match byte {
            b'"' => at = end_of_text(document, at),
            b'-' | b'0'..=b'9' => {
                let is_part =
                    |byte: &u8| matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E' | b'0'..=b'9');
                let length = document[at..].iter().take_while(|byte| is_part(byte)).count();
                let number = &document[at..at + length];
                if !std::str::from_utf8(number).is_ok_and(is_exact) {
                    exact.extend_from_slice(&document[copied..at]);
                    exact.extend_from_slice(b"\"the number ");
                    exact.extend_from_slice(number);
                    exact.push(b'"');
                    copied = at + length;
                }
                at += length;
            }
            _ => at += 1,
        }
    }
    if copied == 0 {
        return Cow::Borrowed(document);
    }
    exact.extend_from_slice(&document[copied..]);
    Cow::Owned(exact)
}

/// Behind the text that begins at `at`.
fn end_of_text(document: &[u8], at: usize) -> usize {
    let mut end = at + 1;
    while let Some(byte) = document.get(end) {
        match byte {
            b'"' => return end + 1,
            b'\\' => end += 2,
            _ => end += 1,
        }
    }
    document.len()
}

struct Unique(Value);

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Unique;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Unique, E> {
        Ok(Unique(Value::Null))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Unique, E> {
        Ok(Unique(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Unique, E> {
        Ok(Unique(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Unique, E> {
        Ok(Unique(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Unique, E> {
        Ok(Unique(value.into()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Unique, E> {
        Ok(Unique(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Unique, A::Error> {
        let mut list = Vec::new();
        while let Some(Unique(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(Unique(Value::Array(list)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Unique, A::Error> {
        let mut object = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            if object.contains_key(&key) {
                return Err(A::Error::custom(format!("JSON with the key `{key}` twice")));
            }
            let Unique(value) = entries.next_value()?;
            object.insert(key, value);
        }
        Ok(Unique(Value::Object(object)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_stands_twice_makes_a_document_unreliable() {
        assert!(matches!(read(b"{\"a\":{\"b\":1,\"b\":2}}"), Ok(Err(_))));
        assert_eq!(
            read(b"{\"a\":[1,null,\"x\"]}"),
            Ok(Ok(serde_json::json!({"a": [1, null, "x"]})))
        );
        assert!(matches!(read("[".repeat(9_000).as_bytes()), Ok(Err(_))));
        for broken in ["", "PONG", "{} {}", "{\"a\":}", "NaN"] {
            assert_eq!(read(broken.as_bytes()), Err(()), "{broken}");
        }
    }

    #[test]
    fn a_number_with_more_digits_than_are_kept_is_no_number() {
        for kept in [
            "0",
            "-0",
            "-1",
            "1.50",
            "0.30000000000000004",
            "1E3",
            "1.0e-7",
            "18446744073709551615",
        ] {
            assert!(is_exact(kept), "{kept}");
        }
        for lost in
            ["18446744073709551616", "1.00000000000000000001", "1e999", "0.1234567890123456789"]
        {
            assert!(!is_exact(lost), "{lost}");
        }
        let document = br#"{"a":1.00000000000000000001,"1e999":"1e999\"1e999",""#;
        let expected = br#"{"a":"the number 1.00000000000000000001","1e999":"1e999\"1e999",""#;
        assert_eq!(exact(document).as_ref(), expected);
        assert_ne!(read(b"100000000000000000001"), read(b"100000000000000000002"));
    }
}
