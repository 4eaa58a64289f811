//! Kinds of checks: what a marked block asks for, compiled before anything runs.
//!
//! A block's language picks the kind. Whatever cannot be understood is a [`Fault`], and the outcome
//! of its item is then `error`.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::outcome::{CheckResult, ExpectResult};

mod bounds;
mod console;
mod course;
mod directive;
mod document;
mod expect;
mod failure;
mod field;
pub(crate) mod folder;
mod grammar;
pub mod here;
mod interpreter;
mod jq;
mod judge;
mod margin;
mod mark;
mod measure;
mod passage;
mod probe;
pub(crate) mod process;
pub mod request;
mod sandbox;
mod script;
mod search;
mod settle;
mod shell;
mod subject;
mod target;
mod template;
mod threshold;
mod transcript;
pub mod worker;

use expect::Expectation;

pub use bounds::{MOST_COMMANDS, MOST_PATTERNS, commands, patterns};
pub(crate) use directive::{AGENT, distinct};
pub use directive::{After, Again, Condition, Directives, Each, Limit, List, Place, Save};
pub use probe::Probe;
pub use shell::{Shell, Step};
pub use target::chooses_a_target;
pub use threshold::{Amount, Threshold};

/// A check, ready to run.
#[derive(Clone, Debug)]
pub enum Check {
    /// A script for an interpreter.
    Shell(Shell),
    /// What is looked at, without a script.
    Probe(Probe),
}

/// Something in a check that cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The line of the block's content, from 0.
    pub line: usize,
    /// The code that docs/lint.md explains: `HP101`.
    pub code: &'static str,
    /// What is wrong: lower case, no full stop.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
}

/// What blocks came to, by their places in the document.
pub type Compiled = BTreeMap<usize, Result<Check, Vec<Fault>>>;

impl Fault {
    pub(crate) fn new(
        line: usize,
        code: &'static str,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self { line, code, message: message.into(), hint: Some(hint.into()) }
    }

    /// A check that was not compiled, because those before it have [`MOST_PATTERNS`].
    pub fn too_many_patterns() -> Self {
        let message =
            format!("this checklist has more than {MOST_PATTERNS} regexes and jq programs");
        Self::new(0, "HP128", message, "write `# Expected: TEXT`, or a checklist for each part")
    }

    /// A check that was not compiled, because those before it have [`MOST_COMMANDS`].
    pub fn too_many_commands() -> Self {
        let message =
            format!("this checklist has more than {MOST_COMMANDS} commands in its checks");
        Self::new(0, "HP128", message, "put scripts into files of their own, and run these")
    }
}

/// How long a check may take unless it says otherwise.
pub const TIMEOUT: Duration = Duration::from_secs(30);

/// Languages that product plans name and this version does not run.
const LATER: &[&str] = &["pwsh", "powershell", "fish"];

/// The languages that checks can be written in, each of its spellings.
pub fn languages() -> impl Iterator<Item = &'static str> {
    let scripts = interpreter::LANGUAGES.iter().map(|(name, _)| *name);
    scripts.chain(["console"]).chain(probe::KINDS.iter().map(|(name, _)| *name))
}

/// Compiles the content of a block in `language`.
///
/// # Errors
/// All faults, in the order of their lines.
pub fn compile(language: &str, content: &str) -> Result<Check, Vec<Fault>> {
    if let Some(interpreter) = interpreter::of(language) {
        return shell::compile(interpreter, content).map(Check::Shell);
    }
    if language == "console" {
        return console::compile(content).map(Check::Shell);
    }
    if let Some(kind) = probe::of(language) {
        return probe::compile(kind, content).map(Check::Probe);
    }
    let fault = if LATER.contains(&language) {
        Fault::new(
            0,
            "HP111",
            format!("checks in `{language}` are not supported yet"),
            "write it in `bash`, `sh` or `python`",
        )
    } else {
        let near = languages()
            .chain(LATER.iter().copied())
            .min_by_key(|known| strsim::damerau_levenshtein(known, language));
        let hint = match near.filter(|near| strsim::damerau_levenshtein(near, language) <= 2) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("known are {}", languages().collect::<Vec<_>>().join(", ")),
        };
        Fault::new(
            0,
            "HP110",
            format!("`{language}` is no language that checks can be written in"),
            hint,
        )
    };
    Err(vec![fault])
}

/// Whether `{{NAME}}` in the checks of a language stands for a value, wherever it is.
pub fn fills_names(language: &str) -> bool {
    probe::of(language).is_some()
}

impl Check {
    /// The directives of its block.
    pub fn directives(&self) -> &Directives {
        match self {
            Self::Shell(shell) => &shell.directives,
            Self::Probe(probe) => &probe.directives,
        }
    }

    /// Its steps.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        match self {
            Self::Shell(shell) => shell.steps.iter(),
            Self::Probe(probe) => std::slice::from_ref(&probe.step).iter(),
        }
    }

    /// Whether it runs in a process that can be killed: a script, and what may go on without end.
    pub fn needs_worker(&self) -> bool {
        match self {
            Self::Shell(_) => true,
            Self::Probe(probe) => !probe.ask.ends_by_itself(&probe.step.expectations),
        }
    }

    /// It changes nothing, and is asked once.
    pub fn only_looks(&self) -> bool {
        let Self::Probe(probe) = self else { return false };
        probe.acts().is_none() && self.directives().again.is_none()
    }

    /// What it saved, as its result tells it: each name with its value, and whether it was evaluated.
    pub fn saved<'r>(
        &'r self,
        result: &'r CheckResult,
    ) -> impl Iterator<Item = (&'r str, &'r ExpectResult)> {
        // They are the last expectations of the last step.
        let before = self.steps().last().map_or(0, |step| step.expectations().count());
        let saves = &self.directives().saves;
        let last = result
            .steps
            .len()
            .checked_sub(1)
            .filter(|_| result.steps.len() == self.steps().count());
        let results = last.and_then(|last| result.steps[last].expect.get(before - saves.len()..));
        saves.iter().map(|save| save.name.as_str()).zip(results.unwrap_or_default())
    }

    /// Programs that it runs, each with a variable of the caller that chooses what they look at.
    pub fn chosen_by(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let programs = match self {
            // What it runs elsewhere sees nothing of ours.
            Self::Shell(Shell { directives: Directives { place: Some(place), .. }, .. }) => {
                vec![place.scheme()]
            }
            Self::Shell(shell) => shell.programs.clone(),
            Self::Probe(_) => Vec::new(),
        };
        let variables =
            |program| target::variables(program).map(move |variable| (program, variable));
        programs.into_iter().flat_map(variables)
    }

    /// What in it is probably not meant, though it can be run.
    pub fn doubts(&self) -> &[Fault] {
        match self {
            Self::Shell(shell) => &shell.doubts,
            Self::Probe(_) => &[],
        }
    }

    /// Its language, as results name it.
    pub fn kind(&self) -> &str {
        match self {
            Self::Shell(shell) => shell.interpreter.name,
            Self::Probe(probe) => probe.name,
        }
    }

    /// Names of parameters that stand in it as `{{NAME}}`.
    pub fn names(&self) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        if let Self::Probe(probe) = self {
            let mut asked = BTreeSet::new();
            probe.ask.names(&mut asked);
            names.extend(asked.into_iter().map(str::to_owned));
        }
        if let Some(place) = &self.directives().place {
            names.extend(place.names().map(str::to_owned));
        }
        names.extend(self.steps().flat_map(|step| &step.expectations).flat_map(Expectation::names));
        names
    }
}
