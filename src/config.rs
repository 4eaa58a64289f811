//! `holdpoint.toml` at the repository's root: what the users of a repository agree on. Optional, and strict:
//! a key that is not known is an error.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::digest::Digest;
use crate::files;
use crate::policy::Policy;
use crate::redact::{Pattern, Redactor, Secrets};

/// Its name.
pub const NAME: &str = "holdpoint.toml";

/// It may be so long: 1 MiB.
const LIMIT: u64 = 1 << 20;

/// So many patterns are searched for.
const MOST: usize = 64;

/// What it says.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Config {
    /// What ledgers are to be judged by: it holds where a ledger pins it.
    pub policy: Policy,
    /// What is taken out of whatever is written down.
    pub redaction: Redaction,
    /// How reports look.
    pub report: Looks,
    /// What may run where nobody can be asked.
    pub trust: Trust,
}

/// `[report]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Looks {
    /// Who may see them, in a line on every page.
    pub classification: String,
    /// A folder of fonts, for letters that the program's own lack.
    pub fonts: Option<PathBuf>,
    /// The code of the language of their own words, where the checklist names none.
    pub language: String,
    /// A picture in PNG or JPEG, below the root.
    pub logo: Option<PathBuf>,
    /// Whose they are.
    pub organisation: String,
    /// A folder below the root, of templates in the place of holdpoint's own.
    pub templates: Option<PathBuf>,
}

/// `[redaction]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Redaction {
    /// Beside what every run takes out.
    pub patterns: Vec<Pattern>,
}

/// `[trust]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Trust {
    /// Digests, as `holdpoint plan --digest` prints them, by the paths of checklists.
    pub checklists: BTreeMap<String, String>,
}

/// Why it cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// Lower case, no full stop.
    pub message: String,
    /// What to do.
    pub hint: String,
}

/// Keys of each table.
const KEYS: &[(&str, &[&str])] = &[
    ("", &["policy", "redaction", "report", "trust"]),
    ("policy", POLICY),
    ("redaction", &["patterns"]),
    ("report", &["classification", "fonts", "language", "logo", "organisation", "templates"]),
    ("trust", &["checklists"]),
];

/// Keys of the policy.
const POLICY: &[&str] = &[
    "change",
    "decide",
    "decide_against",
    "forget",
    "max_age_hours",
    "people",
    "quorum",
    "separate",
    "signatures",
    "timestamps",
    "void",
    "waive",
    "waive_days",
    "waive_errors",
    "waive_pending",
];

/// Keys of a pattern.
const PATTERN: &[&str] = &["name", "regex"];

impl Config {
    /// Reads it below `root`; without one there is nothing that it says.
    ///
    /// # Errors
    /// When it cannot be read or understood.
    pub fn read(root: &Path) -> Result<Self, Error> {
        let path = root.join(NAME);
        let bytes = match files::read(&path, LIMIT) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self::default());
            }
            Err(error) => return Err(wrong(format!("it cannot be read: {error}"), DOCS)),
            Ok(bytes) => bytes,
        };
        let text = String::from_utf8(bytes)
            .map_err(|_| wrong("it is not UTF-8".to_owned(), "save it as UTF-8"))?;
        Self::parse(&text)
    }

    /// Takes out what the patterns match, and what looks like a secret whoever's it is.
    pub fn redactor(&self) -> Redactor {
        let patterns = self.redaction.patterns.clone();
        Redactor::new(&Secrets { values: Vec::new(), patterns })
    }

    /// Understands its text.
    fn parse(text: &str) -> Result<Self, Error> {
        let table: toml::Table = text.parse().map_err(|error| unreadable(&error))?;
        unknown(&table)?;
        let config: Self = toml::from_str(text).map_err(|error| unreadable(&error))?;
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<(), Error> {
        let patterns = &self.redaction.patterns;
        if patterns.len() > MOST {
            return Err(wrong(format!("it has more than {MOST} patterns"), "join them with `|`"));
        }
        for (at, pattern) in patterns.iter().enumerate() {
            let name = &pattern.name;
            if !is_name(name) || patterns[..at].iter().any(|other| other.name == *name) {
                let message = format!("`{name}` cannot be the name of a pattern");
                return Err(wrong(message, "use a-z, 0-9 and `-`, and each name once"));
            }
            if let Err(why) = pattern.compile() {
                let hint = "regexes are those of the Rust `regex` crate";
                return Err(wrong(
                    format!("the regex of pattern `{name}` cannot be used: {why}"),
                    hint,
                ));
            }
        }
        self.policy.check().map_err(|why| {
            wrong(format!("in `policy`, {why}"), "docs/policy.md shows what it may hold")
        })?;
        for (path, digest) in &self.trust.checklists {
            if digest.parse::<Digest>().is_err() {
                let message = format!("`{digest}` is no digest of `{path}`");
                return Err(wrong(message, "`holdpoint plan --digest` prints it"));
            }
        }
        Ok(())
    }
}

const DOCS: &str = "docs/trust.md shows what it may hold";

fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=40).contains(&name.len()) && name.bytes().all(plain)
}

fn wrong(why: String, hint: &str) -> Error {
    Error { message: format!("`{NAME}`: {why}"), hint: hint.to_owned() }
}

/// The line, not its text: it may hold what should not be shown.
fn unreadable(error: &toml::de::Error) -> Error {
    wrong(error.message().lines().next().unwrap_or_default().to_owned(), DOCS)
}

/// The first key that nobody knows.
fn unknown(top: &toml::Table) -> Result<(), Error> {
    for (table, known) in KEYS {
        let keys = if table.is_empty() {
            Some(top)
        } else {
            top.get(*table).and_then(toml::Value::as_table)
        };
        keys.map_or(Ok(()), |keys| known_only(keys, known))?;
    }
    let patterns = top.get("redaction").and_then(|table| table.get("patterns")?.as_array());
    let tables = patterns.into_iter().flatten().filter_map(toml::Value::as_table);
    tables.into_iter().try_for_each(|pattern| known_only(pattern, PATTERN))
}

fn known_only(table: &toml::Table, known: &[&str]) -> Result<(), Error> {
    let Some(key) = table.keys().find(|key| !known.contains(&key.as_str())) else {
        return Ok(());
    };
    let near = known.iter().min_by_key(|known| strsim::damerau_levenshtein(known, key));
    let hint = match near.filter(|near| strsim::damerau_levenshtein(near, key) <= 3) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known here are `{}`", known.join("`, `")),
    };
    Err(wrong(format!("`{key}` is no key of it"), &hint))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(text: &str) -> String {
        let error = Config::parse(text).expect_err("an error");
        format!("{} ({})", error.message, error.hint)
    }

    #[test]
    fn unknown_keys_are_told_with_what_was_meant() {
        assert!(why("[redactoin]\n").contains("did you mean `redaction`?"));
        assert!(why("[redaction]\npattern = []\n").contains("did you mean `patterns`?"));
        let wrong = "[redaction]\npatterns = [{ name = \"a\", regexp = \"b\" }]\n";
        assert!(why(wrong).contains("did you mean `regex`?"));
    }

    #[test]
    fn the_policy_in_the_docs_is_one_and_slips_in_it_are_told() {
        let docs = include_str!("../docs/policy.md");
        let example = docs.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next());
        let policy = Config::parse(example.expect("an example")).expect("a config").policy;
        assert!(policy.wants_signatures() && policy.quorum_of("tech-lead", 1) == 2);
        assert!(why("[policy]\nsignature = \"required\"\n").contains("did you mean `signatures`?"));
        assert!(why("[policy]\nsignatures = \"yes\"\n").contains("optional"));
        assert!(why("[policy]\nwaive = [\"Tech Lead\"]\n").contains("`tech-lead`"));
        assert!(why("[policy.change]\nrole = [\"a\"]\n").contains("role"));
    }

    #[test]
    fn patterns_that_cannot_work_are_refused() {
        let of = |regex: &str| {
            why(&format!("[redaction]\npatterns = [{{ name = \"a\", regex = '{regex}' }}]\n"))
        };
        assert!(of("(").contains("unclosed"));
        assert!(of("x*").contains("nothing at all"));
        assert!(of("(a{1000}){1000}").contains("too large"));
        assert!(why("[trust.checklists]\n\"a.md\" = \"12\"\n").contains("no digest"));
    }
}
