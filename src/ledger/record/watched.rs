//! What was seen while somebody watched.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::json::nullable;

/// What was seen of an item that must hold for a time; many looks share an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sample {
    /// Identity of the item.
    pub item: String,
    /// Digest of the item's own lines.
    pub item_sha256: Digest,
    /// The run's id.
    pub run: String,
    /// Each look, in order.
    pub samples: Vec<Look>,
}

/// One look.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Look {
    /// When.
    pub at: Timestamp,
    /// Whether it held; null where that could not be told.
    #[serde(deserialize_with = "nullable")]
    pub held: Option<bool>,
    /// What was seen.
    pub observed: String,
}

/// Whether a trigger has fired.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trigger {
    /// It has.
    pub fired: bool,
    /// Identity of the item.
    pub item: String,
    /// Digest of the item's own lines.
    pub item_sha256: Digest,
    /// What was seen.
    pub observed: String,
    /// The run's id.
    pub run: String,
    /// Since when it is so.
    pub since: Timestamp,
}
