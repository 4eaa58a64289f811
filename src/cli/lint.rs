//! `holdpoint lint`: what is wrong with checklists, all of it at once, and what can be mended.

use std::path::{Path, PathBuf};

use holdpoint::checklist::{Mark, Reading, Unreadable};
use holdpoint::flow;
use holdpoint::lint::{self, Done, File};
use holdpoint::source::{Severity, Source};

use super::exit::Exit;
use super::failure::Failure;
use super::finding;
use super::place::Place;
use super::term::{self, Term};

/// Say what is wrong with checklists, and how to mend it
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  holdpoint lint checklists/
  holdpoint lint --fix checklists/go-live.md       mend what can be mended with certainty
  holdpoint lint --explain HP012                   what a code means, with an example
  holdpoint lint --format github checklists/       annotations in a GitHub workflow
  holdpoint lint --format sarif . > lint.sarif     for code scanning and editors

Exit codes: 0 nothing is wrong (warnings may be), 2 something is.")]
pub(super) struct Args {
    /// Checklists, and folders: every `.md` file below them
    #[arg(required_unless_present = "explain", value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Mend what can be mended with certainty, and show what is left
    #[arg(long)]
    fix: bool,
    /// Explain a code
    #[arg(long, value_name = "CODE", conflicts_with_all = ["files", "fix", "format"])]
    explain: Option<String>,
    /// Shape of the output
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

/// Shapes of what `lint` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For machines; the shape is documented in docs/json.md
    Json,
    /// SARIF 2.1.0, for code scanning and editors
    Sarif,
    /// Annotations in a GitHub workflow
    Github,
}

/// One file with what was mended in it.
struct Linted {
    file: File,
    fixed: Vec<Done>,
    /// As code hosts name it.
    path: String,
}

/// Lints every file, and goes on where one cannot be read.
pub(super) fn main(args: &Args, place: &Place, term: &Term) -> Result<Exit, Failure> {
    if let Some(code) = &args.explain {
        return explain(code, term);
    }
    let mut linted = Vec::new();
    for path in args.files.iter().map(|file| place.resolve(file)) {
        match below(&path) {
            Ok(files) => {
                for file in &files {
                    linted.push(one(file, args.fix, place)?);
                }
            }
            Err(message) => linted.push(refused(&path, place, &message)),
        }
    }
    match args.format {
        Format::Text => print(&linted, term),
        Format::Json => {
            let files: Vec<lint::Summary> =
                linted.iter().map(|one| lint::Summary::of(&one.file, &one.fixed)).collect();
            term.json(&serde_json::json!({ "files": files }));
        }
        Format::Sarif => {
            term.json(&lint::sarif::log(&linted.iter().map(sarif).collect::<Vec<_>>()))
        }
        Format::Github => {
            for Linted { file, path, .. } in &linted {
                let commands = file.findings().iter();
                for command in
                    commands.map(|found| lint::github::command(path, file.source(), found))
                {
                    term.out(command);
                }
            }
        }
    }
    let is_wrong = linted.iter().any(|one| one.file.count(Severity::Error) > 0);
    Ok(if is_wrong { Exit::Usage } else { Exit::Done })
}

fn one(path: &Path, fix: bool, place: &Place) -> Result<Linted, Failure> {
    let name = place.name(path);
    let fixed = if fix { flow::fix(path, &name)? } else { Vec::new() };
    let file = flow::lint(path, &name, &place.config, place.clock.now());
    Ok(Linted { file, fixed, path: place.in_repository(path) })
}

fn refused(path: &Path, place: &Place, message: &str) -> Linted {
    let source = Source::new(place.name(path), "");
    let hint = "give the path of a checklist in Markdown";
    let file = File::Refused(Unreadable::new(source, 0, message, hint));
    Linted { file, fixed: Vec::new(), path: place.in_repository(path) }
}

/// A file itself; of a folder the Markdown files below it, but for those that tools made.
fn below(path: &Path) -> Result<Vec<PathBuf>, String> {
    const MADE: [&str; 7] =
        ["target", "node_modules", "vendor", "venv", "__pycache__", "ledger", "reports"];
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let is_wanted = |entry: &walkdir::DirEntry| {
        let name = entry.file_name().to_string_lossy();
        let made = entry.file_type().is_dir() && MADE.contains(&name.as_ref());
        entry.depth() == 0 || !name.starts_with('.') && !made
    };
    let is_markdown = |path: &Path| {
        let extension =
            path.extension().map(|extension| extension.to_string_lossy().to_lowercase());
        extension.is_some_and(|extension| matches!(extension.as_str(), "md" | "markdown"))
    };
    let mut files = Vec::new();
    for entry in walkdir::WalkDir::new(path).sort_by_file_name().into_iter().filter_entry(is_wanted)
    {
        let entry = entry.map_err(|error| format!("cannot read the folder: {error}"))?;
        if entry.file_type().is_file() && is_markdown(entry.path()) {
            files.push(entry.into_path());
        }
    }
    if files.is_empty() {
        Err("there is no Markdown file in this folder".to_owned())
    } else {
        Ok(files)
    }
}

fn sarif(one: &Linted) -> lint::sarif::File<'_> {
    lint::sarif::File { path: &one.path, source: one.file.source(), findings: one.file.findings() }
}

fn print(linted: &[Linted], term: &Term) {
    for Linted { file, fixed, .. } in linted {
        let source = file.source();
        let path = term::visible(&source.path);
        for done in fixed {
            let message = term::visible(&done.message);
            term.out(format!(
                "{} {path}:{}: [{}] {message}",
                term::bold("mended"),
                done.line,
                done.code
            ));
        }
        for shown in finding::all(file.findings().iter(), source, &term.hidden()) {
            term.out(shown);
        }
        if let File::Read(reading) = file {
            term.out(format!(
                "{path}: {}; {}",
                contents(reading),
                counts(std::slice::from_ref(file))
            ));
        }
    }
    let plain = linted.iter().filter_map(|one| match &one.file {
        File::Read(reading) if is_plain(reading) => Some(&reading.checklist.source.path),
        _ => None,
    });
    if let Some(path) = plain.into_iter().next() {
        term.out(format!(
            "nothing in it runs: `holdpoint adopt {}` proposes checks",
            term::visible(path)
        ));
    }
    if linted.len() > 1 {
        let files: Vec<&File> = linted.iter().map(|one| &one.file).collect();
        term.out(format!("{}: {}", term::count(files.len(), "file"), counts(&files)));
    }
}

/// No block is marked, and some hold commands.
fn is_plain(reading: &Reading) -> bool {
    let blocks = &reading.checklist.blocks;
    let shells = ["bash", "sh", "shell", "zsh"];
    blocks.iter().all(|block| block.mark == Mark::None)
        && blocks.iter().any(|block| shells.contains(&block.language.as_str()))
}

/// What a checklist holds.
fn contents(reading: &Reading) -> String {
    let checklist = &reading.checklist;
    let checks = checklist.items.iter().filter(|item| item.is_checked()).count();
    let (items, gates) = (checklist.items.len(), checklist.gates.len());
    format!("{}, {checks} with checks, {}", term::count(items, "item"), term::count(gates, "gate"))
}

/// How much there is to say about files.
fn counts<F: std::borrow::Borrow<File>>(files: &[F]) -> String {
    let count = |severity| files.iter().map(|file| file.borrow().count(severity)).sum::<usize>();
    let mut text = format!(
        "{}, {}",
        term::count(count(Severity::Error), "error"),
        term::count(count(Severity::Warning), "warning")
    );
    if count(Severity::Note) > 0 {
        text.push_str(&format!(", {}", term::count(count(Severity::Note), "note")));
    }
    let findings = files.iter().flat_map(|file| file.borrow().findings());
    match findings.filter(|finding| finding.fix.is_some()).count() {
        0 => {}
        fixable => text.push_str(&format!("; `--fix` can mend {fixable}")),
    }
    text
}

fn explain(code: &str, term: &Term) -> Result<Exit, Failure> {
    let Some(entry) = lint::book::explain(code) else {
        let hint = "a code is two letters and three digits, such as `HP012`";
        return Err(Failure::usage(format!("there is no finding `{code}`")).hint(hint));
    };
    term.out(entry.to_string());
    Ok(Exit::Done)
}

/// Says on standard error what is wrong with a checklist that is about to run.
pub(super) fn talk(reading: &Reading, term: &Term) {
    let source = &reading.checklist.source;
    let serious = reading.diagnostics.iter().filter(|finding| finding.severity > Severity::Note);
    for shown in finding::all(serious, source, &term.hidden()) {
        term.err(shown);
    }
}
