//! What people said, in the places that the document leaves open for it: lines and tables to sign, boxes to decide.

use std::collections::BTreeSet;

use super::build::Builder;
use super::view::{Run, SignatureView};
use crate::checklist::{self, Gate};
use crate::said;
use crate::said::Said;

/// The places that were filled in so far.
#[derive(Default)]
pub(super) struct Places {
    /// The gate that lines speak of where the document is now.
    gate: Option<usize>,
    filled: BTreeSet<(usize, Option<usize>)>,
}

impl Builder<'_> {
    /// Below a heading stand the words of the last gate that begins before the section ends.
    pub(super) fn below(&self, section: usize, places: &mut Places) {
        let checklist = &self.subject.checklist;
        let Some(section) = checklist.sections.get(section) else { return };
        let before = |gate: &Gate| gate.line < section.end_line;
        places.gate = checklist.gates.iter().rposition(before);
    }

    /// What to say below a paragraph.
    pub(super) fn in_lines(&mut self, text: &[Run], places: &mut Places) -> Vec<String> {
        let text: String = text.iter().map(|run| run.text.as_str()).collect();
        let mut said = Vec::new();
        for line in text.lines() {
            if checklist::is_decision(line) {
                said.extend(self.decision_in(places));
            } else if let Some((label, blank)) = line.split_once([':', '：']) {
                let open = blank.trim().is_empty() || blank.contains("__") || blank.contains("...");
                said.extend(open.then(|| self.role_in(label, places)).into_iter().flatten());
            }
        }
        said
    }

    /// What to say below a table: a row for each role.
    pub(super) fn in_rows(&mut self, rows: &[Vec<Vec<Run>>], places: &mut Places) -> Vec<String> {
        let mut said = Vec::new();
        for cell in rows.iter().flatten() {
            let text: String = cell.iter().map(|run| run.text.as_str()).collect();
            said.extend(self.role_in(&text, places));
        }
        said
    }

    fn decision_in(&mut self, places: &mut Places) -> Option<String> {
        let at = places.gate?;
        if !places.filled.insert((at, None)) {
            return None;
        }
        Some(match self.decision(at) {
            decision if decision.is_empty() => self.say(&said!("not decided")),
            decision => decision,
        })
    }

    fn role_in(&mut self, label: &str, places: &mut Places) -> Option<String> {
        let at = places.gate?;
        let gate = self.subject.checklist.gates.get(at)?;
        let label = label.trim().trim_matches('*').trim().to_lowercase();
        let role = gate.roles.iter().position(|role| role.name.to_lowercase() == label)?;
        if !places.filled.insert((at, Some(role))) {
            return None;
        }
        let signer = self.signers(gate).into_iter().nth(role)?;
        // What the view has is said already.
        let mut said: Vec<Said> = signer.signatures.iter().map(signature).collect();
        said.extend(Some(signer.missing).filter(|missing| !missing.is_empty()).map(Said::from));
        let said = Said::row(said, said::semicolon).unwrap_or_else(|| Said::from(""));
        Some(self.language.say(&said!("{}: {}", signer.role, said)))
    }
}

fn signature(one: &SignatureView) -> Said {
    let meaning = Said::word(one.meaning);
    let said = said!("{}, {}, {}, {}", one.says, &one.name, meaning, &one.at);
    let said = if one.signed { said } else { said!("{}, {}", said, said!("without a signature")) };
    match one.but.as_str() {
        "" => said,
        but => said!("{} ({})", said, said!("does not count: {}", but)),
    }
}
