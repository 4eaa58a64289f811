//! What secrets look like, whoever's they are: `rules.toml`. One pass finds the anchors; the pattern of a
//! rule is compiled when its first anchor is seen, and tried only there.

use std::ops::Range;
use std::sync::{LazyLock, OnceLock};

use regex::bytes::{Regex, RegexBuilder};
use serde::Deserialize;

use super::finder::Finder;

/// A rule of the table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rule {
    pub(super) name: String,
    anchors: Vec<String>,
    pattern: String,
    until: Option<String>,
    /// Nothing else looks so.
    #[serde(default)]
    pub(super) certain: bool,
    #[serde(default)]
    unbroken: bool,
    /// Behind its anchor it finds only what has this before the next blank or slash.
    holds: Option<char>,
    #[cfg_attr(not(test), allow(dead_code))]
    examples: Vec<String>,
    #[cfg_attr(not(test), allow(dead_code))]
    others: Vec<String>,
    #[serde(skip)]
    compiled: OnceLock<Option<Regex>>,
    #[serde(skip)]
    end: OnceLock<Option<Regex>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    variables: Vec<String>,
    rule: Vec<Rule>,
}

/// The rules, and what finds their anchors.
pub(super) struct Table {
    pub(super) rules: Vec<Rule>,
    variables: Vec<String>,
    names: OnceLock<Option<Regex>>,
    /// For each anchor: its rule.
    owners: Vec<usize>,
    finder: Option<Finder>,
}

/// Where a rule found something.
pub(super) struct Hit {
    pub(super) rule: &'static Rule,
    /// What is to be taken out; several where the pattern has groups.
    pub(super) parts: Vec<Range<usize>>,
    /// Its end is not among the bytes: all to the end of them, and more.
    pub(super) open: bool,
}

/// The table.
pub(super) fn table() -> &'static Table {
    static TABLE: LazyLock<Table> = LazyLock::new(Table::read);
    &TABLE
}

impl Table {
    fn read() -> Self {
        // The tests read it too: a build whose table cannot be read does not leave the house.
        let mut file: File = toml::from_str(include_str!("rules.toml"))
            .unwrap_or(File { variables: Vec::new(), rule: Vec::new() });
        for rule in &mut file.rule {
            rule.pattern = format!("^(?:{})", rule.pattern);
        }
        let anchors = || file.rule.iter().flat_map(|rule| &rule.anchors);
        let owners = file.rule.iter().enumerate();
        let owners = owners.flat_map(|(at, rule)| rule.anchors.iter().map(move |_| at)).collect();
        let anchors = anchors().map(|anchor| anchor.clone().into_bytes()).collect();
        let finder = Finder::new(anchors, Vec::new(), usize::MAX);
        Self { variables: file.variables, names: OnceLock::new(), owners, finder, rules: file.rule }
    }

    /// The values of a variable of this name are secret.
    pub(super) fn is_secret(&self, variable: &str) -> bool {
        let names = self.names.get_or_init(|| names(&self.variables));
        names.as_ref().is_none_or(|names| names.is_match(variable.as_bytes()))
    }

    /// Calls `each` for what the rules find that begins in `range`; `bytes` may end in the middle of a text.
    pub(super) fn find(
        &'static self,
        bytes: &[u8],
        range: Range<usize>,
        mut each: impl FnMut(Hit),
    ) {
        // For each rule: up to where nothing of it can begin any more.
        let mut past = vec![0; self.rules.len()];
        let Some(finder) = &self.finder else { return };
        finder.each(bytes, range, |Range { start: at, .. }, anchor| {
            let owner = self.owners[anchor];
            if at < past[owner] {
                return;
            }
            let rule = &self.rules[owner];
            match rule.at(bytes, at) {
                Some((hit, end)) => {
                    past[owner] = end;
                    each(hit);
                }
                None if rule.unbroken => {
                    let letters = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-".contains(byte);
                    past[owner] = at + bytes[at..].iter().take_while(|byte| letters(byte)).count();
                }
                None => {}
            }
        });
    }
}

/// Longer than the pattern of any rule that says what it holds.
const WORD: usize = 2 << 10;

impl Rule {
    fn regex<'r>(pattern: &str, place: &'r OnceLock<Option<Regex>>) -> Option<&'r Regex> {
        let compile = || RegexBuilder::new(pattern).unicode(false).build().ok();
        place.get_or_init(compile).as_ref()
    }

    /// What stands behind an anchor, up to the next blank or slash.
    fn word<'t>(&self, rest: &'t [u8]) -> impl Iterator<Item = char> + 't {
        let anchor = self.anchors.iter().find(|anchor| rest.starts_with(anchor.as_bytes()));
        let word = rest.iter().skip(anchor.map_or(0, String::len)).take(WORD);
        let word = word.take_while(|byte| !byte.is_ascii_whitespace() && **byte != b'/');
        word.map(|byte| char::from(*byte))
    }

    /// Where what it began goes on to, when it has an end of its own.
    pub(super) fn end(&self) -> Option<&Regex> {
        Self::regex(self.until.as_ref()?, &self.end)
    }

    /// What it finds at an anchor, and where that ends.
    fn at(&'static self, bytes: &[u8], at: usize) -> Option<(Hit, usize)> {
        let rest = &bytes[at..];
        if self.holds.as_ref().is_some_and(|held| !self.word(rest).any(|byte| byte == *held)) {
            return None;
        }
        let regex =
            Self::regex(&self.pattern, &self.compiled).filter(|regex| regex.is_match(rest))?;
        let captures = regex.captures(rest)?;
        let whole = captures.get(0)?;
        let end = at + whole.end();
        if self.until.is_some() {
            let close = self.end().and_then(|close| close.find_at(rest, whole.end()));
            let end = close.map_or(bytes.len(), |close| at + close.end());
            let part = at..end;
            return Some((Hit { rule: self, parts: vec![part], open: close.is_none() }, end));
        }
        let mut parts: Vec<Range<usize>> = captures
            .iter()
            .skip(1)
            .flatten()
            .map(|group| at + group.start()..at + group.end())
            .collect();
        if parts.is_empty() {
            parts.push(at..end);
        }
        let open = parts.iter().any(|part| part.end == bytes.len());
        Some((Hit { rule: self, parts, open }, end))
    }
}

/// One regex for names in which `*` stands for any letters and `?` for one.
fn names(patterns: &[String]) -> Option<Regex> {
    let each = |name: &String| regex::escape(name).replace(r"\*", ".*").replace(r"\?", ".");
    let all: Vec<String> = patterns.iter().map(each).collect();
    RegexBuilder::new(&format!("^(?:{})$", all.join("|"))).case_insensitive(true).build().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<&'static str> {
        let mut names = Vec::new();
        table().find(text.as_bytes(), 0..text.len(), |hit| names.push(hit.rule.name.as_str()));
        names
    }

    #[test]
    fn the_table_can_be_read_and_no_anchor_hides_another() {
        let table = table();
        assert!(table.rules.len() > 10 && table.finder.is_some());
        let anchors: Vec<&String> = table.rules.iter().flat_map(|rule| &rule.anchors).collect();
        for (at, anchor) in anchors.iter().enumerate() {
            let others = anchors.iter().enumerate().filter(|(other, _)| *other != at);
            assert!(!others.clone().any(|(_, other)| other.starts_with(*anchor)), "{anchor}");
        }
        // More would need another search of all bytes.
        assert!(anchors.len() <= 64, "{}", anchors.len());
    }

    #[test]
    fn each_rule_finds_its_examples_and_nothing_else() {
        for rule in &table().rules {
            for example in &rule.examples {
                assert!(names(example).contains(&rule.name.as_str()), "{}: {example}", rule.name);
            }
            for other in &rule.others {
                assert!(!names(other).contains(&rule.name.as_str()), "{}: {other}", rule.name);
            }
        }
    }

    #[test]
    fn variables_are_secret_by_their_names() {
        for name in ["GITHUB_TOKEN", "db_password", "STRIPE_KEY", "DATABASE_URL", "MONGO_URI"] {
            assert!(table().is_secret(name), "{name}");
        }
        for name in ["PATH", "KEYBOARD", "PGHOST", "KUBECONFIG", "MONKEY"] {
            assert!(!table().is_secret(name), "{name}");
        }
    }
}
