//! Recomputes everything: canonical form, links, evidence, reports; names the first wrong line and
//! every wrong file. Reads the files itself and survives whatever they hold.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Serialize, Serializer};

use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::ledger::checkpoint::Checkpoint;
use crate::ledger::places::{Parents, Places};
use crate::ledger::record::{Body, Entry, Report};
use crate::ledger::{self, Location};
use crate::source::Severity;

mod anchors;
mod heads;
mod kept;
mod lines;
mod read;
mod runs;
mod writers;

pub use anchors::{Anchor, By};

use anchors::Anchors;
use runs::Runs;
use writers::Writers;

/// What verification comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing is wrong, and somebody outside vouches for all of it.
    Anchored,
    /// Nothing is wrong, and the log's own key vouches for all of it.
    SelfAnchored,
    /// Nothing is wrong, and what comes after so many entries nobody vouches for.
    NotAnchored(u64),
    /// A crash or git left something that a command puts right.
    Repairable,
    /// Something was changed.
    Broken,
}

impl Verdict {
    /// Nothing is wrong; `strict` asks that somebody vouches for every entry.
    pub fn passes(self, strict: bool) -> bool {
        match self {
            Self::Anchored | Self::SelfAnchored => true,
            Self::NotAnchored(_) => !strict,
            Self::Repairable | Self::Broken => false,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anchored => f.write_str("intact, anchored"),
            Self::SelfAnchored => f.write_str("intact, self-anchored"),
            Self::NotAnchored(0) => f.write_str("intact, not anchored"),
            Self::NotAnchored(after) => write!(f, "intact, not anchored after entry {after}"),
            Self::Repairable => f.write_str("repairable"),
            Self::Broken => f.write_str("broken"),
        }
    }
}

impl Serialize for Verdict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The code that docs/ledger.md explains: `HL001`.
    pub code: &'static str,
    /// Errors break the ledger; warnings are worth knowing.
    pub severity: Severity,
    /// The file, relative to the root.
    pub file: String,
    /// The line, from 1, in a file of lines.
    pub line: Option<usize>,
    /// What is wrong: lower case, no full stop.
    pub message: String,
    /// What to do.
    pub hint: String,
}

/// Codes of what a command puts right.
const REPAIRABLE: [&str; 2] = ["HL002", "HL027"];

/// All that was found.
#[derive(Clone, Debug, Serialize)]
pub struct Findings {
    /// The verdict.
    pub verdict: Verdict,
    /// How many entries there are.
    pub entries: usize,
    /// How many of them stand in the trunk.
    pub sealed: usize,
    /// The root of the tree over the trunk.
    pub root: Digest,
    /// The ledger has a log key.
    pub signs: bool,
    /// What vouches for how many entries.
    pub anchors: Vec<Anchor>,
    /// The newest entries, that no other names.
    pub heads: Vec<Digest>,
    /// How many reports were recorded.
    pub reports: usize,
    /// How many of these were rendered again, to the same bytes.
    pub rendered_again: usize,
    /// What is wrong, the ledger first.
    pub findings: Vec<Finding>,
}

/// The verifier, with what it has seen: little of each line, so that a million fit.
struct Verifier<'a> {
    root_folder: &'a Path,
    paths: Vec<PathBuf>,
    names: Vec<String>,
    sealed_files: usize,
    /// The file that is read, and how many lines of it were.
    file: usize,
    numbers: usize,
    lines: Vec<Line>,
    known: Places,
    /// Entries that are needed as a whole.
    entries: Vec<(usize, Entry)>,
    /// Evidence, and the first entry that names it.
    evidence: BTreeMap<Digest, u32>,
    /// Evidence that is not there as it should be, as findings tell; and what was let go.
    damaged: BTreeSet<Digest>,
    forgotten: BTreeMap<Digest, Forgotten>,
    writers: Writers,
    runs: Runs,
    parents: Parents,
    /// Entries of sessions, and what they follow: it may be read later.
    open: Vec<(usize, Vec<Digest>)>,
    /// Entries, and what they follow and is not there.
    missing: Vec<(usize, Digest)>,
    faults: Vec<(usize, &'static str, String)>,
    anchors: Anchors,
    root: Digest,
    signs: bool,
    findings: Vec<Finding>,
}

struct Line {
    id: Digest,
    seq: i64,
    file: u32,
    number: u32,
    named: bool,
}

/// What rendering a report again gives.
#[derive(Clone, Debug)]
pub struct Again {
    /// Its templates were not there: only what it says was made again, not how it looks.
    pub unseen: bool,
    /// It has the same bytes, from the same view model.
    pub same: bool,
    /// The SHA-256 of the fonts that it says it was made with, where they are not here.
    pub lacks_fonts: Option<String>,
    /// Evidence that it shows, and that was not there as its digest says.
    pub lacking: BTreeSet<Digest>,
}

/// Renders again a report that was recorded at a time, with the checkpoint that its bytes name; `None` where another
/// renderer or other templates made it.
pub type RenderAgain<'a> = &'a dyn Fn(&Report, Timestamp, &[u8]) -> Option<Again>;

/// What there is to say about the rules and about what people stated.
#[derive(Debug, Default)]
pub struct Voices {
    /// What is wrong.
    pub findings: Vec<Finding>,
    /// Evidence that people let go, who may.
    pub forgotten: BTreeMap<Digest, Forgotten>,
}

/// Evidence that somebody let go.
#[derive(Clone, Debug)]
pub struct Forgotten {
    /// By whom, when and why.
    pub told: String,
    /// Runs that name it and did not let it go: it has to be there.
    pub still: BTreeSet<String>,
}

/// Verifies the ledger, the evidence and the reports below `root`. `auditor` is a checkpoint that whoever verifies
/// has from elsewhere; `trusted` are the certificates of authorities whose time-stamps count, asked for only where there
/// are any; `voices` is asked with whether people stated anything.
pub fn verify(
    root: &Path,
    location: &Location,
    auditor: Option<(PathBuf, Checkpoint)>,
    trusted: &dyn Fn() -> Vec<Digest>,
    again: RenderAgain<'_>,
    voices: &dyn Fn(bool) -> Voices,
) -> Findings {
    let (trunk, inbox) = ledger::ledger_files(&location.folder);
    let sealed_files = trunk.len();
    let paths: Vec<PathBuf> = trunk.into_iter().chain(inbox).collect();
    let mut verifier = Verifier {
        root_folder: root,
        names: Vec::new(),
        sealed_files,
        file: usize::MAX,
        numbers: 0,
        lines: Vec::new(),
        known: Places::default(),
        entries: Vec::new(),
        evidence: BTreeMap::new(),
        damaged: BTreeSet::new(),
        forgotten: BTreeMap::new(),
        writers: Writers::default(),
        runs: Runs::default(),
        parents: Parents::default(),
        open: Vec::new(),
        missing: Vec::new(),
        faults: Vec::new(),
        anchors: Anchors::find(location, auditor, trusted),
        root: Digest::of(b""),
        signs: false,
        findings: Vec::new(),
        paths,
    };
    verifier.names = verifier.paths.iter().map(|path| verifier.name(path)).collect();
    verifier.reserve();
    let paths = verifier.paths.clone();
    read::all(&paths, |batch| verifier.take(batch));
    verifier.links();
    verifier.writers();
    verifier.runs();
    let anchors = verifier.anchors(location);
    let stated = |entry: &Entry| entry.body.statement().is_some();
    let policies =
        verifier.entries.iter().filter(|(_, entry)| matches!(entry.body, Body::Policy(_)));
    let asked = policies.count() > 1 || verifier.entries.iter().any(|(_, entry)| stated(entry));
    let Voices { findings, forgotten } = voices(asked);
    verifier.forgotten = forgotten;
    verifier.evidence(&location.folder);
    let (reports, rendered_again) = verifier.reports(again);
    verifier.findings.extend(findings);
    verifier.finish(anchors, reports, rendered_again)
}

impl Findings {
    /// In one line.
    pub fn summary(&self) -> String {
        let count =
            |severity| self.findings.iter().filter(|finding| finding.severity == severity).count();
        let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
        let counts = format!(
            "{} entries, {} sealed, {} of {} reports rendered again to the same bytes",
            self.entries, self.sealed, self.rendered_again, self.reports
        );
        let verdict = self.verdict;
        match verdict {
            Verdict::Anchored => format!("{verdict}: {counts}"),
            Verdict::SelfAnchored => {
                format!("{verdict} (by the log's own key, nobody outside): {counts}")
            }
            Verdict::NotAnchored(_) if !self.signs => {
                format!(
                    "{verdict} (it has no log key, and nothing outside vouches for it): {counts}"
                )
            }
            Verdict::NotAnchored(_) => {
                format!("{verdict} (`holdpoint seal` signs the rest): {counts}")
            }
            Verdict::Repairable => {
                format!("{verdict}: {errors} {}, each with the command", plural(errors))
            }
            Verdict::Broken => format!("{verdict}: {errors} errors, {warnings} warnings"),
        }
    }
}

fn plural(errors: usize) -> &'static str {
    if errors == 1 { "error" } else { "errors" }
}

impl Verifier<'_> {
    fn name(&self, path: &Path) -> String {
        path.strip_prefix(self.root_folder).unwrap_or(path).to_string_lossy().into_owned()
    }

    fn find(
        &mut self,
        code: &'static str,
        severity: Severity,
        place: (String, Option<usize>),
        message: impl Into<String>,
        hint: &str,
    ) {
        let (file, line) = place;
        self.findings.push(Finding {
            code,
            severity,
            file,
            line,
            message: message.into(),
            hint: hint.to_owned(),
        });
    }

    fn finish(self, anchors: Vec<Anchor>, reports: usize, rendered_again: usize) -> Findings {
        let mut errors =
            self.findings.iter().filter(|finding| finding.severity == Severity::Error).peekable();
        let wrong = errors.peek().is_some();
        let broken =
            errors.any(|finding| !REPAIRABLE.contains(&finding.code)) || self.lines.is_empty();
        let entries = self.lines.len();
        let until = |by: &dyn Fn(By) -> bool| {
            anchors
                .iter()
                .filter(|anchor| by(anchor.by))
                .map(|anchor| anchor.size)
                .max()
                .unwrap_or(0)
        };
        let (outside, all) = (until(&|by| by != By::Log), until(&|_| true));
        let verdict = match (broken, wrong) {
            (true, _) => Verdict::Broken,
            (false, true) => Verdict::Repairable,
            _ if outside >= entries as u64 => Verdict::Anchored,
            _ if all >= entries as u64 => Verdict::SelfAnchored,
            _ => Verdict::NotAnchored(all),
        };
        let sealed = |line: &&Line| (line.file as usize) < self.sealed_files;
        Findings {
            verdict,
            entries,
            sealed: self.lines.iter().filter(sealed).count(),
            root: self.root,
            signs: self.signs,
            anchors,
            heads: self.lines.iter().filter(|line| !line.named).map(|line| line.id).collect(),
            reports,
            rendered_again,
            findings: self.findings,
        }
    }
}

/// Whether there is a ledger at all.
pub fn is_there(root: &Path) -> bool {
    let (trunk, inbox) = ledger::ledger_files(&root.join("ledger"));
    trunk.iter().chain(&inbox).any(|path| fs::metadata(path).is_ok_and(|file| file.len() > 0))
}
