//! Marks: what an item's line and a block's info string ask for.

use crate::lexicon::OPTIONAL;

use super::{Inline, Mark, inline};

/// An item's first paragraph, its marks taken off.
pub(super) struct Marked {
    /// What remains, as plain text.
    pub(super) text: String,
    /// `` `#id` ``.
    pub(super) id: Option<String>,
    /// `(optional)`.
    pub(super) optional: bool,
    /// `@owner`.
    pub(super) owner: Option<String>,
    /// What looks like `` `#id` `` and is not at the end.
    pub(super) misplaced: Option<String>,
}

/// Takes the marks off the end of the first line, and off the end of the paragraph.
pub(super) fn of_item(paragraph: Vec<Inline>) -> Marked {
    let mut marked =
        Marked { text: String::new(), id: None, optional: false, owner: None, misplaced: None };
    let whole = inline::plain(&paragraph);
    let first_break = paragraph.iter().position(|inline| *inline == Inline::Break);
    let (mut first, mut rest) = match first_break {
        Some(at) => (paragraph[..at].to_vec(), paragraph[at..].to_vec()),
        None => (paragraph, Vec::new()),
    };
    while take(&mut first, &mut marked) {}
    while !rest.is_empty() && take(&mut rest, &mut marked) {}
    first.extend(rest);
    marked.misplaced = first.iter().find_map(|inline| match inline {
        Inline::Code(code) => code.strip_prefix('#').filter(|id| is_id(id)).map(str::to_owned),
        _ => None,
    });
    marked.text = inline::plain(&first);
    // A line of marks alone still has to be called something.
    if marked.text.is_empty() {
        marked.text = whole;
    }
    marked
}

/// Takes one mark off the end; false when there is none.
fn take(line: &mut Vec<Inline>, marked: &mut Marked) -> bool {
    match line.last_mut() {
        Some(Inline::Text(text)) if text.trim().is_empty() => {
            line.pop();
            !line.is_empty()
        }
        Some(Inline::Text(text)) => {
            let trimmed = text.trim_end();
            if let Some(before) = without_optional(trimmed).filter(|_| !marked.optional) {
                *text = before.to_owned();
                marked.optional = true;
                return true;
            }
            let word = trimmed.rsplit(char::is_whitespace).next().unwrap_or_default();
            match word.strip_prefix('@').filter(|name| is_handle(name) && marked.owner.is_none()) {
                Some(name) => {
                    marked.owner = Some(name.to_owned());
                    *text = trimmed[..trimmed.len() - word.len()].to_owned();
                    true
                }
                None => false,
            }
        }
        Some(Inline::Code(code)) => {
            match code.strip_prefix('#').filter(|id| is_id(id) && marked.id.is_none()) {
                Some(id) => {
                    marked.id = Some(id.to_owned());
                    line.pop();
                    true
                }
                None => false,
            }
        }
        _ => false,
    }
}

/// A text that ends with `(optional)`, without that.
pub(super) fn without_optional(text: &str) -> Option<&str> {
    let (before, word) = text.strip_suffix([')', '）'])?.rsplit_once(['(', '（'])?;
    OPTIONAL.is(&word.trim().to_lowercase()).then_some(before)
}

fn is_handle(name: &str) -> bool {
    !name.is_empty()
        && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '/' | '.'))
}

/// An explicit identity: letters, digits, `-`, `_`, `.` and `/`.
fn is_id(id: &str) -> bool {
    is_handle(id) && id.len() <= 200
}

/// The words that mark a block, and how far a near miss may be off.
const MARKS: [(&str, Mark, usize); 3] =
    [("check", Mark::Check, 2), ("action", Mark::Action, 1), ("trigger", Mark::Trigger, 2)];

/// What an info string asks for. Whoever nearly wrote a mark meant one.
pub(super) fn of_block(info: &str) -> Mark {
    let mut parts = info.split_whitespace();
    let language = parts.next().unwrap_or_default();
    let rest: Vec<&str> = parts.collect();
    let is_word =
        language.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '+' | '#'));
    if let [word] = rest[..]
        && let Some((_, mark, _)) = MARKS.iter().find(|(name, ..)| *name == word)
        && is_word
    {
        return mark.clone();
    }
    if let Some((name, ..)) = MARKS.iter().find(|(name, ..)| language.eq_ignore_ascii_case(name)) {
        return Mark::Wrong(format!("`{name}` is the second word, the language comes first"));
    }
    // What stands in quotes is a title or the like, not a word of ours.
    let unquoted: String = info.split('"').step_by(2).collect();
    for word in
        unquoted.split(|c: char| !c.is_alphanumeric()).skip(1).filter(|word| word.len() >= 4)
    {
        let lower = word.to_lowercase();
        for (name, _, distance) in &MARKS {
            if lower == *name && rest.len() > 1 {
                return Mark::Wrong(format!("nothing else may stand beside `{name}`"));
            }
            if strsim::damerau_levenshtein(&lower, name) <= *distance {
                return Mark::Wrong(format!("`{word}` looks like `{name}`"));
            }
        }
    }
    Mark::None
}

/// The title of a block's first step: its first comment that is no directive or expectation, else
/// its first line that does more than prepare. Numbers before it go: `# 3. Disk` is `Disk`.
pub(super) fn first_title(content: &str) -> String {
    let lines = content.lines().map(str::trim).filter(|line| !line.is_empty());
    let titles = lines.filter_map(|line| match line.strip_prefix('#') {
        Some(comment) if line.starts_with("#!") || is_directive(comment) => None,
        Some(comment) => Some((unnumbered(comment.trim_matches(['#', ' '])), false)),
        None => Some((unnumbered(line), prepares(line))),
    });
    let titles: Vec<(&str, bool)> = titles.filter(|(title, _)| !title.is_empty()).collect();
    let telling = titles.iter().find(|(_, prepares)| !prepares).or(titles.first());
    telling.map_or("check", |(title, _)| title).chars().take(120).collect()
}

/// A command that many blocks begin with: it tells nothing of what this one is about.
fn prepares(line: &str) -> bool {
    const PREPARES: &[&str] = &["cd", "set", "export", "source", ".", "pushd"];
    let mut words = line.split_whitespace();
    words.next().is_some_and(|word| PREPARES.contains(&word)) && !line.contains(['&', '|', ';'])
}

fn unnumbered(title: &str) -> &str {
    let rest = title.trim_start_matches(|c: char| c.is_ascii_digit());
    rest.strip_prefix(['.', ')']).unwrap_or(title).trim()
}

/// A comment that is no title: `timeout: 3s`, `expect: …`.
fn is_directive(comment: &str) -> bool {
    let word = comment.trim_start();
    let name: String = word.chars().take_while(char::is_ascii_alphabetic).collect();
    let is_serial = word.trim() == "serial";
    is_serial
        || (!name.is_empty()
            && name.starts_with(|c: char| c.is_ascii_lowercase())
            && word[name.len()..].starts_with(':'))
        || word.to_lowercase().starts_with("expect")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_the_first_line_that_tells_something() {
        assert_eq!(first_title("set -eu\ncd /srv\ngit status\n"), "git status");
        assert_eq!(first_title("cd /srv\n# 2. Disk\ndf\n"), "Disk");
        assert_eq!(first_title("# cd\ntrue\n"), "cd");
        assert_eq!(first_title("cd /srv && git status\n"), "cd /srv && git status");
        assert_eq!(first_title("cd /srv\n"), "cd /srv");
        assert_eq!(first_title("# timeout: 3s\n"), "check");
    }

    #[test]
    fn only_a_language_and_one_word_mark_a_block() {
        assert_eq!(of_block("bash check"), Mark::Check);
        assert_eq!(of_block("sql action"), Mark::Action);
        assert_eq!(of_block("http trigger"), Mark::Trigger);
        for plain in [
            "",
            "bash",
            "rust,ignore",
            "bash title=\"Health check\"",
            "text copy",
            "js {1,3}",
            "console exec",
        ] {
            assert_eq!(of_block(plain), Mark::None, "{plain}");
        }
    }

    #[test]
    fn near_misses_are_wrong() {
        for wrong in [
            "bash chekc",
            "bash Check",
            "check",
            "bash check now",
            "bash {check}",
            "bash, check",
            "bash checks",
            "bash cehck",
            "bash check=true",
            "bash acton",
            "bash triger",
            "bash check check",
            "{.bash .check}",
        ] {
            assert!(matches!(of_block(wrong), Mark::Wrong(_)), "{wrong}");
        }
    }

    #[test]
    fn a_title_is_a_comment_or_the_first_command() {
        assert_eq!(first_title("# timeout: 3s\n# 3. Disk space\ndf\n"), "Disk space");
        assert_eq!(first_title("df -h\n# Expected: x\n"), "df -h");
        assert_eq!(first_title("#\n# 3.\n#\ndf\n"), "df");
        assert_eq!(first_title("# 3.\n"), "check");
        assert_eq!(first_title(""), "check");
    }
}
