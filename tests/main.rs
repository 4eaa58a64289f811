//! All integration tests, in one binary.

mod contract;
mod docs;
mod golden;
mod house;
mod inputs;
mod properties;
mod servers;
mod shapes;
mod support;
mod vectors;
mod verbs;
