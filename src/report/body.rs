//! The document as a flat list of what stands in it, with items where they stood.

use super::build::Builder;
use super::filled::Places;
use super::view::{Flow, Run};
use crate::checklist::{Block, Inline, Link, Mark, Node};
use crate::said;

impl Builder<'_> {
    /// Walks the document with a stack of its own: a hostile one nests ten thousand lists.
    pub(super) fn flow(&mut self) -> Vec<Flow> {
        let subject = self.subject;
        let mut out = Vec::new();
        let mut heading = 0;
        let mut shown = std::collections::BTreeSet::new();
        let mut places = Places::default();
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
                    flow.filled = self.in_lines(&mut flow.spans, &mut places);
                }
                Work::Node(Node::Heading { level, text, section }) => {
                    self.below(*section, &mut places);
                    heading = usize::from(*level).clamp(1, heading + 1);
                    flow.kind = "heading";
                    flow.level = heading;
                    flow.spans = self.runs(text);
                }
                Work::Node(Node::Paragraph(text)) => {
                    flow.spans = self.runs(text);
                    flow.filled = self.in_lines(&mut flow.spans, &mut places);
                }
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
                    flow.filled = self.in_rows(&mut flow.rows, &mut places);
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
        flow.language = self.see(&block.language);
        let mark = match &block.mark {
            Mark::None => said!("not executed"),
            Mark::Check => said!("check"),
            Mark::Action => said!("action"),
            Mark::Trigger => said!("trigger"),
            Mark::Wrong(why) => said!("error: {}", why),
        };
        let label = said!("{} · line {}", mark, block.line);
        flow.label = self.say(&match block.language.as_str() {
            "" => label,
            language => said!("{} · {}", language, label),
        });
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
                Inline::Link(link) => {
                    let text = &link.text;
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
                    _ => out.push(Run { style: style.into(), text }),
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
            Inline::Link(link) => {
                let Link { url, text } = &**link;
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
