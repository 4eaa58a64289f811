//! What differs between two runs: of one checklist or of two versions of it, between releases or environments.
//!
//! Items are compared by their identities. What says which run it is (release, commit, who opened it) is named beside
//! the differences, and is none itself.

use serde::Serialize;

use crate::checklist::Checklist;
use crate::judge::{Call, Verdict};
use crate::ledger::record::{ItemResult, PlanItem};
use crate::ledger::state::RunState;
use crate::outcome::{CheckResult, Outcome};
use crate::said;
use crate::said::Said;
use crate::standing::looser::{Terms, looser};
use crate::standing::{Heard, Hearing};

mod facts;
mod html;
mod items;
mod seen;

pub use html::html;

/// One of two runs, as it stood.
pub struct Side<'a> {
    /// The run.
    pub run: &'a RunState,
    /// The checklist that it was opened with.
    pub checklist: &'a Checklist,
    /// The plan that it was opened with.
    pub plan: &'a [PlanItem],
    /// What people stated.
    pub hearing: &'a Hearing,
    /// A verdict for each gate.
    pub verdicts: &'a [Verdict],
    /// The gate that it speaks for (index into `verdicts`).
    pub gate: usize,
    /// What was decided at each gate.
    pub decided: Vec<Option<(Call, &'a Heard)>>,
    /// What each item of the checklist comes to, in its order.
    pub outcomes: Vec<Outcome>,
    /// The checks of a result, from evidence where its line only names them.
    pub checks: &'a dyn Fn(&ItemResult) -> Option<Vec<CheckResult>>,
}

/// All that differs, what matters most first. Texts are as the ledger has them.
#[derive(Clone, Debug, Serialize)]
pub struct Diff {
    /// The run that is compared with.
    pub from: About,
    /// The run that is compared.
    pub to: About,
    /// Something differs beside which run it is, and what checks saw.
    pub differs: bool,
    /// The verdict of a gate, or an item that a gate asks for, is worse in the second.
    pub worse: bool,
    /// What says which run it is, where that differs.
    pub about: Vec<Change>,
    /// Verdicts, decisions, signers, parameters, rules.
    pub facts: Vec<Change>,
    /// What the second asks for less, each in a line.
    #[serde(serialize_with = "said::english_each")]
    pub looser: Vec<Said>,
    /// Items, what is worse first.
    pub items: Vec<ItemChange>,
    /// How many items do not differ.
    pub unchanged: usize,
}

/// Which run it is.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct About {
    pub run: String,
    pub checklist: String,
    pub title: String,
    pub release: String,
    pub environment: String,
    pub gate: String,
    pub verdict: Call,
    /// The newest time that an entry of it claims.
    pub at: String,
}

/// Something that is not the same; null where one of the two does not have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// What.
    #[serde(serialize_with = "said::english")]
    pub name: Said,
    /// In the first run.
    #[serde(serialize_with = "said::english_or_null")]
    pub from: Option<Said>,
    /// In the second.
    #[serde(serialize_with = "said::english_or_null")]
    pub to: Option<Said>,
}

/// An item that is not the same.
#[derive(Clone, Debug, Serialize)]
pub struct ItemChange {
    /// Its identity.
    pub item: String,
    /// What its line says, in the second run where it is there.
    pub text: String,
    /// Its line there.
    pub line: usize,
    /// A gate asks for it, in the second run where it is there.
    pub required: bool,
    /// What differs most.
    pub kind: Kind,
    /// Outcome, text, gate, who answered.
    pub changes: Vec<Change>,
    /// Its own lines as a unified diff; empty where they are the same.
    pub edit: String,
    /// What its checks saw.
    pub seen: Vec<Change>,
}

/// What differs most in an item: in the order in which they are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Its outcome is worse.
    Worse,
    /// Its outcome is better.
    Better,
    /// It is not there any more.
    Removed,
    /// It was not there.
    Added,
    /// Its text or blocks, or what is asked of it.
    Edited,
    /// Who answered it, or what was seen.
    Seen,
}

impl Kind {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Worse => "worse",
            Self::Better => "better",
            Self::Removed => "removed",
            Self::Added => "added",
            Self::Edited => "edited",
            Self::Seen => "seen",
        }
    }
}

impl Change {
    /// A change, where there is one.
    fn of(name: Said, from: Option<Said>, to: Option<Said>) -> Option<Self> {
        (from != to).then_some(Self { name, from, to })
    }

    fn between(name: Said, from: impl Into<Said>, to: impl Into<Said>) -> Option<Self> {
        Self::of(name, Some(from.into()), Some(to.into()))
    }
}

/// Compares two runs.
pub fn diff(from: &Side<'_>, to: &Side<'_>) -> Diff {
    let (items, unchanged) = items::items(from, to);
    let (facts, verdict_is_worse) = facts::facts(from, to);
    let looser = looser(&from.terms(), &to.terms());
    Diff {
        differs: items.iter().any(|item| item.kind != Kind::Seen)
            || !(facts.is_empty() && looser.is_empty()),
        worse: verdict_is_worse
            || items.iter().any(|item| item.kind == Kind::Worse && item.required),
        about: facts::about(from, to),
        from: from.about(),
        to: to.about(),
        facts,
        looser,
        items,
        unchanged,
    }
}

impl Side<'_> {
    fn about(&self) -> About {
        let opened = &self.run.opened;
        let verdict = self.verdicts.get(self.gate);
        About {
            run: opened.run.clone(),
            checklist: opened.checklist.path.clone(),
            title: opened.checklist.title.clone(),
            release: opened.release.clone(),
            environment: opened.environment.clone(),
            gate: verdict.map_or_else(String::new, |verdict| verdict.gate.clone()),
            verdict: verdict.map_or(Call::Hold, |verdict| verdict.call),
            at: self.run.last_at.to_string(),
        }
    }

    fn terms(&self) -> Terms<'_> {
        let policy = self.hearing.rules.as_ref().ok().map(|rules| &rules.policy);
        Terms { plan: self.plan, checklist: self.checklist, policy }
    }
}
