//! What people said, in the places that the document leaves open for it: lines and tables to sign, boxes to decide.

use std::collections::BTreeMap;

use super::build::Builder;
use super::view::{Run, SignatureView};
use crate::checklist::{self, Gate};
use crate::judge::Call;
use crate::said;
use crate::said::Said;

/// What is known of the places where the document is.
#[derive(Default)]
pub(super) struct Places {
    /// The gate that lines speak of.
    gate: Option<usize>,
    /// By gates, and by what a line would call a role, in lower case: its name, and what was said for it.
    roles: BTreeMap<usize, BTreeMap<String, (String, Said)>>,
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
                let decided = places.gate.and_then(|at| self.subject.decided.get(at)?.as_ref());
                tick(text, decided.map(|(call, _)| *call));
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
            let mut named = Vec::new();
            for (at, cell) in row.iter().enumerate() {
                let text: String = cell.iter().map(|run| run.text.as_str()).collect();
                named.extend(self.role_in(&text, places).map(|role| (at, role)));
            }
            let is_empty = |cell: &&mut Vec<Run>| {
                cell.iter().all(|run| run.text.chars().all(|c| c.is_whitespace() || c == '_'))
            };
            // A row of several roles says of none whose its cells are.
            if let [(at, (_, said))] = &named[..]
                && let Some(cell) = row[at + 1..].iter_mut().find(is_empty)
            {
                *cell = vec![Run { style: "filled".into(), text: self.language.say(said) }];
                continue;
            }
            let told = |(_, (role, said))| self.language.say(&said!("{}: {}", role, said));
            below.extend(named.into_iter().map(told));
        }
        below
    }

    fn decision_in(&mut self, places: &Places) -> Option<String> {
        Some(match self.decision(places.gate?) {
            decision if decision.is_empty() => self.say(&said!("not decided")),
            decision => decision,
        })
    }

    /// The role that a label names, and what was said for it.
    fn role_in(&mut self, label: &str, places: &mut Places) -> Option<(String, Said)> {
        let at = places.gate?;
        let gate = self.subject.checklist.gates.get(at)?;
        let label = label.trim().trim_matches('*').trim().to_lowercase();
        let roles = places.roles.entry(at).or_insert_with(|| {
            let signers = self.signers(gate).into_iter().map(|signer| {
                // What the view has is said already.
                let mut said: Vec<Said> = signer.signatures.iter().map(signature).collect();
                let missing = Some(signer.missing).filter(|missing| !missing.is_empty());
                said.extend(missing.map(Said::from));
                let said = Said::semicolons(said).unwrap_or_else(|| Said::from(""));
                (signer.role, said)
            });
            let named = gate.roles.iter().zip(signers);
            named.map(|(role, signer)| (role.name.to_lowercase(), signer)).collect()
        });
        roles.get(&label).cloned()
    }
}

/// Ticks the box before what was decided and no other, wherever markup begins and ends and whatever the document had.
fn tick(text: &mut [Run], decided: Option<Call>) {
    let mut boxes: Vec<(usize, usize)> = Vec::new();
    for (at, run) in text.iter().enumerate() {
        boxes.extend(run.text.match_indices(BOXES).map(|(place, _)| (at, place)));
    }
    for (at, place) in boxes {
        let behind = &text[at].text[place..];
        let rest =
            behind.chars().skip(1).chain(text[at + 1..].iter().flat_map(|run| run.text.chars()));
        let Some(option) = option(rest) else { continue };
        let length = behind.chars().next().map_or(0, char::len_utf8);
        let sign = if decided == Some(option) { "☑" } else { "☐" };
        text[at].text.replace_range(place..place + length, sign);
    }
}

/// GO or NO-GO, where nothing else is said with it before the next box or mark.
fn option(rest: impl Iterator<Item = char>) -> Option<Call> {
    let word = |c: &char| c.is_alphanumeric() || *c == '-' || c.is_whitespace();
    let said: String = rest.take(16).take_while(word).collect();
    match said.trim().to_uppercase().as_str() {
        "GO" => Some(Call::Go),
        "NO-GO" | "NO GO" | "NOGO" => Some(Call::NoGo),
        _ => None,
    }
}

/// Boxes, and those that somebody ticked.
const BOXES: [char; 6] = ['☐', '□', '▢', '☑', '☒', '✅'];

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

    fn ticked(texts: &[&str], call: impl Into<Option<Call>>) -> String {
        let run = |text: &&str| Run { style: "".into(), text: (*text).to_owned() };
        let mut runs: Vec<Run> = texts.iter().map(run).collect();
        tick(&mut runs, call.into());
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
        assert_eq!(ticked(&["□ Go / □ no-go"], Call::NoGo), "☐ Go / ☑ no-go");
        for other in [
            "☐ GOLD",
            "GO ☐",
            "☐",
            "☐ GO-AHEAD",
            "☐ GO back to step 1",
            "☐ GO only if NO-GO is lifted",
        ] {
            assert_eq!(ticked(&[other], Call::Go), other);
        }
        // What the document has ticked by itself decides nothing.
        assert_eq!(ticked(&["☑ GO ☐ NO-GO"], None), "☐ GO ☐ NO-GO");
        assert_eq!(ticked(&["☒ GO, ☐ NO-GO"], Call::NoGo), "☐ GO, ☑ NO-GO");
    }
}
