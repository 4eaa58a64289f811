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
        let mut start = 0;
        for line in whole.split('\n') {
            let (at, decides) = (start, checklist::is_decision(line));
            start += line.len() + 1;
            if decides {
                said.extend(self.decision_in(places));
                let decided = places.gate.and_then(|at| self.subject.decided.get(at)?.as_ref());
                tick(text, at, line, decided.map(|(call, _)| *call));
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

/// Ticks the box of what was decided in a line that begins at a place of a text, and no other: what the document has ticked
/// by itself decides nothing, and where two options take a side nobody can tell which was meant.
fn tick(text: &mut [Run], start: usize, line: &str, decided: Option<Call>) {
    let side = match decided {
        Some(Call::Go) => Some(true),
        Some(Call::NoGo) => Some(false),
        Some(Call::Hold) | None => None,
    };
    let sides = checklist::sides(line);
    let mut meant = sides.iter().filter(|(_, theirs)| side.is_some() && *theirs == side);
    let meant = meant.next().filter(|_| meant.next().is_none());
    for one in &sides {
        let sign = if meant == Some(one) { "☑" } else { "☐" };
        let mut place = start + one.0.start..start + one.0.end;
        for run in text.iter_mut() {
            // A box is as long as any other, and within one run or no box.
            if run.text.get(place.clone()).is_some() {
                run.text.replace_range(place, sign);
                break;
            }
            let Some(from) = place.start.checked_sub(run.text.len()) else { break };
            place = from..place.end - run.text.len();
        }
    }
}

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
        tick(&mut runs, 0, &texts.concat(), call.into());
        runs.into_iter().map(|run| run.text).collect()
    }

    #[test]
    fn the_box_before_what_was_decided_is_ticked_and_no_other() {
        assert_eq!(ticked(&["☐ GO ☐ NO-GO"], Call::Go), "☑ GO ☐ NO-GO");
        assert_eq!(ticked(&["☐ GO ☐ NO-GO"], Call::NoGo), "☐ GO ☑ NO-GO");
        let apart = ["Decision: ☐ ", "GO", " ☐ ", "NO GO"];
        assert_eq!(ticked(&apart, Call::NoGo), "Decision: ☐ GO ☑ NO GO");
        assert_eq!(ticked(&["[ ] Ja / [x] Nein"], Call::Go), "☑ Ja / ☐ Nein");
        for call in [None, Some(Call::Hold)] {
            assert_eq!(ticked(&["☑ GO ☒ HOLD [x] NO-GO"], call), "☐ GO ☐ HOLD ☐ NO-GO");
        }
        assert_eq!(ticked(&["☑ GO back ☐ GO on ☐ NO-GO"], Call::Go), "☐ GO back ☐ GO on ☐ NO-GO");
    }
}
