//! Sign-off reports from the ledger and its evidence alone. Opens nothing: it renders what it is given.

use crate::checklist::Checklist;
use crate::digest::Digest;
use crate::judge::{Call, Verdict};
use crate::ledger::state::RunState;
use crate::outcome::Outcome;
use crate::standing::{Heard, Hearing};

/// All that a report is made of.
pub struct Subject<'a> {
    /// The ledger it comes from.
    pub ledger: LedgerFacts,
    /// The lines of the ledger that the run rests on: its beginning, the rules, and those of the run.
    pub record: Vec<u8>,
    /// What it is made with beside that.
    pub made: Made,
    /// The run.
    pub run: &'a RunState,
    /// The checklist as it was when the run was opened, read again from evidence.
    pub checklist: &'a Checklist,
    /// A verdict for each gate, in order; the first that is not GO is the one next open.
    pub verdicts: &'a [Verdict],
    /// What people stated, weighed by the rules that hold.
    pub hearing: &'a Hearing,
    /// What was decided at each gate, in order.
    pub decided: Vec<Option<(Call, &'a Heard)>>,
    /// What each item of the checklist comes to, in its order, as the verdicts count it.
    pub outcomes: &'a [Outcome],
    /// What the run asks for less than an earlier one: which that is, and each in a line.
    pub looser: Option<(String, &'a [String])>,
    /// The gate that the report speaks for (index into `verdicts`).
    pub gate: usize,
    /// Evidence by digest; `None` where it is missing.
    pub evidence: &'a dyn Fn(&Digest) -> Option<Vec<u8>>,
}

/// Where the ledger stands.
#[derive(Clone, Debug)]
pub struct LedgerFacts {
    /// Its id: 32 hex digits.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The head that the report is rendered at (an entry's id).
    pub head: Digest,
    /// How many entries it has up to that head.
    pub entries: usize,
    /// Statements are signed: the policy has keys.
    pub signed: bool,
}

mod attempts;
mod body;
mod build;
mod difference;
mod exhibit;
mod filled;
mod fonts;
mod front;
mod html;
mod made;
mod markdown;
mod page;
mod paint;
mod pdf;
mod plates;
mod print;
mod steps;
mod sums;
mod terminal;
mod text;
mod timeline;
mod view;
mod voices;
mod words;

pub use exhibit::is_picture;
pub use fonts::Typefaces;
pub use html::html;
pub use made::{Looks, Made, Sealed};
pub use markdown::markdown;
pub use page::{Sheet, duration, page, xml};
pub use pdf::{Attached, pdf};
pub use view::{View, view};
pub use words::Language;

/// The program and version that renders.
pub const RENDERER: &str = concat!("holdpoint ", env!("CARGO_PKG_VERSION"));

/// What a report can be written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One self-contained HTML file.
    Html,
    /// Markdown.
    Markdown,
    /// PDF/A-3a and PDF/UA-1, with what it rests on attached.
    Pdf,
}

/// A report, and the digest of what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// The file's bytes.
    pub bytes: Vec<u8>,
    /// Digest of the view model's JSON.
    pub view_sha256: Digest,
}

/// Why a report could not be rendered.
#[derive(Debug)]
pub enum Error {
    /// A template failed.
    Template(String),
    /// The PDF could not be set or written.
    Pdf(String),
    /// The view could not be written as JSON.
    View(serde_json::Error),
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Template(why) => write!(f, "the report's template failed: {why}"),
            Self::Pdf(why) => write!(f, "the report's PDF failed: {why}"),
            Self::View(why) => write!(f, "the report's view cannot be written: {why}"),
        }
    }
}

impl std::error::Error for Error {}

/// Renders a subject; the same subject gives the same bytes.
pub fn render(subject: &Subject<'_>, format: Format) -> Result<Rendered, Error> {
    let view = view(subject);
    // Through a `Value`, so that the members of objects are sorted.
    let json = serde_json::to_value(&view).map_err(Error::View)?.to_string();
    let view_sha256 = Digest::of(json.as_bytes());
    drop(json);
    let bytes = match format {
        Format::Html => html(&view)?,
        Format::Markdown => markdown(&view)?,
        Format::Pdf => pdf(&view, &attached(subject))?,
    };
    Ok(Rendered { bytes, view_sha256 })
}

/// What a PDF has beside what it shows: the lines of the ledger, the checklist as it was, the checkpoint.
fn attached(subject: &Subject<'_>) -> Attached {
    let checklist = &subject.run.opened.checklist;
    Attached {
        record: subject.record.clone(),
        checklist: (subject.evidence)(&checklist.sha256).unwrap_or_default(),
        checkpoint: subject.made.checkpoint.as_ref().map(|sealed| sealed.note.clone().into_bytes()),
        fonts: subject.made.fonts.clone(),
    }
}

/// Digest over all templates, each with its length before it.
pub fn templates_digest() -> Digest {
    let mut hasher = crate::digest::Hasher::default();
    let templates = [
        html::TEMPLATE,
        html::STYLE,
        html::SCRIPT,
        markdown::TEMPLATE,
        pdf::TEMPLATE,
        words::TEXTS,
    ];
    for template in templates {
        hasher.update(&(template.len() as u64).to_be_bytes());
        hasher.update(template.as_bytes());
    }
    hasher.finish()
}

#[cfg(test)]
mod tests;
