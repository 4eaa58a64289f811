//! Texts in other languages than the shell's that are given to a program, and what running them
//! comes to. Only what plainly looks is let through.

use std::sync::LazyLock;

use regex::Regex;

use super::Class;
use super::table::{Language, TABLE, Told};

/// What running a text comes to, in a language that is not the shell's.
pub(super) fn class(text: &str, language: Language) -> Class {
    match language {
        Language::Sql => sql(text),
        Language::Code => code(text, &TABLE.words.code),
        Language::Mongo => code(text, &TABLE.words.mongo),
        Language::Awk => unless(&AWK, text),
        Language::Sed => unless(&SED, text),
        Language::Shell => Class::Ambiguous,
    }
}

/// `system()`, pipes and output into files.
static AWK: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"system\s*\(|\|\s*(&|"|getline)|printf?\b[^;}\n]*>|getline|@load|@include"#).ok()
});

/// The commands `w`, `W`, `e`, and the same as flags of `s`.
static SED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?m)(^|[;{}\d$/!,|#][ \t]*|[/|#,][gpiIm0-9]+)[weW]([ \t]|$)|[/|#][gpiImM0-9]*e\b")
        .ok()
});

fn unless(acts: &LazyLock<Option<Regex>>, text: &str) -> Class {
    match acts.as_ref() {
        Some(acts) if !acts.is_match(text) => Class::Check,
        _ => Class::Ambiguous,
    }
}

/// The worst of the statements.
fn sql(text: &str) -> Class {
    // Comments that servers execute, commands of the client behind a statement, functions in quotes.
    static DISGUISED: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r#"/\*[!+]|\S\s*\\[a-zA-Z]|"\s*\("#).ok());
    if DISGUISED.as_ref().is_none_or(|regex| regex.is_match(text)) {
        return Class::Ambiguous.max(of_statements(text));
    }
    of_statements(text)
}

/// Whether rows of a table are what a text asks for: the program ends well with none, too.
pub(super) fn asks_for_rows(text: &str) -> bool {
    let asks = |statement: &Vec<String>| {
        let selects = |word: &String| matches!(word.as_str(), "select" | "with" | "table");
        statement.first().is_some_and(selects) && statement.iter().any(|word| word == "from")
    };
    statements(text).last().is_some_and(asks)
}

fn of_statements(text: &str) -> Class {
    statements(text)
        .iter()
        .map(|statement| statement_class(statement))
        .max()
        .unwrap_or(Class::Check)
}

/// Statements as words and punctuation, without comments; quoted texts are `'`.
fn statements(text: &str) -> Vec<Vec<String>> {
    let mut statements = vec![Vec::new()];
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let rest = &text[at..];
        let mut skip =
            |end: usize| while characters.next_if(|(next, _)| *next < at + end).is_some() {};
        let Some(statement) = statements.last_mut() else { break };
        match character {
            ';' => statements.push(Vec::new()),
            // Commands of the client end with their line.
            '\\' | '.' if statement.is_empty() => {
                let end = rest.find('\n').unwrap_or(rest.len());
                statement
                    .push(rest[..end].split_whitespace().next().unwrap_or_default().to_owned());
                skip(end);
                statements.push(Vec::new());
            }
            '-' if rest.starts_with("--") => skip(rest.find('\n').unwrap_or(rest.len())),
            '/' if rest.starts_with("/*") => {
                skip(rest.find("*/").map_or(rest.len(), |end| end + 2))
            }
            '\'' => {
                skip(rest[1..].find('\'').map_or(rest.len(), |end| end + 2));
                statement.push("'".to_owned());
            }
            _ if character.is_alphanumeric() || "_\"`$".contains(character) => {
                let is_word = |c: char| c.is_alphanumeric() || "_.\"`${}".contains(c);
                let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
                statement.push(rest[..end].to_lowercase());
                skip(end);
            }
            _ if character.is_whitespace() => {}
            _ => statement.push(character.to_string()),
        }
    }
    statements.retain(|statement| !statement.is_empty());
    statements
}

fn statement_class(statement: &[String]) -> Class {
    let told = &TABLE.words.sql;
    let words: Vec<&str> = statement.iter().map(String::as_str).collect();
    let has = |list: &[String], word: &str| list.iter().any(|known| known == word);
    let Some((&first, rest)) = words.split_first() else { return Class::Check };
    match first {
        _ if first.starts_with(['\\', '.']) => {
            let verb = first.trim_end_matches(['+', 'S']);
            let looks = has(&told.modules, verb) || verb.starts_with("\\d");
            return if looks { Class::Check } else { Class::Ambiguous };
        }
        "explain" | "desc" | "describe"
            if !rest.iter().any(|word| *word == "analyze" || *word == "analyse") =>
        {
            return Class::Check;
        }
        "pragma" => {
            return if rest.iter().any(|word| matches!(*word, "=" | "(")) {
                Class::Ambiguous
            } else {
                Class::Check
            };
        }
        "begin" | "start" | "commit" | "rollback" | "end" | "use" | "set" | "reset" => {
            let reaches =
                rest.iter().any(|word| matches!(*word, "global" | "persist" | "prepared"));
            return if reaches { Class::Action } else { Class::Check };
        }
        "explain" | "desc" | "describe" => {
            let known = |word: &&String| {
                told.modules.contains(word) || !word.starts_with(|c: char| c.is_alphabetic())
            };
            let inner = rest.len() - statement[1..].iter().skip_while(known).count();
            return statement_class(&statement[1 + inner..]);
        }
        "select" | "with" | "show" | "table" | "values" | "(" => {}
        _ if has(&told.acts, first) => return Class::Action,
        _ => return Class::Ambiguous,
    }
    if rest.iter().any(|word| has(&told.acts, word)) {
        return Class::Action;
    }
    calls(&words, told)
}

/// Functions that are not known to look make a statement ambiguous.
fn calls(words: &[&str], told: &Told) -> Class {
    let called = words.windows(2).filter(|pair| pair[1] == "(").map(|pair| pair[0]);
    let names = called.filter(|name| name.starts_with(|c: char| c.is_alphabetic() || c == '_'));
    let looks = |name: &str| {
        let name = name.strip_prefix("pg_catalog.").unwrap_or(name);
        told.looks.iter().any(|known| known == name)
    };
    if names.clone().all(looks) { Class::Check } else { Class::Ambiguous }
}

/// `print = os.system`: a known name does not do what it is known for.
fn gives_a_name_away(text: &str, told: &Told) -> bool {
    static GIVEN: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"([A-Za-z_$][\w$]*)\s*(?:=[^=]|:=|,[^()]*=[^=])").ok());
    GIVEN.as_ref().is_none_or(|regex| {
        let mut given = regex.captures_iter(text).filter_map(|found| found.get(1));
        given.any(|name| told.looks.iter().any(|known| known == name.as_str()))
    })
}

/// Code looks if it calls only what is known to look, and loads only what is known.
fn code(text: &str, told: &Told) -> Class {
    static CALL: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"([A-Za-z_$][\w$]*)\s*\(\s*([\{\s]*['\x22]?\w*)").ok());
    static IMPORT: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r#"(?:\bimport\s+|\bfrom\s+|require\s*\(\s*['"]|\bas\s+\w+\s*,\s*)([\w./@:-]+(?:\s*,\s*[\w.]+)*)"#).ok()
    });
    // A call of what is no name (`[f][0](…)`), or of a name that was given to something else.
    static DISGUISED: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r#"[\])}'"]\s*\(|\b(?:as|import)\s+\w+\s+as\s|\bas\s+\w+\s*[,;\n]|\b(?:def|class|lambda|function)\b|=>|__"#).ok()
    });
    let (Some(call), Some(import)) = (&*CALL, &*IMPORT) else { return Class::Ambiguous };
    let has = |list: &[String], word: &str| list.iter().any(|known| known == word);
    let mut class = Class::Check;
    let disguised = DISGUISED.as_ref().is_none_or(|regex| regex.is_match(text));
    if disguised || text.contains('`') || text.contains("<?") || gives_a_name_away(text, told) {
        class = Class::Ambiguous;
    }
    for called in call.captures_iter(text) {
        let name = called.get(1).map_or("", |name| name.as_str());
        let argument = called.get(2).map_or("", |argument| argument.as_str());
        let argument = argument.trim_start_matches(|c: char| !c.is_alphanumeric());
        let looks = match name {
            // What it does is said by what is given to it.
            "runCommand" | "adminCommand" => has(&told.looks, argument),
            _ => has(&told.looks, name),
        };
        if has(&told.acts, name) {
            return Class::Action;
        }
        if !looks {
            class = Class::Ambiguous;
        }
    }
    let modules = import.captures_iter(text).filter_map(|found| found.get(1));
    for module in modules.flat_map(|names| names.as_str().split(',')) {
        let module = module.trim();
        let top = module.split('.').next().unwrap_or(module);
        if !has(&told.modules, top)
            && !module.ends_with(".json")
            && !module.ends_with("package.json")
        {
            class = Class::Ambiguous;
        }
    }
    class
}
