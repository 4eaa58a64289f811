//! All integration tests, in one binary.

mod house;
mod support;
mod verbs;
