//! Front matter: YAML between `---` lines at the top of the file; what is wrong in it is told all at once.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::source::{Diagnostic, Edit, Fix, Severity, Source, Span};

use super::keys::{Keys, TOP};

/// What front matter says; everything is optional.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Front {
    /// The title, instead of the first heading.
    pub title: Option<String>,
    /// The checklist's own version.
    pub version: Option<String>,
    /// The environment it is meant for.
    pub environment: Option<String>,
    /// The language of its reports' own words, by its code.
    pub language: Option<String>,
    /// Parameters that checks read as environment variables.
    pub params: Vec<Param>,
    /// Variables of the caller that checks may see.
    pub env: Vec<String>,
    /// Who signs.
    pub roles: Vec<RoleDeclaration>,
    /// Gates beside those that the document shows.
    pub gates: Vec<GateDeclaration>,
}

/// One parameter.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Param {
    /// `[A-Z][A-Z0-9_]*`.
    pub name: String,
    /// Used when none is given.
    pub default: Option<String>,
    /// Without a value nothing runs.
    #[serde(default)]
    pub required: bool,
    /// Redacted wherever it would be written.
    #[serde(default)]
    pub secret: bool,
    /// The only values allowed; empty: any.
    #[serde(default)]
    pub values: Vec<String>,
}

/// One role.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct RoleDeclaration {
    /// As printed.
    pub name: String,
    /// ASCII slug, where the name gives none.
    pub id: Option<String>,
    /// How many people; 1 unless told.
    pub quorum: Option<u32>,
}

/// One gate.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct GateDeclaration {
    /// As people call it.
    pub name: String,
    /// Heading at whose end it stands; the end of the document unless told.
    pub section: Option<String>,
    /// Names of the roles that sign here; all of `roles` unless told.
    pub roles: Option<Vec<String>>,
}

/// Front matter cut off the file, and where the rest begins.
pub(super) struct Head {
    /// What it says.
    pub(super) front: Front,
    /// Offset of the first byte after the byte order mark and the front matter.
    pub(super) body: usize,
}

/// The largest front matter: 64 KiB.
const LIMIT: usize = 64 << 10;

/// The longest list.
const MOST: usize = 256;

/// Variables that change how programs behave: a parameter may not be named so.
const RESERVED: &[&str] = &[
    "PATH",
    "HOME",
    "SHELL",
    "BASH_ENV",
    "ENV",
    "IFS",
    "SHELLOPTS",
    "BASHOPTS",
    "CDPATH",
    "GLOBIGNORE",
    "PS4",
    "PROMPT_COMMAND",
    "TMPDIR",
    "LANG",
    "LANGUAGE",
    "USER",
    "LOGNAME",
    "PWD",
    "OLDPWD",
    "NODE_OPTIONS",
    "JAVA_TOOL_OPTIONS",
    "EDITOR",
    "PAGER",
];

/// The same for all variables that begin so.
const RESERVED_PREFIXES: &[&str] =
    &["LD_", "DYLD_", "GIT_", "PYTHON", "PERL5", "RUBY", "BASH_", "LC_", "HOLDPOINT_"];

/// Cuts the byte order mark and front matter off; says all that is wrong in it.
pub(super) fn cut(source: &Source, diagnostics: &mut Vec<Diagnostic>) -> Head {
    let bom = if source.text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let Some((yaml, body)) = between_fences(&source.text, bom) else {
        return Head { front: Front::default(), body: bom };
    };
    let place = Place { source, yaml };
    let text = place.text();
    if text.len() > LIMIT {
        let message = format!("front matter is larger than {} KiB", LIMIT >> 10);
        diagnostics.push(place.fault("HP002", yaml, message, "move prose below it"));
        return Head { front: Front::default(), body };
    }
    diagnostics.extend(unseen(&place));
    let front = if text.trim().is_empty() { Front::default() } else { read(&place, diagnostics) };
    if let Some(list) = too_long(&front) {
        let line = text.lines().position(|line| line.starts_with(list)).unwrap_or(0) + 1;
        let message = format!("`{list}` in front matter has more than {MOST} entries");
        let hint = "keep what this checklist needs";
        diagnostics.push(place.fault("HP004", place.line(line), message, hint));
        return Head { front: Front::default(), body };
    }
    for fault in faults(&front) {
        let mut lines = text.lines();
        let line = lines.position(|line| line.contains(&fault.about)).unwrap_or(0) + 1;
        diagnostics.push(place.fault("HP004", place.line(line), fault.message, &fault.hint));
    }
    Head { front, body }
}

/// Front matter in its file.
pub(super) struct Place<'s> {
    source: &'s Source,
    /// What is between the lines of dashes.
    pub(super) yaml: Span,
}

impl<'s> Place<'s> {
    pub(super) fn text(&self) -> &'s str {
        &self.source.text[self.yaml.start..self.yaml.end]
    }

    /// Where a range of the YAML is in the file.
    pub(super) fn at(&self, span: Span) -> Span {
        Span { start: self.yaml.start + span.start, end: self.yaml.start + span.end }
    }

    /// What stands in a line of the YAML, from 1.
    fn line(&self, line: usize) -> Span {
        let number = self.source.line_of(self.yaml.start) + line - 1;
        let number = number.min(self.source.line_count());
        let start = self.source.line_span(number).start;
        let text = self.source.line(number);
        let indent = text.len() - text.trim_start().len();
        Span { start: start + indent, end: start + text.len() }
    }

    pub(super) fn fault(
        &self,
        code: &'static str,
        span: Span,
        message: String,
        hint: &str,
    ) -> Diagnostic {
        let hint = Some(hint.to_owned());
        Diagnostic { code, severity: Severity::Error, span, message, hint, fix: None }
    }
}

/// Characters that a reviewer does not see: all of them go in one fix.
fn unseen(place: &Place<'_>) -> Option<Diagnostic> {
    let found = place.text().char_indices().filter(|(_, char)| is_invisible(*char));
    let at = |at: usize| place.yaml.start + at;
    let edits: Vec<Edit> = found
        .clone()
        .map(|(start, char)| Edit {
            span: Span { start: at(start), end: at(start + char.len_utf8()) },
            text: String::new(),
        })
        .collect();
    let (_, char) = found.clone().next()?;
    let message = format!("character U+{:04X} in front matter cannot be seen", char as u32);
    let finding = place.fault("HP003", edits.first()?.span, message, "delete it");
    Some(Diagnostic { fix: Some(Fix { edits }), ..finding })
}

/// Reads the YAML. A key whose value is wrong is told and set aside, so that the others are told too.
fn read(place: &Place<'_>, diagnostics: &mut Vec<Diagnostic>) -> Front {
    let mut yaml = place.text().to_owned();
    let keys = match Keys::read(&yaml) {
        Ok(keys) => keys,
        Err(error) => {
            let (line, message, hint) = explain(&error);
            diagnostics.push(place.fault("HP002", place.line(line), message, &hint));
            return Front::default();
        }
    };
    diagnostics.extend(keys.findings(place));
    for _ in 0..=TOP.len() {
        match serde_saphyr::from_str::<Front>(&yaml) {
            Ok(front) => return front,
            Err(error) => {
                let (line, message, hint) = explain(error.without_snippet());
                diagnostics.push(place.fault("HP002", place.line(line), message, &hint));
                let Some(rest) = keys.without(&yaml, line).filter(|rest| !rest.trim().is_empty())
                else {
                    break;
                };
                yaml = rest;
            }
        }
    }
    Front::default()
}

/// The YAML between the first line `---` and the next `---` or `...`, and where the rest begins.
fn between_fences(text: &str, start: usize) -> Option<(Span, usize)> {
    let is_fence = |line: &str, ends: bool| {
        let line = line.trim_end();
        line == "---" || ends && line == "..."
    };
    let mut lines = text[start..].split_inclusive('\n');
    let first = lines.next().filter(|line| is_fence(line, false))?;
    let yaml = start + first.len();
    let mut at = yaml;
    for line in lines {
        if is_fence(line, true) {
            return Some((Span { start: yaml, end: at }, at + line.len()));
        }
        at += line.len();
    }
    None
}

/// The line (from 1, in the YAML), what is wrong there, and what to do.
fn explain(error: &serde_saphyr::Error) -> (usize, String, String) {
    let line = error.location().map_or(1, |place| place.line().max(1) as usize);
    // The place is shown beside the message already.
    let first = error.to_string();
    let first = first.lines().next().unwrap_or_default().trim();
    let first = first.strip_prefix("error:").unwrap_or(first).trim();
    let first = match first.strip_prefix("line ").and_then(|rest| rest.split_once(": ")) {
        Some((_, message)) => message,
        None => first,
    };
    let first = first.split(" at line ").next().unwrap_or_default();
    let hint = "docs/checklist.md lists the keys and what they hold".to_owned();
    (line, format!("front matter cannot be read: {first}"), hint)
}

/// The first list that has more entries than anybody could answer for.
fn too_long(front: &Front) -> Option<&'static str> {
    let lists = [
        ("params", front.params.len()),
        ("env", front.env.len()),
        ("roles", front.roles.len()),
        ("gates", front.gates.len()),
    ];
    lists.into_iter().find(|(_, entries)| *entries > MOST).map(|(list, _)| list)
}

/// Something that front matter says and that cannot be meant.
struct Fault {
    /// Found in the line that it is about.
    about: String,
    message: String,
    hint: String,
}

fn faults(front: &Front) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut fault = |about: &str, message: String, hint: &str| {
        faults.push(Fault { about: about.to_owned(), message, hint: hint.to_owned() });
    };
    let mut seen = BTreeSet::new();
    for param in &front.params {
        let name = &param.name;
        if !is_name(name) {
            fault(name, format!("`{name}` cannot be a parameter"), "use A-Z, 0-9 and `_`");
        } else if is_reserved(name) {
            let message = format!("parameter `{name}` would change how programs behave");
            fault(name, message, "choose another name");
        }
        if !seen.insert(name) {
            fault(name, format!("parameter `{name}` is there twice"), "keep one");
        }
        if param.secret && param.default.is_some() {
            let message = format!("secret `{name}` has its value in the file");
            fault(name, message, "drop `default`, and give the value to each run");
        }
        if let Some(default) = &param.default
            && !param.values.is_empty()
            && !param.values.contains(default)
        {
            let message = format!("default `{default}` of `{name}` is none of its values");
            fault(name, message, "add it to `values`");
        }
    }
    for name in front.env.iter().filter(|name| !is_variable(name)) {
        let message = format!("`{name}` in `env` is no variable's name");
        fault(name, message, "list names only");
    }
    let mut seen = BTreeSet::new();
    for role in &front.roles {
        let name = &role.name;
        if role.quorum == Some(0) {
            fault(name, format!("quorum 0 for role `{name}`"), "at least 1");
        }
        if let Some(id) = role.id.as_ref().filter(|id| !is_slug(id)) {
            let message = format!("`{id}` cannot be the `id` of a role");
            fault(id, message, "use a-z, 0-9 and `-`");
        }
        if !seen.insert(name.to_lowercase()) {
            let message = format!("role `{name}` is there twice");
            fault(name, message, "keep one, with `quorum: 2` when two people sign");
        }
    }
    faults
}

fn is_slug(id: &str) -> bool {
    id.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}

fn is_variable(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// Whether a variable of this name changes how programs behave.
pub fn is_reserved(name: &str) -> bool {
    RESERVED.contains(&name) || RESERVED_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// Characters that a reviewer does not see, or that reorder what he sees.
pub fn is_invisible(char: char) -> bool {
    (char.is_control() && !matches!(char, '\n' | '\r' | '\t'))
        || matches!(char,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0d}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}
