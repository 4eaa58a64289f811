//! Adopting a plain checklist: what would make it executable, and writing that down.

use std::path::Path;

use crate::adopt::{self, Proposal};
use crate::config::Config;
use crate::files;
use crate::source::{Diagnostic, Severity};

use super::{Failure, read};

/// What is proposed for a checklist.
#[derive(Clone, Debug)]
pub struct Adoption {
    /// The proposal.
    pub proposal: Proposal,
    /// It as a unified diff; empty where nothing is proposed.
    pub diff: String,
    /// So many errors are in the checklist as it is.
    pub errors: usize,
}

/// Reads a checklist and proposes; `named` is its path in a diff.
///
/// # Errors
/// When it cannot be read, or its two readers differ.
pub fn propose(path: &Path, name: &str, named: &str) -> Result<Adoption, Failure> {
    let reading = read(path, name, &Config::default())?.reading;
    if reading.disputed {
        return Err(Failure::usage(
            format!("the two readers differ about `{name}`"),
            format!("`holdpoint lint {name}` shows where; write those lines plainly first"),
        ));
    }
    let proposal = adopt::propose(&reading);
    let diff = adopt::diff(named, &reading.checklist.source.text, &proposal.text);
    let is_error = |finding: &&Diagnostic| finding.severity == Severity::Error;
    let errors = reading.diagnostics.iter().filter(is_error).count();
    Ok(Adoption { proposal, diff, errors })
}

/// Puts a proposal in the place of the checklist.
///
/// # Errors
/// When it cannot be written.
pub fn write(path: &Path, name: &str, proposal: &Proposal) -> Result<(), Failure> {
    // The file behind a link is what changes, not the link.
    let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    files::replace(&target, proposal.text.as_bytes()).map_err(|error| {
        Failure::usage(format!("cannot write `{name}`: {error}"), "nothing was changed in it")
    })
}
