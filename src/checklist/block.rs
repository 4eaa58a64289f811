//! Code blocks: what their info strings ask for, and the items that they belong to.

use comrak::nodes::NodeCodeBlock;

use crate::source::{Diagnostic, Severity, Span};

use super::parse::{Ast, Reader};
use super::{Block, Mark, front, mark};

/// So many blanks within a line, or before it, push what follows out of sight on a page.
const FAR: usize = 40;

/// Indentation goes deeper than blanks between words before anybody means to hide something.
fn is_out_of_sight(line: &str) -> bool {
    let code = line.trim();
    let indent = line.trim_end().len() - code.len();
    let mut blanks = 0;
    !code.is_empty() && indent >= 2 * FAR
        || code.chars().any(|char| {
            blanks = if char.is_whitespace() { blanks + 1 } else { 0 };
            blanks >= FAR
        })
}

impl Reader<'_> {
    pub(super) fn code(
        &mut self,
        node: Ast<'_>,
        code: &NodeCodeBlock,
        item: Option<usize>,
    ) -> usize {
        let (line, end_line) = (self.line(node), self.end_line(node));
        let source = &self.checklist.source;
        let span =
            Span { start: source.line_span(line).start, end: source.line_span(end_line).end };
        let mut info = code.info.trim().to_owned();
        let mut mark = if code.fenced { mark::of_block(&info) } else { Mark::None };
        if !code.fenced {
            info.clear();
        }
        if mark != Mark::None && !matches!(mark, Mark::Wrong(_)) {
            let faults = [
                (!code.closed, "its fence is never closed"),
                (!source.line(line).contains(&info), "its info string is not written as it reads"),
                (
                    source.text[span.start..span.end].chars().any(front::is_invisible),
                    "it holds characters that cannot be seen",
                ),
                (
                    code.literal.lines().any(is_out_of_sight),
                    "blanks push a part of a line out of sight",
                ),
            ];
            if let Some((_, why)) = faults.iter().find(|(wrong, _)| *wrong) {
                mark = Mark::Wrong((*why).to_owned());
            }
        }
        if let Mark::Wrong(why) = &mark {
            let (start, text) = (source.line_span(line).start, source.line(line));
            let indent = text.len() - text.trim_start().len();
            let span = Span { start: start + indent, end: start + text.len() };
            self.diagnostics.push(Diagnostic {
                code: "HP008",
                severity: Severity::Error,
                span,
                message: format!("this block is not run as it stands: {why}"),
                hint: Some("write the language and one word: ```` ```bash check ````".to_owned()),
                fix: None,
            });
        }
        self.outline.unseen.push((line, end_line));
        if code.fenced && !code.closed && mark == Mark::None {
            self.doubt(
                "HP011",
                line,
                "this fence is never closed: all below is code",
                "close it with a line of the same marks",
            );
        }
        let content = code.literal.replace("\r\n", "\n");
        let language = info.split_whitespace().next().unwrap_or_default().to_lowercase();
        let block = self.checklist.blocks.len();
        self.checklist.blocks.push(Block { language, info, mark, content, span, line, item });
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
        let item = item.unwrap_or_else(|| self.lone_check(text, line, span));
        self.checklist.blocks[at].item = Some(item);
        self.checklist.items[item].acts |= self.checklist.blocks[at].mark == Mark::Action;
        self.checklist.items[item].blocks.push(at);
    }
}
