//! The file that `--answers` names: TOML, a table for each identity, with `outcome` (`pass`, `fail`
//! or `skipped`) and `note`.

use std::collections::BTreeMap;
use std::path::Path;

use holdpoint::files;
use holdpoint::flow::Word;
use holdpoint::outcome::Outcome;
use holdpoint::redact::Redactor;
use serde::Deserialize;

use super::failure::Failure;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table with `outcome` and `note`")]
struct Answer {
    outcome: Given,
    #[serde(default)]
    note: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Given {
    Pass,
    Fail,
    Skipped,
}

const LIMIT: u64 = 1 << 20;

/// Reads the file.
pub(super) fn read(path: &Path) -> Result<Vec<Word>, Failure> {
    let named =
        |why: String| Failure::usage(format!("cannot read answers `{}`: {why}", path.display()));
    let bytes = files::read(path, LIMIT).map_err(|error| named(error.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|_| named("it is not UTF-8".to_owned()))?;
    let answers: BTreeMap<String, Answer> = toml::from_str(&text).map_err(|error| {
        // The line that it shows may hold a secret.
        named(Redactor::default().text(error.to_string().trim_end())).hint(
            "a table for each identity: `[\"identity\"]`, `outcome = \"pass\"` (or `fail`, `skipped`), `note = \"…\"`",
        )
    })?;
    Ok(answers.into_iter().map(|(item, answer)| word(item, answer)).collect())
}

fn word(item: String, answer: Answer) -> Word {
    let outcome = match answer.outcome {
        Given::Pass => Outcome::Pass,
        Given::Fail => Outcome::Fail,
        Given::Skipped => Outcome::Skipped,
    };
    Word { item, outcome, note: answer.note, evidence: Vec::new() }
}
