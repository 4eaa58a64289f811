//! What differs beside the items: verdicts, decisions, signers, parameters, rules, and which run it is.

use std::collections::BTreeMap;

use super::{Change, Side};
use crate::judge::{Call, RoleFact, Weight};
use crate::ledger::record::Change as Of;
use crate::sign::Decision;

/// What says which run it is.
pub(super) fn about(from: &Side<'_>, to: &Side<'_>) -> Vec<Change> {
    let facts = |side: &Side<'_>| {
        let opened = &side.run.opened;
        let change = |part: fn(&Of) -> Option<String>| {
            opened.change.as_ref().and_then(part).unwrap_or_else(|| "none named".to_owned())
        };
        let dirty = if opened.dirty { " with uncommitted changes" } else { "" };
        [
            ("release", opened.release.clone()),
            ("environment", opened.environment.clone()),
            ("change", change(|change| change.reference.clone())),
            ("window", change(|change| change.window.clone())),
            ("commit", format!("{}{dirty}", opened.commit)),
            ("opened by", side.run.operator.clone()),
        ]
    };
    let pairs = facts(from).into_iter().zip(facts(to));
    pairs.filter_map(|((name, from), (_, to))| Change::between(name, from, to)).collect()
}

/// Everything else, and whether the verdict of a gate is worse.
pub(super) fn facts(from: &Side<'_>, to: &Side<'_>) -> (Vec<Change>, bool) {
    let (before, now) = (verdicts(from), verdicts(to));
    let worse = before
        .iter()
        .any(|(gate, call)| now.get(gate).is_some_and(|now| weight(*now) > weight(*call)));
    let words = |calls: BTreeMap<String, Call>| -> BTreeMap<String, String> {
        calls.into_iter().map(|(name, call)| (name, call.word().to_owned())).collect()
    };
    let mut all = changes(words(before), words(now));
    for of in [decisions, signers, checklist, params, rules] {
        all.extend(changes(of(from), of(to)));
    }
    (all, worse)
}

fn weight(call: Call) -> u8 {
    match call {
        Call::Go => 0,
        Call::Hold => 1,
        Call::NoGo => 2,
    }
}

fn changes(mut from: BTreeMap<String, String>, mut to: BTreeMap<String, String>) -> Vec<Change> {
    let mut names: Vec<String> = from.keys().chain(to.keys()).cloned().collect();
    names.sort();
    names.dedup();
    let change = |name: String| Change::of(&name, from.remove(&name), to.remove(&name));
    names.into_iter().filter_map(change).collect()
}

fn verdicts(side: &Side<'_>) -> BTreeMap<String, Call> {
    let verdicts = side.verdicts.iter();
    verdicts.map(|verdict| (format!("verdict of `{}`", verdict.gate), verdict.call)).collect()
}

fn decisions(side: &Side<'_>) -> BTreeMap<String, String> {
    let gates = side.verdicts.iter().zip(&side.decided);
    let decided = gates.filter_map(|(verdict, decided)| {
        let (call, heard) = decided.as_ref()?;
        let statement = heard.statement();
        let against = match statement.verdict.as_deref() {
            Some(verdict) if verdict != call.word() => format!(", against the verdict {verdict}"),
            _ => String::new(),
        };
        let reason = if statement.reason.is_empty() { "" } else { ": " };
        let by = format!("by {} ({})", statement.name, statement.role);
        let says = format!("{} {by}{against}{reason}{}", call.word(), statement.reason);
        Some((format!("decision of `{}`", verdict.gate), says))
    });
    decided.collect()
}

/// Who signed for each role of each gate, of what counts.
fn signers(side: &Side<'_>) -> BTreeMap<String, String> {
    let gates = side.checklist.gates.iter();
    let roles = gates.flat_map(|gate| {
        let roles = side.hearing.roles(gate).into_iter();
        roles.map(|role| (format!("signed for `{}` at `{}`", role.name, gate.name), signed(&role)))
    });
    roles.collect()
}

fn signed(role: &RoleFact) -> String {
    let counting = role.signoffs.iter().filter(|signoff| signoff.weight == Weight::Counts);
    let mut people: Vec<String> = counting
        .map(|signoff| {
            let says = match signoff.says {
                Decision::Go => "",
                other => other.word(),
            };
            format!("{says} {}", signoff.name).trim().to_owned()
        })
        .collect();
    people.sort();
    match (people.is_empty(), role.quorum) {
        (true, ..=1) => "nobody".to_owned(),
        (true, wanted) => format!("nobody ({wanted} people wanted)"),
        (false, _) => people.join(", "),
    }
}

fn checklist(side: &Side<'_>) -> BTreeMap<String, String> {
    let file = &side.run.opened.checklist;
    let sha256 = file.sha256.to_string();
    let facts = [
        ("checklist", file.path.clone()),
        ("checklist's title", file.title.clone()),
        ("checklist's SHA-256", sha256[..16].to_owned()),
    ];
    facts.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn params(side: &Side<'_>) -> BTreeMap<String, String> {
    let params = side.run.opened.params.iter();
    let value = |value: Option<&String>| value.cloned().unwrap_or_else(|| "secret".to_owned());
    params
        .map(|param| (format!("parameter `{}`", param.name), value(param.value.as_ref())))
        .collect()
}

fn rules(side: &Side<'_>) -> BTreeMap<String, String> {
    let short = |digest: crate::digest::Digest| digest.to_string()[..16].to_owned();
    let (policy, keys) = match &side.hearing.rules {
        Err(why) => (format!("nobody can tell: {why}"), String::new()),
        Ok(rules) => {
            let keys = rules.pins.allowed_signers.map_or_else(|| "none".to_owned(), short);
            (short(rules.pins.policy), keys)
        }
    };
    BTreeMap::from([("policy".to_owned(), policy), ("keys".to_owned(), keys)])
}
