//! How a result fits into a line of the ledger: long texts are cut, a long list becomes evidence.

use crate::digest::Digest;
use crate::json;
use crate::outcome::CheckResult;

use super::record::{DETAIL, ItemResult, LINE};

/// A result as it goes into a line.
pub enum CheckFit {
    /// As it is.
    Whole(ItemResult),
    /// Its list of checks is kept as evidence (these bytes), and the line names their digest.
    Detail {
        /// What the line says.
        result: ItemResult,
        /// Canonical JSON of the list of checks.
        detail: Vec<u8>,
    },
}

/// Texts of a result are cut to so many characters.
const TEXT: usize = 400;

impl ItemResult {
    /// Cuts long texts, and takes the list of checks out where a line would be too long.
    pub fn fit(mut self) -> CheckFit {
        for check in &mut self.checks {
            cut(&mut check.message);
            cut(&mut check.target);
            for step in &mut check.steps {
                cut_text(&mut step.title);
                for expect in &mut step.expect {
                    cut_text(&mut expect.text);
                    cut_text(&mut expect.observed);
                }
            }
        }
        let mut value = serde_json::to_value(&self.checks).unwrap_or_default();
        json::make_storable(&mut value);
        let detail = json::canonical(&value).unwrap_or_default();
        // The rest of a line is far below what is left for it here.
        if detail.len() < LINE / 2 {
            return CheckFit::Whole(self);
        }
        let digest = Digest::of(&detail).to_string();
        self.checks = vec![CheckResult {
            kind: DETAIL.to_owned(),
            steps: Vec::new(),
            target: None,
            message: Some(digest),
        }];
        CheckFit::Detail { result: self, detail }
    }

    /// The checks, read from evidence where the line only names them; `None` when that is missing.
    pub fn expanded(
        &self,
        evidence: impl Fn(&Digest) -> Option<Vec<u8>>,
    ) -> Option<Vec<CheckResult>> {
        match &self.checks[..] {
            [check] if check.kind == DETAIL => {
                let digest: Digest = check.message.as_ref()?.parse().ok()?;
                serde_json::from_slice(&evidence(&digest)?).ok()
            }
            checks => Some(checks.to_vec()),
        }
    }
}

fn cut(text: &mut Option<String>) {
    if let Some(text) = text {
        cut_text(text);
    }
}

fn cut_text(text: &mut String) {
    if text.chars().count() > TEXT {
        *text = text.chars().take(TEXT - 1).chain(['…']).collect();
    }
}
