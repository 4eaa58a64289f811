//! What the view says of items, and of the document that they stand in.

use std::borrow::Cow;

use serde::Serialize;

use super::Series;

/// One item.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct ItemView {
    /// From 1.
    pub n: usize,
    pub id: String,
    pub text: String,
    pub line: usize,
    pub outcome: &'static str,
    /// What it is counted as: its outcome, or `standby`.
    pub counted: &'static str,
    pub how: String,
    pub gate: String,
    pub optional: bool,
    pub owner: String,
    /// What the document says of it, in words; empty where it says nothing.
    pub claim: &'static str,
    /// Who says so, by what git said when the run was opened; empty where that is not known.
    pub ticked: String,
    /// By whom it was waived, for which role, until when and why; empty where it was not.
    pub waiver: String,
    /// How often checks were run for it.
    pub attempts: usize,
    /// When it was answered as it counts, by whom, and how long that took; empty where it was not.
    pub at: String,
    pub by: String,
    pub took: String,
    pub answers: Vec<AnswerView>,
    pub superseded: Vec<AnswerView>,
    /// What it came to in runs before, oldest first, where that is not always the same; empty for a run in which it was
    /// not there as it is now.
    pub before: Vec<&'static str>,
    /// What was seen of it over time.
    pub series: Vec<Series>,
}

/// One answer to an item.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct AnswerView {
    pub outcome: &'static str,
    /// `machine`, `person`, or `git` for what the run was told of a line.
    pub source: &'static str,
    pub at: String,
    pub by: String,
    pub entry: String,
    pub took: String,
    /// Of a check, the last that it took, from 1; else 0.
    pub attempt: usize,
    pub note: String,
    pub evidence: Vec<String>,
    /// The same pieces, with what can be shown of them.
    pub exhibits: Vec<Exhibit>,
    pub checks: Vec<CheckView>,
    /// What was otherwise than in the answer that counts; of one that is superseded.
    pub was: Vec<Was>,
}

/// What an earlier answer saw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[allow(missing_docs)]
pub struct Was {
    /// An expectation; empty for what the check said of itself.
    pub expected: String,
    pub held: &'static str,
    /// What was observed, or said.
    pub seen: String,
}

/// A piece of evidence.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct Exhibit {
    pub sha256: String,
    pub size: String,
    /// `text`, `picture`, or empty where only its digest is shown.
    pub kind: &'static str,
    /// Its lines, of a text.
    pub lines: Vec<Vec<Run>>,
    /// Why it is not shown; empty where it is.
    pub why: String,
    /// Where it lies, from where reports lie; empty where it is gone.
    pub path: String,
    /// Whoever opens it in a browser runs nothing.
    pub inert: bool,
}

/// One check.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct CheckView {
    pub kind: String,
    pub target: String,
    pub message: String,
    pub steps: Vec<StepView>,
}

/// One step.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct StepView {
    pub title: String,
    /// How the script ended; empty for a probe.
    pub exit: String,
    pub took: String,
    pub expect: Vec<ExpectView>,
    pub streams: Vec<StreamView>,
}

/// One expectation.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct ExpectView {
    pub text: String,
    pub held: &'static str,
    pub observed: String,
    /// It expects nothing, and says which attempt this was or what was saved.
    pub directive: bool,
    /// Lines that were expected against lines that were seen; empty where one line says it.
    pub diff: Vec<Change>,
}

/// A line of a comparison.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct Change {
    /// `missing` (expected and not seen), `seen` (and not expected) or `same`.
    pub kind: &'static str,
    pub text: String,
}

/// One output: head, what was left out, tail; lines as runs whose styles are those of a terminal.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct StreamView {
    pub name: &'static str,
    pub size: String,
    pub sha256: String,
    pub head: Vec<Vec<Run>>,
    pub left_out: String,
    pub tail: Vec<Vec<Run>>,
}

/// A piece of the checklist as it reads.
#[derive(Clone, Debug, Default, Serialize)]
#[allow(missing_docs)]
pub struct Flow {
    /// `heading`, `text`, `bullet`, `item`, `code`, `table`, `rule` or `html`.
    pub kind: &'static str,
    /// Heading level from 1 without gaps, or nesting depth from 0.
    pub level: usize,
    pub quoted: bool,
    pub label: String,
    /// Index into `items`, for kind `item`.
    pub item: usize,
    pub spans: Vec<Run>,
    pub code: String,
    /// The language of the code, as its block says.
    pub language: String,
    /// What people said in the place that this leaves open for it.
    pub filled: Vec<String>,
    pub rows: Vec<Vec<Vec<Run>>>,
}

/// A run of text in one style: ``, `code`, `em`, `strong`, `struck` or `filled`; in outputs the classes of its colours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[allow(missing_docs)]
pub struct Run {
    pub style: Cow<'static, str>,
    pub text: String,
}
