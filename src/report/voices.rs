//! What people stated: who signed for which role, what it meant, when, with which key, and what counts of it
//! (21 CFR 11.50).

use super::build::Builder;
use super::view::{Fact, StatementView};
use crate::checklist::Gate;
use crate::judge::{Call, RoleFact, SignoffFact, Weight};
use crate::sign::{Act, Decision};
use crate::standing::Heard;

impl Builder<'_> {
    /// Each role of a gate, and what was said for it.
    pub(super) fn roles(&mut self, gate: &Gate) -> Vec<Fact> {
        let roles = self.subject.hearing.roles(gate);
        roles.iter().map(|role| self.fact(&role.name, &said(role))).collect()
    }

    /// What was decided at a gate; empty where nothing was.
    pub(super) fn decision(&mut self, at: usize) -> String {
        let Some(Some((call, heard))) = self.subject.decided.get(at) else { return String::new() };
        let text = decided(*call, heard);
        self.see(&text)
    }

    /// What the first page says about signatures.
    pub(super) fn note(&self) -> &'static str {
        match &self.subject.hearing.rules {
            Err(_) => "Nobody can tell which rules and keys hold: no signature counts.",
            Ok(rules) if !rules.has_keys() => {
                "Not signed: the policy names no keys, nothing in this ledger is signed."
            }
            Ok(rules) if !rules.policy.wants_signatures() => {
                "The policy lets statements count that are not signed."
            }
            Ok(_) => "",
        }
    }

    /// Every statement, in the ledger's order.
    pub(super) fn statements(&mut self) -> Vec<StatementView> {
        let heard = &self.subject.hearing.heard;
        heard.iter().map(|heard| self.statement(heard)).collect()
    }

    fn statement(&mut self, heard: &Heard) -> StatementView {
        let statement = heard.statement();
        let (counts, key) = match heard.standing() {
            Ok(key) => ("counts".to_owned(), key.unwrap_or("not signed").to_owned()),
            Err(why) => {
                let key = heard.voice.as_ref().ok().and_then(|voice| voice.key.clone());
                (format!("does not count: {why}"), key.unwrap_or_default())
            }
        };
        let about = [
            statement.gate.clone(),
            statement.item.clone(),
            statement.evidence.as_ref().filter(|_| statement.act == Act::Forgotten).map(|all| {
                let all: Vec<String> =
                    all.iter().map(|one| format!("evidence {}", &one.to_string()[..12])).collect();
                all.join(", ")
            }),
            statement.entry.map(|entry| format!("entry {}", &entry.to_string()[..12])),
            statement.until.map(|until| format!("until {until}")),
            statement.verdict.as_ref().map(|verdict| format!("verdict {verdict}")),
        ];
        let about = about.into_iter().flatten().collect::<Vec<_>>().join(", ");
        StatementView {
            kind: kind(statement.act),
            says: statement.decision.map_or("", Decision::word),
            about: self.see(&about),
            role: self.see(&statement.role),
            name: self.see(&statement.name),
            signer: self.see(&statement.signer),
            meaning: statement.meaning.word(),
            at: statement.at.to_string(),
            key: self.see(&key),
            reason: self.see(&statement.reason),
            counts: self.see(&counts),
            entry: heard.spoken.id.to_string(),
        }
    }
}

fn kind(act: Act) -> &'static str {
    match act {
        Act::Attested => "answer",
        Act::Decided => "decision",
        Act::Forgotten => "evidence let go",
        Act::Policy => "policy",
        Act::Signoff => "sign-off",
        Act::Void => "taken back",
        Act::Waived => "waiver",
    }
}

fn said(role: &RoleFact) -> String {
    let mut parts: Vec<String> = role.signoffs.iter().map(signoff).collect();
    let counting = role.signoffs.iter().filter(|one| one.weight == Weight::Counts);
    let signed = counting.clone().filter(|one| one.says == Decision::Go).count();
    if counting.clone().any(|one| one.says == Decision::NoGo) {
        return parts.join("; ");
    }
    let wanted = usize::try_from(role.quorum.max(1)).unwrap_or(usize::MAX);
    match (signed, wanted) {
        (0, 1) => parts.push("not signed".to_owned()),
        (0, n) => parts.push(format!("not signed ({n} people wanted)")),
        (some, n) if some < n => parts.push(format!("{n} people wanted")),
        _ => {}
    }
    parts.join("; ")
}

fn signoff(signoff: &SignoffFact) -> String {
    let how = match (&signoff.weight, &signoff.key) {
        (Weight::Counts, Some(_)) => "",
        (Weight::Counts, None) => " (without a signature)",
        (Weight::Stale, _) => " (stale)",
        (Weight::Nothing(_), _) => " (does not count)",
    };
    format!("{}: {}{how}", signoff.says.word(), signoff.name)
}

fn decided(call: Call, heard: &Heard) -> String {
    let statement = heard.statement();
    let verdict = statement.verdict.as_deref().unwrap_or_default();
    let against = if verdict == call.word() { "" } else { ", against the verdict" };
    let reason = match statement.reason.as_str() {
        "" => String::new(),
        reason => format!(": {reason}"),
    };
    let how = match &heard.voice {
        Ok(voice) if voice.key.is_some() => "",
        _ => ", without a signature",
    };
    let (name, role, at) = (&statement.name, &statement.role, statement.at);
    format!("decided {}{against} by {name} ({role}) at {at}{how}{reason}", call.word())
}
