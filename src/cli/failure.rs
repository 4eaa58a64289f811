//! Why a command could not do its job, with what to do about it.

use super::exit::Exit;

/// A failure to report: message, hint and exit code.
#[derive(Debug)]
pub struct Failure {
    /// Lower case, no full stop.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
    /// The exit code.
    pub exit: Exit,
}

impl Failure {
    /// The caller can mend it: wrong usage, unreadable input.
    pub fn usage(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None, exit: Exit::Usage }
    }

    /// It is not the caller's doing: a full disk, a damaged ledger.
    pub fn ours(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None, exit: Exit::Failure }
    }

    /// Adds what to do.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}
