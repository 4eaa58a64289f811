//! holdpoint reads a Markdown checklist, runs the checks in it, records each result in an
//! append-only ledger, judges the gates, and renders sign-off reports.
//!
//! Start with [`flow`]: the whole product on one page.
#![forbid(unsafe_code)]

pub mod flow;

pub mod clock;
pub mod config;
pub mod digest;
pub mod files;
pub mod json;
pub mod lexicon;
pub mod note;
pub mod policy;
pub mod redact;
pub mod said;
pub mod source;

pub mod adopt;
pub mod checklist;
pub mod command;
pub mod lint;
pub mod order;
pub mod plan;
pub mod survey;
pub mod trust;

pub mod check;
pub mod outcome;
pub mod run;

pub mod sign;
pub mod timestamp;

pub mod ledger;
pub mod verify;

pub mod judge;
pub mod standing;

pub mod diff;
pub mod report;
pub mod site;
