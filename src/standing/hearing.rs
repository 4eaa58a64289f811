//! What people said in a run, weighed by the rules that hold: whose signature is good, who may say such a thing, what
//! was taken back. In doubt it does not count.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::checklist::{Gate, Role};
use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::judge::{RoleFact, SignoffFact, Weight};
use crate::ledger::rules::Rules;
use crate::ledger::stamps::{Proof, Proofs};
use crate::ledger::state::{Answer, Given, RunState, Spoken};
use crate::ledger::{History, Known};
use crate::outcome::Outcome;
use crate::policy::Duty;
use crate::said;
use crate::said::Said;
use crate::sign::{Act, Decision, Fault, Signed, Statement};

use super::rights::{is_against, may_say};

/// So much may be said in a run; beyond it nothing counts.
const MOST: usize = 500;

/// Clocks of people differ by so many milliseconds: 10 minutes.
const SKEW: i64 = 10 * 60 * 1000;

/// All that was said in a run.
#[derive(Clone, Debug)]
pub struct Hearing {
    /// The rules that hold, or why nobody can tell.
    pub rules: Result<Arc<Rules>, String>,
    /// The time that validity is judged at.
    pub now: Timestamp,
    /// Each statement, in the ledger's order.
    pub heard: Vec<Heard>,
    /// Entries that were taken back, and by which.
    voided: BTreeMap<Digest, Digest>,
    outlived: BTreeSet<Digest>,
}

/// One statement.
#[derive(Clone, Debug)]
pub struct Heard {
    /// As it was written down.
    pub spoken: Spoken,
    /// Other entries with the same statement.
    copies: Vec<Digest>,
    /// Whose it is, or why it does not count.
    pub voice: Result<Voice, Said>,
    /// Its signature is of something else, or none.
    pub forged: bool,
    /// The run went on since.
    pub stale: bool,
    /// They said something else later, knowing this.
    pub settled: bool,
    /// It was taken back.
    pub voided: bool,
    /// A waiver whose time is over.
    pub ended: bool,
}

/// Who speaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Voice {
    /// The same under every name that they go by.
    pub person: String,
    /// Fingerprint of the key; none where nothing was signed.
    pub key: Option<String>,
}

impl Heard {
    /// What it says.
    pub fn statement(&self) -> &Statement {
        &self.spoken.statement
    }

    /// The key that signed it, if one did; or why it does not count.
    ///
    /// # Errors
    /// Why not: lower case, no full stop.
    pub fn standing(&self) -> Result<Option<&str>, Said> {
        let voice = self.voice.as_ref().map_err(Clone::clone)?;
        let is_signoff = self.statement().act == Act::Signoff;
        match self {
            _ if self.voided => Err(said!("it was taken back")),
            _ if self.ended => Err(said!("its time is over")),
            _ if self.settled => Err(said!("they said otherwise later")),
            _ if self.stale && is_signoff => Err(said!("it is stale, the run went on since")),
            _ => Ok(voice.key.as_deref()),
        }
    }

    /// Every entry that says it.
    fn ids(&self) -> impl Iterator<Item = &Digest> {
        self.copies.iter().chain([&self.spoken.id])
    }

    /// Whose it is, where it counts.
    fn counts(&self) -> Option<&Voice> {
        self.voice.as_ref().ok().filter(|_| !self.voided && !self.settled)
    }
}

impl Hearing {
    /// Weighs what was said in `run`, at a time.
    pub fn of(
        run: &RunState,
        rules: &Result<Arc<Rules>, String>,
        history: &History,
        proofs: &Proofs,
        now: Timestamp,
    ) -> Self {
        let rules = match run.spoken.len() > MOST {
            true => Err(format!("more than {MOST} statements were made in the run")),
            false => rules.clone(),
        };
        let (heard, voided, outlived) = (Vec::new(), BTreeMap::new(), BTreeSet::new());
        let mut hearing = Self { rules, now, heard, voided, outlived };
        let Ok(rules) = hearing.rules.clone() else { return hearing };
        let bench = Bench { run, rules: &rules, history, proofs, now };
        let mut first: BTreeMap<Vec<u8>, usize> = BTreeMap::new();
        for spoken in &run.spoken {
            let known = history.known_to(&spoken.statement.head);
            let line = spoken.statement.line().unwrap_or_default();
            // Whoever copies a statement behind a later one does not make it the last word; what is said of one
            // copy is said of all. One that does not count stands in nobody's way.
            let voice = match first.get(&line) {
                Some(&at) => {
                    hearing.heard[at].copies.push(spoken.id);
                    Err(said!("it repeats another entry"))
                }
                None => bench.hear(spoken, &known),
            };
            if voice.is_ok() {
                first.insert(line, hearing.heard.len());
            }
            let stale = !run.changes.iter().all(|change| known.contains(change));
            let spoken = spoken.clone();
            let forged = voice.is_err() && bench.is_forged(&spoken);
            let (settled, voided, copies) = (false, false, Vec::new());
            let ended = spoken.statement.until.is_some_and(|until| now >= until);
            let heard = Heard { spoken, copies, voice, forged, stale, settled, voided, ended };
            hearing.take(heard, &known);
        }
        for heard in &mut hearing.heard {
            // A void stands: whoever regrets it says again what it took back.
            let is_void = heard.spoken.statement.act == Act::Void;
            heard.voided = !is_void && heard.ids().any(|id| hearing.voided.contains_key(id));
        }
        hearing.outlive(run, history);
        hearing
    }

    /// Takes down a statement with what it does to earlier ones that its signer knew of: a void takes back, and
    /// what one person says last for a role at a gate stands.
    fn take(&mut self, later: Heard, known: &Known<'_>) {
        if let (Ok(voice), statement) = (&later.voice, later.statement()) {
            match (statement.act, statement.entry) {
                (Act::Void, Some(entry)) if known.contains(&entry) => {
                    self.voided.insert(entry, later.spoken.id);
                }
                (Act::Signoff, _) => {
                    let same = |earlier: &&mut Heard| {
                        let before = earlier.statement();
                        before.act == Act::Signoff
                            && before.role == statement.role
                            && before.gate == statement.gate
                            // Nobody takes a signature back without one.
                            && earlier.voice.as_ref().is_ok_and(|one| {
                                one.person == voice.person
                                    && (one.key.is_none() || voice.key.is_some())
                            })
                    };
                    let earlier = self.heard.iter_mut().filter(same);
                    earlier
                        .filter(|earlier| earlier.ids().any(|id| known.contains(id)))
                        .for_each(|earlier| earlier.settled = true);
                }
                _ => {}
            }
        }
        self.heard.push(later);
    }

    /// A word that was taken back holds a checked item until the checks have run again.
    fn outlive(&mut self, run: &RunState, history: &History) {
        for answers in run.answers.values() {
            let checks = || {
                answers
                    .iter()
                    .filter(|answer| answer.counts && matches!(answer.given, Given::Machine(_)))
            };
            let words = answers.iter().filter(|answer| matches!(answer.given, Given::Person(_)));
            for (word, void) in words.filter_map(|word| Some((word, *self.voided.get(&word.id)?))) {
                let later = |check: &Answer| history.is_ancestor(&void, &check.id);
                if checks().next().is_some() && checks().all(later) {
                    self.outlived.insert(word.id);
                }
            }
        }
    }

    /// A person's word was taken back, and the checks have run since.
    pub fn is_outlived(&self, answer: &Answer) -> bool {
        self.outlived.contains(&answer.id)
    }

    /// An entry was taken back; by which.
    pub fn void_of(&self, id: &Digest) -> Option<&Digest> {
        self.voided.get(id)
    }

    /// Statements by which evidence was let go, of those that count. Nobody takes back what is gone.
    pub fn forgotten(&self) -> impl Iterator<Item = &Heard> {
        let forgets = |heard: &&Heard| heard.statement().act == Act::Forgotten;
        self.heard.iter().filter(forgets).filter(|heard| heard.voice.is_ok())
    }

    /// The statement by which a piece of evidence was let go, if there is one.
    pub fn forgets(&self, digest: &Digest) -> Option<&Heard> {
        let names = |heard: &&Heard| {
            heard.statement().evidence.as_ref().is_some_and(|all| all.contains(digest))
        };
        self.forgotten().find(names)
    }

    /// The roles of a gate with what was said for them.
    pub fn roles(&self, gate: &Gate) -> Vec<RoleFact> {
        let apart = self.rules.as_ref().is_ok_and(|rules| rules.policy.separates(Duty::Roles));
        let mut signed: BTreeSet<String> = BTreeSet::new();
        let mut facts = Vec::new();
        for role in &gate.roles {
            let mut fact = self.role(gate, role);
            for signoff in fact.signoffs.iter_mut().filter(|signoff| {
                apart && signoff.says == Decision::Go && signoff.weight == Weight::Counts
            }) {
                let other_key = signoff.key.as_ref().is_none_or(|key| !signed.contains(key));
                if !other_key || signed.contains(&signoff.person) {
                    signoff.weight = Weight::Nothing(said!("they have signed for another role"));
                }
            }
            let counting = fact
                .signoffs
                .iter()
                .filter(|signoff| signoff.says == Decision::Go && signoff.weight == Weight::Counts);
            for signoff in counting {
                signed.insert(signoff.person.clone());
                signed.extend(signoff.key.clone());
            }
            facts.push(fact);
        }
        facts
    }

    fn role(&self, gate: &Gate, role: &Role) -> RoleFact {
        let quorum = match &self.rules {
            Ok(rules) => rules.policy.quorum_of(&role.slug, role.quorum),
            Err(_) => role.quorum,
        };
        let alike = |other: &&Role| other.slug == role.slug && other.name != role.name;
        let ambiguous = role.slug.is_empty() || gate.roles.iter().any(|other| alike(&other));
        let said = self.heard.iter().filter(|heard| {
            let statement = heard.statement();
            statement.act == Act::Signoff
                && statement.gate.as_deref() == Some(&gate.name)
                && statement.role == role.slug
        });
        let mut signoffs: Vec<SignoffFact> =
            said.filter(|heard| !heard.settled).filter_map(signoff).collect();
        for signoff in &mut signoffs {
            if ambiguous {
                let why = said!("roles of this gate cannot be told apart: give them an `id`");
                signoff.weight = Weight::Nothing(why);
            }
        }
        worst_of_each(&mut signoffs);
        RoleFact { name: role.name.clone(), quorum, signoffs }
    }

    /// What an answer weighs: less than it says when it was taken back, is not whose it says, or was waived.
    pub fn outcome(&self, answer: &Answer, item: &str) -> Outcome {
        let said = answer.outcome();
        if self.voided.contains_key(&answer.id) || self.is_doubtful(answer) {
            return Outcome::Pending;
        }
        match self.waiver(item, answer.item_sha256(), Some(answer.id), said) {
            Some(_) => Outcome::Waived,
            None => said,
        }
    }

    /// A person's answer with a signature that is not good, or a good answer without one where one is asked for.
    fn is_doubtful(&self, answer: &Answer) -> bool {
        let Given::Person(word) = &answer.given else { return false };
        if word.statement.is_none() {
            let asked = self.rules.as_ref().is_ok_and(|rules| rules.policy.wants_signed_answers());
            return asked && answer.outcome() < Outcome::Pending;
        }
        self.entry(&answer.id).is_none_or(|heard| heard.voice.is_err())
    }

    fn entry(&self, id: &Digest) -> Option<&Heard> {
        self.heard.iter().find(|heard| heard.spoken.id == *id)
    }

    /// The waiver that accepts an answer, or that there is none.
    pub fn waiver(
        &self,
        item: &str,
        item_sha256: Digest,
        result: Option<Digest>,
        outcome: Outcome,
    ) -> Option<&Heard> {
        let policy = &self.rules.as_ref().ok()?.policy;
        let may_be = match outcome {
            Outcome::Fail => true,
            Outcome::Error => policy.waive_errors,
            Outcome::Pending => policy.waive_pending,
            _ => false,
        };
        let mut waivers = self.waivers(item, item_sha256, result).filter(|_| may_be);
        waivers.find(|heard| heard.statement().until.is_some_and(|until| self.now < until))
    }

    /// The last waiver of an answer whose time is over.
    pub fn ended_waiver(
        &self,
        item: &str,
        item_sha256: Digest,
        result: Option<Digest>,
    ) -> Option<&Heard> {
        let ended = self.waivers(item, item_sha256, result).filter(|heard| heard.ended);
        ended.max_by_key(|heard| heard.statement().until)
    }

    fn waivers(
        &self,
        item: &str,
        item_sha256: Digest,
        result: Option<Digest>,
    ) -> impl Iterator<Item = &Heard> {
        self.heard.iter().filter(move |heard| {
            let statement = heard.statement();
            statement.act == Act::Waived
                && heard.counts().is_some()
                && statement.item.as_deref() == Some(item)
                && statement.item_sha256 == Some(item_sha256)
                && statement.result == Some(result)
        })
    }

    /// An item was skipped by somebody who may have items skipped.
    pub fn accepts(&self, answer: &Answer) -> bool {
        let heard = self.entry(&answer.id).filter(|heard| heard.counts().is_some());
        let role = heard.map(|heard| &heard.statement().role);
        let skipped = answer.outcome() == Outcome::Skipped;
        let may = |role| self.rules.as_ref().is_ok_and(|rules| rules.policy.waive.contains(role));
        skipped && role.is_some_and(may) && !self.voided.contains_key(&answer.id)
    }

    /// Decisions of a gate that count: by the roles that the policy names, else by those of the gate.
    pub fn decisions<'h>(&'h self, gate: &'h Gate) -> impl Iterator<Item = &'h Heard> {
        let by_gate = self.rules.as_ref().is_ok_and(|rules| rules.policy.decide.is_empty());
        self.heard.iter().filter(move |heard| {
            let statement = heard.statement();
            let roles = &gate.roles;
            let is_here = roles.is_empty() || roles.iter().any(|role| role.slug == statement.role);
            let against = is_against(statement).unwrap_or(true);
            statement.act == Act::Decided
                && statement.gate.as_deref() == Some(&gate.name)
                && heard.counts().is_some()
                && (!by_gate || against || is_here)
        })
    }
}

fn signoff(heard: &Heard) -> Option<SignoffFact> {
    let statement = heard.statement();
    let weight = match &heard.voice {
        _ if heard.voided => Weight::Nothing(said!("it was taken back")),
        Err(why) => Weight::Nothing(why.clone()),
        Ok(_) if heard.stale => Weight::Stale,
        Ok(_) => Weight::Counts,
    };
    let voice = heard.voice.as_ref().ok();
    Some(SignoffFact {
        person: voice.map_or_else(|| statement.signer.clone(), |voice| voice.person.clone()),
        name: statement.name.clone(),
        key: voice.and_then(|voice| voice.key.clone()),
        says: statement.decision?,
        reason: statement.reason.clone(),
        weight,
    })
}

/// Whoever says two things beside each other says the worse of them.
fn worst_of_each(signoffs: &mut [SignoffFact]) {
    let counting = |signoff: &SignoffFact| !matches!(signoff.weight, Weight::Nothing(_));
    let worst: BTreeMap<String, Decision> =
        signoffs.iter().filter(|one| counting(one)).fold(BTreeMap::new(), |mut worst, signoff| {
            let known = worst.entry(signoff.person.clone()).or_insert(signoff.says);
            *known = signoff.says.max(*known);
            worst
        });
    for signoff in signoffs.iter_mut() {
        let says_worse = worst.get(&signoff.person).is_some_and(|worst| *worst > signoff.says);
        if counting(signoff) && says_worse {
            signoff.weight = Weight::Nothing(said!("they say otherwise at the same time"));
        }
    }
}

/// What one statement is held against.
struct Bench<'a> {
    run: &'a RunState,
    rules: &'a Rules,
    history: &'a History,
    proofs: &'a Proofs,
    now: Timestamp,
}

impl Bench<'_> {
    /// Whose it is, or why it does not count.
    fn hear(&self, spoken: &Spoken, known: &Known<'_>) -> Result<Voice, Said> {
        let statement = &spoken.statement;
        if statement.ledger != self.rules.ledger {
            return Err(said!("it is about another ledger"));
        }
        let here = self.history.is_ancestor(&statement.head, &spoken.id);
        if !here || !known.contains(&self.run.id) {
            return Err(said!("it was not made at this place of the ledger"));
        }
        let there = self.proofs.of(&spoken.id).map_or(self.now, |proof| proof.at.min(self.now));
        if statement.at.as_millis().saturating_sub(there.as_millis()) > SKEW {
            return Err(match there == self.now {
                true => said!("it claims to be made at {}, which is to come", statement.at),
                false => {
                    said!("it claims to be made at {}, which is after its time-stamp", statement.at)
                }
            });
        }
        let voice = self.voice(spoken)?;
        may_say(self.run, self.rules, &spoken.by, statement)?;
        Ok(voice)
    }

    fn is_forged(&self, spoken: &Spoken) -> bool {
        let fault = spoken.sig.as_ref().and_then(|sig| self.verify(spoken, sig).err());
        matches!(fault, Some(Fault::Wrong | Fault::Unreadable(_) | Fault::Elsewhere(_)))
    }

    /// Checks a signature at the time that is proven for it, else at the time that is asked about.
    fn verify(&self, spoken: &Spoken, sig: &str) -> Result<Signed, Fault> {
        let (rules, statement) = (self.rules, &spoken.statement);
        match self.proofs.of(&spoken.id) {
            None => rules.verify(statement, sig, self.now),
            // What is judged as of an earlier time must not change when a later one is proven.
            Some(Proof { at, size }) => {
                let proof = Proof { at: at.min(self.now), size };
                rules.verify_proven(statement, sig, self.proofs, proof)
            }
        }
    }

    fn voice(&self, spoken: &Spoken) -> Result<Voice, Said> {
        let statement = &spoken.statement;
        let Some(sig) = &spoken.sig else {
            // Bytes that are gone do not come back: where there are keys, they vouch for it.
            let forgets = statement.act == Act::Forgotten && self.rules.has_keys();
            return match self.rules.policy.wants_signatures() || forgets {
                true => Err(said!("it is not signed")),
                false => {
                    Ok(Voice { person: self.rules.signers.person(&statement.signer), key: None })
                }
            };
        };
        let signed = self.verify(spoken, sig).map_err(|fault| fault.said())?;
        let person = self.rules.signers.person(&statement.signer);
        Ok(Voice { person, key: Some(signed.fingerprint) })
    }
}
