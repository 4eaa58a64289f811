//! `holdpoint verify`: proves that ledger, evidence and reports are unchanged, or says what is not.

use std::path::PathBuf;

use holdpoint::flow::{self, Brought};
use holdpoint::verify::{Anchor, By};

use super::Format;
use super::exit::Exit;
use super::failure::Failure;
use super::place::Place;
use super::term::{self, Term};

/// Prove that ledger, evidence and reports are unchanged
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  holdpoint verify
  holdpoint verify --format json | jq '.findings[]'
  holdpoint verify --strict --checkpoint ~/kept/checkpoint-of-march

Exit codes: 0 verified (perhaps not anchored: the last line says so), 30 something is off, 2 no ledger.")]
pub(super) struct Args {
    /// A checkpoint of this ledger that you kept yourself
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,
    /// The certificate of a time-stamping authority that you trust, in PEM, beside those that the policy names
    #[arg(long, value_name = "FILE")]
    tsa: Option<PathBuf>,
    /// Templates that reports were rendered with, where those are not holdpoint's own; may be repeated
    #[arg(long, value_name = "DIR")]
    templates: Vec<PathBuf>,
    /// A folder of the fonts that reports were made with; holdpoint.toml's unless told
    #[arg(long, value_name = "DIR")]
    fonts: Option<PathBuf>,
    /// A proof of one entry, to be checked without the ledger
    #[arg(long, value_name = "FILE", conflicts_with_all = ["checkpoint", "strict", "templates", "tsa"])]
    proof: Vec<PathBuf>,
    /// The log's public key, for proofs; the one of the ledger here unless told
    #[arg(long, value_name = "FILE", requires = "proof")]
    log_key: Option<PathBuf>,
    /// Fail unless every entry is anchored
    #[arg(long)]
    strict: bool,
    /// Shape of the output
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

/// Verifies everything and names everything that is wrong.
pub(super) fn main(args: &Args, place: &Place, term: &Term) -> Result<Exit, Failure> {
    if !args.proof.is_empty() {
        return proofs(args, place, term);
    }
    let resolved = |path: &Option<PathBuf>| path.as_deref().map(|path| place.resolve(path));
    let brought = Brought {
        checkpoint: resolved(&args.checkpoint),
        authority: resolved(&args.tsa),
        templates: args.templates.iter().map(|path| place.resolve(path)).collect(),
    };
    let mut home = place.home();
    home.fonts = args.fonts.as_deref().map(|folder| place.resolve(folder));
    let found = flow::verify(&home, &brought)?;
    match args.format {
        Format::Json => term.json(&found),
        Format::Text => {
            for finding in &found.findings {
                term.out(term::finding(finding));
            }
            for anchor in &found.anchors {
                outside(anchor, found.entries, term);
            }
            term.out(term::wrapped(&found.summary(), 2));
        }
    }
    Ok(if found.verdict.passes(args.strict) { Exit::Done } else { Exit::Unverified })
}

/// Says what somebody outside vouches for.
fn outside(anchor: &Anchor, entries: usize, term: &Term) {
    let file = term::visible(&anchor.file);
    let what = match (anchor.by, anchor.at) {
        (By::Log, _) => return,
        (_, Some(at)) => format!("a time-stamp of {at}"),
        (_, None) => "your checkpoint".to_owned(),
    };
    term.out(format!("{what} is over {} of {entries} entries  {file}", anchor.size));
}

/// Checks proofs, each by itself.
fn proofs(args: &Args, place: &Place, term: &Term) -> Result<Exit, Failure> {
    let (home, mut exit, mut all) = (place.home(), Exit::Done, Vec::new());
    let key = args.log_key.as_deref().map(|path| place.resolve(path));
    for path in &args.proof {
        let checked = flow::check_proof(&home, &place.resolve(path), key.as_deref())?;
        let name = path.display().to_string();
        if checked.is_err() {
            exit = Exit::Unverified;
        }
        if args.format == Format::Json {
            let proves = checked.as_ref().ok();
            let why = checked.as_ref().err();
            all.push(serde_json::json!({ "file": name, "proves": proves, "why": why }));
            continue;
        }
        match checked {
            Ok(checked) => term.out(format!(
                "proven: entry {} of {} in `{}`: {}  {}",
                checked.index + 1,
                checked.size,
                checked.origin,
                checked.line.kind(),
                term::visible(&checked.line.summary()),
            )),
            Err(why) => term.out(term::error(&format!("`{name}` proves nothing: {why}"), None)),
        }
    }
    if args.format == Format::Json {
        term.json(&serde_json::json!({ "proofs": all }));
    }
    Ok(exit)
}
