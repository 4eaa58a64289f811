//! Who may say what, by the policy.

use crate::ledger::rules::Rules;
use crate::ledger::state::RunState;
use crate::policy::{Duty, Policy};
use crate::said;
use crate::said::Said;
use crate::sign::{Act, Decision, Statement};

/// Whether the rules let somebody say such a thing, whoever signed it.
///
/// # Errors
/// Why not: lower case, no full stop.
pub fn may_say(run: &RunState, rules: &Rules, by: &str, statement: &Statement) -> Result<(), Said> {
    let policy = &rules.policy;
    if policy.name_of(&statement.signer).is_some_and(|name| name != statement.name) {
        return Err(said!("`{}` is not the name of `{}`", &statement.name, &statement.signer));
    }
    let role = &statement.role;
    let may = |roles: &[String], what: Said| match roles.contains(role) {
        true => Ok(()),
        false => Err(said!("the policy does not let `{}` {}", role, what)),
    };
    // Whoever ran something in the run does not do this.
    let apart = || {
        let ran = |writer: &String| writer == by || policy.is_writer(writer, &statement.signer);
        match run.operators.iter().find(|writer| ran(writer)) {
            Some(writer) if writer == by => {
                Err(said!("whoever ran the checks cannot do this, and `{}` did", by))
            }
            Some(writer) => Err(said!(
                "whoever ran the checks cannot do this, and `{}` is taken for `{}`",
                writer,
                &statement.signer
            )),
            None => Ok(()),
        }
    };
    match statement.act {
        Act::Void => may(&policy.void, said!("take entries back"))?,
        Act::Forgotten => {
            may(&policy.forget, said!("have evidence forgotten"))?;
            apart()?;
            if statement.reason.trim().is_empty() {
                return Err(said!("it gives no reason"));
            }
        }
        Act::Waived => {
            may(&policy.waive, said!("waive"))?;
            apart()?;
            lasts(statement, policy)?;
        }
        Act::Attested if statement.decision == Some(Decision::Skipped) => {
            may(&policy.waive, said!("have items skipped"))?;
            apart()?;
        }
        Act::Decided if is_against(statement)? => {
            may(&policy.decide_against, said!("decide against the verdict"))?;
            if statement.reason.trim().is_empty() {
                return Err(said!("it is against the verdict, and gives no reason"));
            }
        }
        Act::Decided if !policy.decide.is_empty() => may(&policy.decide, said!("decide"))?,
        _ => {}
    }
    if policy.separates(Duty::Operator) && matches!(statement.act, Act::Signoff | Act::Decided) {
        apart()?;
    }
    Ok(())
}

/// A decision against the verdict that it names. Where the verdict is HOLD, NO-GO is none.
pub(super) fn is_against(statement: &Statement) -> Result<bool, Said> {
    let is_go = statement.decision == Some(Decision::Go);
    match statement.verdict.as_deref() {
        Some("GO") => Ok(!is_go),
        Some("NO-GO" | "HOLD") => Ok(is_go),
        _ => Err(said!("it names no verdict")),
    }
}

fn lasts(waiver: &Statement, policy: &Policy) -> Result<(), Said> {
    if waiver.reason.trim().is_empty() {
        return Err(said!("it gives no reason"));
    }
    let (Some(days), Some(until)) = (policy.waive_days, waiver.until) else { return Ok(()) };
    match until.as_millis().saturating_sub(waiver.at.as_millis()) > days * DAY {
        true => Err(said!("it lasts longer than the {} days that the policy allows", days)),
        false => Ok(()),
    }
}

/// Milliseconds of a day.
const DAY: i64 = 24 * 60 * 60 * 1000;
