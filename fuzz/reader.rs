//! What is fuzzed: the product's own files, from bytes to findings, and the properties that hold of them.
#![forbid(unsafe_code)]
#![allow(dead_code, reason = "what runs checks is compiled with what reads them")]

extern crate self as holdpoint;

#[path = "../src/digest.rs"]
pub mod digest;
#[path = "../src/outcome.rs"]
pub mod outcome;
#[path = "../src/redact.rs"]
pub mod redact;
#[path = "../src/source.rs"]
pub mod source;

#[path = "../src/check/mod.rs"]
pub mod check;
#[path = "../src/checklist/mod.rs"]
pub mod checklist;
#[path = "../src/command/mod.rs"]
pub mod command;
#[path = "../src/lexicon/mod.rs"]
pub mod lexicon;
#[path = "../src/lint.rs"]
pub mod lint;
#[path = "../src/survey/mod.rs"]
pub mod survey;

#[path = "../tests/properties.rs"]
pub mod properties;
