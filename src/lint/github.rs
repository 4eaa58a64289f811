//! Findings as workflow commands of GitHub Actions, which shows them at their lines.
//!
//! <https://docs.github.com/actions/reference/workflow-commands-for-github-actions>

use crate::source::{Diagnostic, Severity, Source};

/// One finding as one line; `path` is relative to the repository.
pub fn command(path: &str, source: &Source, finding: &Diagnostic) -> String {
    let kind = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let (line, end_line) = (source.line_of(finding.span.start), source.last_line_of(finding.span));
    let mut place = format!("file={},line={line},endLine={end_line}", property(path));
    // Columns mean something within one line only.
    if line == end_line {
        let (from, to) = (source.column_of(finding.span.start), source.column_of(finding.span.end));
        place.push_str(&format!(",col={from},endColumn={}", to.max(from)));
    }
    let hint = finding.hint.as_ref().map(|hint| format!("\nhint: {hint}")).unwrap_or_default();
    format!(
        "::{kind} {place},title={}::{}",
        finding.code,
        data(&format!("{}{hint}", finding.message))
    )
}

/// The text of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property, which also ends at a colon or a comma.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Span;

    #[test]
    fn what_would_end_a_command_is_escaped() {
        let source = Source::new("x", "one\ntwo\n");
        let mut finding = Diagnostic {
            code: "HP005",
            severity: Severity::Warning,
            span: Span { start: 5, end: 7 },
            message: "50% of\nit: ::error::".to_owned(),
            hint: Some("a, b".to_owned()),
            fix: None,
        };
        assert_eq!(
            command("a,b:c%.md", &source, &finding),
            "::warning file=a%2Cb%3Ac%25.md,line=2,endLine=2,col=2,endColumn=4,title=HP005::50%25 of%0Ait: ::error::%0Ahint: a, b"
        );
        finding.span = Span { start: 0, end: 7 };
        assert!(command("a", &source, &finding).contains("line=1,endLine=2,title="));
    }
}
