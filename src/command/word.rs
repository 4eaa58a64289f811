//! One word of a command: its text without quotes, and how much of it is known.

use tree_sitter::Node;

use super::prepare::Prepared;

/// A word of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    /// Without quotes; expansions are as written.
    pub(super) text: String,
    /// A part of it is only known when it runs, or when somebody has filled in a placeholder.
    pub(super) dynamic: bool,
    /// It may become several words, options among them.
    pub(super) several: bool,
}

impl Word {
    /// A word that says what it says.
    pub(super) fn literal(text: impl Into<String>) -> Self {
        Self { text: text.into(), dynamic: false, several: false }
    }

    /// A word that nothing is known of.
    pub(super) fn unknown() -> Self {
        Self { text: "…".to_owned(), dynamic: true, several: false }
    }

    /// Reads a node of the grammar.
    pub(super) fn read(node: Node<'_>, script: &str, prepared: &Prepared<'_>) -> Self {
        let mut word = Self::literal("");
        word.add(node, script, false, 0);
        word.dynamic |= prepared.is_in(&node.byte_range());
        word
    }

    fn add(&mut self, node: Node<'_>, script: &str, quoted: bool, depth: usize) {
        let written = script.get(node.byte_range()).unwrap_or_default();
        match node.kind() {
            _ if !node.is_named() => self.text.push_str(written),
            "word" | "number" | "string_content" | "extglob_pattern" | "regex"
            | "special_character" | "variable_name" | "heredoc_content" => {
                self.text.push_str(&unescaped(written, quoted))
            }
            "raw_string" => self.text.push_str(inside(written, 1)),
            "ansi_c_string" => self.text.push_str(&unescaped(inside(written, 2), true)),
            "command_name" | "concatenation" | "string" | "translated_string" if depth < 6 => {
                self.parts(node, script, quoted, depth);
            }
            "brace_expression" => self.text.push_str(written),
            kind => {
                self.dynamic = true;
                self.several |= !quoted && may_be_several(kind, written) || written.contains('@');
                self.text.push_str(written);
            }
        }
    }

    /// The parts of a word, and what stands between them: the grammar names no node for blanks and
    /// some characters inside quotes.
    fn parts(&mut self, node: Node<'_>, script: &str, quoted: bool, depth: usize) {
        let quotes = node.kind() == "string" || node.kind() == "translated_string";
        let mut cursor = node.walk();
        let mut at = node.start_byte();
        for part in node.children(&mut cursor) {
            let between = script.get(at..part.start_byte()).unwrap_or_default();
            self.text.push_str(&unescaped(between, quoted || quotes));
            at = part.end_byte();
            match part.kind() {
                "\"" | "$\"" => {}
                _ if part.is_named() => self.add(part, script, quoted || quotes, depth + 1),
                _ => {
                    let written = script.get(part.byte_range()).unwrap_or_default();
                    self.text.push_str(&unescaped(written, quoted || quotes));
                }
            }
        }
    }
}

/// `$ARGS` and `$@` are whole lists of words by custom; `$HOST` is one.
fn may_be_several(kind: &str, written: &str) -> bool {
    let name = written.to_ascii_uppercase();
    matches!(kind, "simple_expansion" | "expansion")
        && ["$@", "$*", "ARGS", "OPTS", "OPTIONS", "FLAGS", "PARAMS"]
            .iter()
            .any(|word| name.contains(word))
}

/// The text between `before` bytes of opening and one closing quote.
fn inside(written: &str, before: usize) -> &str {
    written.get(before..written.len().saturating_sub(1)).unwrap_or_default()
}

fn unescaped(written: &str, quoted: bool) -> String {
    if !written.contains('\\') {
        return written.to_owned();
    }
    let mut text = String::with_capacity(written.len());
    let mut characters = written.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some('\n') => {}
                Some(next) if quoted && !matches!(next, '$' | '`' | '"' | '\\' | '\'') => {
                    text.extend(['\\', next]);
                }
                Some(next) => text.push(next),
                None => {}
            },
            other => text.push(other),
        }
    }
    text
}
