//! Whether a script lets a command that fails end its step: what switches that off, and where shells
//! look away by themselves (POSIX.1-2024, XCU 2.15, `set -e`).

use tree_sitter::Node;

/// Builtins that can leave the shell, run text as commands, or change how failures are treated.
const RESTLESS: &[&str] = &[
    "-",
    ".",
    "alias",
    "autoload",
    "bind",
    "builtin",
    "bye",
    "command",
    "compgen",
    "complete",
    "coproc",
    "emulate",
    "enable",
    "eval",
    "exec",
    "exit",
    "fc",
    "jobs",
    "kill",
    "logout",
    "mapfile",
    "nocorrect",
    "noglob",
    "readarray",
    "repeat",
    "return",
    "set",
    "setopt",
    "shopt",
    "source",
    "suspend",
    "time",
    "trap",
    "unset",
    "unsetopt",
    "zmodload",
];

/// So many failures that nobody sees are told of in one script.
pub(super) const MOST: usize = 100;

/// A failure that ends nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unseen {
    /// Its line, from 0.
    pub(super) line: usize,
    /// The line at the top on which the script goes on; `None` where it goes on before its own
    /// statement at the top has ended.
    pub(super) next: Option<usize>,
    /// `! command`; else the first part of `a && b`.
    pub(super) negated: bool,
}

/// Whether a command called `name` can do neither. What is no plain name may be any command.
pub(super) fn is_calm(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./+[".contains(&byte);
    name.bytes().all(plain) && !RESTLESS.contains(&name)
}

/// Variables through which shells are told to behave otherwise.
pub(super) fn is_restless_variable(name: &str) -> bool {
    const VARIABLES: &[&str] = &[
        "BASHOPTS",
        "BASH_ALIASES",
        "BASH_CMDS",
        "POSIXLY_CORRECT",
        "SHELLOPTS",
        "aliases",
        "builtins",
        "commands",
        "functions",
        "galiases",
        "options",
        "saliases",
    ];
    VARIABLES.contains(&name)
}

/// `set +e`, `\set "+o" pipefail`, `shopt -uo errexit`, `eval 'set +e'` and the like.
pub(super) fn is_lenient(command: Node<'_>, script: &str) -> bool {
    let mut cursor = command.walk();
    let words = command.named_children(&mut cursor).filter(|child| {
        !matches!(child.kind(), "variable_assignment" | "file_redirect" | "comment")
    });
    let words: Vec<String> = words.map(|word| unquoted(&script[word.byte_range()])).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    switches_off(&words)
}

fn switches_off(words: &[&str]) -> bool {
    let wrapped = words.iter().take_while(|word| is_wrapper(word)).count();
    match &words[wrapped..] {
        ["eval", text @ ..] => {
            let text = text.join(" ");
            let mut commands = text.split([';', '&', '|', '\n']);
            commands.any(|command| {
                let words = command.split_whitespace();
                let bare = words.skip_while(|word| is_wrapper(word) || *word == "eval");
                sets_lenient(&bare.collect::<Vec<&str>>())
            })
        }
        bare => sets_lenient(bare),
    }
}

fn is_wrapper(word: &str) -> bool {
    matches!(word, "builtin" | "command" | "time")
}

fn sets_lenient(words: &[&str]) -> bool {
    let Some((name, rest)) = words.split_first() else { return false };
    let named = rest.iter().any(|word| matches!(*word, "errexit" | "pipefail" | "inherit_errexit"));
    match *name {
        "set" => {
            let letters = rest.iter().filter_map(|word| word.strip_prefix('+'));
            letters.clone().any(|letters| letters.contains('e'))
                || named && letters.clone().any(|letters| letters.contains('o'))
        }
        "shopt" => named && rest.iter().any(|word| word.starts_with('-') && word.contains('u')),
        "unsetopt" => named || rest.iter().any(|word| matches!(*word, "err_exit" | "pipe_fail")),
        "setopt" => {
            rest.iter().any(|word| matches!(*word, "noerrexit" | "no_err_exit" | "nopipefail"))
        }
        _ => false,
    }
}

/// A word without its quotes, as far as they change nothing else.
fn unquoted(word: &str) -> String {
    word.chars().filter(|char| !matches!(char, '\'' | '"' | '\\')).collect()
}

/// The failure of `! command` or of the first part of `a && b`, where the script goes on behind it.
pub(super) fn unseen(node: Node<'_>) -> Option<Unseen> {
    let negated = node.kind() == "negated_command";
    if !negated && node.child(1).is_none_or(|operator| operator.kind() != "&&") {
        return None;
    }
    let line = node.start_position().row;
    let mut at = node;
    loop {
        let parent = at.parent()?;
        match parent.kind() {
            "program" => {
                let next = following(at)?.start_position().row;
                return Some(Unseen { line, next: Some(next), negated });
            }
            // What decides is looked at there; what is part of a longer list is told of with it.
            "negated_command" => return None,
            "list" if at.next_named_sibling().is_some() => return None,
            "list" => at = parent,
            "pipeline" => at = parent,
            "while_statement" if at.kind() != "do_group" => return None,
            "if_statement" | "elif_clause" if is_condition(at) => return None,
            "do_group" => return Some(Unseen { line, next: None, negated }),
            _ if following(at).is_some() => return Some(Unseen { line, next: None, negated }),
            // Its failure is a failure of what it is in.
            "subshell"
            | "command_substitution"
            | "process_substitution"
            | "function_definition" => {
                return None;
            }
            _ => at = parent,
        }
    }
}

/// The next statement behind `node` in the same body.
fn following(node: Node<'_>) -> Option<Node<'_>> {
    let mut next = node.next_named_sibling();
    while let Some(sibling) = next {
        match sibling.kind() {
            "comment"
            | "file_redirect"
            | "heredoc_redirect"
            | "herestring_redirect"
            | "heredoc_body" => next = sibling.next_named_sibling(),
            // Another branch.
            "elif_clause" | "else_clause" | "case_item" => return None,
            _ => return Some(sibling),
        }
    }
    None
}

/// It stands before `then`.
fn is_condition(node: Node<'_>) -> bool {
    let mut next = node.next_sibling();
    while let Some(sibling) = next {
        if sibling.kind() == "then" {
            return true;
        }
        next = sibling.next_sibling();
    }
    false
}
