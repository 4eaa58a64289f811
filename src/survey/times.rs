//! When things happen and how long they take: `T-30 min`, `0-15 min after deploy`, `(10 min)`, `Phase 2`.

use std::sync::LazyLock;

use regex::{Captures, Regex};
use serde::Serialize;

use crate::checklist::{Inline, PieceKind, plain};

use super::Document;

/// A time that a heading or a label gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Time {
    /// Its line, from 1.
    pub line: usize,
    /// As written.
    pub text: String,
    /// What it says.
    #[serde(flatten)]
    pub kind: TimeKind,
}

/// What a time says. All numbers are minutes but those of [`TimeKind::Counted`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum TimeKind {
    /// `T-30 min` is -30, `T+1 hour` is 60.
    Relative {
        /// From the moment that all is counted from.
        minutes: i64,
    },
    /// `0-15 min after deploy`, `15 min - 1 hour`.
    Window {
        /// Its beginning.
        from: i64,
        /// Its end.
        to: i64,
    },
    /// `(5 min)`, `30 minutes`.
    Duration {
        /// How long.
        minutes: i64,
    },
    /// `Phase 2`, `Day 1`, `Step 3`.
    Counted {
        /// `phase`.
        word: String,
        /// `2`.
        number: i64,
    },
    /// `10:00-12:00 UTC`.
    Clock,
}

const UNIT: &str = r"(s|secs?|seconds?|m|mins?|minutes?|minuten|minutos?|minuti|мин|分钟|分|phút|h|hrs?|hours?|stunden?|heures?|horas?|ore|час\w*|小时|時間|giờ|d|days?|tage?|jours?|d[ií]as?|giorni|дн\w*|天|日|ngày|w|weeks?|wochen?|semaines?|semanas?|settimane|недел\w*|周|週|tuần)";

/// What a match of a pattern says.
type Reads = fn(&Captures<'_>) -> Option<TimeKind>;

static PATTERNS: LazyLock<Vec<(Regex, Reads)>> = LazyLock::new(|| {
    let unit = UNIT;
    let patterns: [(String, Reads); 6] = [
        (r"\b\d{1,2}:\d{2}\s*(?:[-–—]|to)\s*\d{1,2}:\d{2}(?:\s*(?:UTC|GMT|CET|CEST|EST|PST|JST))?".to_owned(), |_| {
            Some(TimeKind::Clock)
        }),
        (format!(r"(?i)\bT\s*([-−–+])\s*(\d+)\s*{unit}?(?:\b|$)"), |found| {
            let number: i64 = found[2].parse().ok()?;
            let minutes = number.checked_mul(minutes(found.get(3).map_or("min", |unit| unit.as_str())))?;
            let sign = if &found[1] == "+" { 1 } else { -1 };
            Some(TimeKind::Relative { minutes: sign * minutes })
        }),
        (format!(r"(?i)\b(\d+)\s*{unit}?\s*[-–—]\s*(\d+)\s*{unit}(?:\b|$)"), |found| {
            let until = minutes(&found[4]);
            let from = found.get(2).map_or(until, |unit| minutes(unit.as_str()));
            let (first, second): (i64, i64) = (found[1].parse().ok()?, found[3].parse().ok()?);
            Some(TimeKind::Window { from: first.checked_mul(from)?, to: second.checked_mul(until)? })
        }),
        (format!(r"(?i)\b(\d+)[- ]?{unit}\s+(?:before|vorher|vor|avant|antes|prima|до|前|trước)"), |found| {
            let number: i64 = found[1].parse().ok()?;
            Some(TimeKind::Relative { minutes: -number.checked_mul(minutes(&found[2]))? })
        }),
        (format!(r"(?i)(?:^|[\s(<~≥≤(])(\d+)[- ]?{unit}(?:\b|$)"), |found| {
            let number: i64 = found[1].parse().ok()?;
            Some(TimeKind::Duration { minutes: number.checked_mul(minutes(&found[2]))? })
        }),
        (
            format!(r"(?i)(?:^|[^\w])({})[\s-]*(\d{{1,4}})\b", counted()),
            |found| {
                Some(TimeKind::Counted { word: found[1].to_lowercase(), number: found[2].parse().ok()? })
            },
        ),
    ];
    let compiled = patterns.into_iter();
    compiled.filter_map(|(pattern, reads)| Some((Regex::new(&pattern).ok()?, reads))).collect()
});

fn counted() -> String {
    crate::lexicon::COUNTED.words().map(regex::escape).collect::<Vec<_>>().join("|")
}

/// How many minutes a unit has; seconds count as one.
fn minutes(unit: &str) -> i64 {
    let unit = unit.to_lowercase();
    let begins = |words: &[&str]| words.iter().any(|word| unit.starts_with(word));
    if begins(&["w", "sem", "sett", "недел", "周", "週", "tuần"]) {
        7 * 24 * 60
    } else if begins(&["d", "t", "j", "g", "дн", "天", "日", "ngày"]) && !begins(&["giờ"]) {
        24 * 60
    } else if begins(&["h", "st", "o", "час", "小时", "時間", "giờ"]) {
        60
    } else {
        1
    }
}

/// Times in headings, and in lines that are headings in all but name.
pub(super) fn times(document: &Document<'_>) -> Vec<Time> {
    let mut times = Vec::new();
    for (at, line) in document.prose() {
        let is_title = match document.pieces[at].kind {
            PieceKind::Heading => true,
            PieceKind::Paragraph => matches!(line.text.first(), Some(Inline::Strong(_))),
            _ => false,
        };
        let text = plain(line.text);
        if !is_title || text.len() > LONG || !text.bytes().any(|byte| byte.is_ascii_digit()) {
            continue;
        }
        let mut taken: Vec<std::ops::Range<usize>> = Vec::new();
        for (regex, reads) in PATTERNS.iter() {
            for found in regex.captures_iter(&text) {
                let (Some(whole), Some(kind)) = (found.get(0), reads(&found)) else { continue };
                if taken.iter().any(|range| range.start < whole.end() && whole.start() < range.end)
                {
                    continue;
                }
                taken.push(whole.range());
                let text = whole.as_str().trim_matches(|c: char| !c.is_alphanumeric()).to_owned();
                times.push(Time { line: line.line, text, kind });
            }
        }
    }
    times
}

/// No title is longer.
const LONG: usize = 400;
