//! What front matter says of gates and roles.

use std::collections::HashMap;

use crate::source::{Diagnostic, Span};

use super::gates::{Draft, complain, line_span, title};
use super::{Checklist, Role, identity};

/// So many sign-offs may come of roles that are declared once for all gates.
const MOST: usize = 10_000;

/// Front matter's gates, at the end of the sections that they name.
pub(super) fn gates(
    checklist: &Checklist,
    drafts: &mut Vec<Draft>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let places = Headings::of(checklist);
    for gate in &checklist.front.gates {
        let section = gate.section.as_ref().map(|name| places.find(name));
        if let Some(None) = section {
            let name = gate.section.as_deref().unwrap_or_default();
            complain(
                diagnostics,
                place(checklist, name),
                format!("gate `{}` names section `{name}`, and there is none", gate.name),
                "write the heading's text",
            );
        }
        for name in gate
            .roles
            .iter()
            .flatten()
            .filter(|name| !checklist.front.roles.iter().any(|role| role.name == **name))
        {
            complain(
                diagnostics,
                place(checklist, name),
                format!("gate `{}` names role `{name}`, which `roles` lacks", gate.name),
                "add it to `roles`",
            );
        }
        let section = section.flatten().map(|at| &checklist.sections[at]);
        let end = section.map_or(usize::MAX, |section| section.end_line);
        let line = section.map_or(checklist.source.line_count().max(1), |section| section.line);
        let mut roles = roles(checklist, gate.roles.as_deref());
        let mut line = line;
        let mut unreadable = false;
        drafts.retain(|draft| {
            // Whom the document asks there is asked, unless the declaration says who signs instead.
            if draft.end == end {
                line = draft.line;
                if gate.roles.is_none() {
                    let more = draft.roles.iter().filter(|role| !has(&roles, &role.name));
                    let more: Vec<Role> = more.cloned().collect();
                    roles.extend(more);
                    unreadable |= draft.unreadable && roles.is_empty();
                }
            }
            draft.end != end
        });
        drafts.push(Draft {
            name: gate.name.clone(),
            line,
            end,
            roles,
            unreadable,
            leftover: false,
        });
    }
}

/// Sections by what front matter may call them.
struct Headings(HashMap<String, usize>);

impl Headings {
    fn of(checklist: &Checklist) -> Self {
        let mut headings = HashMap::new();
        // Most checklists declare no gate.
        let sections = match checklist.front.gates[..] {
            [] => &[],
            _ => &checklist.sections[..],
        };
        for (at, section) in sections.iter().enumerate() {
            for name in [title(&section.title), section.title.clone()] {
                headings.entry(name.to_ascii_lowercase()).or_insert(at);
            }
        }
        Self(headings)
    }

    /// The first section of that name, with or without its number.
    fn find(&self, name: &str) -> Option<usize> {
        let names = [title(name), name.to_owned()];
        names.iter().filter_map(|name| self.0.get(&name.to_ascii_lowercase())).min().copied()
    }
}

/// Roles that front matter names sign at the gates people wrote, not at what is left.
pub(super) fn default_roles(
    checklist: &Checklist,
    drafts: &mut [Draft],
    diagnostics: &mut Vec<Diagnostic>,
) {
    let default = roles(checklist, None);
    if default.is_empty() {
        return;
    }
    let unsigned = drafts.iter_mut().filter(|draft| !draft.leftover && draft.roles.is_empty());
    for (before, draft) in unsigned.enumerate() {
        if (before + 1) * default.len() > MOST {
            let message = format!("{} roles at each of so many gates are too many", default.len());
            let hint = "name the `gates` that they sign at in front matter";
            return complain(diagnostics, line_span(checklist, draft.line), message, hint);
        }
        draft.roles.clone_from(&default);
        draft.unreadable = false;
    }
}

fn roles(checklist: &Checklist, names: Option<&[String]>) -> Vec<Role> {
    let roles = &checklist.front.roles;
    let wanted = |name: &String| names.is_none_or(|names| names.contains(name));
    roles
        .iter()
        .filter(|role| wanted(&role.name))
        .map(|role| Role {
            name: role.name.clone(),
            slug: role.id.clone().unwrap_or_else(|| identity::ascii_slug(&role.name)),
            quorum: role.quorum.unwrap_or(1),
            line: 1,
        })
        .collect()
}

/// What front matter says of a role holds wherever the document names it.
pub(super) fn complete_roles(checklist: &Checklist, drafts: &mut [Draft]) {
    for role in drafts.iter_mut().flat_map(|draft| &mut draft.roles) {
        let declared = &checklist.front.roles;
        if let Some(known) =
            declared.iter().find(|known| known.name.eq_ignore_ascii_case(&role.name))
        {
            role.quorum = known.quorum.unwrap_or(1);
            if let Some(id) = &known.id {
                role.slug.clone_from(id);
            }
        }
    }
}

/// A role that is declared and signs nowhere would be missed silently.
pub(super) fn unused_roles(
    checklist: &Checklist,
    drafts: &[Draft],
    diagnostics: &mut Vec<Diagnostic>,
) {
    for role in &checklist.front.roles {
        if !drafts.iter().any(|draft| has(&draft.roles, &role.name)) {
            complain(
                diagnostics,
                place(checklist, &role.name),
                format!("role `{}` signs at no gate", role.name),
                "write its sign-off line, or name it in the `roles` of one of `gates`",
            );
        }
    }
}

fn has(roles: &[Role], name: &str) -> bool {
    roles.iter().any(|role| role.name.eq_ignore_ascii_case(name))
}

/// The first line that says it: front matter stands at the top.
fn place(checklist: &Checklist, name: &str) -> Span {
    let at = checklist.source.text.find(name).unwrap_or(0);
    line_span(checklist, checklist.source.line_of(at))
}
