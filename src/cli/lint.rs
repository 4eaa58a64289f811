//! `holdpoint lint`: what is wrong with checklists, all of it at once.

use std::path::PathBuf;

use holdpoint::flow;
use holdpoint::lint;
use holdpoint::source::Severity;

use super::Format;
use super::exit::Exit;
use super::failure::Failure;
use super::place::Place;
use super::term::{self, Term};

/// Say what is wrong with checklists, and how to mend it
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  holdpoint lint checklists/*.md
  holdpoint lint --format json checklists/go-live.md

Exit codes: 0 nothing is wrong (warnings may be), 2 something is.")]
pub(super) struct Args {
    /// The checklists
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Shape of the output
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

/// Lints every file, and goes on where one cannot be read.
pub(super) fn main(args: &Args, place: &Place, term: &Term) -> Result<Exit, Failure> {
    let mut exit = Exit::Done;
    let mut files = Vec::new();
    for file in &args.files {
        let path = place.resolve(file);
        let reading = match flow::read(&path, &place.name(&path)) {
            Ok(linted) => linted.reading,
            Err(failure) => {
                Failure::from(failure).print(term);
                exit = Exit::Usage;
                continue;
            }
        };
        if reading.diagnostics.iter().any(|finding| finding.severity == Severity::Error) {
            exit = Exit::Usage;
        }
        match args.format {
            Format::Json => files.push(lint::Summary::of(&reading)),
            Format::Text => print(&reading, term),
        }
    }
    if args.format == Format::Json {
        term.json(&serde_json::json!({ "files": files }));
    }
    Ok(exit)
}

fn print(reading: &holdpoint::checklist::Reading, term: &Term) {
    let checklist = &reading.checklist;
    for finding in &reading.diagnostics {
        term.out(term::diagnostic(finding, &checklist.source));
    }
    let count = |severity| {
        reading.diagnostics.iter().filter(|finding| finding.severity == severity).count()
    };
    let checks = checklist.items.iter().filter(|item| !item.blocks.is_empty()).count();
    term.out(format!(
        "{}: {}, {checks} with checks, {}; {}, {}",
        term::visible(&checklist.source.path),
        term::count(checklist.items.len(), "item"),
        term::count(checklist.gates.len(), "gate"),
        term::count(count(Severity::Error), "error"),
        term::count(count(Severity::Warning), "warning"),
    ));
}

/// Says on standard error what is wrong with a checklist that is about to run.
pub(super) fn talk(reading: &holdpoint::checklist::Reading, term: &Term) {
    let source = &reading.checklist.source;
    let serious = reading.diagnostics.iter().filter(|finding| finding.severity > Severity::Note);
    for finding in serious {
        term.err(term::diagnostic(finding, source));
    }
}
