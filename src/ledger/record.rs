//! The wire types of ledger entries, exactly as docs/ledger.md has them.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::outcome::{CheckResult, Outcome, Redaction};

/// One entry: what a line of the ledger says. Its id is the digest of the line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// When, as the writer claims.
    pub at: Timestamp,
    /// What, by kind (`kind` and `body` of the line).
    #[serde(flatten)]
    pub body: Body,
    /// The heads that the writer knew, ascending.
    pub prev: Vec<Digest>,
    /// One more than the largest `seq` among `prev`.
    pub seq: i64,
    /// The format: 1.
    pub v: i64,
    /// Who claims to write.
    pub writer: Writer,
}

/// Who claims to write, and a count of that writer's entries in this ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Writer {
    /// `name@host`, or a CI job.
    pub id: String,
    /// From 1.
    pub n: i64,
}

/// The bodies, by `kind`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "body", rename_all = "snake_case")]
pub enum Body {
    /// The first entry.
    Genesis(Genesis),
    /// Pins the policy and the keys.
    Policy(Policy),
    /// A run begins.
    RunOpened(Box<RunOpened>),
    /// A check's answer to an item.
    Result(ItemResult),
    /// A person's answer to an item.
    Attested(Attested),
    /// A report was issued.
    Report(Report),
}

/// The ledger's beginning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Genesis {
    /// 16 random bytes, hex.
    pub ledger: String,
    /// A name for people.
    pub name: String,
    /// The branch that seals.
    pub trunk: String,
    /// The log's public key, or null.
    pub log_key: Option<String>,
}

/// Which policy and keys hold from here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Digest of the policy file, kept as evidence.
    pub policy: Digest,
    /// Digest of `allowed_signers`, or null.
    pub allowed_signers: Option<Digest>,
    /// Digest of `revoked`, or null.
    pub revoked: Option<Digest>,
}

/// What a run is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunOpened {
    /// The run's id.
    pub run: String,
    /// The checklist; its bytes are kept as evidence.
    pub checklist: ChecklistFile,
    /// What is released.
    pub release: String,
    /// Where to.
    pub environment: String,
    /// The commit checked out, hex; empty outside git.
    pub commit: String,
    /// The work tree held changes.
    pub dirty: bool,
    /// Parameters in effect, by name.
    pub params: Vec<Param>,
    /// Names of the gates, in order.
    pub gates: Vec<String>,
    /// How many items.
    pub items: i64,
    /// Digest of the plan (a canonical list of [`PlanItem`]), kept as evidence.
    pub items_sha256: Digest,
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
    /// Its value, unless secret.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub value: Option<String>,
    /// True for a secret.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub redacted: Option<bool>,
}

/// One line of the plan that `items_sha256` covers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanItem {
    /// Name of the gate that answers for it; null on standby.
    pub gate: Option<String>,
    /// Identity.
    pub item: String,
    /// Digest of its own lines.
    pub item_sha256: Digest,
    /// Not optional.
    pub required: bool,
}

/// The answer of checks to an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ItemResult {
    /// The run's id.
    pub run: String,
    /// Identity of the item.
    pub item: String,
    /// Digest of the item's own lines.
    pub item_sha256: Digest,
    /// From 1.
    pub attempt: i64,
    /// The answer.
    pub outcome: Outcome,
    /// How long it took, in milliseconds.
    pub ms: i64,
    /// A result for each block that was reached. Where the line would pass 64 KiB: one of kind
    /// `detail` without steps, whose `message` is the digest of the list kept as evidence.
    pub checks: Vec<CheckResult>,
    /// What was redacted.
    pub redactions: Vec<Redaction>,
}

/// The answer of a person to an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attested {
    /// The run's id.
    pub run: String,
    /// Identity of the item.
    pub item: String,
    /// Digest of the item's own lines.
    pub item_sha256: Digest,
    /// The answer.
    pub outcome: Outcome,
    /// What they say.
    pub note: String,
    /// Digests of what they show.
    pub evidence: Vec<Digest>,
}

/// A report that was issued.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// The run's id.
    pub run: String,
    /// Name of the gate, or null for all of them.
    pub gate: Option<String>,
    /// The head that it was rendered at.
    pub head: Digest,
    /// `html`, `pdf` or `md`.
    pub format: String,
    /// Digest of its bytes.
    pub sha256: Digest,
    /// Program and version that rendered it.
    pub renderer: String,
    /// Digest of the templates.
    pub templates: Digest,
    /// Digest of the view model.
    pub view_sha256: Digest,
}
