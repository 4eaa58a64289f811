//! Inline nodes → [`Inline`], and the plain text of them.

use comrak::nodes::{AstNode, NodeValue};

use super::{Inline, Link};

/// Nesting of emphasis and links below this is flattened to text.
const DEPTH: usize = 32;

/// The inline content of a block.
pub(super) fn read<'a>(node: &'a AstNode<'a>) -> Vec<Inline> {
    children(node, 0)
}

/// All that it says is struck through.
pub(super) fn is_struck(text: &[Inline]) -> bool {
    let mut struck = false;
    let all = text.iter().all(|inline| match inline {
        Inline::Struck(_) => {
            struck = true;
            true
        }
        // A mark of the item, a reason behind it.
        Inline::Code(code) => code.starts_with('#'),
        Inline::Text(text) => text.trim().is_empty() || text.trim_start().starts_with('('),
        Inline::Break => true,
        _ => false,
    });
    all && struck
}

fn children<'a>(node: &'a AstNode<'a>, depth: usize) -> Vec<Inline> {
    let mut inlines = Vec::new();
    for child in node.children() {
        add(child, depth, &mut inlines);
    }
    // Most texts are one piece, and a document has many of them.
    inlines.shrink_to_fit();
    inlines
}

fn add_text(text: &str, to: &mut Vec<Inline>) {
    match to.last_mut() {
        Some(Inline::Text(before)) => before.push_str(text),
        _ => to.push(Inline::Text(text.to_owned())),
    }
}

fn add<'a>(child: &'a AstNode<'a>, depth: usize, to: &mut Vec<Inline>) {
    let data = child.data.borrow();
    let inner = || {
        if depth < DEPTH {
            children(child, depth + 1)
        } else {
            vec![Inline::Text(text_below(child))]
        }
    };
    let inline = match &data.value {
        NodeValue::Text(text) => return add_text(text, to),
        NodeValue::HtmlInline(html) | NodeValue::Raw(html) => return add_text(html, to),
        NodeValue::FootnoteReference(note) => return add_text(&format!("[^{}]", note.name), to),
        NodeValue::Code(code) => Inline::Code(code.literal.clone()),
        NodeValue::SoftBreak | NodeValue::LineBreak => Inline::Break,
        NodeValue::Emph => Inline::Emphasis(inner()),
        NodeValue::Strong => Inline::Strong(inner()),
        NodeValue::Strikethrough => Inline::Struck(inner()),
        NodeValue::Link(link) | NodeValue::Image(link) => {
            Inline::Link(Box::new(Link { url: link.url.clone(), text: inner() }))
        }
        _ => {
            for inline in inner() {
                match inline {
                    Inline::Text(text) => add_text(&text, to),
                    inline => to.push(inline),
                }
            }
            return;
        }
    };
    to.push(inline);
}

/// Whether a box may stand in it: a character that is not ASCII, or `[~]`.
pub(super) fn may_hold_box(inlines: &[Inline]) -> bool {
    inlines.iter().any(|inline| match inline {
        Inline::Text(text) | Inline::Code(text) => !text.is_ascii() || text.contains('['),
        Inline::Break => false,
        Inline::Emphasis(inner) | Inline::Strong(inner) | Inline::Struck(inner) => {
            may_hold_box(inner)
        }
        Inline::Link(link) => may_hold_box(&link.text),
    })
}

/// All text below a node, without recursion.
fn text_below<'a>(node: &'a AstNode<'a>) -> String {
    node.descendants()
        .map(|node| match &node.data.borrow().value {
            NodeValue::Text(text) => text.to_string(),
            NodeValue::Code(code) => code.literal.clone(),
            NodeValue::SoftBreak | NodeValue::LineBreak => " ".to_owned(),
            _ => String::new(),
        })
        .collect()
}

/// The text of it without emphasis; breaks become spaces.
pub fn plain(inlines: &[Inline]) -> String {
    let mut text = String::new();
    push(inlines, &mut text);
    text.trim().to_owned()
}

fn push(inlines: &[Inline], text: &mut String) {
    for inline in inlines {
        match inline {
            Inline::Text(part) | Inline::Code(part) => text.push_str(part),
            Inline::Break => text.push(' '),
            Inline::Emphasis(inner) | Inline::Strong(inner) | Inline::Struck(inner) => {
                push(inner, text)
            }
            Inline::Link(link) => push(&link.text, text),
        }
    }
}
