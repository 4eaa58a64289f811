//! What is asked of whoever runs a check: all that it needs, with the values of this run in it. And the answer.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::digest;
use crate::outcome::{CheckResult, Outcome, Redaction};
use crate::redact::{self, Secrets};

use super::directive::Reach;
use super::expect::{Assertion, Expectation};
use super::passage::{self, Passage};
use super::probe::Ask;
use super::shell::{Shell, Step};
use super::{Check, script};

/// What a worker is asked to do.
#[derive(Debug, Serialize, Deserialize)]
pub struct Request {
    pub(super) kind: String,
    pub(super) task: Task,
    pub(super) steps: Vec<StepRequest>,
    pub(super) environment: BTreeMap<String, String>,
    pub(super) folder: PathBuf,
    /// Its temporary folder, which whoever runs it makes; of no meaning where no worker runs it.
    pub(super) temporary: PathBuf,
    pub(super) no_writes: bool,
    pub(super) timeout: Duration,
    pub(super) still: bool,
    pub(super) secrets: Secrets,
    pub(super) target: Option<String>,
}

/// What came of it. Everything in it is redacted, but for what is saved.
#[derive(Debug, Serialize, Deserialize)]
pub struct Answer {
    /// The result of the check.
    pub result: CheckResult,
    /// What it means for its item.
    pub outcome: Outcome,
    /// What was redacted.
    pub redactions: Vec<Redaction>,
    /// Bytes kept, each once.
    #[serde(skip)]
    pub evidence: Vec<Vec<u8>>,
    /// Values for later items, as (name, value), and as they are.
    pub saved: Vec<(String, String)>,
    pub(super) kept: Vec<usize>,
    /// The worker ends after this answer.
    pub spent: bool,
}

/// What is to be run.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Task {
    Script(Script),
    Probe(Ask),
}

/// A script, as its interpreter is given it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Script {
    pub(super) program: String,
    pub(super) arguments: Vec<String>,
    /// What stands before a text that is an argument itself.
    pub(super) inline: String,
    pub(super) text: String,
    /// Its own exit tells how its only step came out.
    pub(super) ends_itself: bool,
    /// Where it marks the ends of its steps: 32 hexadecimal digits that nobody else knows.
    pub(super) nonce: Option<String>,
    /// It runs elsewhere, and the program takes it there.
    pub(super) passage: Option<Passage>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StepRequest {
    pub(super) title: String,
    pub(super) expectations: Vec<Expectation>,
    pub(super) leaves: bool,
    /// It runs in a subshell that it may leave by itself, and says when it came to its end.
    pub(super) says_its_end: bool,
}

/// The surroundings of a check.
#[derive(Clone, Debug)]
pub struct Setting {
    /// All that the check sees.
    pub environment: BTreeMap<String, String>,
    /// The folder it runs in.
    pub folder: PathBuf,
    /// Nothing that the run does changes anything: what a server said a moment ago it would say now.
    pub still: bool,
    /// What is taken out of whatever is written down.
    pub secrets: Secrets,
    /// What it looks at, where a variable chooses.
    pub target: Option<String>,
    /// Fresh random bytes at each call.
    pub random: fn() -> io::Result<[u8; 16]>,
}

impl Request {
    /// The request to run `check`.
    ///
    /// # Errors
    /// Why it cannot be run: a name without a value, no random bytes.
    pub fn new(check: &Check, setting: Setting) -> Result<Self, String> {
        let mut target = setting.target.clone();
        let (task, steps) = match check {
            Check::Shell(shell) => {
                let (script, steps) = Self::of_shell(shell, &setting)?;
                if let Some(passage) = &script.passage {
                    let all = [Some(passage.place.as_str()), target.as_deref()];
                    target = Some(all.into_iter().flatten().collect::<Vec<_>>().join(" "));
                }
                (Task::Script(script), steps)
            }
            Check::Probe(probe) => {
                let ask = probe.ask.filled(&setting.environment)?;
                (Task::Probe(ask), vec![StepRequest::of(&probe.step, false, &setting)?])
            }
        };
        Ok(Self {
            kind: check.kind().to_owned(),
            task,
            steps,
            environment: setting.environment,
            folder: setting.folder,
            temporary: PathBuf::new(),
            no_writes: check.directives().no_writes,
            timeout: check.directives().timeout,
            still: setting.still,
            secrets: setting.secrets,
            target,
        })
    }

    fn of_shell(shell: &Shell, setting: &Setting) -> Result<(Script, Vec<StepRequest>), String> {
        let place = shell.directives.place.as_ref();
        let script = script::of(shell, place.is_some());
        let random = || {
            let bytes = (setting.random)();
            bytes
                .map(|bytes| digest::hex(&bytes))
                .map_err(|error| format!("there are no random bytes: {error}"))
        };
        let nonce = if script.marked { Some(random()?) } else { None };
        let steps = shell.steps.iter().map(|step| {
            StepRequest::of(
                step,
                !shell.calm && script::expects_failure(&step.expectations),
                setting,
            )
        });
        let steps = steps.collect::<Result<_, _>>()?;
        let arguments = shell.interpreter.arguments.iter().map(|&argument| argument.to_owned());
        let mut script = Script {
            program: shell.interpreter.program.to_owned(),
            arguments: arguments.collect(),
            inline: shell.interpreter.inline.to_owned(),
            text: script.text,
            ends_itself: script.ends_itself,
            nonce,
            passage: None,
        };
        if let Some(place) = place {
            let values = passage::values(place, &setting.environment);
            script.send(place.reach(&setting.environment)?, &values, random()?);
        }
        Ok((script, steps))
    }

    /// Where a script marks the ends of its steps.
    pub(super) fn nonce(&self) -> Option<&str> {
        match &self.task {
            Task::Script(script) => script.nonce.as_deref(),
            Task::Probe(_) => None,
        }
    }

    /// Where it runs, if that is elsewhere.
    pub(super) fn passage(&self) -> Option<&Passage> {
        match &self.task {
            Task::Script(script) => script.passage.as_ref(),
            Task::Probe(_) => None,
        }
    }

    /// The first secret that it saves.
    pub(super) fn saves_secret(&self) -> Option<&str> {
        let all = self.steps.iter().flat_map(|step| &step.expectations);
        all.filter_map(|expectation| match &expectation.assertion {
            Assertion::Save { name, .. } if redact::is_secret(name) => Some(name.as_str()),
            _ => None,
        })
        .next()
    }

    /// Its own exit tells how its only step came out.
    pub(super) fn ends_itself(&self) -> bool {
        matches!(&self.task, Task::Script(Script { ends_itself: true, .. }))
    }

    /// A signal that it sends to itself tells that its only step came to its end.
    pub(super) fn ends_by_signal(&self) -> bool {
        let by_signal = |script: &Script| {
            script.nonce.is_none() && !script.ends_itself && script.passage.is_none()
        };
        matches!(&self.task, Task::Script(script) if by_signal(script))
    }

    /// The same with a temporary folder for what it runs.
    #[must_use]
    pub fn within(mut self, temporary: &Path) -> Self {
        self.temporary = temporary.to_owned();
        self
    }

    /// Whether it is for a worker, or for [`super::here::Here`].
    pub fn needs_worker(&self) -> bool {
        match (&self.task, self.steps.as_slice()) {
            (Task::Probe(ask), [step]) => !ask.ends_by_itself(&step.expectations),
            _ => true,
        }
    }
}

impl Script {
    /// Makes it one that is sent elsewhere.
    fn send(&mut self, reach: Reach, values: &BTreeMap<String, String>, nonce: String) {
        let own = self.arguments.iter().chain([&self.inline, &self.text]);
        let call = passage::Call {
            program: &self.program,
            arguments: own.map(String::as_str).collect(),
            input: self.nonce.as_deref().map(marked),
        };
        self.passage = Some(Passage::new(reach.name, &call, values, nonce));
        self.program = reach.program.to_owned();
        self.arguments = reach.arguments;
        self.arguments.extend(Passage::command(reach.one_text));
    }
}

impl StepRequest {
    fn of(step: &Step, says_its_end: bool, setting: &Setting) -> Result<Self, String> {
        let filled = step.expectations.iter().map(|one| one.filled(&setting.environment));
        Ok(Self {
            title: step.title.clone(),
            expectations: filled.collect::<Result<_, _>>()?,
            leaves: step.leaves,
            says_its_end,
        })
    }
}

/// The beginning of all marks of a script, which it reads.
pub(super) fn marked(nonce: &str) -> String {
    format!("\u{1e}{nonce}")
}
