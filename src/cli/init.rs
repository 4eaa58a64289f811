//! `holdpoint init`: a working example in an empty folder, a ledger in any.

use std::path::PathBuf;

use holdpoint::{files, flow};

use super::exit::Exit;
use super::failure::Failure;
use super::place::{self, Place};
use super::term::{self, Term};

/// Begin a ledger, with an example checklist where there is none
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  holdpoint init release-checks && cd release-checks && holdpoint run checklists/release.md")]
pub(super) struct Args {
    /// The folder; made when it is not there
    #[arg(value_name = "DIR", default_value = ".")]
    folder: PathBuf,
}

const EXAMPLE: &str = include_str!("../../templates/release.md");
const NAME: &str = "checklists/release.md";

/// Begins the ledger; what is there already stays as it is.
pub(super) fn main(args: Args, place: &Place, term: &Term) -> Result<Exit, Failure> {
    let folder = place.resolve(&args.folder);
    std::fs::create_dir_all(&folder).map_err(|error| {
        Failure::ours(format!("cannot make folder `{}`: {error}", folder.display()))
    })?;
    if let Some(above) = place::ledger_beyond(&folder) {
        term.err(term::warning(&format!(
            "there is a ledger in `{}` too; the one here is another",
            above.display()
        )));
    }
    let place = place.at(&folder)?;
    let begun = flow::init(&place.home())?;
    term.out(if begun {
        "began a ledger in `ledger/`, and told git not to change its bytes"
    } else {
        "there is a ledger already"
    });
    let checklists = folder.join("checklists");
    if checklists.exists() {
        term.out("there are checklists already");
        return Ok(Exit::Done);
    }
    let path = folder.join(NAME);
    std::fs::create_dir_all(&checklists)
        .and_then(|()| files::write_new(&path, EXAMPLE.as_bytes()))
        .map_err(|error| Failure::ours(format!("cannot write `{}`: {error}", path.display())))?;
    term.out(format!("wrote `{NAME}`"));
    term.out(format!("next: holdpoint run {NAME}"));
    Ok(Exit::Done)
}
