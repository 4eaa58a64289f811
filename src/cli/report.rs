//! `holdpoint report`: renders a run again, from the ledger and its evidence alone.

use std::path::{Path, PathBuf};

use holdpoint::flow::{self, Asked};
use holdpoint::report::{Language, Templates};

use super::exit::Exit;
use super::failure::Failure;
use super::place::Place;
use super::term::{self, Term};
use super::verdict;

/// Write the reports of a run: HTML, PDF and Markdown
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  holdpoint report                                    issue reports for the run as it stands now
  holdpoint report quickstart-20261121-093000-7f3a
  holdpoint report --out /tmp/look                    only look: nothing is recorded
  holdpoint report --site site                        pages of all runs, to be published and not committed

Reports that are issued go to reports/<checklist>/<run>/<head>/ and into the ledger.")]
pub(super) struct Args {
    /// The run; the newest unless told
    run: Option<String>,
    /// Speak for this gate
    #[arg(long, value_name = "GATE")]
    gate: Option<String>,
    /// The language of the report's own words: en, de, fr, es, ja, zh; the checklist's unless told
    #[arg(long, value_name = "CODE", value_parser = language)]
    language: Option<Language>,
    /// A folder of templates in the place of holdpoint's own; the verdict is shown as always
    #[arg(long, value_name = "DIR")]
    templates: Option<PathBuf>,
    /// A folder of fonts for the PDF, for letters that the program's own lack; holdpoint.toml's unless told
    #[arg(long, value_name = "DIR")]
    fonts: Option<PathBuf>,
    /// Print one of holdpoint's own templates, to begin yours with: report.html, report.typ, style.css …
    #[arg(long, value_name = "NAME", exclusive = true)]
    print_template: Option<String>,
    /// Write here instead, and record nothing
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Write static pages of all runs here, with trends and feeds; what has not changed is left as it is
    #[arg(long, value_name = "DIR", conflicts_with_all = ["run", "gate", "out", "fonts"])]
    site: Option<PathBuf>,
}

pub(super) fn language(code: &str) -> Result<Language, String> {
    let known: Vec<&str> = Language::ALL.iter().map(|one| one.code()).collect();
    Language::of(code).ok_or_else(|| format!("reports can be in {}", known.join(", ")))
}

/// Issues the reports, or writes copies elsewhere.
pub(super) fn main(args: &Args, place: &Place, term: &Term) -> Result<Exit, Failure> {
    if let Some(name) = &args.print_template {
        let Some(text) = Templates::ours(name) else {
            let known: Vec<&str> = Templates::names().collect();
            let failure = Failure::usage(format!("no template is called `{name}`"));
            return Err(failure.hint(format!("there are {}", known.join(", "))));
        };
        term.bytes(text.as_bytes());
        return Ok(Exit::Done);
    }
    let mut home = place.home();
    home.fonts = args.fonts.as_deref().map(|folder| place.resolve(folder));
    if let Some(folder) = &args.site {
        let templates = args.templates.as_deref().map(|folder| place.resolve(folder));
        let asked = Asked { gate: None, language: args.language, templates };
        return site(folder, &asked, place, term);
    }
    let run = args.run.as_deref();
    let asked = Asked {
        gate: args.gate.clone(),
        language: args.language,
        templates: args.templates.as_deref().map(|folder| place.resolve(folder)),
    };
    let written = match &args.out {
        Some(folder) => flow::copy_reports(&home, run, &asked, &place.resolve(folder))?,
        None => flow::issue_reports(&home, run, &asked)?,
    };
    verdict::reports(&written, term);
    Ok(Exit::Done)
}

fn site(folder: &Path, asked: &Asked, place: &Place, term: &Term) -> Result<Exit, Failure> {
    let built = flow::site(&place.home(), &place.resolve(folder), asked)?;
    let (runs, name) = (term::count(built.runs, "run"), folder.display());
    term.out(format!(
        "{runs} in `{name}`: {} rendered, {} written, {} removed",
        built.rendered,
        term::count(built.written, "file"),
        built.removed
    ));
    if place.would_commit(folder) {
        term.err(term::warning(&format!(
            "git does not ignore `{name}`: a site is made again from the ledger, and is not committed"
        )));
    }
    Ok(Exit::Done)
}
