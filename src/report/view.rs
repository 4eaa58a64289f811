//! The view model: all that a report says, as plain text, the same for every format.
//!
//! Nothing in it depends on the machine or the time of rendering. Text from outside went through
//! [`super::text`] on its way in.

use std::collections::BTreeMap;

use serde::Serialize;

use super::text;
use super::{RENDERER, Subject, templates_digest};
use crate::checklist::{Block, Inline, Item, Mark, Node};
use crate::judge::Call;
use crate::ledger::state::{Answer, Given};
use crate::outcome::{CheckResult, KEPT, Outcome, Stream};

/// How many bytes of each end of an output a report shows.
const SHOWN: usize = 32 * 1024;

/// All that a report says.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct View {
    pub renderer: String,
    pub templates: String,
    pub title: String,
    pub release: String,
    pub environment: String,
    pub gate: String,
    pub call: &'static str,
    pub reasons: Vec<Reason>,
    pub counts: Vec<Count>,
    pub listed: String,
    pub gates: Vec<Gate>,
    pub signed: bool,
    pub facts: Vec<Fact>,
    pub params: Vec<Fact>,
    pub exceptions: Vec<Exceptions>,
    pub items: Vec<ItemView>,
    pub flow: Vec<Flow>,
    pub ledger: Vec<Fact>,
    pub run: String,
    pub head8: String,
    pub last_at: String,
    pub replaced: u64,
}

/// Why the verdict is what it is.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct Reason {
    pub call: &'static str,
    pub text: String,
    /// Number of the item it is about, from 1; 0 for none.
    pub item: usize,
    pub line: usize,
}

/// How many items have an outcome, and its part of the bar in thousandths.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct Count {
    pub outcome: &'static str,
    pub n: usize,
    pub x: usize,
    pub width: usize,
}

/// A gate, its verdict and its roles.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct Gate {
    pub name: String,
    pub call: &'static str,
    pub line: usize,
    /// The gate that the report speaks for.
    pub here: bool,
    pub roles: Vec<Fact>,
}

/// A name and what it stands for.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct Fact {
    pub name: String,
    pub value: String,
}

/// Items that need a look.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct Exceptions {
    pub title: &'static str,
    /// Indices into `items`.
    pub items: Vec<usize>,
}

/// One item.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct ItemView {
    /// From 1.
    pub n: usize,
    pub id: String,
    pub text: String,
    pub line: usize,
    pub outcome: &'static str,
    pub how: String,
    pub gate: String,
    pub optional: bool,
    pub owner: String,
    pub ticked: bool,
    pub answers: Vec<AnswerView>,
    pub superseded: Vec<AnswerView>,
}

/// One answer to an item.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct AnswerView {
    pub outcome: &'static str,
    pub at: String,
    pub by: String,
    pub entry: String,
    pub took: String,
    pub note: String,
    pub evidence: Vec<String>,
    pub checks: Vec<CheckView>,
}

/// One check.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct CheckView {
    pub kind: String,
    pub target: String,
    pub message: String,
    pub steps: Vec<StepView>,
}

/// One step.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct StepView {
    pub title: String,
    pub exit: String,
    pub took: String,
    pub expect: Vec<ExpectView>,
    pub streams: Vec<StreamView>,
}

/// One expectation.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct ExpectView {
    pub text: String,
    pub held: &'static str,
    pub observed: String,
}

/// One output: head, what was left out, tail.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct StreamView {
    pub name: &'static str,
    pub bytes: i64,
    pub lines: i64,
    pub sha256: String,
    pub head: Vec<String>,
    pub left_out: String,
    pub tail: Vec<String>,
}

/// A piece of the checklist as it reads.
#[derive(Clone, Debug, Default, Serialize)]
#[allow(missing_docs)]
pub struct Flow {
    /// `heading`, `text`, `bullet`, `item`, `code`, `table`, `rule` or `html`.
    pub kind: &'static str,
    /// Heading level from 1 without gaps, or nesting depth from 0.
    pub level: usize,
    pub quoted: bool,
    pub label: String,
    /// Index into `items`, for kind `item`.
    pub item: usize,
    pub spans: Vec<Run>,
    pub code: String,
    pub rows: Vec<Vec<Vec<Run>>>,
}

/// A run of text in one style: ``, `code`, `em`, `strong` or `struck`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[allow(missing_docs)]
pub struct Run {
    pub style: &'static str,
    pub text: String,
}

/// The view of a subject.
pub fn view(subject: &Subject<'_>) -> View {
    let mut build = Builder { subject, replaced: 0 };
    let mut view = build.all();
    view.replaced = build.replaced;
    view
}

struct Builder<'a> {
    subject: &'a Subject<'a>,
    replaced: u64,
}

impl Builder<'_> {
    fn see(&mut self, text: &str) -> String {
        text::visible(text, &mut self.replaced)
    }

    fn fact(&mut self, name: &str, value: &str) -> Fact {
        Fact { name: self.see(name), value: self.see(value) }
    }

    fn all(&mut self) -> View {
        let subject = self.subject;
        let opened = &subject.run.opened;
        let outcomes = outcomes(subject);
        let items: Vec<ItemView> =
            (0..subject.checklist.items.len()).map(|at| self.item(at, outcomes[at])).collect();
        let verdict = subject.verdicts.get(subject.gate);
        let reasons = verdict.map_or_else(Vec::new, |verdict| self.reasons(&verdict.reasons));
        View {
            renderer: RENDERER.to_owned(),
            templates: templates_digest().to_string(),
            title: self.see(&opened.checklist.title),
            release: self.see(&opened.release),
            environment: self.see(&opened.environment),
            gate: verdict.map_or_else(String::new, |verdict| self.see(&verdict.gate)),
            // Without a verdict nothing says that work may go on.
            call: verdict.map_or(Call::Hold, |verdict| verdict.call).word(),
            reasons,
            counts: counts(&outcomes),
            listed: format!("all {0} of {0} items listed", items.len()),
            gates: self.gates(),
            signed: subject.ledger.signed,
            facts: self.facts(),
            params: self.params(),
            exceptions: exceptions(&items),
            flow: self.flow(),
            ledger: self.ledger(),
            items,
            run: opened.run.clone(),
            head8: subject.ledger.head.to_string()[..8].to_owned(),
            last_at: subject.run.last_at.to_string(),
            replaced: 0,
        }
    }

    fn reasons(&mut self, reasons: &[crate::judge::Reason]) -> Vec<Reason> {
        let numbers: BTreeMap<&str, usize> = self
            .subject
            .checklist
            .items
            .iter()
            .enumerate()
            .map(|(at, item)| (item.id.as_str(), at + 1))
            .collect();
        reasons
            .iter()
            .map(|reason| Reason {
                call: reason.call.word(),
                text: self.see(&reason.text),
                item: reason.item.as_deref().and_then(|id| numbers.get(id).copied()).unwrap_or(0),
                line: reason.line,
            })
            .collect()
    }

    fn gates(&mut self) -> Vec<Gate> {
        let subject = self.subject;
        subject
            .checklist
            .gates
            .iter()
            .enumerate()
            .map(|(at, gate)| Gate {
                name: self.see(&gate.name),
                call: subject.verdicts.get(at).map_or(Call::Hold, |verdict| verdict.call).word(),
                line: gate.line,
                here: at == subject.gate,
                roles: gate
                    .roles
                    .iter()
                    .map(|role| {
                        let wanted = match role.quorum {
                            0 | 1 => String::new(),
                            n => format!(" ({n} people wanted)"),
                        };
                        self.fact(&role.name, &format!("not signed{wanted}"))
                    })
                    .collect(),
            })
            .collect()
    }

    fn facts(&mut self) -> Vec<Fact> {
        let run = self.subject.run;
        let opened = &run.opened;
        let commit = match (opened.commit.is_empty(), opened.dirty) {
            (true, _) => "none: not in a git work tree".to_owned(),
            (false, true) => format!("{} with uncommitted changes", opened.commit),
            (false, false) => opened.commit.clone(),
        };
        [
            ("Release", opened.release.clone()),
            ("Environment", opened.environment.clone()),
            ("Commit", commit),
            ("Checklist", opened.checklist.path.clone()),
            ("Checklist SHA-256", opened.checklist.sha256.to_string()),
            ("Run", opened.run.clone()),
            ("Opened by (claimed)", run.operator.clone()),
            ("Opened (UTC, claimed)", run.opened_at.to_string()),
            ("Last entry (UTC, claimed)", run.last_at.to_string()),
            ("Rendered with", RENDERER.to_owned()),
            ("Ledger head", self.subject.ledger.head.to_string()),
        ]
        .into_iter()
        .map(|(name, value)| self.fact(name, &value))
        .collect()
    }

    fn params(&mut self) -> Vec<Fact> {
        self.subject
            .run
            .opened
            .params
            .iter()
            .map(|param| {
                let value = param.value.as_deref().unwrap_or("secret, redacted");
                self.fact(&param.name, value)
            })
            .collect()
    }

    fn ledger(&mut self) -> Vec<Fact> {
        let ledger = &self.subject.ledger;
        [
            ("Ledger", format!("{} ({})", ledger.name, ledger.id)),
            ("Head", ledger.head.to_string()),
            ("Entries", ledger.entries.to_string()),
            ("Anchored", "not anchored: no checkpoint".to_owned()),
            ("Templates SHA-256", templates_digest().to_string()),
        ]
        .into_iter()
        .map(|(name, value)| self.fact(name, &value))
        .collect()
    }

    fn item(&mut self, at: usize, outcome: Outcome) -> ItemView {
        let subject = self.subject;
        let item = &subject.checklist.items[at];
        let given = subject.run.answers.get(&item.id).map_or(&[][..], Vec::as_slice);
        let (mut answers, mut superseded) = (Vec::new(), Vec::new());
        for answer in given {
            let shown = self.answer(answer);
            if answer.counts && answer.item_sha256() == item.sha256 {
                answers.push(shown);
            } else {
                superseded.push(shown);
            }
        }
        ItemView {
            n: at + 1,
            id: self.see(&item.id),
            text: self.see(&item.text),
            line: item.line,
            outcome: outcome.word(),
            how: how(subject, at).to_owned(),
            gate: match item.gate.and_then(|gate| subject.checklist.gates.get(gate)) {
                Some(gate) => self.see(&gate.name),
                None => "standby".to_owned(),
            },
            optional: item.optional,
            owner: self.see(item.owner.as_deref().unwrap_or_default()),
            ticked: item.ticked,
            answers,
            superseded,
        }
    }

    fn answer(&mut self, answer: &Answer) -> AnswerView {
        let (took, note, evidence, checks) = match &answer.given {
            Given::Machine(result) => (
                duration(result.ms),
                result
                    .redactions
                    .iter()
                    .map(|rule| format!("{} places redacted: {}", rule.count, rule.rule))
                    .collect::<Vec<_>>()
                    .join("; "),
                Vec::new(),
                result.checks.iter().map(|check| self.check(check)).collect(),
            ),
            Given::Person(attested) => (
                String::new(),
                attested.note.clone(),
                attested.evidence.iter().map(ToString::to_string).collect(),
                Vec::new(),
            ),
        };
        AnswerView {
            outcome: answer.outcome().word(),
            at: answer.at.to_string(),
            by: self.see(&answer.by),
            entry: answer.id.to_string(),
            took,
            note: self.see(&note),
            evidence,
            checks,
        }
    }

    fn check(&mut self, check: &CheckResult) -> CheckView {
        CheckView {
            kind: self.see(&check.kind),
            target: self.see(check.target.as_deref().unwrap_or_default()),
            message: self.see(check.message.as_deref().unwrap_or_default()),
            steps: check
                .steps
                .iter()
                .map(|step| StepView {
                    title: self.see(&step.title),
                    exit: step
                        .exit
                        .map_or_else(|| "no end seen".to_owned(), |exit| format!("exit {exit}")),
                    took: duration(step.ms),
                    expect: step
                        .expect
                        .iter()
                        .map(|expect| ExpectView {
                            text: self.see(&expect.text),
                            held: match expect.held {
                                Some(true) => "held",
                                Some(false) => "did not hold",
                                None => "not evaluated",
                            },
                            observed: self.see(&expect.observed),
                        })
                        .collect(),
                    streams: [("stdout", &step.stdout), ("stderr", &step.stderr)]
                        .into_iter()
                        .filter(|(_, stream)| stream.bytes > 0)
                        .map(|(name, stream)| self.stream(name, stream))
                        .collect(),
                })
                .collect(),
        }
    }

    fn stream(&mut self, name: &'static str, stream: &Stream) -> StreamView {
        let kept = stream.kept.and_then(|digest| (self.subject.evidence)(&digest));
        let mut shown = StreamView {
            name,
            bytes: stream.bytes,
            lines: stream.lines,
            sha256: stream.sha256.to_string(),
            head: Vec::new(),
            left_out: String::new(),
            tail: Vec::new(),
        };
        let Some(kept) = kept else {
            shown.left_out = "the evidence that holds this output is missing".to_owned();
            return shown;
        };
        let whole = stream.bytes <= 2 * KEPT as i64;
        if whole && kept.len() <= 2 * SHOWN {
            shown.head = self.lines(&kept);
            return shown;
        }
        let head = &kept[..kept.len().min(SHOWN)];
        let tail = &kept[kept.len().saturating_sub(SHOWN).max(head.len())..];
        shown.head = self.lines(head);
        shown.tail = self.lines(tail);
        let bytes = stream.bytes - (head.len() + tail.len()) as i64;
        shown.left_out =
            format!("{bytes} bytes left out of {} in {} lines", stream.bytes, stream.lines);
        shown
    }

    fn lines(&mut self, bytes: &[u8]) -> Vec<String> {
        text::terminal_lines(bytes).iter().map(|line| self.see(line)).collect()
    }

    /// Walks the document with a stack of its own: a hostile one nests ten thousand lists.
    fn flow(&mut self) -> Vec<Flow> {
        let subject = self.subject;
        let mut out = Vec::new();
        let mut heading = 0;
        let mut shown = std::collections::BTreeSet::new();
        let mut work: Vec<(Work<'_>, usize, bool)> = Vec::new();
        push(&mut work, &subject.checklist.body, 0, false);
        while let Some((task, level, quoted)) = work.pop() {
            let mut flow = Flow { kind: "text", level: level.min(8), quoted, ..Flow::default() };
            match task {
                Work::Entry(entry, label) => {
                    let (first, rest) = match entry.body.split_first() {
                        Some((Node::Paragraph(text), rest)) => (text.as_slice(), rest),
                        _ => (&[][..], entry.body.as_slice()),
                    };
                    push(&mut work, rest, level + 1, quoted);
                    flow.kind = if entry.item.is_some() { "item" } else { "bullet" };
                    flow.item = entry.item.unwrap_or(0);
                    shown.extend(entry.item);
                    flow.label = label;
                    flow.spans = self.runs(first);
                }
                Work::Node(Node::Heading { level, text, .. }) => {
                    heading = usize::from(*level).clamp(1, heading + 1);
                    flow.kind = "heading";
                    flow.level = heading;
                    flow.spans = self.runs(text);
                }
                Work::Node(Node::Paragraph(text)) => flow.spans = self.runs(text),
                Work::Node(Node::List { start, entries }) => {
                    for (at, entry) in entries.iter().enumerate().rev() {
                        let label = start.map_or_else(
                            || "•".to_owned(),
                            |first| format!("{}.", first.saturating_add(at as u64)),
                        );
                        work.push((Work::Entry(entry, label), level, quoted));
                    }
                    continue;
                }
                Work::Node(Node::Quote(body)) => {
                    push(&mut work, body, level, true);
                    continue;
                }
                Work::Node(Node::Code(at)) => match subject.checklist.blocks.get(*at) {
                    Some(block) => {
                        // A check that stands alone is an item without a list entry.
                        if let Some(item) = block.item.filter(|item| shown.insert(*item)) {
                            out.push(alone(item));
                        }
                        self.code(block, &mut flow);
                    }
                    None => continue,
                },
                Work::Node(Node::Table(rows)) => {
                    flow.kind = "table";
                    flow.rows = rows
                        .iter()
                        .map(|row| row.iter().map(|cell| self.runs(cell)).collect())
                        .collect();
                }
                Work::Node(Node::Rule) => flow.kind = "rule",
                Work::Node(Node::Html(html)) => {
                    flow.kind = "html";
                    flow.code = self.see(html);
                }
            }
            out.push(flow);
        }
        // No item may be missing, whatever the document's tree looks like.
        out.extend(
            (0..subject.checklist.items.len()).filter(|item| !shown.contains(item)).map(alone),
        );
        out
    }

    fn code(&mut self, block: &Block, flow: &mut Flow) {
        flow.kind = "code";
        flow.code = self.see(block.content.trim_end_matches('\n'));
        let mark = match &block.mark {
            Mark::None => "not executed".to_owned(),
            Mark::Check => "check".to_owned(),
            Mark::Action => "action".to_owned(),
            Mark::Trigger => "trigger".to_owned(),
            Mark::Wrong(why) => format!("error: {why}"),
        };
        let label = format!("{} · {mark} · line {}", block.language, block.line);
        flow.label = self.see(label.trim_start_matches(" · "));
    }

    fn runs(&mut self, text: &[Inline]) -> Vec<Run> {
        let mut out: Vec<Run> = Vec::new();
        let mut work: Vec<(&Inline, &'static str)> =
            text.iter().rev().map(|inline| (inline, "")).collect();
        let mut addresses = Vec::new();
        for inline in text {
            collect_addresses(inline, &mut addresses);
        }
        let mut next_address = addresses.iter();
        while let Some((inline, style)) = work.pop() {
            let (inner, style, text) = match inline {
                Inline::Text(text) => (&[][..], style, text.as_str()),
                Inline::Code(text) => (&[][..], "code", text.as_str()),
                Inline::Break => (&[][..], style, "\n"),
                Inline::Emphasis(inner) => (inner.as_slice(), "em", ""),
                Inline::Strong(inner) => (inner.as_slice(), "strong", ""),
                Inline::Struck(inner) => (inner.as_slice(), "struck", ""),
                Inline::Link { text, .. } => {
                    if let Some(shown) = next_address.next() {
                        work.push((shown, style));
                    }
                    (text.as_slice(), style, "")
                }
            };
            work.extend(inner.iter().rev().map(|inline| (inline, style)));
            if !text.is_empty() {
                let text = self.see(text);
                match out.last_mut() {
                    Some(last) if last.style == style => last.text.push_str(&text),
                    _ => out.push(Run { style, text }),
                }
            }
        }
        out
    }
}

fn alone(item: usize) -> Flow {
    Flow { kind: "item", item, ..Flow::default() }
}

/// The address of each link, as text to show behind it, in document order.
fn collect_addresses(inline: &Inline, out: &mut Vec<Inline>) {
    let mut work = vec![inline];
    while let Some(inline) = work.pop() {
        match inline {
            Inline::Emphasis(inner) | Inline::Strong(inner) | Inline::Struck(inner) => {
                work.extend(inner.iter().rev());
            }
            Inline::Link { url, text } => {
                let same = matches!(text.as_slice(), [Inline::Text(text)] if text == url);
                let shown = if same { String::new() } else { format!(" ({url})") };
                out.push(Inline::Text(shown));
                work.extend(text.iter().rev());
            }
            Inline::Text(_) | Inline::Code(_) | Inline::Break => {}
        }
    }
}

enum Work<'a> {
    Node(&'a Node),
    Entry(&'a crate::checklist::Entry, String),
}

fn push<'a>(work: &mut Vec<(Work<'a>, usize, bool)>, body: &'a [Node], level: usize, quoted: bool) {
    work.extend(body.iter().rev().map(|node| (Work::Node(node), level, quoted)));
}

/// The outcome of each item: its own answers that count, else what its children decide.
fn outcomes(subject: &Subject<'_>) -> Vec<Outcome> {
    let items = &subject.checklist.items;
    let mut outcomes: Vec<Option<Outcome>> = items.iter().map(|item| own(subject, item)).collect();
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); items.len()];
    for (at, item) in items.iter().enumerate() {
        if let Some(list) = item.parent.and_then(|parent| children.get_mut(parent)) {
            list.push(at);
        }
    }
    // Children stand behind their parents.
    for at in (0..items.len()).rev() {
        if outcomes[at].is_none() && items[at].blocks.is_empty() {
            let answer = |child: &usize| outcomes[*child].unwrap_or(Outcome::Pending);
            let required = children[at].iter().filter(|child| !items[**child].optional);
            outcomes[at] =
                required.map(answer).max().or_else(|| children[at].iter().map(answer).min());
        }
    }
    outcomes.into_iter().map(|outcome| outcome.unwrap_or(Outcome::Pending)).collect()
}

fn own(subject: &Subject<'_>, item: &Item) -> Option<Outcome> {
    let answers = subject.run.answers.get(&item.id)?;
    answers
        .iter()
        .filter(|answer| answer.counts && answer.item_sha256() == item.sha256)
        .map(Answer::outcome)
        .max()
}

fn how(subject: &Subject<'_>, at: usize) -> &'static str {
    let items = &subject.checklist.items;
    let person = subject.run.answers.get(&items[at].id).is_some_and(|answers| {
        answers.iter().any(|answer| answer.counts && matches!(answer.given, Given::Person(_)))
    });
    if person {
        "attested"
    } else if !items[at].blocks.is_empty() {
        "check"
    } else if items.iter().skip(at + 1).any(|item| item.parent == Some(at)) {
        "by its children"
    } else {
        "manual"
    }
}

fn counts(outcomes: &[Outcome]) -> Vec<Count> {
    use Outcome::{Error, Fail, Pass, Pending, Skipped, Waived};
    let mut before = 0;
    [Fail, Error, Pending, Skipped, Waived, Pass]
        .into_iter()
        .filter_map(|outcome| {
            let n = outcomes.iter().filter(|other| **other == outcome).count();
            let x = before * 1000 / outcomes.len().max(1);
            before += n;
            let end = before * 1000 / outcomes.len().max(1);
            (n > 0).then_some(Count { outcome: outcome.word(), n, x, width: end - x })
        })
        .collect()
}

fn exceptions(items: &[ItemView]) -> Vec<Exceptions> {
    let pick = |wanted: &dyn Fn(&ItemView) -> bool| -> Vec<usize> {
        (0..items.len()).filter(|at| wanted(&items[*at])).collect()
    };
    [
        ("Failed", pick(&|item| item.outcome == "fail")),
        ("Could not be evaluated", pick(&|item| item.outcome == "error")),
        ("Waived", pick(&|item| item.outcome == "waived")),
        ("Skipped", pick(&|item| item.outcome == "skipped")),
        ("Pending", pick(&|item| item.outcome == "pending")),
        ("Answered by a person", pick(&|item| item.how == "attested")),
        ("Ticked in the document (a claim)", pick(&|item| item.ticked)),
        ("Superseded attempts", pick(&|item| !item.superseded.is_empty())),
    ]
    .into_iter()
    .filter(|(_, items)| !items.is_empty())
    .map(|(title, items)| Exceptions { title, items })
    .collect()
}

fn duration(ms: i64) -> String {
    match ms {
        ..1_000 => format!("{ms} ms"),
        1_000..120_000 => format!("{}.{} s", ms / 1000, ms % 1000 / 100),
        _ => format!("{} min {} s", ms / 60_000, ms % 60_000 / 1000),
    }
}
