//! Who may say what, by the policy.

use crate::ledger::rules::Rules;
use crate::ledger::state::RunState;
use crate::policy::{Duty, Policy};
use crate::sign::{Act, Decision, Statement};

/// Whether the rules let somebody say such a thing, whoever signed it.
///
/// # Errors
/// Why not: lower case, no full stop.
pub fn may_say(
    run: &RunState,
    rules: &Rules,
    by: &str,
    statement: &Statement,
) -> Result<(), String> {
    let policy = &rules.policy;
    if policy.name_of(&statement.signer).is_some_and(|name| name != statement.name) {
        return Err(format!("`{}` is not the name of `{}`", statement.name, statement.signer));
    }
    let role = &statement.role;
    let may = |roles: &[String], what: &str| match roles.contains(role) {
        true => Ok(()),
        false => Err(format!("the policy does not let `{role}` {what}")),
    };
    // Whoever ran something in the run does not do this.
    let apart = || {
        let ran = |writer: &String| writer == by || policy.is_writer(writer, &statement.signer);
        match run.operators.iter().find(|writer| ran(writer)) {
            Some(writer) if writer == by => {
                Err(format!("whoever ran the checks cannot do this, and `{by}` did"))
            }
            Some(writer) => Err(format!(
                "whoever ran the checks cannot do this, and `{writer}` is taken for `{}`",
                statement.signer
            )),
            None => Ok(()),
        }
    };
    match statement.act {
        Act::Void => may(&policy.void, "take entries back")?,
        Act::Forgotten => {
            may(&policy.forget, "have evidence forgotten")?;
            apart()?;
            if statement.reason.trim().is_empty() {
                return Err("it gives no reason".to_owned());
            }
        }
        Act::Waived => {
            may(&policy.waive, "waive")?;
            apart()?;
            lasts(statement, policy)?;
        }
        Act::Attested if statement.decision == Some(Decision::Skipped) => {
            may(&policy.waive, "have items skipped")?;
            apart()?;
        }
        Act::Decided if is_against(statement)? => {
            may(&policy.decide_against, "decide against the verdict")?;
            if statement.reason.trim().is_empty() {
                return Err("it is against the verdict, and gives no reason".to_owned());
            }
        }
        Act::Decided if !policy.decide.is_empty() => may(&policy.decide, "decide")?,
        _ => {}
    }
    if policy.separates(Duty::Operator) && matches!(statement.act, Act::Signoff | Act::Decided) {
        apart()?;
    }
    Ok(())
}

/// A decision against the verdict that it names. Where the verdict is HOLD, NO-GO is none.
pub(super) fn is_against(statement: &Statement) -> Result<bool, String> {
    let is_go = statement.decision == Some(Decision::Go);
    match statement.verdict.as_deref() {
        Some("GO") => Ok(!is_go),
        Some("NO-GO" | "HOLD") => Ok(is_go),
        _ => Err("it names no verdict".to_owned()),
    }
}

fn lasts(waiver: &Statement, policy: &Policy) -> Result<(), String> {
    if waiver.reason.trim().is_empty() {
        return Err("it gives no reason".to_owned());
    }
    let (Some(days), Some(until)) = (policy.waive_days, waiver.until) else { return Ok(()) };
    match until.as_millis().saturating_sub(waiver.at.as_millis()) > days * DAY {
        true => Err(format!("it lasts longer than the {days} days that the policy allows")),
        false => Ok(()),
    }
}

/// Milliseconds of a day.
const DAY: i64 = 24 * 60 * 60 * 1000;
