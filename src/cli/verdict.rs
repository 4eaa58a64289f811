//! How a verdict reads: the word, what it is about, why, and what is next.

use holdpoint::checklist::Item;
use holdpoint::flow::{Issued, Looser, Standing};
use holdpoint::judge::Call;
use holdpoint::ledger::record::PlanItem;
use holdpoint::ledger::state::Given;
use holdpoint::outcome::Outcome;
use holdpoint::said;
use holdpoint::said::Said;
use holdpoint::sign::Act;
use holdpoint::standing::Heard;
use serde_json::{Value, json};

use super::term::{self, Term};

/// Prints where a run stands at the gate it speaks for, and what is next.
pub(super) fn print(standing: &Standing, term: &Term) {
    lines(standing).iter().for_each(|line| term.out(line));
    let opened = &standing.run.opened;
    let wrong = |outcome| matches!(outcome, Outcome::Fail | Outcome::Error);
    if standing.items().any(|(planned, _, outcome, _)| {
        planned.gate.as_ref() == Some(&standing.verdict().gate) && wrong(outcome)
    }) {
        let path = quoted(&opened.checklist.path);
        term.out(format!("  again: holdpoint run {path} --resume {}", quoted(&opened.run)));
    }
    if let Some(next) = next(standing) {
        term.out(format!("  next: holdpoint {next}"));
    }
}

/// The command that whoever wants a decision would give next.
fn next(standing: &Standing) -> Option<String> {
    let rules = standing.hearing.rules.as_ref().ok();
    let signed = rules.is_some_and(|rules| rules.policy.wants_signatures());
    let key = if signed { " --key FILE" } else { "" };
    if let Some(item) = waiting(standing) {
        return Some(format!("attest {} --pass --note '…'", quoted(item)));
    }
    if let Some(role) = unsigned(standing) {
        return Some(format!("sign --role {} --go{key}", quoted(role)));
    }
    let gate = standing.checklist.gates.iter().find(|gate| gate.name == standing.verdict().gate)?;
    let decides = standing.verdict().call == Call::Go
        && standing.decision().is_none()
        && !gate.roles.is_empty();
    decides.then(|| format!("decide --gate {}{key}", quoted(&gate.name)))
}

/// Where a run stands at the gate it speaks for: the verdict, why, and who said what.
pub(super) fn lines(standing: &Standing) -> Vec<String> {
    let opened = &standing.run.opened;
    let verdict = standing.verdict();
    let about = [&opened.checklist.title, &opened.release, &opened.environment]
        .map(|part| term::flat(part))
        .join(" · ");
    let about = format!("{}  {about}", term::bold(&term::flat(&verdict.gate)));
    let mut lines = vec![term::hanging(&format!("\n{}  ", term::call(verdict.call)), &about, 4)];
    for reason in &verdict.reasons {
        let mark = match reason.call {
            Call::NoGo => "✘",
            Call::Hold => "○",
            Call::Go => "✔",
        };
        let place = format!("{}:{}", opened.checklist.path, reason.line);
        lines.push(term::reason(mark, &term::flat(&reason.text.to_string()), &term::flat(&place)));
    }
    lines.extend(standing.looser.iter().flat_map(lines_of));
    lines.extend(said(standing).iter().map(|line| term::hanging("  ", line, 4)));
    lines.push(format!("  {}", counts(standing)));
    if standing.verdicts.len() > 1 {
        let gates: Vec<String> = standing
            .verdicts
            .iter()
            .map(|verdict| format!("{} {}", term::flat(&verdict.gate), term::call(verdict.call)))
            .collect();
        lines.push(term::hanging("  gates: ", &gates.join(" · "), 9));
    }
    lines.push(format!("  {}", term::dim(&format!("run {}", opened.run))));
    lines
}

/// What a run asks for less than the last one decided.
fn lines_of(looser: &Looser) -> Vec<String> {
    let run = term::flat(&looser.run);
    let first = format!("  looser than {run}, which was decided {}:", term::call(looser.decided));
    let line = |line: &Said| term::hanging("    - ", &term::flat(&line.to_string()), 6);
    std::iter::once(first).chain(looser.lines.iter().map(line)).collect()
}

/// The first role of a gate that only waits for people to sign.
fn unsigned(standing: &Standing) -> Option<&str> {
    let verdict = standing.verdict();
    let gate = standing.checklist.gates.iter().find(|gate| gate.name == verdict.gate)?;
    let names = gate.roles.iter().map(|role| role.name.as_str());
    let lacks = |name: &&str| {
        let text = said!("{} has not signed", *name);
        verdict.reasons.iter().any(|reason| reason.text == text)
    };
    names.filter(|_| verdict.call == Call::Hold).find(lacks)
}

/// The decision of the gate, and who said what for which role, with what counts of it.
fn said(standing: &Standing) -> Vec<String> {
    let gate = &standing.verdict().gate;
    let mut lines = Vec::new();
    if let Some(decided) = standing.decision() {
        let statement = decided.heard.statement();
        let reason = if statement.reason.is_empty() {
            String::new()
        } else {
            format!(": {}", statement.reason)
        };
        let text = format!(
            "by {} ({}) at {}{reason}",
            Said::name(&statement.name),
            statement.role,
            statement.at
        );
        lines.push(format!("decided: {} {}", term::call(decided.call), term::flat(&text)));
    }
    let heard = standing.hearing.heard.iter().filter(|heard| {
        let statement = heard.statement();
        statement.act == Act::Signoff && statement.gate.as_ref() == Some(gate) && !heard.settled
    });
    for heard in heard {
        let statement = heard.statement();
        let says = statement.decision.map_or("", |decision| decision.word());
        let how = match heard.standing() {
            Ok(Some(key)) => key.to_owned(),
            Ok(None) => "not signed".to_owned(),
            Err(why) => format!("does not count: {why}"),
        };
        let meaning = statement.meaning.word();
        let text = format!(
            "{}: {says} ({meaning}) by {} at {}, {how}",
            statement.role,
            Said::name(&statement.name),
            statement.at
        );
        lines.push(term::flat(&text));
    }
    lines
}

/// The first required item that waits for somebody's word at the gate that the standing speaks for.
fn waiting(standing: &Standing) -> Option<&str> {
    let items = &standing.checklist.items;
    let found = standing.items().find_map(|(planned, item, outcome, _)| {
        let item = item?;
        let asked = planned.required && planned.gate.as_ref() == Some(&standing.verdict().gate);
        let alone = !item.is_checked() && !items.iter().any(|other| is_inside(items, other, item));
        (asked && alone && outcome == Outcome::Pending).then(|| item.id.clone())
    })?;
    items.iter().find(|item| item.id == found).map(|item| item.id.as_str())
}

fn is_inside(items: &[Item], inner: &Item, outer: &Item) -> bool {
    inner.parent.is_some_and(|parent| items[parent].id == outer.id)
}

/// One word of a shell, as it is where that is one.
fn quoted(text: &str) -> String {
    let plain = text.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/'));
    if plain { text.to_owned() } else { format!("'{}'", term::flat(text)) }
}

/// `13 items: 1 fail, 2 pending, 1 on standby, 9 pass`: those of the gate, and, as in a report, those on standby.
fn counts(standing: &Standing) -> String {
    let gate = &standing.verdict().gate;
    let here = standing
        .items()
        .filter(|(planned, ..)| planned.gate.as_ref().is_none_or(|one| one == gate));
    let words: Vec<&str> = here
        .map(|(planned, _, outcome, _)| match (planned.gate.is_none(), outcome) {
            (true, Outcome::Pending) => STANDBY,
            _ => outcome.word(),
        })
        .collect();
    let parts = ["fail", "error", "pending", "skipped", "waived", STANDBY, "pass"].map(|word| {
        let count = words.iter().filter(|known| **known == word).count();
        (count > 0).then(|| format!("{count} {word}"))
    });
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    let parts = if parts.is_empty() { "none".to_owned() } else { parts.join(", ") };
    format!("{}: {parts}", term::count(words.len(), "item"))
}

/// Items that wait until somebody starts their section.
const STANDBY: &str = "on standby";

/// The same for machines: docs/json.md, "run and status".
pub(super) fn json(standing: &Standing) -> Value {
    let opened = &standing.run.opened;
    let items: Vec<Value> = standing
        .items()
        .map(|(planned, item, outcome, why)| {
            json!({
                "item": planned.item,
                "text": item.map(|item| &item.text),
                "line": item.map(|item| item.line),
                "gate": planned.gate,
                "required": planned.required,
                "outcome": outcome.word(),
                "why": why.map(|why| why.to_string()),
                "attempts": attempts(standing, &planned.item),
            })
        })
        .collect();
    json!({
        "run": opened.run,
        "checklist": opened.checklist,
        "release": opened.release,
        "environment": opened.environment,
        "commit": opened.commit,
        "dirty": opened.dirty,
        "gate": standing.verdict().gate,
        "verdict": standing.verdict().call,
        "decision": standing.decision().map(|decided| statement(&decided.heard)),
        "gates": standing.verdicts,
        "looser": standing.looser,
        "statements": standing.hearing.heard.iter().map(statement).collect::<Vec<_>>(),
        "items": items,
    })
}

/// What somebody stated, and whether it counts.
fn statement(heard: &Heard) -> Value {
    let (counts, key, why) = match heard.standing() {
        Ok(key) => (true, key, None),
        Err(why) => (false, None, Some(why.to_string())),
    };
    json!({
        "entry": heard.spoken.id,
        "counts": counts,
        "why": why,
        "key": key,
        "statement": heard.statement(),
    })
}

/// Every result of an item's checks in this run, in the ledger's order.
fn attempts(standing: &Standing, item: &str) -> Vec<Value> {
    let answers = standing.run.answers.get(item).map_or(&[][..], Vec::as_slice);
    let results = answers.iter().filter_map(|answer| match &answer.given {
        Given::Machine(result) => Some((answer, result)),
        Given::Person(_) => None,
    });
    results
        .map(|(answer, result)| {
            json!({
                "attempt": result.attempt,
                "at": answer.at.to_string(),
                "outcome": result.outcome.word(),
                "ms": result.ms,
            })
        })
        .collect()
}

/// Prints a line for each item, with what is known of it.
pub(super) fn items(standing: &Standing, term: &Term) {
    item_lines(standing, |_, _| true).iter().for_each(|line| term.out(line));
}

/// The verdict and the counts in a line, for the last look before a signature.
pub(super) fn brief(standing: &Standing) -> String {
    let verdict = standing.verdict();
    let gate = term::fit(&term::flat(&verdict.gate), 60);
    format!("the verdict of {gate} is {} now; {}", term::call(verdict.call), counts(standing))
}

/// What whoever signs has to know of items: of the one that it is about, or of all that did not pass at the gate.
pub(super) fn concerned(standing: &Standing, item: Option<&str>) -> Vec<String> {
    let gate = &standing.verdict().gate;
    item_lines(standing, |planned, outcome| match item {
        Some(id) => planned.item == id,
        None => outcome != Outcome::Pass && planned.gate.as_ref().is_none_or(|one| one == gate),
    })
}

fn item_lines(standing: &Standing, which: impl Fn(&PlanItem, Outcome) -> bool) -> Vec<String> {
    let mut lines = Vec::new();
    for (planned, item, outcome, why) in standing.items().filter(|one| which(one.0, one.2)) {
        let text = item.map_or(planned.item.as_str(), |item| &item.text);
        let notes = [
            (!planned.required).then_some("optional"),
            planned.gate.is_none().then_some("standby"),
        ];
        let notes: String = notes.iter().flatten().map(|note| format!(" ({note})")).collect();
        let id = term::dim(&format!("{}{notes}", term::flat(&planned.item)));
        let start = format!("{} ", term::outcome(outcome));
        lines.push(term::hanging(&start, &format!("{}  {id}", term::flat(text)), 10));
        if let Some(why) = why.filter(|_| outcome != Outcome::Pass) {
            let why = term::fit(&term::flat(&why.to_string()), 240);
            lines.push(term::hanging(&format!("{:10} ", ""), &why, 11));
        }
    }
    lines
}

/// Prints where reports were written.
pub(super) fn reports(issued: &[Issued], term: &Term) {
    for report in issued {
        term.out(format!("  {:<5} {}", report.format, report.path.display()));
    }
}

/// What `run` says to machines: the standing, and the reports.
pub(super) fn run_json(ran: &holdpoint::flow::Ran) -> Value {
    let mut value = json(&ran.standing);
    let reports: Vec<Value> = ran
        .reports
        .iter()
        .map(|report| json!({ "format": report.format, "path": report.path.to_string_lossy() }))
        .collect();
    value["reports"] = Value::Array(reports);
    value
}
