//! What people state, and what they pin.

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::json::{Refused, nullable, present};
use crate::sign::{Act, Pins, Statement};

/// Which policy and keys hold from here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Digest of `allowed_signers`, or null.
    #[serde(deserialize_with = "nullable")]
    pub allowed_signers: Option<Digest>,
    /// Digest of the policy in canonical JSON, kept as evidence.
    pub policy: Digest,
    /// Digest of `revoked`, or null.
    #[serde(deserialize_with = "nullable")]
    pub revoked: Option<Digest>,
    /// The signature, where the policy before asks for one.
    #[serde(skip_serializing_if = "Option::is_none", default, deserialize_with = "present")]
    pub sig: Option<String>,
    /// What was signed.
    #[serde(skip_serializing_if = "Option::is_none", default, deserialize_with = "present")]
    pub statement: Option<Box<Statement>>,
}

impl Policy {
    /// Without a signature.
    pub fn unsigned(pins: Pins) -> Self {
        let Pins { allowed_signers, policy, revoked } = pins;
        Self { allowed_signers, policy, revoked, sig: None, statement: None }
    }

    /// What it pins.
    pub fn pins(&self) -> Pins {
        let Self { allowed_signers, policy, revoked, .. } = *self;
        Pins { allowed_signers, policy, revoked }
    }
}

/// What somebody says in a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Said {
    /// The run's id.
    pub run: String,
    /// The armoured SSHSIG, or null where the policy does not ask for one.
    #[serde(deserialize_with = "nullable")]
    pub sig: Option<String>,
    /// What is said.
    pub statement: Statement,
}

impl Said {
    pub(super) fn check(&self, act: Act) -> Result<(), Refused> {
        about(&self.statement, act, Some(&self.run))
    }
}

pub(super) fn about(statement: &Statement, act: Act, run: Option<&str>) -> Result<(), Refused> {
    statement.check()?;
    agree(statement.act == act && statement.run.as_deref() == run)
}

pub(super) fn agree(agrees: bool) -> Result<(), Refused> {
    match agrees {
        true => Ok(()),
        false => Err(Refused("its statement is about something else".to_owned())),
    }
}

pub(super) fn together(statement: bool, sig: bool) -> Result<(), Refused> {
    match statement == sig {
        true => Ok(()),
        false => Err(Refused("`statement` and `sig` stand together or not at all".to_owned())),
    }
}
