//! What people state in a run: sign-offs, waivers, decisions, signed answers, and what they take back.

use crate::checklist::ascii_slug;
use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::judge::Call;
use crate::ledger::Ledger;
use crate::ledger::record::{Attested, Body};
use crate::ledger::state::Answer;
use crate::outcome::Outcome;
use crate::plan::{self, Plan};
use crate::sign::{Act, Decision, Statement};

use super::draft::{Desk, Draft, Form, Pen, role_of};
use super::evidence;
use super::home::location;
use super::open::redactor;
use super::stand::{kept_checklist, with_runs};
use super::word::{Word, find_item, may_attest};
use super::{Failure, Home, Standing};

/// Drafts a sign-off for a role at a gate.
///
/// # Errors
/// When there is no such run, gate or role, or it would not count.
pub fn sign(
    home: &Home,
    run: Option<&str>,
    gate: Option<&str>,
    says: Decision,
    pen: &Pen,
) -> Result<Draft, Failure> {
    let desk = Desk::at(home, run, gate)?.unedited()?;
    let gate = desk.gate()?;
    let asked: Vec<String> = gate.roles.iter().map(|role| role.slug.clone()).collect();
    if asked.is_empty() {
        return Err(Failure::usage(
            format!("gate `{}` asks for no role", gate.name),
            "write sign-off lines into the checklist, or `roles` into its front matter",
        ));
    }
    let role = role_of(pen, &asked, "sign")?;
    if !asked.contains(&role) {
        let names: Vec<String> = gate.roles.iter().map(|role| format!("`{}`", role.name)).collect();
        return Err(Failure::usage(
            format!(
                "gate `{}` asks for no role `{}`",
                gate.name,
                pen.role.as_deref().unwrap_or(&role)
            ),
            format!("it asks for {}", names.join(", ")),
        ));
    }
    let statement = Statement {
        gate: Some(gate.name.clone()),
        decision: Some(says),
        ..desk.statement(Act::Signoff, role, pen)?
    };
    desk.draft(statement, pen, Form::Said)
}

/// Drafts a waiver of what an item came to.
///
/// # Errors
/// When there is no such item, there is nothing to waive, or it would not count.
pub fn waive(
    home: &Home,
    run: Option<&str>,
    item: &str,
    until: Timestamp,
    pen: &Pen,
) -> Result<Draft, Failure> {
    let desk = Desk::at(home, run, None)?.unedited()?;
    if until <= desk.now {
        return Err(Failure::usage(format!("{until} is over already"), "name a time to come"));
    }
    let at = find_item(&Plan::to_answer(&desk.standing.checklist), item)?;
    let id = desk.standing.checklist.items[at].id.clone();
    let found = desk.standing.items().find(|(planned, ..)| planned.item == id);
    let Some((planned, outcome)) = found.map(|(planned, _, outcome, _)| (planned.clone(), outcome))
    else {
        return Err(Failure::usage(format!("`{id}` is not in the run's plan"), "name another"));
    };
    let policy = &desk.rules.policy;
    let may_be = match outcome {
        Outcome::Fail => true,
        Outcome::Error => policy.waive_errors,
        Outcome::Pending => policy.waive_pending,
        _ => {
            return Err(Failure::usage(
                format!("`{id}` is {}", outcome.word()),
                "only failures are waived",
            ));
        }
    };
    if !may_be {
        return Err(Failure::usage(
            format!("`{id}` is {}, and the policy lets only failures be waived", outcome.word()),
            "mend it and run it again",
        ));
    }
    let answers = desk.standing.run.answers.get(&id).map_or(&[][..], Vec::as_slice);
    let open: Vec<&Answer> = answers
        .iter()
        .filter(|answer| answer.counts && desk.standing.hearing.outcome(answer, &id) == outcome)
        .collect();
    let result = match open[..] {
        [] if outcome == Outcome::Pending => None,
        [answer] => Some(answer.id),
        [] => {
            return Err(Failure::usage(
                format!("`{id}` is decided by the items inside it"),
                "waive these",
            ));
        }
        _ => {
            let why = format!("several answers to `{id}` stand beside each other");
            return Err(Failure::usage(why, "run it again, so that one counts"));
        }
    };
    let role = role_of(pen, &policy.waive, "waive")?;
    let statement = Statement {
        gate: planned.gate,
        item: Some(id),
        item_sha256: Some(planned.item_sha256),
        result: Some(result),
        until: Some(until),
        ..desk.statement(Act::Waived, role, pen)?
    };
    desk.draft(statement, pen, Form::Said)
}

/// What came of asking for a decision.
#[derive(Debug)]
pub enum Deciding {
    /// It can be recorded.
    Ready(Box<Draft>),
    /// The verdict is HOLD, and nobody said how to decide against it.
    Open(Box<Standing>),
}

/// Drafts a decision of a gate: by the verdict, or as told.
///
/// # Errors
/// When there is no such run or gate, it is decided already, or it would not count.
pub fn decide(
    home: &Home,
    run: Option<&str>,
    gate: Option<&str>,
    says: Option<Decision>,
    pen: &Pen,
) -> Result<Deciding, Failure> {
    let desk = Desk::at(home, run, gate)?.unedited()?;
    let call = desk.standing.verdict().call;
    if let Some(decided) = desk.standing.decision() {
        let id = &decided.heard.spoken.id.to_string()[..12];
        return Err(Failure::usage(
            format!("gate `{}` is decided: {}", desk.gate()?.name, decided.call.word()),
            format!("`holdpoint void {id} --reason …` takes that back"),
        ));
    }
    let Some(says) = says.or(match call {
        Call::Go => Some(Decision::Go),
        Call::NoGo => Some(Decision::NoGo),
        Call::Hold => None,
    }) else {
        return Ok(Deciding::Open(Box::new(desk.standing)));
    };
    let (gate, policy) = (desk.gate()?, &desk.rules.policy);
    let against = call.word() != says.word() && (says == Decision::Go || call == Call::Go);
    let of_gate: Vec<String> = gate.roles.iter().map(|role| role.slug.clone()).collect();
    let role = match (against, &policy.decide[..], &of_gate[..]) {
        (true, ..) => role_of(pen, &policy.decide_against, "decide against the verdict")?,
        // Where nobody is named, somebody still has to say who decides.
        (false, [], []) => ascii_slug(pen.role.as_deref().unwrap_or("decider")),
        (false, [], _) => {
            let role = role_of(pen, &of_gate, "decide")?;
            if !of_gate.contains(&role) {
                let why = format!("gate `{}` has no role `{role}`", gate.name);
                return Err(Failure::usage(why, format!("it has {}", of_gate.join(", "))));
            }
            role
        }
        (false, named, _) => role_of(pen, named, "decide")?,
    };
    let statement = Statement {
        gate: Some(gate.name.clone()),
        decision: Some(says),
        verdict: Some(call.word().to_owned()),
        ..desk.statement(Act::Decided, role, pen)?
    };
    desk.draft(statement, pen, Form::Said).map(|draft| Deciding::Ready(Box::new(draft)))
}

/// Drafts the taking back of an entry.
///
/// # Errors
/// When there is no such entry, it cannot be taken back, or it would not count.
pub fn void(home: &Home, entry: &str, pen: &Pen) -> Result<Draft, Failure> {
    let ledger = with_runs(Ledger::open(location(home)))?;
    let short = entry.len() < 8;
    let mut found = ledger
        .entries()
        .iter()
        .filter(|stored| !short && stored.id.to_string().starts_with(&entry.to_ascii_lowercase()));
    let (Some(stored), None) = (found.next(), found.next()) else {
        let why = format!("`{entry}` names no entry, or more than one");
        return Err(Failure::usage(
            why,
            "give 8 digits or more of its id, as `holdpoint log` shows it",
        ));
    };
    let taken_back = matches!(
        stored.entry.body,
        Body::Result(_) | Body::Attested(_) | Body::Waived(_) | Body::Signoff(_) | Body::Decided(_)
    );
    let (Some(run), true) = (stored.entry.body.run(), taken_back) else {
        let why = format!("an entry of kind `{}` cannot be taken back", stored.entry.body.kind());
        return Err(Failure::usage(why, "results, answers and statements of a run can"));
    };
    if pen.reason.trim().is_empty() {
        return Err(Failure::usage("it takes a reason", "give it with `--reason`"));
    }
    let desk = Desk::at(home, Some(run), None)?;
    let role = role_of(pen, &desk.rules.policy.void, "take entries back")?;
    let gate = stored.entry.body.statement().and_then(|(statement, _)| statement.gate.clone());
    let entry = Some(stored.id);
    let statement = Statement { gate, entry, ..desk.statement(Act::Void, role, pen)? };
    desk.draft(statement, pen, Form::Said)
}

/// Drafts a signed answer to an item.
///
/// # Errors
/// When there is no such run or item, a check answers it, or it would not count.
pub fn attest_signed(
    home: &Home,
    run: Option<&str>,
    word: &Word,
    pen: &Pen,
) -> Result<Draft, Failure> {
    let desk = Desk::at(home, run, None)?.unedited()?;
    let checklist = kept_checklist(&desk.ledger, &desk.standing.run, None)?;
    let secrets = plan::secrets_of(&checklist, &pen.caller);
    let plan = Plan { secrets, ..Plan::to_answer(&checklist) };
    let at = find_item(&plan, &word.item)?;
    may_attest(&plan, at, word.outcome, Some(&desk.standing.run))?;
    let redactor = redactor(home, &plan);
    let pieces = evidence::pieces(&word.evidence, &redactor)?;
    let evidence: Vec<Digest> = pieces.iter().map(|bytes| Digest::of(bytes)).collect();
    let note: String = redactor.text(&word.note).chars().take(4000).collect();
    let decision = match word.outcome {
        Outcome::Pass => Decision::Pass,
        Outcome::Fail => Decision::Fail,
        _ => Decision::Skipped,
    };
    let waivers = &desk.rules.policy.waive;
    let known = if decision == Decision::Skipped { &waivers[..] } else { &[] };
    let role = match (&pen.role, decision) {
        (None, Decision::Pass | Decision::Fail) => {
            let hint = "name it with `--role`: it is one that your key may answer for";
            return Err(Failure::usage("it is not clear for which role you answer", hint));
        }
        _ => role_of(pen, known, "have items skipped")?,
    };
    let item = &plan.items[at];
    let statement = Statement {
        gate: item.gate.clone(),
        decision: Some(decision),
        item: Some(item.id.clone()),
        item_sha256: Some(item.sha256),
        evidence: Some(evidence.clone()),
        reason: note.clone(),
        ..desk.statement(Act::Attested, role, pen)?
    };
    let word = Attested {
        run: desk.standing.run.opened.run.clone(),
        item: item.id.clone(),
        item_sha256: item.sha256,
        outcome: word.outcome,
        note,
        evidence,
        sig: None,
        statement: None,
    };
    if pen.key.is_none() {
        return Err(Failure::usage("a role is answered for with a signature", "name your `--key`"));
    }
    desk.draft(statement, pen, Form::Attested(Box::new(word))).map(|draft| draft.with(pieces))
}
