//! How a run begins: what it is about, and what it will have to answer.

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::json::{Refused, nullable, present};

/// What a run is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunOpened {
    /// The change that it belongs to, as those who plan changes know it.
    #[serde(skip_serializing_if = "Option::is_none", default, deserialize_with = "present")]
    pub change: Option<Change>,
    /// The checklist; its bytes are kept as evidence.
    pub checklist: ChecklistFile,
    /// The commit checked out, hex; empty outside git.
    pub commit: String,
    /// The work tree held changes.
    pub dirty: bool,
    /// Where to.
    pub environment: String,
    /// Names of the gates, in order.
    pub gates: Vec<String>,
    /// How many items.
    pub items: i64,
    /// Digest of the plan (a canonical list of [`PlanItem`]), kept as evidence.
    pub items_sha256: Digest,
    /// Parameters in effect, by name.
    pub params: Vec<Param>,
    /// What is released.
    pub release: String,
    /// The run's id.
    pub run: String,
}

/// A change, in the words of whoever asked for it. All keys are optional texts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Change {
    #[serde(skip_serializing_if = "Option::is_none", default, deserialize_with = "present")]
    pub back_out: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default, deserialize_with = "present")]
    pub impact: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default, deserialize_with = "present")]
    pub kind: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default, deserialize_with = "present")]
    pub reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default, deserialize_with = "present")]
    pub reference: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default, deserialize_with = "present")]
    pub requester: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default, deserialize_with = "present")]
    pub risk: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default, deserialize_with = "present")]
    pub window: Option<String>,
}

/// Which checklist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChecklistFile {
    /// Relative to the repository's root, with `/`.
    pub path: String,
    /// Digest of the file's bytes.
    pub sha256: Digest,
    /// Its title.
    pub title: String,
}

/// A parameter: its value, or that it was redacted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Param {
    /// Its name.
    pub name: String,
    /// True for a secret.
    #[serde(skip_serializing_if = "Option::is_none", default, deserialize_with = "present")]
    pub redacted: Option<bool>,
    /// Its value, unless secret.
    #[serde(skip_serializing_if = "Option::is_none", default, deserialize_with = "present")]
    pub value: Option<String>,
}

impl Param {
    pub(super) fn check(&self) -> Result<(), Refused> {
        match (&self.value, self.redacted) {
            (Some(_), None) | (None, Some(true)) => Ok(()),
            _ => Err(Refused("a parameter has either `value` or `redacted`: true".to_owned())),
        }
    }
}

/// One line of the plan that `items_sha256` covers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanItem {
    /// Name of the gate that answers for it; null on standby.
    #[serde(deserialize_with = "nullable")]
    pub gate: Option<String>,
    /// Identity.
    pub item: String,
    /// Digest of its own lines.
    pub item_sha256: Digest,
    /// Not optional.
    pub required: bool,
}
