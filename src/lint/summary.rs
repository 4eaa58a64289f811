//! What `lint --format json` says of one file.

use serde::Serialize;

use crate::source::{Diagnostic, Severity, Source};

use crate::survey::{self, Model};

use super::{Done, File};

/// What `lint --format json` says of one file; docs/json.md has the shape.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct Summary {
    pub file: String,
    pub title: String,
    pub items: usize,
    pub checks: usize,
    pub gates: Vec<GateSummary>,
    pub findings: Vec<FindingSummary>,
    pub fixed: Vec<Done>,
    /// All that was read, as [`Model`] has it; null for what is no checklist.
    pub model: Option<serde_json::Value>,
}

/// A gate in [`Summary`].
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct GateSummary {
    pub name: String,
    pub line: usize,
    pub roles: Vec<String>,
    pub items: usize,
}

/// A finding in [`Summary`]; lines and columns from 1.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct FindingSummary {
    pub code: &'static str,
    pub severity: Severity,
    pub line: usize,
    pub column: usize,
    pub end_line: usize,
    pub end_column: usize,
    pub message: String,
    pub hint: Option<String>,
    pub fixable: bool,
}

impl Summary {
    /// Sums a file up; of one that is no checklist only the finding that says so.
    pub fn of(file: &File, fixed: &[Done]) -> Self {
        let source = file.source();
        let findings = file.findings().iter().map(|finding| FindingSummary::of(source, finding));
        let summary = Self {
            file: source.path.clone(),
            title: String::new(),
            items: 0,
            checks: 0,
            gates: Vec::new(),
            findings: findings.collect(),
            fixed: fixed.to_vec(),
            model: None,
        };
        let File::Read(reading) = file else { return summary };
        let checklist = &reading.checklist;
        let mut items = vec![0; checklist.gates.len()];
        for gate in checklist.items.iter().filter_map(|item| item.gate) {
            items[gate] += 1;
        }
        let gates = checklist.gates.iter().zip(items).map(|(gate, items)| GateSummary {
            name: gate.name.clone(),
            line: gate.line,
            roles: gate.roles.iter().map(|role| role.name.clone()).collect(),
            items,
        });
        Self {
            title: checklist.title.clone(),
            items: checklist.items.len(),
            checks: checklist.items.iter().filter(|item| item.is_checked()).count(),
            gates: gates.collect(),
            model: serde_json::to_value(Model::of(checklist, &survey::survey(checklist))).ok(),
            ..summary
        }
    }
}

impl FindingSummary {
    fn of(source: &Source, finding: &Diagnostic) -> Self {
        Self {
            code: finding.code,
            severity: finding.severity,
            line: source.line_of(finding.span.start),
            column: source.column_of(finding.span.start),
            end_line: source.line_of(finding.span.end),
            end_column: source.column_of(finding.span.end),
            message: finding.message.clone(),
            hint: finding.hint.clone(),
            fixable: finding.fix.is_some(),
        }
    }
}
