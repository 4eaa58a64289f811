//! Names that blocks share: parameters that `if` and `each` ask for, variables that `each` and `save`
//! make, and the blocks that read what was saved.

use std::collections::{BTreeMap, BTreeSet};

use crate::check::{self, Compiled, Each, Fault, List};
use crate::checklist::{self, Checklist, Param};

use super::{inside, places, running};

/// Which block reads what another saved.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// By name: the item that saves it, and its block.
    pub savers: BTreeMap<String, (usize, usize)>,
    /// By block: the names in it that another block saves.
    pub uses: BTreeMap<usize, Vec<String>>,
}

impl Names {
    /// The names of a checklist.
    pub fn of(checklist: &Checklist, checks: &Compiled) -> Self {
        let mut names = Self::default();
        for (item, block, check) in running(checklist, checks) {
            for save in &check.directives().saves {
                names.savers.entry(save.name.clone()).or_insert((item, block));
            }
        }
        if names.savers.is_empty() {
            return names;
        }
        for (_, block, _) in running(checklist, checks) {
            let content = &checklist.blocks[block].content;
            let words = content.split(|char: char| !(char.is_ascii_alphanumeric() || char == '_'));
            let foreign =
                |word: &&str| names.savers.get(*word).is_some_and(|(_, saver)| *saver != block);
            let used: BTreeSet<&str> = words.filter(foreign).collect();
            if !used.is_empty() {
                names.uses.insert(block, used.into_iter().map(str::to_owned).collect());
            }
        }
        names
    }
}

/// The words that a block is run for, with the parameters in effect; else why it cannot be.
///
/// # Errors
/// When the parameter has no value, no words, too many, or one of them twice.
pub fn values(each: &Each, value: impl Fn(&str) -> Option<String>) -> Result<Vec<String>, String> {
    let name = match &each.list {
        List::Words(words) => return Ok(words.clone()),
        List::Parameter(name) => name,
    };
    let value = value(name).ok_or_else(|| format!("parameter `{name}` has no value"))?;
    let words: Vec<String> = value.split_whitespace().map(str::to_owned).collect();
    if words.is_empty() {
        return Err(format!("parameter `{name}` is an empty list"));
    }
    check::distinct(&words).map_err(|why| format!("parameter `{name}`: {why}"))?;
    Ok(words)
}

pub(super) fn faults(checklist: &Checklist, checks: &Compiled) -> Vec<(usize, Fault)> {
    let mut faults = Vec::new();
    let mut saved = BTreeSet::new();
    for (_, block, check) in running(checklist, checks) {
        let mut fault = |line, code, (message, hint): Said| {
            faults.push((block, Fault::new(line, code, message, hint)));
        };
        let directives = check.directives();
        for condition in &directives.conditions {
            if let Err(said) = comparable(checklist, &condition.name, &condition.value) {
                fault(condition.line, "HP142", said);
            }
        }
        if let Some(each) = &directives.each {
            if let List::Parameter(name) = &each.list
                && let Err(said) = listed(checklist, name)
            {
                fault(each.line, "HP142", said);
            }
            if let Err(said) = free(checklist, &each.name) {
                fault(each.line, "HP143", said);
            }
        }
        for save in &directives.saves {
            if let Err(said) = free(checklist, &save.name) {
                fault(save.line, "HP143", said);
            } else if !saved.insert(save.name.as_str()) {
                let message = format!("`{}` is saved in two places", save.name);
                fault(save.line, "HP143", (message, "give each its own name".to_owned()));
            }
        }
    }
    let names = Names::of(checklist, checks);
    faults.extend(shadowed(checklist, checks, &names));
    faults.extend(too_early(checklist, checks, &names));
    faults
}

/// A message and a hint.
type Said = (String, String);

fn param<'c>(checklist: &'c Checklist, name: &str) -> Result<&'c Param, Said> {
    let params = &checklist.front.params;
    let found = params.iter().find(|param| param.name == name);
    let found = found.ok_or_else(|| {
        let alike = |param: &&Param| {
            param.name.len().abs_diff(name.len()) <= 2
                && name.len() <= 100
                && strsim::damerau_levenshtein(&param.name, name) <= 2
        };
        let near = params.iter().find(alike);
        let hint = match near {
            Some(param) => format!("did you mean `{}`?", param.name),
            None => "name it under `params` in the front matter".to_owned(),
        };
        (format!("the checklist has no parameter `{name}`"), hint)
    })?;
    if found.secret {
        let message = format!("`{name}` is secret, and this would show it");
        return Err((message, "ask for another parameter".to_owned()));
    }
    Ok(found)
}

/// A slip in either text must not drop a check: both have to be among the parameter's values.
fn comparable(checklist: &Checklist, name: &str, value: &str) -> Result<(), Said> {
    let param = param(checklist, name)?;
    if param.values.is_empty() {
        let message =
            format!("`{name}` may have any value, and one misspelt would drop this check");
        return Err((message, format!("list the `values` of `{name}` in the front matter")));
    }
    if !param.values.iter().any(|known| known == value) {
        let message = format!("`{name}` is never `{value}`");
        return Err((message, format!("it is one of: {}", param.values.join(", "))));
    }
    Ok(())
}

fn listed(checklist: &Checklist, name: &str) -> Result<(), Said> {
    param(checklist, name).map(drop)
}

/// Whether a block may set a variable of this name for a check.
fn free(checklist: &Checklist, name: &str) -> Result<(), Said> {
    let hint = "choose another name".to_owned();
    if checklist.front.params.iter().any(|param| param.name == name) {
        return Err((format!("`{name}` is a parameter of the checklist"), hint));
    }
    if checklist::is_reserved(name) || check::chooses_a_target(name) {
        return Err((format!("`{name}` would change how programs behave"), hint));
    }
    if checklist.front.env.iter().any(|listed| listed == name) {
        return Err((format!("`{name}` comes from the caller, says `env`"), hint));
    }
    Ok(())
}

/// `each` with a variable that another block saves.
fn shadowed(checklist: &Checklist, checks: &Compiled, names: &Names) -> Vec<(usize, Fault)> {
    let each = running(checklist, checks)
        .filter_map(|(_, block, check)| Some((block, check.directives().each.as_ref()?)));
    each.filter(|(_, each)| names.savers.contains_key(&each.name))
        .map(|(block, each)| {
            let message = format!("`{}` is saved by another block", each.name);
            (block, Fault::new(each.line, "HP143", message, "choose another name"))
        })
        .collect()
}

/// Blocks that read what is not saved for sure when they begin; one fault for each.
fn too_early(checklist: &Checklist, checks: &Compiled, names: &Names) -> Vec<(usize, Fault)> {
    let mut by_saver: BTreeMap<usize, Vec<(usize, usize, &str)>> = BTreeMap::new();
    let mut faults: BTreeMap<usize, (&str, usize)> = BTreeMap::new();
    for (block, used) in &names.uses {
        let Some(item) = checklist.blocks[*block].item else { continue };
        for name in used {
            let Some(&(saver, saving)) = names.savers.get(name) else { continue };
            if saver != item {
                by_saver.entry(saver).or_default().push((item, *block, name));
            } else if saving > *block {
                faults.entry(*block).or_insert((name, saver));
            }
        }
    }
    if !by_saver.is_empty() {
        let around = Around::of(checklist, checks);
        for (saver, users) in by_saver {
            let waits = around.waits_for(saver);
            for (_, block, name) in users.into_iter().filter(|(item, ..)| !waits[*item]) {
                faults.entry(block).or_insert((name, saver));
            }
        }
    }
    let fault = |(block, (name, saver))| (block, early(checklist, block, name, saver));
    faults.into_iter().map(fault).collect()
}

fn early(checklist: &Checklist, block: usize, name: &str, saver: usize) -> Fault {
    let lines = checklist.blocks[block].content.lines();
    let line = lines.into_iter().position(|line| line.contains(name)).unwrap_or(0);
    let id = &checklist.items[saver].id;
    let message = format!("`{name}` is saved by `#{id}`, and this does not wait for it");
    Fault::new(line, "HP144", message, format!("write `# after: #{id}` at the top of the block"))
}

/// For each item those that wait for it, and those that it decides.
struct Around {
    waiting: Vec<Vec<usize>>,
    decided: Vec<Vec<usize>>,
}

impl Around {
    fn of(checklist: &Checklist, checks: &Compiled) -> Self {
        let places = places(checklist);
        let none = vec![Vec::new(); checklist.items.len()];
        let mut around = Self { waiting: none.clone(), decided: none };
        for (parent, inside) in inside(checklist).into_iter().enumerate() {
            inside.into_iter().for_each(|item| around.decided[item].push(parent));
        }
        for (item, _, check) in running(checklist, checks) {
            let after = check.directives().after.iter();
            let known = after.filter_map(|after| places.get(after.id.as_str()));
            known.for_each(|&other| around.waiting[other].push(item));
        }
        around
    }

    /// Which items begin only when `item` has passed. One that it decides is done later than it, and
    /// its own check may begin earlier.
    fn waits_for(&self, item: usize) -> Vec<bool> {
        let mut waits = vec![false; self.waiting.len()];
        let mut done_later = waits.clone();
        let mut open = vec![item];
        while let Some(at) = open.pop() {
            for &next in &self.waiting[at] {
                waits[next] = true;
            }
            for &next in self.waiting[at].iter().chain(&self.decided[at]) {
                if !std::mem::replace(&mut done_later[next], true) {
                    open.push(next);
                }
            }
        }
        waits
    }
}
