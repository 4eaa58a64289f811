//! `holdpoint evidence`: what is kept beside the ledger, added, shown and let go.

use std::path::PathBuf;

use holdpoint::digest::Digest;
use holdpoint::flow::{self, Forgetting, Piece, State, Word};
use holdpoint::ledger::naming::Naming;
use holdpoint::outcome::Outcome;
use holdpoint::sign::Meaning;
use serde_json::{Value, json};

use super::Format;
use super::exit::Exit;
use super::failure::Failure;
use super::pen::Pen;
use super::place::{self, Place};
use super::term::{self, Term};

/// Keep evidence with an item, show it, or let it go
#[derive(clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    Add(Add),
    Show(Show),
    Forget(Forget),
}

/// Keep files with an item, without answering it
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  holdpoint evidence add p95.csv screenshot.png --item load-test --note 'dashboard of 12:40'

Secrets are taken out of text before it is kept; a file that is no text and holds one is refused. `attest --evidence`
keeps files with an answer. Sign-offs that do not know of the files are stale.")]
struct Add {
    /// The files, of at most 64 MiB each
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The item's identity
    #[arg(long, value_name = "ITEM")]
    item: String,
    /// What they show; the files' names unless told
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// The run; the newest unless told
    #[arg(long, value_name = "RUN")]
    run: Option<String>,
}

/// Print a piece of evidence, or list what there is
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  holdpoint evidence show                                       all that is named or there
  holdpoint evidence show quickstart-20261121-093000-7f3a       what a run names
  holdpoint evidence show 9f86d081 > load.csv                   its bytes, checked against its digest")]
struct Show {
    /// 8 digits or more of a digest, or a run
    #[arg(value_name = "DIGEST|RUN")]
    what: Option<String>,
    /// Shape of a list
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

/// Let evidence go: its bytes are deleted, who let it go and why stays
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  holdpoint evidence forget 9f86d081 --reason 'holds names of customers' --role 'QA Lead' --key ~/.ssh/id_ed25519

Only roles that the policy names under `forget` may do this, nobody who ran the checks, and only with what checks wrote
and people showed. Copies in git's history and in reports that were issued are not touched.")]
struct Forget {
    /// 8 digits or more of its digest, as `holdpoint evidence show` lists it
    digest: String,
    /// The run that forgets it, where several name it
    #[arg(long, value_name = "RUN")]
    run: Option<String>,
    #[command(flatten)]
    pen: Pen,
}

/// Adds, shows or forgets.
pub(super) fn main(args: Args, place: &Place, term: &Term) -> Result<Exit, Failure> {
    match args.what {
        What::Add(add) => keep(add, place, term),
        What::Show(show) => list(&show, place, term),
        What::Forget(forget) => let_go(&forget, place, term),
    }
}

fn keep(args: Add, place: &Place, term: &Term) -> Result<Exit, Failure> {
    let names = || {
        let names = args.files.iter().filter_map(|file| Some(file.file_name()?.to_string_lossy()));
        names.collect::<Vec<_>>().join(", ")
    };
    let note = args.note.clone().unwrap_or_else(names);
    let evidence = args.files.iter().map(|file| place.resolve(file)).collect();
    let word = Word { item: args.item, outcome: Outcome::Pending, note, evidence };
    let added = flow::add_evidence(&place.home(), args.run.as_deref(), word, &place::caller())?;
    let shown = added.standing.run.shown.get(&added.answered).and_then(|all| all.last());
    for digest in shown.iter().flat_map(|shown| &shown.evidence) {
        term.out(format!("{digest}  {}", term::visible(&added.answered)));
    }
    Ok(Exit::Done)
}

fn list(args: &Show, place: &Place, term: &Term) -> Result<Exit, Failure> {
    let home = place.home();
    let is_digest = |what: &&str| {
        (8..=64).contains(&what.len()) && what.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    if let Some(name) = args.what.as_deref().filter(is_digest) {
        let (digest, bytes) = flow::show_evidence(&home, name)?;
        return print(&digest, &bytes, term);
    }
    let pieces = flow::list_evidence(&home, args.what.as_deref())?;
    match args.format {
        Format::Json => {
            let pieces: Vec<Value> = pieces.iter().map(as_json).collect();
            term.json(&json!({ "evidence": pieces }));
        }
        Format::Text => pieces.iter().for_each(|piece| line(piece, term)),
    }
    Ok(Exit::Done)
}

/// As it is where a program reads it; for people, what a terminal would obey is made visible.
fn print(digest: &Digest, bytes: &[u8], term: &Term) -> Result<Exit, Failure> {
    if !term::read_by_people() {
        term.bytes(bytes);
        return Ok(Exit::Done);
    }
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.contains('\0') => {
            text.lines().for_each(|line| term.out(term::visible(line)));
            Ok(Exit::Done)
        }
        _ => Err(Failure::usage(format!("these {} bytes are no text", bytes.len()))
            .hint(format!("write them into a file: `holdpoint evidence show {digest} > FILE`"))),
    }
}

/// A piece, and below it who names it.
fn line(piece: &Piece, term: &Term) {
    let state = match &piece.state {
        State::Kept(bytes) => format!("{bytes} bytes"),
        State::Changed => "changed: its digest is not its name".to_owned(),
        State::Gone => "gone".to_owned(),
        State::Forgotten(told) => format!("forgotten {told}"),
        State::Back(told) => format!("there again, and forgotten {told}"),
    };
    let start = format!("{}  ", term::bold(&piece.digest.to_string()[..12]));
    term.out(term::hanging(&start, &term::visible(&state), 14));
    for naming in piece.namings.iter().take(SHOWN) {
        term.out(format!("{:14}{}", "", term::dim(&term::visible(&named(naming)))));
    }
    match piece.namings.len() {
        0 => term.out(format!("{:14}no entry names it: it proves nothing", "")),
        many if many > SHOWN => term.out(format!("{:14}and by {} more", "", many - SHOWN)),
        _ => {}
    }
}

/// So many entries that name a piece are listed.
const SHOWN: usize = 5;

fn named(naming: &Naming) -> String {
    let about = [Some(naming.purpose.word()), naming.item.as_deref(), naming.run.as_deref()];
    about.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn as_json(piece: &Piece) -> Value {
    let (state, bytes, told) = match &piece.state {
        State::Kept(bytes) => ("kept", Some(*bytes), None),
        State::Changed => ("changed", None, None),
        State::Gone => ("gone", None, None),
        State::Forgotten(told) => ("forgotten", None, Some(told)),
        State::Back(told) => ("there again", None, Some(told)),
    };
    let namings: Vec<Value> = piece
        .namings
        .iter()
        .map(|one| {
            json!({ "entry": one.entry, "run": one.run, "item": one.item, "as": one.purpose.word() })
        })
        .collect();
    json!({
        "sha256": piece.digest,
        "state": state,
        "bytes": bytes,
        "forgotten": told,
        "named": namings,
    })
}

fn let_go(args: &Forget, place: &Place, term: &Term) -> Result<Exit, Failure> {
    let (home, pen) = (place.home(), args.pen.of(Meaning::Approved, place));
    match flow::forget(&home, &args.digest, args.run.as_deref(), &pen)? {
        Forgetting::Ready(draft) => {
            let id = args.pen.record(*draft, place, term)?;
            term.out(format!("recorded {}", &id[..12]));
            term.err("what git's history and issued reports hold of it is still there");
        }
        Forgetting::Said(true) => term.out("it was forgotten before; its bytes are deleted now"),
        Forgetting::Said(false) => term.out("it was forgotten before, and is gone"),
    }
    Ok(Exit::Done)
}
