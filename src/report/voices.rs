//! What people stated: who signed for which role, what it meant, when, with which key, and what counts of it
//! (21 CFR 11.50).

use super::build::Builder;
use super::view::{Fact, StatementView};
use crate::checklist::Gate;
use crate::digest::Digest;
use crate::judge::{Call, RoleFact, SignoffFact, Weight};
use crate::said;
use crate::said::Said;
use crate::sign::{Act, Decision};
use crate::standing::Heard;

impl Builder<'_> {
    /// Each role of a gate, and what was said for it.
    pub(super) fn roles(&mut self, gate: &Gate) -> Vec<Fact> {
        let roles = self.subject.hearing.roles(gate);
        let language = self.language;
        roles.iter().map(|role| self.fact(&role.name, &language.say(&said(role)))).collect()
    }

    /// What was decided at a gate; empty where nothing was.
    pub(super) fn decision(&mut self, at: usize) -> String {
        let Some(Some((call, heard))) = self.subject.decided.get(at) else { return String::new() };
        self.say(&decided(*call, heard))
    }

    /// What the first page says about signatures.
    pub(super) fn note(&self) -> String {
        let note = match &self.subject.hearing.rules {
            Err(_) => said!("Nobody can tell which rules and keys hold: no signature counts."),
            Ok(rules) if !rules.has_keys() => {
                said!("Not signed: the policy names no keys, nothing in this ledger is signed.")
            }
            Ok(rules) if !rules.policy.wants_signatures() => {
                said!("The policy lets statements count that are not signed.")
            }
            Ok(_) => return String::new(),
        };
        self.language.say(&note)
    }

    /// Every statement, in the ledger's order.
    pub(super) fn statements(&mut self) -> Vec<StatementView> {
        let heard = &self.subject.hearing.heard;
        heard.iter().map(|heard| self.statement(heard)).collect()
    }

    fn statement(&mut self, heard: &Heard) -> StatementView {
        let statement = heard.statement();
        let (counts, key) = match heard.standing() {
            Ok(Some(key)) => (said!("counts"), Said::from(key)),
            Ok(None) => (said!("counts"), said!("not signed")),
            Err(why) => {
                let key = heard.voice.as_ref().ok().and_then(|voice| voice.key.clone());
                (said!("does not count: {}", why), Said::from(key.unwrap_or_default()))
            }
        };
        let forgotten = statement.evidence.iter().flatten();
        let forgotten = forgotten.filter(|_| statement.act == Act::Forgotten);
        let short = |digest: &Digest| digest.to_string()[..12].to_owned();
        let about = [
            statement.gate.as_ref().map(Said::from),
            statement.item.as_ref().map(Said::from),
            Said::commas(forgotten.map(|one| said!("evidence {}", short(one)))),
            statement.entry.map(|entry| said!("entry {}", short(&entry))),
            statement.until.map(|until| said!("until {}", until.brief())),
            statement.verdict.as_ref().map(|verdict| said!("verdict {}", verdict)),
        ];
        let about = Said::commas(about.into_iter().flatten());
        StatementView {
            kind: kind(statement.act),
            says: statement.decision.map_or("", Decision::word),
            about: about.map_or_else(String::new, |about| self.say(&about)),
            role: self.see(&statement.role),
            name: self.say(&Said::name(&statement.name)),
            signer: self.see(&statement.signer),
            meaning: statement.meaning.word(),
            at: statement.at.to_string(),
            key: self.say(&key),
            reason: self.see(&statement.reason),
            counts: self.say(&counts),
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

fn said(role: &RoleFact) -> Said {
    let mut parts: Vec<Said> = role.signoffs.iter().map(signoff).collect();
    let counting = role.signoffs.iter().filter(|one| one.weight == Weight::Counts);
    let signed = counting.clone().filter(|one| one.says == Decision::Go).count();
    let against = counting.clone().any(|one| one.says == Decision::NoGo);
    let wanted = usize::try_from(role.quorum.max(1)).unwrap_or(usize::MAX);
    match (signed, wanted) {
        _ if against => {}
        (0, 1) => parts.push(said!("not signed")),
        (0, n) => parts.push(said!("not signed: {} people wanted", n)),
        (some, n) if some < n => parts.push(said!("{} of {} people", some, n)),
        _ => {}
    }
    Said::semicolons(parts).unwrap_or_else(|| Said::from(""))
}

fn signoff(signoff: &SignoffFact) -> Said {
    let said = said!("{}: {}", Said::word(signoff.says.word()), Said::name(&signoff.name));
    let how = match (&signoff.weight, &signoff.key) {
        (Weight::Counts, Some(_)) => return said,
        (Weight::Counts, None) => said!("without a signature"),
        (Weight::Stale, _) => said!("stale: the run went on since"),
        (Weight::Nothing(_), _) => said!("does not count"),
    };
    said!("{} ({})", said, how)
}

fn decided(call: Call, heard: &Heard) -> Said {
    let statement = heard.statement();
    let who = said!("{} ({})", Said::name(&statement.name), &statement.role);
    let text = match statement.verdict.as_deref() == Some(call.word()) {
        true => said!("decided {} by {} at {}", call.word(), who, statement.at),
        false => {
            said!("decided {}, against the verdict by {} at {}", call.word(), who, statement.at)
        }
    };
    let text = match &heard.voice {
        Ok(voice) if voice.key.is_some() => text,
        _ => said!("{}, {}", text, said!("without a signature")),
    };
    match statement.reason.as_str() {
        "" => text,
        reason => said!("{}: {}", text, reason),
    }
}
