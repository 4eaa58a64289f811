//! What verification has to say about the rules and about what people stated.

use crate::clock::Timestamp;
use crate::ledger::{Ledger, Stored, state};
use crate::sign::Act;
use crate::source::Severity;
use crate::standing::{Heard, Hearing};
use crate::verify::Finding;

use super::{Home, rules};

/// Rules of the work tree that are not pinned, changes that do not count, and signatures that are not good.
pub(super) fn findings(home: &Home, ledger: &Ledger) -> Vec<Finding> {
    let ruling = rules::of(home, ledger);
    let mut found: Vec<Finding> = Vec::new();
    let ledger_file = || "ledger".to_owned();
    if let Err(why) = &ruling.rules {
        let message = format!("nobody can tell which rules hold: {why}");
        let hint = "restore the evidence from git, or pin one policy: no gate is GO before";
        found.push(finding("HL023", Severity::Error, ledger_file(), message, hint));
    }
    found.extend(ruling.unpinned.iter().map(|one| {
        let hint = "`holdpoint policy --pin` pins it; until then what is pinned holds";
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
    let proofs = ledger.proofs(&ruling.rules);
    for run in state::runs(ledger.history(), &entries) {
        let now: Timestamp = home.clock.now();
        let hearing = Hearing::of(&run, &ruling.rules, ledger.history(), &proofs, now);
        found.extend(hearing.heard.iter().filter_map(doubt));
    }
    found
}

/// A statement that does not count. A signature that is not good may be one that was: keys expire.
fn doubt(heard: &Heard) -> Option<Finding> {
    let why = heard.voice.as_ref().err()?;
    let statement = heard.statement();
    let kind = match statement.act {
        Act::Signoff => "sign-off",
        Act::Waived => "waiver",
        Act::Decided => "decision",
        Act::Attested => "signed answer",
        _ => "statement",
    };
    let id = &heard.spoken.id.to_string()[..12];
    let message = format!("the {kind} of {} in entry {id} does not count: {why}", statement.name);
    let (code, severity, hint) = match heard.forged {
        true => ("HL024", Severity::Error, "somebody changed it, or signed something else"),
        false => {
            ("HL022", Severity::Warning, "`holdpoint policy` shows the rules and keys that hold")
        }
    };
    Some(finding(code, severity, "ledger".to_owned(), message, hint))
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
