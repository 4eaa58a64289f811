//! Recomputes everything: canonical form, links, evidence, reports; names the first wrong line and
//! every wrong file. Reads the files itself and survives whatever they hold.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::ledger;
use crate::ledger::record::{Entry, Report};
use crate::source::Severity;

mod kept;
mod lines;

/// What verification comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Verdict {
    /// Nothing is wrong; nobody outside has vouched for it either.
    #[serde(rename = "intact, not anchored")]
    NotAnchored,
    /// A crash or git left something that a command puts right.
    #[serde(rename = "repairable")]
    Repairable,
    /// Something was changed.
    #[serde(rename = "broken")]
    Broken,
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

/// All that was found.
#[derive(Clone, Debug, Serialize)]
pub struct Findings {
    /// The verdict.
    pub verdict: Verdict,
    /// How many entries there are.
    pub entries: usize,
    /// How many of them stand in the trunk.
    pub sealed: usize,
    /// The newest entries, that no other names.
    pub heads: Vec<Digest>,
    /// How many reports were recorded.
    pub reports: usize,
    /// How many of these were rendered again, to the same bytes.
    pub rendered_again: usize,
    /// What is wrong, the ledger first.
    pub findings: Vec<Finding>,
}

/// The verifier, with what it has seen.
struct Verifier<'a> {
    root: &'a Path,
    lines: Vec<Line>,
    known: HashMap<Digest, usize>,
    findings: Vec<Finding>,
    repairable: bool,
}

struct Line {
    id: Digest,
    file: usize,
    number: usize,
    entry: Entry,
}

/// The digest that rendering again gives for a report that was recorded at a time; `None` where another renderer or
/// other templates made it.
pub type RenderAgain<'a> = &'a dyn Fn(&Report, Timestamp) -> Option<Digest>;

/// Verifies the ledger, the evidence and the reports below `root`; `voices` is what there is to say about the rules
/// and about what people stated, of a ledger that can be opened.
pub fn verify(root: &Path, again: RenderAgain<'_>, voices: Vec<Finding>) -> Findings {
    let folder = root.join("ledger");
    let (trunk, inbox) = ledger::ledger_files(&folder);
    let sealed_files = trunk.len();
    let paths: Vec<PathBuf> = trunk.into_iter().chain(inbox).collect();
    let mut verifier = Verifier {
        root,
        lines: Vec::new(),
        known: HashMap::new(),
        findings: Vec::new(),
        repairable: false,
    };
    for (file, path) in paths.iter().enumerate() {
        verifier.read(path, file, file < sealed_files);
    }
    let names: Vec<String> = paths.iter().map(|path| verifier.name(path)).collect();
    verifier.links(&names, sealed_files);
    verifier.writers(&names);
    verifier.evidence(&folder);
    let (reports, rendered_again) = verifier.reports(again);
    verifier.findings.extend(voices);
    verifier.finish(sealed_files, reports, rendered_again)
}

impl Findings {
    /// In one line.
    pub fn summary(&self) -> String {
        let count =
            |severity| self.findings.iter().filter(|finding| finding.severity == severity).count();
        let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
        match self.verdict {
            Verdict::NotAnchored => format!(
                "intact, not anchored (nothing outside vouches for it yet): {} entries, {} sealed, {} of {} reports rendered again to the same bytes",
                self.entries, self.sealed, self.rendered_again, self.reports
            ),
            Verdict::Repairable => "repairable: `holdpoint seal` puts it right".to_owned(),
            Verdict::Broken => format!("broken: {errors} errors, {warnings} warnings"),
        }
    }
}

impl Verifier<'_> {
    fn name(&self, path: &Path) -> String {
        path.strip_prefix(self.root).unwrap_or(path).to_string_lossy().into_owned()
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

    fn finish(self, sealed_files: usize, reports: usize, rendered_again: usize) -> Findings {
        let named: HashSet<Digest> =
            self.lines.iter().flat_map(|line| line.entry.prev.iter().copied()).collect();
        let errors = self.findings.iter().filter(|finding| finding.severity == Severity::Error);
        let broken = errors.clone().any(|finding| finding.code != "HL002") || self.lines.is_empty();
        let verdict = match (broken, errors.count() > 0 || self.repairable) {
            (true, _) => Verdict::Broken,
            (false, true) => Verdict::Repairable,
            (false, false) => Verdict::NotAnchored,
        };
        Findings {
            verdict,
            entries: self.lines.len(),
            sealed: self.lines.iter().filter(|line| line.file < sealed_files).count(),
            heads: self.lines.iter().map(|line| line.id).filter(|id| !named.contains(id)).collect(),
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
