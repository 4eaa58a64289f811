//! `file`: which files there are, how large and how old they are, and what they hold.

use std::collections::BTreeSet;
use std::io::Read;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::check::Fault;
use crate::check::field::{self, told};
use crate::check::subject::{Output, Sort, Subjects};
use crate::check::template::Values;
use crate::digest::Hasher;

use super::Parts;
use super::glob::{self, Budget, Entry, Found, Pattern};
use super::observe::{Context, Fields, Sink, Unseen};

pub(super) const SUBJECTS: Subjects = Subjects {
    example: "exists == true",
    output: Output::Json,
    fields: &[
        ("exists", Sort::Truth),
        ("count", Sort::Plain),
        ("size", Sort::Bytes),
        ("age", Sort::Seconds),
        ("sha256", Sort::Text),
        ("text", Sort::Text),
    ],
    families: &[],
};

/// A file whose text is asked for may be so long: 1 MiB.
const TEXT: u64 = 1 << 20;

/// All texts together: 32 MiB.
const TEXTS: u64 = 32 << 20;

/// Paths and globs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in super::super) struct Ask {
    patterns: Vec<Pattern>,
    /// Files are read only where something is expected of what they hold.
    digests: bool,
    texts: bool,
}

/// Reads lines of paths.
pub(super) fn read(parts: &Parts<'_>) -> Result<Ask, Fault> {
    let saved = parts.directives.saves.iter().map(|save| save.program.as_str());
    let asked = parts.expectations.iter().map(|expectation| expectation.text.as_str());
    let digests = saved.chain(asked).any(|text| text.contains("sha256"));
    let mut subjects = parts.expectations.iter().map(|one| field::name_of(&one.assertion));
    let texts = subjects.any(|name| name == Some("text"));
    Ok(Ask { patterns: glob::read(&parts.lines)?, digests, texts })
}

impl Ask {
    pub(super) fn filled(&self, values: &Values) -> Result<Self, String> {
        let patterns = self.patterns.iter().map(|pattern| pattern.filled(values));
        Ok(Self { patterns: patterns.collect::<Result<_, _>>()?, ..self.clone() })
    }

    pub(super) fn names<'a>(&'a self, names: &mut BTreeSet<&'a str>) {
        glob::names(&self.patterns, names);
    }

    pub(super) fn look(&self, context: &Context<'_>, sink: &Sink<'_>) -> Result<Fields, Unseen> {
        let mut budget = Budget::new();
        let (mut exists, mut all) = (Map::new(), Found::new());
        for pattern in &self.patterns {
            let found = pattern.find(context, &mut budget)?;
            exists.insert(pattern.written.clone(), json!(!found.is_empty()));
            all.extend(found);
        }
        all.retain(|_, entry| entry.is_file());
        let mut room = TEXTS;
        let (mut files, mut texts) = (Vec::new(), Vec::new());
        for (name, entry) in &all {
            let seen = self.file(name, entry, context);
            let seen = seen.map_err(|why| Unseen::new(format!("`{name}`: {why}")))?;
            files.push(seen);
            if self.texts {
                let text = text(entry, &mut room);
                let text = text.map_err(|why| Unseen::new(format!("`{name}`: {why}")))?;
                texts.push(told(text, name));
            }
        }
        let path = |file: &Value| file["path"].as_str().unwrap_or_default().to_owned();
        let each = |name: &str| -> Value {
            files.iter().map(|file| told(file[name].clone(), path(file))).collect()
        };
        let mut fields = Fields::new();
        fields.insert(
            "exists".to_owned(),
            exists.iter().map(|(line, seen)| told(seen.clone(), line)).collect(),
        );
        fields.insert("count".to_owned(), json!(files.len()));
        for name in ["size", "age", "sha256"] {
            fields.insert(name.to_owned(), each(name));
        }
        fields.insert("text".to_owned(), Value::Array(texts));
        let mut shown = Fields::new();
        shown.insert("exists".to_owned(), Value::Object(exists));
        shown.insert("count".to_owned(), json!(files.len()));
        shown.insert("files".to_owned(), Value::Array(files));
        sink.show_fields(&shown);
        Ok(fields)
    }

    fn file(&self, name: &str, entry: &Entry, context: &Context<'_>) -> Result<Value, String> {
        let mut file = json!({ "path": name, "size": entry.known.len(), "age": entry.age() });
        if self.digests {
            file["sha256"] = json!(digest(entry, context)?);
        }
        Ok(file)
    }
}

fn digest(entry: &Entry, context: &Context<'_>) -> Result<String, String> {
    let mut file = entry.open()?;
    let mut hasher = Hasher::default();
    let mut buffer = vec![0; 256 << 10];
    loop {
        match file.read(&mut buffer).map_err(|error| error.to_string())? {
            0 => return Ok(hasher.finish().to_string()),
            length => hasher.update(&buffer[..length]),
        }
        if context.is_over() {
            return Err("not all of it was read in time".to_owned());
        }
    }
}

/// What a file holds; `null` for one that is too long or no text.
fn text(entry: &Entry, room: &mut u64) -> Result<Value, String> {
    let Some(bytes) = entry.read(TEXT)? else { return Ok(Value::Null) };
    *room = room
        .checked_sub(bytes.len() as u64)
        .ok_or_else(|| format!("these files together have more than {} MiB", TEXTS >> 20))?;
    Ok(String::from_utf8(bytes).map_or(Value::Null, Value::String))
}
