//! Linting files, and mending what can be mended with certainty.

use std::path::Path;

use crate::checklist::{self, Unreadable};
use crate::clock::Timestamp;
use crate::config::Config;
use crate::files;
use crate::lint::{self, Done, File};
use crate::source::Source;

use super::Failure;

/// All there is to say about a file; one that cannot be read has one finding.
pub fn lint(path: &Path, name: &str, config: &Config, now: Timestamp) -> File {
    let reading = read(path, name).and_then(|bytes| checklist::read(name, &bytes));
    match reading {
        Ok(reading) => {
            let linted = lint::complete(reading);
            let advice = lint::advice(&linted);
            let mut reading = linted.reading;
            reading.diagnostics.extend(advice);
            reading.diagnostics.extend(lint::overdue(&reading.checklist, now.date()));
            reading.diagnostics.sort_by_key(|finding| (finding.span.start, finding.code));
            lint::guard(&mut reading, &config.redactor());
            File::Read(reading)
        }
        Err(unreadable) => File::Refused(unreadable),
    }
}

/// Mends a file in place, and says what was wrong; one that cannot be read is left to `lint`.
///
/// # Errors
/// When it cannot be written.
pub fn fix(path: &Path, name: &str) -> Result<Vec<Done>, Failure> {
    let text = read(path, name).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let Some(text) = text else { return Ok(Vec::new()) };
    let fixed = lint::fix(name, &text);
    if fixed.text != text {
        // The file behind a link is what changes, not the link.
        let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        files::replace(&target, fixed.text.as_bytes()).map_err(|error| {
            Failure::usage(format!("cannot write `{name}`: {error}"), "nothing was changed in it")
        })?;
    }
    Ok(fixed.done)
}

fn read(path: &Path, name: &str) -> Result<Vec<u8>, Unreadable> {
    files::read(path, checklist::LIMIT as u64).map_err(|error| {
        let message = format!("cannot read the file: {error}");
        Unreadable::new(
            Source::new(name, ""),
            0,
            message,
            "give the path of a checklist in Markdown",
        )
    })
}
