//! `holdpoint adopt`: what makes a plain checklist executable, as a diff.

use std::path::PathBuf;

use holdpoint::adopt::Summary;
use holdpoint::flow;

use super::exit::Exit;
use super::failure::Failure;
use super::place::Place;
use super::term::{self, Term};

/// Propose what makes a plain checklist executable
///
/// Marks blocks that only look as checks and blocks that act as actions, says what people noted as
/// expectations, and declares parameters and roles. Nothing is executed.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  holdpoint adopt go-live.md                 the changes as a diff, and what is left to decide
  holdpoint adopt go-live.md | git apply     take them over
  holdpoint adopt --write go-live.md         the same

Exit codes: 0 something or nothing is proposed, 2 the checklist cannot be read.")]
pub(super) struct Args {
    /// The checklist
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Change the file
    #[arg(long)]
    write: bool,
}

/// Proposes; the diff goes to standard output, the summary to standard error.
pub(super) fn main(args: &Args, place: &Place, term: &Term) -> Result<Exit, Failure> {
    let path = place.resolve(&args.file);
    let name = place.name(&path);
    let adoption = flow::adopt::propose(&path, &name, &place.in_repository(&path))?;
    if args.write && !adoption.diff.is_empty() {
        flow::adopt::write(&path, &name, &adoption.proposal)?;
    } else {
        term.diff(&adoption.diff);
    }
    let nothing = adoption.diff.is_empty();
    for line in told(&name, &adoption.proposal.summary, nothing, args.write) {
        term.err(line);
    }
    if adoption.errors > 0 {
        let count = term::count(adoption.errors, "error");
        term.err(format!(
            "  {count} in it already: `holdpoint lint {}` shows them",
            term::visible(&name)
        ));
    }
    Ok(Exit::Done)
}

fn told(name: &str, summary: &Summary, nothing: bool, written: bool) -> Vec<String> {
    let name = term::visible(name);
    let mut lines = Vec::new();
    let begin = match (nothing, written) {
        (true, _) => "nothing is proposed".to_owned(),
        (false, true) => "changed".to_owned(),
        (false, false) => "proposed; `--write` changes the file".to_owned(),
    };
    lines.push(format!("{}: {begin}", term::bold(&name)));
    let checks = summary.alone + summary.with_person;
    lines.push(format!(
        "  {}, {} by checks{}",
        term::count(summary.items, "item"),
        match checks {
            0 => "none answered".to_owned(),
            many => format!("{many} answered"),
        },
        match summary.with_person {
            0 => String::new(),
            many => format!(", {many} of them with a person who looks at the output"),
        },
    ));
    if summary.actions > 0 {
        let count = term::count(summary.actions, "block");
        lines.push(format!(
            "  {count} marked `action`: people do them, nothing runs them by itself"
        ));
    }
    for (why, count) in &summary.by_hand {
        lines.push(format!("  {} for people: {why}", term::count(*count, "item")));
    }
    if !summary.params.is_empty() {
        lines.push(format!("  parameters: {}", summary.params.join(", ")));
    }
    if !summary.env.is_empty() {
        lines.push(format!("  variables that checks would see: {}", summary.env.join(", ")));
    }
    if !summary.left.is_empty() {
        let whose = if written && !nothing { " (lines as they were)" } else { "" };
        lines.push(format!("for you to decide{whose}:"));
    }
    for left in &summary.left {
        lines.push(format!("  line {}: {}", left.line, term::visible(&left.why)));
    }
    lines
}
