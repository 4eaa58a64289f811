//! What the lines vouch for: evidence, and reports.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::files;
use crate::ledger::record::{Body, Report, RunOpened};
use crate::ledger::{self, evidence};
use crate::source::Severity;

use super::{RenderAgain, Verifier};

impl Verifier<'_> {
    pub(super) fn evidence(&mut self, folder: &Path) {
        let mut named = std::mem::take(&mut self.evidence);
        // A list kept for a long result names evidence itself.
        for (at, entry) in &self.entries {
            let Body::Result(result) = &entry.body else { continue };
            if let Some(checks) = result.expanded(|digest| evidence::get(folder, digest)) {
                let packed = result.packed(|digest| evidence::get(folder, digest));
                let inner = ledger::record::ItemResult { checks, ..result.clone() };
                for digest in inner.kept().into_iter().filter(|digest| !packed.contains_key(digest))
                {
                    named.entry(digest).or_insert(*at as u32);
                }
            }
        }
        for (digest, at) in &named {
            let path = evidence::path(folder, digest);
            let name = self.name(&path);
            let line = self.lines[*at as usize].seq;
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
    pub(super) fn reports(&mut self, again: RenderAgain<'_>) -> (usize, usize) {
        let runs: HashMap<&str, &RunOpened> = self
            .entries
            .iter()
            .filter_map(|(_, entry)| match &entry.body {
                Body::RunOpened(opened) => Some((opened.run.as_str(), &**opened)),
                _ => None,
            })
            .collect();
        let mut issued: Vec<(PathBuf, Report, Timestamp)> = Vec::new();
        for (_, entry) in &self.entries {
            if let Body::Report(report) = &entry.body
                && let Some(opened) = runs.get(report.run.as_str())
            {
                let path = self.root_folder.join(report.path(&opened.checklist.path));
                issued.push((path, report.clone(), entry.at));
            }
        }
        let (mut files_named, mut same) = (HashSet::new(), 0);
        let damaged = self.findings.iter().any(|finding| finding.severity == Severity::Error);
        let count = issued.len();
        for (path, report, at) in issued {
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
                Ok(_) => match again(&report, at) {
                    Some(true) => same += 1,
                    Some(false) => self.find(
                        "HL017",
                        Severity::Error,
                        (name, None),
                        "rendered again from the ledger, this report has other bytes, or says other things",
                        "it does not say what the ledger says",
                    ),
                    // A ledger that cannot be opened is found already; nothing renders from it.
                    None if damaged => {}
                    None => self.find(
                        "HL018",
                        Severity::Warning,
                        (name, None),
                        format!(
                            "matches its record, not rendered again: `{}` made it, with templates {}",
                            report.renderer,
                            &report.templates.to_string()[..12]
                        ),
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

    pub(super) fn reports_on_disk(&self, format: &str) -> Vec<PathBuf> {
        let name = format!("report.{format}");
        walkdir::WalkDir::new(self.root_folder.join("reports"))
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
}
