//! What vouches for the sealed lines: checkpoints, held against the tree over the lines as they stand.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Serialize;

use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::files;
use crate::ledger::anchor::{self, Held};
use crate::ledger::checkpoint::{Checkpoint, origin};
use crate::ledger::merkle::Tree;
use crate::ledger::record::Genesis;
use crate::ledger::stamps::{Doubtful, Stamped};
use crate::ledger::{self, Location};
use crate::note::Verifier as Log;
use crate::source::Severity;

use super::Verifier;

/// Who vouches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum By {
    /// The log's own key.
    Log,
    /// Whoever verifies: a checkpoint of their own.
    Auditor,
    /// A time-stamping authority that the policy names.
    Authority,
}

/// A checkpoint that the ledger extends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Anchor {
    /// Where it was kept.
    pub file: String,
    /// How many entries it covers.
    pub size: u64,
    /// Who vouches.
    pub by: By,
    /// Since when, where an authority says so.
    pub at: Option<Timestamp>,
}

/// The tree as it grows, and the checkpoints to hold against it.
#[derive(Default)]
pub(super) struct Anchors {
    genesis: Option<Genesis>,
    log: Option<Log>,
    held: Vec<(Held, By, Option<Timestamp>)>,
    tree: Tree,
    roots: BTreeMap<u64, Option<Digest>>,
}

impl Anchors {
    /// Finds what there is to hold against a ledger: its first line says which it is.
    pub(super) fn find(
        location: &Location,
        auditor: Option<(PathBuf, Checkpoint)>,
        trusted: &dyn Fn() -> Vec<Digest>,
    ) -> Self {
        let genesis = ledger::genesis(location);
        let log = genesis.as_ref().and_then(|genesis| {
            let log: Log = genesis.log_key.as_ref()?.parse().ok()?;
            (log.name() == origin(&genesis.ledger)).then_some(log)
        });
        let held = match (&genesis, &log) {
            (Some(genesis), Some(log)) => location.held(&genesis.ledger, log),
            _ => Vec::new(),
        };
        let auditor = auditor.map(|(path, checkpoint)| Held { path, checkpoint: Ok(checkpoint) });
        let stamps = log.as_ref().map_or_else(Vec::new, |log| stamps(location, log, trusted));
        let held: Vec<_> = held
            .into_iter()
            .map(|held| (held, By::Log, None))
            .chain(auditor.map(|held| (held, By::Auditor, None)))
            .chain(stamps)
            .collect();
        let sizes = held.iter().filter_map(|(held, ..)| Some(held.checkpoint.as_ref().ok()?.size));
        let mut roots: BTreeMap<u64, Option<Digest>> = sizes.map(|size| (size, None)).collect();
        if let Some(root) = roots.get_mut(&0) {
            *root = Some(Tree::default().root());
        }
        Self { genesis, log, held, tree: Tree::default(), roots }
    }

    /// Takes in a line of the trunk, whatever it holds.
    pub(super) fn push(&mut self, id: &Digest) {
        self.tree.push(id);
        if let Some(root) = self.roots.get_mut(&self.tree.size()) {
            *root = Some(self.tree.root());
        }
    }

    pub(super) fn sealed(&self) -> u64 {
        self.tree.size()
    }

    /// The root over all that is sealed.
    pub(super) fn root(&self) -> Digest {
        self.tree.root()
    }

    /// The ledger has a log key.
    pub(super) fn signs(&self) -> bool {
        self.genesis.as_ref().is_some_and(|genesis| genesis.log_key.is_some())
    }
}

/// The time-stamps that are kept: those by authorities that are trusted vouch from outside, any other for no more than
/// the checkpoint that it is about.
fn stamps(
    location: &Location,
    log: &Log,
    trusted: &dyn Fn() -> Vec<Digest>,
) -> Vec<(Held, By, Option<Timestamp>)> {
    let all = location.stamps(log);
    let trusted = if all.is_empty() { Vec::new() } else { trusted() };
    let held = all.into_iter().map(|stamp| match stamp {
        Ok(Stamped { path, checkpoint, stamp }) => {
            let by = if stamp.is_by(&trusted) { By::Authority } else { By::Log };
            (Held { path, checkpoint: Ok(checkpoint) }, by, Some(stamp.at))
        }
        Err(Doubtful { path, why }) => (Held { path, checkpoint: Err(why) }, By::Log, None),
    });
    held.collect()
}

impl Verifier<'_> {
    /// Holds every checkpoint against the tree; says which ones the ledger extends.
    pub(super) fn anchors(&mut self, location: &Location) -> Vec<Anchor> {
        let anchors = std::mem::take(&mut self.anchors);
        self.log_key(location, &anchors);
        let Some(genesis) = &anchors.genesis else { return Vec::new() };
        let sealed = anchors.sealed();
        let mut good = Vec::new();
        for (Held { path, checkpoint }, by, at) in &anchors.held {
            let file = self.name(path);
            let checkpoint = match checkpoint {
                Ok(checkpoint) => checkpoint,
                Err(refused) => {
                    let is_stamp = path.starts_with(location.anchors());
                    let (code, what) =
                        if is_stamp { ("HL037", "time-stamp") } else { ("HL030", "checkpoint") };
                    let message = format!("this {what} cannot be believed: {refused}");
                    let hint = location.hint(path);
                    self.find(code, Severity::Error, (file, None), message, hint);
                    continue;
                }
            };
            let root_at = |size: u64| anchors.roots.get(&size).copied().flatten();
            match anchor::compare(checkpoint, &genesis.ledger, sealed, root_at) {
                Ok(()) => good.push(Anchor { file, size: checkpoint.size, by: *by, at: *at }),
                Err(fault) => {
                    let code = match fault {
                        anchor::Fault::Differs => "HL032",
                        anchor::Fault::Shorter => "HL033",
                        anchor::Fault::Foreign => "HL034",
                    };
                    let (message, hint) = fault.told(checkpoint, sealed);
                    self.find(code, Severity::Error, (file, None), message, hint);
                }
            }
        }
        self.root = anchors.root();
        self.statements();
        good
    }

    /// What people signed says which tree they saw.
    fn statements(&mut self) {
        let mut seen: Vec<(u64, Digest, usize, Severity)> = Vec::new();
        for (at, entry) in &self.entries {
            if let Some((statement, sig)) = entry.body.statement()
                && let Ok(size @ 1..) = u64::try_from(statement.size)
            {
                // What nobody signed anybody can have written: it is told, and proves no rewriting.
                let severity = if sig.is_some() { Severity::Error } else { Severity::Warning };
                seen.push((size, statement.root, *at, severity));
            }
        }
        seen.sort_unstable_by_key(|(size, _, at, _)| (*size, *at));
        let mut tree = Tree::default();
        let sealed: Vec<Digest> = match seen.last() {
            Some(_) => self
                .lines
                .iter()
                .filter(|line| (line.file as usize) < self.sealed_files)
                .map(|line| line.id)
                .collect(),
            None => return,
        };
        let mut ids = sealed.iter();
        for (size, root, at, severity) in seen {
            while tree.size() < size {
                let Some(id) = ids.next() else { break };
                tree.push(id);
            }
            let (code, message) = match tree.size() == size {
                true if tree.root() == root => continue,
                true => (
                    "HL032",
                    format!(
                        "whoever stated this saw other first {size} entries: something rewrote them"
                    ),
                ),
                false => (
                    "HL033",
                    format!(
                        "whoever stated this saw {size} sealed entries, and there are {}",
                        tree.size()
                    ),
                ),
            };
            let place = self.place(at);
            let hint = "compare `ledger/` with git's history, and ask whoever stated it";
            self.find(code, severity, place, message, hint);
        }
    }

    /// The key that the ledger's beginning names, the copy beside it, and that something was signed with it.
    fn log_key(&mut self, location: &Location, anchors: &Anchors) {
        self.signs = anchors.signs();
        if !self.signs {
            return;
        }
        let Some(log) = &anchors.log else {
            let place = (self.names[0].clone(), Some(1));
            let message =
                "the log key of the ledger's beginning cannot be used, or is another log's";
            return self.find(
                "HL030",
                Severity::Error,
                place,
                message,
                "restore the line from git",
            );
        };
        if !location.checkpoint().exists() {
            let name = self.name(&location.checkpoint());
            let message = "the checkpoint is gone, and this ledger is signed";
            let hint = "restore it from git; who removed it may have changed more";
            self.find("HL031", Severity::Error, (name, None), message, hint);
        }
        let path = location.log_vkey();
        let known = files::read(&path, 1 << 12).ok();
        if known.is_none_or(|known| known != format!("{log}\n").into_bytes()) {
            let name = self.name(&path);
            let message = "this is not the key that the ledger's beginning names, or is gone";
            let hint = "believe the beginning, and restore this file from git";
            self.find("HL035", Severity::Error, (name, None), message, hint);
        }
    }
}
