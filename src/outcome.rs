//! What came of a check: the facts that every later stage reads.
//!
//! An expectation that does not hold is an outcome, not an error of ours.

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::json::nullable;
use crate::said::Said;

/// The answer to an item. The order is by weight: of concurrent answers the greatest counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Every expectation held.
    Pass,
    /// Failed, and accepted by a signed waiver.
    Waived,
    /// Not applicable; somebody said so and why.
    Skipped,
    /// Not run, not answered, or an action not done.
    Pending,
    /// An expectation could not be evaluated.
    Error,
    /// An expectation did not hold.
    Fail,
}

impl Outcome {
    /// The word for it, as in the ledger.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Waived => "waived",
            Self::Skipped => "skipped",
            Self::Pending => "pending",
            Self::Error => "error",
            Self::Fail => "fail",
        }
    }
}

/// What one check block of an item did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckResult {
    /// The block's language.
    pub kind: String,
    /// Why the check could not be evaluated, if so.
    #[serde(deserialize_with = "nullable")]
    pub message: Option<String>,
    /// Its steps, in order; steps that were not reached are missing.
    pub steps: Vec<StepResult>,
    /// What was looked at, where the environment chooses it (a cluster, a host).
    #[serde(deserialize_with = "nullable")]
    pub target: Option<String>,
}

/// How the message of a check begins that its document has for other parameters.
pub const NOT_APPLICABLE: &str = "not applicable: ";

impl CheckResult {
    /// A check that was not run, and why.
    pub fn without_steps(kind: &str, message: String) -> Self {
        Self { kind: kind.to_owned(), message: Some(message), steps: Vec::new(), target: None }
    }

    /// It was not run, because its document has it for other parameters.
    pub fn is_not_applicable(&self) -> bool {
        let says_so = self.message.as_ref().is_some_and(|why| why.starts_with(NOT_APPLICABLE));
        self.steps.is_empty() && says_so
    }
}

/// What one step did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepResult {
    /// The exit status; `None` when its end did not arrive.
    #[serde(deserialize_with = "nullable")]
    pub exit: Option<i64>,
    /// Its expectations, in order.
    pub expect: Vec<ExpectResult>,
    /// How long it took, in milliseconds.
    pub ms: i64,
    /// What it wrote to standard error.
    pub stderr: Stream,
    /// What it wrote to standard output.
    pub stdout: Stream,
    /// The step's title, or its first command.
    pub title: String,
}

/// Whether one expectation held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectResult {
    /// `None`: it could not be evaluated, or waits for a person.
    #[serde(deserialize_with = "nullable")]
    pub held: Option<bool>,
    /// What was seen instead, or why it could not be evaluated; one short line.
    pub observed: String,
    /// The expectation as written.
    pub text: String,
}

/// Kinds of checks that run no program of the document: what they observe are words of whatever they ask.
pub fn is_probe(kind: &str) -> bool {
    ["http", "tls", "tcp", "dns", "file", "junit", "env", "promql", "sql"].contains(&kind)
}

impl ExpectResult {
    /// What was observed: in words of ours, but not where it is the value that was asked for.
    pub fn seen(&self, kind: &str) -> Said {
        let theirs = self.text.starts_with("save: ") || is_probe(kind) && self.held.is_some();
        match theirs {
            true => Said::from(&self.observed),
            false => Said::Seen(self.observed.clone()),
        }
    }
}

/// What went through one output stream, after redaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stream {
    /// Size of all of it.
    pub bytes: i64,
    /// Digest of the evidence that holds the part kept: all of it up to [`KEPT`] twice, else the
    /// first and the last [`KEPT`] bytes, joined. `None` when there was no output, and in a block of
    /// very many steps once 8 MiB of its output are kept.
    #[serde(deserialize_with = "nullable")]
    pub kept: Option<Digest>,
    /// Number of lines; a last line without LF counts.
    pub lines: i64,
    /// Digest of all of it.
    pub sha256: Digest,
}

/// How many bytes are kept of each end of an output that is longer than two such ends: 256 KiB.
pub const KEPT: usize = 256 * 1024;

/// How often a redaction rule replaced something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Redaction {
    /// How many places.
    pub count: i64,
    /// The rule's name: the secret parameter's or variable's, a built-in rule's, a pattern's of the user's own.
    pub rule: String,
}

impl Redaction {
    /// Counts it among `all`, in which each rule stands once.
    pub fn count_in(self, all: &mut Vec<Self>) {
        match all.iter_mut().find(|known| known.rule == self.rule) {
            Some(known) => known.count += self.count,
            None => all.push(self),
        }
    }
}
