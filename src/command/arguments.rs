//! The words behind a program, sorted into options, their values, and the rest.

use std::borrow::Cow;

use super::table::Program;
use super::word::Word;

/// What was given to a program.
pub(super) struct Arguments<'a> {
    /// The words that are neither options nor their values.
    pub(super) words: Vec<&'a Word>,
    /// The options, in order.
    pub(super) options: Vec<Given<'a>>,
    /// The words that are another command's, or a text's: several times for `find`.
    pub(super) rest: Vec<&'a [Word]>,
    /// A word may have become options that nobody has seen.
    pub(super) uncertain: bool,
    /// `GET` is `get` to this program.
    pub(super) caseless: bool,
}

/// An option as it was given.
pub(super) struct Given<'a> {
    /// With its dashes.
    pub(super) name: Cow<'a, str>,
    pub(super) value: Option<Cow<'a, str>>,
    /// Its value is only known when it runs.
    pub(super) dynamic: bool,
    /// How many words that are no options stood before it.
    pub(super) after: usize,
}

/// Sorts the words behind a program.
pub(super) fn sort<'a>(program: &Program, words: &'a [Word]) -> Arguments<'a> {
    let mut given = Arguments {
        words: Vec::new(),
        options: Vec::new(),
        rest: Vec::new(),
        uncertain: false,
        caseless: program.caseless,
    };
    let mut at = 0;
    while at < words.len() {
        let word = &words[at];
        given.uncertain |= word.several;
        if word.text == "--" {
            if program.stops_at(&given.words, &given) {
                given.rest.push(&words[at + 1..]);
                return given;
            }
            given.words.extend(&words[at + 1..]);
            given.uncertain |= words[at + 1..].iter().any(|word| word.several);
            return given;
        }
        if !is_option(word) {
            if program.takes_assignments && given.words.is_empty() && is_assignment(&word.text) {
                at += 1;
                continue;
            }
            if program.stops_at(&given.words, &given) {
                given.rest.push(&words[at..]);
                return given;
            }
            given.words.push(word);
            at += 1;
            continue;
        }
        let first = given.options.len();
        let taken = options(program, words, at, &mut given);
        let opens = given.options[first..].iter().any(|option| program.opens(&option.name));
        if opens {
            let behind = &words[(at + 1).min(words.len())..];
            let end = behind.iter().position(|word| matches!(word.text.as_str(), ";" | "+"));
            given.rest.push(&behind[..end.unwrap_or(behind.len())]);
            match end {
                // More of them may follow: `find -exec … ; -delete`.
                Some(end) => at += end + 2,
                None => return given,
            }
        } else {
            at += taken;
        }
    }
    given
}

fn is_option(word: &Word) -> bool {
    word.text.len() > 1 && word.text.starts_with('-')
}

fn is_assignment(text: &str) -> bool {
    text.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    })
}

/// Reads the options in a word, and says how many words they took.
fn options<'a>(
    program: &Program,
    words: &'a [Word],
    at: usize,
    given: &mut Arguments<'a>,
) -> usize {
    let word = &words[at];
    let text = word.text.as_str();
    let after = given.words.len();
    let is_long = text.starts_with("--") || program.has_long_dashes;
    if is_long {
        let (name, value) = text.split_once('=').map_or((text, None), |(a, b)| (a, Some(b)));
        let name = program.fold(name);
        given.uncertain |= name.contains('$') && word.dynamic;
        let wants = value.is_none() && program.takes_value(&name, &given.words, given.caseless);
        let next = words.get(at + 1).filter(|_| wants);
        given.options.push(Given {
            name,
            value: value.map(Cow::Borrowed).or(next.map(|next| Cow::Borrowed(next.text.as_str()))),
            dynamic: next.map_or(word.dynamic, |next| next.dynamic),
            after,
        });
        return 1 + usize::from(next.is_some());
    }
    for (index, letter) in text.char_indices().skip(1) {
        let name = format!("-{letter}");
        if letter == '$' && word.dynamic {
            given.uncertain = true;
            break;
        }
        if program.takes_value(&name, &given.words, given.caseless) {
            let attached = text[index + letter.len_utf8()..].trim_start_matches('=');
            let next = words.get(at + 1).filter(|_| attached.is_empty());
            given.options.push(Given {
                name: name.into(),
                value: Some(Cow::Borrowed(next.map_or(attached, |next| next.text.as_str()))),
                dynamic: next.map_or(word.dynamic, |next| next.dynamic),
                after,
            });
            return 1 + usize::from(next.is_some());
        }
        let attached = &text[index + letter.len_utf8()..];
        if !attached.is_empty() && program.takes_attached(&name) {
            let value = Some(Cow::Borrowed(attached));
            given.options.push(Given { name: name.into(), value, dynamic: word.dynamic, after });
            break;
        }
        given.options.push(Given { name: name.into(), value: None, dynamic: false, after });
    }
    1
}
