//! Comments and statements of a script, by the grammar of its language and never by a regex.

use std::sync::LazyLock;

use tree_sitter::{Language, Node, Parser, Tree};

use super::bounds;
use super::failure::{self, Unseen};

/// A comment on a line of its own, or behind a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Comment {
    /// Its line, from 0.
    pub(super) line: usize,
    /// Its text without the first `#`.
    pub(super) text: String,
    /// Nothing stands before it in its line.
    pub(super) alone: bool,
    /// It is inside no loop, function, condition or group.
    pub(super) top: bool,
}

/// What a script is made of.
#[derive(Debug)]
pub(super) struct Outline {
    /// Comments, in order.
    pub(super) comments: Vec<Comment>,
    /// First lines of the statements at the top, from 0.
    pub(super) statements: Vec<usize>,
    /// Lines of pipelines, from 0.
    pub(super) pipelines: Vec<usize>,
    /// Lines on which the shell itself may be left: `exit`, `exec`, `return`.
    pub(super) leaves: Vec<usize>,
    /// Lines that switch off what makes a failing command fail its step: `set +e`.
    pub(super) lenient: Vec<usize>,
    /// Lines with what a plain `sh` takes for something else.
    pub(super) bashisms: Vec<usize>,
    /// Failures that end nothing, in order.
    pub(super) unseen: Vec<Unseen>,
    /// Every command is called by its name, and none of them can leave the shell by itself, or
    /// change how it treats failures.
    pub(super) calm: bool,
    /// The first line that the grammar cannot read, from 0.
    pub(super) unreadable: Option<usize>,
    /// The line that nests too deep, from 0; nothing behind it was looked at.
    pub(super) too_deep: Option<usize>,
}

impl Default for Outline {
    fn default() -> Self {
        Self {
            comments: Vec::new(),
            statements: Vec::new(),
            pipelines: Vec::new(),
            leaves: Vec::new(),
            lenient: Vec::new(),
            bashisms: Vec::new(),
            unseen: Vec::new(),
            calm: true,
            unreadable: None,
            too_deep: None,
        }
    }
}

/// A language, and what the kinds of its nodes mean to us.
struct Grammar {
    language: Language,
    /// By the number of the kind.
    kinds: Vec<Kind>,
}

/// What a node may mean.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Comment,
    Pipeline,
    CommandName,
    Function,
    /// A shell of its own, which ends alone.
    Subshell,
    /// `! command` or a list.
    Denial,
    Variable,
    /// The line that ends a here-document.
    HeredocEnd,
    /// What a plain `sh` takes for something else, or not at all.
    Bashism,
    Other,
}

impl Grammar {
    fn of(language: impl Into<Language>) -> Self {
        let language = language.into();
        let kind = |id| match language.node_kind_for_id(id).unwrap_or_default() {
            "comment" => Kind::Comment,
            "pipeline" => Kind::Pipeline,
            "command_name" => Kind::CommandName,
            "function_definition" => Kind::Function,
            "subshell" | "command_substitution" | "process_substitution" => Kind::Subshell,
            "negated_command" | "list" => Kind::Denial,
            "variable_name" => Kind::Variable,
            "heredoc_end" => Kind::HeredocEnd,
            "&>" | "&>>" | "[[" | "((" | "<<<" | "<(" | ">(" => Kind::Bashism,
            _ => Kind::Other,
        };
        let count = u16::try_from(language.node_kind_count()).unwrap_or(u16::MAX);
        let kinds = (0..count).map(kind).collect();
        Self { language, kinds }
    }

    fn kind(&self, node: Node<'_>) -> Kind {
        self.kinds.get(usize::from(node.kind_id())).copied().unwrap_or(Kind::Other)
    }
}

/// The grammar of shells.
pub(super) fn bash(script: &str) -> Outline {
    static GRAMMAR: LazyLock<Grammar> = LazyLock::new(|| Grammar::of(tree_sitter_bash::LANGUAGE));
    outline(script, &GRAMMAR)
}

/// Words that only continue or end what another began.
const INSIDE: &[&str] = &["then", "elif", "else", "fi", "do", "done", "esac", "}", ")", ";;"];

/// The grammar of Python.
pub(super) fn python(script: &str) -> Outline {
    static GRAMMAR: LazyLock<Grammar> = LazyLock::new(|| Grammar::of(tree_sitter_python::LANGUAGE));
    outline(script, &GRAMMAR)
}

fn outline(script: &str, grammar: &Grammar) -> Outline {
    let Some(tree) = parse(script, &grammar.language) else {
        return Outline { unreadable: Some(0), ..Outline::default() };
    };
    let mut outline = Outline::default();
    let mut cursor = tree.walk();
    let mut around = Vec::new();
    // The depth of a hostile script is not the depth of our stack.
    loop {
        let node = cursor.node();
        let kind = grammar.kind(node);
        visit(node, kind, &around, script, &mut outline);
        if cursor.goto_first_child() {
            around.push(kind);
            if around.len() > bounds::DEEPEST {
                outline.too_deep = Some(node.start_position().row);
                return outline;
            }
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                outline.statements.dedup();
                return outline;
            }
            around.pop();
        }
    }
}

fn parse(script: &str, language: &Language) -> Option<Tree> {
    let mut parser = Parser::new();
    parser.set_language(language).ok()?;
    parser.parse(script, None)
}

/// Shells end a here-document at a line that is the word and nothing else; the grammar is lenient.
fn is_exact_end(node: Node<'_>, script: &str) -> bool {
    let word = &script[node.byte_range()];
    let from = script[..node.start_byte()].rfind('\n').map_or(0, |at| at + 1);
    let line = script[from..].split('\n').next().unwrap_or_default();
    let tabs = node
        .parent()
        .is_some_and(|document| document.child(0).is_some_and(|operator| operator.kind() == "<<-"));
    word == if tabs { line.trim_start_matches('\t') } else { line }
}

/// Takes up a node; `around` are the kinds of the nodes that it is in, the root first.
fn visit(node: Node<'_>, kind: Kind, around: &[Kind], script: &str, outline: &mut Outline) {
    let line = node.start_position().row;
    let top = around.len() == 1;
    if node.is_error() || node.is_missing() {
        outline.unreadable = Some(outline.unreadable.map_or(line, |first| first.min(line)));
    }
    match kind {
        Kind::Comment => {
            let text = &script[node.byte_range()];
            let before = &script[..node.start_byte()];
            let before = &before[before.rfind('\n').map_or(0, |at| at + 1)..];
            outline.comments.push(Comment {
                line,
                text: text.strip_prefix('#').unwrap_or(text).trim_end_matches('\r').to_owned(),
                alone: before.trim().is_empty(),
                top,
            });
            return;
        }
        Kind::Pipeline => outline.pipelines.push(line),
        Kind::CommandName => {
            let name = &script[node.byte_range()];
            // The grammar takes what only ends something for a command.
            if INSIDE.contains(&name) {
                outline.unreadable = Some(outline.unreadable.map_or(line, |first| first.min(line)));
            }
            if failure::is_calm(name) {
                return;
            }
            outline.calm = false;
            // A subshell ends alone, and so does a function that returns.
            let ends = |kind: &Kind| match kind {
                Kind::Subshell => true,
                Kind::Function => name == "return",
                _ => false,
            };
            if matches!(name, "exit" | "exec" | "return") && !around.iter().any(ends) {
                outline.leaves.push(line);
            }
            if node.parent().is_some_and(|command| failure::is_lenient(command, script)) {
                outline.lenient.push(line);
            }
        }
        Kind::Function => outline.calm = false,
        // The parts of a list are told of with the whole.
        Kind::Denial
            if outline.unseen.len() < failure::MOST
                && (node.child_count() < 3 || around.last() != Some(&Kind::Denial)) =>
        {
            outline.unseen.extend(failure::unseen(node));
        }
        Kind::HeredocEnd if !is_exact_end(node, script) => {
            outline.unreadable = Some(outline.unreadable.map_or(line, |first| first.min(line)));
        }
        Kind::Variable => {
            outline.calm &= !failure::is_restless_variable(&script[node.byte_range()])
        }
        Kind::Bashism => outline.bashisms.push(line),
        Kind::Denial | Kind::Subshell | Kind::HeredocEnd | Kind::Other => {}
    }
    if top && node.is_named() {
        outline.statements.push(line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_in_a_heredoc_or_a_string_is_no_comment() {
        let outline = bash(
            "cat <<X\n# Expected: a\nX\necho '\n# Expected: b\n'\necho a#b ${#c} # real\n# top\n",
        );
        let texts: Vec<&str> =
            outline.comments.iter().map(|comment| comment.text.as_str()).collect();
        assert_eq!(texts, [" real", " top"]);
        assert!(!outline.comments[0].alone && outline.comments[1].alone);
        assert_eq!(outline.unreadable, None);
    }

    #[test]
    fn a_comment_inside_a_loop_is_not_at_the_top() {
        let outline = bash("for a in b; do\n# inside\ntrue\ndone\n# outside\n");
        assert_eq!(
            outline.comments.iter().map(|comment| comment.top).collect::<Vec<_>>(),
            [false, true]
        );
    }

    #[test]
    fn what_the_grammar_cannot_read_is_told() {
        assert!(bash("if true; then\n").unreadable.is_some());
        assert_eq!(bash("echo ok\n").unreadable, None);
        assert!(python("def f(:\n  pass\n").unreadable.is_some());
    }
}
