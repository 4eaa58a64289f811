//! Which values of a plan are secret.

use std::collections::BTreeMap;

use crate::checklist::Checklist;
use crate::redact;

use super::Param;

/// The secrets among variables that the caller has under the names that a checklist has for secrets.
pub fn secrets_of(
    checklist: &Checklist,
    caller: &BTreeMap<String, String>,
) -> Vec<(String, String)> {
    let params = checklist.front.params.iter();
    let params = params.filter(|param| param.secret || redact::is_secret(&param.name));
    let listed = checklist.front.env.iter().filter(|name| redact::is_secret(name));
    let names = params.map(|param| &param.name).chain(listed);
    let values = names.filter_map(|name| Some((name.clone(), caller.get(name)?.clone())));
    values.filter(|(_, value)| value.trim().len() >= redact::SHORTEST).collect()
}

/// A variable is secret by its name, and so is a parameter whose value the document does not tell. A short value is not
/// looked for: it stands in half of all texts.
pub(super) fn of(
    checklist: &Checklist,
    params: &[Param],
    environment: &BTreeMap<String, String>,
) -> Vec<(String, String)> {
    let listed = checklist.front.env.iter().filter(|name| redact::is_secret(name));
    let listed = listed.filter_map(|name| environment.get(name).map(|value| (name, value)));
    let is_told = |param: &Param| {
        let declared = checklist.front.params.iter().find(|declared| declared.name == param.name);
        declared.is_none_or(|declared| {
            declared.default.as_ref() == Some(&param.value) || !declared.values.is_empty()
        })
    };
    let (secret, others): (Vec<&Param>, Vec<&Param>) =
        params.iter().partition(|param| param.secret);
    fn value(param: &Param) -> (&String, &String) {
        (&param.name, &param.value)
    }
    let is_long = |value: &str| value.trim().len() >= redact::SHORTEST;
    let named =
        others.into_iter().filter(|param| redact::is_secret(&param.name) && !is_told(param));
    let all = secret
        .into_iter()
        .map(value)
        .chain(named.map(value).chain(listed).filter(|(_, value)| is_long(value)));
    let whole = all.map(|(name, value)| (name.clone(), value.clone()));
    // Of an address that everybody may read, the password is secret.
    let seen = checklist.front.env.iter().filter_map(|name| Some((name, environment.get(name)?)));
    let seen = params.iter().filter(|param| !is_told(param)).map(value).chain(seen);
    let passwords =
        seen.filter_map(|(name, value)| Some((name.clone(), redact::password(value)?.to_owned())));
    whole.chain(passwords).collect()
}
