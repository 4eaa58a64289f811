//! All integration tests, in one binary.

mod docs;
mod golden;
mod house;
mod support;
mod verbs;
