//! Patterns of the table: which words of a command a rule is about.
//!
//! `docs/commands.md` explains how they are written.

use super::arguments::{Arguments, Given};
use super::word::Word;

/// A pattern such as `rollout status`, `-X|--request=GET|HEAD`, `tag * !-l`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Pattern {
    /// What the words must be that are no options, one after the other.
    pub(super) positions: Vec<Vec<String>>,
    /// Options that must be there, or must not.
    pub(super) options: Vec<OptionPart>,
    /// `END`: no word may follow.
    pub(super) ends: bool,
    /// `stdin`: something is fed to the command.
    pub(super) fed: bool,
    /// `...`: all the words behind.
    pub(super) rest: bool,
}

/// An option in a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OptionPart {
    pub(super) names: Vec<String>,
    values: Vec<String>,
    absent: bool,
}

/// How well a pattern fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fit {
    No,
    /// It would if an expansion came to the right word.
    Perhaps,
    Yes,
}

impl Pattern {
    /// Reads a pattern.
    pub(super) fn read(text: &str) -> Self {
        let mut pattern = Self::default();
        for part in text.split_whitespace() {
            match part {
                "END" => pattern.ends = true,
                "stdin" => pattern.fed = true,
                "..." => pattern.rest = true,
                _ if part.starts_with('-') && part != "-" || part.starts_with("!-") => {
                    pattern.options.push(OptionPart::read(part));
                }
                _ => pattern.positions.push(alternatives(part)),
            }
        }
        pattern
    }

    /// Whether it fits what was given; `strict` wants every value of an option to fit, not just one.
    pub(super) fn fit(&self, given: &Arguments<'_>, fed: bool, strict: bool) -> Fit {
        let words = &given.words;
        if self.fed && !fed
            || words.len() < self.positions.len()
            || self.ends && (words.len() > self.positions.len() || !given.rest.is_empty())
            || self.rest && given.rest.is_empty()
        {
            return Fit::No;
        }
        let positions = self.positions.iter().zip(words).map(|(any, word)| place(any, word, given));
        let verbs =
            self.positions.iter().take_while(|any| any.iter().all(|known| !known.contains('*')));
        let verbs = verbs.count();
        let options = self.options.iter().map(|option| option.fit(given, verbs, strict));
        positions.chain(options).min().unwrap_or(Fit::Yes)
    }

    /// Whether it fits the begin of the words, options aside.
    pub(super) fn begins(&self, words: &[&Word], given: &Arguments<'_>) -> bool {
        words.len() == self.positions.len()
            && self
                .positions
                .iter()
                .zip(words)
                .all(|(any, word)| place(any, word, given) == Fit::Yes)
    }

    /// Whether it says all that another one says of these words, and more.
    pub(super) fn is_narrower(&self, other: &Self, words: &[&Word]) -> bool {
        let rank = |pattern: &Self, at: usize| {
            let any = pattern.positions.get(at)?;
            words.get(at).map(|word| any.iter().map(|known| rank(known, &word.text)).max())
        };
        let places = 0..self.positions.len().max(other.positions.len());
        let says_all = places.clone().all(|at| rank(self, at) >= rank(other, at))
            && (self.ends || !other.ends)
            && (self.fed || !other.fed)
            && other
                .options
                .iter()
                .all(|its| its.absent || self.options.iter().any(|mine| mine.implies(its)));
        let says_more = places.into_iter().any(|at| rank(self, at) > rank(other, at))
            || self.ends && !other.ends
            || self.fed && !other.fed
            || self.options.iter().any(|mine| !other.options.iter().any(|its| its.implies(mine)));
        says_all && says_more
    }
}

/// How much a known word says of a text: that it is this one, that it is alike, that it is there.
fn rank(known: &str, text: &str) -> u8 {
    match known {
        "*" => 1,
        _ if known.eq_ignore_ascii_case(text) => 3,
        _ if known.contains('*') && matches(known, text) => 2,
        _ => 0,
    }
}

impl OptionPart {
    fn read(part: &str) -> Self {
        let absent = part.starts_with('!');
        let part = part.trim_start_matches('!');
        let (names, values) = part.split_once('=').map_or((part, None), |(a, b)| (a, Some(b)));
        Self {
            names: alternatives(names),
            values: values.map(alternatives).unwrap_or_default(),
            absent,
        }
    }

    /// Whether it must not be there.
    pub(super) fn is_absent(&self) -> bool {
        self.absent
    }

    /// Options of a verb stand behind it: `docker compose -f x logs -f`.
    fn fit(&self, given: &Arguments<'_>, verbs: usize, strict: bool) -> Fit {
        let behind = given.options.iter().filter(|option| option.after >= verbs);
        let mut found = behind.filter(|option| self.is_named(option)).peekable();
        if self.absent {
            let least = if strict { Fit::Perhaps } else { Fit::Yes };
            return if found.any(|option| self.holds(option) >= least) {
                Fit::No
            } else {
                Fit::Yes
            };
        }
        if found.peek().is_none() {
            return Fit::No;
        }
        let fits = found.map(|option| self.holds(option));
        if strict { fits.min() } else { fits.max() }.unwrap_or(Fit::No)
    }

    /// GNU programs take any begin of a long option that is not ambiguous.
    fn is_named(&self, option: &Given<'_>) -> bool {
        self.names.iter().any(|name| {
            matches(name, &option.name)
                || !self.absent
                    && option.name.len() > 4
                    && option.name.starts_with("--")
                    && name.starts_with(&*option.name)
        })
    }

    fn holds(&self, option: &Given<'_>) -> Fit {
        if self.values.is_empty() {
            return Fit::Yes;
        }
        let Some(value) = option.value.as_deref() else { return Fit::No };
        match self.values.iter().any(|known| matches(known, value)) {
            true => Fit::Yes,
            false if option.dynamic => Fit::Perhaps,
            false => Fit::No,
        }
    }

    fn implies(&self, other: &Self) -> bool {
        self.absent == other.absent
            && other.names.iter().any(|name| self.names.contains(name))
            && (other.values.is_empty() || !self.values.is_empty())
    }
}

fn alternatives(part: &str) -> Vec<String> {
    part.split('|').map(str::to_owned).collect()
}

fn place(any: &[String], word: &Word, given: &Arguments<'_>) -> Fit {
    let fits = any.iter().any(|known| {
        matches(known, &word.text) || given.caseless && matches_caseless(known, &word.text)
    });
    match fits {
        true => Fit::Yes,
        false if word.dynamic => Fit::Perhaps,
        false => Fit::No,
    }
}

fn matches_caseless(known: &str, text: &str) -> bool {
    matches(&known.to_ascii_lowercase(), &text.to_ascii_lowercase())
}

/// Whether a text is the known one, in which each `*` stands for any characters.
pub(super) fn matches(known: &str, text: &str) -> bool {
    let Some((first, rest)) = known.split_once('*') else { return known == text };
    let Some(mut text) = text.strip_prefix(first) else { return false };
    let mut parts = rest.split('*').peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return text.ends_with(part);
        }
        match text.find(part) {
            Some(at) => text = &text[at + part.len()..],
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_characters() {
        assert!(
            matches("*", "") && matches("describe-*", "describe-x") && matches("a*b*c", "a1b2c")
        );
        assert!(!matches("a*b", "a") && !matches("aa*aa", "aaa") && !matches("x", "xy"));
    }

    #[test]
    fn what_says_more_is_narrower() {
        let words = [Word::literal("tag"), Word::literal("v1")];
        let words: Vec<&Word> = words.iter().collect();
        let narrower = |a: &str, b: &str| Pattern::read(a).is_narrower(&Pattern::read(b), &words);
        assert!(narrower("tag *", "tag") && narrower("tag", "") && narrower("list|tag", "*"));
        assert!(narrower("tag v*", "tag *") && narrower("tag v1", "tag v*"));
        assert!(narrower("-X|--request=GET", "-X|--request") && narrower("-d -G", "-d"));
        assert!(!narrower("tag", "tag *") && !narrower("-d", "-o") && !narrower("tag", "tag|x"));
    }
}
