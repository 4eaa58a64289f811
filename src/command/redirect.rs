//! Where a command's input comes from, and where its output goes.

use tree_sitter::Node;

use super::prepare::Prepared;
use super::table::TABLE;
use super::word::Word;

/// How many files a command is known to write; one is enough to act.
const MOST_OUTPUTS: usize = 4;

/// Where input comes from and output goes.
#[derive(Clone, Debug, Default)]
pub(super) struct Redirects {
    /// The files that are written, as far as anybody wants to know.
    pub(super) outputs: Vec<Word>,
    /// The output goes somewhere else than to whoever looks.
    pub(super) is_hidden: bool,
    pub(super) input: Option<Input>,
    /// Arguments that stand behind a redirect.
    pub(super) arguments: Vec<Word>,
    /// Where the last one ends that stands behind the command.
    pub(super) end: usize,
}

/// What is fed to a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Input {
    Text(String),
    File(Word),
    /// It comes out of something.
    Unknown,
}

impl Redirects {
    /// Takes up a redirect of the grammar.
    pub(super) fn read(&mut self, node: Node<'_>, script: &str, prepared: &Prepared<'_>) {
        match node.kind() {
            "herestring_redirect" => {
                self.end = self.end.max(node.end_byte());
                let text = node.named_child(0).map(|text| Word::read(text, script, prepared));
                let text = text.filter(|text| !text.dynamic);
                self.input = Some(text.map_or(Input::Unknown, |text| Input::Text(text.text)));
            }
            "heredoc_redirect" => self.document(node, script, prepared),
            "file_redirect" => self.file(node, script, prepared),
            _ => {}
        }
    }

    fn document(&mut self, node: Node<'_>, script: &str, prepared: &Prepared<'_>) {
        let mut cursor = node.walk();
        for child in node.children(&mut cursor) {
            match child.kind() {
                "heredoc_start" => self.end = self.end.max(child.end_byte()),
                "heredoc_body" => {
                    let text = script.get(child.byte_range()).unwrap_or_default();
                    self.input = Some(Input::Text(text.to_owned()));
                }
                "file_redirect" => self.file(child, script, prepared),
                _ => {}
            }
        }
    }

    fn file(&mut self, node: Node<'_>, script: &str, prepared: &Prepared<'_>) {
        self.end = self.end.max(node.end_byte());
        let mut operator = ">";
        let mut is_error = false;
        let mut words = Vec::new();
        let mut cursor = node.walk();
        for child in node.children(&mut cursor) {
            match child.kind() {
                "file_descriptor" => is_error = script.get(child.byte_range()) == Some("2"),
                _ if child.is_named() => words.push(Word::read(child, script, prepared)),
                kind => operator = kind,
            }
        }
        if words.is_empty() {
            return;
        }
        let target = words.remove(0);
        // The grammar takes what stands behind a target for more of them.
        self.arguments.append(&mut words);
        match operator {
            "<" => self.input = Some(Input::File(target)),
            "<&" | "<&-" | ">&-" => {}
            ">&" if target.text.bytes().all(|byte| byte.is_ascii_digit()) => {}
            _ => {
                self.is_hidden |= !is_error;
                if self.outputs.len() < MOST_OUTPUTS && !TABLE.words.files.is_nowhere(&target) {
                    self.outputs.push(target);
                }
            }
        }
    }
}
