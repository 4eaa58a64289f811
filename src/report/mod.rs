//! Sign-off reports from the ledger and its evidence alone. Opens nothing: it renders what it is given.

use crate::checklist::Checklist;
use crate::digest::Digest;
use crate::judge::Verdict;
use crate::ledger::state::RunState;

/// All that a report is made of.
pub struct Subject<'a> {
    /// The ledger it comes from.
    pub ledger: LedgerFacts,
    /// The run.
    pub run: &'a RunState,
    /// The checklist as it was when the run was opened, read again from evidence.
    pub checklist: &'a Checklist,
    /// A verdict for each gate, in order; the first that is not GO is the one next open.
    pub verdicts: &'a [Verdict],
    /// The gate that the report speaks for (index into `verdicts`).
    pub gate: usize,
    /// Evidence by digest; `None` where it is missing.
    pub evidence: &'a dyn Fn(&Digest) -> Option<Vec<u8>>,
}

/// Where the ledger stands.
#[derive(Clone, Debug)]
pub struct LedgerFacts {
    /// Its id: 32 hex digits.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The head that the report is rendered at (an entry's id).
    pub head: Digest,
    /// How many entries it has up to that head.
    pub entries: usize,
    /// Statements are signed: the policy has keys.
    pub signed: bool,
}
