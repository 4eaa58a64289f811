//! `holdpoint policy`: the rules that hold, and how they are pinned.

use holdpoint::flow::{self, Ruling};
use holdpoint::sign::{Meaning, Signer};
use serde_json::json;

use super::Format;
use super::exit::Exit;
use super::failure::Failure;
use super::pen::Pen;
use super::place::Place;
use super::term::{self, Term};

/// Show the rules and keys that hold, or pin those of the work tree
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  holdpoint policy                                      what holds, and what of the work tree does not count
  holdpoint policy --pin                                the first time
  holdpoint policy --pin --role 'QA Lead' --key ~/.ssh/id_ed25519

Rules are the table `policy` of `holdpoint.toml`; keys are in `ledger/keys/allowed_signers` and `revoked`. They hold
once they are pinned in the ledger, and change as the policy before says. docs/policy.md explains each key.")]
pub(super) struct Args {
    /// Pin the rules and keys of the work tree
    #[arg(long)]
    pin: bool,
    #[command(flatten)]
    pen: Pen,
    /// Shape of the output
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

/// Shows what holds, or pins.
pub(super) fn main(args: &Args, place: &Place, term: &Term) -> Result<Exit, Failure> {
    if args.pin {
        let draft = flow::pin(&place.home(), &args.pen.of(Meaning::Approved, place))?;
        let id = args.pen.record(draft, place, term)?;
        term.out(format!("recorded {}", &id[..12]));
        let ruling = flow::ruling(&place.home())?;
        if let Some((_, why)) = ruling.refused.iter().find(|(refused, _)| refused.to_string() == id)
        {
            term.err(term::warning(&format!("it does not hold yet: {}", term::visible(why))));
        }
        return Ok(Exit::Done);
    }
    let ruling = flow::ruling(&place.home())?;
    match args.format {
        Format::Json => term.json(&as_json(&ruling)),
        Format::Text => print(&ruling, term),
    }
    Ok(Exit::Done)
}

fn print(ruling: &Ruling, term: &Term) {
    match &ruling.rules {
        Err(why) => term.out(format!("nobody can tell which rules hold: {}", term::visible(why))),
        Ok(rules) => {
            let value = serde_json::to_value(&rules.policy).unwrap_or_default();
            for (key, value) in value.as_object().into_iter().flatten() {
                let text = term::visible(&value.to_string());
                term.out(format!("{} {text}", term::dim(&format!("{key:<15}"))));
            }
            if !rules.has_keys() {
                term.out("no keys are pinned: nothing in this ledger is signed");
            }
            for signer in rules.signers.iter() {
                let state = if rules.revoked.holds(&signer.key) { "  revoked" } else { "" };
                let names = term::bold(&term::visible(&signer.principals.join(",")));
                term.out(format!("{names}  {}{}{state}", signer.fingerprint(), validity(signer)));
                let namespaces = term::visible(&signer.namespaces.join(" "));
                term.out(term::wrapped(&format!("    {namespaces}"), 4));
            }
        }
    }
    for one in &ruling.unpinned {
        term.out(term::warning(&format!("`{}`: {}", one.path, one.message)));
    }
    for (id, why) in &ruling.refused {
        let id = &id.to_string()[..12];
        term.out(term::warning(&format!("entry {id} changed nothing: {}", term::visible(why))));
    }
}

fn validity(signer: &Signer) -> String {
    let from = signer.valid_after.map(|at| format!("  from {at}"));
    let until = signer.valid_before.map(|at| format!("  until {at}"));
    [from, until].into_iter().flatten().collect()
}

fn as_json(ruling: &Ruling) -> serde_json::Value {
    let rules = ruling.rules.as_ref().ok();
    let signer = |signer: &Signer| {
        json!({
            "principals": signer.principals,
            "namespaces": signer.namespaces,
            "fingerprint": signer.fingerprint(),
            "valid_after": signer.valid_after,
            "valid_before": signer.valid_before,
            "revoked": rules.is_some_and(|rules| rules.revoked.holds(&signer.key)),
        })
    };
    let unpinned: Vec<_> = ruling
        .unpinned
        .iter()
        .map(|one| json!({ "file": one.path, "message": one.message }))
        .collect();
    let refused: Vec<_> =
        ruling.refused.iter().map(|(id, why)| json!({ "entry": id, "why": why })).collect();
    json!({
        "policy": rules.map(|rules| &rules.policy),
        "pinned": rules.map(|rules| rules.pins),
        "keys": rules.map(|rules| rules.signers.iter().map(signer).collect::<Vec<_>>()),
        "error": ruling.rules.as_ref().err(),
        "not_pinned": unpinned,
        "refused": refused,
    })
}
