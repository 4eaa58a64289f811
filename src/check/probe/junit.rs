//! `junit`: what reports of tests say.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::check::Fault;
use crate::check::subject::{Output, Sort, Subjects};
use crate::check::template::Values;

use super::Parts;
use super::glob::{self, Budget, Entry, Found, Pattern};
use super::observe::{Context, Fields, Sink, Unseen};
use super::suites::{self, Counts, Report};

pub(super) const SUBJECTS: Subjects = Subjects {
    example: "failures == 0",
    output: Output::Json,
    fields: &[
        ("tests", Sort::Plain),
        ("passed", Sort::Plain),
        ("failures", Sort::Plain),
        ("errors", Sort::Plain),
        ("skipped", Sort::Plain),
        ("flaky", Sort::Plain),
        ("failed", Sort::List),
        ("time", Sort::Seconds),
        ("age", Sort::Seconds),
    ],
    families: &[],
};

/// A report may be so long: 50 MB.
const LONGEST: u64 = 50_000_000;

/// Paths and globs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in super::super) struct Ask(Vec<Pattern>);

/// Reads lines of paths.
pub(super) fn read(parts: &Parts<'_>) -> Result<Ask, Fault> {
    glob::read(&parts.lines).map(Ask)
}

impl Ask {
    pub(super) fn filled(&self, values: &Values) -> Result<Self, String> {
        let patterns = self.0.iter().map(|pattern| pattern.filled(values));
        patterns.collect::<Result<_, _>>().map(Self)
    }

    pub(super) fn names<'a>(&'a self, names: &mut BTreeSet<&'a str>) {
        glob::names(&self.0, names);
    }

    pub(super) fn look(&self, context: &Context<'_>, sink: &Sink<'_>) -> Result<Fields, Unseen> {
        let mut budget = Budget::new();
        let mut all = Found::new();
        for pattern in &self.0 {
            let mut found = pattern.find(context, &mut budget)?;
            found.retain(|_, entry| entry.is_file());
            if found.is_empty() {
                return Err(Unseen::new(format!("there is no file `{}`", pattern.written)));
            }
            all.extend(found);
        }
        let mut whole = Report { time: Some(0.0), ..Report::default() };
        for (name, entry) in &all {
            let report = report(entry, context);
            let report = report.map_err(|why| Unseen::new(format!("`{name}`: {why}")))?;
            whole.counts.add(&report.counts);
            whole.failed.extend(report.failed);
            whole.time = whole.time.zip(report.time).map(|(all, one)| all + one);
        }
        let mut fields = fields(&whole);
        let ages: Option<Vec<u64>> = all.values().map(Entry::age).collect();
        let oldest = ages.and_then(|ages| ages.into_iter().max());
        fields.insert("age".to_owned(), json!(oldest));
        let mut shown = fields.clone();
        shown.insert("files".to_owned(), json!(all.keys().collect::<Vec<_>>()));
        sink.show_fields(&shown);
        Ok(fields)
    }
}

fn report(entry: &Entry, context: &Context<'_>) -> Result<Report, String> {
    let bytes = entry.read(LONGEST)?;
    let bytes = bytes.ok_or_else(|| format!("it is longer than {} MB", LONGEST / 1_000_000))?;
    suites::read(&bytes, || context.is_over())
}

/// What is known. Of no tests at all only that: nothing failed where nothing ran.
fn fields(report: &Report) -> Fields {
    let Counts { tests, passed, failures, errors, skipped, flaky, .. } = report.counts;
    let mut fields = Fields::from_iter([("tests".to_owned(), json!(tests))]);
    if tests == 0 {
        return fields;
    }
    let counts =
        [("passed", passed), ("failures", failures), ("errors", errors), ("skipped", skipped)];
    for (name, count) in counts.into_iter().chain([("flaky", flaky)]) {
        fields.insert(name.to_owned(), json!(count));
    }
    fields.insert("failed".to_owned(), json!(report.failed));
    // Sums of fractions have more digits than anybody measured.
    let time = report.time.map(|time| (time * 1e6).round() / 1e6);
    fields.insert("time".to_owned(), time.map_or(Value::Null, Value::from));
    fields
}
