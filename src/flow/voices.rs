//! What verification has to say about the rules and about what people stated.

use crate::clock::Timestamp;
use crate::ledger::{Ledger, Stored, state};
use crate::sign::Act;
use crate::source::Severity;
use crate::standing::{Heard, Hearing};
use crate::verify::{Finding, Forgotten, Voices};

use super::{Home, forget, rules};

/// Rules of the work tree that are not pinned, changes that do not count, and signatures that are not good.
/// And what evidence they let go.
pub(super) fn of(home: &Home, ledger: &Ledger) -> Voices {
    let ruling = rules::of(home, ledger);
    let mut found: Vec<Finding> = Vec::new();
    let ledger_file = || "ledger".to_owned();
    if let Err(why) = &ruling.rules {
        let message = format!("nobody can tell which rules hold: {why}");
        let hint = "restore the evidence from git, or pin one policy: no gate is GO before";
        found.push(finding("HL023", Severity::Error, ledger_file(), message, hint));
    }
    found.extend(ruling.unpinned.iter().map(|one| {
        let hint = "what is pinned holds: restore the file from git, or pin it, if that is meant: `holdpoint policy --pin`";
        finding("HL020", Severity::Warning, one.path.to_owned(), one.message.clone(), hint)
    }));
    found.extend(ruling.refused.iter().map(|(id, why)| {
        let id = &id.to_string()[..12];
        let message = format!("entry {id} was to change the policy, and did not: {why}");
        let hint = "what was pinned before holds; ask whoever wrote it";
        let severity = if why.ends_with("missing") { Severity::Warning } else { Severity::Error };
        finding("HL021", severity, ledger_file(), message, hint)
    }));
    let entries: Vec<&Stored> = ledger.entries().iter().collect();
    let (now, proofs): (Timestamp, _) = (home.clock.now(), ledger.proofs(&ruling.rules));
    let hearings: Vec<Hearing> = state::runs(ledger.history(), &entries)
        .iter()
        .map(|run| Hearing::of(run, &ruling.rules, ledger.history(), &proofs, now))
        .collect();
    found.extend(hearings.iter().flat_map(|hearing| &hearing.heard).filter_map(doubt));
    let lots = forget::lots_of(ledger, &hearings);
    let idle = hearings.iter().flat_map(Hearing::forgotten).filter(|heard| {
        let mut named = heard.statement().evidence.iter().flatten();
        named.any(|digest| !lots.get(digest).is_some_and(|lot| lot.said.contains(&heard.spoken.id)))
    });
    found.extend(idle.map(|heard| {
        let why = "it is about evidence that its run does not name, or that cannot be forgotten";
        let hint = "nothing may be missing because of it";
        finding("HL022", Severity::Warning, "ledger".to_owned(), not_counting(heard, why), hint)
    }));
    let forgotten = lots
        .into_iter()
        .map(|(digest, lot)| (digest, Forgotten { told: lot.told, still: lot.still }));
    Voices { findings: found, forgotten: forgotten.collect() }
}

/// A statement that does not count. A signature that is not good may be one that was: keys expire.
fn doubt(heard: &Heard) -> Option<Finding> {
    let message = not_counting(heard, &heard.voice.as_ref().err()?.to_string());
    let (code, severity, hint) = match heard.forged {
        true => ("HL024", Severity::Error, "somebody changed it, or signed something else"),
        false => {
            ("HL022", Severity::Warning, "`holdpoint policy` shows the rules and keys that hold")
        }
    };
    Some(finding(code, severity, "ledger".to_owned(), message, hint))
}

fn not_counting(heard: &Heard, why: &str) -> String {
    let statement = heard.statement();
    let kind = match statement.act {
        Act::Signoff => "sign-off",
        Act::Waived => "waiver",
        Act::Decided => "decision",
        Act::Attested => "signed answer",
        Act::Forgotten => "forgetting of evidence",
        _ => "statement",
    };
    let id = &heard.spoken.id.to_string()[..12];
    format!("the {kind} of {} in entry {id} does not count: {why}", statement.name)
}

fn finding(
    code: &'static str,
    severity: Severity,
    file: String,
    message: String,
    hint: &str,
) -> Finding {
    Finding { code, severity, file, line: None, message, hint: hint.to_owned() }
}
