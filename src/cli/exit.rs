//! The exit codes that docs/exit-codes.md promises.

use std::process::ExitCode;

use holdpoint::judge::Call;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// GO, or done, or all verified: 0.
    Done,
    /// A failure of ours: 1.
    Failure,
    /// Wrong usage or unreadable input: 2.
    Usage,
    /// HOLD: 10.
    Hold,
    /// NO-GO: 20.
    NoGo,
    /// Verification failed: 30.
    Unverified,
    /// Ended by a signal: 128 and its number.
    Signal(u8),
}

impl From<Call> for Exit {
    fn from(call: Call) -> Self {
        match call {
            Call::Go => Self::Done,
            Call::Hold => Self::Hold,
            Call::NoGo => Self::NoGo,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Failure => 1,
            Exit::Usage => 2,
            Exit::Hold => 10,
            Exit::NoGo => 20,
            Exit::Unverified => 30,
            Exit::Signal(number) => 128_u8.saturating_add(number),
        })
    }
}
