//! What is signed: one canonical object that says all that it is about, so that it stands for nothing else.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::json::{self, Refused, nullable, present};

/// A statement, its keys in the order of canonical JSON. docs/ledger.md has them, and which of them stand only
/// in statements of some types.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// When, as the signer claims.
    pub at: Timestamp,
    /// What they say: of a sign-off, a decision or an attestation; else null.
    #[serde(deserialize_with = "nullable")]
    pub decision: Option<Decision>,
    /// The entry that a `void` takes back.
    #[serde(skip_serializing_if = "Option::is_none", default, deserialize_with = "present")]
    pub entry: Option<Digest>,
    /// What an attestation shows, or what a `forgotten` lets go.
    #[serde(skip_serializing_if = "Option::is_none", default, deserialize_with = "present")]
    pub evidence: Option<Vec<Digest>>,
    /// Name of the gate, where it is about one.
    #[serde(deserialize_with = "nullable")]
    pub gate: Option<String>,
    /// The entry that the signer saw last.
    pub head: Digest,
    /// Identity of the item, of a waiver or an attestation.
    #[serde(skip_serializing_if = "Option::is_none", default, deserialize_with = "present")]
    pub item: Option<String>,
    /// Digest of the item's own lines.
    #[serde(skip_serializing_if = "Option::is_none", default, deserialize_with = "present")]
    pub item_sha256: Option<Digest>,
    /// The ledger, as its genesis names it.
    pub ledger: String,
    /// What the signature means (21 CFR 11.50 (a) (3)).
    pub meaning: Meaning,
    /// The signer's printed name.
    pub name: String,
    /// What is to hold, of a `policy`.
    #[serde(skip_serializing_if = "Option::is_none", default, deserialize_with = "present")]
    pub policy: Option<Pins>,
    /// Why, in the signer's words; empty where nothing was said.
    pub reason: String,
    /// Digest of the report that the signer was shown, or null.
    #[serde(deserialize_with = "nullable")]
    pub report: Option<Digest>,
    /// The answer that a waiver is about; null where there was none.
    #[serde(
        skip_serializing_if = "Option::is_none",
        default,
        with = "known_or_null",
        rename = "result"
    )]
    pub result: Option<Option<Digest>>,
    /// Slug of the role.
    pub role: String,
    /// Root of the last signed checkpoint, or of the empty tree.
    pub root: Digest,
    /// The run, or null.
    #[serde(deserialize_with = "nullable")]
    pub run: Option<String>,
    /// The principal in `allowed_signers`; who claims to write, where nothing is signed.
    pub signer: String,
    /// Size of that checkpoint.
    pub size: i64,
    /// `holdpoint/signoff@v1` and the like.
    #[serde(rename = "type")]
    pub act: Act,
    /// When a waiver ends.
    #[serde(skip_serializing_if = "Option::is_none", default, deserialize_with = "present")]
    pub until: Option<Timestamp>,
    /// The verdict that a decision is about: `GO`, `HOLD` or `NO-GO`.
    #[serde(skip_serializing_if = "Option::is_none", default, deserialize_with = "present")]
    pub verdict: Option<String>,
}

/// A key that may be missing, and may be null where it is there.
mod known_or_null {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::digest::Digest;

    pub(super) fn serialize<S: Serializer>(
        value: &Option<Option<Digest>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        value.flatten().serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Option<Digest>>, D::Error> {
        Option::deserialize(deserializer).map(Some)
    }
}

/// What a statement does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Act {
    /// A person answers an item.
    #[serde(rename = "holdpoint/attested@v1")]
    Attested,
    /// A gate is decided.
    #[serde(rename = "holdpoint/decided@v1")]
    Decided,
    /// Evidence had to go.
    #[serde(rename = "holdpoint/forgotten@v1")]
    Forgotten,
    /// Other rules or keys hold from here.
    #[serde(rename = "holdpoint/policy@v1")]
    Policy,
    /// Somebody says GO, NO-GO or neither for a role.
    #[serde(rename = "holdpoint/signoff@v1")]
    Signoff,
    /// An entry is taken back.
    #[serde(rename = "holdpoint/void@v1")]
    Void,
    /// A failure is accepted for a time.
    #[serde(rename = "holdpoint/waived@v1")]
    Waived,
}

impl Act {
    /// Its word: the kind of the entry, and a part of the namespace.
    pub fn word(self) -> &'static str {
        match self {
            Self::Attested => "attested",
            Self::Decided => "decided",
            Self::Forgotten => "forgotten",
            Self::Policy => "policy",
            Self::Signoff => "signoff",
            Self::Void => "void",
            Self::Waived => "waived",
        }
    }
}

/// What somebody says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// Work may go on.
    Go,
    /// Neither.
    Abstain,
    /// It may not.
    NoGo,
    /// The item is as it should be.
    Pass,
    /// The item does not apply.
    Skipped,
    /// The item is not as it should be.
    Fail,
}

impl Decision {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Go => "GO",
            Self::Abstain => "abstains",
            Self::NoGo => "NO-GO",
            Self::Pass => "pass",
            Self::Skipped => "skipped",
            Self::Fail => "fail",
        }
    }

    /// Whether a statement of this type can say so.
    fn fits(self, act: Act) -> bool {
        match self {
            Self::Go | Self::NoGo => matches!(act, Act::Signoff | Act::Decided),
            Self::Abstain => act == Act::Signoff,
            Self::Pass | Self::Skipped | Self::Fail => act == Act::Attested,
        }
    }
}

/// What a signature means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Meaning {
    /// They approve.
    Approved,
    /// They wrote it.
    Authored,
    /// They answer for it.
    Responsible,
    /// They looked at it.
    Reviewed,
}

impl Meaning {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Authored => "authored",
            Self::Responsible => "responsible",
            Self::Reviewed => "reviewed",
        }
    }
}

/// Digests of the policy and of the files of keys, each kept as evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pins {
    /// Of `allowed_signers`, or null.
    #[serde(deserialize_with = "nullable")]
    pub allowed_signers: Option<Digest>,
    /// Of the policy, in canonical JSON.
    pub policy: Digest,
    /// Of `revoked`, or null.
    #[serde(deserialize_with = "nullable")]
    pub revoked: Option<Digest>,
}

impl Statement {
    /// The bytes that are signed: its canonical line, LF included.
    ///
    /// # Errors
    /// When a text in it has no place in canonical JSON.
    pub fn line(&self) -> Result<Vec<u8>, Refused> {
        let mut line = json::canonical(self)?;
        // What was made storable on the way would be another statement.
        if json::read::<Self>(&line)? != *self {
            return Err(Refused("a text holds NUL or U+007F".to_owned()));
        }
        line.push(b'\n');
        Ok(line)
    }

    /// The namespace of its signature, by which `allowed_signers` says who may make it:
    /// `tech-lead.signoff@holdpoint`.
    pub fn namespace(&self) -> String {
        namespace(&self.role, self.act)
    }

    /// Whether it has the keys that its type has, and no others.
    ///
    /// # Errors
    /// The first thing that does not fit.
    pub fn check(&self) -> Result<(), Refused> {
        use Act::{Attested, Decided, Forgotten, Policy, Signoff, Void, Waived};
        let keys: [(&str, bool, &[Act]); 9] = [
            ("decision", self.decision.is_some(), &[Attested, Decided, Signoff]),
            ("entry", self.entry.is_some(), &[Void]),
            ("evidence", self.evidence.is_some(), &[Attested, Forgotten]),
            ("item", self.item.is_some(), &[Attested, Waived]),
            ("item_sha256", self.item_sha256.is_some(), &[Attested, Waived]),
            ("policy", self.policy.is_some(), &[Policy]),
            ("result", self.result.is_some(), &[Waived]),
            ("until", self.until.is_some(), &[Waived]),
            ("verdict", self.verdict.is_some(), &[Decided]),
        ];
        let word = self.act.word();
        if let Some((key, is_there, _)) =
            keys.iter().find(|(_, is_there, acts)| *is_there != acts.contains(&self.act))
        {
            let what = if *is_there { "has no place in" } else { "is missing from" };
            return Err(Refused(format!("`{key}` {what} a statement of type `{word}`")));
        }
        if self.decision.is_some_and(|decision| !decision.fits(self.act)) {
            return Err(Refused(format!("its decision is none of a statement of type `{word}`")));
        }
        let gated = matches!(self.act, Decided | Signoff);
        if gated && self.gate.is_none() || (self.act == Policy) != self.run.is_none() {
            return Err(Refused(format!("a statement of type `{word}` is about something else")));
        }
        if self.size < 0 {
            return Err(Refused("its `size` is below 0".to_owned()));
        }
        Ok(())
    }
}

/// The namespace in which a role does something.
pub(super) fn namespace(role: &str, act: Act) -> String {
    format!("{role}.{}@holdpoint", act.word())
}

/// The root of a tree without leaves (RFC 6962 §2.1).
pub fn empty_root() -> Digest {
    Digest::of(b"")
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A sign-off that is as it should be.
    pub(in crate::sign) fn signoff() -> Statement {
        Statement {
            at: "2026-11-21T09:30:00.000Z".parse().expect("a time"),
            decision: Some(Decision::Go),
            entry: None,
            evidence: None,
            gate: Some("Release".to_owned()),
            head: Digest::of(b"head"),
            item: None,
            item_sha256: None,
            ledger: "00112233445566778899aabbccddeeff".to_owned(),
            meaning: Meaning::Approved,
            name: "Alice Adams".to_owned(),
            policy: None,
            reason: "läuft".to_owned(),
            report: None,
            result: None,
            role: "tech-lead".to_owned(),
            root: empty_root(),
            run: Some("release-20261121-093000-9151".to_owned()),
            signer: "alice@example.com".to_owned(),
            size: 0,
            act: Act::Signoff,
            until: None,
            verdict: None,
        }
    }

    #[test]
    fn each_type_has_its_own_keys() {
        let good = signoff();
        assert_eq!(good.check(), Ok(()));
        let waiver = Statement {
            act: Act::Waived,
            decision: None,
            item: Some("disk".to_owned()),
            item_sha256: Some(Digest::of(b"")),
            result: Some(None),
            until: Some(good.at),
            ..good.clone()
        };
        assert_eq!(waiver.check(), Ok(()));
        for wrong in [
            Statement { decision: None, ..good.clone() },
            Statement { decision: Some(Decision::Pass), ..good.clone() },
            Statement { gate: None, ..good.clone() },
            Statement { run: None, ..good.clone() },
            Statement { until: Some(good.at), ..good.clone() },
            Statement { verdict: Some("GO".to_owned()), ..good.clone() },
            Statement { size: -1, ..good.clone() },
            Statement { act: Act::Decided, ..good.clone() },
            Statement { until: None, ..waiver.clone() },
            Statement { result: None, ..waiver.clone() },
            Statement { decision: Some(Decision::Go), ..waiver },
        ] {
            assert!(wrong.check().is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn its_line_is_canonical_and_says_all_of_it() {
        let statement = signoff();
        let line = statement.line().expect("a line");
        let text = String::from_utf8(line.clone()).expect("UTF-8");
        assert!(text.starts_with("{\"at\":\"2026") && text.ends_with("}\n"), "{text}");
        assert_eq!(json::read::<Statement>(&line[..line.len() - 1]), Ok(statement.clone()));
        let hidden = Statement { reason: "a\0b".to_owned(), ..statement };
        assert!(hidden.line().is_err());
    }
}
