//! The view model: all that a report says, as plain text, the same for every format.
//!
//! Nothing in it depends on the machine or the time of rendering. Text from outside went through
//! [`super::text`] on its way in.

use std::collections::BTreeMap;

use serde::Serialize;

use super::build::Builder;
use super::{Language, Subject};

mod body;
mod series;

pub(super) use body::{
    AnswerView, Change, CheckView, Exhibit, ExpectView, Flow, ItemView, Run, StepView, StreamView,
    Was,
};
pub(super) use series::{Piece, Point, Series, Stretch, Tick};

/// All that a report says.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct View {
    /// Of the model: another where a name is gone or means something else.
    pub version: u32,
    pub renderer: String,
    /// Digest of the templates.
    pub templates: String,
    /// Some of them are not ours.
    pub own_templates: bool,
    pub title: String,
    pub release: String,
    pub environment: String,
    pub gate: String,
    pub call: &'static str,
    /// What the people decided at the gate, where they did.
    pub decision: Option<DecisionView>,
    /// Somebody has to sign at the gate.
    pub awaited: bool,
    /// The change that the run belongs to, its reference first.
    pub change: Vec<Fact>,
    pub clock: Clock,
    pub reasons: Vec<Reason>,
    /// Items of the gate that wait for an answer (indices into `items`).
    pub open: Vec<usize>,
    /// Items whose failure was accepted (indices into `items`).
    pub waived: Vec<usize>,
    pub counts: Vec<Count>,
    pub listed: String,
    pub sections: Vec<SectionView>,
    pub timeline: Timeline,
    /// The last runs of the checklist, this one among them; none where there was none before.
    pub past: Past,
    pub gates: Vec<Gate>,
    pub signed: bool,
    /// What the first page says about signatures; empty where all is signed.
    pub note: String,
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
    /// The checkpoint's size and the beginning of its root, for the foot of a page; empty where there is none.
    pub sealed: String,
    /// What the report was made with beside the ledger, as every format has it in its file.
    pub made: String,
    pub looks: LooksView,
    pub replaced: u64,
    /// Pictures among the evidence, by digest. The view names their digests, so it says nothing less without them.
    #[serde(skip)]
    pub pictures: BTreeMap<String, Picture>,
}

/// A picture as it is shown: its type, its size in pixels, its bytes in base64.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct Picture {
    pub mime: &'static str,
    pub width: usize,
    pub height: usize,
    pub base64: String,
}

/// What the people decided.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct DecisionView {
    pub call: &'static str,
    /// It is not what the verdict says now.
    pub differs: bool,
    /// The verdict that it names; empty where that is the same.
    pub verdict: String,
    pub name: String,
    pub role: String,
    pub at: String,
    pub signed: bool,
    pub reason: String,
}

/// When the run began and when its newest entry was written; the planned window, where one is known.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct Clock {
    pub began: String,
    pub ended: String,
    pub took: String,
    /// When it began, counted from the window's beginning; empty without one.
    pub t0: String,
    pub window: String,
}

/// The items below a heading: how many came to what.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct SectionView {
    pub title: String,
    pub line: usize,
    pub n: usize,
    pub counts: Vec<Count>,
}

/// When each answer was given, on a scale of a thousand from which long pauses are left out.
#[derive(Clone, Debug, Default, Serialize)]
#[allow(missing_docs)]
pub struct Timeline {
    pub from: String,
    pub to: String,
    pub lanes: Vec<Lane>,
    pub pauses: Vec<Pause>,
    /// Items that were answered and have no lane, because others took longer.
    pub left_out: usize,
}

/// The last runs of a checklist, oldest first.
#[derive(Clone, Debug, Default, Serialize)]
#[allow(missing_docs)]
pub struct Past {
    pub runs: Vec<PastRun>,
    /// What they came to and how long their checks took, in words.
    pub verdicts: String,
    pub times: String,
}

/// One of them.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct PastRun {
    pub call: &'static str,
    pub run: String,
    pub release: String,
    pub environment: String,
    pub at: String,
    pub took: String,
    /// Of the longest time that checks took, in hundredths.
    pub height: usize,
    /// The run that the report is about.
    pub here: bool,
    /// Its evidence is gone.
    pub gone: bool,
}

/// The answers to one item.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct Lane {
    /// Index into `items`.
    pub item: usize,
    pub marks: Vec<Mark>,
}

/// One answer on the scale.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct Mark {
    pub x: usize,
    pub width: usize,
    pub outcome: &'static str,
    /// A person's answer, which takes no time.
    pub person: bool,
}

/// A pause that the scale leaves out.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct Pause {
    pub x: usize,
    pub took: String,
}

/// How the report looks.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct LooksView {
    pub classification: String,
    /// Digest of fonts that are not ours; empty for none.
    pub fonts: String,
    /// That the report is in: of a PDF whose fonts lack letters for the one asked for, English.
    pub language: &'static str,
    /// As a `data:` URI; empty for none.
    pub logo: String,
    pub organisation: String,
}

impl LooksView {
    /// Texts of an organisation are made visible like all others.
    pub(super) fn of(
        subject: &Subject<'_>,
        language: Language,
        see: impl Fn(&str) -> String,
    ) -> Self {
        let looks = &subject.made.looks;
        let kind = if looks.logo.starts_with("/9j/") { "jpeg" } else { "png" };
        let uri = || format!("data:image/{kind};base64,{}", looks.logo);
        Self {
            classification: see(&looks.classification),
            fonts: looks.fonts.clone(),
            language: language.code(),
            logo: if looks.logo.is_empty() { String::new() } else { uri() },
            organisation: see(&looks.organisation),
        }
    }
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
    pub signers: Vec<Signer>,
    /// What people decided; empty where they did not.
    pub decision: String,
}

/// A role of a gate, and who signed for it.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct Signer {
    pub role: String,
    /// `go`, `no-go` or `open`.
    pub state: &'static str,
    /// What is missing, in words; empty where nothing is.
    pub missing: String,
    pub signatures: Vec<SignatureView>,
}

/// What somebody said for a role.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct SignatureView {
    pub says: &'static str,
    pub name: String,
    pub meaning: &'static str,
    pub at: String,
    pub reason: String,
    /// Why it does not count; empty where it does.
    pub but: String,
    pub signed: bool,
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

impl View {
    /// The language of the report's own words.
    pub(super) fn language(&self) -> Language {
        Language::of(self.looks.language).unwrap_or_default()
    }
}

/// The view of a subject, in a language.
pub fn view(subject: &Subject<'_>, language: Language) -> View {
    let mut build = Builder::new(subject, language);
    let mut view = build.all();
    view.replaced = build.replaced();
    view.pictures = build.pictures;
    view
}
