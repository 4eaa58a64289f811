//! All integration tests, in one binary.

mod docs;
mod golden;
mod house;
mod inputs;
mod properties;
mod shapes;
mod support;
mod verbs;
