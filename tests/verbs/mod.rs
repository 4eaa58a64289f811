//! One file a verb, and one for the promise that nothing false becomes a GO.

mod adopt;
mod anchor;
mod attest;
mod demo;
mod hostile;
mod hygiene;
mod kinds;
mod leaks;
mod lint;
mod never_go;
mod order;
mod places;
mod prove;
mod record;
mod redact;
mod report;
mod run;
mod seal;
mod services;
mod transcripts;
mod trust;
mod verify;
