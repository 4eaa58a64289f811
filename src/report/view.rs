//! The view model: all that a report says, as plain text, the same for every format.
//!
//! Nothing in it depends on the machine or the time of rendering. Text from outside went through
//! [`super::text`] on its way in.

use serde::Serialize;

use super::Subject;
use super::build::Builder;

/// All that a report says.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct View {
    pub renderer: String,
    pub templates: String,
    pub title: String,
    pub release: String,
    pub environment: String,
    pub gate: String,
    pub call: &'static str,
    pub reasons: Vec<Reason>,
    pub counts: Vec<Count>,
    pub listed: String,
    pub gates: Vec<Gate>,
    pub signed: bool,
    /// What the first page says about signatures; empty where all is signed.
    pub note: &'static str,
    pub statements: Vec<StatementView>,
    pub facts: Vec<Fact>,
    pub params: Vec<Fact>,
    /// What the run asks for less than the last one decided; each in a line.
    pub looser: Vec<String>,
    /// Which run that was.
    pub looser_than: String,
    pub exceptions: Vec<Exceptions>,
    pub items: Vec<ItemView>,
    pub flow: Vec<Flow>,
    pub ledger: Vec<Fact>,
    pub run: String,
    pub head8: String,
    pub last_at: String,
    pub replaced: u64,
}

/// Why the verdict is what it is.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct Reason {
    pub call: &'static str,
    pub text: String,
    /// Number of the item it is about, from 1; 0 for none.
    pub item: usize,
    pub line: usize,
}

/// How many items have an outcome, and its part of the bar in thousandths.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct Count {
    pub outcome: &'static str,
    pub n: usize,
    pub x: usize,
    pub width: usize,
}

/// A gate, its verdict and its roles.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct Gate {
    pub name: String,
    pub call: &'static str,
    pub line: usize,
    /// The gate that the report speaks for.
    pub here: bool,
    pub roles: Vec<Fact>,
    /// What people decided; empty where they did not.
    pub decision: String,
}

/// What somebody stated.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct StatementView {
    pub kind: &'static str,
    pub says: &'static str,
    pub about: String,
    pub role: String,
    pub name: String,
    pub signer: String,
    pub meaning: &'static str,
    pub at: String,
    /// The key's fingerprint, or that nothing was signed.
    pub key: String,
    pub reason: String,
    /// Whether it counts, and why not.
    pub counts: String,
    pub entry: String,
}

/// A name and what it stands for.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct Fact {
    pub name: String,
    pub value: String,
}

/// Items that need a look.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct Exceptions {
    pub title: &'static str,
    /// Indices into `items`.
    pub items: Vec<usize>,
}

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
    pub how: String,
    pub gate: String,
    pub optional: bool,
    pub owner: String,
    /// What the document says of it, in words; empty where it says nothing.
    pub claim: &'static str,
    /// By whom it was waived, for which role, until when and why; empty where it was not.
    pub waiver: String,
    pub answers: Vec<AnswerView>,
    pub superseded: Vec<AnswerView>,
}

/// One answer to an item.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct AnswerView {
    pub outcome: &'static str,
    pub at: String,
    pub by: String,
    pub entry: String,
    pub took: String,
    pub note: String,
    pub evidence: Vec<String>,
    pub checks: Vec<CheckView>,
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
}

/// One output: head, what was left out, tail.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct StreamView {
    pub name: &'static str,
    pub size: String,
    pub sha256: String,
    pub head: Vec<String>,
    pub left_out: String,
    pub tail: Vec<String>,
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
    pub rows: Vec<Vec<Vec<Run>>>,
}

/// A run of text in one style: ``, `code`, `em`, `strong` or `struck`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[allow(missing_docs)]
pub struct Run {
    pub style: &'static str,
    pub text: String,
}

/// The view of a subject.
pub fn view(subject: &Subject<'_>) -> View {
    let mut build = Builder::new(subject);
    let mut view = build.all();
    view.replaced = build.replaced();
    view
}
