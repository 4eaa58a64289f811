//! Facts in, verdict out: the pure rule of a gate. No file is opened and no clock read here.
//!
//! NO-GO when something required failed or errored; HOLD when nothing did but something required is
//! missing, or when there is nothing to judge; GO only when all that is required is there.

use serde::{Deserialize, Serialize};

use crate::outcome::Outcome;
use crate::said::{self, Said};
use crate::sign::Decision;

mod roles;
mod rule;

pub use rule::{effective, verdict};

/// What the facts say for a gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Call {
    /// Work may go on.
    #[serde(rename = "GO")]
    Go,
    /// Something is missing, nothing is wrong.
    #[serde(rename = "HOLD")]
    Hold,
    /// Something is wrong.
    #[serde(rename = "NO-GO")]
    NoGo,
}

impl Call {
    /// `GO`, `HOLD` or `NO-GO`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Go => "GO",
            Self::Hold => "HOLD",
            Self::NoGo => "NO-GO",
        }
    }
}

/// What is known of one item.
#[derive(Clone, Debug)]
pub struct ItemFact {
    /// Its identity.
    pub id: String,
    /// What the line says.
    pub text: String,
    /// Its line in the checklist, from 1.
    pub line: usize,
    /// Marked optional, itself or through an item around it.
    pub optional: bool,
    /// It has a check of its own.
    pub checked: bool,
    /// False where its document has its checks for other parameters: nobody has to answer it then.
    pub applies: bool,
    /// Its own newest answer; `Pending` when there is none.
    pub outcome: Outcome,
    /// It was skipped with a signature that may do so.
    pub accepted: bool,
    /// The item it is nested in (index into the facts' items, always a smaller one).
    pub parent: Option<usize>,
    /// Why it is as it is, where that is known: the first expectation that did not hold.
    pub detail: Option<Said>,
}

/// What is known of one role.
#[derive(Clone, Debug)]
pub struct RoleFact {
    /// As printed.
    pub name: String,
    /// How many people have to say GO.
    pub quorum: u32,
    /// What was said for it, each person's last word.
    pub signoffs: Vec<SignoffFact>,
}

/// What somebody said for a role.
#[derive(Clone, Debug)]
pub struct SignoffFact {
    /// Who it is: the same under every name that they go by.
    pub person: String,
    /// Their printed name.
    pub name: String,
    /// Fingerprint of the key that signed; none where nothing has to be signed.
    pub key: Option<String>,
    /// What they say.
    pub says: Decision,
    /// Why.
    pub reason: String,
    /// Whether it counts.
    pub weight: Weight,
}

/// Whether something that was said counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Weight {
    /// It does.
    Counts,
    /// The run went on since.
    Stale,
    /// It does not, and why.
    Nothing(Said),
}

/// All that the verdict of a gate depends on.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The gate's name.
    pub gate: String,
    /// Its line in the checklist.
    pub line: usize,
    /// The items it answers for, in document order.
    pub items: Vec<ItemFact>,
    /// The roles it wants.
    pub roles: Vec<RoleFact>,
    /// It looks like sign-offs and no role could be read.
    pub unreadable: bool,
    /// Why the results cannot count at all (another commit, an edited checklist), if so.
    pub stale: Vec<Said>,
}

/// One reason of a verdict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// What it speaks for.
    pub call: Call,
    /// In words: lower case, no full stop.
    #[serde(serialize_with = "said::english")]
    pub text: Said,
    /// The item it is about, if one.
    pub item: Option<String>,
    /// Its place in the checklist, from 1.
    pub line: usize,
}

/// The verdict of a gate, with its reasons, most serious first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// The gate's name.
    pub gate: String,
    /// The verdict.
    pub call: Call,
    /// Why. A GO has reasons too: how many items passed, and that no role was named if so.
    pub reasons: Vec<Reason>,
    /// How many items of the gate have each outcome, parents by their children.
    pub counts: Counts,
}

/// How many items have each outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Items that passed.
    pub pass: usize,
    /// Items that failed and were waived.
    pub waived: usize,
    /// Items that somebody called not applicable.
    pub skipped: usize,
    /// Items without an answer.
    pub pending: usize,
    /// Items that could not be evaluated.
    pub error: usize,
    /// Items that failed.
    pub fail: usize,
}

impl Counts {
    /// Counts outcomes.
    pub fn of(outcomes: impl IntoIterator<Item = Outcome>) -> Self {
        let mut counts = Self::default();
        for outcome in outcomes {
            *match outcome {
                Outcome::Pass => &mut counts.pass,
                Outcome::Waived => &mut counts.waived,
                Outcome::Skipped => &mut counts.skipped,
                Outcome::Pending => &mut counts.pending,
                Outcome::Error => &mut counts.error,
                Outcome::Fail => &mut counts.fail,
            } += 1;
        }
        counts
    }

    /// How many there are.
    pub fn total(&self) -> usize {
        self.pass + self.waived + self.skipped + self.pending + self.error + self.fail
    }
}
