//! jq programs over JSON, without access to environment, time or further input.

use jaq_core::load::{Arena, File, Loader};
use jaq_core::{Compiler, Ctx, Vars, data, unwrap_valr};
use jaq_json::{Val, read};

type Filter = jaq_core::compile::Filter<jaq_core::Native<data::JustLut<Val>>>;

/// Functions that look at more than the document, or do more than look.
const REFUSED: &[&str] = &[
    "env",
    "now",
    "input",
    "inputs",
    "input_filename",
    "debug",
    "stderr",
    "halt",
    "halt_error",
];

/// A compiled program.
pub(super) struct Program(Filter);

/// What a program says of a document.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// One result: `true`.
    True,
    /// One result that is not `true`, in short.
    Other(String),
    /// No result, several, or an error: why.
    Unclear(String),
}

impl Program {
    /// Compiles a program; the error is in words.
    pub(super) fn compile(text: &str) -> Result<Self, String> {
        let arena = Arena::default();
        let allowed = |name: &str| !REFUSED.contains(&name);
        let defs = jaq_core::defs()
            .chain(jaq_std::defs())
            .chain(jaq_json::defs())
            .filter(|def| allowed(def.name));
        let loader = Loader::new(defs);
        let modules = loader
            .load(
                &arena,
                File {
                    code: text,
                    path: (),
                },
            )
            .map_err(|_| "it cannot be parsed".to_owned())?;
        let funs = jaq_core::funs()
            .chain(jaq_std::funs())
            .chain(jaq_json::funs())
            .filter(|(name, ..)| allowed(name));
        let filter = Compiler::default()
            .with_funs(funs)
            .compile(modules)
            .map_err(|errors| {
                let names: Vec<String> = errors
                    .into_iter()
                    .flat_map(|(_, errors)| errors)
                    .map(|(name, _)| format!("`{name}` is not known here"))
                    .collect();
                names.join(", ")
            })?;
        Ok(Self(filter))
    }

    /// Runs it over one JSON document.
    pub(super) fn ask(&self, document: &[u8]) -> Answer {
        let input = match read::parse_single(document) {
            Ok(input) => input,
            Err(_) => return Answer::Unclear("stdout is no single JSON document".to_owned()),
        };
        let ctx = Ctx::<data::JustLut<Val>>::new(&self.0.lut, Vars::new([]));
        let mut results = self.0.id.run((ctx, input)).map(unwrap_valr);
        match (results.next(), results.next()) {
            (None, _) => Answer::Unclear("no result".to_owned()),
            (Some(Err(error)), _) => Answer::Unclear(short(&error.to_string())),
            (Some(Ok(_)), Some(_)) => {
                Answer::Unclear("several results where one is expected".to_owned())
            }
            (Some(Ok(value)), None) if value == Val::from(true) => Answer::True,
            (Some(Ok(value)), None) => Answer::Other(short(&value.to_string())),
        }
    }
}

fn short(text: &str) -> String {
    text.chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(program: &str, document: &str) -> Answer {
        Program::compile(program)
            .expect("a program")
            .ask(document.as_bytes())
    }

    #[test]
    fn only_one_true_is_true() {
        assert_eq!(ask(".a == 1", "{\"a\":1}"), Answer::True);
        assert_eq!(ask(".a", "{\"a\":1}"), Answer::Other("1".to_owned()));
        assert_eq!(ask(".a", "{}"), Answer::Other("null".to_owned()));
        assert!(matches!(ask(".[]", "[true,true]"), Answer::Unclear(_)));
        assert!(matches!(ask(".[]", "[]"), Answer::Unclear(_)));
        assert!(matches!(ask(".a", "3"), Answer::Unclear(_)));
        assert!(matches!(ask(".a", "{} {}"), Answer::Unclear(_)));
        assert!(matches!(ask(".a", ""), Answer::Unclear(_)));
    }

    #[test]
    fn sees_nothing_but_the_document() {
        for program in [
            ".a == env.HOME",
            ".a == $ENV.HOME",
            "[now] == 1",
            "[input]",
            ". == input_filename",
            ".a |",
        ] {
            assert!(Program::compile(program).is_err(), "{program}");
        }
    }
}
