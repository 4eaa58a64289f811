//! A statement on its way: drafted, shown to whoever makes it, signed, and recorded when it would count.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use crate::checklist::{Gate, ascii_slug};
use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::ledger::record::{Attested, Body, Note, Policy, Said};
use crate::ledger::rules::Rules;
use crate::ledger::{Ledger, Session};
use crate::plan::{self, Plan};
use crate::sign::{self, Act, Meaning, Pins, Statement};
use crate::standing;

use super::forget;
use super::home::{open_to_write, seal_here, session};
use super::open::redactor;
use super::stand::{edited, find_run, standing_of, with_runs};
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
    /// Where the run stands that it is about.
    standing: Option<Box<Standing>>,
    /// Kept with the entry.
    evidence: Vec<Vec<u8>>,
}

/// The entry that a statement becomes.
#[derive(Debug)]
pub(super) enum Form {
    Said,
    Attested(Box<Attested>),
    Policy(Pins),
}

impl Draft {
    /// What is stated.
    pub fn statement(&self) -> &Statement {
        &self.statement
    }

    /// Where the run stands that it is about, as the signer sees it.
    pub fn standing(&self) -> Option<&Standing> {
        self.standing.as_deref()
    }

    /// Keeps evidence with the entry.
    pub(super) fn with(self, evidence: Vec<Vec<u8>>) -> Self {
        Self { evidence, ..self }
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
        let named = self.statement.evidence.clone().unwrap_or_default();
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
            (Form::Said, Act::Forgotten) => Body::Forgotten(said(statement, sig)),
            (Form::Said, _) => Body::Signoff(said(statement, sig)),
        };
        let ids =
            self.ledger.append(&self.session, home.clock.now(), vec![body], &self.evidence)?;
        if act == Act::Forgotten {
            forget::sweep(home, &self.ledger, &named)?;
        }
        if home.seals {
            seal_here(home, &mut self.ledger)?;
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
pub(super) struct Desk<'h> {
    pub(super) home: &'h Home,
    pub(super) ledger: Ledger,
    session: Session,
    pub(super) rules: Arc<Rules>,
    pub(super) standing: Standing,
    pub(super) now: Timestamp,
}

impl<'h> Desk<'h> {
    /// Opens the ledger at a single head: where branches meet, a note joins them first.
    pub(super) fn at(
        home: &'h Home,
        run: Option<&str>,
        gate: Option<&str>,
    ) -> Result<Self, Failure> {
        let mut ledger = with_runs(open_to_write(home))?;
        let session = session(home)?;
        let run = find_run(&ledger, run)?;
        join(home, &mut ledger, &session, Some(&run.opened.run))?;
        let rules = ledger.rules().rules.map_err(no_rules)?;
        let now = home.clock.now();
        let standing = standing_of(&ledger, Some(&run.opened.run), gate, &[], None, now)?;
        Ok(Self { home, ledger, session, rules, standing, now })
    }

    /// What is stated is about the checklist that everybody sees.
    pub(super) fn unedited(self) -> Result<Self, Failure> {
        match edited(self.home, &self.ledger, &self.standing.run)?.first() {
            Some(why) => {
                Err(Failure::usage(why.to_string(), "open a new run, or put the checklist back"))
            }
            None => Ok(self),
        }
    }

    pub(super) fn gate(&self) -> Result<&Gate, Failure> {
        let name = &self.standing.verdict().gate;
        let gates = &self.standing.checklist.gates;
        gates
            .iter()
            .find(|gate| gate.name == *name)
            .ok_or_else(|| Failure::ours(format!("the checklist has no gate `{name}`")))
    }

    /// A statement without what only its own type has.
    pub(super) fn statement(
        &self,
        act: Act,
        role: String,
        pen: &Pen,
    ) -> Result<Statement, Failure> {
        let secrets = plan::secrets_of(&self.standing.checklist, &pen.caller);
        let plan = Plan { secrets, ..Plan::to_answer(&self.standing.checklist) };
        let reason = redactor(self.home, &plan).text(&pen.reason).chars().take(4000).collect();
        let run = Some(self.standing.run.opened.run.clone());
        let blank = blank(self.home, &self.ledger, &self.rules, act, role, pen, self.now)?;
        Ok(Statement { run, reason, ..blank })
    }

    /// Checks that it would count, and hands it over.
    pub(super) fn draft(
        self,
        statement: Statement,
        pen: &Pen,
        form: Form,
    ) -> Result<Draft, Failure> {
        let run = &self.standing.run;
        standing::may_say(run, &self.rules, &self.home.writer, &statement).map_err(|why| {
            let hint = "`holdpoint policy` shows the rules that are pinned; nothing was recorded";
            Failure::usage(format!("this would not count: {why}"), hint)
        })?;
        let Self { ledger, session, rules, standing, .. } = self;
        let (key, standing, evidence) = (pen.key.clone(), Some(Box::new(standing)), Vec::new());
        Ok(Draft { ledger, session, rules, key, statement, form, standing, evidence })
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
    let signed = ledger.checkpoint().map(|signed| (signed.size as i64, signed.root));
    let (size, root) = signed.unwrap_or_else(|| (0, sign::empty_root()));
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
        root,
        run: None,
        signer,
        size,
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
pub(super) fn role_of(pen: &Pen, known: &[String], what: &str) -> Result<String, Failure> {
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

/// Drafts a change of the rules.
///
/// # Errors
/// When the rules before it cannot be told, or do not let the signer change them.
pub(super) fn pin(
    home: &Home,
    mut ledger: Ledger,
    pins: Pins,
    evidence: Vec<Vec<u8>>,
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
    let (form, standing) = (Form::Policy(pins), None);
    Ok(Draft { ledger, session, rules, key, statement, form, standing, evidence })
}
