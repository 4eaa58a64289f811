//! What is said of runs, kept so that it can be said in any language: a sentence of holdpoint's own with places in it, and
//! apart from it what stands there. Nobody who chooses what stands there chooses the sentence.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

use crate::clock::Timestamp;

/// Something that is said. As text it is in English.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Said {
    /// A sentence, lower case and without a full stop, with `{}` where the others stand in their order.
    Own(Cow<'static, str>, Vec<Said>),
    /// What a check saw or could not see, as the ledger has it.
    Seen(String),
    /// The words of somebody else: said as they are.
    Data(String),
}

/// Says a sentence, with what stands at its places.
#[macro_export]
macro_rules! said {
    ($form:literal $(, $part:expr)* $(,)?) => {
        $crate::said::Said::Own(
            std::borrow::Cow::Borrowed($form),
            vec![$($crate::said::Said::from($part)),*],
        )
    };
}

impl Said {
    /// A word of ours.
    pub fn word(word: &'static str) -> Self {
        Self::Own(Cow::Borrowed(word), Vec::new())
    }

    /// Several in a row; `None` where there are none.
    pub fn row(all: impl IntoIterator<Item = Self>, join: fn(Self, Self) -> Self) -> Option<Self> {
        all.into_iter().reduce(join)
    }
}

/// One with a comma behind it, and the next.
pub fn comma(before: Said, next: Said) -> Said {
    said!("{}, {}", before, next)
}

/// One with a semicolon behind it, and the next.
pub fn semicolon(before: Said, next: Said) -> Said {
    said!("{}; {}", before, next)
}

/// Writes it in English.
///
/// # Errors
/// What the serializer has.
pub fn english<S: Serializer>(said: &Said, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(said)
}

/// The same, where there may be nothing.
///
/// # Errors
/// What the serializer has.
pub fn english_or_null<S: Serializer>(
    said: &Option<Said>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match said {
        Some(said) => english(said, serializer),
        None => serializer.serialize_none(),
    }
}

/// The same of several.
///
/// # Errors
/// What the serializer has.
pub fn english_each<S: Serializer>(all: &[Said], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(all.iter().map(ToString::to_string))
}

/// A text with each `{}` replaced by the next part.
pub fn fill<'p>(form: &str, parts: impl Iterator<Item = Cow<'p, str>>) -> String {
    let mut filled = String::new();
    let mut rest = form;
    for part in parts {
        let Some((before, after)) = rest.split_once("{}") else { break };
        filled.push_str(before);
        filled.push_str(&part);
        rest = after;
    }
    filled + rest
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Own(form, parts) => {
                f.write_str(&fill(form, parts.iter().map(|part| Cow::Owned(part.to_string()))))
            }
            Self::Seen(text) | Self::Data(text) => f.write_str(text),
        }
    }
}

impl From<String> for Said {
    fn from(text: String) -> Self {
        Self::Data(text)
    }
}

impl From<&str> for Said {
    fn from(text: &str) -> Self {
        Self::Data(text.to_owned())
    }
}

impl From<&String> for Said {
    fn from(text: &String) -> Self {
        Self::Data(text.clone())
    }
}

impl From<usize> for Said {
    fn from(number: usize) -> Self {
        Self::Data(number.to_string())
    }
}

impl From<u32> for Said {
    fn from(number: u32) -> Self {
        Self::Data(number.to_string())
    }
}

impl From<i64> for Said {
    fn from(number: i64) -> Self {
        Self::Data(number.to_string())
    }
}

impl From<Timestamp> for Said {
    fn from(time: Timestamp) -> Self {
        Self::Data(time.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_a_sentence_is_never_taken_for_a_part_of_it() {
        let said = said!("`{}` failed: {}", "a {} b", said!("expected {}, saw {}", "1", "{}"));
        assert_eq!(said.to_string(), "`a {} b` failed: expected 1, saw {}");
        let json = serde_json::to_string(&said).expect("JSON");
        assert_eq!(serde_json::from_str::<Said>(&json).expect("said"), said);
    }

    #[test]
    fn several_stand_in_a_row() {
        let row = |all: &[&str]| Said::row(all.iter().copied().map(Said::from), comma);
        assert_eq!(row(&[]), None);
        assert_eq!(row(&["a", "b", "c"]).expect("said").to_string(), "a, b, c");
    }
}
