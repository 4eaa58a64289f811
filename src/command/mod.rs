//! What each command of a script does: only look, change something, or only change the shell.
//!
//! Everything is read from the words, by the grammar of the shell and a table of programs; nothing
//! is ever run to find out. In doubt a command is ambiguous.

mod arguments;
mod doubt;
mod inline;
mod judge;
mod parse;
mod pattern;
mod prepare;
mod redirect;
mod row;
mod secret;
mod statement;
mod table;
mod task;
#[cfg(test)]
mod tests;
mod text;
mod walk;
mod word;

use std::collections::HashSet;
use std::ops::Range;

use judge::{Scene, Verdict, judge};
use redirect::Input;
use walk::{Kind, Simple, Walked, walk};

pub use inline::of_inline;
pub use statement::statements;

/// What running a command comes to, as far as its words tell.
///
/// Ordered: of two, the greater one is what counts for both together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Changes only the shell: `cd`, `export`, an assignment.
    ShellState,
    /// Only looks.
    Check,
    /// May do either.
    Ambiguous,
    /// Changes something.
    Action,
}

/// What a check should know of a command beside its class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Habits {
    /// Needs a terminal or a person: `-it`, a bare `ssh`, `vim`.
    pub interactive: bool,
    /// Does not end by itself: `logs -f`, `watch`.
    pub endless: bool,
    /// It looks, and its exit says nothing about what it sees: `kubectl get`, `curl` without `-f`.
    pub silent: bool,
    /// May print a secret: `env`, `cat .env`.
    pub secret: bool,
}

/// One simple command of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// As written, redirections included; lines that continue it are joined by one blank.
    pub text: String,
    /// Where it stands in the script, in bytes.
    pub span: Range<usize>,
    /// The line it begins on, from 0.
    pub line: usize,
    /// What running it comes to.
    pub class: Class,
    /// Why, in short words for a message: "`kubectl apply` changes the cluster".
    pub why: String,
    /// The program that counts and its arguments: behind `sudo`, `ssh host`, `docker exec …`, and
    /// without quotes.
    pub words: Vec<String>,
    /// The pipeline of the script that it is in, and its place there, both from 0.
    pub pipeline: Option<(usize, usize)>,
    /// What a check should know of it.
    pub habits: Habits,
}

impl Habits {
    /// Those of two commands together.
    fn and(self, other: Self) -> Self {
        Self {
            interactive: self.interactive || other.interactive,
            endless: self.endless || other.endless,
            silent: self.silent || other.silent,
            secret: self.secret || other.secret,
        }
    }
}

/// Every simple command of a shell script, in order: also those in loops, functions, conditions and
/// substitutions. A command given to another one (`sudo`, `ssh host '…'`, `bash -c '…'`) is one
/// with it, and as bad as the worst inside.
///
/// Where the grammar cannot read the script, nothing in it is a check.
pub fn commands(script: &str) -> Vec<Command> {
    let walked = walk(script);
    verdicts(script, &walked, &HashSet::new(), 0)
        .into_iter()
        .zip(&walked.commands)
        .map(|(verdict, simple)| Command {
            text: joined(&script[simple.span.clone()]),
            span: simple.span.clone(),
            line: simple.line,
            class: verdict.class,
            why: verdict.why,
            words: verdict.words,
            pipeline: simple.pipeline,
            habits: verdict.habits,
        })
        .collect()
}

/// The class of a whole script: it acts if one of its commands does, and looks if none may act and
/// at least one looks. A script without a command is ambiguous.
pub fn class(commands: &[Command]) -> Class {
    commands.iter().map(|command| command.class).max().unwrap_or(Class::Ambiguous)
}

/// A text that is given to a shell: the worst of its commands.
fn of_text(text: &str, scene: Scene<'_>) -> Verdict {
    if scene.depth > judge::DEEPEST {
        return Verdict::new(Class::Ambiguous, "there is too much in it to look at");
    }
    let walked = walk(text);
    let inside = verdicts(text, &walked, scene.defined, scene.depth);
    let mut habits = inside.iter().fold(Habits::default(), |all, verdict| all.and(verdict.habits));
    // Its exit is that of the last one.
    let last = walked.commands.iter().rposition(|simple| simple.parent.is_none());
    habits.silent = last.is_some_and(|last| inside[last].habits.silent);
    let worst = inside.into_iter().rev().max_by_key(|verdict| verdict.class);
    worst.map_or_else(
        || Verdict::new(Class::Ambiguous, "nothing tells what it runs"),
        |worst| Verdict { habits, ..worst },
    )
}

/// What is known of each command of a script.
fn verdicts(
    script: &str,
    walked: &Walked,
    outside: &HashSet<String>,
    depth: usize,
) -> Vec<Verdict> {
    let mut defined = walked.defined.clone();
    let aliases = walked.commands.iter().filter(|simple| is_named(simple, "alias"));
    let names = aliases.flat_map(|simple| simple.words.iter().skip(1));
    defined.extend(names.filter_map(|word| Some(word.text.split_once('=')?.0.to_owned())));
    defined.extend(outside.iter().cloned());
    let mut verdicts: Vec<Verdict> = Vec::with_capacity(walked.commands.len());
    for simple in &walked.commands {
        verdicts.push(verdict(simple, script, walked, &defined, depth));
    }
    // What is substituted into a command comes after it.
    for at in (0..verdicts.len()).rev() {
        if let Some(parent) = walked.commands[at].parent {
            let (class, why) = (verdicts[at].class, verdicts[at].why.clone());
            verdicts[parent].raise(class, || why);
        }
    }
    hide_secrets(walked, &mut verdicts);
    verdicts
}

fn is_named(simple: &Simple, name: &str) -> bool {
    simple.words.first().is_some_and(|word| word.text == name)
}

fn verdict(
    simple: &Simple,
    script: &str,
    walked: &Walked,
    defined: &HashSet<String>,
    depth: usize,
) -> Verdict {
    let before = simple.before.map(|before| &walked.commands[before]);
    let said = before.and_then(said);
    let input = said.as_ref().or(simple.redirects.input.as_ref());
    let is_fetched = before.is_some_and(|before| {
        ["curl", "wget", "iwr", "irm"].iter().any(|fetches| is_named(before, fetches))
    });
    let scene = Scene { input, is_fetched, defined, depth };
    let mut verdict = match simple.kind {
        Kind::Command => judge(&simple.words, scene),
        Kind::Test => Verdict::new(Class::Check, "a test only looks"),
        Kind::Unread => Verdict::new(Class::Ambiguous, "it cannot be read"),
        Kind::Shell => Verdict::new(Class::ShellState, "it changes only the shell"),
    };
    if verdict.words.is_empty() {
        verdict.words = simple.words.iter().map(|word| word.text.clone()).collect();
    }
    if let Some(file) = simple.redirects.outputs.first() {
        verdict.raise(Class::Action, || format!("it writes `{}`", judge::brief(&file.text)));
    }
    if let Some(why) = doubt::may_act(&simple.words, &script[simple.span.clone()])
        .filter(|_| simple.kind != Kind::Test)
    {
        verdict.raise(Class::Ambiguous, || why);
    }
    verdict.habits.secret |= verdict.class == Class::Check
        && !verdict.swallows
        && doubt::may_show_secrets(&simple.words);
    // What acts is no look whose exit could say anything.
    verdict.habits.silent &= verdict.class != Class::Action;
    if simple.is_too_deep {
        verdict.raise(Class::Ambiguous, || "there is too much in it to look at".to_owned());
    }
    if !walked.is_readable {
        verdict.raise(Class::Ambiguous, || "the script cannot be read as a whole".to_owned());
    }
    verdict
}

/// What `echo` feeds to the next one.
fn said(before: &Simple) -> Option<Input> {
    let says = ["echo", "printf"].iter().any(|says| is_named(before, says));
    let words = before.words.get(1..)?;
    if !says || words.iter().any(|word| word.several) {
        return None;
    }
    let words: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
    Some(Input::Text(words.join(" ")))
}

/// A secret that goes into a file, or into something that keeps it, is not shown.
fn hide_secrets(walked: &Walked, verdicts: &mut [Verdict]) {
    for at in 0..verdicts.len() {
        let simple = &walked.commands[at];
        verdicts[at].habits.secret &= !simple.redirects.is_hidden;
        let keeps = verdicts[at].swallows || verdicts[at].class != Class::Check;
        if let Some(before) = simple.before.filter(|_| keeps) {
            verdicts[before].habits.secret = false;
        }
    }
}

/// Whether a pattern looks for what nobody wants to find: `error`, `fatal|panic`.
pub fn is_trouble(pattern: &str) -> bool {
    const TROUBLE: &[&str] = &[
        "error",
        "err",
        "fail",
        "failed",
        "failure",
        "fatal",
        "exception",
        "panic",
        "critical",
        "traceback",
        "oom",
        "oomkilled",
        "crash",
        "crashloopbackoff",
        "segfault",
        "denied",
        "refused",
        "timeout",
        "corrupt",
    ];
    let lower = pattern.to_lowercase();
    let mut words =
        lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).peekable();
    words.peek().is_some()
        && words
            .all(|word| TROUBLE.contains(&word.trim_end_matches('s')) || TROUBLE.contains(&word))
}

/// Lines that continue a command, on one line.
fn joined(text: &str) -> String {
    let mut parts = text.split("\\\n");
    let mut joined = parts.next().unwrap_or_default().trim_end_matches([' ', '\t']).to_owned();
    for part in parts {
        joined.push(' ');
        joined.push_str(part.trim_matches([' ', '\t']));
    }
    joined
}
