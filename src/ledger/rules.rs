//! Which rules hold: the policy and the keys that the ledger pins, each change of them authorised by those before.
//!
//! Files in a work tree are nothing here. A change is judged by the keys of the policy before it, at the latest time
//! that it, or what it follows, claims: the rules before it would be the looser ones, so that they must not come back
//! when a key expires.

use std::sync::Arc;

use ssh_key::PublicKey;

use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::policy::Policy;
use crate::sign::{self, Pins, Revoked, Signed, Signers, Statement};

use super::history::History;
use super::record::{self, Body};
use super::stamps::{Proof, Proofs};
use super::{Stored, record::Genesis};

/// So many changes of the rules are followed.
const MOST: usize = 1000;

/// The rules that hold at a point of the ledger.
#[derive(Clone, Debug)]
pub struct Rules {
    /// What the ledger is judged by.
    pub policy: Policy,
    /// Who may sign what.
    pub signers: Signers,
    /// Keys that are good no more.
    pub revoked: Revoked,
    /// What is pinned.
    pub pins: Pins,
    /// The entries that pinned these and those before, each with the keys that were good no more then.
    pub revoking: Vec<(Digest, Revoked)>,
    /// The ledger that statements have to name.
    pub ledger: String,
}

impl Rules {
    /// Keys are pinned.
    pub fn has_keys(&self) -> bool {
        self.pins.allowed_signers.is_some()
    }

    /// Checks the signature of a statement at a time.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn verify(
        &self,
        statement: &Statement,
        sig: &str,
        time: Timestamp,
    ) -> Result<Signed, sign::Fault> {
        sign::verify(statement, sig, &self.signers, &self.revoked, time)
    }

    /// The same for what is proven to have been there at a time: a key that was revoked behind that proof was good.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn verify_proven(
        &self,
        statement: &Statement,
        sig: &str,
        proofs: &Proofs,
        proof: Proof,
    ) -> Result<Signed, sign::Fault> {
        let was_good = |key: &PublicKey| {
            let first = self.revoking.iter().find(|(_, revoked)| revoked.holds(key));
            first.is_some_and(|(id, _)| proofs.is_behind(id, proof))
        };
        let revoked = self.revoked.without(was_good);
        sign::verify(statement, sig, &self.signers, &revoked, proof.at)
    }
}

/// The rules, or why nobody can tell; and the changes that do not count.
#[derive(Clone, Debug)]
pub struct InForce {
    /// The rules that hold.
    pub rules: Result<Arc<Rules>, String>,
    /// Entries that changed nothing, and why.
    pub refused: Vec<(Digest, String)>,
}

/// A change that counts.
struct Pinned {
    id: Digest,
    pins: Pins,
    rules: Result<Arc<Rules>, String>,
}

/// One of several signatures that a change needs.
struct Half {
    id: Digest,
    pins: Pins,
    before: Digest,
    person: String,
    key: String,
}

/// Finds the rules that hold among entries, parents first.
pub fn in_force(
    history: &History,
    entries: &[&Stored],
    evidence: &dyn Fn(&Digest) -> Option<Vec<u8>>,
) -> InForce {
    let ledger = entries.first().and_then(|first| match &first.entry.body {
        Body::Genesis(Genesis { ledger, .. }) => Some(ledger.clone()),
        _ => None,
    });
    let mut court = Court {
        history,
        entries,
        evidence,
        ledger: ledger.unwrap_or_default(),
        pinned: Vec::new(),
        halves: Vec::new(),
        forked: false,
    };
    let mut refused = Vec::new();
    for (count, (stored, policy)) in policies(entries).enumerate() {
        if count == MOST {
            let rules = Err(format!("the policy was changed more than {MOST} times"));
            return InForce { rules, refused };
        }
        match court.judge(stored, policy) {
            Ok(()) => {
                let pins = policy.pins();
                let rules = court.load(pins).map(Arc::new);
                court.pinned.push(Pinned { id: stored.id, pins, rules });
            }
            Err(why) => refused.push((stored.id, why)),
        }
    }
    InForce { rules: court.last(), refused }
}

fn policies<'e>(
    entries: &'e [&'e Stored],
) -> impl Iterator<Item = (&'e Stored, &'e record::Policy)> {
    entries.iter().filter_map(|stored| match &stored.entry.body {
        Body::Policy(policy) => Some((*stored, policy)),
        _ => None,
    })
}

struct Court<'a> {
    history: &'a History,
    entries: &'a [&'a Stored],
    evidence: &'a dyn Fn(&Digest) -> Option<Vec<u8>>,
    ledger: String,
    pinned: Vec<Pinned>,
    halves: Vec<Half>,
    /// There are two first policies.
    forked: bool,
}

impl Court<'_> {
    /// Whether a change counts: whoever made the ledger pins first, and each policy says who may change it.
    fn judge(&mut self, stored: &Stored, policy: &record::Policy) -> Result<(), String> {
        let before = self.newest(|id| self.history.is_ancestor(id, &stored.id));
        if before.is_empty() {
            // Which of two first ones was there first nobody can tell: their order in the files is no proof.
            let first = self.pinned.first();
            let other = first.is_some_and(|first| first.pins != policy.pins());
            self.forked |= other;
            return match other {
                false => Ok(()),
                true => Err("it does not know of the policy that held".to_owned()),
            };
        }
        for at in before {
            let rules = self.pinned[at].rules.clone()?;
            if rules.has_keys() {
                self.authorised(stored, policy, self.pinned[at].id, &rules)?;
            }
        }
        Ok(())
    }

    /// Whether those whom `rules` name have signed a change of them.
    fn authorised(
        &mut self,
        stored: &Stored,
        policy: &record::Policy,
        before: Digest,
        rules: &Rules,
    ) -> Result<(), String> {
        let (Some(statement), Some(sig)) = (&policy.statement, &policy.sig) else {
            return Err("it is not signed, and the policy before it asks for that".to_owned());
        };
        if statement.ledger != self.ledger {
            return Err("what was signed is for another ledger".to_owned());
        }
        let knows =
            |id: &Digest| *id == statement.head || self.history.is_ancestor(id, &statement.head);
        // What was signed before the rules that it changes would bring old rules back.
        if !knows(&before) || !self.history.is_ancestor(&statement.head, &stored.id) {
            return Err("what was signed does not know of the policy that held".to_owned());
        }
        let change = &rules.policy.change;
        if !change.roles.contains(&statement.role) {
            return Err(format!("`{}` may not change the policy", statement.role));
        }
        let seen = self.entries.iter().find(|entry| entry.id == statement.head);
        let time = stored.entry.at.max(seen.map_or(statement.at, |seen| seen.entry.at));
        let signed = rules
            .verify(statement, sig, time.max(statement.at))
            .map_err(|fault| fault.to_string())?;
        let half = Half {
            id: stored.id,
            pins: policy.pins(),
            before,
            person: rules.signers.person(&statement.signer),
            key: signed.fingerprint,
        };
        let with: Vec<&Half> = self
            .halves
            .iter()
            .filter(|other| other.pins == half.pins && other.before == half.before)
            .filter(|other| self.history.is_ancestor(&other.id, &half.id))
            .chain([&half])
            .collect();
        let distinct = |of: fn(&Half) -> &String| {
            let all: std::collections::BTreeSet<&String> =
                with.iter().map(|half| of(half)).collect();
            all.len()
        };
        let people = distinct(|half| &half.person).min(distinct(|half| &half.key));
        let missing = (change.people as usize).saturating_sub(people);
        self.halves.push(half);
        match missing {
            0 => Ok(()),
            _ => Err(format!("signatures of {missing} more are missing")),
        }
    }

    /// Of the changes that count and fit, those that no other of them knows of.
    fn newest(&self, fits: impl Fn(&Digest) -> bool) -> Vec<usize> {
        let fitting: Vec<usize> =
            (0..self.pinned.len()).filter(|&at| fits(&self.pinned[at].id)).collect();
        let is_old = |at: usize| {
            let id = &self.pinned[at].id;
            fitting.iter().any(|&other| self.history.is_ancestor(id, &self.pinned[other].id))
        };
        fitting.iter().copied().filter(|&at| !is_old(at)).collect()
    }

    fn last(&self) -> Result<Arc<Rules>, String> {
        let newest = self.newest(|_| true);
        let Some((first, rest)) = newest.split_first() else {
            return Err("the ledger pins no policy".to_owned());
        };
        let differs = |at: &usize| self.pinned[*at].pins != self.pinned[*first].pins;
        if self.forked || rest.iter().any(differs) {
            return Err("branches of the ledger pin different policies".to_owned());
        }
        let rules = self.pinned[*first].rules.clone()?;
        let all = self
            .pinned
            .iter()
            .filter_map(|pinned| Some((pinned.id, pinned.rules.as_ref().ok()?.revoked.clone())));
        Ok(Arc::new(Rules { revoking: all.collect(), ..Rules::clone(&rules) }))
    }

    fn load(&self, pins: Pins) -> Result<Rules, String> {
        let get = |digest: &Digest, what: &str| {
            (self.evidence)(digest)
                .ok_or_else(|| format!("{what} that is pinned is gone or changed"))
        };
        let policy = Policy::read(&get(&pins.policy, "the policy")?)
            .map_err(|error| format!("the policy that is pinned cannot be read: {error}"))?;
        let signers = match &pins.allowed_signers {
            None => Signers::default(),
            Some(digest) => Signers::read(&get(digest, "`allowed_signers`")?)
                .map_err(|why| format!("`allowed_signers` that is pinned cannot be read: {why}"))?,
        };
        let revoked = match &pins.revoked {
            None => Revoked::default(),
            Some(digest) => Revoked::read(&get(digest, "`revoked`")?)
                .map_err(|why| format!("`revoked` that is pinned cannot be read: {why}"))?,
        };
        let (revoking, ledger) = (Vec::new(), self.ledger.clone());
        Ok(Rules { policy, signers, revoked, pins, revoking, ledger })
    }
}
