//! Runs: each opened once, before anything is said of it.

use std::collections::HashMap;

use crate::source::Severity;

use super::Verifier;

/// What entries say of runs.
#[derive(Default)]
pub(super) struct Runs(HashMap<String, Run>);

#[derive(Default)]
struct Run {
    /// The entries that open it.
    opened: Vec<usize>,
    /// The first that says something of it.
    used: Option<usize>,
}

impl Runs {
    /// Takes down an entry that opens a run, or is about it.
    pub(super) fn count(&mut self, run: &str, opens: bool, at: usize) {
        if !self.0.contains_key(run) {
            self.0.insert(run.to_owned(), Run::default());
        }
        match self.0.get_mut(run) {
            Some(run) if opens => run.opened.push(at),
            Some(run) => run.used = run.used.or(Some(at)),
            None => {}
        }
    }
}

impl Verifier<'_> {
    /// A run that is opened again, or by no entry before those that are about it.
    pub(super) fn runs(&mut self) {
        let mut found = Vec::new();
        for (name, run) in std::mem::take(&mut self.runs).0 {
            for at in run.opened.iter().skip(1) {
                found.push((
                    *at,
                    format!("run `{name}` is open already: what opened it first holds"),
                ));
            }
            // Sessions' files are read in the order of their names.
            let sealed = |at: usize| (self.lines[at].file as usize) < self.sealed_files;
            let before = |used: usize| {
                let mut opened = run.opened.iter();
                opened.any(|&opened| opened < used || !sealed(used))
            };
            if let Some(at) = run.used.filter(|used| !before(*used)) {
                found.push((at, format!("run `{name}` is opened by no entry before this")));
            }
        }
        found.sort();
        for (at, why) in found {
            let (place, hint) = (self.place(at), "compare it with git's history");
            self.find("HL025", Severity::Error, place, why, hint);
        }
    }
}
