//! `--param NAME=VALUE` and `--param-env NAME[=VARIABLE]`.

use holdpoint::checklist::Params;

use super::failure::Failure;
use super::place;

/// Reads both forms; a name given twice is refused, for nobody can tell which was meant.
pub(super) fn read(values: &[String], from_environment: &[String]) -> Result<Params, Failure> {
    let mut params = Params::new();
    for text in values {
        let (name, value) = text.split_once('=').ok_or_else(|| {
            Failure::usage(format!("`--param {text}` has no `=`"))
                .hint("write `--param NAME=VALUE`")
        })?;
        insert(&mut params, name, value.to_owned())?;
    }
    for text in from_environment {
        let (name, variable) = text.split_once('=').unwrap_or((text, text));
        let value = place::variable(variable).ok_or_else(|| {
            Failure::usage(format!(
                "variable `{variable}` is not set, and `--param-env {text}` asks for it"
            ))
        })?;
        insert(&mut params, name, value)?;
    }
    Ok(params)
}

fn insert(params: &mut Params, name: &str, value: String) -> Result<(), Failure> {
    match params.insert(name.to_owned(), value) {
        None => Ok(()),
        Some(_) => Err(Failure::usage(format!("parameter `{name}` is given twice"))),
    }
}
