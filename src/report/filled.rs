//! What people said, in the places that the document leaves open for it: lines and tables to sign, boxes to decide.

use std::collections::BTreeSet;

use super::build::Builder;
use super::view::{Run, SignatureView};
use crate::checklist::{self, Gate};
use crate::judge::Call;
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

    /// What to say below a paragraph; boxes in it are ticked as was decided.
    pub(super) fn in_lines(&mut self, text: &mut [Run], places: &mut Places) -> Vec<String> {
        let whole: String = text.iter().map(|run| run.text.as_str()).collect();
        let mut said = Vec::new();
        for line in whole.lines() {
            if checklist::is_decision(line) {
                said.extend(self.decision_in(places));
                let decided = places.gate.and_then(|at| self.subject.decided.get(at));
                if let Some(Some((call, _))) = decided {
                    tick(text, *call);
                }
            } else if let Some((label, blank)) = line.split_once([':', '：']) {
                let open = blank.trim().is_empty() || blank.contains("__") || blank.contains("...");
                let role = open.then(|| self.role_in(label, places)).flatten();
                said.extend(
                    role.map(|(role, said)| self.language.say(&said!("{}: {}", role, said))),
                );
            }
        }
        said
    }

    /// Fills the first empty cell behind each role; what to say below the table of roles that have none.
    pub(super) fn in_rows(
        &mut self,
        rows: &mut [Vec<Vec<Run>>],
        places: &mut Places,
    ) -> Vec<String> {
        let mut below = Vec::new();
        for row in rows {
            for at in 0..row.len() {
                let text: String = row[at].iter().map(|run| run.text.as_str()).collect();
                let Some((role, said)) = self.role_in(&text, places) else { continue };
                let is_empty = |cell: &&mut Vec<Run>| {
                    cell.iter().all(|run| run.text.chars().all(|c| c.is_whitespace() || c == '_'))
                };
                match row[at + 1..].iter_mut().find(is_empty) {
                    Some(cell) => {
                        let text = self.language.say(&said);
                        *cell = vec![Run { style: "filled".into(), text }];
                    }
                    None => below.push(self.language.say(&said!("{}: {}", role, said))),
                }
            }
        }
        below
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

    fn role_in(&mut self, label: &str, places: &mut Places) -> Option<(String, Said)> {
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
        let said = Said::semicolons(said).unwrap_or_else(|| Said::from(""));
        Some((signer.role, said))
    }
}

/// Ticks the box before what was decided, wherever markup begins and ends.
fn tick(text: &mut [Run], call: Call) {
    let mut boxes: Vec<(usize, usize)> = Vec::new();
    for (at, run) in text.iter().enumerate() {
        boxes.extend(run.text.match_indices(BOXES).map(|(place, _)| (at, place)));
    }
    for (at, place) in boxes {
        let behind = &text[at].text[place..];
        let rest =
            behind.chars().skip(1).chain(text[at + 1..].iter().flat_map(|run| run.text.chars()));
        let option: String = rest.skip_while(|c| c.is_whitespace()).take(6).collect();
        let word: String = option
            .to_uppercase()
            .chars()
            .take_while(|c| c.is_alphanumeric() || matches!(c, '-' | ' '))
            .collect();
        let is = match call {
            Call::Go => word.trim_end() == "GO" || word.starts_with("GO "),
            Call::NoGo => ["NO-GO", "NO GO"].iter().any(|known| word.starts_with(known)),
            Call::Hold => false,
        };
        if is {
            let length = behind.chars().next().map_or(0, char::len_utf8);
            text[at].text.replace_range(place..place + length, "☑");
        }
    }
}

/// Boxes that nobody ticked.
const BOXES: [char; 3] = ['☐', '□', '▢'];

fn signature(one: &SignatureView) -> Said {
    let meaning = Said::word(one.meaning);
    let said = said!("{}, {}, {}, {}", Said::word(one.says), &one.name, meaning, &one.at);
    let said = if one.signed { said } else { said!("{}, {}", said, said!("without a signature")) };
    match one.but.as_str() {
        "" => said,
        but => said!("{} ({})", said, said!("does not count: {}", but)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticked(texts: &[&str], call: Call) -> String {
        let run = |text: &&str| Run { style: "".into(), text: (*text).to_owned() };
        let mut runs: Vec<Run> = texts.iter().map(run).collect();
        tick(&mut runs, call);
        runs.into_iter().map(|run| run.text).collect()
    }

    #[test]
    fn the_box_before_what_was_decided_is_ticked_and_no_other() {
        assert_eq!(ticked(&["☐ GO ☐ NO-GO"], Call::Go), "☑ GO ☐ NO-GO");
        assert_eq!(ticked(&["☐ GO ☐ NO-GO"], Call::NoGo), "☐ GO ☑ NO-GO");
        assert_eq!(
            ticked(&["Decision: ☐ ", "GO", " ☐ ", "NO GO"], Call::Go),
            "Decision: ☑ GO ☐ NO GO"
        );
        assert_eq!(ticked(&["□ Go / □ no-go"], Call::NoGo), "□ Go / ☑ no-go");
        for other in ["☐ GOLD", "GO ☐", "☐", "☑ GO", "☐ GO-AHEAD"] {
            assert_eq!(ticked(&[other], Call::Go), other);
        }
        assert_eq!(ticked(&["☐ GO ☐ NO-GO"], Call::Hold), "☐ GO ☐ NO-GO");
    }
}
