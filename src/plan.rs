//! Checklist and parameters → [`Plan`]: what runs, with what, in which order. Nothing is executed.

use std::collections::BTreeMap;

use crate::check::{self, Check, Compiled};
use crate::checklist::{Block, Checklist, Mark, Params};
use crate::digest::Digest;

/// What a run is going to do.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Every item of the checklist, in document order.
    pub items: Vec<Planned>,
    /// All that checks see of an environment.
    pub environment: BTreeMap<String, String>,
    /// Parameters in effect.
    pub params: Vec<Param>,
}

/// One item of the plan.
#[derive(Clone, Debug)]
pub struct Planned {
    /// Its identity.
    pub id: String,
    /// Digest of its own lines.
    pub sha256: Digest,
    /// What it says.
    pub text: String,
    /// Its line, from 1.
    pub line: usize,
    /// The gate that answers for it; `None` on standby: listed, and not run.
    pub gate: Option<String>,
    /// Neither it nor an item around it is optional.
    pub required: bool,
    /// Its checks, in order; empty when a person answers it.
    pub checks: Vec<PlannedCheck>,
    /// It is decided by the items inside it.
    pub parent: bool,
    /// Counted sections around it, outermost first, each as (its parent's number, its number).
    pub order: Vec<(usize, usize)>,
}

impl Planned {
    /// Nothing but somebody's word can answer it, and a gate asks for it.
    pub fn waits_for_a_person(&self) -> bool {
        self.gate.is_some() && self.checks.is_empty() && !self.parent
    }
}

/// A check of the plan.
#[derive(Clone, Debug)]
pub enum PlannedCheck {
    /// It can run.
    Ready {
        /// The check.
        check: Box<Check>,
        /// What it looks at, where a variable of the caller chooses: `KUBECONFIG=…`.
        target: Option<String>,
    },
    /// It cannot, and its item is an error.
    Broken {
        /// The block's language.
        kind: String,
        /// Why.
        message: String,
    },
}

/// A parameter in effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Param {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
    /// It is redacted wherever it would be written.
    pub secret: bool,
}

/// Parameters that cannot be used as given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadParameter {
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: String,
}

/// Makes the plan. What `checks` lacks is compiled here; `caller` is the environment of whoever calls.
///
/// # Errors
/// When a parameter is unknown, missing, or has a value it may not have.
pub fn build(
    checklist: &Checklist,
    checks: &Compiled,
    given: &Params,
    caller: &BTreeMap<String, String>,
) -> Result<Plan, BadParameter> {
    let params = params(checklist, given)?;
    let environment = environment(checklist, &params, caller);
    let has_children: std::collections::BTreeSet<usize> =
        checklist.items.iter().filter_map(|item| item.parent).collect();
    let items = checklist
        .items
        .iter()
        .enumerate()
        .map(|(at, item)| Planned {
            id: item.id.clone(),
            sha256: item.sha256,
            text: item.text.clone(),
            line: item.line,
            gate: item.gate.map(|gate| checklist.gates[gate].name.clone()),
            required: !is_optional(checklist, at),
            // What waits for somebody to act is not answered by what could be run beside it.
            checks: item
                .blocks
                .iter()
                .filter(|_| item.is_checked())
                .filter_map(|&at| {
                    planned(&checklist.blocks[at], checks.get(&at), &environment, caller)
                })
                .collect(),
            parent: has_children.contains(&at),
            order: order(checklist, item.section),
        })
        .collect();
    Ok(Plan { items, environment, params })
}

impl Plan {
    /// The plan of a checklist only to answer its items: nothing in it has values.
    pub fn to_answer(checklist: &Checklist) -> Self {
        let unset = Checklist { front: crate::checklist::Front::default(), ..checklist.clone() };
        let empty = BTreeMap::new();
        build(&unset, &Compiled::new(), &Params::new(), &empty).unwrap_or(Self {
            items: Vec::new(),
            environment: BTreeMap::new(),
            params: Vec::new(),
        })
    }
}

fn is_optional(checklist: &Checklist, item: usize) -> bool {
    std::iter::successors(Some(item), |&at| checklist.items[at].parent)
        .any(|at| checklist.items[at].optional)
}

fn params(checklist: &Checklist, given: &Params) -> Result<Vec<Param>, BadParameter> {
    let declared = &checklist.front.params;
    if let Some(unknown) =
        given.keys().find(|name| !declared.iter().any(|param| param.name == **name))
    {
        let near =
            declared.iter().min_by_key(|param| strsim::damerau_levenshtein(&param.name, unknown));
        let hint = match near {
            Some(param) if strsim::damerau_levenshtein(&param.name, unknown) <= 3 => {
                format!("did you mean `{}`?", param.name)
            }
            Some(_) => format!(
                "it has {}",
                declared.iter().map(|p| format!("`{}`", p.name)).collect::<Vec<_>>().join(", ")
            ),
            None => "name it under `params` in the checklist's front matter".to_owned(),
        };
        return Err(BadParameter {
            message: format!("the checklist has no parameter `{unknown}`"),
            hint,
        });
    }
    let mut params = Vec::new();
    for param in declared {
        let value = match given.get(&param.name).or(param.default.as_ref()) {
            Some(value) => value.clone(),
            None if param.required => {
                return Err(BadParameter {
                    message: format!("parameter `{}` has no value", param.name),
                    hint: format!(
                        "add `--param {}=VALUE`, or `--param-env {}` for a secret",
                        param.name, param.name
                    ),
                });
            }
            None => continue,
        };
        let shown = if param.secret { "the value given" } else { &value };
        if !param.values.is_empty() && !param.values.contains(&value) {
            return Err(BadParameter {
                message: format!("parameter `{}` cannot be `{shown}`", param.name),
                hint: format!("one of: {}", param.values.join(", ")),
            });
        }
        if value.contains('\0') {
            return Err(BadParameter {
                message: format!("the value of parameter `{}` holds a NUL", param.name),
                hint: "no environment variable can".to_owned(),
            });
        }
        params.push(Param { name: param.name.clone(), value, secret: param.secret });
    }
    Ok(params)
}

/// PATH, HOME, the locale, the parameters, and what front matter lists.
fn environment(
    checklist: &Checklist,
    params: &[Param],
    caller: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let listed = |name: &str| {
        matches!(name, "PATH" | "HOME" | "LANG" | "LANGUAGE")
            || name.starts_with("LC_")
            || checklist.front.env.iter().any(|listed| listed == name)
    };
    let mut environment: BTreeMap<String, String> = caller
        .iter()
        .filter(|(name, _)| listed(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    environment
        .entry("PATH".to_owned())
        .or_insert_with(|| "/usr/local/bin:/usr/bin:/bin".to_owned());
    environment.extend(params.iter().map(|param| (param.name.clone(), param.value.clone())));
    environment
}

fn planned(
    block: &Block,
    compiled: Option<&Result<Check, Vec<check::Fault>>>,
    environment: &BTreeMap<String, String>,
    caller: &BTreeMap<String, String>,
) -> Option<PlannedCheck> {
    let broken =
        |message: String| Some(PlannedCheck::Broken { kind: block.language.clone(), message });
    match &block.mark {
        // Neither is a check: an action waits for somebody to do it, a trigger for somebody to watch.
        Mark::None | Mark::Action | Mark::Trigger => return None,
        Mark::Wrong(why) => return broken(format!("line {}: {why}", block.line)),
        Mark::Check => {}
    }
    let compiled = compiled.cloned();
    let check = match compiled.unwrap_or_else(|| check::compile(&block.language, &block.content)) {
        Ok(check) => check,
        Err(faults) => {
            let first = faults.first();
            let line = first.map_or(block.line, |fault| block.line + 1 + fault.line);
            let why = first.map_or("it cannot be understood", |fault| fault.message.as_str());
            return broken(format!("line {line}: {why}"));
        }
    };
    if let Some(name) = check.names().into_iter().find(|name| !environment.contains_key(name)) {
        return broken(format!(
            "`{{{{{name}}}}}` has no value: it is no parameter, and no variable that `env` lists"
        ));
    }
    let mut targets = Vec::new();
    for (program, variable) in check.chosen_by() {
        let Some(value) = caller.get(variable).filter(|value| !value.is_empty()) else {
            continue;
        };
        if !environment.contains_key(variable) {
            return broken(format!(
                "`{variable}` is set where holdpoint was called, `{program}` reads it, and the checklist does not list it in `env`"
            ));
        }
        let target = format!("{variable}={value}");
        if !targets.contains(&target) {
            targets.push(target);
        }
    }
    let target = (!targets.is_empty()).then(|| targets.join(" "));
    Some(PlannedCheck::Ready { check: Box::new(check), target })
}

/// The counted sections around a section, each with the place among its siblings.
fn order(checklist: &Checklist, section: Option<usize>) -> Vec<(usize, usize)> {
    let mut order: Vec<(usize, usize)> =
        std::iter::successors(section, |&at| checklist.sections[at].parent)
            .filter(|&at| checklist.sections[at].counted)
            .map(|at| (checklist.sections[at].parent.map_or(0, |parent| parent + 1), at))
            .collect();
    order.reverse();
    order
}
