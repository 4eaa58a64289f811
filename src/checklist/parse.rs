//! The working reader: comrak's tree → sections, items, blocks and the body for reports.

use std::collections::BTreeSet;

use comrak::Options;
use comrak::nodes::{AstNode, ListType, NodeValue};

use crate::source::{Diagnostic, Severity, Span};

use super::{Checklist, Claim, Entry, Inline, Item, ItemKind, Node, Section};
use super::{identity, inline, mark, nearly, parts, sections, words};

pub(super) type Ast<'a> = &'a AstNode<'a>;

/// What later stages of reading ask about the text, and reports do not.
#[derive(Default)]
pub(super) struct Outline {
    /// First and last lines of code and raw HTML: nothing in them is prose. In document order.
    pub(super) unseen: Vec<(usize, usize)>,
    /// Items that are written with a box such as `☐`, which only the working reader looks for.
    pub(super) boxed: BTreeSet<usize>,
    /// Lines of tasks that are options of a choice and no items, and whether each is ticked.
    pub(super) options: Vec<(usize, bool)>,
    /// First lines of lists whose options are the sides of a decision.
    pub(super) decisions: BTreeSet<usize>,
}

/// What Git hosts render.
pub(super) fn options() -> Options<'static> {
    let mut options = Options::default();
    options.extension.table = true;
    options.extension.tasklist = true;
    options.extension.strikethrough = true;
    options.extension.autolink = true;
    options.extension.footnotes = true;
    options.extension.alerts = true;
    // Places count: what stands in a footnote belongs to the section that it stands in.
    options.parse.leave_footnote_definitions = true;
    options
}

/// Fills everything but the gates; `body` is the text behind the front matter.
pub(super) fn fill(
    checklist: &mut Checklist,
    body: &str,
    diagnostics: &mut Vec<Diagnostic>,
) -> Outline {
    let begins = checklist.source.text.len() - body.len();
    let mut reader = Reader {
        lines_before: 0,
        checklist,
        diagnostics,
        open_sections: Vec::new(),
        marks: Vec::new(),
        extents: Vec::new(),
        outline: Outline::default(),
    };
    let lines_before = reader.checklist.source.line_of(begins) - 1;
    let mut nodes = Vec::new();
    parts::each(body, lines_before, |child, lines_before| {
        reader.lines_before = lines_before;
        nodes.push(reader.block(child, None));
    });
    reader.checklist.body = nodes;
    let Reader { marks, outline, .. } = reader;
    sections::close(checklist);
    sections::name(checklist);
    identity::fill(checklist, &marks, diagnostics);
    outline
}

/// Reads one tree; collects what it meets into the checklist.
pub(super) struct Reader<'r> {
    pub(super) checklist: &'r mut Checklist,
    pub(super) diagnostics: &'r mut Vec<Diagnostic>,
    lines_before: usize,
    open_sections: Vec<usize>,
    /// The explicit identity of each item, if it has one.
    marks: Vec<Option<String>>,
    /// The first and last line of each item, its child items included.
    extents: Vec<(usize, usize)>,
    pub(super) outline: Outline,
}

impl Reader<'_> {
    pub(super) fn line(&self, node: Ast<'_>) -> usize {
        self.lines_before + node.data.borrow().sourcepos.start.line
    }

    pub(super) fn end_line(&self, node: Ast<'_>) -> usize {
        let end = self.lines_before + node.data.borrow().sourcepos.end.line;
        end.clamp(self.line(node), self.checklist.source.line_count().max(1))
    }

    fn block(&mut self, node: Ast<'_>, item: Option<usize>) -> Node {
        let data = node.data.borrow();
        match &data.value {
            NodeValue::Heading(heading) => self.heading(node, heading.level, heading.setext),
            NodeValue::Paragraph => {
                let text = inline::read(node);
                self.boxed_lines(node, &text, item);
                self.nearly_items(node, &text);
                Node::Paragraph(text)
            }
            NodeValue::List(list) => {
                let choice = self.is_choice(node) || self.is_expected(node);
                let entries = node.children().map(|child| match choice {
                    true => self.option(child, item),
                    false => self.entry(child, item),
                });
                Node::List {
                    entries: tight(entries),
                    start: (list.list_type == ListType::Ordered).then_some(list.start as u64),
                }
            }
            NodeValue::CodeBlock(code) => Node::Code(self.code(node, code, item)),
            NodeValue::HtmlBlock(html) => {
                let lines = (self.line(node), self.end_line(node));
                self.outline.unseen.push(lines);
                self.open_comment(node);
                Node::Html(html.literal.clone())
            }
            NodeValue::ThematicBreak => Node::Rule,
            NodeValue::Table(_) => {
                let rows = rows(node);
                self.boxed_rows(node, &rows, item);
                self.nearly_boxed_rows(node, &rows);
                Node::Table(rows)
            }
            NodeValue::Alert(alert) => {
                let mut body = vec![Node::Paragraph(vec![Inline::Strong(vec![Inline::Text(
                    alert
                        .title
                        .clone()
                        .unwrap_or_else(|| alert.alert_type.default_title().to_owned()),
                )])])];
                body.extend(node.children().map(|child| self.block(child, item)));
                Node::Quote(tight(body))
            }
            // The second reader tells of what is in it.
            value if is_hidden(value) => Node::Quote(Vec::new()),
            // Quotes, footnotes and whatever a later version adds: nothing in them is lost.
            _ => Node::Quote(tight(node.children().map(|child| self.block(child, item)))),
        }
    }

    fn heading(&mut self, node: Ast<'_>, level: u8, setext: bool) -> Node {
        let line = self.line(node);
        let text = inline::read(node);
        let title = inline::plain(&text);
        let lost = if setext { nearly::lost_task(&text) } else { None };
        if let Some(at) = lost {
            self.complain(
                "HP007",
                line + at,
                "the line of dashes or equals signs below makes a heading of this task",
                "leave a blank line between them",
            );
        } else {
            self.nearly_items(node, &text);
            self.boxed_heading(line, &title);
        }
        let nested = node
            .parent()
            .is_none_or(|parent| !matches!(parent.data.borrow().value, NodeValue::Document));
        if nested {
            return Node::Paragraph(vec![Inline::Strong(text)]);
        }
        let sections = &mut self.checklist.sections;
        self.open_sections.retain(|&open| sections[open].level < level);
        let parent = self.open_sections.last().copied();
        // A playbook for rollbacks is a checklist too: its title says nothing about its parts.
        let is_title = sections.is_empty() && level == 1;
        let standby = !is_title && words::is_standby(&title)
            || parent.is_some_and(|parent| sections[parent].standby);
        let around = parent.is_some_and(|parent| sections[parent].standby);
        let in_passing = standby && !around && words::is_standby_in_passing(&title);
        let section = sections.len();
        let counted = words::counts(&title);
        sections.push(Section { title, level, line, end_line: 0, parent, standby, counted });
        self.open_sections.push(section);
        if in_passing {
            self.doubt(
                "HP017",
                line,
                "nothing under this heading is required: it reads as if it were for when things go wrong",
                "begin the heading with `Rollback`, `Emergency` or `Appendix`, or leave the word out",
            );
        }
        Node::Heading { section, level, text }
    }

    fn entry(&mut self, node: Ast<'_>, parent: Option<usize>) -> Entry {
        let item = match &node.data.borrow().value {
            NodeValue::TaskItem(task) => {
                let line = self.lines_before + task.symbol_sourcepos.start.line;
                let column = task.symbol_sourcepos.start.column;
                match self.rendered_box(line, column) {
                    true => {
                        let text = paragraph(node);
                        let claim = if task.symbol.is_some() {
                            Claim::Done
                        } else if inline::is_struck(&text) {
                            Claim::NotApplicable
                        } else {
                            Claim::Open
                        };
                        Some(self.item(text, line, claim, parent))
                    }
                    false => None,
                }
            }
            _ => self.boxed_entry(node, parent),
        };
        let body = tight(node.children().map(|child| self.block(child, item.or(parent))));
        if let Some(item) = item {
            self.own_lines(item, self.line(node), self.end_line(node));
        }
        Entry { item, body }
    }

    /// An entry that is one of several to choose from.
    fn option(&mut self, node: Ast<'_>, parent: Option<usize>) -> Entry {
        if let NodeValue::TaskItem(task) = &node.data.borrow().value {
            let line = self.lines_before + task.symbol_sourcepos.start.line;
            if self.rendered_box(line, task.symbol_sourcepos.start.column) {
                self.outline.options.push((line, task.symbol.is_some()));
            }
        }
        let body = tight(node.children().map(|child| self.block(child, parent)));
        Entry { item: None, body }
    }

    /// The section that is open.
    pub(super) fn section(&self) -> Option<usize> {
        self.open_sections.last().copied()
    }

    /// Whether Git hosts render a box where comrak saw one: the bracket is a bracket in the file (an
    /// entity could stand for it), and a blank and a text follow.
    fn rendered_box(&mut self, line: usize, column: usize) -> bool {
        // The parser did not see the byte order mark.
        let text = self.checklist.source.line(line).trim_start_matches('\u{feff}');
        let bracket = column.checked_sub(2).and_then(|at| text.as_bytes().get(at));
        if bracket != Some(&b'[') {
            return false;
        }
        let behind = text.get(column + 1..).unwrap_or_default();
        let rendered = words::follows_box(behind);
        if !rendered {
            self.doubt(
                "HP015",
                line,
                "this box is no item: a blank and a text have to follow it",
                "write `- [ ] what is to be done`, or delete the line",
            );
        }
        rendered
    }

    /// Takes an item up; `own_lines` completes it when what is inside has been read.
    pub(super) fn item(
        &mut self,
        text: Vec<Inline>,
        line: usize,
        claim: Claim,
        parent: Option<usize>,
    ) -> usize {
        let marked = mark::of_item(text);
        if let Some(id) = marked.misplaced {
            self.doubt(
                "HP014",
                line,
                &format!("`#{id}` is no mark where it stands"),
                "marks go to the end of the item's first line",
            );
        }
        if words::is_choice(&marked.text) {
            self.doubt(
                "HP013",
                line,
                &format!("`{}` is one side of a decision, and is read as a task", marked.text),
                "write both in one line: `**Decision**: ☐ GO ☐ NO-GO`",
            );
        }
        self.push(
            marked.id,
            Item {
                id: String::new(),
                text: marked.text,
                line,
                spans: Vec::new(),
                sha256: crate::digest::Digest::of(b""),
                kind: ItemKind::Task,
                section: self.section(),
                parent,
                claim,
                optional: marked.optional,
                owner: marked.owner,
                blocks: Vec::new(),
                acts: false,
                gate: None,
            },
        )
    }

    fn push(&mut self, id: Option<String>, item: Item) -> usize {
        self.marks.push(id);
        self.extents.push((item.line, item.line));
        self.checklist.items.push(item);
        self.checklist.items.len() - 1
    }

    /// Gives an item its lines: all of `from..=to` that belong to no item inside it.
    pub(super) fn own_lines(&mut self, item: usize, from: usize, to: usize) {
        let source = &self.checklist.source;
        let mut to = to.max(from);
        while to > from && source.line(to).trim().is_empty() {
            to -= 1;
        }
        let mut spans = Vec::new();
        let mut keep = |from: usize, mut to: usize| {
            while to > from && source.line(to - 1).trim().is_empty() {
                to -= 1;
            }
            if from < to {
                spans.push(Span {
                    start: source.line_span(from).start,
                    end: source.line_span(to - 1).end,
                });
            }
        };
        let mut next = from;
        // What was read since the item began is inside it.
        let inside = self.checklist.items[item + 1..].iter();
        for (child, extent) in inside.zip(&self.extents[item + 1..]) {
            if child.parent == Some(item) {
                keep(next, extent.0);
                next = next.max(extent.1 + 1);
            }
        }
        keep(next, to + 1);
        spans.shrink_to_fit();
        self.checklist.items[item].spans = spans;
        self.extents[item] = (from, to);
    }

    /// A check that stands alone is an item.
    pub(super) fn lone_check(&mut self, text: String, line: usize, span: Span) -> usize {
        self.push(
            None,
            Item {
                id: String::new(),
                text,
                line,
                spans: vec![span],
                sha256: crate::digest::Digest::of(b""),
                kind: ItemKind::Check,
                section: self.section(),
                parent: None,
                claim: Claim::Open,
                optional: false,
                owner: None,
                blocks: Vec::new(),
                acts: false,
                gate: None,
            },
        )
    }

    pub(super) fn doubt(&mut self, code: &'static str, line: usize, message: &str, hint: &str) {
        self.find(code, Severity::Warning, line, message, hint);
    }

    pub(super) fn complain(&mut self, code: &'static str, line: usize, message: &str, hint: &str) {
        self.find(code, Severity::Error, line, message, hint);
    }

    fn find(
        &mut self,
        code: &'static str,
        severity: Severity,
        line: usize,
        message: &str,
        hint: &str,
    ) {
        let source = &self.checklist.source;
        let start = source.line_span(line).start;
        self.diagnostics.push(Diagnostic {
            code,
            severity,
            span: Span { start, end: start + source.line(line).len() },
            message: message.to_owned(),
            hint: Some(hint.to_owned()),
            fix: None,
        });
    }
}

/// A footnote that nothing refers to: hosts do not show it, so nothing in it is read.
pub(super) fn is_hidden(value: &NodeValue) -> bool {
    matches!(value, NodeValue::FootnoteDefinition(note) if note.total_references == 0)
}

/// The inline content of an entry's first paragraph.
pub(super) fn paragraph(entry: Ast<'_>) -> Vec<Inline> {
    entry
        .first_child()
        .filter(|child| matches!(child.data.borrow().value, NodeValue::Paragraph))
        .map(inline::read)
        .unwrap_or_default()
}

fn rows(table: Ast<'_>) -> Vec<Vec<Vec<Inline>>> {
    tight(table.children().map(|row| tight(row.children().map(inline::read))))
}

/// All of them, in a list without room for more: a document has very many short lists.
fn tight<T>(all: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut list: Vec<T> = all.into_iter().collect();
    list.shrink_to_fit();
    list
}
