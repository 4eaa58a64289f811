//! The working reader: comrak's tree → sections, items, blocks and the body for reports.

use comrak::nodes::{AstNode, ListType, NodeCodeBlock, NodeValue};
use comrak::{Arena, Options, parse_document};

use crate::source::{Diagnostic, Severity, Span};

use super::{Block, Checklist, Entry, Inline, Item, ItemKind, Mark, Node, Section};
use super::{identity, inline, mark, words};

type Ast<'a> = &'a AstNode<'a>;

/// What Git hosts render.
pub(super) fn options() -> Options<'static> {
    let mut options = Options::default();
    options.extension.table = true;
    options.extension.tasklist = true;
    options.extension.strikethrough = true;
    options.extension.autolink = true;
    options.extension.footnotes = true;
    options.extension.alerts = true;
    options
}

/// Fills everything but the gates.
pub(super) fn fill(checklist: &mut Checklist, body: usize, diagnostics: &mut Vec<Diagnostic>) {
    let text = checklist.source.text[body..].to_owned();
    let arena = Arena::new();
    let root = parse_document(&arena, &text, &options());
    let mut reader = Reader {
        lines_before: checklist.source.line_of(body) - 1,
        checklist,
        diagnostics,
        open_sections: Vec::new(),
        marks: Vec::new(),
    };
    let nodes: Vec<Node> = root
        .children()
        .map(|child| reader.block(child, None))
        .collect();
    reader.checklist.body = nodes;
    let marks = std::mem::take(&mut reader.marks);
    close_sections(reader.checklist);
    name(reader.checklist);
    identity::fill(checklist, &marks, diagnostics);
}

/// Reads one tree; collects what it meets into the checklist.
struct Reader<'r> {
    checklist: &'r mut Checklist,
    diagnostics: &'r mut Vec<Diagnostic>,
    lines_before: usize,
    open_sections: Vec<usize>,
    /// The explicit identity of each item, if it has one.
    marks: Vec<Option<String>>,
}

impl Reader<'_> {
    fn line(&self, node: Ast<'_>) -> usize {
        self.lines_before + node.data.borrow().sourcepos.start.line
    }

    fn end_line(&self, node: Ast<'_>) -> usize {
        let end = self.lines_before + node.data.borrow().sourcepos.end.line;
        end.clamp(self.line(node), self.checklist.source.line_count().max(1))
    }

    fn block(&mut self, node: Ast<'_>, item: Option<usize>) -> Node {
        let value = node.data.borrow().value.clone();
        match value {
            NodeValue::Heading(heading) => self.heading(node, heading.level, heading.setext),
            NodeValue::Paragraph => Node::Paragraph(inline::read(node)),
            NodeValue::List(list) => Node::List {
                start: (list.list_type == ListType::Ordered).then_some(list.start as u64),
                entries: node
                    .children()
                    .map(|child| self.entry(child, item))
                    .collect(),
            },
            NodeValue::CodeBlock(code) => Node::Code(self.code(node, &code, item)),
            NodeValue::HtmlBlock(html) => Node::Html(html.literal),
            NodeValue::ThematicBreak => Node::Rule,
            NodeValue::Table(_) => Node::Table(rows(node)),
            NodeValue::Alert(alert) => {
                let mut body = vec![Node::Paragraph(vec![Inline::Strong(vec![Inline::Text(
                    alert
                        .title
                        .clone()
                        .unwrap_or_else(|| alert.alert_type.default_title().to_owned()),
                )])])];
                body.extend(node.children().map(|child| self.block(child, item)));
                Node::Quote(body)
            }
            // Quotes, footnotes and whatever a later version adds: nothing in them is lost.
            _ => Node::Quote(
                node.children()
                    .map(|child| self.block(child, item))
                    .collect(),
            ),
        }
    }

    fn heading(&mut self, node: Ast<'_>, level: u8, setext: bool) -> Node {
        let line = self.line(node);
        let text = inline::read(node);
        let title = inline::plain(&text);
        if setext && (title.starts_with("[ ] ") || title.to_lowercase().starts_with("[x] ")) {
            self.complain(
                "HP007",
                line,
                "the line of dashes below makes a heading of this task",
                "leave a blank line between them",
            );
        }
        let nested = node
            .parent()
            .is_none_or(|parent| !matches!(parent.data.borrow().value, NodeValue::Document));
        if nested {
            return Node::Paragraph(vec![Inline::Strong(text)]);
        }
        let sections = &mut self.checklist.sections;
        self.open_sections
            .retain(|&open| sections[open].level < level);
        let parent = self.open_sections.last().copied();
        let standby =
            words::is_standby(&title) || parent.is_some_and(|parent| sections[parent].standby);
        let section = sections.len();
        let counted = words::counts(&title);
        sections.push(Section {
            title,
            level,
            line,
            end_line: 0,
            parent,
            standby,
            counted,
        });
        self.open_sections.push(section);
        Node::Heading {
            section,
            level,
            text,
        }
    }

    fn entry(&mut self, node: Ast<'_>, parent: Option<usize>) -> Entry {
        let item = match node.data.borrow().value.clone() {
            NodeValue::TaskItem(task) => {
                let line = self.lines_before + task.symbol_sourcepos.start.line;
                let box_column = task.symbol_sourcepos.start.column;
                let source = self.checklist.source.line(line).as_bytes();
                // An entity can stand for the bracket; the reviewer's box is a bracket in the file.
                let bracket =
                    box_column.checked_sub(2).and_then(|at| source.get(at)) == Some(&b'[');
                bracket.then(|| self.item(node, line, task.symbol.is_some(), parent))
            }
            _ => None,
        };
        let body = node
            .children()
            .map(|child| self.block(child, item.or(parent)))
            .collect();
        if let Some(item) = item {
            self.own_lines(node, item);
        }
        Entry { item, body }
    }

    fn item(&mut self, node: Ast<'_>, line: usize, ticked: bool, parent: Option<usize>) -> usize {
        let paragraph = node
            .first_child()
            .filter(|child| matches!(child.data.borrow().value, NodeValue::Paragraph));
        let marked = mark::of_item(paragraph.map(inline::read).unwrap_or_default());
        self.marks.push(marked.id);
        self.push(Item {
            id: String::new(),
            text: marked.text,
            line,
            spans: Vec::new(),
            sha256: crate::digest::Digest::of(b""),
            kind: ItemKind::Task,
            section: self.open_sections.last().copied(),
            parent,
            ticked,
            optional: marked.optional,
            owner: marked.owner,
            blocks: Vec::new(),
            gate: None,
        })
    }

    fn push(&mut self, item: Item) -> usize {
        self.checklist.items.push(item);
        self.checklist.items.len() - 1
    }

    /// The lines of the entry that belong to no item inside it.
    fn own_lines(&mut self, node: Ast<'_>, item: usize) {
        let mut taken = Vec::new();
        self.inner(node, &mut taken);
        let source = &self.checklist.source;
        let mut lines: Vec<usize> = (self.line(node)..=self.end_line(node))
            .filter(|line| !taken.iter().any(|(from, to)| (from..=to).contains(&line)))
            .collect();
        while lines.len() > 1
            && lines
                .last()
                .is_some_and(|&line| source.line(line).trim().is_empty())
        {
            lines.pop();
        }
        let mut spans: Vec<Span> = Vec::new();
        for span in lines.into_iter().map(|line| source.line_span(line)) {
            match spans.last_mut() {
                Some(last) if last.end == span.start => last.end = span.end,
                _ => spans.push(span),
            }
        }
        self.checklist.items[item].spans = spans;
    }

    /// Line ranges of the nearest items inside.
    fn inner(&self, node: Ast<'_>, taken: &mut Vec<(usize, usize)>) {
        for child in node.children() {
            if matches!(child.data.borrow().value, NodeValue::TaskItem(_)) {
                taken.push((self.line(child), self.end_line(child)));
            } else {
                self.inner(child, taken);
            }
        }
    }

    fn code(&mut self, node: Ast<'_>, code: &NodeCodeBlock, item: Option<usize>) -> usize {
        let (line, end_line) = (self.line(node), self.end_line(node));
        let source = &self.checklist.source;
        let span = Span {
            start: source.line_span(line).start,
            end: source.line_span(end_line).end,
        };
        let mut info = code.info.trim().to_owned();
        let mut mark = if code.fenced {
            mark::of_block(&info)
        } else {
            Mark::None
        };
        if !code.fenced {
            info.clear();
        }
        if mark != Mark::None && !matches!(mark, Mark::Wrong(_)) {
            let faults = [
                (!code.closed, "its fence is never closed"),
                (
                    !source.line(line).contains(&info),
                    "its info string is not written as it reads",
                ),
                (
                    code.literal.chars().any(super::front::is_invisible),
                    "it holds characters that cannot be seen",
                ),
            ];
            if let Some((_, why)) = faults.iter().find(|(wrong, _)| *wrong) {
                mark = Mark::Wrong((*why).to_owned());
            }
        }
        if let Mark::Wrong(why) = &mark {
            let span = Span {
                end: source.line_span(line).start + source.line(line).len(),
                ..source.line_span(line)
            };
            self.diagnostics.push(Diagnostic {
                code: "HP008",
                severity: Severity::Error,
                span,
                message: format!("this block is not run as it stands: {why}"),
                hint: Some("write the language and one word: ```` ```bash check ````".to_owned()),
            });
        }
        let language = info
            .split_whitespace()
            .next()
            .unwrap_or_default()
            .to_lowercase();
        let block = self.checklist.blocks.len();
        self.checklist.blocks.push(Block {
            language,
            info,
            mark,
            content: code.literal.clone(),
            span,
            line,
            item,
        });
        self.attach(block, item);
        block
    }

    /// A marked block belongs to its item, or is an item of its own.
    fn attach(&mut self, at: usize, item: Option<usize>) {
        let block = &self.checklist.blocks[at];
        if block.mark == Mark::None {
            return;
        }
        let (text, line, span) = (mark::first_title(&block.content), block.line, block.span);
        let item = item.unwrap_or_else(|| {
            self.marks.push(None);
            self.push(Item {
                id: String::new(),
                text,
                line,
                spans: vec![span],
                sha256: crate::digest::Digest::of(b""),
                kind: ItemKind::Check,
                section: self.open_sections.last().copied(),
                parent: None,
                ticked: false,
                optional: false,
                owner: None,
                blocks: Vec::new(),
                gate: None,
            })
        });
        self.checklist.blocks[at].item = Some(item);
        self.checklist.items[item].blocks.push(at);
    }

    fn complain(&mut self, code: &'static str, line: usize, message: &str, hint: &str) {
        let source = &self.checklist.source;
        let start = source.line_span(line).start;
        self.diagnostics.push(Diagnostic {
            code,
            severity: Severity::Error,
            span: Span {
                start,
                end: start + source.line(line).len(),
            },
            message: message.to_owned(),
            hint: Some(hint.to_owned()),
        });
    }
}

fn rows(table: Ast<'_>) -> Vec<Vec<Vec<Inline>>> {
    table
        .children()
        .map(|row| row.children().map(inline::read).collect())
        .collect()
}

fn close_sections(checklist: &mut Checklist) {
    let end = checklist.source.line_count() + 1;
    let heads: Vec<(u8, usize)> = checklist
        .sections
        .iter()
        .map(|s| (s.level, s.line))
        .collect();
    for (at, section) in checklist.sections.iter_mut().enumerate() {
        section.end_line = heads[at + 1..]
            .iter()
            .find(|(level, _)| *level <= section.level)
            .map_or(end, |(_, line)| *line);
    }
}

fn name(checklist: &mut Checklist) {
    let heading = checklist
        .sections
        .iter()
        .find(|section| section.level == 1)
        .or(checklist.sections.first())
        .map(|section| section.title.clone());
    let file = || {
        let name = checklist.source.path.rsplit('/').next().unwrap_or_default();
        name.strip_suffix(".md").unwrap_or(name).to_owned()
    };
    checklist.title = checklist
        .front
        .title
        .clone()
        .or(heading)
        .filter(|title| !title.is_empty())
        .unwrap_or_else(file);
}
