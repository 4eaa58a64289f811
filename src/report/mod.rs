//! Sign-off reports from the ledger and its evidence alone. Opens nothing: it renders what it is given.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::checklist::Checklist;
use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::judge::{Call, Verdict};
use crate::ledger::state::RunState;
use crate::outcome::Outcome;
use crate::said::Said;
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
    pub looser: Option<(Said, &'a [Said])>,
    /// Runs of the same checklist before it, oldest first.
    pub earlier: &'a [Earlier],
    /// How long its checks took that count, in milliseconds.
    pub took: i64,
    /// The gate that the report speaks for (index into `verdicts`).
    pub gate: usize,
    /// What it is rendered with.
    pub templates: &'a Templates,
    /// Evidence by digest; `None` where it is missing.
    pub evidence: &'a dyn Fn(&Digest) -> Option<Vec<u8>>,
}

/// A run of the same checklist that was opened before, as it stood at its newest entry.
#[derive(Clone, Debug)]
pub struct Earlier {
    /// Its id.
    pub run: String,
    /// What was released.
    pub release: String,
    /// Where to.
    pub environment: String,
    /// The newest time that an entry of it claims.
    pub at: Timestamp,
    /// The verdict of the gate that it spoke for.
    pub call: Call,
    /// Its evidence is gone: nobody can say more of it than HOLD.
    pub gone: bool,
    /// How long its checks took that count, in milliseconds.
    pub took: i64,
    /// What its items came to, each with the digest of its lines then.
    pub outcomes: Rc<BTreeMap<String, (Digest, Outcome)>>,
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

/// A page in HTML or Markdown may be so long: 256 MiB, so that a loop in a template ends.
const LONGEST: usize = 256 << 20;

/// What a template makes of a context.
fn written(tera: &tera::Tera, name: &str, context: &tera::Context) -> Result<Vec<u8>, Error> {
    let mut out = Bounded(Vec::new());
    match tera.render_to(name, context, &mut out) {
        Ok(()) => Ok(out.0),
        Err(_) if out.0.len() >= LONGEST => Err(Error::Template(Mistake {
            file: name.to_owned(),
            line: 0,
            column: 0,
            message: "what it writes has no end, or more than 256 MiB".to_owned(),
        })),
        Err(error) => Err(Error::tera(error)),
    }
}

/// Bytes that are refused when they are too many.
struct Bounded(Vec<u8>);

impl std::io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.extend_from_slice(bytes);
        match self.0.len() < LONGEST {
            true => Ok(bytes.len()),
            false => Err(std::io::ErrorKind::FileTooLarge.into()),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
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
mod past;
mod pdf;
mod plates;
mod print;
mod series;
mod steps;
mod sums;
mod templates;
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
pub use page::{Head, Sheet, Whose, duration, page, xml};
pub use past::{told_times, told_verdicts};
pub use pdf::{Attached, Press};
pub use templates::Templates;
pub use view::{View, view};
pub use words::{Language, named};

/// The version of the view model, which docs/templates.md describes.
pub const VERSION: u32 = 1;

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
    /// A template has a mistake.
    Template(Mistake),
    /// The PDF could not be set or written.
    Pdf(String),
    /// The view could not be written as JSON.
    View(serde_json::Error),
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Template(why) => write!(f, "{why}"),
            Self::Pdf(why) => write!(f, "the report's PDF failed: {why}"),
            Self::View(why) => write!(f, "the report's view cannot be written: {why}"),
        }
    }
}

impl std::error::Error for Error {}

/// Where a template has a mistake, and which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The template's name.
    pub file: String,
    /// The line from 1; 0 where it is not known.
    pub line: usize,
    /// The column from 1.
    pub column: usize,
    /// Lower case, no full stop; with the names that are known in that place.
    pub message: String,
}

impl std::fmt::Display for Mistake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.file, self.message),
            line => write!(f, "{}:{line}:{}: {}", self.file, self.column, self.message),
        }
    }
}

impl Error {
    fn tera(error: tera::Error) -> Self {
        use tera::ErrorKind::{RenderingError, SyntaxError};
        if let SyntaxError(report) | RenderingError(report) = error.kind() {
            return Self::Template(Mistake {
                file: report.filename().to_owned(),
                line: report.span().start_line,
                column: report.span().start_col + 1,
                message: report.message().to_owned(),
            });
        }
        // `error: …`, and in the next line ` --> file:line:column`.
        let text = error.to_string();
        let (message, rest) = text.split_once('\n').unwrap_or((&text, ""));
        let place = rest.trim_start().strip_prefix("--> ").and_then(|rest| rest.lines().next());
        let mut parts = place.unwrap_or_default().rsplitn(3, ':');
        let mut number = || parts.next().and_then(|part| part.parse().ok()).unwrap_or_default();
        let (column, line) = (number(), number());
        Self::Template(Mistake {
            file: parts.next().unwrap_or("templates").to_owned(),
            line,
            column,
            message: message.trim_start_matches("error: ").to_owned(),
        })
    }
}

/// Renders a subject; the same subject gives the same bytes.
///
/// # Errors
/// When a template has a mistake, or the PDF cannot be written.
pub fn render(subject: &Subject<'_>, format: Format) -> Result<Rendered, Error> {
    let language = subject.made.looks.language;
    let press = (format == Format::Pdf).then(|| Press::new(attached(subject), language));
    // A language whose letters no font has is of no use on paper.
    let view = view(subject, press.as_ref().map_or(language, Press::language));
    let json = json(&view)?;
    let view_sha256 = Digest::of(json.as_bytes());
    let bytes = match press {
        Some(press) => press.pdf(view, json, subject.templates)?,
        None if format == Format::Markdown => markdown(&view, subject.templates)?,
        None => html(&view, subject.templates)?,
    };
    Ok(Rendered { bytes, view_sha256 })
}

/// A view's JSON, through a `Value`, so that the members of objects are sorted.
fn json(view: &View) -> Result<String, Error> {
    Ok(serde_json::to_value(view).map_err(Error::View)?.to_string())
}

/// A report of a subject says what has this digest, whatever its templates and fonts make of it: in its language, or in
/// English where it is on paper.
///
/// # Errors
/// When the view cannot be written.
pub fn says(subject: &Subject<'_>, format: Format, sha256: &Digest) -> Result<bool, Error> {
    let language = subject.made.looks.language;
    let english = [Language::En].into_iter().filter(|_| format == Format::Pdf);
    for language in [language].into_iter().chain(english) {
        if Digest::of(json(&view(subject, language))?.as_bytes()) == *sha256 {
            return Ok(true);
        }
    }
    Ok(false)
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

#[cfg(test)]
mod tests;
