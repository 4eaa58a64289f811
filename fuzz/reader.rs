//! What is fuzzed: the product's own files, from bytes to findings, and the properties that hold of them.
#![forbid(unsafe_code)]
#![allow(dead_code, reason = "what runs checks is compiled with what reads them")]

extern crate self as holdpoint;

#[path = "../src"]
mod product {
    pub mod adopt;
    pub mod check;
    pub mod checklist;
    pub mod command;
    pub mod digest;
    pub mod lexicon;
    pub mod lint;
    pub mod order;
    pub mod outcome;
    pub mod plan;
    pub mod redact;
    pub mod source;
    pub mod survey;
}
pub use product::*;

#[path = "../tests/properties.rs"]
pub mod properties;
