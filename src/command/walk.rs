//! From a script to its simple commands, on the grammar of the shell.

use std::collections::HashSet;
use std::ops::Range;

use tree_sitter::{Node, Tree};

use super::parse::{Parsed, parse};
use super::prepare::{Prepared, prepare};
use super::redirect::{Input, Redirects};
use super::word::Word;

/// How many substitutions may lie in each other before nobody looks any further.
const DEEPEST: usize = 8;

/// How many words of a test or an assignment are kept.
const MOST_OF_OTHERS: usize = 16;

/// A simple command as the grammar has it.
#[derive(Debug)]
pub(super) struct Simple {
    pub(super) span: Range<usize>,
    pub(super) line: usize,
    pub(super) kind: Kind,
    pub(super) words: Vec<Word>,
    pub(super) pipeline: Option<(usize, usize)>,
    /// The command before it in its pipeline.
    pub(super) before: Option<usize>,
    /// The command that it is substituted into.
    pub(super) parent: Option<usize>,
    pub(super) redirects: Redirects,
    /// More lies in it than anybody looks at.
    pub(super) is_too_deep: bool,
}

/// What a simple command is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Command,
    /// `[ … ]`, `[[ … ]]`
    Test,
    /// An assignment, a declaration, `(( … ))`
    Shell,
    /// What the grammar cannot read, or nobody looks at.
    Unread,
}

/// The simple commands of a script.
pub(super) struct Walked {
    pub(super) commands: Vec<Simple>,
    /// Functions and aliases of the script.
    pub(super) defined: HashSet<String>,
    /// The grammar could read all of it.
    pub(super) is_readable: bool,
}

/// What the nodes around a node mean for it.
#[derive(Clone, Copy, Default)]
struct Around {
    /// The pipeline that it is in, and its place there.
    pipeline: Option<(usize, usize)>,
    /// The next one inside is at this place of this pipeline.
    next: Option<(usize, usize)>,
    /// The command that it is a part of.
    parent: Option<usize>,
    /// The command that a here-document is fed to.
    reader: Option<usize>,
    depth: usize,
    /// Redirects, by number, that hold for what is inside; 0 is none.
    redirects: usize,
    /// They hold only for what ends here.
    only_until: Option<usize>,
    /// Something is fed to the loop or group around it.
    is_fed: bool,
    /// Assignments in it are no statements.
    is_part: bool,
    is_too_deep: bool,
}

struct Walk<'a> {
    script: &'a str,
    prepared: &'a Prepared<'a>,
    found: Walked,
    redirects: Vec<Redirects>,
    /// The last command of each pipeline.
    last: Vec<Option<usize>>,
}

/// Finds the simple commands.
pub(super) fn walk(script: &str) -> Walked {
    let prepared = prepare(script);
    let found = Walked { commands: Vec::new(), defined: HashSet::new(), is_readable: false };
    let redirects = vec![Redirects::default()];
    let mut walk = Walk { script, prepared: &prepared, found, redirects, last: Vec::new() };
    match parse(&prepared.text) {
        Parsed::Whole(tree) => {
            walk.tree(&tree);
            walk.found.is_readable = true;
        }
        Parsed::Lines(lines) => {
            for (range, line, tree) in lines {
                match tree {
                    Some(tree) => walk.tree(&tree),
                    None => walk.leave(range, line),
                }
            }
        }
        Parsed::TooMuch => walk.leave(0..script.len(), 0),
    }
    walk.found
}

impl Walk<'_> {
    fn tree(&mut self, tree: &Tree) {
        let mut cursor = tree.walk();
        let mut around: Vec<Around> = vec![Around::default()];
        // The depth of a hostile script is not the depth of our stack.
        loop {
            let inside = around.last_mut().map(|around| self.visit(cursor.node(), around));
            if cursor.goto_first_child() {
                around.push(inside.unwrap_or_default());
                continue;
            }
            while !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    return;
                }
                around.pop();
            }
        }
    }

    fn text(&self, node: Node<'_>) -> &str {
        self.script.get(node.byte_range()).unwrap_or_default()
    }

    /// Takes a text for one command that nobody looks at.
    fn leave(&mut self, range: Range<usize>, line: usize) {
        let text = &self.script[range.clone()];
        let start = range.start + (text.len() - text.trim_start().len());
        let end = start + text.trim().len();
        if start < end {
            self.found.commands.push(Simple {
                span: start..end,
                line,
                kind: Kind::Unread,
                words: Vec::new(),
                pipeline: None,
                before: None,
                parent: None,
                redirects: Redirects::default(),
                is_too_deep: false,
            });
        }
    }

    /// Takes up a node, and says what it means for the nodes inside.
    fn visit(&mut self, node: Node<'_>, around: &mut Around) -> Around {
        let mut inside = Around { next: None, ..*around };
        if around.is_too_deep || !node.is_named() {
            return inside;
        }
        if around.only_until.is_some_and(|end| node.end_byte() != end) {
            inside.redirects = 0;
        }
        let kind = node.kind();
        if let Some((pipeline, place)) = around.next.filter(|_| is_stage(kind)) {
            inside.pipeline = Some((pipeline, place));
            inside.is_fed |= place > 0;
            around.next = Some((pipeline, place + 1));
        }
        match kind {
            "variable_assignment" if around.is_part => {}
            "command"
            | "test_command"
            | "declaration_command"
            | "unset_command"
            | "variable_assignments"
            | "variable_assignment" => return self.command(node, inside),
            "compound_statement" if node.child(0).is_some_and(|first| first.kind() == "((") => {
                return self.command(node, inside);
            }
            "c_style_for_statement" => inside.is_part = true,
            "do_group" => inside.is_part = false,
            "list" | "pipeline" => {
                inside.only_until = Some(node.end_byte());
                if kind == "pipeline" {
                    inside.next = Some((self.last.len(), 0));
                    self.last.push(None);
                }
                return inside;
            }
            "redirected_statement" => self.redirected(node, &mut inside),
            "heredoc_redirect" => self.heredoc(node, &mut inside),
            "heredoc_body" => inside.parent = around.reader,
            "command_substitution" | "process_substitution" => return self.substitution(around),
            "function_definition" => {
                if let Some(name) = node.child_by_field_name("name") {
                    self.found.defined.insert(self.text(name).to_owned());
                }
            }
            _ => {}
        }
        inside.only_until = None;
        inside
    }

    fn substitution(&mut self, around: &Around) -> Around {
        let is_too_deep = around.depth >= DEEPEST;
        if let Some(parent) = around.parent.filter(|_| is_too_deep) {
            self.found.commands[parent].is_too_deep = true;
        }
        Around { parent: around.parent, depth: around.depth + 1, is_too_deep, ..Around::default() }
    }

    /// `cat <<EOF | next`: the rest of the line stands inside of the here-document's node.
    fn heredoc(&mut self, node: Node<'_>, inside: &mut Around) {
        let reader = self.found.commands.len().checked_sub(1);
        inside.redirects = 0;
        inside.reader = reader;
        let mut cursor = node.walk();
        let pipes = node.children(&mut cursor).any(|child| child.kind() == "pipeline");
        if let Some(reader) = reader.filter(|_| pipes) {
            let number = self.last.len();
            let (pipeline, place) =
                *self.found.commands[reader].pipeline.get_or_insert((number, 0));
            if pipeline == number {
                self.last.push(Some(reader));
            }
            inside.next = Some((pipeline, place + 1));
        }
    }

    fn redirected(&mut self, node: Node<'_>, inside: &mut Around) {
        let outer = &self.redirects[inside.redirects];
        let mut redirects = Redirects {
            outputs: outer.outputs.clone(),
            is_hidden: outer.is_hidden,
            input: outer.input.clone(),
            arguments: Vec::new(),
            end: outer.end,
        };
        let mut cursor = node.walk();
        for child in node.children_by_field_name("redirect", &mut cursor) {
            redirects.read(child, self.script, self.prepared);
        }
        let body = node.child_by_field_name("body");
        match body.map(|body| body.kind()) {
            None => {
                self.add(node, Kind::Shell, Vec::new(), redirects, *inside);
                return;
            }
            Some("command" | "list" | "pipeline" | "test_command") => {}
            Some(_) => {
                inside.is_fed |= redirects.input.take().is_some();
                redirects.arguments.clear();
                redirects.end = 0;
            }
        }
        self.redirects.push(redirects);
        inside.redirects = self.redirects.len() - 1;
    }

    fn command(&mut self, node: Node<'_>, around: Around) -> Around {
        let mut redirects = self.redirects[around.redirects].clone();
        let mut words = Vec::new();
        let kind = match node.kind() {
            "command" => Kind::Command,
            "test_command" => Kind::Test,
            _ => Kind::Shell,
        };
        if kind == Kind::Command {
            let mut cursor = node.walk();
            for child in node.children(&mut cursor) {
                match child.kind() {
                    "variable_assignment" => {}
                    "file_redirect" | "herestring_redirect" | "heredoc_redirect" => {
                        redirects.read(child, self.script, self.prepared);
                    }
                    _ => words.push(Word::read(child, self.script, self.prepared)),
                }
            }
        } else {
            let written = self.text(node).split_whitespace();
            words.extend(written.map(Word::literal).take(MOST_OF_OTHERS));
        }
        words.append(&mut redirects.arguments);
        let parent = self.add(node, kind, words, redirects, around);
        Around { parent: Some(parent), depth: around.depth, is_part: true, ..Around::default() }
    }

    fn add(
        &mut self,
        node: Node<'_>,
        kind: Kind,
        words: Vec<Word>,
        mut redirects: Redirects,
        around: Around,
    ) -> usize {
        let at = self.found.commands.len();
        let mut before = None;
        if let Some((pipeline, place)) = around.pipeline {
            let last = self.last[pipeline].replace(at);
            before = last.filter(|&last| {
                self.found.commands[last].pipeline.is_some_and(|(_, of_last)| of_last < place)
            });
        }
        if redirects.input.is_none() && around.is_fed {
            redirects.input = Some(Input::Unknown);
        }
        self.found.commands.push(Simple {
            span: node.start_byte()..node.end_byte().max(redirects.end),
            line: node.start_position().row,
            kind,
            words,
            pipeline: around.pipeline,
            before,
            parent: around.parent,
            redirects,
            is_too_deep: false,
        });
        at
    }
}

/// Whether a node of a pipeline is one of its commands.
fn is_stage(kind: &str) -> bool {
    !matches!(kind, "comment" | "file_redirect" | "heredoc_redirect" | "heredoc_body")
        && !matches!(kind, "heredoc_start" | "heredoc_end" | "ERROR")
}
