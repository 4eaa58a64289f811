//! One file a verb, and one for the promise that nothing false becomes a GO.

mod adopt;
mod attest;
mod certificates;
mod decide;
mod demo;
mod forge;
mod hostile;
mod hygiene;
mod kinds;
mod leaks;
mod lint;
mod metrics;
mod never_go;
mod order;
mod places;
mod record;
mod redact;
mod report;
mod requests;
mod run;
mod services;
mod sign;
mod transcripts;
mod trust;
mod verify;
