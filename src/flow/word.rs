//! What people answer.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::digest::Digest;
use crate::ledger::record::{Attested, Body};
use crate::ledger::state::{self, RunState};
use crate::ledger::{Ledger, Session};
use crate::outcome::Outcome;
use crate::plan::{self, Plan};

use super::evidence;
use super::home::{open_to_write, seal_here, session};
use super::open::redactor;
use super::stand::{edited, find_run, kept_checklist, standing_of, with_runs};
use super::{Failure, Home, Standing};

/// A person's answer to an item.
#[derive(Clone, Debug)]
pub struct Word {
    /// Its identity, or an end of it that no other has.
    pub item: String,
    /// The answer.
    pub outcome: Outcome,
    /// What they say.
    pub note: String,
    /// Files that show it.
    pub evidence: Vec<PathBuf>,
}

/// Answers of `words` as identities of the plan.
pub(super) fn find_words(plan: &Plan, words: &[Word]) -> Result<Vec<(usize, Word)>, Failure> {
    let find = |word: &Word| {
        find_item(plan, &word.item).map(|at| (at, word.clone())).map_err(|failure| Failure {
            message: format!("among the answers: {}", failure.message),
            ..failure
        })
    };
    words.iter().map(find).collect()
}

/// An item that a person may answer, by its identity or an end of it that no other has.
pub(super) fn find_item(plan: &Plan, name: &str) -> Result<usize, Failure> {
    let exact = plan.items.iter().position(|item| item.id == name);
    let ends: Vec<usize> = plan
        .items
        .iter()
        .enumerate()
        .filter(|(_, item)| item.id.ends_with(&format!("/{name}")))
        .map(|(at, _)| at)
        .collect();
    match (exact, &ends[..]) {
        (Some(at), _) => Ok(at),
        (None, [at]) => Ok(*at),
        (None, []) => {
            let last = |id: &str| id.rsplit('/').next().unwrap_or_default().to_owned();
            let near = plan.items.iter().min_by_key(|item| {
                strsim::damerau_levenshtein(&item.id, name)
                    .min(strsim::damerau_levenshtein(&last(&item.id), name))
            });
            let hint = near.map_or("the checklist has no items".to_owned(), |item| {
                format!("did you mean `{}`?", item.id)
            });
            Err(Failure::usage(format!("there is no item `{name}`"), hint))
        }
        (None, several) => {
            let names: Vec<String> =
                several.iter().map(|&at| format!("`{}`", plan.items[at].id)).collect();
            Err(Failure::usage(
                format!("`{name}` may be {}", names.join(" or ")),
                "give more of its identity",
            ))
        }
    }
}

/// A person cannot answer for a check, nor for a parent whose children decide.
pub(super) fn may_attest(
    plan: &Plan,
    at: usize,
    outcome: Outcome,
    run: Option<&RunState>,
) -> Result<(), Failure> {
    let item = &plan.items[at];
    let given = run.and_then(|run| run.answers.get(&item.id)).map_or(&[][..], Vec::as_slice);
    let results = given
        .iter()
        .filter(|answer| answer.counts && matches!(answer.given, state::Given::Machine(_)));
    let worst = results.clone().map(state::Answer::outcome).max();
    match (outcome, worst) {
        (Outcome::Pass, _) => {}
        (Outcome::Skipped, Some(Outcome::Fail | Outcome::Error)) => {
            let words =
                if worst == Some(Outcome::Fail) { "failed" } else { "could not be evaluated" };
            return Err(Failure::usage(
                format!("the check of `{}` {words}: to skip it has no effect", item.id),
                "mend what it looks at and run it again, or accept it: `holdpoint waive --help`",
            ));
        }
        _ => return Ok(()),
    }
    if item.checks.is_empty() {
        return if item.parent {
            Err(Failure::usage(
                format!("`{}` is decided by the items inside it", item.id),
                "answer these",
            ))
        } else {
            Ok(())
        };
    }
    let not_run = results.clone().any(|answer| match &answer.given {
        state::Given::Machine(result) => !result.was_run(),
        state::Given::Person(_) => false,
    });
    match worst {
        Some(Outcome::Pending) if !not_run => Ok(()),
        Some(Outcome::Pending) => Err(Failure::usage(
            format!("the check of `{}` was not run, because of what it waits for", item.id),
            "run it again when these items have passed",
        )),
        _ => Err(Failure::usage(
            format!("`{}` is answered by its check, and no word makes that a pass", item.id),
            "mend what it looks at and run it again",
        )),
    }
}

pub(super) fn attest_all(
    home: &Home,
    ledger: &mut Ledger,
    session: &Session,
    run: &str,
    plan: &Plan,
    words: &[(usize, Word)],
) -> Result<(), Failure> {
    let now = find_run(ledger, Some(run))?;
    let redactor = redactor(home, plan);
    let counts_unsigned = |word: &Word| word.outcome >= Outcome::Pending;
    if !words.iter().all(|(_, word)| counts_unsigned(word))
        && ledger.rules().rules.is_ok_and(|rules| rules.policy.wants_signed_answers())
    {
        return Err(Failure::usage(
            "the policy asks for answers that are signed",
            "give a role and a key: `holdpoint attest ITEM --pass --role … --key …`",
        ));
    }
    let (mut bodies, mut kept) = (Vec::new(), Vec::new());
    for (at, word) in words {
        may_attest(plan, *at, word.outcome, Some(&now))?;
        let item = &plan.items[*at];
        let pieces = evidence::pieces(&word.evidence, &redactor)?;
        let evidence = pieces.iter().map(|bytes| Digest::of(bytes)).collect();
        kept.extend(pieces);
        let note: String = redactor.text(&word.note).chars().take(4000).collect();
        bodies.push(Body::Attested(Box::new(Attested {
            run: run.to_owned(),
            item: item.id.clone(),
            item_sha256: item.sha256,
            outcome: word.outcome,
            note,
            evidence,
            sig: None,
            statement: None,
        })));
    }
    if !bodies.is_empty() {
        ledger.append(session, home.clock.now(), bodies, &kept)?;
    }
    Ok(())
}

/// An answer that was recorded, and where the run stands then.
#[derive(Debug)]
pub struct Attestation {
    /// Identity of the item.
    pub answered: String,
    /// Where the run stands now.
    pub standing: Standing,
}

/// Records a person's answer.
///
/// # Errors
/// When there is no such run or item, or a check answers it.
pub fn attest(
    home: &Home,
    run: Option<&str>,
    word: &Word,
    caller: &BTreeMap<String, String>,
) -> Result<Attestation, Failure> {
    let mut ledger = with_runs(open_to_write(home))?;
    let state = find_run(&ledger, run)?;
    let stale = edited(home, &ledger, &state)?;
    if let Some(why) = stale.first() {
        return Err(Failure::usage(why.to_string(), "open a new run, or put the checklist back"));
    }
    let checklist = kept_checklist(&ledger, &state, None)?;
    let secrets = plan::secrets_of(&checklist, caller);
    let shown = Plan { secrets, ..Plan::to_answer(&checklist) };
    let at = find_item(&shown, &word.item)?;
    let run = state.opened.run.clone();
    attest_all(home, &mut ledger, &session(home)?, &run, &shown, &[(at, word.clone())])?;
    if home.seals {
        seal_here(home, &mut ledger)?;
    }
    let standing = standing_of(&ledger, Some(&run), None, &[], None, home.clock.now())?;
    Ok(Attestation { answered: shown.items[at].id.clone(), standing })
}
