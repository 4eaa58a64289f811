//! JSON documents that say one thing: a key that stands twice in an object makes a document that
//! readers understand differently, and such a document answers nothing.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// Reads one document. Depth is bounded by the parser (128).
///
/// # Errors
/// `Ok(Err(_))`: it is JSON that cannot be relied on, and why; `Err(())`: it is no JSON.
pub(super) fn read(bytes: &[u8]) -> Result<Result<Value, String>, ()> {
    match serde_json::from_slice::<Unique>(bytes) {
        Ok(document) => Ok(Ok(document.0)),
        Err(error) if error.is_data() => Ok(Err(error.to_string())),
        Err(error) if error.to_string().starts_with("recursion limit") => {
            Ok(Err("JSON nested too deeply".to_owned()))
        }
        Err(_) => Err(()),
    }
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
}
