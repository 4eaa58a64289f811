//! Front matter: what the proposed checks need, and who signs.

use crate::checklist::Checklist;
use crate::lexicon::{GATE, ROLES};
use crate::survey::{DecisionForm, Survey};

use super::edit::Edit;
use super::rewrite::Names;

/// What is proposed for front matter; none where there is nothing to say.
///
/// # Errors
/// Why what is there cannot be extended.
pub(super) fn edit(
    checklist: &Checklist,
    survey: &Survey,
    names: &Names,
    people: bool,
) -> Result<Option<Edit>, String> {
    let params = params(names);
    let mut keys: Vec<(&str, Vec<String>)> = vec![("params", params)];
    if !names.env.is_empty() {
        let list = names.env.iter().map(|name| format!("  - {name}"));
        keys.push(("env", list.collect()));
    }
    if people {
        keys.push(("roles", roles(checklist, survey)));
        keys.push(("gates", gates(checklist, survey)));
    }
    keys.retain(|(_, lines)| !lines.is_empty());
    if keys.is_empty() {
        return Ok(None);
    }
    let source = &checklist.source;
    let bom = if source.text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let block = |keys: &[(&str, Vec<String>)]| {
        let lines = keys.iter().flat_map(|(key, lines)| {
            std::iter::once(format!("{key}:")).chain(lines.iter().cloned())
        });
        lines.collect::<Vec<String>>()
    };
    if source.text.starts_with("+++") {
        return Err("it has front matter in TOML, which is not read".to_owned());
    }
    if checklist.begins <= bom {
        let mut with = vec!["---".to_owned()];
        with.extend(block(&keys));
        with.extend(["---".to_owned(), String::new()]);
        if bom > 0 {
            return Err("it begins with a byte order mark: delete that first".to_owned());
        }
        return Ok(Some(Edit { lines: 1..1, with, block: None }));
    }
    let last = source.line_of(checklist.begins) - 1;
    let there = |key: &str| {
        (1..last).any(|line| source.line(line).trim_end().starts_with(&format!("{key}:")))
    };
    if let Some((key, _)) = keys.iter().find(|(key, _)| there(key)) {
        return Err(format!("front matter has `{key}` already: add what is missing by hand"));
    }
    Ok(Some(Edit { lines: last..last, with: block(&keys), block: None }))
}

fn params(names: &Names) -> Vec<String> {
    let lines = names.params.iter().flat_map(|(name, param)| {
        let more = match &param.default {
            Some(value) => Some(format!("    default: {}", quoted(value))),
            None if param.needed => Some("    required: true".to_owned()),
            // Only people who act use it: a run does not wait for it.
            None => None,
        };
        std::iter::once(format!("  - name: {name}")).chain(more)
    });
    lines.collect()
}

/// The roles that gates ask already, so that a quorum can be given; without any, those that lines
/// about approval name.
fn roles(checklist: &Checklist, survey: &Survey) -> Vec<String> {
    let known =
        |name: &str| checklist.front.roles.iter().any(|role| role.name.eq_ignore_ascii_case(name));
    let at_gates =
        checklist.gates.iter().flat_map(|gate| &gate.roles).map(|role| role.name.clone());
    let at_gate = |name: &str| {
        checklist.gates.iter().flat_map(|gate| &gate.roles).any(|role| role.name == name)
    };
    let mut names: Vec<String> = at_gates.collect();
    if names.is_empty() {
        let approvals = survey.signoffs.iter().filter(|signoff| signoff.field == "approval");
        names = approvals.filter_map(|signoff| signoff.role.clone()).collect();
    }
    names.retain(|name| ROLES.ends(&name.to_lowercase()).is_some() || at_gate(name));
    let mut seen = std::collections::BTreeSet::new();
    names.retain(|name| seen.insert(name.to_lowercase()) && !known(name));
    names.iter().map(|name| format!("  - name: {}", quoted(name))).collect()
}

/// A gate for each section that a sentence such as `**Gate:** …` closes.
fn gates(checklist: &Checklist, survey: &Survey) -> Vec<String> {
    let sentences = survey.decisions.iter().filter(|decision| {
        let label = decision.question.split(':').next().unwrap_or_default();
        decision.form == DecisionForm::Sentence && GATE.is(&label.trim().to_lowercase())
    });
    let mut lines = Vec::new();
    for sentence in sentences {
        let section = checklist.sections.iter().rev().find(|section| section.line < sentence.line);
        let Some(section) = section.filter(|section| !section.standby && section.level > 1) else {
            continue;
        };
        let name = section.title.trim_start_matches(|c: char| !c.is_alphanumeric());
        lines.push(format!("  - name: {}", quoted(name)));
        lines.push(format!("    section: {}", quoted(&section.title)));
    }
    lines
}

/// A string as YAML takes for one, whatever it holds.
fn quoted(text: &str) -> String {
    let plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_alphanumeric() || matches!(c, ' ' | '.' | '-' | '_' | '/'))
        && !text.ends_with(' ')
        && !["yes", "no", "true", "false", "null", "on", "off"]
            .contains(&text.to_lowercase().as_str());
    if plain { text.to_owned() } else { serde_json::Value::String(text.to_owned()).to_string() }
}
