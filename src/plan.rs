//! Checklist and parameters → [`Plan`]: what runs, with what, in which order. Nothing is executed.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use crate::check::{self, Check, Compiled, Condition};
use crate::checklist::{Block, Checklist, Mark, Params};
use crate::digest::Digest;
use crate::order::{self, Names};
use crate::redact;

mod secrets;

pub use secrets::secrets_of;

/// What a run is going to do.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Every item of the checklist, in document order.
    pub items: Vec<Planned>,
    /// All that checks see of an environment.
    pub environment: BTreeMap<String, String>,
    /// Where ssh finds the caller's keys; what it takes elsewhere does not see it.
    pub agent: Option<String>,
    /// Parameters in effect.
    pub params: Vec<Param>,
    /// Values that are secret, as (name, value): of parameters, and of variables that front matter lists.
    pub secrets: Vec<(String, String)>,
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
    /// The items inside it that decide it (indices into the plan's items).
    pub inside: Vec<usize>,
    /// Items that have to pass before its checks run (indices into the plan's items).
    pub after: Vec<usize>,
    /// Counted sections around it, outermost first, each as (its parent's number, its number).
    pub order: Vec<(usize, usize)>,
}

impl Planned {
    /// Nothing but somebody's word can answer it, and a gate asks for it.
    pub fn waits_for_a_person(&self) -> bool {
        self.gate.is_some() && self.checks.is_empty() && !self.parent
    }

    /// None of its checks is for this run.
    pub fn is_idle(&self) -> bool {
        let idle = |check: &PlannedCheck| matches!(check, PlannedCheck::Idle { .. });
        !self.checks.is_empty() && self.checks.iter().all(idle)
    }
}

/// A check of the plan.
#[derive(Clone, Debug)]
pub enum PlannedCheck {
    /// It can run.
    Ready {
        /// The check.
        check: Arc<Check>,
        /// Where it runs, if not here: `ssh://web-1`; `{{NAME}}` where a value is known only later.
        place: Option<String>,
        /// What it looks at, where a variable chooses: `KUBECONFIG=…`, `SERVICE=api`.
        target: Option<String>,
        /// The variable of this round, where it is run for each of several words.
        round: Option<(String, String)>,
        /// Names that checks before it save, and that it reads.
        uses: Vec<String>,
    },
    /// The document has it for other parameters: it is not run.
    Idle {
        /// The block's language.
        kind: String,
        /// For which, and which these are.
        why: String,
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
/// When a parameter is unknown, missing, or has a value it may not have, or when a variable that checks
/// see is no text.
pub fn build(
    checklist: &Checklist,
    checks: &Compiled,
    given: &Params,
    caller: &BTreeMap<String, String>,
) -> Result<Plan, BadParameter> {
    let params = params(checklist, given)?;
    let environment = environment(checklist, &params, caller)?;
    let has_children: BTreeSet<usize> =
        checklist.items.iter().filter_map(|item| item.parent).collect();
    let mut inside = order::inside(checklist);
    let surroundings = Surroundings {
        params: &params,
        environment: &environment,
        caller,
        listed: &checklist.front.env,
        names: &Names::of(checklist, checks),
        places: &order::places(checklist),
    };
    let items = checklist
        .items
        .iter()
        .enumerate()
        .map(|(at, item)| {
            let mut planned = Planned {
                id: item.id.clone(),
                sha256: item.sha256,
                text: item.text.clone(),
                line: item.line,
                gate: item.gate.map(|gate| checklist.gates[gate].name.clone()),
                required: !is_optional(checklist, at),
                checks: Vec::new(),
                parent: has_children.contains(&at),
                inside: std::mem::take(&mut inside[at]),
                after: Vec::new(),
                order: order::sections(checklist, item.section),
            };
            // What waits for somebody to act is not answered by what could be run beside it.
            for &block in item.blocks.iter().filter(|_| item.is_checked()) {
                let compiled = checks.get(&block);
                surroundings.add(&mut planned, block, &checklist.blocks[block], compiled);
            }
            planned
        })
        .collect();
    let secrets = secrets::of(checklist, &params, &environment);
    let agent = caller.get(check::AGENT).cloned();
    Ok(Plan { items, environment, agent, params, secrets })
}

impl Plan {
    /// The plan of a checklist only to answer its items: nothing in it has values.
    pub fn to_answer(checklist: &Checklist) -> Self {
        let unset = Checklist { front: crate::checklist::Front::default(), ..checklist.clone() };
        let empty = BTreeMap::new();
        build(&unset, &Compiled::new(), &Params::new(), &empty).unwrap_or(Self {
            items: Vec::new(),
            environment: BTreeMap::new(),
            agent: None,
            params: Vec::new(),
            secrets: Vec::new(),
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
                        "add `--param {}=VALUE`, or for a secret `--param-env {}` or `--param-file`",
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
        // Blanks are everywhere, and programs drop them at both ends.
        if param.secret && value.trim().len() < redact::SHORTEST {
            return Err(BadParameter {
                message: format!(
                    "the value of secret `{}` is shorter than {} bytes",
                    param.name,
                    redact::SHORTEST
                ),
                hint: "it could not be told from other text: give a longer one, or drop `secret`"
                    .to_owned(),
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
) -> Result<BTreeMap<String, String>, BadParameter> {
    let listed = |name: &str| {
        matches!(name, "PATH" | "HOME" | "LANG" | "LANGUAGE")
            || name.starts_with("LC_")
            || checklist.front.env.iter().any(|listed| listed == name)
    };
    let seen = || caller.iter().filter(|(name, _)| listed(name));
    // Checks would see another value, or take it for one that is not set.
    if let Some((name, _)) = seen().find(|(_, value)| value.contains(char::REPLACEMENT_CHARACTER)) {
        return Err(BadParameter {
            message: format!("the variable `{name}` is no text in UTF-8"),
            hint: "set it to one, or unset it".to_owned(),
        });
    }
    let mut environment: BTreeMap<String, String> =
        seen().map(|(name, value)| (name.clone(), value.clone())).collect();
    environment
        .entry("PATH".to_owned())
        .or_insert_with(|| "/usr/local/bin:/usr/bin:/bin".to_owned());
    environment.extend(params.iter().map(|param| (param.name.clone(), param.value.clone())));
    Ok(environment)
}

/// What the checks of a plan have in common.
struct Surroundings<'p> {
    params: &'p [Param],
    environment: &'p BTreeMap<String, String>,
    caller: &'p BTreeMap<String, String>,
    /// Variables of the caller that checks may see.
    listed: &'p [String],
    names: &'p Names,
    places: &'p HashMap<&'p str, usize>,
}

impl Surroundings<'_> {
    /// Plans a block of an item: one check, or one for each round of it.
    fn add(
        &self,
        planned: &mut Planned,
        at: usize,
        block: &Block,
        compiled: Option<&Result<Check, Vec<check::Fault>>>,
    ) {
        let checks = &mut planned.checks;
        let kind = block.language.clone();
        match &block.mark {
            // Neither is a check: an action waits for somebody to do it, a trigger for somebody to watch.
            Mark::None | Mark::Action | Mark::Trigger => return,
            Mark::Wrong(why) => {
                let message = format!("line {}: {why}", block.line);
                return checks.push(PlannedCheck::Broken { kind, message });
            }
            Mark::Check => {}
        }
        let compiled = compiled.cloned();
        let check = compiled.unwrap_or_else(|| check::compile(&block.language, &block.content));
        let check = match check {
            Ok(check) => Arc::new(check),
            Err(faults) => {
                let message = first(block, &faults);
                return checks.push(PlannedCheck::Broken { kind, message });
            }
        };
        match self.rounds(&check) {
            Err(Unplanned::Idle(why)) => return checks.push(PlannedCheck::Idle { kind, why }),
            Err(Unplanned::Broken(message)) => {
                checks.push(PlannedCheck::Broken { kind, message });
            }
            Ok((target, rounds)) => {
                let uses = self.names.uses.get(&at).cloned().unwrap_or_default();
                checks.extend(rounds.into_iter().map(|round| {
                    match self.place(&check, round.as_ref()) {
                        Ok(place) => PlannedCheck::Ready {
                            check: Arc::clone(&check),
                            place,
                            target: named(target.as_deref(), round.as_ref()),
                            round,
                            uses: uses.clone(),
                        },
                        Err(message) => PlannedCheck::Broken { kind: kind.clone(), message },
                    }
                }));
            }
        }
        let after = check.directives().after.iter();
        planned.after.extend(after.filter_map(|after| self.places.get(after.id.as_str())));
    }

    /// What a check looks at, and the variable of each of its rounds; one without, where it has one.
    #[allow(clippy::type_complexity)]
    fn rounds(
        &self,
        check: &Check,
    ) -> Result<(Option<String>, Vec<Option<(String, String)>>), Unplanned> {
        let directives = check.directives();
        for condition in &directives.conditions {
            self.holds(condition)?;
        }
        // Whoever compiled this held no document against it.
        if let Some(after) =
            directives.after.iter().find(|after| !self.places.contains_key(after.id.as_str()))
        {
            return Err(Unplanned::Broken(format!("there is no item `#{}`", after.id)));
        }
        let target = self.target(check).map_err(Unplanned::Broken)?;
        self.values_for(check)?;
        let Some(each) = &directives.each else { return Ok((target, vec![None])) };
        let words = order::values(each, |name| self.value(name).map(str::to_owned))
            .map_err(Unplanned::Broken)?;
        Ok((target, words.into_iter().map(|word| Some((each.name.clone(), word))).collect()))
    }

    /// Where a check runs, if not here.
    fn place(
        &self,
        check: &Check,
        round: Option<&(String, String)>,
    ) -> Result<Option<String>, String> {
        let Some(place) = &check.directives().place else { return Ok(None) };
        let mut values = self.environment.clone();
        values.extend(round.cloned());
        place.name(&values).map(Some)
    }

    /// Whether all that stands in a check as `{{NAME}}` has a value, or will have one when it runs.
    fn values_for(&self, check: &Check) -> Result<(), Unplanned> {
        let each = check.directives().each.as_ref().map(|each| each.name.as_str());
        let has_value = |name: &String| {
            self.environment.contains_key(name)
                || each == Some(name)
                || self.names.savers.contains_key(name)
        };
        // One that is set and not listed would look as if it were not set.
        let asked = if let Check::Probe(probe) = check { probe.variables() } else { &[] };
        let is_seen = |name: &&String| self.listed.contains(name) || has_value(name);
        if let Some(name) = asked.iter().find(|name| !is_seen(name)) {
            let why = format!("`{name}` is not listed in `env`, and checks see nothing else");
            return Err(Unplanned::Broken(why));
        }
        match check.names().into_iter().find(|name| !has_value(name)) {
            Some(name) => Err(Unplanned::Broken(format!(
                "`{{{{{name}}}}}` has no value: `{name}` is not set"
            ))),
            None => Ok(()),
        }
    }

    fn value(&self, name: &str) -> Option<&str> {
        let mut shown = self.params.iter().filter(|param| !param.secret);
        shown.find(|param| param.name == name).map(|param| param.value.as_str())
    }

    /// Whether a check is for these parameters. Where that cannot be told it is an error.
    fn holds(&self, condition: &Condition) -> Result<(), Unplanned> {
        let Condition { name, equal, value, .. } = condition;
        let Some(now) = self.value(name) else {
            let why = format!("parameter `{name}` has no value, and `if` asks for it");
            return Err(Unplanned::Broken(why));
        };
        if (now == value) == *equal {
            return Ok(());
        }
        Err(Unplanned::Idle(match equal {
            true => format!("{name} is `{now}`, not `{value}`"),
            false => format!("{name} is `{now}`"),
        }))
    }

    fn target(&self, check: &Check) -> Result<Option<String>, String> {
        let mut targets = Vec::new();
        for (program, variable) in check.chosen_by() {
            let Some(value) = self.caller.get(variable).filter(|value| !value.is_empty()) else {
                continue;
            };
            if !self.environment.contains_key(variable) {
                return Err(format!(
                    "`{variable}` is set where holdpoint was called, `{program}` reads it, and the checklist does not list it in `env`"
                ));
            }
            let target = format!("{variable}={value}");
            if !targets.contains(&target) {
                targets.push(target);
            }
        }
        Ok((!targets.is_empty()).then(|| targets.join(" ")))
    }
}

/// Why a check is not planned to run.
enum Unplanned {
    /// It is for other parameters.
    Idle(String),
    /// It cannot be run.
    Broken(String),
}

fn first(block: &Block, faults: &[check::Fault]) -> String {
    let first = faults.first();
    let line = first.map_or(block.line, |fault| block.line + 1 + fault.line);
    let why = first.map_or("it cannot be understood", |fault| fault.message.as_str());
    format!("line {line}: {why}")
}

fn named(target: Option<&str>, round: Option<&(String, String)>) -> Option<String> {
    let round = round.map(|(name, value)| format!("{name}={value}"));
    let parts: Vec<&str> = target.into_iter().chain(round.as_deref()).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}
