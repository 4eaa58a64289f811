//! Expansions whose value is probably a secret.

use std::sync::LazyLock;

use regex::Regex;

/// `$API_TOKEN`, `${DB_PASSWORD}`; not `${#TOKEN}` (its length) nor `${TOKEN:+set}`.
pub(super) fn is_named(word: &str) -> bool {
    static NAMED: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(
            r"(?i)\$(env:)?\{?\w*(token|passw(or)?d|pwd|secret|credential|api_?key|private_?key|access_?key|_key\b)\w*",
        )
        .ok()
    });
    let is_shown = |end: usize| {
        let rest = &word[end..];
        !rest.starts_with(":+") && !rest.starts_with('+')
    };
    NAMED.as_ref().is_some_and(|named| {
        named.find_iter(word).any(|found| found.as_str() != "$PWD" && is_shown(found.end()))
    })
}

#[cfg(test)]
mod tests {
    use super::is_named;

    #[test]
    fn variables_are_secret_by_their_names() {
        for word in [
            "$TOKEN",
            "x ${DB_PASSWORD} y",
            "$JWT_SECRET",
            "$api_key",
            "${API_KEY:-none}",
            "${TOKEN:0:9}",
        ] {
            assert!(is_named(word), "{word}");
        }
        for word in ["$HOME", "${#TOKEN}", "${TOKEN:+set}", "token", "$KEYSPACE", "$PWD"] {
            assert!(!is_named(word), "{word}");
        }
    }
}
