//! From what people note beside a command to an expectation that can fail.

use regex::Regex;
use serde_json::Value;

use crate::command::{self, Command};
use crate::lexicon::{self, EXPECTED};

use super::segment::{Statement, is_part};

/// What becomes of a note.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Precise {
    /// It stays as it is.
    Keep,
    /// It says the same as these lines, and stays for people to read.
    Lines(Vec<String>),
    /// These lines say it, once the part of a pipeline that searches is gone.
    Searched(Vec<String>),
    /// Only a person can hold the output against it.
    Person,
    /// It cannot be said of the statement as it is.
    Never,
}

/// The line by which a person is asked.
pub(super) const PERSON: &str = "# expect: a person agrees";

/// How a note on a statement can be said so that it can fail.
pub(super) fn precise(note: &str, statement: &Statement<'_>) -> Precise {
    let text = note.trim().trim_matches('`').trim();
    let lower = text.to_lowercase();
    if let Ok(value @ (Value::Object(_) | Value::Array(_))) = serde_json::from_str::<Value>(text) {
        let (mut lines, all) = leaves(&value);
        if lines.is_empty() {
            return Precise::Person;
        }
        // What changes each time is for somebody to look at.
        if !all {
            lines.push(PERSON.to_owned());
        }
        return Precise::Lines(lines);
    }
    if text.lines().count() > 1 || text.is_empty() {
        return Precise::Person;
    }
    let nothing = [
        "empty",
        "no output",
        "nothing",
        "none",
        "0",
        "no matches",
        "no results",
        "keine ausgabe",
        "aucune sortie",
        "sin salida",
        "sem saída",
    ];
    if nothing.contains(&lower.trim_matches(['(', ')', '.'])) {
        if let Some(search) = searches_for_trouble("nothing", statement) {
            return Precise::Searched(vec![search]);
        }
        // A search that finds nothing fails; behind a bar the failure could be another's.
        if is_search(statement) {
            let alone = statement.commands.iter().all(|command| command.pipeline.is_none());
            return if alone {
                Precise::Lines(vec!["# expect: exit == 1".to_owned()])
            } else {
                Precise::Never
            };
        }
        if lower != "0" {
            return Precise::Lines(vec!["# expect: stdout is empty".to_owned()]);
        }
    }
    if ["exit 0", "exit code 0", "exit status 0"].contains(&lower.as_str()) {
        return Precise::Lines(vec!["# expect: exit == 0".to_owned()]);
    }
    if let Some(search) = searches_for_trouble(&lower, statement) {
        return Precise::Searched(vec![search]);
    }
    if is_pair(text) {
        let pattern =
            regex::escape(text).replace("\\: ", ":\\s*").replace(": ", ":\\s*").replace('/', "\\/");
        return Precise::Lines(vec![format!("# expect: stdout matches /{pattern}/")]);
    }
    if is_literal(text, &lower, statement) { Precise::Keep } else { Precise::Person }
}

/// Values of a JSON text that are the same each time: words and truths, not versions, times or ids;
/// and whether those are all.
fn leaves(value: &Value) -> (Vec<String>, bool) {
    let (mut found, mut all) = (Vec::new(), true);
    let mut open: Vec<(String, &Value)> = vec![(String::new(), value)];
    while let Some((path, value)) = open.pop() {
        match value {
            Value::Object(fields) if path.matches('.').count() < 4 => {
                for (name, value) in fields.iter().rev() {
                    let plain = !name.is_empty()
                        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
                        && !name.starts_with(|c: char| c.is_ascii_digit());
                    if plain {
                        open.push((format!("{path}.{name}"), value));
                    }
                }
            }
            Value::Bool(truth) if !path.is_empty() => {
                found.push(format!("# expect: {path} == {truth}"));
            }
            Value::String(text) if !path.is_empty() && is_lasting(text) => {
                found.push(format!("# expect: {path} == {}", Value::String(text.clone())));
            }
            _ => all = false,
        }
    }
    all &= found.len() <= MOST;
    found.truncate(MOST);
    (found, all)
}

/// Of one answer, so many values are asked for.
const MOST: usize = 6;

/// `healthy`, and not `1.0.0` or `a1b2c3d4`.
fn is_lasting(text: &str) -> bool {
    (1..40).contains(&text.len())
        && text.chars().all(|c| c.is_ascii_alphabetic() || matches!(c, ' ' | '-' | '_'))
}

/// `"health": "up"`: a piece of JSON.
fn is_pair(text: &str) -> bool {
    let text = text.trim_end_matches(',');
    text.starts_with('"')
        && serde_json::from_str::<Value>(&format!("{{{text}}}"))
            .is_ok_and(|value| value.as_object().is_some_and(|fields| fields.len() == 1))
}

/// A line that a program prints, and not a sentence about it.
fn is_literal(text: &str, lower: &str, statement: &Statement<'_>) -> bool {
    let words = || lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    if text.len() > 120
        || lexicon::is_prose(lower)
        || text.contains(['<', '>', '~', '…', '≥', '≤', '✅', '❌', '[', '|', '*'])
        || text.contains("...")
        || !text.is_ascii()
    {
        return false;
    }
    // A status is no line of a body, unless the command was told to print it.
    let status = text.len() >= 3 && text.bytes().take(3).all(|byte| byte.is_ascii_digit());
    let http = words().next() == Some("http") || status;
    let fetches =
        |command: &&Command| command.text.contains("curl") || command.text.contains("wget");
    if http && statement.commands.iter().any(fetches) {
        let asked = statement.commands.iter().any(|command| command.text.contains("%{http_code}"));
        return asked && text.len() == 3;
    }
    // `test -f x && echo "x is there"` says it only where the test passes.
    let said = statement.lines.iter().any(|line| {
        line.split_once("&&")
            .is_some_and(|(_, behind)| behind.contains("echo") && behind.contains(text))
    });
    said || !text.contains(' ') || text.contains(['_', '=', '"', '/'])
}

/// `docker logs x | grep -i error` hopes to find nothing, whether somebody says so (`said`) or not.
pub(super) fn hopes_for_nothing(statement: &Statement<'_>, said: bool) -> Option<String> {
    let (_, pattern, flags) = search(statement)?;
    (said || command::is_trouble(&pattern))
        .then(|| format!("# expect: output not matches /{pattern}/{flags}"))
}

/// The same, noted to find nothing: the output must not match.
fn searches_for_trouble(lower: &str, statement: &Statement<'_>) -> Option<String> {
    let nothing = [
        "no ", "none", "nothing", "empty", "zero ", "0 errors", "keine", "sin ", "aucun", "sem ",
        "没有", "なし", "нет ",
    ];
    if !nothing.iter().any(|word| lower.starts_with(word)) {
        return None;
    }
    let (_, pattern, flags) = search(statement)?;
    Some(format!("# expect: output not matches /{pattern}/{flags}"))
}

/// A statement that succeeds where it finds something.
pub(super) fn is_search(statement: &Statement<'_>) -> bool {
    let names = statement.commands.iter().filter_map(|command| command.words.first());
    let mut names = names.map(|name| name.rsplit('/').next().unwrap_or(name));
    let git = statement.commands.iter().any(|command| {
        command.words.first().is_some_and(|name| name == "git")
            && command.words.iter().any(|word| word == "grep")
    });
    git || names.any(|name| {
        matches!(
            name,
            "grep" | "egrep" | "fgrep" | "rg" | "ag" | "pgrep" | "zgrep" | "findstr" | "lsof"
        )
    })
}

/// The search at the end of a one-line pipeline: where its bar is, its pattern and flags as ours.
pub(super) fn search(statement: &Statement<'_>) -> Option<(usize, String, &'static str)> {
    let [line] = statement.lines[..] else { return None };
    let last = statement.commands.last()?;
    last.pipeline.filter(|(_, place)| *place > 0)?;
    let mut words = last.words.iter().map(String::as_str);
    let extended = match words.next()? {
        "grep" => false,
        "egrep" => true,
        _ => return None,
    };
    let (mut fold, mut extended, mut pattern) = (false, extended, None);
    for word in words {
        match word {
            "-i" => fold = true,
            "-E" => extended = true,
            "-iE" | "-Ei" => (fold, extended) = (true, true),
            _ if word.starts_with('-') || pattern.is_some() => return None,
            _ => pattern = Some(word),
        }
    }
    let pattern = pattern?;
    let plain = if extended { pattern.to_owned() } else { pattern.replace("\\|", "|") };
    let simple = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '|' | '_' | '-' | '(' | ')');
    if !plain.chars().all(simple) || Regex::new(&plain).is_err() {
        return None;
    }
    let is_search = |at: &usize| {
        let behind = line[at + 1..].trim_start();
        behind.starts_with("grep") || behind.starts_with("egrep")
    };
    let bar = line.match_indices('|').map(|(at, _)| at).rfind(is_search)?;
    Some((bar, plain, if fold { "i" } else { "" }))
}

/// The lines of a note that people shall still read, and that are no expectation any more.
pub(super) fn prose(note: &[&str]) -> Vec<String> {
    let mut lines = note.iter();
    let mut prose = Vec::new();
    if let Some(first) = lines.next() {
        let text = first.trim_start_matches(['#', ' ']);
        let said = text
            .split_once([':', '：'])
            .map_or_else(|| text.split_once(' ').map_or("", |(_, rest)| rest), |(_, said)| said);
        let is_label = text.to_lowercase().starts_with("expect")
            || EXPECTED.begins(&text.to_lowercase()).is_some();
        prose.push(match is_label {
            true => format!("# Look for: {}", said.trim()).trim_end().to_owned(),
            false => (*first).to_owned(),
        });
    }
    prose.extend(lines.map(|line| (*line).to_owned()));
    prose
}

/// Whether the exit of a statement says nothing about what it looks at.
pub(super) fn is_silent(statement: &Statement<'_>) -> bool {
    let mut last_of: std::collections::BTreeMap<Option<usize>, &Command> = Default::default();
    let mut alone = Vec::new();
    // What is substituted into another command is looked at by that one.
    let all = &statement.commands;
    let whole = all.iter().filter(|command| !is_part(command, all));
    for command in whole {
        match command.pipeline {
            Some((pipeline, _)) => {
                last_of.insert(Some(pipeline), command);
            }
            None => alone.push(*command),
        }
    }
    // A fetch that hides its failure does so in whatever it is piped into.
    let fetch = |command: &Command| {
        command.habits.silent && command.words.first().is_some_and(|word| word == "curl")
    };
    let hides =
        statement.commands.iter().any(|command| fetch(command)) && !ends_with_search(statement);
    // `… || true` succeeds whatever comes before it.
    let lenient = statement.lines.iter().any(|line| line.contains("||"));
    lenient || hides || last_of.values().copied().chain(alone).any(|command| command.habits.silent)
}

fn ends_with_search(statement: &Statement<'_>) -> bool {
    statement.commands.last().is_some_and(|command| {
        matches!(command.words.first().map(String::as_str), Some("grep" | "egrep" | "test" | "["))
    })
}
