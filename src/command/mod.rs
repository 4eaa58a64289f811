//! What each command of a script does: only look, change something, or only change the shell.
//!
//! Everything is read from the words, by the grammar of the shell and a table of programs; nothing
//! is ever run to find out. In doubt a command is ambiguous.

use std::ops::Range;

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
    /// Its exit says nothing about what it looks at: `kubectl get`, `curl` without `-f`.
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

/// Every simple command of a shell script, in order: also those in loops, functions, conditions and
/// substitutions. A command given to another one (`sudo`, `ssh host '…'`, `bash -c '…'`) is one
/// with it, and as bad as the worst inside.
pub fn commands(_script: &str) -> Vec<Command> {
    Vec::new()
}

/// The class of a whole script: it acts if one of its commands does; it looks if none may act and
/// at least one looks.
pub fn class(commands: &[Command]) -> Class {
    commands.iter().map(|command| command.class).max().unwrap_or(Class::Ambiguous)
}

/// The commands of a code span in a sentence, such as `git push origin v1`; none where it does not
/// read as a command line.
pub fn of_inline(_code: &str) -> Option<Vec<Command>> {
    None
}
