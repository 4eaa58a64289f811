//! All integration tests, in one binary.

mod contract;
mod docs;
mod faults;
mod golden;
mod house;
mod inputs;
mod properties;
mod servers;
mod shapes;
mod support;
mod vectors;
mod verbs;
