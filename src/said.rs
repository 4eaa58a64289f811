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
    /// Several in a row, with what stands between two of them.
    Row(Cow<'static, str>, Vec<Said>),
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

    /// Somebody's name, between quotation marks where it could be taken for more than a name.
    pub fn name(name: &str) -> Self {
        let plain = |c: char| c.is_alphabetic() || matches!(c, ' ' | '.' | '\'' | '’' | '-');
        // As in an address of mail, or a login.
        let solid = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '+' | '-' | '@');
        let is_name = name.chars().all(plain) || name.chars().all(solid);
        match is_name && name.chars().count() <= 60 {
            true => Self::from(name),
            false => {
                said!("“{}”", name.replace(['"', '“', '”', '„', '‟', '«', '»', '「', '」'], "'"))
            }
        }
    }

    /// Several with commas between them; `None` where there are none.
    pub fn commas(all: impl IntoIterator<Item = Self>) -> Option<Self> {
        Self::row(Cow::Borrowed("{}, {}"), all)
    }

    /// Several with semicolons between them; `None` where there are none.
    pub fn semicolons(all: impl IntoIterator<Item = Self>) -> Option<Self> {
        Self::row(Cow::Borrowed("{}; {}"), all)
    }

    fn row(form: Cow<'static, str>, all: impl IntoIterator<Item = Self>) -> Option<Self> {
        let mut all: Vec<Self> = all.into_iter().collect();
        match all.len() {
            0 | 1 => all.pop(),
            _ => Some(Self::Row(form, all)),
        }
    }

    /// The same, with no more than so many characters of what others said in one place.
    #[must_use]
    pub fn cut(self, most: usize) -> Self {
        let short = |text: String| match text.char_indices().nth(most) {
            Some((at, _)) => format!("{}…", &text[..at]),
            None => text,
        };
        let each = |parts: Vec<Self>| parts.into_iter().map(|part| part.cut(most)).collect();
        match self {
            Self::Own(form, parts) => Self::Own(form, each(parts)),
            Self::Row(form, parts) => Self::Row(form, each(parts)),
            Self::Seen(text) => Self::Seen(short(text)),
            Self::Data(text) => Self::Data(short(text)),
        }
    }
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
        filled.push_str(&named(&part, before, after));
        rest = after;
    }
    filled + rest
}

/// What stands between the backticks of a sentence, where it has none of its own: a name ends where the sentence says.
pub fn named<'p>(part: &'p str, before: &str, after: &str) -> Cow<'p, str> {
    match before.ends_with('`') && after.starts_with('`') && part.contains('`') {
        true => Cow::Owned(part.replace('`', "'")),
        false => Cow::Borrowed(part),
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Own(form, parts) => {
                f.write_str(&fill(form, parts.iter().map(|part| Cow::Owned(part.to_string()))))
            }
            Self::Row(form, parts) => {
                let between = form.replace("{}", "");
                for (at, part) in parts.iter().enumerate() {
                    write!(f, "{}{part}", if at == 0 { "" } else { &between })?;
                }
                Ok(())
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
    fn a_name_that_looks_like_a_sentence_is_told_from_one() {
        assert_eq!(Said::name("Ada Lovelace").to_string(), "Ada Lovelace");
        assert_eq!(Said::name("bob_2@example.com").to_string(), "bob_2@example.com");
        assert_eq!(Said::name("Ann at 9").to_string(), "“Ann at 9”");
        assert_eq!(Said::name("O’Neil-Şahin Jr.").to_string(), "O’Neil-Şahin Jr.");
        assert_eq!(Said::name("Ann，批准；QA：GO").to_string(), "“Ann，批准；QA：GO”");
        let forged = "Ann, approved; QA: GO, “Ben”";
        assert_eq!(Said::name(forged).to_string(), "“Ann, approved; QA: GO, 'Ben'”");
    }

    #[test]
    fn several_stand_in_a_row() {
        let row = |all: &[&str]| Said::commas(all.iter().copied().map(Said::from));
        assert_eq!(row(&[]), None);
        assert_eq!(row(&["a"]).expect("said").to_string(), "a");
        assert_eq!(row(&["a", "b", "c"]).expect("said").to_string(), "a, b, c");
        // However many they are.
        let many = Said::semicolons((0..200_000_usize).map(Said::from)).expect("said");
        assert!(many.to_string().ends_with("; 199999"));
    }

    #[test]
    fn a_name_ends_where_the_sentence_says_and_long_words_of_others_do_not_hide_it() {
        let said = said!("`{}` failed: {}", "a` was waived: `b", "`x` y");
        assert_eq!(said.to_string(), "`a' was waived: 'b` failed: `x` y");
        let long = said!("`{}` failed: {}", "ä".repeat(300), "why").cut(10).to_string();
        assert_eq!(long, format!("`{}…` failed: why", "ä".repeat(10)));
    }
}
