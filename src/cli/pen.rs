//! Who states something and with which key, and that they have seen what it is.

use std::io::{self, BufRead, IsTerminal};
use std::path::PathBuf;

use holdpoint::flow::{self, Draft};
use holdpoint::sign::{Meaning, Statement};
use serde_json::Value;

use super::failure::Failure;
use super::place::{self, Place};
use super::term::{self, Term};
use super::verdict;

/// What all statements take.
#[derive(clap::Args)]
pub(super) struct Pen {
    /// For which role, as the checklist names it; may be left out where only one comes into question
    #[arg(long, value_name = "ROLE")]
    pub role: Option<String>,
    /// Sign with this SSH key: a private key, or a public one whose private part your agent has
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// Your name as it is to be printed, where the policy lays none down
    #[arg(long, value_name = "TEXT")]
    pub name: Option<String>,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// You have read what is recorded: nobody asks again
    #[arg(long)]
    pub yes: bool,
}

impl Pen {
    /// As the library takes it.
    pub(super) fn of(&self, meaning: Meaning, place: &Place) -> flow::Pen {
        flow::Pen {
            role: self.role.clone(),
            key: self.key.as_ref().map(|key| place.resolve(key)),
            name: self.name.clone(),
            meaning,
            reason: self.reason.clone().unwrap_or_default(),
            caller: place::caller(),
        }
    }

    /// Shows what is stated, asks, and records it.
    pub(super) fn record(
        &self,
        draft: Draft,
        place: &Place,
        term: &Term,
    ) -> Result<String, Failure> {
        show(&draft, term);
        let asks = io::stdin().is_terminal() && term::watched();
        if !self.yes && !asks {
            return Err(Failure::usage("nobody can be asked whether this is what you mean")
                .hint("read what is above, then give `--yes`; nothing was recorded"));
        }
        if !self.yes {
            term.err(if draft.is_signed() { "Sign this? [y/N]" } else { "Record this? [y/N]" });
            if !agreed() {
                return Err(Failure::usage("you did not agree").hint("nothing was recorded"));
            }
        }
        Ok(draft.record(&place.home())?.to_string())
    }
}

/// What the statement is about, in words; every key of it, and how it is signed.
fn show(draft: &Draft, term: &Term) {
    let statement = draft.statement();
    if let Some(standing) = draft.standing() {
        verdict::lines(standing).iter().for_each(|line| term.err(line));
        verdict::concerned(standing, statement.item.as_deref())
            .iter()
            .for_each(|line| term.err(line));
        term.err("");
    }
    let how = match draft.is_signed() {
        true => format!("signed in the namespace `{}`", statement.namespace()),
        false => "not signed: it is a claim of whoever can write the ledger".to_owned(),
    };
    for (key, value) in keys(statement) {
        // Somebody's own reason is shown whole; nothing else is so long.
        let value = term::flat(&value);
        let value = if key == "reason" { value } else { term::fit(&value, LONGEST) };
        term.err(format!("  {} {value}", term::dim(&format!("{key:<12}"))));
    }
    term.err(format!("  {how}"));
    if let Some(standing) = draft.standing() {
        term.err(format!("  {}", verdict::brief(standing)));
    }
}

/// A value is shown up to so many columns.
const LONGEST: usize = 160;

fn keys(statement: &Statement) -> Vec<(String, String)> {
    let value = serde_json::to_value(statement).unwrap_or_default();
    let members = value.as_object().cloned().unwrap_or_default();
    let text = |value: Value| match value {
        Value::String(text) => text,
        other => other.to_string(),
    };
    members.into_iter().map(|(key, value)| (key, text(value))).collect()
}

/// `y` or `yes`; anything else, also the end of input, is a no.
pub(super) fn agreed() -> bool {
    let mut answer = String::new();
    let read = io::stdin().lock().read_line(&mut answer);
    read.is_ok() && matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes")
}
