//! `holdpoint diff`: what differs between two runs.

use std::path::PathBuf;

use anstyle::AnsiColor;
use holdpoint::diff::{About, Change, Diff, ItemChange, Kind};
use holdpoint::flow::Asked;
use holdpoint::report::Language;
use holdpoint::said::Said;
use holdpoint::{files, flow};

use super::exit::Exit;
use super::failure::Failure;
use super::place::Place;
use super::term::{self, Term};

/// Show what differs between two runs
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  holdpoint diff go-live-20261120-101500-3ab1 go-live-20261121-093000-7f3a
  holdpoint diff STAGING-RUN PRODUCTION-RUN --exit-code
  holdpoint diff RUN RUN --format html --out difference.html

The runs may be for two releases or environments, and of two versions of a checklist: items are compared by their
identities. Each is taken as it stood at its newest entry. `holdpoint log --kind run_opened` lists the runs.")]
pub(super) struct Args {
    /// The run that is compared with
    from: String,
    /// The run that is compared
    to: String,
    /// End with 10 where something differs, and with 20 where something is worse; what checks saw may differ
    #[arg(long)]
    exit_code: bool,
    /// Shape of the output
    #[arg(long, value_enum, default_value = "text")]
    format: Shape,
    /// The language of the HTML's own words: en, de, fr, es, ja, zh
    #[arg(long, value_name = "CODE", value_parser = super::report::language)]
    language: Option<Language>,
    /// A folder of templates for the HTML, in the place of holdpoint's own
    #[arg(long, value_name = "DIR")]
    templates: Option<PathBuf>,
    /// Write the HTML here
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Shapes of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Shape {
    /// For people
    Text,
    /// For machines; the shape is documented in docs/json.md
    Json,
    /// One file, without script or request
    Html,
}

/// Compares two runs.
pub(super) fn main(args: &Args, place: &Place, term: &Term) -> Result<Exit, Failure> {
    if args.out.is_some() && args.format != Shape::Html {
        let failure = Failure::usage("`--out` is for `--format html`");
        return Err(failure.hint("add `--format html`, or redirect the output"));
    }
    let diff = flow::diff(&place.home(), &args.from, &args.to)?;
    match args.format {
        Shape::Text => print(&diff, term),
        Shape::Json => term.json(&diff),
        Shape::Html => html(&diff, args, place, term)?,
    }
    Ok(match (args.exit_code, diff.differs) {
        (true, true) if diff.worse => Exit::NoGo,
        (true, true) => Exit::Hold,
        _ => Exit::Done,
    })
}

fn html(diff: &Diff, args: &Args, place: &Place, term: &Term) -> Result<(), Failure> {
    let templates = args.templates.as_deref().map(|folder| place.resolve(folder));
    let asked = Asked { gate: None, language: args.language, templates };
    let page = flow::diff_page(&place.home(), diff, &asked)?;
    let Some(out) = &args.out else {
        term.bytes(&page);
        return Ok(());
    };
    files::replace(&place.resolve(out), &page)
        .map_err(|error| Failure::ours(format!("cannot write `{}`: {error}", out.display())))?;
    term.out(format!("  html  {}", out.display()));
    Ok(())
}

fn print(diff: &Diff, term: &Term) {
    for (mark, about) in [("-", &diff.from), ("+", &diff.to)] {
        term.out(side(mark, about));
    }
    let facts = diff.facts.iter().chain(&diff.about);
    facts.for_each(|change| put(change, 2, term));
    if !diff.looser.is_empty() {
        term.out("\n  asked for less:");
    }
    for line in &diff.looser {
        term.out(term::hanging("    - ", &term::visible(&line.to_string()), 6));
    }
    diff.items.iter().for_each(|change| item(change, term));
    let (differ, same) = (diff.items.len(), diff.unchanged);
    if !diff.differs {
        term.out("\nnothing differs beside which run it is, and what checks saw");
    }
    let verb = if differ == 1 { "differs" } else { "differ" };
    term.out(format!("\n{} {verb}, {same} not", term::count(differ, "item")));
}

fn side(mark: &str, about: &About) -> String {
    let parts = [&about.title, &about.release, &about.environment].map(|part| term::visible(part));
    let run = term::dim(&format!("{} {}", term::visible(&about.run), about.at));
    let line = format!("{}  {}  {run}", term::call(about.verdict), parts.join(" · "));
    term::hanging(&format!("{mark} "), &line, 4)
}

/// `name: from → to`, on a line of its own each where they are long.
fn put(change: &Change, indent: usize, term: &Term) {
    let show = |value: &Option<Said>| match value {
        Some(value) => term::fit(&term::visible(&value.to_string()), 400),
        None => term::dim("none"),
    };
    let start =
        format!("{:indent$}{}: ", "", term::fit(&term::visible(&change.name.to_string()), 200));
    let values = match (&change.from, &change.to) {
        (None, None) => String::new(),
        (from, to) => format!("{} → {}", show(from), show(to)),
    };
    term.out(term::hanging(&start, &values, indent + 4));
}

fn item(change: &ItemChange, term: &Term) {
    let (mark, colour) = match change.kind {
        Kind::Worse => ("▼", AnsiColor::Red),
        Kind::Better => ("▲", AnsiColor::Green),
        Kind::Removed => ("−", AnsiColor::Yellow),
        Kind::Added => ("+", AnsiColor::Yellow),
        Kind::Edited => ("✎", AnsiColor::Yellow),
        Kind::Seen => ("◦", AnsiColor::Blue),
    };
    let kind = format!("{mark} {:<7}", change.kind.word());
    let id = term::dim(&format!("{}:{}", term::visible(&change.item), change.line));
    let text = format!("{}  {id}", term::visible(&change.text));
    let start = format!("\n{} ", term::styled(colour.on_default(), &kind));
    term.out(term::hanging(&start, &text, 10));
    for one in change.changes.iter().chain(&change.seen) {
        put(one, 4, term);
    }
    for line in change.edit.lines() {
        let colour = match line.as_bytes().first() {
            Some(b'+') => AnsiColor::Green.on_default(),
            Some(b'-') => AnsiColor::Red.on_default(),
            _ => anstyle::Style::new(),
        };
        term.out(format!("    {}", term::styled(colour, &term::visible(line))));
    }
}
