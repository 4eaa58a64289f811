//! `after`, `if`, `each` and `save`: what a block has to do with other items and with parameters.
//! Only their form is known here; whether what they name is there, the document says.

use super::super::jq;

/// `# after: #db #cache`: one item whose pass it waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct After {
    /// The identity, without `#`.
    pub id: String,
    /// The line of the block's content, from 0.
    pub line: usize,
}

/// `# if: ENV == "production"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// A parameter.
    pub name: String,
    /// `==`, and not `!=`.
    pub equal: bool,
    /// What it is compared with.
    pub value: String,
    /// The line of the block's content, from 0.
    pub line: usize,
}

/// `# each: SERVICE in api web`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Each {
    /// The variable.
    pub name: String,
    /// What it is set to, one after the other.
    pub list: List,
    /// The line of the block's content, from 0.
    pub line: usize,
}

/// What a block is run once for each of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum List {
    /// Words that the block names.
    Words(Vec<String>),
    /// The words of a parameter's value.
    Parameter(String),
}

/// `# save: VERSION = .version`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Save {
    /// The variable.
    pub name: String,
    /// A jq program over the JSON on standard output.
    pub program: String,
    /// The line of the block's content, from 0.
    pub line: usize,
}

/// A block runs for so many words at most.
const MOST_WORDS: usize = 100;

/// The identities of `#db #cache` or `#db, #cache`.
pub(super) fn after(value: &str, line: usize) -> Result<Vec<After>, String> {
    let words = value.split([' ', '\t', ',']).filter(|word| !word.is_empty());
    let read = |word: &str| {
        let id = word.strip_prefix('#').filter(|id| !id.is_empty() && !id.contains(['#', '`']));
        let id = id.ok_or_else(|| format!("`{word}` is no identity of an item"))?;
        Ok(After { id: id.to_owned(), line })
    };
    let found = words.map(read).collect::<Result<Vec<After>, String>>()?;
    if found.is_empty() { Err("no item is named".to_owned()) } else { Ok(found) }
}

/// `NAME == "value"` or `NAME != "value"`.
pub(super) fn condition(text: &str, line: usize) -> Result<Condition, String> {
    let malformed = || format!("`{text}` compares no parameter with a text");
    let end = text.find(|char: char| !is_name_char(char)).ok_or_else(malformed)?;
    let (name, rest) = text.split_at(end);
    let rest = rest.trim_start();
    let operator = rest.get(..2).ok_or_else(malformed)?;
    let equal = match operator {
        "==" => true,
        "!=" => false,
        _ => return Err(malformed()),
    };
    let quoted = rest[2..].trim();
    let value = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let value = value.filter(|value| !value.contains(['"', '\\'])).ok_or_else(malformed)?;
    if !is_name(name) {
        return Err(format!("`{name}` cannot be a parameter"));
    }
    Ok(Condition { name: name.to_owned(), equal, value: value.to_owned(), line })
}

/// `NAME in api web` or `NAME in $LIST`.
pub(super) fn each(text: &str, line: usize) -> Result<Each, String> {
    let mut words = text.split_whitespace();
    let name = words.next().filter(|name| is_name(name));
    let name = name.filter(|_| words.next() == Some("in"));
    let name = name.ok_or_else(|| format!("`{text}` names no variable and words for it"))?;
    let words: Vec<&str> = words.collect();
    let list = match words[..] {
        [] => return Err("the list is empty".to_owned()),
        [one] if one.starts_with('$') => {
            let parameter = one.trim_start_matches('$').trim_matches(['{', '}']);
            let written = [format!("${parameter}"), format!("${{{parameter}}}")];
            if !is_name(parameter) || !written.iter().any(|form| form == one) {
                return Err(format!("`{one}` is no parameter"));
            }
            List::Parameter(parameter.to_owned())
        }
        _ => {
            if let Some(odd) = words.iter().find(|word| !word.chars().all(is_word_char)) {
                return Err(format!("`{odd}` is no plain word, and nothing is expanded here"));
            }
            List::Words(words.iter().map(|&word| word.to_owned()).collect())
        }
    };
    if let List::Words(words) = &list {
        distinct(words)?;
    }
    Ok(Each { name: name.to_owned(), list, line })
}

/// Whether a block can be run for each of these words; else why not.
pub(crate) fn distinct(words: &[String]) -> Result<(), String> {
    if words.len() > MOST_WORDS {
        return Err(format!("the list has more than {MOST_WORDS} words"));
    }
    let mut seen = std::collections::BTreeSet::new();
    match words.iter().find(|word| !seen.insert(word.as_str())) {
        Some(twice) => Err(format!("`{twice}` is in the list twice")),
        None => Ok(()),
    }
}

/// `NAME = .path`, whether or not the path is one.
pub(super) fn save_form(text: &str) -> Option<(&str, &str)> {
    let (name, program) = text.split_once('=')?;
    let (name, program) = (name.trim(), program.trim());
    (is_name(name) && program.starts_with('.')).then_some((name, program))
}

/// `NAME = .path`.
pub(super) fn save(text: &str, line: usize) -> Result<Save, String> {
    let (name, program) =
        save_form(text).ok_or_else(|| format!("`{text}` does not say what is saved"))?;
    jq::check(program).map_err(|why| format!("`{program}` is no jq program: {why}"))?;
    Ok(Save { name: name.to_owned(), program: program.to_owned(), line })
}

fn is_name(name: &str) -> bool {
    name.starts_with(|char: char| char.is_ascii_uppercase()) && name.chars().all(is_name_char)
}

fn is_name_char(char: char) -> bool {
    char.is_ascii_uppercase() || char.is_ascii_digit() || char == '_'
}

/// What a shell would take as it stands.
fn is_word_char(char: char) -> bool {
    char.is_alphanumeric() || matches!(char, '.' | '_' | '-' | ':' | '/' | '@' | '%' | '+' | '=')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_takes_identities() {
        let ids = |value| -> Result<Vec<String>, String> {
            Ok(after(value, 3)?.into_iter().map(|after| after.id).collect())
        };
        assert_eq!(ids("#db"), Ok(vec!["db".to_owned()]));
        assert_eq!(
            ids("#db, #deploy/cache #c"),
            Ok(vec!["db".into(), "deploy/cache".into(), "c".into()])
        );
        for wrong in ["", ",", "db", "#", "#a b", "##a", "`#a`", "the deployment"] {
            assert!(after(wrong, 0).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_condition_compares_a_parameter_with_a_quoted_text() {
        let is = condition("ENV == \"production\"", 1).expect("a condition");
        assert_eq!((is.name.as_str(), is.equal, is.value.as_str()), ("ENV", true, "production"));
        assert!(!condition("ENV!=\"a b\"", 1).expect("a condition").equal);
        assert_eq!(condition("ENV == \"\"", 1).map(|is| is.value), Ok(String::new()));
        for wrong in [
            "",
            "ENV",
            "ENV = \"x\"",
            "ENV == x",
            "ENV == 'x'",
            "ENV == \"x",
            "ENV == \"x\" || A == \"y\"",
            "ENV == \"x\\\"",
            "env == \"x\"",
            "$ENV == \"x\"",
            "== \"x\"",
            "ENV =é \"x\"",
            "ENV é",
        ] {
            assert!(condition(wrong, 0).is_err(), "{wrong}");
        }
    }

    #[test]
    fn each_takes_words_or_a_parameter() {
        let list = |text| each(text, 0).map(|each| each.list);
        let words = vec!["api".to_owned(), "web-2".to_owned()];
        assert_eq!(list("SERVICE in api web-2"), Ok(List::Words(words)));
        assert_eq!(list("S in $SERVICES"), Ok(List::Parameter("SERVICES".to_owned())));
        assert_eq!(list("S in ${SERVICES}"), Ok(List::Parameter("SERVICES".to_owned())));
        let many: String = (0..101).map(|n| format!(" w{n}")).collect();
        for wrong in [
            "",
            "S",
            "S in",
            "s in a b",
            "S of a b",
            "S in a a",
            "S in $A b",
            "S in $(ls)",
            "S in {a,b}",
            "S in *",
            "S in 'a b'",
            "S in $a",
            "S in ${A",
            "S in $$A",
            &format!("S in{many}"),
        ] {
            assert!(each(wrong, 0).is_err(), "{wrong}");
        }
    }

    #[test]
    fn save_takes_a_program_that_looks() {
        let saved = save("VERSION = .items[0].version", 2).expect("a directive");
        assert_eq!((saved.name.as_str(), saved.program.as_str()), ("VERSION", ".items[0].version"));
        for wrong in ["", "V", "V =", "V = x", "v = .a", "V = .a |", "V = .a == env.HOME", "V .a"] {
            assert!(save(wrong, 0).is_err(), "{wrong}");
        }
    }
}
