//! `--param NAME=VALUE`, `--param-env NAME[=VARIABLE]` and `--param-file NAME=FILE`.

use std::io::Read;
use std::path::PathBuf;

use holdpoint::checklist::Params;

use super::failure::Failure;
use super::place::{self, Place};

/// A value from a file may be so long: 64 KiB.
const LIMIT: u64 = 64 << 10;

/// Parameters, as both verbs that take them have them.
#[derive(clap::Args)]
pub(super) struct Given {
    /// A parameter; may be given many times
    #[arg(long = "param", value_name = "NAME=VALUE")]
    pub(super) params: Vec<String>,
    /// A parameter whose value is in a variable of the caller: secrets do not belong on command lines
    #[arg(long = "param-env", value_name = "NAME[=VARIABLE]")]
    from_environment: Vec<String>,
    /// A parameter whose value is in a file, or for `-` on standard input; a line end behind it is none of it
    #[arg(long = "param-file", value_name = "NAME=FILE")]
    from_files: Vec<String>,
}

impl Given {
    /// Reads all forms; a name given twice is refused, for nobody can tell which was meant.
    pub(super) fn read(&self, place: &Place) -> Result<Params, Failure> {
        let mut params = Params::new();
        for text in &self.params {
            // What stands there may be a secret.
            let (name, value) = text.split_once('=').ok_or_else(|| {
                Failure::usage("a `--param` has no `=`").hint("write `--param NAME=VALUE`")
            })?;
            insert(&mut params, name, value.to_owned())?;
        }
        for text in &self.from_environment {
            let (name, variable) = text.split_once('=').unwrap_or((text, text));
            let value = place::variable(variable).ok_or_else(|| {
                Failure::usage(format!(
                    "variable `{variable}` is not set, and `--param-env {text}` asks for it"
                ))
            })?;
            insert(&mut params, name, value)?;
        }
        for text in &self.from_files {
            let (name, file) = text.split_once('=').ok_or_else(|| {
                Failure::usage(format!("`--param-file {text}` has no `=`"))
                    .hint("write `--param-file NAME=FILE`")
            })?;
            insert(&mut params, name, content(file, place)?)?;
        }
        Ok(params)
    }
}

fn content(file: &str, place: &Place) -> Result<String, Failure> {
    let path = if file == "-" { PathBuf::from("/dev/stdin") } else { place.resolve(file.as_ref()) };
    let refuse =
        |why: String| Failure::usage(format!("cannot read the parameter in `{file}`: {why}"));
    let mut bytes = Vec::new();
    let read =
        std::fs::File::open(path).and_then(|file| file.take(LIMIT + 1).read_to_end(&mut bytes));
    read.map_err(|error| refuse(error.to_string()))?;
    if bytes.len() as u64 > LIMIT {
        return Err(refuse(format!("it is longer than {} KiB", LIMIT >> 10)));
    }
    let text = String::from_utf8(bytes).map_err(|_| refuse("it is not UTF-8".to_owned()))?;
    let value = text.strip_suffix('\n').unwrap_or(&text);
    Ok(value.strip_suffix('\r').unwrap_or(value).to_owned())
}

fn insert(params: &mut Params, name: &str, value: String) -> Result<(), Failure> {
    match params.insert(name.to_owned(), value) {
        None => Ok(()),
        Some(_) => Err(Failure::usage(format!("parameter `{name}` is given twice"))),
    }
}
