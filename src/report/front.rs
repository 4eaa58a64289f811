//! What the first page says beside the verdict: the decision, who signed and who has not, the change, the clock.

use super::build::Builder;
use super::steps::duration;
use super::view::{Clock, DecisionView, Fact, SignatureView, Signer};
use crate::checklist::{Gate, Role};
use crate::clock::Window;
use crate::judge::{RoleFact, SignoffFact, Weight};
use crate::said;
use crate::said::Said;
use crate::sign::{Act, Decision};
use crate::standing::Heard;

impl Builder<'_> {
    /// The decision of the gate that the report speaks for.
    pub(super) fn decided(&mut self, call: &str) -> Option<DecisionView> {
        let subject = self.subject;
        let (decision, heard) = subject.decided.get(subject.gate)?.as_ref()?;
        let statement = heard.statement();
        let verdict = statement.verdict.as_deref().unwrap_or_default();
        Some(DecisionView {
            call: decision.word(),
            differs: decision.word() != call,
            verdict: if verdict == call { String::new() } else { self.see(verdict) },
            name: self.say(&Said::name(&statement.name)),
            role: self.see(&statement.role),
            at: statement.at.to_string(),
            signed: heard.voice.as_ref().is_ok_and(|voice| voice.key.is_some()),
            reason: self.see(&statement.reason),
        })
    }

    /// Each role of a gate, with what was said for it.
    pub(super) fn signers(&mut self, gate: &Gate) -> Vec<Signer> {
        let facts = self.subject.hearing.roles(gate);
        gate.roles.iter().zip(&facts).map(|(role, fact)| self.signer(gate, role, fact)).collect()
    }

    fn signer(&mut self, gate: &Gate, role: &Role, fact: &RoleFact) -> Signer {
        let counting = || fact.signoffs.iter().filter(|one| one.weight == Weight::Counts);
        let went = counting().filter(|one| one.says == Decision::Go).count();
        let wanted = usize::try_from(fact.quorum.max(1)).unwrap_or(usize::MAX);
        let (state, missing) = match (counting().any(|one| one.says == Decision::NoGo), went) {
            (true, _) => ("no-go", None),
            (false, went) if went >= wanted => ("go", None),
            (false, _) if wanted == 1 => ("open", Some(said!("not signed"))),
            (false, 0) => ("open", Some(said!("not signed: {} people wanted", wanted))),
            (false, went) => ("open", Some(said!("{} of {} people", went, wanted))),
        };
        Signer {
            role: self.see(&fact.name),
            state,
            missing: missing.map_or_else(String::new, |missing| self.say(&missing)),
            signatures: fact.signoffs.iter().map(|one| self.signature(gate, role, one)).collect(),
        }
    }

    fn signature(&mut self, gate: &Gate, role: &Role, said: &SignoffFact) -> SignatureView {
        let is_it = |heard: &&Heard| {
            let statement = heard.statement();
            statement.act == Act::Signoff
                && !heard.settled
                && statement.gate.as_deref() == Some(&gate.name)
                && statement.role == role.slug
                && statement.decision == Some(said.says)
                && statement.name == said.name
                && statement.reason == said.reason
        };
        let heard = self.subject.hearing.heard.iter().rev().find(is_it).map(Heard::statement);
        let but = match &said.weight {
            Weight::Counts => None,
            Weight::Stale => Some(said!("stale: the run went on since")),
            Weight::Nothing(why) => Some(why.clone()),
        };
        SignatureView {
            says: said.says.word(),
            name: self.say(&Said::name(&said.name)),
            meaning: heard.map_or("", |statement| statement.meaning.word()),
            at: heard.map_or_else(String::new, |statement| statement.at.to_string()),
            reason: self.see(&said.reason),
            but: but.map_or_else(String::new, |but| self.say(&but)),
            signed: said.key.is_some(),
        }
    }

    /// The change, in the words of whoever asked for it.
    pub(super) fn change(&mut self) -> Vec<Fact> {
        let Some(change) = &self.subject.run.opened.change else { return Vec::new() };
        let told = [
            ("Change", &change.reference),
            ("Kind of change", &change.kind),
            ("Reason", &change.reason),
            ("Requested by", &change.requester),
            ("Impact", &change.impact),
            ("Risk", &change.risk),
            ("Window", &change.window),
            ("Back-out", &change.back_out),
        ];
        let told = told.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?)));
        told.map(|(name, value)| self.fact(name, value)).collect()
    }

    pub(super) fn clock(&mut self) -> Clock {
        let run = self.subject.run;
        let window = run.opened.change.as_ref().and_then(|change| change.window.as_deref());
        let planned = window.and_then(|window| window.parse::<Window>().ok());
        let began = run.opened_at.as_millis();
        let t0 = planned.map_or_else(String::new, |window| {
            let after = began.saturating_sub(window.from.as_millis());
            let sign = if after < 0 { '−' } else { '+' };
            format!("T{sign}{}", duration(after.saturating_abs()))
        });
        let window = match planned {
            Some(window) => format!("{} – {}", window.from.brief(), window.to.brief()),
            None => window.unwrap_or_default().to_owned(),
        };
        let took = run.last_at.as_millis().saturating_sub(run.opened_at.as_millis());
        Clock {
            began: run.opened_at.to_string(),
            ended: run.last_at.to_string(),
            took: duration(took.max(0)),
            t0,
            window: self.see(&window),
        }
    }
}
