//! The rules that hold, what of them differs in the work tree, and how they are pinned.

use std::sync::Arc;

use crate::config;
use crate::digest::Digest;
use crate::files;
use crate::ledger::Ledger;
use crate::ledger::rules::Rules;
use crate::sign::{Pins, Revoked, Signers};

use super::draft::{self, Draft, Pen};
use super::home::{location, open_or_begin};
use super::{Failure, Home};

/// Files of keys below the root.
const SIGNERS: &str = "ledger/keys/allowed_signers";
const REVOKED: &str = "ledger/keys/revoked";

/// A file of keys may be so long: 1 MiB.
const LIMIT: u64 = 1 << 20;

/// The rules of a ledger, and of the work tree.
#[derive(Debug)]
pub struct Ruling {
    /// What holds, or why nobody can tell.
    pub rules: Result<Arc<Rules>, String>,
    /// What lies in the work tree and is not what is pinned: it does not count.
    pub unpinned: Vec<Unpinned>,
    /// Entries that were to change the rules and did not, and why.
    pub refused: Vec<(Digest, String)>,
}

/// A file of the work tree that differs from what is pinned.
#[derive(Clone, Debug)]
pub struct Unpinned {
    /// Its path below the root.
    pub path: &'static str,
    /// How it differs.
    pub message: String,
}

/// The rules that hold, held against the work tree.
///
/// # Errors
/// When there is no ledger, or it is damaged.
pub fn ruling(home: &Home) -> Result<Ruling, Failure> {
    Ok(of(home, &Ledger::open(location(home))?))
}

pub(super) fn of(home: &Home, ledger: &Ledger) -> Ruling {
    let in_force = ledger.rules();
    let unpinned =
        in_force.rules.as_ref().map_or_else(|_| Vec::new(), |rules| differing(home, rules));
    Ruling { rules: in_force.rules, unpinned, refused: in_force.refused }
}

fn differing(home: &Home, rules: &Rules) -> Vec<Unpinned> {
    let mut all = Vec::new();
    if home.config.policy != rules.policy {
        let message = "its `policy` is not the one that is pinned, and does not count".to_owned();
        all.push(Unpinned { path: config::NAME, message });
    }
    let keys = [(SIGNERS, rules.pins.allowed_signers), (REVOKED, rules.pins.revoked)];
    all.extend(keys.into_iter().filter_map(|(path, pinned)| {
        let message = match (files::read_regular(&home.root.join(path), LIMIT), pinned) {
            (Ok(bytes), Some(pinned)) if Digest::of(&bytes) == pinned => return None,
            (Ok(_), Some(_)) => "it is not the one that is pinned, and does not count",
            (Ok(_), None) => "it is not pinned, and does not count",
            (Err(_), Some(_)) => "it is gone; the one that is pinned still counts",
            (Err(error), None) if error.kind() == std::io::ErrorKind::NotFound => return None,
            (Err(_), None) => "it cannot be read",
        };
        Some(Unpinned { path, message: message.to_owned() })
    }));
    all
}

/// Drafts that the rules of the work tree are pinned: `policy` in `holdpoint.toml`, and the files of keys.
///
/// # Errors
/// When they cannot hold, or are pinned already.
pub fn pin(home: &Home, pen: &Pen) -> Result<Draft, Failure> {
    let ledger = open_or_begin(home)?;
    let policy = &home.config.policy;
    let bytes = policy.bytes().map_err(|error| {
        Failure::usage(format!("the policy cannot be kept: {error}"), "shorten its texts")
    })?;
    let signers = read(home, SIGNERS, |bytes| Signers::read(bytes).map(|_| ()))?;
    let revoked = read(home, REVOKED, |bytes| Revoked::read(bytes).map(|_| ()))?;
    if policy.wants_signatures() && signers.is_none() {
        let hint = format!("write `{SIGNERS}` first: docs/policy.md shows how");
        return Err(Failure::usage("signatures are required, and there are no keys", hint));
    }
    if signers.is_some() && policy.change.roles.is_empty() {
        return Err(Failure::usage(
            "keys would be pinned, and nobody could change them",
            "name who may in `holdpoint.toml`: `[policy.change]` with `roles = [\"…\"]`",
        ));
    }
    let pins = Pins {
        policy: Digest::of(&bytes),
        allowed_signers: signers.as_deref().map(Digest::of),
        revoked: revoked.as_deref().map(Digest::of),
    };
    if ledger.rules().rules.is_ok_and(|rules| rules.pins == pins) {
        return Err(Failure::usage("this is pinned already", "there is nothing to do"));
    }
    let evidence = [Some(bytes), signers, revoked].into_iter().flatten().collect();
    draft::pin(home, ledger, pins, evidence, pen)
}

fn read<E: std::fmt::Display>(
    home: &Home,
    path: &str,
    check: impl Fn(&[u8]) -> Result<(), E>,
) -> Result<Option<Vec<u8>>, Failure> {
    let bytes = match files::read_regular(&home.root.join(path), LIMIT) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        other => other.map_err(|error| {
            Failure::usage(format!("cannot read `{path}`: {error}"), "it has to be readable")
        })?,
    };
    check(&bytes).map_err(|why| {
        Failure::usage(format!("`{path}`: {why}"), "docs/policy.md shows what its lines may hold")
    })?;
    Ok(Some(bytes))
}
