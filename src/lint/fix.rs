//! Applies fixes, and makes sure that nothing else changes: the text is read again after each round,
//! and a fix stays only where the document has the same items, answers, gates and marked blocks as
//! before, but for what its finding is about.

use std::collections::BTreeSet;

use crate::checklist::{self, Checklist, Item, ItemKind};
use crate::source::{Diagnostic, Edit, Source};

use super::complete;

/// Rounds of fixing: one fix may make room for another.
const ROUNDS: usize = 8;

/// How often a text is read again in one round before the rest is left as it is.
const READINGS: usize = 64;

/// What was fixed in a text.
#[derive(Clone, Debug, Default)]
pub struct Fixed {
    /// The text as it is now.
    pub text: String,
    /// What was mended, with its place at the time.
    pub done: Vec<Done>,
}

/// One thing that was mended.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Done {
    /// The finding's code.
    pub code: &'static str,
    /// Its line, from 1.
    pub line: usize,
    /// What was wrong.
    pub message: String,
}

/// Applies every fix that is safe, until none is left.
pub fn fix(path: &str, text: &str) -> Fixed {
    let mut fixed = Fixed { text: text.to_owned(), done: Vec::new() };
    for _ in 0..ROUNDS {
        let Ok(reading) = checklist::read(path, fixed.text.as_bytes()) else { break };
        let reading = complete(reading).reading;
        let fixable = apart(&reading.diagnostics);
        let mut round = Round { before: &reading.checklist, left: READINGS, kept: Vec::new() };
        // What adds items is held against another measure than what adds none.
        for adds in [false, true] {
            let some: Vec<&Diagnostic> =
                fixable.iter().filter(|finding| adds_item(finding) == adds).copied().collect();
            round.keep(&some, adds, reading.disputed);
        }
        if round.kept.is_empty() {
            break;
        }
        let source = &reading.checklist.source;
        round.kept.sort_by_key(|finding| finding.span);
        let done = round.kept.iter().map(|finding| Done {
            code: finding.code,
            line: source.line_of(finding.span.start),
            message: finding.message.clone(),
        });
        fixed.done.extend(done);
        fixed.text = Edited::new(source, &round.kept).text;
    }
    fixed
}

/// Findings with fixes that do not overlap.
fn apart(findings: &[Diagnostic]) -> Vec<&Diagnostic> {
    let mut taken: BTreeSet<(usize, usize)> = BTreeSet::new();
    let free = |finding: &&Diagnostic| {
        let Some(fix) = &finding.fix else { return false };
        let spans = || fix.edits.iter().map(|edit| (edit.span.start, edit.span.end));
        let overlaps = spans().any(|(start, end)| {
            let before = taken.range(..=(start, usize::MAX)).next_back();
            let behind = taken.range((start, 0)..).next();
            before.is_some_and(|taken| taken.1 > start)
                || behind.is_some_and(|taken| taken.0 < end || taken.0 == start)
        });
        if !overlaps {
            taken.extend(spans());
        }
        !overlaps
    };
    findings.iter().filter(free).collect()
}

/// The finding is that something is no item and should be one.
fn adds_item(finding: &Diagnostic) -> bool {
    matches!(finding.code, "HP007" | "HP016")
}

/// Where gates and parameters are read from.
fn is_front_matter(finding: &Diagnostic) -> bool {
    matches!(finding.code, "HP002" | "HP003")
}

struct Round<'r> {
    before: &'r Checklist,
    left: usize,
    kept: Vec<&'r Diagnostic>,
}

impl<'r> Round<'r> {
    /// Keeps those that change nothing else; when some do, finds them by halves.
    fn keep(&mut self, some: &[&'r Diagnostic], adds: bool, disputed: bool) {
        if some.is_empty() || self.left == 0 {
            return;
        }
        self.left -= 1;
        if self.is_safe(some, adds, disputed) {
            self.kept.extend(some);
        } else if some.len() > 1 {
            let (first, second) = some.split_at(some.len() / 2);
            self.keep(first, adds, disputed);
            self.keep(second, adds, disputed);
        }
    }

    fn is_safe(&self, some: &[&Diagnostic], adds: bool, disputed: bool) -> bool {
        let edited = Edited::new(&self.before.source, some);
        let Ok(after) = checklist::read(&self.before.source.path, edited.text.as_bytes()) else {
            return false;
        };
        let (before, after, more) = (self.before, &after.checklist, after.disputed && !disputed);
        let gates = some.iter().any(|finding| is_front_matter(finding))
            || before.gates.len() == after.gates.len();
        !more
            && gates
            && same_blocks(before, after, &edited)
            && if adds {
                with_more_items(before, after, &edited, some.len())
            } else {
                same_items(before, after, &edited, some)
            }
    }
}

/// A text with edits made, and the lines that they are in, before and after.
struct Edited {
    text: String,
    before: BTreeSet<usize>,
    after: BTreeSet<usize>,
}

impl Edited {
    fn new(source: &Source, findings: &[&Diagnostic]) -> Self {
        let mut edits: Vec<&Edit> = findings
            .iter()
            .filter_map(|finding| finding.fix.as_ref())
            .flat_map(|fix| &fix.edits)
            .collect();
        edits.sort_by_key(|edit| edit.span);
        let mut edited =
            Self { text: String::new(), before: BTreeSet::new(), after: BTreeSet::new() };
        let (mut from, mut line) = (0, 1);
        for edit in edits {
            let kept = &source.text[from..edit.span.start];
            line += memchr::memchr_iter(b'\n', kept.as_bytes()).count();
            edited.text.push_str(kept);
            edited.text.push_str(&edit.text);
            let added = edit.text.matches('\n').count();
            edited.before.extend(source.line_of(edit.span.start)..=source.line_of(edit.span.end));
            edited.after.extend(line..=line + added);
            line += added;
            from = edit.span.end;
        }
        edited.text.push_str(&source.text[from..]);
        edited
    }
}

fn same_blocks(before: &Checklist, after: &Checklist, edited: &Edited) -> bool {
    let touched = |checklist: &Checklist, lines: &BTreeSet<usize>, at: usize| {
        let block = &checklist.blocks[at];
        let last = checklist.source.line_of(block.span.end.saturating_sub(1));
        lines.range(block.line..=last).next().is_some()
    };
    before.blocks.len() == after.blocks.len()
        && before.blocks.iter().zip(&after.blocks).enumerate().all(|(at, (old, new))| {
            let both = touched(before, &edited.before, at) && touched(after, &edited.after, at);
            old.mark == new.mark
                && old.language == new.language
                && (both || old.info == new.info && old.content == new.content)
        })
}

/// What a result or an answer hangs on, beside the text.
fn facts(item: &Item) -> impl PartialEq + use<'_> {
    (
        item.kind,
        item.claim,
        item.optional,
        &item.owner,
        item.parent,
        item.section,
        item.blocks.len(),
    )
}

fn same_items(
    before: &Checklist,
    after: &Checklist,
    edited: &Edited,
    some: &[&Diagnostic],
) -> bool {
    let of_gates = !some.iter().any(|finding| is_front_matter(finding));
    before.items.len() == after.items.len()
        && before.items.iter().zip(&after.items).all(|(old, new)| {
            let touched = edited.before.contains(&old.line) && edited.after.contains(&new.line);
            facts(old) == facts(new)
                && (!of_gates || old.gate == new.gate)
                && (touched || is_within(before, old, &edited.before) || old.text == new.text)
        })
}

/// One of the lines is the item's own: its text may go over several.
fn is_within(checklist: &Checklist, item: &Item, lines: &BTreeSet<usize>) -> bool {
    let source = &checklist.source;
    item.spans.iter().any(|span| {
        let last = source.line_of(span.end.saturating_sub(1));
        lines.range(source.line_of(span.start)..=last).next().is_some()
    })
}

/// Every item is still there in its order, each finding has given one more at least, in its lines.
fn with_more_items(before: &Checklist, after: &Checklist, edited: &Edited, more: usize) -> bool {
    let tasks = |checklist: &'_ Checklist| -> Vec<Item> {
        checklist.items.iter().filter(|item| item.kind == ItemKind::Task).cloned().collect()
    };
    let (old, new) = (tasks(before), tasks(after));
    let mut old = old.iter().peekable();
    let mut fresh = 0;
    for item in &new {
        let same = |old: &&Item| {
            (&old.text, old.claim, old.optional, &old.owner)
                == (&item.text, item.claim, item.optional, &item.owner)
        };
        // A fix changes the line that it is in, so no item that was there is in such a line.
        let is_fresh = edited.after.range(item.line..=item.line + 1).next().is_some();
        if old.next_if(same).is_some() {
            continue;
        }
        if !is_fresh {
            return false;
        }
        fresh += 1;
    }
    old.peek().is_none() && fresh >= more
}

impl Fixed {
    /// Something was mended.
    pub fn is_changed(&self) -> bool {
        !self.done.is_empty()
    }
}
