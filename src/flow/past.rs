//! What the ledger said of its runs when some entry was the newest: the lines are looked through once, however many
//! runs and heads are asked about.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use crate::checklist::Checklist;
use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::ledger::record::Body;
use crate::ledger::rules::{Rules, in_force};
use crate::ledger::stamps::Proofs;
use crate::ledger::state::{self, RunState};
use crate::ledger::{Known, Ledger, Stored};
use crate::report::Earlier;
use crate::standing::Hearing;

use super::stand::{kept_checklist, no_such_run, standing_at};
use super::{Failure, Standing};

/// A ledger by its runs.
pub(super) struct Past<'l> {
    pub(super) ledger: &'l Ledger,
    /// In the order in which they were opened.
    runs: Vec<Begun<'l>>,
    places: HashMap<&'l str, usize>,
    /// What may have changed the rules.
    policies: Vec<&'l Stored>,
    /// By the changes of the rules that count or do not.
    rules: RefCell<HashMap<Vec<Digest>, Rc<Lawbook>>>,
    checklists: RefCell<HashMap<(Digest, String), Arc<Checklist>>>,
    /// Runs that were judged to be shown beside another, by name and newest entries.
    pub(super) judged: RefCell<HashMap<(String, Vec<Digest>), Earlier>>,
}

/// A run, and its entries in the ledger's order.
pub(super) struct Begun<'l> {
    pub(super) name: &'l str,
    pub(super) checklist: &'l str,
    /// Somebody decided something in it.
    pub(super) is_decided: bool,
    pub(super) entries: Vec<&'l Stored>,
}

/// The rules that held, and what time-stamps prove under them.
pub(super) struct Lawbook {
    pub(super) rules: Result<Arc<Rules>, String>,
    pub(super) proofs: Proofs,
}

impl<'l> Past<'l> {
    pub(super) fn of(ledger: &'l Ledger) -> Self {
        let (mut runs, mut places): (Vec<Begun<'l>>, HashMap<&str, usize>) = Default::default();
        for stored in ledger.entries() {
            let body = &stored.entry.body;
            let Some(name) = body.run() else { continue };
            if let Body::RunOpened(opened) = body {
                places.entry(name).or_insert_with(|| {
                    let checklist = &opened.checklist.path;
                    runs.push(Begun { name, checklist, is_decided: false, entries: Vec::new() });
                    runs.len() - 1
                });
            }
            let Some(run) = places.get(name).map(|&at| &mut runs[at]) else { continue };
            run.is_decided |= matches!(body, Body::Decided(_));
            run.entries.push(stored);
        }
        let is_policy = |stored: &&Stored| matches!(stored.entry.body, Body::Policy(_));
        let policies = ledger.entries().iter().filter(is_policy).collect();
        let (rules, checklists, judged) = Default::default();
        Self { ledger, runs, places, policies, rules, checklists, judged }
    }

    /// Every run, in the order in which they were opened.
    pub(super) fn runs(&self) -> &[Begun<'l>] {
        &self.runs
    }

    pub(super) fn place(&self, run: &str) -> Option<usize> {
        self.places.get(run).copied()
    }

    /// What the ledger said of a run when `heads` were its newest entries.
    pub(super) fn run(&self, heads: &[Digest], run: &str) -> Option<RunState> {
        let known = self.known(heads);
        let entries = self.runs[self.place(run)?].entries.iter().copied();
        let entries: Vec<&Stored> = entries.filter(|one| knows(&known, &one.id)).collect();
        state::runs(self.ledger.history(), &entries).pop()
    }

    /// The rules that held then.
    pub(super) fn rules(&self, heads: &[Digest]) -> Rc<Lawbook> {
        let known = self.known(heads);
        let all = self.ledger.entries();
        let first = all.iter().find(|one| knows(&known, &one.id)).into_iter();
        let changes = self.policies.iter().copied().filter(|one| knows(&known, &one.id));
        let key: Vec<Digest> = first.chain(changes).map(|one| one.id).collect();
        if let Some(found) = self.rules.borrow().get(&key) {
            return Rc::clone(found);
        }
        // Whether a change counts is told by what it follows, and by nothing that came later.
        let entries: Vec<&Stored> = all.iter().filter(|one| knows(&known, &one.id)).collect();
        let evidence = |digest: &Digest| self.ledger.evidence(digest);
        let rules = in_force(self.ledger.history(), &entries, &evidence).rules;
        let proofs = self.ledger.proofs(&rules);
        let found = Rc::new(Lawbook { rules, proofs });
        self.rules.borrow_mut().insert(key, Rc::clone(&found));
        found
    }

    /// A run as it was then, with what people said in it weighed by the rules that held, as of a time.
    pub(super) fn heard(
        &self,
        heads: &[Digest],
        run: &str,
        now: Timestamp,
    ) -> Option<(RunState, Hearing)> {
        let (run, book) = (self.run(heads, run)?, self.rules(heads));
        let hearing = Hearing::of(&run, &book.rules, self.ledger.history(), &book.proofs, now);
        Some((run, hearing))
    }

    /// Entries of a run that no other of its entries knows of.
    pub(super) fn heads(&self, run: &str) -> Vec<Digest> {
        self.heads_below(None, run)
    }

    /// The same among what some entry knows of.
    pub(super) fn heads_below(&self, head: Option<&Digest>, run: &str) -> Vec<Digest> {
        let Some(run) = self.place(run).map(|at| &self.runs[at]) else { return Vec::new() };
        let below: Vec<Known<'_>> =
            head.iter().map(|head| self.ledger.history().known_to(head)).collect();
        let mut heads: Vec<(Digest, Known<'_>)> = Vec::new();
        let entries = run.entries.iter().rev();
        for stored in entries.filter(|one| below.is_empty() || knows(&below, &one.id)) {
            if !heads.iter().any(|(_, known)| known.contains(&stored.id)) {
                heads.push((stored.id, self.ledger.history().known_to(&stored.id)));
            }
        }
        heads.into_iter().map(|(head, _)| head).collect()
    }

    /// Where a run stood at its newest entry, by the rules that held then: what came later does not change it.
    ///
    /// # Errors
    /// When there is no such run, or its evidence is gone.
    pub(super) fn stood(&self, run: &str) -> Result<Standing, Failure> {
        let heads = self.heads(run);
        let newest = || self.runs.iter().rev().map(|run| run.name);
        let state = self.run(&heads, run).ok_or_else(|| no_such_run(run, newest()))?;
        let (book, now) = (self.rules(&heads), state.last_at);
        let history = self.ledger.history();
        let hearing = Hearing::of(&state, &book.rules, history, &book.proofs, now);
        standing_at(self, Some(&heads), state, hearing, None, &[])
    }

    pub(super) fn entry(&self, id: &Digest) -> Option<&'l Stored> {
        self.ledger.entry(id)
    }

    fn known(&self, heads: &[Digest]) -> Vec<Known<'l>> {
        heads.iter().map(|head| self.ledger.history().known_to(head)).collect()
    }

    /// A checklist that need not be read again.
    pub(super) fn reads(&self, known: &Arc<Checklist>) {
        let key = (known.sha256, known.source.path.clone());
        self.checklists.borrow_mut().insert(key, Arc::clone(known));
    }

    /// The checklist that a run was opened with.
    pub(super) fn checklist(&self, run: &RunState) -> Result<Arc<Checklist>, Failure> {
        let file = &run.opened.checklist;
        let key = (file.sha256, file.path.clone());
        if let Some(known) = self.checklists.borrow().get(&key) {
            return Ok(Arc::clone(known));
        }
        let read = kept_checklist(self.ledger, run, None)?;
        self.checklists.borrow_mut().insert(key, Arc::clone(&read));
        Ok(read)
    }
}

fn knows(known: &[Known<'_>], id: &Digest) -> bool {
    known.iter().any(|known| known.contains(id))
}
