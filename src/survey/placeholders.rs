//! What somebody has to fill in before a text can be used: `<pod>`, `[service-name]`, `{{HOST}}`, `$VAR`.

use std::sync::LazyLock;

use regex::Regex;
use serde::Serialize;

use super::Document;

/// Something to be filled in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Placeholder {
    /// Its line, from 1.
    pub line: usize,
    /// As written.
    pub text: String,
    /// How it is written.
    pub kind: PlaceholderKind,
    /// It stands in a block.
    pub in_block: bool,
}

/// How something to be filled in is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PlaceholderKind {
    /// `<pod-name>`.
    Angle,
    /// `[service-name]`.
    Bracket,
    /// `{{HOST}}`, `{version}`.
    Brace,
    /// `$HOST`, `${HOST}`, set nowhere in its block.
    Variable,
    /// `your-domain`, `YOUR_TOKEN`.
    Your,
    /// `XXX`, `TBD`, `TODO`, `CHANGE_ME`.
    Mark,
    /// `vX.Y.Z`.
    Version,
    /// `YYYY-MM-DD`.
    Date,
    /// `example.com`.
    Example,
    /// `____`.
    Blank,
}

impl PlaceholderKind {
    /// All kinds but variables, in the order in which they are looked for.
    const PATTERNS: &'static [(Self, &'static str)] = &[
        (Self::Brace, r"\{\{ *[A-Za-z_][\w.-]* *\}\}|\$?\{[A-Za-z][A-Za-z0-9_-]*\}"),
        (Self::Angle, r"<[A-Za-z][A-Za-z0-9]*(?:[-_ .][A-Za-z0-9]+)*>"),
        (Self::Bracket, r"\[[A-Za-z]+(?:[-_ ][A-Za-z]+)*\]"),
        (Self::Your, r"\b(?:YOUR_[A-Z0-9_]+|[Yy]our-[a-z0-9-]+|YOUR-[A-Z0-9-]+)"),
        (Self::Mark, r"\b(?:X{3,}|TBD|TODO|CHANGE_?ME|changeme|REPLACE_?ME)\b"),
        (Self::Version, r"\bv?[XxYyNn]\.[XxYyNn](?:\.[XxYyZzNn])?\b"),
        (Self::Date, r"\bYYYY[-/.]?MM[-/.]?DD\b"),
        (Self::Example, r"\b(?:[\w-]+\.)*example\.(?:com|org|net)\b"),
        (Self::Blank, r"_{3,}"),
    ];
}

static PATTERNS: LazyLock<Vec<(PlaceholderKind, Regex)>> = LazyLock::new(|| {
    let compiled = PlaceholderKind::PATTERNS.iter();
    compiled.filter_map(|(kind, pattern)| Some((*kind, Regex::new(pattern).ok()?))).collect()
});

static VARIABLE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))").ok());

static SET: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?m)(?:^|[\s;(])(?:for\s+([A-Za-z_]\w*)\s+in\b|read\s+(?:-\w+\s+)*([A-Za-z_]\w*)|([A-Za-z_]\w*)=)").ok()
});

/// Tags that are markup and not something to fill in.
const TAGS: &[&str] = &[
    "a", "b", "br", "code", "details", "div", "em", "hr", "i", "img", "kbd", "li", "ol", "p",
    "pre", "s", "span", "strong", "sub", "summary", "sup", "table", "tbody", "td", "th", "thead",
    "tr", "u", "ul",
];

/// Nobody fills in more of one kind in a line.
const MOST: usize = 100;

/// All that is to be filled in, by lines.
pub(super) fn placeholders(document: &Document<'_>) -> Vec<Placeholder> {
    let source = &document.checklist.source;
    let first = source.line_of(document.checklist.begins);
    let mut blocks = document.checklist.blocks.iter().peekable();
    let mut found = Vec::new();
    let (mut last_of_block, mut set) = (0, Vec::new());
    for number in first..=source.line_count() {
        if let Some(block) = blocks.next_if(|block| block.line <= number) {
            last_of_block = source.line_of(block.span.end.saturating_sub(1).max(block.span.start));
            set = names_set(&block.content);
        }
        let in_block = number <= last_of_block;
        let text = source.line(number);
        if in_block {
            variables(text, number, &set, &mut found);
        }
        of_line(text, number, in_block, &mut found);
    }
    found
}

fn of_line(text: &str, line: usize, in_block: bool, to: &mut Vec<Placeholder>) {
    let mut taken: Vec<std::ops::Range<usize>> = Vec::new();
    for (kind, regex) in PATTERNS.iter() {
        for found in regex.find_iter(text).take(MOST) {
            let free = |range: &std::ops::Range<usize>| {
                range.end <= found.start() || found.end() <= range.start
            };
            if !taken.iter().all(free) || !is_meant(*kind, text, &found, in_block) {
                continue;
            }
            taken.push(found.range());
            to.push(Placeholder { line, text: found.as_str().to_owned(), kind: *kind, in_block });
        }
    }
}

fn is_meant(kind: PlaceholderKind, text: &str, found: &regex::Match<'_>, in_block: bool) -> bool {
    let inside = found.as_str().trim_matches(['<', '>', '[', ']', '{', '}', '$']);
    match kind {
        PlaceholderKind::Angle => !TAGS.contains(&inside.to_lowercase().as_str()),
        // A link, a box, a footnote, a character class or an index has brackets too.
        PlaceholderKind::Bracket => {
            let behind = &text[found.end()..];
            let before = text[..found.start()].chars().next_back();
            inside.len() > 1
                && !behind.starts_with(['(', '[', ':'])
                && before.is_none_or(|c| !c.is_alphanumeric() && !matches!(c, ']' | '$' | '!'))
                && (in_block || !inside.contains(' ') || inside.split(' ').count() <= 3)
        }
        // `${HOST}` in a block is a variable of its shell.
        PlaceholderKind::Brace => {
            !(in_block && found.as_str().starts_with('$'))
                && (found.as_str().starts_with("{{")
                    || !text[..found.start()].ends_with(['$', '@', '#', '%']))
        }
        _ => true,
    }
}

/// Variables that nothing in the block sets.
fn variables(text: &str, line: usize, set: &[String], to: &mut Vec<Placeholder>) {
    const SHELL: &[&str] =
        &["HOME", "PATH", "PWD", "USER", "SHELL", "HOSTNAME", "RANDOM", "SECONDS", "IFS"];
    let Some(regex) = VARIABLE.as_ref().filter(|_| text.contains('$')) else { return };
    for found in regex.captures_iter(text).take(MOST) {
        let (Some(whole), Some(name)) = (found.get(0), found.get(1).or(found.get(2))) else {
            continue;
        };
        let name = name.as_str();
        let single = text[..whole.start()].matches('\'').count() % 2 == 1;
        if single
            || SHELL.contains(&name)
            || set.binary_search_by(|known| known.as_str().cmp(name)).is_ok()
        {
            continue;
        }
        to.push(Placeholder {
            line,
            text: whole.as_str().to_owned(),
            kind: PlaceholderKind::Variable,
            in_block: true,
        });
    }
}

/// Names that a script gives values to.
pub fn names_set(content: &str) -> Vec<String> {
    let Some(regex) = SET.as_ref() else { return Vec::new() };
    let mut names: Vec<String> = regex
        .captures_iter(content)
        .filter_map(|found| found.get(1).or(found.get(2)).or(found.get(3)))
        .map(|name| name.as_str().to_owned())
        .collect();
    names.sort();
    names.dedup();
    names
}
