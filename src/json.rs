//! Canonical JSON: RFC 8785 narrowed to integers of |n| ≤ 2^53−1 and keys of `[a-z0-9_]+`.
//!
//! One rule refuses duplicate keys, byte order marks, spaces, floats, `-0` and needless escapes at
//! once: what is read, written again, must be the same bytes.

use std::fmt;

use serde::Serialize;
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
/// When the bytes are not that.
pub fn parse(bytes: &[u8]) -> Result<Value, Refused> {
    let value: Value =
        serde_json::from_slice(bytes).map_err(|error| Refused(format!("not JSON: {error}")))?;
    let mut canonical = Vec::with_capacity(bytes.len());
    write(&value, &mut canonical)?;
    if canonical == bytes { Ok(value) } else { Err(Refused("not in canonical form".to_owned())) }
}

/// Writes the canonical form. NUL and U+007F in texts, which it has no place for, become the visible
/// `␀` and `␡`.
///
/// # Errors
/// When the value holds what else the form has no place for: a float, a large integer, a control key.
pub fn canonical(value: &impl Serialize) -> Result<Vec<u8>, Refused> {
    let mut value = serde_json::to_value(value).map_err(|error| Refused(error.to_string()))?;
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
                if key.is_empty()
                    || !key
                        .bytes()
                        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
                {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_the_canonical_form_only() {
        let good = r#"{"a":[1,-2,true,false,null,"x\n\u001f\"\\é😀"],"b_2":{}}"#;
        assert!(parse(good.as_bytes()).is_ok());
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
            assert!(parse(bad.as_bytes()).is_err(), "{bad}");
        }
        assert!(parse(b"\"\xff\"").is_err());
    }

    #[test]
    fn any_text_can_be_made_storable() {
        let value = serde_json::json!({ "a": ["x\0y\u{7f}"] });
        assert_eq!(canonical(&value), Ok("{\"a\":[\"x␀y␡\"]}".as_bytes().to_vec()));
    }

    #[test]
    fn nesting_cannot_exhaust_the_stack() {
        assert!(parse("[".repeat(100_000).as_bytes()).is_err());
    }
}
