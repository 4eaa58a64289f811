//! Before checks run: did anybody look at them? A terminal shows what would run and asks; `--locked` refuses what
//! `holdpoint.toml` does not pin.

use std::io::{self, IsTerminal};

use anstyle::AnsiColor;
use holdpoint::checklist::{Checklist, Params};
use holdpoint::config;
use holdpoint::trust::{self, Record, Subject};

use super::failure::Failure;
use super::pen::agreed;
use super::place::{self, Place};
use super::term::{self, Term};

/// Goes on where the checklist may run, as it is now.
pub(super) fn given(
    checklist: &Checklist,
    params: &Params,
    locked: bool,
    place: &Place,
    term: &Term,
) -> Result<(), Failure> {
    let name = &checklist.source.path;
    let subject = Subject::of(checklist, &place.config);
    if locked {
        return pinned(name, &subject, place);
    }
    let checks = trust::blocks(checklist).count();
    if checks == 0 || !io::stdin().is_terminal() || !term::watched() {
        return Ok(());
    }
    let record = place::state_folder().map(|folder| Record::new(&folder, &place.root, name));
    if record.as_ref().is_some_and(|record| record.holds(&subject)) {
        return Ok(());
    }
    match record.as_ref().and_then(Record::trusted) {
        Some(trusted) => {
            let name = term::bold(&term::visible(name));
            term.err(format!("{name} would run other checks than the last time here:"));
            subject.diff(&trusted).lines().skip(2).for_each(|line| term::err(&coloured(line)));
        }
        None => show(checklist),
    }
    given_to_checks(checklist, params);
    term.err(format!("Run {}? [y/N]", these(checks)));
    if !agreed() {
        let hint = "nothing was run; `holdpoint plan` shows what would";
        return Err(Failure::usage("you did not agree").hint(hint));
    }
    if let Some(Err(error)) = record.map(|record| record.keep(&subject)) {
        term.err(term::warning(&format!("cannot note that you agreed: {error}")));
    }
    Ok(())
}

fn pinned(name: &str, subject: &Subject, place: &Place) -> Result<(), Failure> {
    let now = subject.digest().to_string();
    let why = match place.config.trust.checklists.get(name) {
        Some(pinned) if *pinned == now => return Ok(()),
        Some(pinned) => format!("it is {}…, and {}… is pinned", &now[..12], &pinned[..12]),
        None => format!("`{}` pins no digest of it", config::NAME),
    };
    Err(Failure::usage(format!("`{name}` is not what may run here: {why}")).hint(format!(
        "have it reviewed, then `holdpoint plan --digest {name}` prints what to pin; nothing was run"
    )))
}

/// Every line that would run, with its number. Nothing of it is cut or taken out: a command could look like a secret.
fn show(checklist: &Checklist) {
    let name = term::bold(&term::visible(&checklist.source.path));
    term::err(&format!("{name} was not run here yet. It would run:"));
    let mut last = None;
    for (item, block) in trust::blocks(checklist) {
        if last.replace(&item.id) != Some(&item.id) {
            term::err(&format!("{:>5}  {}", item.line, term::bold(&term::flat(&item.text))));
        }
        term::err(&format!("{:>5}  {}", block.line, term::dim(&term::visible(&block.language))));
        for (at, line) in
            block.content.lines().enumerate().filter(|(_, line)| !line.trim().is_empty())
        {
            term::err(&format!(
                "{:>5}  {} {}",
                block.line + 1 + at,
                term::dim("│"),
                term::visible(line)
            ));
        }
    }
}

/// What checks are given: a command may be in a value, and a place to run it.
fn given_to_checks(checklist: &Checklist, params: &Params) {
    for param in &checklist.front.params {
        let Some(value) = params.get(&param.name).or(param.default.as_ref()) else { continue };
        let is_secret = param.secret || holdpoint::redact::is_secret(&param.name);
        let value = if is_secret { "(secret)".to_owned() } else { term::visible(value) };
        let with = term::dim("with");
        term::err(&format!("       {with} {}={value}", term::visible(&param.name)));
    }
    if !checklist.front.env.is_empty() {
        let names = checklist.front.env.join(", ");
        term::err(&format!("       {} {}", term::dim("and your"), term::visible(&names)));
    }
}

fn these(checks: usize) -> String {
    if checks == 1 { "this check".to_owned() } else { format!("these {checks} checks") }
}

fn coloured(line: &str) -> String {
    let text = term::visible(line);
    let colour = match line.as_bytes().first() {
        Some(b'+') => AnsiColor::Green,
        Some(b'-') => AnsiColor::Red,
        Some(b'@') => AnsiColor::Cyan,
        _ => return text,
    };
    term::styled(colour.on_default(), &text)
}
