//! Findings as SARIF 2.1.0, which code hosts and editors read.
//!
//! <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>: columns count UTF-16 code units
//! (§3.14.17), a region's end is exclusive (§3.30.8), paths are URIs relative to the root of the
//! sources (§3.4.4).

use serde_json::{Value, json};

use crate::source::{Diagnostic, Edit, Severity, Source, Span};

use super::book;

/// What the paths are relative to: the root of the repository.
const ROOT: &str = "%SRCROOT%";

/// Where the document that explains the findings can be read.
const HELP: &str = "https://docs.rs/crate/holdpoint/latest/source/docs/lint.md";

/// One file's part of the log.
pub struct File<'f> {
    /// Relative to the root of the repository, with `/`.
    pub path: &'f str,
    /// Its text.
    pub source: &'f Source,
    /// What there is to say about it.
    pub findings: &'f [Diagnostic],
}

/// The whole log: one run of one tool.
pub fn log(files: &[File<'_>]) -> Value {
    let rules: Vec<book::Entry> = book::entries().collect();
    let results = files.iter().flat_map(|file| {
        let rules = &rules;
        file.findings.iter().map(move |finding| result(file, finding, rules))
    });
    json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "holdpoint",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "informationUri": "https://crates.io/crates/holdpoint",
                "rules": rules.iter().map(rule).collect::<Vec<_>>(),
            } },
            "columnKind": "utf16CodeUnits",
            "originalUriBaseIds": { ROOT: { "description": { "text": "the root of the repository" } } },
            "results": results.collect::<Vec<_>>(),
        }],
    })
}

fn rule(entry: &book::Entry) -> Value {
    let level = entry.severity.split(',').next().unwrap_or_default();
    json!({
        "id": entry.code,
        "shortDescription": { "text": entry.meaning },
        "fullDescription": { "text": entry.meaning },
        "help": {
            "text": entry.to_string(),
            "markdown": format!("{}\n\n**Example:** {}\n\n**Fix:** {}", entry.meaning, entry.example, entry.fix),
        },
        // The document is a table: a text fragment leads to the row.
        "helpUri": format!("{HELP}#:~:text={}", entry.code),
        "defaultConfiguration": { "level": level },
    })
}

fn result(file: &File<'_>, finding: &Diagnostic, rules: &[book::Entry]) -> Value {
    let hint = finding.hint.as_ref().map(|hint| format!("\nHint: {hint}")).unwrap_or_default();
    let mut result = json!({
        "ruleId": finding.code,
        "level": match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        },
        "message": { "text": format!("{}{hint}", finding.message) },
        "locations": [{ "physicalLocation": {
            "artifactLocation": artifact(file),
            "region": region(file.source, finding.span),
        } }],
    });
    if let Some(at) = rules.iter().position(|rule| rule.code == finding.code) {
        result["ruleIndex"] = json!(at);
    }
    if let Some(fix) = &finding.fix {
        let replacements: Vec<Value> =
            fix.edits.iter().map(|edit| replacement(file.source, edit)).collect();
        result["fixes"] = json!([{
            "description": { "text": finding.hint.as_deref().unwrap_or(&finding.message) },
            "artifactChanges": [{ "artifactLocation": artifact(file), "replacements": replacements }],
        }]);
    }
    result
}

fn replacement(source: &Source, edit: &Edit) -> Value {
    json!({ "deletedRegion": region(source, edit.span), "insertedContent": { "text": edit.text } })
}

fn artifact(file: &File<'_>) -> Value {
    match file.path.starts_with('/') {
        true => json!({ "uri": format!("file://{}", encoded(file.path)) }),
        false => json!({ "uri": encoded(file.path), "uriBaseId": ROOT }),
    }
}

/// A path as part of a URI (RFC 3986, §2.3): all but unreserved characters and slashes as bytes.
fn encoded(path: &str) -> String {
    let mut uri = String::new();
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

fn region(source: &Source, span: Span) -> Value {
    let column = |offset: usize| {
        let start = source.line_span(source.line_of(offset)).start;
        source.text.get(start..offset).map_or(1, |before| before.encode_utf16().count() + 1)
    };
    json!({
        "startLine": source.line_of(span.start),
        "startColumn": column(span.start),
        "endLine": source.line_of(span.end),
        "endColumn": column(span.end),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Fix;

    #[test]
    fn columns_count_utf16_and_paths_are_uris() {
        let source = Source::new("x", "a\n🚀é x\n");
        let span = Span { start: 9, end: 10 };
        let finding = Diagnostic {
            code: "HP020",
            severity: Severity::Warning,
            span,
            message: "m".to_owned(),
            hint: Some("h".to_owned()),
            fix: Some(Fix::replace(span, "y")),
        };
        let file = File { path: "docs/go live/ü:1.md", source: &source, findings: &[finding] };
        let log = log(&[file]);
        let result = &log["runs"][0]["results"][0];
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "docs/go%20live/%C3%BC%3A1.md");
        assert_eq!(
            place["region"],
            json!({ "startLine": 2, "startColumn": 5, "endLine": 2, "endColumn": 6 })
        );
        let rule = &log["runs"][0]["tool"]["driver"]["rules"]
            [result["ruleIndex"].as_u64().expect("a number") as usize];
        assert_eq!(rule["id"], "HP020");
        assert_eq!(
            result["fixes"][0]["artifactChanges"][0]["replacements"][0]["insertedContent"]["text"],
            "y"
        );
    }
}
