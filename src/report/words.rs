//! A report's own words in the languages that it can be written in. The English text is the key: what a language lacks is
//! said in English.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

/// As they are written: by the codes of languages each English text with what it is there.
static WRITTEN: LazyLock<BTreeMap<String, BTreeMap<String, String>>> = LazyLock::new(|| {
    // The tests read it; a report without it is in English.
    serde_json::from_str(TEXTS).unwrap_or_default()
});

/// The languages' texts.
pub(super) const TEXTS: &str = include_str!("../../templates/words.json");

/// What one language has.
struct Words {
    texts: BTreeMap<String, String>,
    /// Those with places for values, the longest first.
    patterns: Vec<(String, String)>,
}

static ALL: LazyLock<BTreeMap<&str, Words>> = LazyLock::new(|| {
    let words = |texts: &BTreeMap<String, String>| {
        let is_pattern = |(english, _): &(&String, &String)| english.contains("{}");
        let (patterns, texts): (Vec<_>, Vec<_>) = texts.iter().partition(is_pattern);
        let own = |(english, text): (&String, &String)| (english.clone(), text.clone());
        let mut patterns: Vec<(String, String)> = patterns.into_iter().map(own).collect();
        patterns.sort_by_key(|(english, _)| std::cmp::Reverse(english.len()));
        Words { texts: texts.into_iter().map(own).collect(), patterns }
    };
    WRITTEN.iter().map(|(code, texts)| (code.as_str(), words(texts))).collect()
});

/// A language, by its code of ISO 639-1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English.
    #[default]
    En,
    /// German.
    De,
    /// French.
    Fr,
    /// Spanish.
    Es,
    /// Japanese.
    Ja,
    /// Chinese, in simplified characters.
    Zh,
}

impl Language {
    /// Every one of them.
    pub const ALL: [Self; 6] = [Self::En, Self::De, Self::Fr, Self::Es, Self::Ja, Self::Zh];

    /// The code: `de`.
    pub fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
            Self::Fr => "fr",
            Self::Es => "es",
            Self::Ja => "ja",
            Self::Zh => "zh",
        }
    }

    /// The language with a code, whatever the region: `de-AT`.
    pub fn of(code: &str) -> Option<Self> {
        let code = code.split(['-', '_']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|one| one.code().eq_ignore_ascii_case(code))
    }

    /// An English text in this language: as it is known, or by the first pattern that it fits.
    pub fn say(self, english: &str) -> Cow<'_, str> {
        let Some(words) = ALL.get(self.code()) else { return Cow::Borrowed(english) };
        if let Some(known) = words.texts.get(english) {
            return Cow::Borrowed(known);
        }
        // The longest first: it says most.
        let told = |(pattern, known): &(String, String)| Some(fill(known, &fit(english, pattern)?));
        words.patterns.iter().find_map(told).map_or(Cow::Borrowed(english), Cow::Owned)
    }

    /// All texts that it has, by the English ones.
    pub fn texts(self) -> Option<&'static BTreeMap<String, String>> {
        ALL.get(self.code()).map(|words| &words.texts)
    }
}

/// What stands in a text at the places of a pattern, `{}`; `None` where it is another text.
fn fit<'t>(text: &'t str, pattern: &str) -> Option<Vec<&'t str>> {
    let parts: Vec<&str> = pattern.split("{}").collect();
    let (first, rest) = parts.split_first()?;
    let (last, middle) = rest.split_last()?;
    let mut rest = text.strip_prefix(first)?.strip_suffix(last)?;
    let mut values = Vec::new();
    for part in middle {
        let (value, others) = rest.split_once(part)?;
        values.push(value);
        rest = others;
    }
    values.push(rest);
    Some(values)
}

/// A text with values at its places: `{1}` is the first.
fn fill(text: &str, values: &[&str]) -> String {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, place)) = rest.split_once('{') {
        filled.push_str(before);
        let Some((number, after)) = place.split_once('}') else { break };
        let at = number.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        filled.push_str(at.and_then(|at| values.get(at)).unwrap_or(&""));
        rest = after;
    }
    filled + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_fits_a_pattern_is_said_with_its_values() {
        assert_eq!(fit("QA Lead has not signed", "{} has not signed"), Some(vec!["QA Lead"]));
        assert_eq!(fit("`a` failed: b: c", "`{}` failed: {}"), Some(vec!["a", "b: c"]));
        assert_eq!(fit("2 of 3 people", "{} of {} persons"), None);
        assert_eq!(fill("{2} von {1}", &["3", "2"]), "2 von 3");
        assert_eq!(fill("{9}{x", &["3"]), "{x");
        assert_eq!(Language::De.say("no such text"), "no such text");
    }

    #[test]
    fn every_word_that_a_template_has_translated_is_there() {
        let templates = [
            include_str!("../../templates/report.html"),
            include_str!("../../templates/report.md"),
            include_str!("../../templates/site.html"),
            include_str!("../../templates/site-checklist.html"),
            include_str!("../../templates/site-runs.html"),
            include_str!("../../templates/diff.html"),
        ];
        let word = regex::Regex::new(r#""([^"{}]+)" \| t\b"#).expect("a pattern");
        let print = regex::Regex::new(r#"\bw\("([^"]+)"\)"#).expect("a pattern");
        let typst = print.captures_iter(include_str!("../../templates/report.typ"));
        let words = templates.iter().flat_map(|template| word.captures_iter(template)).chain(typst);
        let missing: Vec<String> = words
            .map(|found| found[1].to_owned())
            .filter(|english| !WRITTEN["de"].contains_key(english))
            .collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn every_language_has_every_text_with_the_same_places() {
        let all: Vec<&BTreeMap<String, String>> =
            ["de", "fr", "es", "ja", "zh"].iter().map(|code| &WRITTEN[*code]).collect();
        for texts in &all {
            assert!(texts.keys().eq(all[0].keys()));
            for (english, text) in *texts {
                assert!(!text.trim().is_empty(), "{english}");
                let places = english.matches("{}").count();
                for place in 1..=places {
                    assert!(text.contains(&format!("{{{place}}}")), "{english}: {text}");
                }
                assert_eq!(text.matches('{').count(), places, "{english}: {text}");
            }
        }
    }
}
