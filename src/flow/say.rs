//! What people state: drafted, shown to them, signed, and recorded when it counts.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use crate::checklist::{Gate, ascii_slug};
use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::judge::Call;
use crate::ledger::record::{Attested, Body, Note, Policy, Said};
use crate::ledger::rules::Rules;
use crate::ledger::state::Answer;
use crate::ledger::{Ledger, Session};
use crate::outcome::Outcome;
use crate::plan::{self, Plan};
use crate::sign::{self, Act, Decision, Meaning, Pins, Statement};
use crate::standing;

use super::home::{location, session};
use super::open::redactor;
use super::stand::{edited, find_run, kept_checklist, standing_of, with_runs};
use super::word::{Word, evidence_of, find_item, may_attest};
use super::{Failure, Home, Standing};

/// Who states something, and with what.
#[derive(Clone, Debug)]
pub struct Pen {
    /// For which role, by name or slug; told by the policy or the gate where only one comes into question.
    pub role: Option<String>,
    /// The key: a private one, or a public one whose private part an agent has.
    pub key: Option<PathBuf>,
    /// Their printed name, where the policy lays none down.
    pub name: Option<String>,
    /// What the signature means.
    pub meaning: Meaning,
    /// Why.
    pub reason: String,
    /// The caller's environment, whose secrets are taken out of the reason.
    pub caller: BTreeMap<String, String>,
}

/// What somebody is about to state.
#[derive(Debug)]
pub struct Draft {
    ledger: Ledger,
    session: Session,
    rules: Arc<Rules>,
    key: Option<PathBuf>,
    statement: Statement,
    form: Form,
}

/// The entry that a statement becomes.
#[derive(Debug)]
enum Form {
    Said,
    Attested(Box<Attested>),
    Policy(Pins),
}

impl Draft {
    /// What is stated.
    pub fn statement(&self) -> &Statement {
        &self.statement
    }

    /// It is signed.
    pub fn is_signed(&self) -> bool {
        self.key.is_some()
    }

    /// Signs and records it; gives the id of its entry.
    ///
    /// # Errors
    /// When it was not signed, or the signature would not count.
    pub fn record(mut self, home: &Home) -> Result<Digest, Failure> {
        let Statement { act, run, .. } = &self.statement;
        let (act, run) = (*act, run.clone().unwrap_or_default());
        let sig = self.sig()?;
        let statement = self.statement;
        let said = |statement, sig| Box::new(Said { run, sig, statement });
        let body = match (self.form, act) {
            (Form::Attested(word), _) => {
                let statement = Some(Box::new(statement));
                Body::Attested(Box::new(Attested { sig, statement, ..*word }))
            }
            (Form::Policy(pins), _) => {
                let statement = sig.is_some().then(|| Box::new(statement));
                Body::Policy(Policy { sig, statement, ..Policy::unsigned(pins) })
            }
            (Form::Said, Act::Waived) => Body::Waived(said(statement, sig)),
            (Form::Said, Act::Decided) => Body::Decided(said(statement, sig)),
            (Form::Said, Act::Void) => Body::Void(said(statement, sig)),
            (Form::Said, _) => Body::Signoff(said(statement, sig)),
        };
        let ids = self.ledger.append(&self.session, home.clock.now(), vec![body], &[])?;
        if home.seals {
            self.ledger.seal()?;
        }
        ids.first().copied().ok_or_else(|| Failure::ours("nothing was recorded"))
    }

    fn sig(&self) -> Result<Option<String>, Failure> {
        let Some(key) = &self.key else { return Ok(None) };
        let sig = sign::sign(&self.statement, key).map_err(|why| {
            Failure::usage(why, "nothing was recorded; `--key` takes the file of a key")
        })?;
        self.rules.verify(&self.statement, &sig, self.statement.at).map_err(|fault| {
            let hint = "nothing was recorded; `holdpoint policy` shows the keys that are pinned";
            Failure::usage(format!("this would not count: {fault}"), hint)
        })?;
        Ok(Some(sig))
    }
}

/// A run with all that a statement about it needs.
struct Desk<'h> {
    home: &'h Home,
    ledger: Ledger,
    session: Session,
    rules: Arc<Rules>,
    standing: Standing,
    now: Timestamp,
}

impl<'h> Desk<'h> {
    /// Opens the ledger at a single head: where branches meet, a note joins them first.
    fn at(home: &'h Home, run: Option<&str>, gate: Option<&str>) -> Result<Self, Failure> {
        let mut ledger = with_runs(Ledger::open_to_write(location(home)))?;
        let session = session(home)?;
        let run = find_run(&ledger, run)?;
        join(home, &mut ledger, &session, Some(&run.opened.run))?;
        let rules = ledger.rules().rules.map_err(no_rules)?;
        let now = home.clock.now();
        let standing = standing_of(&ledger, Some(&run.opened.run), gate, &[], None, now)?;
        Ok(Self { home, ledger, session, rules, standing, now })
    }

    /// What is stated is about the checklist that everybody sees.
    fn unedited(self) -> Result<Self, Failure> {
        match edited(self.home, &self.ledger, &self.standing.run)?.first() {
            Some(why) => {
                Err(Failure::usage(why.clone(), "open a new run, or put the checklist back"))
            }
            None => Ok(self),
        }
    }

    fn gate(&self) -> Result<&Gate, Failure> {
        let name = &self.standing.verdict().gate;
        let gates = &self.standing.checklist.gates;
        gates
            .iter()
            .find(|gate| gate.name == *name)
            .ok_or_else(|| Failure::ours(format!("the checklist has no gate `{name}`")))
    }

    /// A statement without what only its own type has.
    fn statement(&self, act: Act, role: String, pen: &Pen) -> Result<Statement, Failure> {
        let secrets = plan::secrets_of(&self.standing.checklist, &pen.caller);
        let plan = Plan { secrets, ..Plan::to_answer(&self.standing.checklist) };
        let reason = redactor(self.home, &plan).text(&pen.reason).chars().take(4000).collect();
        let run = Some(self.standing.run.opened.run.clone());
        let blank = blank(self.home, &self.ledger, &self.rules, act, role, pen, self.now)?;
        Ok(Statement { run, reason, ..blank })
    }

    /// Checks that it would count, and hands it over.
    fn draft(self, statement: Statement, pen: &Pen, form: Form) -> Result<Draft, Failure> {
        let run = &self.standing.run;
        standing::may_say(run, &self.rules, &self.home.writer, &statement).map_err(|why| {
            let hint = "`holdpoint policy` shows the rules that are pinned; nothing was recorded";
            Failure::usage(format!("this would not count: {why}"), hint)
        })?;
        let Self { ledger, session, rules, .. } = self;
        let key = pen.key.clone();
        Ok(Draft { ledger, session, rules, key, statement, form })
    }
}

/// Joins branches, so that one entry stands for all that the signer saw.
fn join(
    home: &Home,
    ledger: &mut Ledger,
    session: &Session,
    run: Option<&str>,
) -> Result<(), Failure> {
    if ledger.history().heads().len() > 1 {
        let text = "joins branches of the ledger before a statement".to_owned();
        let note = Note { run: run.map(str::to_owned), text };
        ledger.append(session, home.clock.now(), vec![Body::Note(note)], &[])?;
    }
    Ok(())
}

pub(super) fn no_rules(why: String) -> Failure {
    let hint = "`holdpoint policy` shows what is pinned, `holdpoint verify` what is wrong";
    Failure::usage(format!("nobody can tell which rules hold: {why}"), hint)
}

/// What all statements have.
fn blank(
    home: &Home,
    ledger: &Ledger,
    rules: &Rules,
    act: Act,
    role: String,
    pen: &Pen,
    now: Timestamp,
) -> Result<Statement, Failure> {
    let head = ledger.history().heads().next().copied();
    let head = head.ok_or_else(|| Failure::ours("the ledger has no beginning"))?;
    let signer = signer(home, rules, pen, &role, act, now)?;
    let laid_down = rules.policy.name_of(&signer).map(str::to_owned);
    let name = laid_down.or_else(|| pen.name.clone()).unwrap_or_else(|| signer.clone());
    Ok(Statement {
        at: now,
        decision: None,
        entry: None,
        evidence: None,
        gate: None,
        head,
        item: None,
        item_sha256: None,
        ledger: rules.ledger.clone(),
        meaning: pen.meaning,
        name,
        policy: None,
        reason: home.config.redactor().text(&pen.reason).chars().take(4000).collect(),
        report: None,
        result: None,
        role,
        root: sign::empty_root(),
        run: None,
        signer,
        size: 0,
        act,
        until: None,
        verdict: None,
    })
}

/// Who it is, by the key.
fn signer(
    home: &Home,
    rules: &Rules,
    pen: &Pen,
    role: &str,
    act: Act,
    now: Timestamp,
) -> Result<String, Failure> {
    let Some(path) = &pen.key else {
        return match rules.policy.wants_signatures() {
            true => Err(Failure::usage(
                "the policy asks for a signature",
                "name your key: `--key ~/.ssh/id_ed25519`",
            )),
            false => Ok(home.writer.clone()),
        };
    };
    if !rules.has_keys() {
        return Err(Failure::usage(
            "the policy pins no keys, so that nobody could check a signature",
            "leave `--key` out, or pin keys: `holdpoint policy --help`",
        ));
    }
    let key = sign::public_key(path).map_err(|why| {
        Failure::usage(format!("cannot read key `{}`: {why}", path.display()), "name another")
    })?;
    let known = rules.signers.principals_of(&key);
    let Some(first) = known.first() else {
        let hint = "`holdpoint policy` shows the keys that are pinned";
        return Err(Failure::usage("no line of `allowed_signers` has this key", hint));
    };
    let mut lines = rules.signers.of_key(&key, role, act).filter(|line| line.is_valid(now));
    let principal = lines.find_map(|line| line.principals.first().cloned());
    principal.ok_or_else(|| {
        let namespace = format!("{role}.{}@holdpoint", act.word());
        Failure::usage(
            format!("the key of `{first}` may not sign for `{role}` here, or not at this time"),
            format!("their line in `allowed_signers` needs the namespace `{namespace}`"),
        )
    })
}

/// The role that is meant: the one named, or the only one that comes into question.
fn role_of(pen: &Pen, known: &[String], what: &str) -> Result<String, Failure> {
    let named: Vec<String> = known.iter().map(|role| format!("`{role}`")).collect();
    match (&pen.role, known) {
        (Some(role), _) => Ok(ascii_slug(role)),
        (None, [role]) => Ok(role.clone()),
        (None, []) => Err(Failure::usage(
            format!("the policy names no role that may {what}"),
            "name one in `holdpoint.toml` and pin it: `holdpoint policy --help`",
        )),
        (None, _) => Err(Failure::usage(
            format!("it is not clear for which role you {what}"),
            format!("name it with `--role`: {}", named.join(", ")),
        )),
    }
}

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
    let evidence = evidence_of(&desk.ledger, word, &redactor)?;
    let note: String = redactor.text(&word.note).chars().take(4000).collect();
    let decision = match word.outcome {
        Outcome::Pass => Decision::Pass,
        Outcome::Fail => Decision::Fail,
        _ => Decision::Skipped,
    };
    let waivers = &desk.rules.policy.waive;
    let known = if decision == Decision::Skipped { &waivers[..] } else { &[] };
    let role = role_of(pen, known, "have items skipped")?;
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
    desk.draft(statement, pen, Form::Attested(Box::new(word)))
}

/// Drafts a change of the rules.
///
/// # Errors
/// When the rules before it cannot be told, or do not let the signer change them.
pub(super) fn pin(
    home: &Home,
    mut ledger: Ledger,
    pins: Pins,
    pen: &Pen,
) -> Result<Draft, Failure> {
    let session = session(home)?;
    join(home, &mut ledger, &session, None)?;
    let rules = ledger.rules().rules.map_err(no_rules)?;
    let change = &rules.policy.change;
    // Until keys are pinned whoever can write may pin them.
    let role = match rules.has_keys() {
        true => role_of(pen, &change.roles, "change the policy")?,
        false => "owner".to_owned(),
    };
    if rules.has_keys() && !change.roles.contains(&role) {
        let why = format!("`{role}` may not change the policy");
        return Err(Failure::usage(why, format!("it is for {}", change.roles.join(", "))));
    }
    if rules.has_keys() && pen.key.is_none() {
        return Err(Failure::usage("a change of the policy is signed", "name your `--key`"));
    }
    let statement = Statement {
        policy: Some(pins),
        ..blank(home, &ledger, &rules, Act::Policy, role, pen, home.clock.now())?
    };
    let key = pen.key.clone().filter(|_| rules.has_keys());
    Ok(Draft { ledger, session, rules, key, statement, form: Form::Policy(pins) })
}
