//! What differs beside the items: verdicts, decisions, signers, parameters, rules, and which run it is.

use std::collections::BTreeMap;

use super::{Change, Side};
use crate::judge::{Call, RoleFact, Weight};
use crate::ledger::record::Change as Of;
use crate::report;
use crate::said;
use crate::said::Said;
use crate::sign::Decision;

/// What says which run it is.
pub(super) fn about(from: &Side<'_>, to: &Side<'_>) -> Vec<Change> {
    let facts = |side: &Side<'_>| {
        let opened = &side.run.opened;
        let change = |part: fn(&Of) -> Option<String>| {
            opened.change.as_ref().and_then(part).map_or_else(|| said!("none named"), Said::from)
        };
        let commit = match opened.dirty {
            true => said!("{} with uncommitted changes", &opened.commit),
            false => Said::from(&opened.commit),
        };
        [
            (said!("release"), report::named(&opened.release)),
            (said!("environment"), report::named(&opened.environment)),
            (said!("change"), change(|change| change.reference.clone())),
            (said!("window"), change(|change| change.window.clone())),
            (said!("commit"), commit),
            (said!("opened by"), Said::from(&side.run.operator)),
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
    let words = |calls: BTreeMap<Said, Call>| -> BTreeMap<Said, Said> {
        calls.into_iter().map(|(name, call)| (name, Said::from(call.word()))).collect()
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

fn changes(mut from: BTreeMap<Said, Said>, mut to: BTreeMap<Said, Said>) -> Vec<Change> {
    let mut names: Vec<Said> = from.keys().chain(to.keys()).cloned().collect();
    names.sort();
    names.dedup();
    let change = |name: Said| {
        let (from, to) = (from.remove(&name), to.remove(&name));
        Change::of(name, from, to)
    };
    names.into_iter().filter_map(change).collect()
}

fn verdicts(side: &Side<'_>) -> BTreeMap<Said, Call> {
    let verdicts = side.verdicts.iter();
    verdicts.map(|verdict| (said!("verdict of `{}`", &verdict.gate), verdict.call)).collect()
}

fn decisions(side: &Side<'_>) -> BTreeMap<Said, Said> {
    let gates = side.verdicts.iter().zip(&side.decided);
    let decided = gates.filter_map(|(verdict, decided)| {
        let (call, heard) = decided.as_ref()?;
        let statement = heard.statement();
        let by = said!("{} ({})", Said::name(&statement.name), &statement.role);
        let says = match statement.verdict.as_deref() {
            Some(verdict) if verdict != call.word() => {
                said!("{} by {}, against the verdict {}", call.word(), by, verdict)
            }
            _ => said!("{} by {}", call.word(), by),
        };
        let says = match statement.reason.as_str() {
            "" => says,
            reason => said!("{}: {}", says, reason),
        };
        Some((said!("decision of `{}`", &verdict.gate), says))
    });
    decided.collect()
}

/// Who signed for each role of each gate, of what counts.
fn signers(side: &Side<'_>) -> BTreeMap<Said, Said> {
    let gates = side.checklist.gates.iter();
    let roles = gates.flat_map(|gate| {
        let roles = side.hearing.roles(gate).into_iter();
        roles.map(|role| {
            let name = said!("signed for `{}` at `{}`", &role.name, &gate.name);
            (name, signed(&role))
        })
    });
    roles.collect()
}

fn signed(role: &RoleFact) -> Said {
    let counting = role.signoffs.iter().filter(|signoff| signoff.weight == Weight::Counts);
    let mut people: Vec<Said> = counting
        .map(|signoff| match signoff.says {
            Decision::Go => Said::name(&signoff.name),
            other => said!("{}: {}", Said::word(other.word()), Said::name(&signoff.name)),
        })
        .collect();
    people.sort();
    Said::commas(people).unwrap_or_else(|| match role.quorum {
        ..=1 => said!("nobody"),
        wanted => said!("nobody ({} people wanted)", wanted),
    })
}

fn checklist(side: &Side<'_>) -> BTreeMap<Said, Said> {
    let file = &side.run.opened.checklist;
    let sha256 = file.sha256.to_string();
    let facts = [
        (said!("checklist"), &file.path[..]),
        (said!("checklist's title"), &file.title),
        (said!("checklist's SHA-256"), &sha256[..16]),
    ];
    facts.into_iter().map(|(name, value)| (name, Said::from(value))).collect()
}

fn params(side: &Side<'_>) -> BTreeMap<Said, Said> {
    let params = side.run.opened.params.iter();
    let value = |value: Option<&String>| value.map_or_else(|| said!("secret"), Said::from);
    params
        .map(|param| (said!("parameter `{}`", &param.name), value(param.value.as_ref())))
        .collect()
}

fn rules(side: &Side<'_>) -> BTreeMap<Said, Said> {
    let short = |digest: crate::digest::Digest| Said::from(&digest.to_string()[..16]);
    let (policy, keys) = match &side.hearing.rules {
        Err(why) => (said!("nobody can tell: {}", why), Said::from("")),
        Ok(rules) => {
            let keys = rules.pins.allowed_signers.map_or_else(|| said!("none"), short);
            (short(rules.pins.policy), keys)
        }
    };
    BTreeMap::from([(said!("policy"), policy), (said!("keys"), keys)])
}
