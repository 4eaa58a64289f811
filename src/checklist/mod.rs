//! Markdown → [`Checklist`]: sections, items, blocks, gates, roles and prose, with exact places.
//!
//! The reader knows no kind of check: a block's language picks that later. It never runs anything.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::digest::Digest;
use crate::source::{Diagnostic, Source, Span};

mod agree;
mod block;
mod boxes;
mod choice;
mod declared;
mod front;
mod gates;
mod identity;
mod inline;
mod keys;
mod layout;
mod mark;
mod nearly;
mod parse;
mod parts;
mod read;
mod sections;
mod signoff;
mod words;

pub use front::{Front, GateDeclaration, Param, RoleDeclaration};
pub use front::{is_invisible, is_reserved};
pub use identity::ascii_slug;
pub use inline::plain;
pub use layout::{Piece, PieceKind, TextLine, layout};
pub use read::{LIMIT, Unreadable, read};
pub use signoff::{choices, is_decision, sides, worded};

/// One checklist as read.
#[derive(Clone, Debug)]
pub struct Checklist {
    /// The whole file; every span points into it.
    pub source: Source,
    /// Where the text behind byte order mark and front matter begins, in bytes.
    pub begins: usize,
    /// Digest of the file's bytes.
    pub sha256: Digest,
    /// Front matter's `title`, else the first heading, else the file's name.
    pub title: String,
    /// Front matter, empty when there is none.
    pub front: Front,
    /// Headings and what is under them, in document order.
    pub sections: Vec<Section>,
    /// Lines to be answered, in document order.
    pub items: Vec<Item>,
    /// Every fenced or indented code block, marked or not, in document order.
    pub blocks: Vec<Block>,
    /// Where people decide, in document order; at least one.
    pub gates: Vec<Gate>,
    /// The document as a tree, for reports.
    pub body: Vec<Node>,
}

/// A heading and what is under it.
#[derive(Clone, Debug)]
pub struct Section {
    /// The heading's plain text.
    pub title: String,
    /// 1 to 6.
    pub level: u8,
    /// The heading's line, from 1.
    pub line: usize,
    /// The line after the section's last, from 1.
    pub end_line: usize,
    /// The section around it (index into `sections`).
    pub parent: Option<usize>,
    /// Only for when things go wrong, or for reference; inherited by the sections below it.
    pub standby: bool,
    /// Its heading counts (`Step 1`, `Phase 2`, `3.`, `T-30 min`): such siblings run in order.
    pub counted: bool,
}

/// One line to be answered.
#[derive(Clone, Debug)]
pub struct Item {
    /// The identity: the visible `` `#id` ``, or slugs of headings and text joined by `/`.
    pub id: String,
    /// What the line says as plain text, without marks (`` `#id` ``, `(optional)`, `@owner`).
    pub text: String,
    /// Its line, from 1.
    pub line: usize,
    /// Its own lines and blocks, without its child items.
    pub spans: Vec<Span>,
    /// Digest of the bytes of `spans`, line ends as LF (docs/ledger.md, `item_sha256`).
    pub sha256: Digest,
    /// A task-list entry, or a check that stands alone under a heading.
    pub kind: ItemKind,
    /// The section it is in (index into `sections`).
    pub section: Option<usize>,
    /// The item that it is nested in (index into `items`).
    pub parent: Option<usize>,
    /// What the document itself says of it.
    pub claim: Claim,
    /// Marked `(optional)`.
    pub optional: bool,
    /// Marked `@owner`.
    pub owner: Option<String>,
    /// Its marked blocks (indices into `blocks`), in order.
    pub blocks: Vec<usize>,
    /// An action is among its blocks: it waits for people, whatever else stands there.
    pub acts: bool,
    /// The gate that answers for it (index into `gates`); `None` on standby.
    pub gate: Option<usize>,
}

impl Item {
    /// Whether checks answer it, and not people.
    pub fn is_checked(&self) -> bool {
        !self.blocks.is_empty() && !self.acts
    }
}

/// What a document says of an item: a claim, never an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Claim {
    /// Nothing: an open box.
    #[default]
    Open,
    /// A ticked box.
    Done,
    /// `[~]`, `[-]`, `N/A` in the place of a box, or text that is struck through.
    NotApplicable,
}

/// What makes a line an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemKind {
    /// A task-list entry.
    Task,
    /// A check block outside every task-list entry.
    Check,
}

/// A code block.
#[derive(Clone, Debug)]
pub struct Block {
    /// The first word of the info string, lower case.
    pub language: String,
    /// The info string as written.
    pub info: String,
    /// What the rest of the info string says.
    pub mark: Mark,
    /// The content, the container's indentation removed.
    pub content: String,
    /// The whole block with its fences.
    pub span: Span,
    /// The line of the opening fence, from 1; the content's first line is the next.
    pub line: usize,
    /// The item it belongs to (index into `items`).
    pub item: Option<usize>,
}

/// What a block's info string asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Documentation: never executed.
    None,
    /// `check`: run by `run`.
    Check,
    /// `action`: shown, run only by `do`.
    Action,
    /// `trigger`: sampled by `watch`.
    Trigger,
    /// A near miss (`chekc`) or something besides the mark: an error, the reason in words.
    Wrong(String),
}

/// A hold point.
#[derive(Clone, Debug)]
pub struct Gate {
    /// The name that people use and commands take.
    pub name: String,
    /// The line where its sign-offs or decision begin; the last line of the file for the implied one.
    pub line: usize,
    /// Who has to sign.
    pub roles: Vec<Role>,
    /// It looks like sign-offs, and no role could be read.
    pub unreadable: bool,
}

/// A role that a gate wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// As printed: `Tech Lead`.
    pub name: String,
    /// ASCII slug: `tech-lead`.
    pub slug: String,
    /// How many people.
    pub quorum: u32,
    /// Where it stands, from 1.
    pub line: usize,
}

/// A block of the document, for reports. Strings are plain text, nothing in them is markup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// A heading (level 1 to 6).
    Heading {
        /// Index into `sections`.
        section: usize,
        /// 1 to 6.
        level: u8,
        /// Its text.
        text: Vec<Inline>,
    },
    /// A paragraph.
    Paragraph(Vec<Inline>),
    /// A list; an item is its blocks.
    List {
        /// The first number, when numbered.
        start: Option<u64>,
        /// Its entries.
        entries: Vec<Entry>,
    },
    /// A code block (index into `blocks`).
    Code(usize),
    /// A quotation or an alert.
    Quote(Vec<Node>),
    /// A table; the first row is the head.
    Table(Vec<Vec<Vec<Inline>>>),
    /// A thematic break.
    Rule,
    /// Raw HTML, shown as text.
    Html(String),
}

/// An entry of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The item that it is (index into `items`), if it is one.
    pub item: Option<usize>,
    /// Its content.
    pub body: Vec<Node>,
}

/// Text with emphasis, for reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inline {
    /// Plain text.
    Text(String),
    /// Code.
    Code(String),
    /// Emphasis.
    Emphasis(Vec<Inline>),
    /// Strong emphasis.
    Strong(Vec<Inline>),
    /// Struck through.
    Struck(Vec<Inline>),
    /// A link; the address is shown, never followed by us.
    Link(Box<Link>),
    /// A line break.
    Break,
}

/// A link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Where to.
    pub url: String,
    /// Its text.
    pub text: Vec<Inline>,
}

/// A checklist, and all findings about it.
#[derive(Clone, Debug)]
pub struct Reading {
    /// What was read, as far as it could be.
    pub checklist: Arc<Checklist>,
    /// What is wrong with it, in document order.
    pub diagnostics: Vec<Diagnostic>,
    /// The two readers disagree on items or marked blocks: nothing may run.
    pub disputed: bool,
}

/// Values of parameters by name.
pub type Params = BTreeMap<String, String>;

#[cfg(test)]
mod tests;
