//! Programs that most checks have, `.redis.connected == true`, answered without compiling anything.
//!
//! Only what is certain is answered: whatever is missing or of another kind is left to jq, which says why.

use serde_json::Value;

/// A path of plain keys, and the literal that it is compared with, if with one.
#[derive(Debug, PartialEq)]
pub(super) struct Plain<'p> {
    path: Vec<&'p str>,
    compared: Option<(bool, Value)>,
}

/// Words that are no keys behind a dot everywhere.
const WORDS: &[&str] = &[
    "__loc__", "and", "as", "catch", "def", "elif", "else", "end", "foreach", "if", "import",
    "include", "label", "module", "not", "or", "reduce", "then", "try",
];

impl<'p> Plain<'p> {
    /// Reads a program, if it is of this form.
    pub(super) fn read(program: &'p str) -> Option<Self> {
        let (path, compared) = match program.split_once(' ') {
            None => (program, None),
            Some((path, rest)) => {
                let (operator, literal) = rest.split_once(' ')?;
                let equal = match operator {
                    "==" => true,
                    "!=" => false,
                    _ => return None,
                };
                (path, Some((equal, self::literal(literal.trim())?)))
            }
        };
        let path: Vec<&str> = path.strip_prefix('.')?.split('.').collect();
        path.iter().all(|key| is_key(key)).then_some(Self { path, compared })
    }

    /// What it finds in a document, where that is certain.
    pub(super) fn ask(&self, document: &Value) -> Option<Value> {
        let mut steps = self.path.iter();
        let found = steps.try_fold(document, |value, key| value.as_object()?.get(*key))?;
        let Some((equal, literal)) = &self.compared else {
            return (found.is_string() || found.is_boolean()).then(|| found.clone());
        };
        let same = match (found, literal) {
            (Value::Bool(found), Value::Bool(literal)) => found == literal,
            (Value::String(found), Value::String(literal)) => found == literal,
            (Value::Number(found), Value::Number(literal)) => {
                found.as_i64()? == literal.as_i64()?
            }
            _ => return None,
        };
        Some(Value::Bool(same == *equal))
    }
}

/// What a program compares, for people: what stands at the path that it begins with.
pub(super) fn compared<'d>(program: &str, document: &'d Value) -> Option<&'d Value> {
    let (path, rest) = program.split_once(' ')?;
    let compares = ["==", "!=", "<", ">"].iter().any(|operator| rest.starts_with(operator));
    if !compares || [" and ", " or ", "|"].iter().any(|word| rest.contains(word)) {
        return None;
    }
    let mut steps = path.strip_prefix('.')?.split('.');
    steps.try_fold(document, |value, key| {
        is_key(key).then_some(())?;
        value.as_object()?.get(key)
    })
}

fn is_key(key: &str) -> bool {
    key.starts_with(|char: char| char.is_ascii_alphabetic() || char == '_')
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && !WORDS.contains(&key)
}

fn literal(text: &str) -> Option<Value> {
    let quoted = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    match (text, quoted) {
        ("true", _) => Some(true.into()),
        ("false", _) => Some(false.into()),
        (_, Some(inner)) => {
            let plain = !inner.contains(['"', '\\']) && !inner.chars().any(char::is_control);
            plain.then(|| inner.into())
        }
        _ => {
            let digits = text.bytes().all(|byte| byte.is_ascii_digit()) && text.len() <= 15;
            let leads = text.len() > 1 && text.starts_with('0');
            (digits && !leads).then(|| text.parse::<i64>().ok().map(Value::from)).flatten()
        }
    }
}
