//! Numbers that pass or fail: `P95 < 200ms`, `at least 2 GB`, `119/119`, `returns 200`.

use std::sync::LazyLock;

use regex::{Captures, Regex};
use serde::Serialize;

use crate::checklist::{PieceKind, plain};
use crate::lexicon::{AT_LEAST, AT_MOST, OR_LESS, OR_MORE, TRIGGER};

use super::Document;

/// A number to be held against another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Threshold {
    /// Its line, from 1.
    pub line: usize,
    /// As written.
    pub text: String,
    /// What stands before it: what is measured.
    pub subject: String,
    /// How the measured number has to be.
    pub comparison: Comparison,
    /// The number, or two of them for a range, as written.
    pub value: String,
    /// Its unit; empty without one.
    pub unit: String,
    /// For how long, as written.
    pub lasting: Option<String>,
    /// What reaching it means.
    pub polarity: Polarity,
}

/// How a number has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Comparison {
    /// `<`.
    Less,
    /// `<=`.
    AtMost,
    /// `>`.
    Greater,
    /// `>=`.
    AtLeast,
    /// The number itself.
    Equal,
    /// Between two.
    Between,
}

/// What it means when a number is as the threshold says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Polarity {
    /// All is well.
    Pass,
    /// Something has to be undone.
    Trigger,
}

const UNIT: &str = r"(?:%|ms|µs|secs?|seconds?|mins?|minutes?|hrs?|hours?|days?|weeks?|[KMGT]i?B|rps|req/s|s|m|h|d|x)";

/// A pattern of a number, and what it says.
struct Pattern {
    regex: Regex,
    reads: Reads,
}

/// What a match of a pattern says.
type Reads = fn(&Captures<'_>) -> Option<Comparison>;

static PATTERNS: LazyLock<Vec<Pattern>> = LazyLock::new(|| {
    let number = r"(?P<value>\d[\d.,]*)";
    let unit = format!(r"\s?(?P<unit>{UNIT}\b|%)?");
    let cjk_unit = r"\s?(?P<unit>%|[a-zA-Z]{1,7}|小?时间?|小时|時間|分钟|分|秒|天|日|件|台|名)?";
    let words = |concept: &crate::lexicon::Concept| {
        let mut words: Vec<String> = concept.words().map(regex::escape).collect();
        words.sort_by_key(|word| std::cmp::Reverse(word.len()));
        words.join("|")
    };
    let patterns: [(String, Reads); 13] = [
        (
            format!(r"(?:^|[^-=<>&\w])\s*(?P<op><=|>=|≤|≥|<|>|＜|＞|±)\s*[~$]?{number}{unit}"),
            |found| match &found["op"] {
                "<" | "＜" => Some(Comparison::Less),
                "<=" | "≤" | "±" => Some(Comparison::AtMost),
                ">" | "＞" => Some(Comparison::Greater),
                _ => Some(Comparison::AtLeast),
            },
        ),
        (format!(r"(?i)(?:\b|^|[^a-z])(?:{})\s*[~$]?{number}{unit}", words(&AT_LEAST)), |_| {
            Some(Comparison::AtLeast)
        }),
        (format!(r"(?i)(?:\b|^|[^a-z])(?:{})\s*[~$]?{number}{unit}", words(&AT_MOST)), |_| {
            Some(Comparison::AtMost)
        }),
        (format!(r"(?i)(?:^|[^\d.,]){number}{cjk_unit}\s?(?:{})", words(&OR_MORE)), |_| Some(Comparison::AtLeast)),
        (format!(r"(?i)(?:^|[^\d.,]){number}{cjk_unit}\s?(?:{})", words(&OR_LESS)), |_| Some(Comparison::AtMost)),
        (r"(?i)\b(?P<value>(?P<got>\d+)\s(?:of|von|sur|de|di|из|trên)\s(?P<of>\d+))(?P<unit>)\b".to_owned(), |found| {
            (found["got"] == found["of"]).then_some(Comparison::Equal)
        }),
        (format!(r"(?i)\b{number}\s?(?P<unit>{UNIT}?)\+(?:\s|$|\))"), |_| Some(Comparison::AtLeast)),
        (
            r"(?i)\b(?:between|zwischen|entre|tra|от)\s+(?P<value>\d[\d.,]*\s*(?:and|und|et|y|e|до)\s*\d[\d.,]*)(?P<unit>)".to_owned(),
            |_| Some(Comparison::Between),
        ),
        (r"(?i)\b(?P<value>100)\s?(?P<unit>%)\s+(?:pass|passing|green|success|successful)".to_owned(), |_| {
            Some(Comparison::Equal)
        }),
        (r"\b(?P<value>(?P<got>\d+)/(?P<of>\d+))(?P<unit>)\b".to_owned(), |found| {
            (found["got"] == found["of"]).then_some(Comparison::Equal)
        }),
        (
            r"(?i)\b(?P<value>no)(?P<unit>)\s+(?:known\s+|open\s+|unresolved\s+)?P\d\b".to_owned(),
            |_| Some(Comparison::Equal),
        ),
        (
            r"(?i)[:=≈]\s?(?P<value>0)(?P<unit>)\s+(?:errors?|warnings?|failures?|fehler|errores|erros|ошибок)\b".to_owned(),
            |_| Some(Comparison::Equal),
        ),
        (
            r"(?i)(?:\b(?P<value>zero|cero|null|keine)(?P<unit>)\s+(?:P\d\b|\w+(?:errors?|failures?|fehler|errores|erros)\b|errors?\b|failures?\b|defects?\b|downtime\b))|(?:\b(?:returns?|status|http|code|código|antwortet mit)[^\d]{0,12}(?P<status>[1-5]\d\d)\b)".to_owned(),
            |_| Some(Comparison::Equal),
        ),
    ];
    let compiled = patterns.into_iter().filter_map(|(pattern, reads)| {
        Regex::new(&pattern).ok().map(|regex| Pattern { regex, reads })
    });
    compiled.collect()
});

static LASTING: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(&format!(r"(?i)\b(?:for|over|during|pendant|durante|für)\s+(?:[<>≥≤]=?\s*)?\d+\s*(?:consecutive\s+)?{UNIT}\b")).ok()
});

/// Whether a text holds a number that passes or fails.
pub(super) fn is_in(text: &str) -> bool {
    may_hold(text)
        && PATTERNS.iter().any(|pattern| {
            pattern.regex.captures_iter(text).any(|found| (pattern.reads)(&found).is_some())
        })
}

/// Most lines have no number.
fn may_hold(text: &str) -> bool {
    let lower = text.to_lowercase();
    text.bytes().any(|byte| byte.is_ascii_digit())
        || ["zero ", "null ", "keine ", "cero "].iter().any(|word| lower.contains(word))
}

/// Of one kind, so many are read in a line.
const MOST: usize = 100;

/// All thresholds of the prose, and of comments in blocks.
pub(super) fn thresholds(document: &Document<'_>) -> Vec<Threshold> {
    let mut found = Vec::new();
    for (at, line) in document.prose() {
        let text = plain(line.text);
        if may_hold(&text) {
            let polarity = polarity(document, at, &text);
            of_line(line.line, &text, polarity, &mut found);
        }
    }
    for piece in document.pieces.iter() {
        let PieceKind::Code(block) = piece.kind else { continue };
        let standby = piece.section.is_some_and(|at| document.checklist.sections[at].standby);
        let polarity = if standby { Polarity::Trigger } else { Polarity::Pass };
        let content = &document.checklist.blocks[block].content;
        for (at, text) in content.lines().enumerate() {
            let comment = text.split_once('#').map_or("", |(_, comment)| comment);
            if may_hold(comment) {
                of_line(piece.line + 1 + at, comment, polarity, &mut found);
            }
        }
    }
    found.sort_by_key(|threshold| threshold.line);
    found
}

fn of_line(line: usize, text: &str, polarity: Polarity, to: &mut Vec<Threshold>) {
    let lasting = LASTING.as_ref().and_then(|regex| regex.find(text));
    let mut taken: Vec<std::ops::Range<usize>> =
        lasting.iter().map(|found| found.range()).collect();
    for pattern in PATTERNS.iter() {
        for found in pattern.regex.captures_iter(text).take(MOST) {
            let (Some(whole), Some(comparison)) = (found.get(0), (pattern.reads)(&found)) else {
                continue;
            };
            if taken.iter().any(|range| range.start < whole.end() && whole.start() < range.end) {
                continue;
            }
            taken.push(whole.range());
            let group = |name: &str| found.name(name).map_or("", |group| group.as_str()).to_owned();
            let status = group("status");
            to.push(Threshold {
                line,
                text: whole.as_str().trim_matches([' ', '(']).to_owned(),
                subject: subject(&text[..whole.start()]),
                comparison,
                value: if status.is_empty() { group("value") } else { status },
                unit: group("unit"),
                lasting: lasting.map(|found| found.as_str().to_owned()),
                polarity,
            });
        }
    }
}

/// The last words before a number, from the last sign that ends a thought.
fn subject(before: &str) -> String {
    let part = before.rsplit(['.', ';', ',', '(', '—']).next().unwrap_or_default();
    let words: Vec<&str> = part.split_whitespace().collect();
    let from = words.len().saturating_sub(6);
    words[from..].join(" ").trim_matches(|c: char| !c.is_alphanumeric()).to_owned()
}

/// A number under a heading, a label or in a line that speaks of triggers is one.
fn polarity(document: &Document<'_>, at: usize, text: &str) -> Polarity {
    let triggers = |text: &str| TRIGGER.is_in(&text.to_lowercase());
    let headings = std::iter::successors(document.pieces[at].section, |section| {
        document.checklist.sections[*section].parent
    });
    let mut headings = headings.map(|section| &document.checklist.sections[section]);
    let labelled = || {
        let list = document.around(at).find(|at| document.pieces[*at].kind == PieceKind::List);
        let label = list.and_then(|list| document.pieces[list].before);
        label
            .map(|label| &document.pieces[label])
            .is_some_and(|label| label.kind == PieceKind::Paragraph && triggers(&label.plain()))
    };
    let around = || {
        let entry = document.entry_around(at).and_then(|entry| document.entry_around(entry));
        entry.and_then(|entry| document.said(entry)).is_some_and(|said| triggers(&said.plain()))
    };
    if document.on_standby(at)
        || triggers(text)
        || labelled()
        || around()
        || headings
            .any(|section| section.level > 1 && section.standby || triggers_alone(&section.title))
    {
        Polarity::Trigger
    } else {
        Polarity::Pass
    }
}

/// `Rollback Triggers`, and not `Monitoring & alerts tested`.
fn triggers_alone(title: &str) -> bool {
    let lower = title.to_lowercase();
    ["trigger", "auslöser", "déclencheur", "disparador", "gatilho", "トリガー", "触发", "триггер"]
        .iter()
        .any(|word| lower.contains(word))
}
