//! holdpoint reads a Markdown checklist, runs the checks in it, records each result in an
//! append-only ledger, judges the gates, and renders sign-off reports.
#![forbid(unsafe_code)]

pub mod clock;
pub mod digest;
pub mod files;
pub mod json;
pub mod redact;
pub mod source;

pub mod checklist;
pub mod outcome;

pub mod check;

pub mod plan;
pub mod run;

pub mod ledger;

pub mod judge;
pub mod standing;

pub mod report;
