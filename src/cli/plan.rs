//! `holdpoint plan`: what a run would do; nothing is executed.

use std::path::PathBuf;

use holdpoint::check::{Again, Check};
use holdpoint::flow;
use holdpoint::outcome::{NOT_APPLICABLE, Outcome};
use holdpoint::plan::{Plan, PlannedCheck};
use holdpoint::redact::Redactor;
use holdpoint::trust::Subject;

use super::exit::Exit;
use super::failure::Failure;
use super::place::{self, Place};
use super::term::{self, Term};
use super::{Format, parameters};

/// Show what would run, and what waits for a person; nothing is executed
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  holdpoint plan checklists/go-live.md
  holdpoint plan checklists/go-live.md --param HOST=staging.example.com --format json
  holdpoint plan checklists/go-live.md --digest      (to pin it in holdpoint.toml)")]
pub(super) struct Args {
    /// The checklist
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    params: parameters::Given,
    /// Print only what `[trust]` in `holdpoint.toml` pins: the digest of all that affects execution
    #[arg(long, conflicts_with = "format")]
    digest: bool,
    /// Shape of the output
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

/// Plans, and prints what would run.
pub(super) fn main(args: &Args, place: &Place, term: &Term) -> Result<Exit, Failure> {
    let path = place.resolve(&args.file);
    let checklist = flow::read(&path, &place.name(&path), &place.config)?;
    if args.digest {
        let checklist = &checklist.reading.checklist;
        let digest = Subject::of(checklist, &place.config).digest();
        let name = toml::Value::String(checklist.source.path.clone());
        term.out(format!("{name} = \"{digest}\""));
        return Ok(Exit::Done);
    }
    let params = args.params.read(place)?;
    let plan = flow::plan(&checklist, &params, &place::caller())?;
    term.show_all();
    match args.format {
        Format::Json => term.json(&json(&plan, &flow::redactor(&place.home(), &plan))),
        Format::Text => {
            super::lint::talk(&checklist.reading, term);
            print(&plan, &flow::redactor(&place.home(), &plan), term);
        }
    }
    Ok(Exit::Done)
}

fn print(plan: &Plan, redactor: &Redactor, term: &Term) {
    for param in &plan.params {
        let value = if param.secret {
            "(secret)".to_owned()
        } else {
            term::visible(&redactor.text(&param.value))
        };
        term.out(format!("{} {}={value}", term::dim("with"), term::visible(&param.name)));
    }
    for item in &plan.items {
        let notes = [
            (!item.required).then_some("optional"),
            item.gate.is_none().then_some("standby"),
            item.parent.then_some("decided by the items inside it"),
            (item.checks.is_empty() && !item.parent).then_some("for a person"),
        ];
        let notes: Vec<&str> = notes.into_iter().flatten().collect();
        let notes =
            if notes.is_empty() { String::new() } else { format!(" ({})", notes.join(", ")) };
        let id = term::dim(&term::visible(&item.id));
        let text = format!("{}{notes}  {id}", term::visible(&item.text));
        term.out(term::hanging(&format!("{:>5}  ", item.line), &text, 7));
        if !item.after.is_empty() {
            let after: Vec<String> =
                item.after.iter().map(|&at| term::visible(&plan.items[at].id)).collect();
            term.out(format!("       {} {}", term::dim("after"), after.join(", ")));
        }
        for check in &item.checks {
            show(check, redactor, term);
        }
    }
    let count = |which: &dyn Fn(&holdpoint::plan::Planned) -> bool| {
        plan.items.iter().filter(|item| which(item)).count()
    };
    let counts = [
        (
            count(&|item| item.gate.is_some() && !item.checks.is_empty() && !item.is_idle()),
            "would run",
        ),
        (count(&|item| item.gate.is_some() && item.is_idle()), "not applicable"),
        (count(&|item| item.waits_for_a_person()), "for a person"),
        (
            count(&|item| item.gate.is_some() && item.parent && item.checks.is_empty()),
            "decided by items inside",
        ),
        (count(&|item| item.gate.is_none()), "on standby"),
    ];
    let counts: Vec<String> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    term.out(format!("{}: {}", term::count(plan.items.len(), "item"), counts.join(", ")));
}

fn show(check: &PlannedCheck, redactor: &Redactor, term: &Term) {
    match check {
        PlannedCheck::Broken { message, .. } => {
            let beginning = format!("       {} ", term::outcome(Outcome::Error));
            term.out(term::hanging(&beginning, &term::visible(message), 17));
        }
        PlannedCheck::Idle { why, .. } => {
            let why = format!("{NOT_APPLICABLE}{why}");
            term.out(format!("       {}", term::dim(&term::visible(&why))));
        }
        PlannedCheck::Ready { check, place, target, .. } => {
            if let Some(again) = &check.directives().again {
                term.out(format!("       {}", term::dim(&term::visible(&again.text))));
            }
            if check.directives().timeout != holdpoint::check::TIMEOUT {
                let time = check.directives().timeout.as_secs_f64();
                term.out(format!("       {}", term::dim(&format!("timeout: {time}s"))));
            }
            if let Some(place) = place {
                let place = term::visible(&redactor.text(place));
                term.out(format!("       {} {place}", term::dim("on")));
            }
            for step in check.steps() {
                let mark = if matches!(**check, Check::Shell(_)) { "$" } else { check.kind() };
                let lines = step.source.lines().map(str::trim);
                let commands = lines.filter(|line| !line.is_empty() && !is_comment(check, line));
                for (at, command) in commands.enumerate() {
                    // A probe asks one thing, in several lines.
                    let goes_on = at > 0 && mark != "$";
                    let mark = if goes_on { " ".repeat(mark.len()) } else { mark.to_owned() };
                    line(term, &mark, command);
                }
                for expectation in step.expectations() {
                    match expectation.strip_prefix("save: ") {
                        Some(saved) => line(term, "saves", saved),
                        None => line(term, "expects", expectation),
                    }
                }
            }
            if let Some(target) = target {
                let target = term::visible(&redactor.text(target));
                term.out(format!("       {} {target}", term::dim("looks at")));
            }
        }
    }
}

/// A line below an item.
fn line(term: &Term, mark: &str, text: &str) {
    let beginning = format!("       {} ", term::dim(mark));
    term.out(term::hanging(&beginning, &term::visible(text), 8 + mark.len()));
}

fn is_comment(check: &Check, line: &str) -> bool {
    let marks: &[&str] = match check.kind() {
        "sql" => &["--"],
        "http" | "node" => &["#", "//"],
        _ => &["#"],
    };
    marks.iter().any(|mark| line.starts_with(mark))
}

/// docs/json.md, "plan".
fn json(plan: &Plan, redactor: &Redactor) -> serde_json::Value {
    let items: Vec<serde_json::Value> = plan
        .items
        .iter()
        .map(|item| {
            let checks: Vec<serde_json::Value> = item
                .checks
                .iter()
                .map(|check| match check {
                    PlannedCheck::Broken { kind, message } => {
                        serde_json::json!({ "kind": kind, "error": message })
                    }
                    PlannedCheck::Idle { kind, why } => {
                        serde_json::json!({ "kind": kind, "not_applicable": why })
                    }
                    PlannedCheck::Ready { check, place, target, .. } => serde_json::json!({
                        "kind": check.kind(),
                        "on": place.as_deref().map(|place| redactor.text(place)),
                        "target": target.as_deref().map(|target| redactor.text(target)),
                        "timeout_ms": check.directives().timeout.as_millis() as u64,
                        "attempts": check.directives().again.as_ref().map_or(1, Again::attempts),
                        "steps": check.steps().map(|step| serde_json::json!({
                            "title": step.title,
                            "source": step.source,
                            "expect": step.expectations().collect::<Vec<_>>(),
                        })).collect::<Vec<_>>(),
                    }),
                })
                .collect();
            serde_json::json!({
                "item": item.id,
                "text": item.text,
                "line": item.line,
                "gate": item.gate,
                "required": item.required,
                "parent": item.parent,
                "after": item.after.iter().map(|&at| &plan.items[at].id).collect::<Vec<_>>(),
                "checks": checks,
            })
        })
        .collect();
    serde_json::json!({ "items": items })
}
