//! How a run is opened, and how it is gone on with.

use crate::checklist::{Checklist, Params};
use crate::digest::Digest;
use crate::json;
use crate::ledger::record::{
    Attested, BLAME, Body, Change, ChecklistFile, NOT_NAMED, Param, PlanItem, RunOpened,
};
use crate::ledger::{Ledger, Session};
use crate::outcome::Outcome;
use crate::plan::{Plan, Planned};
use crate::redact::{Redactor, Secrets, Sort};

use super::home::{cut, hex, location};
use super::stand::{find_run, with_runs};
use super::{Failure, Home, Order};

/// What is taken out of whatever is written down in a run of `plan`.
pub(super) fn secrets(home: &Home, plan: &Plan) -> Secrets {
    let patterns = home.config.redaction.patterns.clone();
    Secrets { values: plan.secrets.clone(), patterns }
}

/// Takes it out.
pub fn redactor(home: &Home, plan: &Plan) -> Redactor {
    Redactor::new(&secrets(home, plan))
}

/// A checklist is kept, shown and issued as it is: one that holds the value of a secret parameter is not run. (The value
/// of a variable may be an ordinary word, and nobody said that it is secret.)
pub(super) fn holds_no_secret(checklist: &Checklist, plan: &Plan) -> Result<(), Failure> {
    let source = &checklist.source;
    let values = plan.params.iter().filter(|param| param.secret);
    let values = values.map(|param| (param.name.clone(), param.value.clone())).collect();
    let redactor = Redactor::new(&Secrets { values, patterns: Vec::new() });
    let value = |text: &str| {
        let mut seen = redactor.sightings(text).into_iter();
        seen.find(|seen| seen.sort == Sort::Value)
            .map(|seen| (seen.name.to_owned(), seen.span.start))
    };
    let found = value(&source.text);
    let (name, place) = match (found, value(&source.path)) {
        (Some((name, at)), _) => (name, format!("{}:{}", source.path, source.line_of(at))),
        (None, Some((name, _))) => (name, "the checklist's path".to_owned()),
        (None, None) => return Ok(()),
    };
    Err(Failure::usage(
        format!("{}: nothing runs: here is a secret (`{name}`)", redactor.text(&place)),
        "checklists are kept and shown as they are: take it out, or give another secret",
    ))
}

/// The change that a run belongs to.
fn change(order: &Order, redactor: &Redactor) -> Option<Change> {
    let reference = order.change.as_deref().map(|text| cut(&redactor.text(text)));
    let window = order.window.map(|window| window.to_string());
    let named = reference.is_some() || window.is_some();
    named.then(|| Change { reference, window, ..Change::default() })
}

/// Records that a run begins; says its id.
pub(super) fn open_run(
    home: &Home,
    ledger: &mut Ledger,
    session: &Session,
    order: &Order,
    plan: &Plan,
    redactor: &Redactor,
) -> Result<String, Failure> {
    let checklist = &order.checklist.reading.checklist;
    let now = home.clock.now();
    let name = crate::ledger::record::plain(
        checklist.source.path.rsplit('/').next().unwrap_or_default().trim_end_matches(".md"),
    );
    let stamp: String = now.to_string().chars().take(19).filter(char::is_ascii_digit).collect();
    let run = format!("{name}-{}-{}-{}", &stamp[..8], &stamp[8..], &hex(home)?[..4]);
    let items = canonical_plan(plan)?;
    let opened = RunOpened {
        change: change(order, redactor),
        run: run.clone(),
        checklist: ChecklistFile {
            path: checklist.source.path.clone(),
            sha256: checklist.sha256,
            title: cut(&checklist.title),
        },
        release: cut(&redactor.text(&order.release)),
        environment: cut(&redactor.text(environment(order))),
        commit: order.commit.clone(),
        dirty: order.dirty,
        params: plan
            .params
            .iter()
            .map(|param| Param {
                name: param.name.clone(),
                value: (!param.secret).then(|| cut(&redactor.text(&param.value))),
                redacted: param.secret.then_some(true),
            })
            .collect(),
        gates: checklist.gates.iter().map(|gate| gate.name.clone()).collect(),
        items: i64::try_from(plan.items.len()).unwrap_or(i64::MAX),
        items_sha256: Digest::of(&items),
    };
    let mut evidence = vec![checklist.source.text.as_bytes().to_vec(), items];
    let mut bodies = vec![Body::RunOpened(Box::new(opened))];
    for item in &checklist.items {
        let Some(blamed) = order.ticked.get(&item.line) else { continue };
        let (piece, _) = redactor.clean(blamed.whole.as_bytes());
        bodies.push(Body::Attested(Box::new(Attested {
            run: run.clone(),
            item: item.id.clone(),
            item_sha256: item.sha256,
            outcome: Outcome::Pending,
            note: cut(&format!("{BLAME}{}", redactor.text(&blamed.said))),
            evidence: vec![Digest::of(&piece)],
            sig: None,
            statement: None,
        })));
        evidence.push(piece);
    }
    ledger.append(session, now, bodies, &evidence)?;
    Ok(run)
}

pub(super) fn environment(order: &Order) -> &str {
    let front = order.checklist.reading.checklist.front.environment.as_deref();
    order.environment.as_deref().or(front).unwrap_or(NOT_NAMED)
}

/// The plan as the ledger keeps it.
pub(super) fn canonical_plan(plan: &Plan) -> Result<Vec<u8>, Failure> {
    json::canonical(&plan_items(plan))
        .map_err(|error| Failure::ours(format!("cannot record the plan: {error}")))
}

pub(super) fn plan_items(plan: &Plan) -> Vec<PlanItem> {
    let kept = |item: &Planned| PlanItem {
        gate: item.gate.clone(),
        item: item.id.clone(),
        item_sha256: item.sha256,
        required: item.required,
    };
    plan.items.iter().map(kept).collect()
}

/// The commit that a run was opened at, and its parameters, as far as they were recorded as they were.
///
/// # Errors
/// When there is no such run.
pub fn recorded(home: &Home, run: &str) -> Result<(String, Params), Failure> {
    let ledger = with_runs(Ledger::open(location(home)))?;
    let state = find_run(&ledger, Some(run))?;
    let whole = |value: &String| !value.contains("[redacted") && cut(value) == *value;
    let params = state.opened.params.into_iter();
    let params = params.filter_map(|param| Some((param.name, param.value.filter(whole)?)));
    Ok((state.opened.commit, params.collect()))
}

/// A run goes on only with the checklist and the content that it was opened with.
pub(super) fn resume(
    ledger: &Ledger,
    run: &str,
    order: &Order,
    redactor: &Redactor,
) -> Result<String, Failure> {
    let state = find_run(ledger, Some(run))?;
    let again = "open a new run: leave `--resume` out";
    let path = &state.opened.checklist.path;
    if *path != order.checklist.reading.checklist.source.path {
        return Err(Failure::usage(format!("run `{run}` is one of `{path}`"), again));
    }
    if state.opened.checklist.sha256 != order.checklist.reading.checklist.sha256 {
        return Err(Failure::usage(
            format!("the checklist was edited since run `{run}` was opened"),
            again,
        ));
    }
    if !same_params(&state.opened.params, order, redactor) {
        return Err(Failure::usage(format!("run `{run}` was opened with other parameters"), again));
    }
    if state.opened.commit != order.commit {
        return Err(Failure::usage(
            format!(
                "run `{run}` was opened at commit {}, and this is another",
                short(&state.opened.commit)
            ),
            again,
        ));
    }
    Ok(state.opened.run)
}

pub(super) fn short(commit: &str) -> &str {
    commit.get(..12).unwrap_or(commit)
}

/// Values as far as they were recorded; those of secrets were not.
pub(super) fn same_params(opened: &[Param], order: &Order, redactor: &Redactor) -> bool {
    let declared = &order.checklist.reading.checklist.front.params;
    declared.iter().all(|param| {
        let now = order.params.get(&param.name).or(param.default.as_ref());
        match opened.iter().find(|known| known.name == param.name) {
            Some(known) if known.redacted == Some(true) => now.is_some(),
            Some(known) => known.value == now.map(|now| cut(&redactor.text(now))),
            None => now.is_none(),
        }
    })
}
