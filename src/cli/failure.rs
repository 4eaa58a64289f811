//! Why a command could not do its job, with what to do about it.

use holdpoint::checklist::Reading;
use holdpoint::config;
use holdpoint::flow;

use super::exit::Exit;
use super::lint;
use super::term::{self, Term};

/// A failure to report: message, hint and exit code.
#[derive(Debug)]
pub(super) struct Failure {
    /// Lower case, no full stop.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
    /// Findings to show first.
    pub reading: Option<Box<Reading>>,
    /// The exit code.
    pub exit: Exit,
}

impl From<flow::Failure> for Failure {
    fn from(failure: flow::Failure) -> Self {
        let exit = if failure.usage { Exit::Usage } else { Exit::Failure };
        Self { message: failure.message, hint: failure.hint, reading: failure.reading, exit }
    }
}

impl From<config::Error> for Failure {
    fn from(error: config::Error) -> Self {
        Self::usage(error.message).hint(error.hint)
    }
}

impl Failure {
    /// The caller can mend it: wrong usage, unreadable input.
    pub(super) fn usage(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None, reading: None, exit: Exit::Usage }
    }

    /// It is not the caller's doing: a full disk, a damaged ledger.
    pub(super) fn ours(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None, reading: None, exit: Exit::Failure }
    }

    /// Adds what to do.
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Says it on standard error.
    pub(super) fn print(&self, term: &Term) {
        if let Some(reading) = &self.reading {
            lint::talk(reading, term);
        }
        term.err(term::error(&self.message, self.hint.as_deref()));
    }
}
