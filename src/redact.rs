//! Takes secrets out of bytes before anything is hashed or kept: values that are known, in every form in
//! which programs print them (`forms.rs`, `escapes.rs`), what looks like a secret whoever's it is (`rules.rs`), and what
//! the user's own patterns match.
//!
//! Where several overlap, all that any of them covers is taken out. Patterns see a window of [`REACH`]
//! bytes: what matches and goes on beyond it is taken out up to the end of its line.

use std::collections::BTreeMap;
use std::ops::Range;

use regex::bytes::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};

use crate::outcome::Redaction;

mod escapes;
mod finder;
mod forms;
mod rules;
mod stream;

pub use stream::Stream;

/// What a pattern may match at most: 16 KiB.
pub const REACH: usize = 16 << 10;

/// Secrets shorter than this stand for nothing: their bytes are everywhere.
pub const SHORTEST: usize = 6;

/// So many first bytes of a secret are looked for.
const HEAD: usize = 8;

/// A pattern of the user's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pattern {
    /// What stands for what it matches: `[redacted:NAME]`.
    pub name: String,
    /// In the syntax of the `regex` crate.
    pub regex: String,
}

/// What is to be taken out beside what the rules find.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secrets {
    /// Values that are known, as (name, value).
    pub values: Vec<(String, String)>,
    /// Patterns of the user's own.
    pub patterns: Vec<Pattern>,
}

/// Finds the secrets of a run.
#[derive(Clone, Debug, Default)]
pub struct Redactor {
    finder: Option<finder::Finder>,
    /// For each that the finder knows: the name of its secret.
    names: Vec<String>,
    patterns: Vec<(String, Regex)>,
    /// How far a secret can reach.
    reach: usize,
    /// Nothing is let through: there are secrets that cannot be searched for, or all is one of this name.
    blind: Option<Blind>,
}

/// Why nothing is let through.
#[derive(Clone, Debug)]
enum Blind {
    Unsearchable,
    Everything(String),
}

/// What stands for bytes that could not be searched.
const ALL: &str = "[redacted]";

/// Lines of a secret of several lines are secrets too where they are so long.
const LINE: usize = 16;

/// What looks like a secret in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting<'r> {
    /// The rule, the pattern or the value that found it.
    pub name: &'r str,
    /// Where it is.
    pub span: Range<usize>,
    /// How sure that is.
    pub sort: Sort,
}

/// What found something, from the surest on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// It is a value that is known.
    Value,
    /// A pattern of the user's own matches.
    Pattern,
    /// A rule, and nothing else looks so.
    Certain,
    /// A rule, and an example may look so.
    Likely,
}

/// What is to be taken out.
struct Found<'r> {
    at: Range<usize>,
    rule: &'r str,
    /// It goes on beyond the bytes: to the end that a rule names, or to the end of the line.
    open: Option<Open>,
}

#[derive(Clone, Copy)]
enum Open {
    Until(&'static rules::Rule),
    Line,
}

/// The values of a variable of this name are secret.
pub fn is_secret(variable: &str) -> bool {
    rules::table().is_secret(variable)
}

impl Pattern {
    /// Compiles it.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn compile(&self) -> Result<Regex, String> {
        let regex = RegexBuilder::new(&self.regex).size_limit(1 << 20).build();
        let regex = regex.map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => "it is too large".to_owned(),
            error => error.to_string().lines().last().unwrap_or_default().to_owned(),
        })?;
        if regex.is_match(b"") { Err("it matches nothing at all".to_owned()) } else { Ok(regex) }
    }
}

impl Redactor {
    /// For these secrets; empty values cannot be found and are passed over.
    pub fn new(secrets: &Secrets) -> Self {
        let mut known: BTreeMap<Vec<u8>, &str> = BTreeMap::new();
        let mut escaped: BTreeMap<&str, (escapes::Escaped, &str)> = BTreeMap::new();
        for (name, value) in &secrets.values {
            // A file or a variable may end in a line end that no program prints.
            let whole = [value.as_str(), value.trim()].into_iter().chain(password(value));
            for value in whole {
                for form in forms::of(value.as_bytes()) {
                    known.entry(form).or_insert(name);
                }
                if let Some(found) = escapes::Escaped::new(value) {
                    escaped.entry(value).or_insert((found, name));
                }
            }
            let lines = value.trim().lines().map(str::trim);
            for line in lines.filter(|line| line.len() >= LINE) {
                known.entry(line.as_bytes().to_vec()).or_insert(name);
            }
        }
        let known: Vec<(Vec<u8>, &str)> = known.into_iter().collect();
        let lengths = || known.iter().map(|(form, _)| form.len());
        let (shortest, longest) = (lengths().min().unwrap_or(0), lengths().max().unwrap_or(0));
        let texts: Vec<Vec<u8>> = known.iter().map(|(form, _)| form.clone()).collect();
        let is_known = !texts.is_empty();
        let head = shortest.min(HEAD);
        let (escaped, of_escaped): (Vec<_>, Vec<&str>) = escaped.into_values().unzip();
        let finder = is_known.then(|| finder::Finder::new(texts, escaped, head)).flatten();
        let compiled = |pattern: &Pattern| Some((pattern.name.clone(), pattern.compile().ok()?));
        let patterns: Vec<(String, Regex)> = secrets.patterns.iter().filter_map(compiled).collect();
        let unsearchable = finder.is_none() && is_known || patterns.len() < secrets.patterns.len();
        let blind = unsearchable.then_some(Blind::Unsearchable);
        let names = known.iter().map(|(_, name)| *name).chain(of_escaped);
        let names = names.map(str::to_owned).collect();
        Self { finder, names, patterns, reach: longest.max(REACH), blind }
    }

    /// For what is secret as a whole.
    pub fn everything(name: &str) -> Self {
        Self { blind: Some(Blind::Everything(name.to_owned())), ..Self::default() }
    }

    /// Begins a stream of bytes.
    pub fn stream(&self) -> Stream<'_> {
        Stream::new(self)
    }

    /// Bytes without secrets, and how often each rule found one.
    pub fn clean(&self, bytes: &[u8]) -> (Vec<u8>, Vec<Redaction>) {
        let mut stream = self.stream();
        let mut clean = Vec::new();
        stream.feed(bytes, &mut clean);
        stream.end(&mut clean);
        let counts = stream.counts().collect();
        (clean, counts)
    }

    /// A text without secrets.
    pub fn text(&self, text: &str) -> String {
        String::from_utf8_lossy(&self.clean(text.as_bytes()).0).into_owned()
    }

    /// All that looks like a secret in a text, in order; it may overlap.
    pub fn sightings(&self, text: &str) -> Vec<Sighting<'_>> {
        let mut seen = Vec::new();
        self.each(text.as_bytes(), 0..text.len(), true, |found, sort| {
            seen.push(Sighting { name: found.rule, span: found.at, sort });
        });
        seen.sort_by_key(|seen| (seen.span.start, std::cmp::Reverse(seen.span.end)));
        seen
    }

    /// What begins in `range` and is to be taken out, in order; `bytes` hold what follows it, as far as
    /// that can matter, or `last` all that there is.
    fn find(&self, bytes: &[u8], range: Range<usize>, last: bool) -> Vec<Found<'_>> {
        let mut found = Vec::new();
        self.each(bytes, range.clone(), last, |one, _| found.push(one));
        if let Some(finder) = self.finder.as_ref().filter(|_| last)
            && let Some((start, form)) = finder.cut(bytes, range)
        {
            found.push(Found { at: start..bytes.len(), rule: &self.names[form], open: None });
        }
        // What was taken out before is not taken out again.
        found.retain(|found| !Self::is_redacted(&bytes[found.at.clone()]));
        found.sort_by_key(|found| (found.at.start, std::cmp::Reverse(found.at.end)));
        found
    }

    /// Calls `take` for each finding, and says what found it.
    fn each<'r>(
        &'r self,
        bytes: &[u8],
        range: Range<usize>,
        last: bool,
        mut take: impl FnMut(Found<'r>, Sort),
    ) {
        if let Some(finder) = &self.finder {
            finder.each(bytes, range.clone(), |at, form| {
                take(Found { at, rule: &self.names[form], open: None }, Sort::Value);
            });
        }
        let open = |end: usize| (end == bytes.len() && !last).then_some(Open::Line);
        for (name, regex) in &self.patterns {
            let mut at = range.start;
            while let Some(found) = regex.find_at(bytes, at).filter(|at| at.start() < range.end) {
                take(
                    Found { at: found.range(), rule: name, open: open(found.end()) },
                    Sort::Pattern,
                );
                at = found.end().max(found.start() + 1);
            }
        }
        // An anchor may stand before what it tells of.
        let anchors = range.start.saturating_sub(stream::BEHIND)..range.end;
        rules::table().find(bytes, anchors, |hit| {
            let until = hit.open && hit.rule.end().is_some();
            let sort = if hit.rule.certain { Sort::Certain } else { Sort::Likely };
            for at in hit.parts.into_iter().filter(|at| range.contains(&at.start)) {
                let open = if until { Some(Open::Until(hit.rule)) } else { open(at.end) };
                take(Found { at, rule: &hit.rule.name, open }, sort);
            }
        });
    }

    /// What stands for a secret already.
    fn is_redacted(bytes: &[u8]) -> bool {
        let name = bytes.strip_prefix(b"[redacted:").and_then(|rest| rest.strip_suffix(b"]"));
        let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-".contains(byte);
        name.is_some_and(|name| name.len() < 100 && name.iter().all(plain))
    }
}

/// The password in an address, unless it is a word that stands there anyway.
pub fn password(value: &str) -> Option<&str> {
    let (_, rest) = value.split_once("://")?;
    let (user, _) = rest.split(['/', '?', '#']).next()?.rsplit_once('@')?;
    let (_, password) = user.split_once(':')?;
    (password.len() >= SHORTEST && value.matches(password).count() == 1).then_some(password)
}

#[cfg(test)]
mod tests;
