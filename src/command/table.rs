//! The table of programs, as `programs.toml` and `words.toml` have it; `docs/commands.md` explains it.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use serde::Deserialize;

use super::Class;
use super::arguments::Arguments;
use super::pattern::{Pattern, matches};
use super::word::Word;

/// A language that a text may be in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Language {
    Shell,
    Sql,
    Code,
    Mongo,
    Awk,
    Sed,
}

/// What a program shows of its own accord.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Shows {
    /// The files that its words name.
    Files,
    /// The words themselves.
    Words,
}

/// What follows where a pattern fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    Is(Class),
    /// The words behind are a command.
    Inside,
    /// The words behind are a program of the project's own, with its arguments.
    Script,
    /// The last word of the pattern is the name of a task of the project's own.
    Task,
    /// The last part of the pattern is a text.
    Text(Language),
}

/// A habit that a pattern tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Habit {
    Interactive,
    /// Interactive, unless something is fed to it.
    Waits,
    Endless,
    Silent,
    Secret,
    /// Shows nothing of what it reads.
    Swallows,
}

/// A row of the table, as written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct Row {
    names: String,
    values: String,
    attached: String,
    values_of: BTreeMap<String, String>,
    state: Vec<String>,
    check: Vec<String>,
    ambiguous: Vec<String>,
    action: Vec<String>,
    otherwise: Option<String>,
    inside: Vec<String>,
    script: Vec<String>,
    task: Vec<String>,
    text: BTreeMap<Language, Vec<String>>,
    interactive: Vec<String>,
    waits: Vec<String>,
    endless: Vec<String>,
    silent: Vec<String>,
    secret: Vec<String>,
    swallows: Vec<String>,
    changes: Option<String>,
    shows: Option<Shows>,
    long_dashes: bool,
    caseless: bool,
    assignments: bool,
    more_words: bool,
    addresses: bool,
    english: bool,
}

/// A row of the table, ready for use.
#[derive(Debug)]
pub(super) struct Program {
    /// What decides the class.
    pub(super) rules: Vec<(Pattern, Effect)>,
    /// What tells of habits.
    pub(super) habits: Vec<(Pattern, Habit)>,
    /// The class where no rule fits.
    pub(super) otherwise: Class,
    /// What an action changes, for messages.
    pub(super) changes: String,
    pub(super) shows: Option<Shows>,
    /// `-name` is one option.
    pub(super) has_long_dashes: bool,
    /// `GET` is `get`.
    pub(super) caseless: bool,
    /// `A=b` before the first word is for the environment.
    pub(super) takes_assignments: bool,
    /// The command inside gets words that nobody sees here.
    pub(super) adds_words: bool,
    /// Its words are addresses to ask.
    pub(super) asks_addresses: bool,
    /// Its name is an English word too.
    pub(super) is_english: bool,
    values: Vec<String>,
    attached: Vec<String>,
    values_of: Vec<(Pattern, Vec<String>)>,
    stops: Vec<Pattern>,
    opening: Vec<String>,
}

impl Program {
    fn read(row: Row) -> Result<Self, String> {
        let mut rules = Vec::new();
        let classes = [
            (&row.state, Class::ShellState),
            (&row.check, Class::Check),
            (&row.ambiguous, Class::Ambiguous),
            (&row.action, Class::Action),
        ];
        for (patterns, class) in classes {
            rules.extend(read(patterns, Effect::Is(class)));
        }
        rules.extend(read(&row.inside, Effect::Inside));
        rules.extend(read(&row.script, Effect::Script));
        rules.extend(read(&row.task, Effect::Task));
        for (language, patterns) in &row.text {
            rules.extend(read(patterns, Effect::Text(*language)));
        }
        let mut habits = Vec::new();
        let kinds = [
            (&row.interactive, Habit::Interactive),
            (&row.waits, Habit::Waits),
            (&row.endless, Habit::Endless),
            (&row.silent, Habit::Silent),
            (&row.secret, Habit::Secret),
            (&row.swallows, Habit::Swallows),
        ];
        for (patterns, habit) in kinds {
            habits.extend(read(patterns, habit));
        }
        let (stops, opening) = stops(&rules);
        Ok(Self {
            otherwise: class_named(row.otherwise.as_deref().unwrap_or("ambiguous"))?,
            changes: row.changes.unwrap_or_else(|| "something".to_owned()),
            shows: row.shows,
            has_long_dashes: row.long_dashes,
            caseless: row.caseless,
            takes_assignments: row.assignments,
            adds_words: row.more_words,
            asks_addresses: row.addresses,
            is_english: row.english,
            values: split(&row.values),
            attached: split(&row.attached),
            values_of: row
                .values_of
                .iter()
                .map(|(scope, names)| (Pattern::read(scope), split(names)))
                .collect(),
            rules,
            habits,
            stops,
            opening,
        })
    }

    /// Whether an option takes a value, behind these words.
    pub(super) fn takes_value(&self, option: &str, words: &[&Word], caseless: bool) -> bool {
        let has = |names: &[String]| {
            names.iter().any(|name| {
                if caseless { name.eq_ignore_ascii_case(option) } else { name == option }
            })
        };
        let fits = |scope: &Pattern| {
            scope.positions.len() <= words.len()
                && scope
                    .positions
                    .iter()
                    .zip(words)
                    .all(|(any, word)| any.iter().any(|known| matches(known, &word.text)))
        };
        let narrowest =
            self.values_of.iter().filter(|(scope, _)| fits(scope)).max_by_key(|(scope, _)| {
                (scope.positions.len(), scope.positions.iter().filter(|any| **any != ["*"]).count())
            });
        has(&self.values) || narrowest.is_some_and(|(_, names)| has(names))
    }

    /// Whether an option may have a value, in the same word only: `-psecret`.
    pub(super) fn takes_attached(&self, option: &str) -> bool {
        self.attached.iter().any(|name| name == option)
    }

    /// Whether what stands behind these words is no longer the program's own.
    pub(super) fn stops_at(&self, words: &[&Word], given: &Arguments<'_>) -> bool {
        self.stops.iter().any(|stop| stop.begins(words, given))
    }

    /// Whether a command begins behind an option.
    pub(super) fn opens(&self, option: &str) -> bool {
        self.opening.iter().any(|name| name == option)
    }

    /// An option's name as rules have it.
    pub(super) fn fold<'a>(&self, name: &'a str) -> Cow<'a, str> {
        match self.caseless {
            true => Cow::Owned(name.to_ascii_lowercase()),
            false => Cow::Borrowed(name),
        }
    }

    /// Whether its first word is a verb, not just anything.
    pub(super) fn has_verbs(&self) -> bool {
        self.rules.iter().any(|(pattern, _)| {
            pattern
                .positions
                .first()
                .is_some_and(|any| any.iter().all(|known| !known.contains('*')))
        })
    }
}

/// Where words stop to be the program's own, and the options behind which they do.
fn stops(rules: &[(Pattern, Effect)]) -> (Vec<Pattern>, Vec<String>) {
    let mut stops = Vec::new();
    let mut opening = Vec::new();
    for (pattern, effect) in rules {
        let is_text = matches!(effect, Effect::Text(_)) && pattern.rest;
        if !is_text && !matches!(effect, Effect::Inside | Effect::Script) {
            continue;
        }
        match pattern.options.iter().find(|option| !option.is_absent()) {
            Some(option) if !pattern.rest => opening.extend(option.names.iter().cloned()),
            _ => stops.push(pattern.clone()),
        }
    }
    (stops, opening)
}

fn read<T: Copy>(patterns: &[String], what: T) -> impl Iterator<Item = (Pattern, T)> {
    patterns.iter().map(move |pattern| (Pattern::read(pattern), what))
}

fn split(words: &str) -> Vec<String> {
    words.split_whitespace().map(str::to_owned).collect()
}

fn class_named(name: &str) -> Result<Class, String> {
    match name {
        "state" => Ok(Class::ShellState),
        "check" => Ok(Class::Check),
        "ambiguous" => Ok(Class::Ambiguous),
        "action" => Ok(Class::Action),
        _ => Err(format!("`{name}` is no class")),
    }
}

/// Words that tell something wherever they stand: `words.toml`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct Words {
    pub(super) task: Told,
    pub(super) address: Told,
    pub(super) sql: Told,
    pub(super) code: Told,
    pub(super) mongo: Told,
    pub(super) files: Files,
    pub(super) doubt: Doubt,
    pub(super) shows: Shown,
}

/// Words that tell of acting, and words that tell of looking.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Told {
    pub(super) acts: Vec<String>,
    pub(super) looks: Vec<String>,
    pub(super) modules: Vec<String>,
}

/// What makes any command doubtful; `words.toml` says what each is.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Doubt {
    pub(super) texts: Vec<String>,
    pub(super) acts: Vec<String>,
    pub(super) rehearsals: Vec<String>,
    pub(super) options: Vec<String>,
    pub(super) parts: Vec<String>,
    pub(super) variables: Vec<String>,
    pub(super) services: Vec<String>,
    pub(super) questions: Vec<String>,
    pub(super) open: Vec<String>,
}

/// What shows secrets.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Shown {
    pub(super) files: Vec<String>,
    pub(super) formats: Vec<String>,
    pub(super) options: Vec<String>,
    pub(super) words: Vec<String>,
    pub(super) parts: Vec<String>,
}

/// Names of files.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Files {
    /// Those that hold secrets.
    pub(super) secret: Vec<String>,
    /// Those that only look so.
    pub(super) harmless: Vec<String>,
    /// What is not a file that anybody will find later.
    pub(super) nowhere: Vec<String>,
    /// Endings of scripts.
    pub(super) scripts: Vec<String>,
}

impl Files {
    /// Whether what is written there is gone.
    pub(super) fn is_nowhere(&self, file: &Word) -> bool {
        self.nowhere.iter().any(|known| matches(known, &file.text))
    }

    /// Whether a file holds secrets, by its name.
    pub(super) fn is_secret(&self, file: &str) -> bool {
        let name = file.rsplit(['/', '\\']).next().unwrap_or(file).to_ascii_lowercase();
        let has = |names: &[String]| names.iter().any(|known| matches(known, &name));
        has(&self.secret) && !has(&self.harmless)
    }

    /// Whether a file is a script, by its name.
    pub(super) fn is_script(&self, file: &str) -> bool {
        self.scripts.iter().any(|ending| file.ends_with(ending.as_str()))
    }
}

/// All that the data files say.
pub(super) struct Table {
    programs: Vec<Program>,
    by_name: HashMap<String, usize>,
    by_pattern: Vec<(String, usize)>,
    pub(super) words: Words,
}

impl Table {
    fn read(programs: &str, words: &str) -> Result<Self, String> {
        let rows: BTreeMap<String, Row> =
            toml::from_str(programs).map_err(|error| error.to_string())?;
        let words: Words = toml::from_str(words).map_err(|error| error.to_string())?;
        let mut table =
            Self { programs: Vec::new(), by_name: HashMap::new(), by_pattern: Vec::new(), words };
        for (name, row) in rows {
            let at = table.programs.len();
            for name in std::iter::once(name.as_str()).chain(row.names.split_whitespace()) {
                if name.len() > 1 && name.contains('*') {
                    table.by_pattern.push((name.to_owned(), at));
                } else if table.by_name.insert(name.to_owned(), at).is_some() {
                    return Err(format!("`{name}` has two rows"));
                }
            }
            table.programs.push(Program::read(row).map_err(|error| format!("{name}: {error}"))?);
        }
        Ok(table)
    }

    /// The row of a program, by its name without a folder.
    pub(super) fn program(&self, name: &str) -> Option<&Program> {
        let plain = [".exe", ".cmd", ".bat"].iter().find_map(|ending| name.strip_suffix(ending));
        let by_pattern =
            || self.by_pattern.iter().find(|(known, _)| matches(known, name)).map(|(_, at)| at);
        let at = self.by_name.get(name).or_else(|| self.by_name.get(plain?)).or_else(by_pattern)?;
        self.programs.get(*at)
    }

    #[cfg(test)]
    pub(super) fn rows(&self) -> &[Program] {
        &self.programs
    }
}

/// The table that ships. A broken one knows no program, and the tests say why.
pub(super) static TABLE: LazyLock<Table> = LazyLock::new(|| {
    read_shipped().unwrap_or_else(|_| Table {
        programs: Vec::new(),
        by_name: HashMap::new(),
        by_pattern: Vec::new(),
        words: Words::default(),
    })
});

fn read_shipped() -> Result<Table, String> {
    Table::read(include_str!("programs.toml"), include_str!("words.toml"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_can_be_read() {
        assert_eq!(read_shipped().err(), None);
        assert!(TABLE.rows().len() > 200, "{}", TABLE.rows().len());
    }
}
