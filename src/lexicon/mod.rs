//! What headings, labels and sentences are recognised by, as tables of words by language.
//!
//! A language is one more row of each table; words are in lower case, and languages go by their ISO
//! 639-1 codes. Words of scripts without spaces, and stems of inflected words in other scripts than
//! the Latin, are found anywhere; all others as whole words.
//!
//! Words only help to understand a document. What runs, and what an item comes to, never depends on
//! them alone: see `checklist` for what each of them decides.

use std::ops::Range;
use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, Match};

mod calendar;
mod decisions;
mod marks;
mod numbers;
mod outcomes;
mod people;
mod sections;

pub use calendar::*;
pub use decisions::*;
pub use marks::*;
pub use numbers::*;
pub use outcomes::*;
pub use people::*;
pub use sections::*;

/// A language's code, and its words for a concept.
type Row = (&'static str, &'static [&'static str]);

/// A language's code, and the two sides of a question in it.
pub type Pair = (&'static str, &'static str, &'static str);

/// The words for one idea, searched for in one pass.
pub struct Concept {
    rows: &'static [Row],
    search: OnceLock<Option<AhoCorasick>>,
}

impl Concept {
    const fn new(rows: &'static [Row]) -> Self {
        Self { rows, search: OnceLock::new() }
    }

    /// All words, in all languages.
    pub fn words(&self) -> impl Iterator<Item = &'static str> {
        self.rows.iter().flat_map(|(_, words)| words.iter().copied())
    }

    /// The codes of its languages.
    pub fn languages(&self) -> impl Iterator<Item = &'static str> {
        self.rows.iter().map(|(language, _)| *language)
    }

    /// Whether a text in lower case is one of the words, and nothing else.
    pub fn is(&self, lower: &str) -> bool {
        self.words().any(|word| word == lower)
    }

    /// Whether one of the words stands in a text in lower case.
    pub fn is_in(&self, lower: &str) -> bool {
        self.found(lower).next().is_some()
    }

    /// Where the longest of the words at the beginning of a text in lower case ends.
    pub fn begins(&self, lower: &str) -> Option<usize> {
        self.found(lower).filter(|found| found.start() == 0).map(|found| found.end()).max()
    }

    /// Where the longest of the words at the end of a text in lower case begins.
    pub fn ends(&self, lower: &str) -> Option<usize> {
        let at_end = self.found(lower).filter(|found| found.end() == lower.len());
        at_end.map(|found| found.start()).min()
    }

    /// Where its words stand in a text in lower case, as whole words.
    fn found<'t>(&'t self, lower: &'t str) -> impl Iterator<Item = Match> + 't {
        // Most are asked about a few lines: what is ready soonest is done soonest.
        let build = || {
            let kind = Some(AhoCorasickKind::NoncontiguousNFA);
            AhoCorasick::builder().kind(kind).build(self.words()).ok()
        };
        let search = self.search.get_or_init(build).as_ref();
        let found = search.into_iter().flat_map(move |search| search.find_overlapping_iter(lower));
        found.filter(move |found| is_whole(lower, found.range()))
    }
}

/// Whether a word stands in a text in lower case, as a whole word where its script has such.
pub fn holds(lower: &str, word: &str) -> bool {
    lower.match_indices(word).any(|(at, _)| is_whole(lower, at..at + word.len()))
}

/// Whether a text in lower case is a sentence about an output, and hardly a line of it.
pub fn is_prose(lower: &str) -> bool {
    let mut words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.any(|word| PROSE.contains(&word))
}

/// Words of sentences about an output.
const PROSE: &[&str] = &[
    "all",
    "no",
    "any",
    "each",
    "every",
    "should",
    "must",
    "least",
    "most",
    "or",
    "later",
    "higher",
    "within",
    "similar",
    "like",
    "e.g",
    "eg",
    "etc",
    "see",
    "with",
    "success",
    "successful",
    "running",
    "passing",
    "passed",
    "ready",
    "none",
    "yes",
    "present",
    "available",
    "exists",
    "output",
    "response",
    "list",
    "shows",
    "returns",
    "between",
    "approximately",
    "about",
    "than",
    "under",
    "over",
    "todos",
    "alle",
    "keine",
    "tous",
    "aucun",
    "sin",
    "sem",
    "nessun",
];

/// Scripts without spaces have no word borders; a stem such as `аварийн` may be inflected.
fn is_whole(lower: &str, found: Range<usize>) -> bool {
    let borderless = lower[found.clone()].chars().any(|c| c as u32 >= 0x400);
    borderless
        || !lower[..found.start].ends_with(char::is_alphanumeric)
            && !lower[found.end..].starts_with(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONCEPTS: &[&Concept] = &[
        &STANDBY,
        &READINESS,
        &COUNTED,
        &SIGNING,
        &DECISION,
        &ROLES,
        &OWNER,
        &APPROVES,
        &FIELDS,
        &DATE,
        &OPTIONAL,
        &EXPECTED,
        &VERIFY,
        &CHECKLIST,
        &EVIDENCE,
        &GATE,
        &FORBIDS,
        &UNTIL,
        &TRIGGER,
        &NOT_APPLICABLE,
        &AT_LEAST,
        &AT_MOST,
        &PASSES,
        &CRITERIA,
        &OR_MORE,
        &OR_LESS,
        &TARGET,
        &REFERENCE,
        &ROLE,
        &SIGNATURE,
        &NAME,
        &CHOOSE,
        &THIRD,
        &REVIEW,
        &DONE,
    ];

    #[test]
    fn every_concept_has_words_in_ten_languages() {
        for concept in CONCEPTS {
            for language in ["de", "en", "es", "fr", "it", "ja", "pt", "ru", "vi", "zh"] {
                let first = concept.words().next();
                assert!(
                    concept.languages().any(|known| known == language),
                    "{language}: {first:?}"
                );
            }
        }
    }

    #[test]
    fn words_are_in_lower_case_and_there_once_in_a_language() {
        for concept in CONCEPTS {
            for (language, words) in concept.rows {
                for (at, word) in words.iter().enumerate() {
                    assert_eq!(*word, word.to_lowercase(), "{language}");
                    assert!(!words[..at].contains(word), "{language}: {word}");
                }
            }
        }
    }

    #[test]
    fn words_are_found_whole_unless_their_script_has_no_borders() {
        assert!(STANDBY.is_in("quick rollback (< 5 min)"));
        assert!(!STANDBY.is_in("emergencyless"));
        assert!(STANDBY.is_in("5. аварийный режим"));
        assert!(STANDBY.is_in("数据库回滚方案"));
        assert_eq!(EXPECTED.begins("expected output: ok"), Some("expected output".len()));
        assert_eq!(EXPECTED.begins("unexpected"), None);
        assert_eq!(APPROVES.ends("product owner approval"), Some("product owner ".len()));
    }
}
