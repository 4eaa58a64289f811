//! Words that make any command doubtful, whatever the table of programs says of it.
//!
//! A table cannot know every option of every program. Where a word that acts stands beside one that
//! looks, nobody can tell; better a look too many that people mark themselves than one that acts.
//! The words are in `words.toml`, under `doubt` and `shows`.

use super::pattern::matches;
use super::table::TABLE;
use super::word::Word;

/// Why a command that seems only to look may do more.
pub(super) fn may_act(words: &[Word], text: &str) -> Option<String> {
    let told = &TABLE.words.doubt;
    let changes = |name: &str| format!("`{name}` changes how programs behave");
    // `GIT_SSH_COMMAND=x git fetch`: what stands before a program is no word of it.
    let before = text.split_whitespace().take_while(|part| part.contains('='));
    if let Some(name) = before.filter_map(risky_variable).next() {
        return Some(changes(name));
    }
    let program = words.first().map(|word| name(&word.text)).unwrap_or_default();
    let asks = |word: &Word| has(&told.questions, &word.text);
    if has(&told.services, program) && (words.len() > 4 || !words.iter().any(asks)) {
        return Some(format!("`{program}` serves, unless it is told to look at its configuration"));
    }
    if has(&told.open, program) {
        return Some(format!("`{program}` does what it is told elsewhere"));
    }
    if let Some(name) = words.iter().find_map(|word| risky_variable(&word.text)) {
        return Some(changes(name));
    }
    let more = |word: &&Word| {
        has(&told.options, option(&word.text))
            || told.parts.iter().any(|part| matches(part, &word.text))
    };
    if let Some(word) = words.iter().skip(1).find(more) {
        return Some(format!("`{}` may do more than look", brief(&word.text)));
    }
    // Behind `sudo`, `ssh host` and the like the program that counts stands further on.
    if words.iter().any(|word| has(&told.texts, name(&word.text))) {
        return None;
    }
    let rehearses = |word: &Word| {
        has(&told.rehearsals, &word.text)
            || ["-n", "--just-print", "--check"].contains(&word.text.as_str())
                && ["make", "git", "rsync"].contains(&program)
    };
    if words.iter().any(rehearses) {
        return None;
    }
    let acts = |word: &&Word| {
        let lower = word.text.to_lowercase();
        !lower.starts_with('-')
            && !lower.contains(['/', '=', ' ', '$', '{', '.', '@'])
            && lower.split(':').any(|part| has(&told.acts, part))
    };
    let word = words.iter().skip(1).find(acts)?;
    Some(format!("`{}` among its words may act", brief(&word.text)))
}

/// Whether a command may show a secret, whatever its program.
pub(super) fn may_show_secrets(words: &[Word]) -> bool {
    let told = &TABLE.words.shows;
    let program = words.first().map(|word| name(&word.text)).unwrap_or_default();
    // `-o name` shows none of what is in it.
    let is_format = |word: &Word| {
        let value = word.text.rsplit('=').next().unwrap_or_default();
        let begins = |format: &String| value.starts_with(format) || word.text.starts_with(format);
        told.formats.iter().any(begins) || has(&told.options, option(&word.text))
    };
    let is_secret =
        |word: &Word| word.text.split([',', '/']).any(|part| matches!(part, "secret" | "secrets"));
    let asks = |word: &Word| {
        has(&told.words, option(&word.text))
            || told.parts.iter().any(|part| matches(part, &word.text))
    };
    // A generator's result is one.
    let generates = program == "openssl"
        && words.iter().any(|word| matches!(word.text.as_str(), "rand" | "rsa" | "pkey" | "ec"))
        || program == "oc" && words.iter().any(|word| word.text == "-t");
    let reads =
        |word: &Word| !word.text.starts_with('-') && TABLE.words.files.is_secret(&word.text);
    generates
        || words.iter().any(asks)
        || words.iter().any(is_secret) && words.iter().any(is_format)
        || has(&told.files, program) && words.iter().skip(1).any(reads)
}

/// The name of a variable that is set, if it changes how other programs behave.
fn risky_variable(word: &str) -> Option<&str> {
    let (name, _) = word.split_once('=')?;
    let capital = |byte: u8| byte.is_ascii_uppercase() || byte == b'_' || byte.is_ascii_digit();
    let is_risky = || TABLE.words.doubt.variables.iter().any(|known| matches(known, name));
    (!name.is_empty() && name.bytes().all(capital) && is_risky()).then_some(name)
}

fn has(list: &[String], word: &str) -> bool {
    list.iter().any(|known| known == word)
}

/// An option without its value.
fn option(word: &str) -> &str {
    word.split('=').next().unwrap_or_default()
}

/// A program without its folder.
fn name(word: &str) -> &str {
    word.rsplit('/').next().unwrap_or(word)
}

fn brief(text: &str) -> String {
    text.chars().take(40).collect()
}
