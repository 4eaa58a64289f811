//! Redacts bytes that come in pieces: what lies across two of them is found, and memory stays bounded.

use std::collections::BTreeMap;

use crate::outcome::Redaction;

use super::{ALL, Blind, Found, Open, Redactor};

/// So many new bytes are searched at once, or pieces of a line would each cost a search of the window.
const BATCH: usize = 64 << 10;

/// Bytes that are out already: a rule's anchor may stand in them, or what a pattern looks back at (`\b`, `^`).
pub(super) const BEHIND: usize = 512;

/// The longest end of a secret that goes on over many pieces.
const END: usize = 128;

/// Redacts bytes that come in pieces.
pub struct Stream<'r> {
    redactor: &'r Redactor,
    held: Vec<u8>,
    /// Where in `held` what is not out yet begins.
    done: usize,
    /// Up to where in `held` something stands for the bytes already.
    covered: usize,
    /// A secret goes on.
    open: Option<Open>,
    /// Something stands for all of it.
    hidden: bool,
    counts: BTreeMap<&'r str, i64>,
}

impl<'r> Stream<'r> {
    pub(super) fn new(redactor: &'r Redactor) -> Self {
        let counts = BTreeMap::new();
        Self { redactor, held: Vec::new(), done: 0, covered: 0, open: None, hidden: false, counts }
    }

    /// Takes a piece and appends what is clean for sure.
    pub fn feed(&mut self, piece: &[u8], clean: &mut Vec<u8>) {
        if let Some(blind) = &self.redactor.blind {
            return self.hide(blind, piece, clean);
        }
        for part in piece.chunks(BATCH) {
            self.held.extend_from_slice(part);
            if self.held.len() - self.done >= self.redactor.reach + BATCH {
                self.take(false, clean);
            }
        }
    }

    /// Stands once for all pieces.
    fn hide(&mut self, blind: &'r Blind, piece: &[u8], clean: &mut Vec<u8>) {
        if piece.is_empty() || std::mem::replace(&mut self.hidden, true) {
            return;
        }
        match blind {
            Blind::Unsearchable => clean.extend_from_slice(ALL.as_bytes()),
            Blind::Everything(name) => {
                clean.extend_from_slice(format!("[redacted:{name}]").as_bytes());
                self.counts.insert(name, 1);
            }
        }
    }

    /// Appends the rest.
    pub fn end(&mut self, clean: &mut Vec<u8>) {
        self.take(true, clean);
    }

    /// How often each rule found something.
    pub fn counts(&self) -> impl Iterator<Item = Redaction> + '_ {
        self.counts
            .iter()
            .map(|(rule, count)| Redaction { rule: (*rule).to_owned(), count: *count })
    }

    /// Moves out what is clean, up to where something could begin that goes on in the next piece.
    fn take(&mut self, last: bool, clean: &mut Vec<u8>) {
        if !self.close() {
            return;
        }
        let end = self.held.len();
        let limit = if last { end } else { end.saturating_sub(self.redactor.reach) };
        if limit <= self.done {
            return;
        }
        for found in self.redactor.find(&self.held, self.done..limit, last) {
            self.redact(&found, clean);
            if self.open.is_some() {
                break;
            }
        }
        let limit = if self.open.is_some() { end } else { limit };
        if self.covered < limit {
            clean.extend_from_slice(&self.held[self.covered..limit]);
            self.covered = limit;
        }
        self.forget(limit);
    }

    /// Replaces what was found; what goes on from something replaced already belongs to that.
    fn redact(&mut self, found: &Found<'r>, clean: &mut Vec<u8>) {
        if found.at.end <= self.covered {
            return;
        }
        if found.at.start >= self.covered {
            clean.extend_from_slice(&self.held[self.covered..found.at.start]);
            clean.extend_from_slice(format!("[redacted:{}]", found.rule).as_bytes());
            *self.counts.entry(found.rule).or_default() += 1;
        }
        self.covered = found.at.end;
        self.open = found.open;
    }

    /// Passes over what goes on of an open secret; true where it has ended.
    fn close(&mut self) -> bool {
        let rest = &self.held[self.done..];
        let end = match self.open {
            None => return true,
            Some(Open::Line) => memchr::memchr(b'\n', rest),
            Some(Open::Until(rule)) => {
                rule.end().and_then(|end| end.find(rest)).map(|end| end.end())
            }
        };
        match end {
            Some(end) => {
                self.open = None;
                let at = self.done + end;
                self.covered = at;
                self.forget(at);
                true
            }
            None => {
                // The end may lie across this piece and the next.
                let at = self.held.len().saturating_sub(END).max(self.done);
                self.forget(at);
                false
            }
        }
    }

    /// Lets go of what is before `at`, but for what may be looked back at.
    fn forget(&mut self, at: usize) {
        let from = at.saturating_sub(BEHIND);
        self.held.drain(..from);
        self.done = at - from;
        self.covered = self.covered.saturating_sub(from).max(self.done);
    }
}
