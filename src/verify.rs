//! Recomputes everything: canonical form, links, evidence, reports; names the first wrong line and
//! every wrong file. Reads the files itself and survives whatever they hold.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::digest::Digest;
use crate::files;
use crate::ledger::record::{Body, Entry, Report, RunOpened};
use crate::ledger::{self, evidence};
use crate::source::Severity;

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

/// The digest that rendering again gives for a recorded report; `None` where another renderer or
/// other templates made it.
pub type RenderAgain<'a> = &'a dyn Fn(&Report) -> Option<Digest>;

/// Verifies the ledger, the evidence and the reports below `root`.
pub fn verify(root: &Path, again: RenderAgain<'_>) -> Findings {
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
                "intact, not anchored: {} entries, {} sealed, {} of {} reports rendered again to the same bytes",
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

    fn read(&mut self, path: &Path, file: usize, sealed: bool) {
        let name = self.name(path);
        let bytes = match files::read(path, 1 << 30) {
            Ok(bytes) => bytes,
            Err(error) => {
                return self.find(
                    "HL001",
                    Severity::Error,
                    (name, None),
                    format!("cannot be read: {error}"),
                    "restore it from git",
                );
            }
        };
        for (at, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
            let place = (name.clone(), Some(at + 1));
            let Some(content) = line.strip_suffix(b"\n") else {
                self.repairable = true;
                self.find(
                    "HL002",
                    Severity::Error,
                    place,
                    "the last line is not complete, and was never acknowledged",
                    "repair: `holdpoint seal` puts it aside",
                );
                break;
            };
            match Entry::read(content) {
                Err(error) => {
                    let conflict = content.starts_with(b"<<<<<<<")
                        || content.starts_with(b"=======")
                        || content.starts_with(b">>>>>>>");
                    let why = if conflict { "a conflict mark of git".to_owned() } else { error.0 };
                    self.find("HL003", Severity::Error, place, why, "restore the line from git");
                }
                Ok(entry) => {
                    let id = Digest::of(line);
                    match self.known.get(&id) {
                        Some(_) if sealed => self.find(
                            "HL004",
                            Severity::Error,
                            place,
                            "this line is there twice",
                            "delete one",
                        ),
                        Some(_) => {}
                        None => {
                            self.known.insert(id, self.lines.len());
                            self.lines.push(Line { id, file, number: at + 1, entry });
                        }
                    }
                }
            }
        }
    }

    fn links(&mut self, names: &[String], sealed_files: usize) {
        let named: HashSet<Digest> =
            self.lines.iter().flat_map(|line| line.entry.prev.iter().copied()).collect();
        let mut faults: Vec<(usize, &'static str, String)> = Vec::new();
        let mut blamed = HashSet::new();
        for (at, line) in self.lines.iter().enumerate() {
            let sealed = line.file < sealed_files;
            let mut seq = 0;
            for parent in &line.entry.prev {
                // The trunk stands by itself: what a sealed line follows is sealed, and before it.
                let before =
                    self.known.get(parent).copied().filter(|&parent| !sealed || parent < at);
                match before {
                    Some(parent) => seq = seq.max(self.lines[parent].entry.seq + 1),
                    None => {
                        seq = line.entry.seq;
                        let unnamed = (0..at).rev().find(|&other| {
                            self.lines[other].file < sealed_files
                                && sealed
                                && !named.contains(&self.lines[other].id)
                        });
                        match unnamed {
                            Some(other) => {
                                if blamed.insert(other) {
                                    faults.push((other, "HL005", format!("this line was changed: line {} follows {}, which is no line any more", line.number, short(parent))));
                                }
                            }
                            None => faults.push((
                                at,
                                "HL006",
                                format!(
                                    "it follows {}, and there is no such line before it",
                                    short(parent)
                                ),
                            )),
                        }
                    }
                }
            }
            if line.entry.seq != seq {
                faults.push((
                    at,
                    "HL007",
                    format!("`seq` is {}, and {seq} follows from `prev`", line.entry.seq),
                ));
            }
            if line.entry.prev.windows(2).any(|pair| pair[0] >= pair[1]) {
                faults.push((at, "HL008", "`prev` is not ascending".to_owned()));
            }
            let is_genesis = matches!(line.entry.body, Body::Genesis(_));
            if is_genesis != line.entry.prev.is_empty() || is_genesis && at > 0 {
                faults.push((at, "HL009", "a ledger begins once, in its first line".to_owned()));
            }
        }
        faults.sort_by_key(|(at, ..)| *at);
        for (at, code, why) in faults {
            let place = (names[self.lines[at].file].clone(), Some(self.lines[at].number));
            self.find(
                code,
                Severity::Error,
                place,
                why,
                "compare it with the same line in git's history",
            );
        }
    }

    /// A count that a writer used twice, or left out.
    fn writers(&mut self, names: &[String]) {
        let mut counts: BTreeMap<&str, BTreeMap<i64, Vec<usize>>> = BTreeMap::new();
        for (at, line) in self.lines.iter().enumerate() {
            counts
                .entry(&line.entry.writer.id)
                .or_default()
                .entry(line.entry.writer.n)
                .or_default()
                .push(at);
        }
        let mut found = Vec::new();
        for (writer, numbers) in counts {
            let mut last = 0;
            for (n, lines) in numbers {
                let at = lines[0];
                // Two clones of one person go on from the same count: told, and no proof of anything.
                if lines.len() > 1 {
                    found.push((lines[1], "HL010", format!("`{writer}` has written entry {n} more than once: on two clones, or twice")));
                }
                if n > last + 1 {
                    found.push((at, "HL011", format!("entries {} to {} of `{writer}` are unaccounted: on an open branch, or left out", last + 1, n - 1)));
                }
                last = n;
            }
        }
        for (at, code, why) in found {
            let place = (names[self.lines[at].file].clone(), Some(self.lines[at].number));
            self.find(code, Severity::Warning, place, why, "ask whoever wrote it for the branch");
        }
    }

    fn evidence(&mut self, folder: &Path) {
        let mut named: BTreeMap<Digest, usize> = BTreeMap::new();
        for (at, line) in self.lines.iter().enumerate() {
            for digest in line.entry.body.evidence() {
                named.entry(digest).or_insert(at);
            }
        }
        // A list kept for a long result names evidence itself.
        let details: Vec<(Digest, usize)> =
            named.iter().map(|(digest, at)| (*digest, *at)).collect();
        for (digest, at) in details {
            let Body::Result(result) = &self.lines[at].entry.body else {
                continue;
            };
            let [check] = &result.checks[..] else {
                continue;
            };
            if check.kind != ledger::record::DETAIL
                || check.message.as_deref() != Some(&digest.to_string())
            {
                continue;
            }
            if let Some(checks) = result.expanded(|digest| evidence::get(folder, digest)) {
                let inner = ledger::record::ItemResult { checks, ..result.clone() };
                for digest in inner.kept() {
                    named.entry(digest).or_insert(at);
                }
            }
        }
        for (digest, at) in &named {
            let path = evidence::path(folder, digest);
            let name = self.name(&path);
            let line = self.lines[*at].entry.seq;
            match files::read(&path, evidence::LIMIT) {
                Err(_) => self.find(
                    "HL012",
                    Severity::Error,
                    (name, None),
                    format!("this evidence is gone, and the entry with `seq` {line} names it"),
                    "restore it from git",
                ),
                Ok(bytes) if Digest::of(&bytes) != *digest => {
                    self.find(
                        "HL013",
                        Severity::Error,
                        (name, None),
                        "this evidence was changed: its digest is not its name",
                        "restore it from git",
                    );
                }
                Ok(_) => {}
            }
        }
        let strays: Vec<String> = walkdir::WalkDir::new(folder.join("evidence"))
            .into_iter()
            .filter_map(Result::ok)
            .filter(|entry| entry.file_type().is_file())
            .filter(|entry| {
                entry
                    .file_name()
                    .to_str()
                    .and_then(|name| name.parse::<Digest>().ok())
                    .is_none_or(|digest| !named.contains_key(&digest))
            })
            .map(|entry| self.name(entry.path()))
            .collect();
        for name in strays {
            self.find(
                "HL014",
                Severity::Warning,
                (name, None),
                "no entry names this file",
                "it proves nothing; a run that ended early may have left it",
            );
        }
    }

    /// How many reports were recorded, and how many of them were rendered again.
    fn reports(&mut self, again: RenderAgain<'_>) -> (usize, usize) {
        let runs: HashMap<&str, &RunOpened> = self
            .lines
            .iter()
            .filter_map(|line| match &line.entry.body {
                Body::RunOpened(opened) => Some((opened.run.as_str(), &**opened)),
                _ => None,
            })
            .collect();
        let mut issued: Vec<(PathBuf, Report)> = Vec::new();
        for line in &self.lines {
            if let Body::Report(report) = &line.entry.body
                && let Some(opened) = runs.get(report.run.as_str())
            {
                issued.push((self.root.join(report.path(&opened.checklist.path)), report.clone()));
            }
        }
        let (mut files_named, mut same) = (HashSet::new(), 0);
        let count = issued.len();
        for (path, report) in issued {
            files_named.insert(path.clone());
            let name = self.name(&path);
            match files::read(&path, 1 << 30) {
                Err(_) => self.find(
                    "HL015",
                    Severity::Error,
                    (name, None),
                    "this report is gone, and the ledger records it",
                    "restore it from git",
                ),
                Ok(bytes) if Digest::of(&bytes) != report.sha256 => {
                    self.find(
                        "HL016",
                        Severity::Error,
                        (name, None),
                        "this report was changed since it was issued",
                        "restore it from git, or issue it again",
                    );
                }
                Ok(_) => match again(&report) {
                    Some(digest) if digest == report.sha256 => same += 1,
                    Some(_) => self.find(
                        "HL017",
                        Severity::Error,
                        (name, None),
                        "rendered again from the ledger, this report has other bytes",
                        "it does not say what the ledger says",
                    ),
                    None => self.find(
                        "HL018",
                        Severity::Warning,
                        (name, None),
                        "matches its record, not rendered again: another version made it",
                        "verify with the version that it names",
                    ),
                },
            }
        }
        let strays: Vec<String> = ["html", "pdf", "md"]
            .iter()
            .flat_map(|format| self.reports_on_disk(format))
            .filter(|path| !files_named.contains(path))
            .map(|path| self.name(&path))
            .collect();
        for name in strays {
            self.find(
                "HL019",
                Severity::Error,
                (name, None),
                "no entry records this report",
                "it was not issued by this ledger: do not rely on it",
            );
        }
        (count, same)
    }

    fn reports_on_disk(&self, format: &str) -> Vec<PathBuf> {
        let name = format!("report.{format}");
        walkdir::WalkDir::new(self.root.join("reports"))
            .min_depth(4)
            .max_depth(4)
            .into_iter()
            .filter_map(Result::ok)
            .filter(|entry| {
                entry.file_type().is_file() && entry.file_name().to_str() == Some(&name)
            })
            .map(walkdir::DirEntry::into_path)
            .collect()
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

fn short(digest: &Digest) -> String {
    digest.to_string()[..12].to_owned()
}

/// Whether there is a ledger at all.
pub fn is_there(root: &Path) -> bool {
    let (trunk, inbox) = ledger::ledger_files(&root.join("ledger"));
    trunk.iter().chain(&inbox).any(|path| fs::metadata(path).is_ok_and(|file| file.len() > 0))
}
