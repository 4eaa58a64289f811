//! `env`: whether variables are set. Their values are never recorded.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::check::Fault;
use crate::check::field::told;
use crate::check::subject::{Output, Sort, Subjects};

use super::Parts;
use super::observe::{Context, Fields, Sink, Unseen};

pub(super) const SUBJECTS: Subjects = Subjects {
    example: "set == true",
    output: Output::Json,
    fields: &[("set", Sort::Truth)],
    families: &[],
};

/// Names of variables.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in super::super) struct Ask(Vec<String>);

/// Reads names, one or more in a line.
pub(super) fn read(parts: &Parts<'_>) -> Result<Ask, Fault> {
    let names = parts.lines.iter().flat_map(|line| {
        line.text
            .split([' ', '\t', ','])
            .filter(|name| !name.is_empty())
            .map(move |name| (line, name))
    });
    let is_name = |name: &str| {
        !name.starts_with(|c: char| c.is_ascii_digit())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    let names = names.map(|(line, name)| match is_name(name) {
        true => Ok(name.to_owned()),
        false => Err(Fault::new(
            line.number,
            "HP150",
            format!("`{name}` is no name of a variable"),
            "write names only, such as `DATABASE_URL`",
        )),
    });
    names.collect::<Result<_, _>>().map(Ask)
}

impl Ask {
    /// The names.
    pub(super) fn variables(&self) -> &[String] {
        &self.0
    }

    pub(super) fn look(&self, context: &Context<'_>, sink: &Sink<'_>) -> Result<Fields, Unseen> {
        let is_set =
            |name: &String| context.environment.get(name).is_some_and(|value| !value.is_empty());
        let each: Map<String, Value> =
            self.0.iter().map(|name| (name.clone(), Value::Bool(is_set(name)))).collect();
        let set = self.0.iter().map(|name| told(Value::Bool(is_set(name)), name)).collect();
        let shown = Fields::from_iter([("variables".to_owned(), Value::Object(each))]);
        sink.show_fields(&shown);
        Ok(Fields::from_iter([("set".to_owned(), Value::Array(set))]))
    }
}
