//! Two runs beside each other, each as it stood at its newest entry.

use crate::diff::{self, Diff, Side};
use crate::ledger::Ledger;
use crate::ledger::record::ItemResult;
use crate::outcome::CheckResult;

use super::home::location;
use super::issue::Asked;
use super::looks::{language, mistaken, templates, whose};
use super::past::Past;
use super::stand::with_runs;
use super::{Failure, Home, Standing};

/// What differs from the run `from` to the run `to`.
///
/// # Errors
/// When there is no such run, or its evidence is gone.
pub fn diff(home: &Home, from: &str, to: &str) -> Result<Diff, Failure> {
    let ledger = with_runs(Ledger::open(location(home)))?;
    let past = Past::of(&ledger);
    let (from, to) = (past.stood(from)?, past.stood(to)?);
    let checks = |standing: &Standing, result: &ItemResult| -> Option<Vec<CheckResult>> {
        let forgotten = |digest: &_| standing.hearing.forgets(digest).is_some();
        result.expanded(|digest| ledger.evidence(digest).filter(|_| !forgotten(digest)))
    };
    let before = |result: &ItemResult| checks(&from, result);
    let now = |result: &ItemResult| checks(&to, result);
    Ok(diff::diff(&side(&from, &before), &side(&to, &now)))
}

/// The differences as a page, in the language and the templates that are asked for.
///
/// # Errors
/// When they cannot be used.
pub fn diff_page(home: &Home, diff: &Diff, asked: &Asked) -> Result<Vec<u8>, Failure> {
    let templates = templates(home, asked.templates.as_deref())?;
    let language = asked.language.map_or_else(|| language(home), Ok)?;
    diff::html(diff, language, whose(home), &templates)
        .map_err(|error| mistaken(&templates, &error))
}

fn side<'a>(
    standing: &'a Standing,
    checks: &'a dyn Fn(&ItemResult) -> Option<Vec<CheckResult>>,
) -> Side<'a> {
    Side {
        run: &standing.run,
        checklist: &standing.checklist,
        plan: &standing.plan,
        hearing: &standing.hearing,
        verdicts: &standing.verdicts,
        gate: standing.gate,
        decided: standing.decisions(),
        outcomes: standing.outcomes(),
        checks,
    }
}
