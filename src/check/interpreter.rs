//! The programs that run scripts, and what is special about each.

/// A program that runs scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interpreter {
    /// The language as a block names it.
    pub name: &'static str,
    /// The program, looked up in PATH.
    pub program: &'static str,
    /// What comes before the script.
    pub arguments: &'static [&'static str],
    /// What stands before a script that is an argument itself.
    pub(super) inline: &'static str,
    pub(super) family: Family,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    /// `set` turns failing early on, `kept` asks whether it is; `printf` marks the end of a step.
    Posix {
        set: &'static str,
        kept: &'static str,
        printf: &'static str,
    },
    Python,
    /// Comments begin so; which lines are some, no grammar tells.
    Marked(&'static str),
}

const KEPT: &str = "[[ -o errexit && -o pipefail ]]";

pub(super) const BASH: Interpreter = Interpreter {
    name: "bash",
    program: "bash",
    arguments: &["--norc", "--noprofile"],
    inline: "-c",
    family: Family::Posix { set: "set -eo pipefail", kept: KEPT, printf: "command printf" },
};
/// Transcripts are run by bash.
pub(super) const CONSOLE: Interpreter = Interpreter { name: "console", ..BASH };
pub(super) const SH: Interpreter = Interpreter {
    name: "sh",
    program: "sh",
    arguments: &[],
    inline: "-c",
    family: Family::Posix {
        set: "set -e",
        kept: "case $- in *e*) ;; *) false ;; esac",
        printf: "command printf",
    },
};
const ZSH: Interpreter = Interpreter {
    name: "zsh",
    program: "zsh",
    arguments: &["-f"],
    inline: "-c",
    family: Family::Posix { set: "set -eo pipefail", kept: KEPT, printf: "builtin printf" },
};
const PYTHON: Interpreter = Interpreter {
    name: "python",
    program: "python3",
    arguments: &["-I", "-B"],
    inline: "-c",
    family: Family::Python,
};

const NODE: Interpreter = Interpreter {
    name: "node",
    program: "node",
    arguments: &[],
    inline: "-e",
    family: Family::Marked("//"),
};
const RUBY: Interpreter = Interpreter {
    name: "ruby",
    program: "ruby",
    arguments: &[],
    inline: "-e",
    family: Family::Marked("#"),
};
const PERL: Interpreter = Interpreter { name: "perl", program: "perl", ..RUBY };

/// The languages that scripts can be in.
pub(super) const LANGUAGES: &[(&str, Interpreter)] = &[
    ("bash", BASH),
    ("sh", SH),
    ("zsh", ZSH),
    ("python", PYTHON),
    ("python3", PYTHON),
    ("node", NODE),
    ("javascript", NODE),
    ("js", NODE),
    ("ruby", RUBY),
    ("rb", RUBY),
    ("perl", PERL),
];

/// The interpreter of a language.
pub(super) fn of(language: &str) -> Option<Interpreter> {
    let found = LANGUAGES.iter().find(|(name, _)| *name == language);
    found.map(|(_, interpreter)| *interpreter)
}
