//! What a document says beside its items, checks and gates: whose its blocks are, what their commands
//! do, what is expected of them, who signs, what is decided, and what is still to be filled in.
//!
//! A survey is for `lint` and `adopt`, and for whoever wants to see what was understood. Nothing runs
//! because of it, and no verdict depends on it.

use serde::Serialize;

use crate::checklist::{self, Checklist, Piece, PieceKind};
use crate::command::{self, Class, Command};

mod commands;
mod comments;
mod decisions;
mod facts;
mod model;
mod notes;
mod owner;
mod placeholders;
mod signing;
mod slots;
mod thresholds;
mod times;

pub use decisions::{Decision, DecisionForm};
pub use facts::Fact;
pub use model::{BlockModel, ItemModel, Model, SectionModel};
pub use notes::{Form, Note};
pub use owner::{Owner, OwnerKind, Relation};
pub use placeholders::{Placeholder, PlaceholderKind, names_set};
pub use signing::SignOff;
pub use slots::Slot;
pub use thresholds::{Comparison, Polarity, Threshold};
pub use times::{Time, TimeKind};

/// All that a document says beside its items, checks and gates. Lines count from 1.
#[derive(Clone, Debug)]
pub struct Survey {
    /// Whose the blocks are, one for each block of the checklist.
    pub owners: Vec<Owner>,
    /// Commands in blocks and in sentences.
    pub commands: Vec<Found>,
    /// What commands and items should come to, as people wrote it.
    pub notes: Vec<Note>,
    /// What is still to be filled in before a command can run.
    pub placeholders: Vec<Placeholder>,
    /// Lines where people sign or are named.
    pub signoffs: Vec<SignOff>,
    /// Lines where people decide, and sentences that bind them.
    pub decisions: Vec<Decision>,
    /// What the document says of itself.
    pub facts: Vec<Fact>,
    /// When things happen, and how long they take.
    pub times: Vec<Time>,
    /// Numbers that pass or fail.
    pub thresholds: Vec<Threshold>,
    /// Places for evidence.
    pub slots: Vec<Slot>,
}

/// A command, and where it stands.
#[derive(Clone, Debug)]
pub struct Found {
    /// Its line in the file.
    pub line: usize,
    /// The block that it is in (index into `blocks`); none in a sentence.
    pub block: Option<usize>,
    /// What is known of it.
    pub command: Command,
}

/// A class as JSON has it.
pub fn class_word(class: Class) -> &'static str {
    match class {
        Class::Check => "check",
        Class::Action => "action",
        Class::ShellState => "shell-state",
        Class::Ambiguous => "ambiguous",
    }
}

/// Surveys a checklist.
pub fn survey(checklist: &Checklist) -> Survey {
    let document = Document::of(checklist);
    let owners = owner::owners(&document);
    let commands = commands::commands(&document);
    let thresholds = thresholds::thresholds(&document);
    Survey {
        notes: notes::notes(&document, &owners, &commands),
        placeholders: placeholders::placeholders(&document),
        signoffs: signing::signoffs(&document),
        decisions: decisions::decisions(&document),
        facts: facts::facts(&document),
        times: times::times(&document),
        slots: slots::slots(&document),
        owners,
        commands,
        thresholds,
    }
}

/// A checklist with its pieces.
struct Document<'c> {
    checklist: &'c Checklist,
    pieces: Vec<Piece>,
    /// For each piece, those directly in it.
    inside: Vec<Vec<usize>>,
    /// Those in no other.
    top: Vec<usize>,
    /// For each piece, its place among its siblings.
    place: Vec<usize>,
}

impl<'c> Document<'c> {
    fn of(checklist: &'c Checklist) -> Self {
        let pieces = checklist::layout(checklist);
        let mut inside = vec![Vec::new(); pieces.len()];
        let (mut top, mut place) = (Vec::new(), Vec::new());
        for (at, piece) in pieces.iter().enumerate() {
            let siblings: &mut Vec<usize> = match piece.parent {
                Some(parent) => &mut inside[parent],
                None => &mut top,
            };
            place.push(siblings.len());
            siblings.push(at);
        }
        Self { checklist, pieces, inside, top, place }
    }

    /// The pieces behind one in the same container.
    fn after(&self, at: usize) -> &[usize] {
        let siblings = self.pieces[at].parent.map_or(&self.top, |parent| &self.inside[parent]);
        &siblings[self.place[at] + 1..]
    }

    /// The pieces around one, the nearest first.
    fn around(&self, at: usize) -> impl Iterator<Item = usize> + '_ {
        std::iter::successors(self.pieces[at].parent, |at| self.pieces[*at].parent)
    }

    /// The nearest entry around a piece.
    fn entry_around(&self, at: usize) -> Option<usize> {
        self.around(at).find(|at| matches!(self.pieces[*at].kind, PieceKind::Entry { .. }))
    }

    /// The first paragraph of an entry, which is what the entry says.
    fn said(&self, entry: usize) -> Option<&Piece> {
        let first = &self.pieces[*self.inside[entry].first()?];
        (first.kind == PieceKind::Paragraph).then_some(first)
    }

    /// Lines of prose: of headings, paragraphs and rows; with the piece that each is of.
    fn prose(&self) -> impl Iterator<Item = (usize, checklist::TextLine<'_>)> {
        let lines = self.pieces.iter().enumerate();
        lines.flat_map(|(at, piece)| piece.lines().map(move |line| (at, line)))
    }

    /// The entry that a piece is the text of.
    fn said_by(&self, at: usize) -> Option<usize> {
        let parent = self.pieces[at].parent?;
        (self.inside[parent].first() == Some(&at)
            && matches!(self.pieces[parent].kind, PieceKind::Entry { .. }))
        .then_some(parent)
    }

    /// The line of the heading that a piece is below.
    fn heading_line(&self, at: usize) -> Option<usize> {
        self.pieces[at].section.map(|section| self.checklist.sections[section].line)
    }

    /// Whether a piece is only for when things go wrong.
    fn on_standby(&self, at: usize) -> bool {
        self.pieces[at].section.is_some_and(|section| self.checklist.sections[section].standby)
    }
}

/// A label and what stands behind its colon: `**Owner**: Ops` → `Owner`, `Ops`.
fn label(text: &str) -> Option<(&str, &str)> {
    let (label, value) = text.split_once([':', '：'])?;
    let label = bare(label);
    (!label.is_empty() && label.chars().count() <= 60).then(|| (label, bare(value)))
}

/// A text without the marks of emphasis, boxes and blanks around it.
fn bare(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '*' | '_' | '`' | '\\'))
}

/// A text as the tables of words have it, without signs at its ends.
fn folded(text: &str) -> String {
    let lower = text.to_lowercase();
    let sign = |c: char| !c.is_alphanumeric();
    lower.trim_matches(sign).to_owned()
}

/// The commands of a block, when it is of a shell or says nothing else.
fn is_shell(language: &str) -> bool {
    const SHELLS: &[&str] = &[
        "bash",
        "sh",
        "shell",
        "zsh",
        "console",
        "shell-session",
        "terminal",
        "cmd",
        "bat",
        "batch",
        "powershell",
        "ps1",
        "pwsh",
        "ksh",
        "fish",
    ];
    SHELLS.contains(&language)
}

/// Whether a text without a language reads as commands: every line that says something is one.
fn reads_as_commands(content: &str) -> bool {
    let mut any = false;
    let said =
        content.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    for line in said.take(LINES) {
        if command::of_inline(line.trim_start_matches("$ ")).is_none() {
            return false;
        }
        any = true;
    }
    any
}

/// Of a block without a language, so many lines are looked at.
const LINES: usize = 200;

impl Serialize for Found {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let command = &self.command;
        let mut found = serializer.serialize_struct("Found", 5)?;
        found.serialize_field("line", &self.line)?;
        found.serialize_field("text", &command.text)?;
        found.serialize_field("class", class_word(command.class))?;
        found.serialize_field("why", &command.why)?;
        found.serialize_field("inline", &self.block.is_none())?;
        found.end()
    }
}
