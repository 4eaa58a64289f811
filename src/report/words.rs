//! A report's own words in the languages that it can be written in. The English text is the key: what a language lacks is
//! said in English.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::ledger::record::NOT_NAMED;
use crate::said;
use crate::said::Said;

/// As they are written: by the codes of languages each English text with what it is there.
static WRITTEN: LazyLock<BTreeMap<String, BTreeMap<String, String>>> = LazyLock::new(|| {
    // The tests read it; a report without it is in English.
    serde_json::from_str(TEXTS).unwrap_or_default()
});

/// The languages' texts.
pub(super) const TEXTS: &str = include_str!("../../templates/words.json");

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

    /// A word or sentence of templates in this language; what it lacks is said in English.
    pub fn word(self, english: &str) -> &str {
        self.texts().and_then(|texts| texts.get(english)).map_or(english, String::as_str)
    }

    /// A release or an environment, or in this language that nobody named it.
    pub fn named(self, name: &str) -> &str {
        if name == NOT_NAMED { self.word(name) } else { name }
    }

    /// A sentence of templates with what stands at its places.
    pub(super) fn sentence(self, english: &str, parts: &[String]) -> String {
        let parts = || parts.iter().map(|part| Cow::Borrowed(part.as_str()));
        match self.texts().and_then(|texts| texts.get(english)) {
            Some(known) => numbered(known, &parts().collect::<Vec<_>>()),
            None => said::fill(english, parts()),
        }
    }

    /// What is said, in this language.
    pub fn say(self, said: &Said) -> String {
        match said {
            Said::Own(form, parts) => {
                let parts: Vec<String> = parts.iter().map(|part| self.say(part)).collect();
                self.sentence(form, &parts)
            }
            Said::Row(form, parts) => {
                let between = self.sentence(form, &[String::new(), String::new()]);
                let parts: Vec<String> = parts.iter().map(|part| self.say(part)).collect();
                parts.join(&between)
            }
            Said::Seen(text) => self.seen(text),
            Said::Data(text) => text.clone(),
        }
    }

    /// What a check saw: in its words of the most frequent kinds, else as the ledger has it.
    fn seen(self, text: &str) -> String {
        let Some(texts) = self.texts() else { return text.to_owned() };
        if let Some(known) = texts.get(text).filter(|_| SEEN.contains(&text)) {
            return known.clone();
        }
        let told = |form: &&str| Some(numbered(texts.get(*form)?, &fit(text, form)?));
        SEEN.iter().find_map(told).unwrap_or_else(|| text.to_owned())
    }

    /// All texts that it has, by the English ones.
    pub fn texts(self) -> Option<&'static BTreeMap<String, String>> {
        WRITTEN.get(self.code())
    }
}

/// A release or an environment, or that nobody named it.
pub fn named(name: &str) -> Said {
    if name == NOT_NAMED { Said::word(NOT_NAMED) } else { Said::from(name) }
}

/// What checks say of themselves, as it stands in ledgers: `{}` is anything, and stands between backticks, `{n}` is a number,
/// `{d}` a duration, `{w}` a word. Nothing that others write begins and ends like this.
const SEEN: &[&str] = &[
    "a process that it started could not be ended",
    "a step switched off what makes a failing command fail it",
    "attempt {n} of {n}",
    "blank lines only",
    "connection refused",
    "exit {n}",
    "its end could not be read",
    "line {n}: something else, and no such line is expected",
    "line {n}: something else, not `{}`",
    "line {n}: the end of the output, not `{}`",
    "line {n}: `{}`, and no such line is expected",
    "line {n}: `{}`, not `{}`",
    "line {n}: `{}`",
    "stderr, line {n}: `{}`",
    "no end seen",
    "no number: `{}`",
    "no number: blank lines only",
    "no number: no output",
    "no number: {n} lines, the last `{}`",
    "no output",
    "no result",
    "no value was saved for `{}`",
    "no `{}` from line {n} on",
    "not applicable: {w} is `{}`, not `{}`",
    "not applicable: {w} is `{}`",
    "not observed",
    "program `{}` is not installed",
    "the connection was lost",
    "the jq program failed",
    "the shell ended with {n} in the middle of the step",
    "the shell exited with {n} after its last step",
    "the shell was ended by signal {n}",
    "the shell was left in the middle of the step",
    "the step did not end",
    "the step left the shell by `exit`, `exec` or `return`",
    "the steps after this one were not reached",
    "there is no `{}`",
    "this is no single JSON document",
    "timed out after {d}",
    "waits for a person",
    "{n} lines, the first `{}`",
    "{n} lines, the last `{}`",
];

/// What stands in a text at the places of a form; `None` where it is another text.
fn fit<'t>(text: &'t str, form: &str) -> Option<Vec<Cow<'t, str>>> {
    let mut values = Vec::new();
    let (mut text, mut form) = (text, form);
    while let Some((before, place)) = form.split_once('{') {
        let (kind, after) = place.split_once('}')?;
        text = text.strip_prefix(before)?;
        let next = after.split('{').next().unwrap_or_default();
        let end = if next.is_empty() { text.len() } else { text.find(next)? };
        let value = &text[..end];
        let all = |may: fn(&u8) -> bool| !value.is_empty() && value.bytes().all(|byte| may(&byte));
        let fits = match kind {
            "n" => all(u8::is_ascii_digit),
            "d" => all(|byte| byte.is_ascii_digit() || b" .dhimns".contains(byte)),
            "w" => all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_'),
            _ => true,
        };
        if !fits {
            return None;
        }
        values.push(Cow::Borrowed(value));
        (text, form) = (&text[end..], after);
    }
    (!values.is_empty() && text == form).then_some(values)
}

/// A text with values at its places: `{1}` is the first.
fn numbered(text: &str, values: &[Cow<'_, str>]) -> String {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, place)) = rest.split_once('{') {
        filled.push_str(before);
        let Some((number, after)) = place.split_once('}') else { break };
        let at = number.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        let value = at.and_then(|at| values.get(at)).map_or("", |value| value);
        filled.push_str(&said::named(value, before, after));
        rest = after;
    }
    filled + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_check_saw_is_said_where_its_form_is_known_and_quoted_where_not() {
        let seen = |text: &str| Language::De.say(&Said::Seen(text.to_owned()));
        assert_eq!(
            seen("4 lines, the last `x, the last y`"),
            "4 Zeilen, die letzte `x, the last y`"
        );
        for quoted in [
            "`4 lines, the last x`",
            "4 lines, the last x",
            "four lines, the last `x`",
            "812",
            "",
            "none",
            "timed out after deploy",
            "there is no free shipping",
            "no output of `x`",
        ] {
            assert_eq!(seen(quoted), quoted, "it is no form of ours");
        }
    }

    #[test]
    fn a_sentence_is_said_with_its_parts_in_the_order_of_its_language() {
        let two = ["3", "{1}"].map(str::to_owned);
        assert_eq!(Language::En.sentence("{} of {}", &two), "3 of {1}");
        let said = said!("`{}` failed: {}", "a` was waived: b", Said::Seen("exit 1".to_owned()));
        let told = Language::De.say(&said);
        assert_eq!(told, "`a' was waived: b` ist nicht bestanden: Exit-Code 1");
        assert_eq!(Language::De.say(&said!("no such text {}", 1_usize)), "no such text 1");
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
            include_str!("../../templates/verdict.html"),
            include_str!("../../templates/verdict.md"),
        ];
        let typst = [
            include_str!("../../templates/report.typ"),
            include_str!("../../templates/verdict.typ"),
            include_str!("../../templates/kit.typ"),
        ];
        let word = regex::Regex::new(r#""([^"]+)" \| t\b"#).expect("a pattern");
        let print = regex::Regex::new(r#"\bw\("([^"]+)"\)"#).expect("a pattern");
        let typst = typst.iter().flat_map(|template| print.captures_iter(template));
        let words = templates.iter().flat_map(|template| word.captures_iter(template)).chain(typst);
        let missing: Vec<String> = words
            .map(|found| found[1].to_owned())
            .filter(|english| !WRITTEN["de"].contains_key(english))
            .collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn every_sentence_that_is_said_anywhere_is_there() {
        let form = regex::Regex::new(r#"\bsaid!\(\s*"((?:[^"\\]|\\.)*)""#).expect("a pattern");
        let files = walkdir::WalkDir::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src"));
        let mut missing = Vec::new();
        for file in files.into_iter().filter_map(Result::ok) {
            let rust = file.path().extension().is_some_and(|end| end == "rs");
            let text = if rust { std::fs::read_to_string(file.path()) } else { continue };
            let text = text.expect("a source");
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            let said = form.captures_iter(code).map(|found| found[1].to_owned());
            missing.extend(said.filter(|said| !WRITTEN["de"].contains_key(said)));
        }
        missing.extend(SEEN.iter().map(ToString::to_string));
        missing.retain(|english| !WRITTEN["de"].contains_key(english));
        missing.sort();
        assert!(missing.is_empty(), "{missing:#?}");
    }

    #[test]
    fn every_language_has_every_text_with_the_same_places() {
        let all: Vec<&BTreeMap<String, String>> =
            ["de", "fr", "es", "ja", "zh"].iter().map(|code| &WRITTEN[*code]).collect();
        for texts in &all {
            assert!(texts.keys().eq(all[0].keys()));
            for (english, text) in *texts {
                assert!(!text.trim().is_empty(), "{english}");
                let places = english.matches(['{']).count();
                for place in 1..=places {
                    assert!(text.contains(&format!("{{{place}}}")), "{english}: {text}");
                }
                assert_eq!(text.matches('{').count(), places, "{english}: {text}");
            }
        }
    }
}
