//! Findings about a checklist: the reader's, and those of its checks. Reads, and never runs.

use crate::check::{self, Compiled, Fault};
use crate::checklist::{Block, Checklist, Mark, Reading, Unreadable};
use crate::order;
use crate::redact::Redactor;
use crate::source::{Diagnostic, Severity, Source, Span};

mod blanks;
pub mod book;
mod claims;
mod commands;
mod encoding;
mod fences;
mod fix;
pub mod github;
mod lines;
mod mend;
mod review;
pub mod sarif;
mod secrets;
mod summary;
mod unseen;

pub use fix::{Done, Fixed, fix};
pub use review::overdue;
pub use secrets::masked;
pub use summary::{FindingSummary, GateSummary, Summary};

/// A checklist as read, its checks compiled, and all findings about both.
#[derive(Clone, Debug)]
pub struct Linted {
    /// The checklist and the findings.
    pub reading: Reading,
    /// Its checks.
    pub checks: Compiled,
}

/// One file that was to be linted.
#[derive(Clone, Debug)]
pub enum File {
    /// It is a checklist.
    Read(Reading),
    /// It is none.
    Refused(Unreadable),
}

impl File {
    /// Its text, as far as it has one.
    pub fn source(&self) -> &Source {
        match self {
            Self::Read(reading) => &reading.checklist.source,
            Self::Refused(unreadable) => &unreadable.source,
        }
    }

    /// All that there is to say about it.
    pub fn findings(&self) -> &[Diagnostic] {
        match self {
            Self::Read(reading) => &reading.diagnostics,
            Self::Refused(unreadable) => std::slice::from_ref(&unreadable.finding),
        }
    }

    /// How many findings weigh so much.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings().iter().filter(|finding| finding.severity == severity).count()
    }
}

/// Compiles the checks, and adds what that and the document alone tell to what the reader found.
pub fn complete(mut reading: Reading) -> Linted {
    let mut checks = compile(&reading.checklist);
    let misfits = order::faults(&reading.checklist, &checks);
    refuse(&mut checks, misfits);
    let checklist = &reading.checklist;
    let found = [
        of_checks(checklist, &checks),
        blanks::findings(checklist, &checks),
        encoding::findings(checklist),
        unseen::findings(checklist),
        fences::findings(checklist),
        claims::findings(checklist),
    ];
    reading.diagnostics.extend(found.into_iter().flatten());
    mend::attach(&mut reading);
    reading.diagnostics.sort_by_key(|finding| (finding.span.start, finding.code));
    Linted { reading, checks }
}

/// A check whose directives do not fit the document does not run, whatever else is right about it.
fn refuse(checks: &mut Compiled, faults: Vec<(usize, Fault)>) {
    for (block, fault) in faults {
        match checks.get_mut(&block) {
            Some(Err(faults)) => faults.push(fault),
            _ => drop(checks.insert(block, Err(vec![fault]))),
        }
    }
}

/// Adds the secrets in a document to what there is to say about it; no finding shows one.
pub fn guard(reading: &mut Reading, redactor: &Redactor) {
    let found = secrets::findings(&reading.checklist, redactor);
    if found.is_empty() {
        return;
    }
    for finding in &mut reading.diagnostics {
        finding.message = redactor.text(&finding.message);
        finding.hint = finding.hint.as_deref().map(|hint| redactor.text(hint));
    }
    reading.diagnostics.extend(found);
    reading.diagnostics.sort_by_key(|finding| (finding.span.start, finding.code));
}

/// What is worth a second look before anything runs, and too slow to be told whenever something does.
pub fn advice(linted: &Linted) -> Vec<Diagnostic> {
    commands::findings(&linted.reading.checklist, &linted.checks)
}

/// Scripts of so few bytes together are compiled before a thread has begun: 16 KiB.
const FEW: usize = 16 << 10;

fn compile(checklist: &Checklist) -> Compiled {
    let blocks = checklist.blocks.iter().enumerate();
    let (mut patterns, mut commands) = (0, 0);
    let (mut marked, mut refused) = (Vec::new(), Compiled::new());
    for (at, block) in blocks.filter(|(_, block)| block.mark == Mark::Check) {
        // A pattern is short, and what it is compiled to is not.
        patterns += check::patterns(&block.content);
        commands += check::commands(&block.content);
        let fault = if patterns > check::MOST_PATTERNS {
            Fault::too_many_patterns()
        } else if commands > check::MOST_COMMANDS {
            Fault::too_many_commands()
        } else {
            marked.push((at, block));
            continue;
        };
        refused.insert(at, Err(vec![fault]));
    }
    let mut all = compile_all(&marked);
    all.extend(refused);
    all
}

fn compile_all(marked: &[(usize, &Block)]) -> Compiled {
    let each = |marked: &[(usize, &Block)]| -> Compiled {
        let compiled = |block: &Block| check::compile(&block.language, &block.content);
        marked.iter().map(|(at, block)| (*at, compiled(block))).collect()
    };
    let bytes: usize = marked.iter().map(|(_, block)| block.content.len()).sum();
    if bytes < FEW {
        return each(marked);
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
        let at = finding.span.start;
        let before = blocks.partition_point(|block| block.span.start <= at);
        let inside = blocks[..before]
            .last()
            .is_some_and(|block| block.mark != Mark::None && at < block.span.end);
        finding.severity == Severity::Error
            && (!inside || matches!(finding.code, "HP001" | secrets::CODE))
    })
}
