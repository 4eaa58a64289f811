//! Findings about a checklist: the reader's, and those of its checks. Reads, and never runs.

use serde::Serialize;

use crate::check::{self, Compiled, Fault};
use crate::checklist::{Block, Checklist, Mark, Reading};
use crate::source::{Diagnostic, Severity, Span};

/// A checklist as read, its checks compiled, and all findings about both.
#[derive(Clone, Debug)]
pub struct Linted {
    /// The checklist and the findings.
    pub reading: Reading,
    /// Its checks.
    pub checks: Compiled,
}

/// Compiles the checks, and adds what that finds to what the reader found.
pub fn complete(mut reading: Reading) -> Linted {
    let checks = compile(&reading.checklist);
    let found = of_checks(&reading.checklist, &checks);
    reading.diagnostics.extend(found);
    reading.diagnostics.sort_by_key(|finding| (finding.span.start, finding.code));
    Linted { reading, checks }
}

/// Fewer checks than this are compiled before a thread has begun.
const FEW: usize = 64;

fn compile(checklist: &Checklist) -> Compiled {
    let blocks = checklist.blocks.iter().enumerate();
    let marked: Vec<(usize, &Block)> =
        blocks.filter(|(_, block)| block.mark == Mark::Check).collect();
    let each = |marked: &[(usize, &Block)]| -> Compiled {
        let compiled = |block: &Block| check::compile(&block.language, &block.content);
        marked.iter().map(|(at, block)| (*at, compiled(block))).collect()
    };
    if marked.len() < FEW {
        return each(&marked);
    }
    let (first, second) = marked.split_at(marked.len() / 2);
    std::thread::scope(|scope| {
        let second_half = scope.spawn(|| each(second));
        let mut all = each(first);
        all.append(&mut second_half.join().unwrap_or_else(|_| each(second)));
        all
    })
}

fn of_checks(checklist: &Checklist, checks: &Compiled) -> Vec<Diagnostic> {
    let source = &checklist.source;
    let found = checks.iter().flat_map(|(at, check)| {
        let (faults, severity) = match check {
            Ok(check) => (check.doubts(), Severity::Warning),
            Err(faults) => (&faults[..], Severity::Error),
        };
        faults.iter().map(move |fault| (*at, fault, severity))
    });
    let finding = |(at, fault, severity): (usize, &Fault, Severity)| {
        let block = &checklist.blocks[at];
        let about_language = matches!(fault.code, "HP110" | "HP111");
        let number = if about_language { block.line } else { block.line + 1 + fault.line };
        let line = source.line(number);
        let start = source.line_span(number).start + (line.len() - line.trim_start().len());
        let end = start + line.trim().len();
        Diagnostic {
            code: fault.code,
            severity,
            span: Span { start, end },
            message: fault.message.clone(),
            hint: fault.hint.clone(),
            fix: None,
        }
    };
    found.map(finding).collect()
}

/// A finding that stops the whole run, and not only its item.
///
/// What is wrong inside a marked block makes its item an error; all else means that we may have
/// understood the document wrongly.
pub fn blocking(reading: &Reading) -> impl Iterator<Item = &Diagnostic> {
    let blocks = &reading.checklist.blocks;
    reading.diagnostics.iter().filter(move |finding| {
        let inside = blocks.iter().any(|block| {
            block.mark != Mark::None
                && (block.span.start..block.span.end).contains(&finding.span.start)
        });
        finding.severity == Severity::Error && (!inside || finding.code == "HP001")
    })
}

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
}

impl Summary {
    /// Sums a reading up.
    pub fn of(reading: &Reading) -> Self {
        let checklist = &reading.checklist;
        let source = &checklist.source;
        let gates = checklist.gates.iter().enumerate().map(|(at, gate)| GateSummary {
            name: gate.name.clone(),
            line: gate.line,
            roles: gate.roles.iter().map(|role| role.name.clone()).collect(),
            items: checklist.items.iter().filter(|item| item.gate == Some(at)).count(),
        });
        let findings = reading.diagnostics.iter().map(|finding| FindingSummary {
            code: finding.code,
            severity: finding.severity,
            line: source.line_of(finding.span.start),
            column: source.column_of(finding.span.start),
            end_line: source.line_of(finding.span.end),
            end_column: source.column_of(finding.span.end),
            message: finding.message.clone(),
            hint: finding.hint.clone(),
        });
        Self {
            file: source.path.clone(),
            title: checklist.title.clone(),
            items: checklist.items.len(),
            checks: checklist.items.iter().filter(|item| !item.blocks.is_empty()).count(),
            gates: gates.collect(),
            findings: findings.collect(),
        }
    }
}
