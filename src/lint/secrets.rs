//! Secrets in the document itself, which is kept, shown and issued as it is. What is plainly an example is none.

use std::collections::BTreeSet;

use crate::checklist::Checklist;
use crate::redact::{Redactor, Sighting, Sort};
use crate::source::{Diagnostic, Severity, Source, Span};

/// The code of all of them.
pub(super) const CODE: &str = "HP027";

/// A text that holds one of these is made up.
const MADE_UP: &[&str] = &[
    "example",
    "placeholder",
    "changeme",
    "change-me",
    "change_me",
    "replace",
    "redacted",
    "your",
    "insert",
    "dummy",
    "invalid",
    "wrong",
    "xxxx",
    "****",
    "0000",
    "...",
    "…",
    "password",
    "passwort",
];

/// Passwords that nobody has.
const WORDS: &[&str] = &[
    "pass", "passwd", "pwd", "pw", "secret", "token", "key", "test", "testing", "dev", "local",
    "demo", "foo", "bar", "user", "username", "admin", "root", "guest", "postgres", "mysql",
    "redis", "rabbitmq", "mongo", "minio", "api-key",
];

/// So many letters in a row only a key has, and so soon below its first line.
const KEY: (usize, usize) = (32, 4);

/// Longer texts hold any word by chance.
const SHORT: usize = 200;

/// One finding for each secret.
pub(super) fn findings(checklist: &Checklist, redactor: &Redactor) -> Vec<Diagnostic> {
    let source = &checklist.source;
    let mut last = 0;
    let seen = seen(&source.text, redactor).into_iter().filter(|seen| {
        // Of several that overlap one is told.
        let first = seen.span.start >= last;
        last = last.max(seen.span.end);
        first
    });
    seen.map(|seen| finding(source, &seen)).collect()
}

/// The text with `*` for each byte of a secret, so that places stay as they are.
pub fn masked(source: &Source, redactor: &Redactor) -> Source {
    let mut bytes = source.text.as_bytes().to_vec();
    for Sighting { span, .. } in seen(&source.text, redactor) {
        let whole =
            source.text.floor_char_boundary(span.start)..source.text.ceil_char_boundary(span.end);
        bytes[whole].iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = b'*');
    }
    Source::new(source.path.clone(), String::from_utf8_lossy(&bytes).as_ref())
}

/// What is no example, in order.
fn seen<'r>(text: &str, redactor: &'r Redactor) -> Vec<Sighting<'r>> {
    let mut seen = redactor.sightings(text);
    seen.retain(|seen| match seen.sort {
        Sort::Value | Sort::Pattern => true,
        Sort::Certain if seen.name == "private-key" => is_key(&text[seen.span.clone()]),
        Sort::Certain | Sort::Likely => !is_example(text, seen),
    });
    seen
}

fn finding(source: &Source, seen: &Sighting<'_>) -> Diagnostic {
    let name = seen.name;
    let weak = seen.sort == Sort::Likely && (name != "url-password" || is_here(source, seen));
    let (severity, message, hint) = match weak {
        false => (
            Severity::Error,
            format!("here is a secret (`{name}`), and a checklist is kept and shown as it is"),
            "make it a parameter with `secret: true`, and change it: who can read this file knows it",
        ),
        true => (
            Severity::Warning,
            format!(
                "this looks like a secret (`{name}`), and a checklist is kept and shown as it is"
            ),
            "make it a parameter with `secret: true`",
        ),
    };
    // A key is shown by its first line.
    let line = source.line_span(source.line_of(seen.span.start));
    let end = seen.span.end.min(line.start + source.text[line.start..line.end].trim_end().len());
    let start = source.text.floor_char_boundary(seen.span.start);
    let span = Span { start, end: source.text.ceil_char_boundary(end.max(start)) };
    Diagnostic { code: CODE, severity, span, message, hint: Some(hint.to_owned()), fix: None }
}

/// A password for something on the reader's own machine.
fn is_here(source: &Source, seen: &Sighting<'_>) -> bool {
    let host = source.text[seen.span.end..].trim_start_matches('@');
    ["localhost", "127.", "[::1]", "0.0.0.0"].iter().any(|here| host.starts_with(here))
}

/// A key has a body; who only speaks of one, or leaves it out, has none.
fn is_key(text: &str) -> bool {
    let letters = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte);
    let is_body = |line: &str| line.len() >= KEY.0 && line.bytes().all(letters);
    let lines = text.split(['\n', '"', '\'']).flat_map(|line| line.split("\\n"));
    lines.map(str::trim).filter(|line| !line.is_empty()).skip(1).take(KEY.1).any(is_body)
}

fn is_example(text: &str, seen: &Sighting<'_>) -> bool {
    let secret = &text.as_bytes()[seen.span.clone()];
    let lower = String::from_utf8_lossy(secret).to_lowercase();
    let upper = |byte: &u8| byte.is_ascii_uppercase() || b"_-".contains(byte);
    // `${NAME}`, `<password>`, `%s`, `$(cat file)`: a place for it.
    let is_place = secret.iter().any(|byte| b"$<>{}()[]".contains(byte)) || lower.starts_with('%');
    // `DB_PASSWORD`, `TOKEN`.
    let is_name = seen.sort == Sort::Likely && secret.iter().all(upper);
    let few = secret.iter().collect::<BTreeSet<_>>().len() <= 3;
    let made_up = lower.len() <= SHORT && MADE_UP.iter().any(|word| lower.contains(word));
    let word = lower.trim_end_matches(|char: char| char.is_ascii_digit());
    let is_word = seen.sort == Sort::Likely && WORDS.contains(&word);
    is_place || is_name || few || made_up || is_word || is_user(text, seen, secret)
}

/// `app:app@db`: the user's name again.
fn is_user(text: &str, seen: &Sighting<'_>, secret: &[u8]) -> bool {
    let before = text.as_bytes()[..seen.span.start].strip_suffix(b":");
    seen.name == "url-password"
        && before.is_some_and(|before| before.ends_with(&[b"/", secret].concat()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redact::{Pattern, Secrets};

    fn found(text: &str) -> Vec<(Severity, String)> {
        let reading = crate::checklist::read("list.md", text.as_bytes()).expect("a checklist");
        let patterns = vec![Pattern { name: "badge".to_owned(), regex: r"badge-\d+".to_owned() }];
        let redactor = Redactor::new(&Secrets { values: Vec::new(), patterns });
        let findings = findings(&reading.checklist, &redactor);
        let text = |span: Span| reading.checklist.source.text[span.start..span.end].to_owned();
        findings.into_iter().map(|found| (found.severity, text(found.span))).collect()
    }

    #[test]
    fn secrets_are_told_and_examples_are_not() {
        for (text, secret) in [
            (
                "ghp_0123456789abcdefghijABCDEFGHIJ012345",
                "ghp_0123456789abcdefghijABCDEFGHIJ012345",
            ),
            ("postgres://app:k3Rb9-ziQ2@db.internal/x", "k3Rb9-ziQ2"),
            ("badge-1234", "badge-1234"),
            ("AKIAQ3EGRZX7P2LMNV4B", "AKIAQ3EGRZX7P2LMNV4B"),
        ] {
            assert_eq!(found(text), [(Severity::Error, secret.to_owned())], "{text}");
        }
        for (text, secret) in [
            ("postgres://app:k3Rb9-ziQ2@localhost/x", "k3Rb9-ziQ2"),
            ("curl -H 'Authorization: Bearer k3Rb9ziQ2mm8Wq'", "k3Rb9ziQ2mm8Wq"),
            ("curl -H 'X-Api-Key: k3Rb9ziQ2mm8'", "k3Rb9ziQ2mm8"),
        ] {
            assert_eq!(found(text), [(Severity::Warning, secret.to_owned())], "{text}");
        }
        for example in [
            "postgres://user:password@db/x and redis://:secure_password@cache and mysql://app:test@db",
            "postgres://app:$PASSWORD@db, postgres://app:{{PASSWORD}}@db, postgres://app:DB_PASSWORD@db",
            "postgres://app:app@db/x and amqp://guest:guest@mq and redis://:secret123@cache",
            "AKIAIOSFODNN7EXAMPLE and ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx and eyJ...",
            "X-Api-Key: your-api-key-here and Authorization: Bearer YOUR_TOKEN",
            "it begins with -----BEGIN PRIVATE KEY-----\nand ends with -----END PRIVATE KEY-----",
            "-----BEGIN RSA PRIVATE KEY-----\n...\n-----END RSA PRIVATE KEY-----",
        ] {
            assert_eq!(found(example), [], "{example}");
        }
    }

    #[test]
    fn a_key_is_told_by_its_first_line_and_masked_whole() {
        let body = "MHcCAQEEIJq8nq4Zb1hWQk7qQ0m3Vd2T9gY0y3v5X6n7";
        let text = format!(
            "# R\n\n```\n-----BEGIN EC PRIVATE KEY-----\n{body}\n-----END EC PRIVATE KEY-----\n```\n"
        );
        assert_eq!(found(&text), [(Severity::Error, "-----BEGIN EC PRIVATE KEY-----".to_owned())]);
        let source = Source::new("list.md", text.as_str());
        let masked = masked(&source, &Redactor::default());
        assert!(!masked.text.contains(&body[..8]) && masked.text.starts_with("# R\n"));
        assert_eq!(masked.line_count(), source.line_count());
    }
}
