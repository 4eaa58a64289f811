//! What the lines vouch for: evidence, and reports.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::files;
use crate::ledger::record::{Body, Report, RunOpened};
use crate::ledger::{self, evidence};
use crate::source::Severity;

use super::{Again, RenderAgain, Verifier};

impl Verifier<'_> {
    pub(super) fn evidence(&mut self, folder: &Path) {
        let mut named = std::mem::take(&mut self.evidence);
        // A list kept for a long result names evidence itself.
        let get = |digest: &Digest| evidence::get(folder, digest);
        for (at, entry) in &self.entries {
            let Body::Result(result) = &entry.body else { continue };
            if let Some(checks) = result.expanded(get) {
                let pack = result.pack().and_then(|digest| get(&digest));
                let packed = match pack {
                    Some(_) => result.packed(get).into_keys().collect(),
                    // One piece is gone, not each output in it.
                    None => result.in_pack(&checks),
                };
                let inner = ledger::record::ItemResult { checks, ..result.clone() };
                for digest in inner.kept().into_iter().filter(|digest| !packed.contains(digest)) {
                    named.entry(digest).or_insert(*at as u32);
                }
            }
        }
        for (digest, at) in &named {
            self.piece(folder, digest, *at as usize);
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

    /// A piece of evidence that an entry names.
    fn piece(&mut self, folder: &Path, digest: &Digest, at: usize) {
        let path = evidence::path(folder, digest);
        let place = (self.name(&path), None);
        let bytes = files::read_regular(&path, evidence::LIMIT);
        let (code, severity, message, hint) = match (&bytes, self.forgotten.get(digest)) {
            (Err(_), Some(lot)) if lot.still.is_empty() => {
                let message = format!("forgotten {}", lot.told);
                ("HL026", Severity::Note, message, "the entries that name it stay".to_owned())
            }
            (Ok(_), Some(lot)) if lot.still.is_empty() => {
                let message = format!("it is there again, and was forgotten {}", lot.told);
                let hint = format!("`holdpoint evidence forget {digest}` deletes it");
                ("HL027", Severity::Error, message, hint)
            }
            (Err(_), lot) => {
                let seq = self.lines[at].seq;
                let message = match lot.and_then(|lot| Some((lot, lot.still.first()?))) {
                    Some((lot, run)) => format!(
                        "this evidence is gone: it was forgotten {}, but `{run}` names it too",
                        lot.told
                    ),
                    None => {
                        format!("this evidence is gone, and the entry with `seq` {seq} names it")
                    }
                };
                ("HL012", Severity::Error, message, "restore it from git".to_owned())
            }
            (Ok(bytes), _) if Digest::of(bytes) != *digest => {
                let message = "this evidence was changed: its digest is not its name".to_owned();
                ("HL013", Severity::Error, message, "restore it from git".to_owned())
            }
            (Ok(_), _) => return,
        };
        self.damaged.insert(*digest);
        self.find(code, severity, place, message, &hint);
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
            match files::read_regular(&path, 1 << 30) {
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
                Ok(bytes) => match again(&report, at, &bytes) {
                    Some(again) if again.same && again.unseen => self.find(
                        "HL018",
                        Severity::Warning,
                        (name, None),
                        format!(
                            "matches its record, which names what the ledger says; not rendered again, so nobody knows what it shows: it has templates \
                             that are not holdpoint's own, {}",
                            &report.templates.to_string()[..12]
                        ),
                        "give a folder of these by `--templates DIR`; until then rely on what `holdpoint status` says",
                    ),
                    Some(again) if again.same => same += 1,
                    Some(Again { lacks_fonts: Some(fonts), .. }) => self.find(
                        "HL018",
                        Severity::Warning,
                        (name, None),
                        format!(
                            "matches its record, not rendered again: it says that it was made with other fonts, {}",
                            fonts.get(..12).unwrap_or(&fonts)
                        ),
                        "verify with `--fonts` and the folder that holds them",
                    ),
                    Some(again) if self.lacks_forgotten(&again) => self.find(
                        "HL018",
                        Severity::Warning,
                        (name, None),
                        "matches its record, not rendered again: evidence that it shows was forgotten",
                        "it may still show what had to go: that is for you to tell",
                    ),
                    // What it rests on is found already.
                    Some(again) if again.lacking.iter().any(|one| self.damaged.contains(one)) => {}
                    Some(_) => self.find(
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

    /// It shows evidence that was let go, and lacks no other.
    fn lacks_forgotten(&self, again: &Again) -> bool {
        let let_go = |digest| {
            self.forgotten.get(digest).is_some_and(|lot: &super::Forgotten| lot.still.is_empty())
        };
        !again.lacking.is_empty() && again.lacking.iter().all(let_go)
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
