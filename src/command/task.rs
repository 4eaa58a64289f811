//! Names that people give to scripts, tasks and addresses, and what they tell of them.

use super::Class;
use super::pattern::matches;
use super::table::{TABLE, Told};
use super::word::Word;

/// How many words behind a script may be its verbs: `ops.sh db restore`.
const MOST_VERBS: usize = 3;

/// What the name of a script or a task tells: `db:migrate` acts, `lint` may do anything.
pub(super) fn of_name(name: &str) -> Class {
    let stem = match name.rsplit_once('.') {
        Some((stem, _)) if TABLE.words.files.is_script(name) => stem,
        _ => name,
    };
    if tells(stem, &TABLE.words.task) { Class::Action } else { Class::Ambiguous }
}

/// What a script with arguments does.
pub(super) fn of_script(words: &[Word]) -> Class {
    let Some((script, arguments)) = words.split_first() else { return Class::Ambiguous };
    let file = script.text.rsplit(['/', '\\']).next().unwrap_or(&script.text);
    let told = &TABLE.words.task;
    let mut options = arguments.iter().filter(|word| word.text.starts_with('-'));
    if options.any(|word| parts(&word.text).iter().any(|word| has(&told.looks, word))) {
        return Class::Ambiguous;
    }
    let verbs = arguments.iter().take_while(|word| !word.text.starts_with('-')).take(MOST_VERBS);
    let verbs: Vec<&str> = verbs.map(|word| word.text.as_str()).collect();
    match verbs.join(" ") {
        said if tells(&said, told) => Class::Action,
        said if parts(&said).iter().any(|word| has(&told.looks, word)) => Class::Ambiguous,
        _ => of_name(file),
    }
}

/// Whether asking an address acts, by its last part: `…/setWebhook?url=…`.
pub(super) fn is_acting_address(address: &str) -> bool {
    let path = address.split(['?', '#']).next().unwrap_or(address).trim_end_matches('/');
    let path = path.split_once("://").map_or(path, |(_, path)| path);
    let Some((_, last)) = path.rsplit_once('/') else { return false };
    !last.contains('.') && tells(last, &TABLE.words.address)
}

/// Whether some word of a name tells of acting, and none of only looking.
fn tells(name: &str, told: &Told) -> bool {
    let words = parts(name);
    words.iter().any(|word| has(&told.acts, word))
        && !words.iter().any(|word| has(&told.looks, word))
}

fn has(known: &[String], word: &str) -> bool {
    known.iter().any(|known| matches(known, word))
}

/// `runLoad-test_2` is `run`, `load`, `test`, `2`.
fn parts(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for character in name.chars() {
        if !character.is_alphanumeric() || character.is_uppercase() && was_lower {
            words.push(String::new());
        }
        was_lower = character.is_lowercase();
        if let Some(word) = words.last_mut().filter(|_| character.is_alphanumeric()) {
            word.extend(character.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}
