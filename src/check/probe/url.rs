//! Values in addresses: none changes where the parts of one begin and end (RFC 3986).

use reqwest::Url;

use crate::check::template::{Template, Values};

/// An address with values.
///
/// # Errors
/// When a name has no value, or a value would change more than its own part.
pub(super) fn filled(address: &Template, values: &Values) -> Result<String, String> {
    let filled = address.fill_by(values, in_address)?;
    // Values next to one another, or to a dot that is written there, may only together be one.
    match dots(&filled) > dots(&address.written()) {
        true => {
            Err("a part of the path comes to `.` or `..`, which would ask for another".to_owned())
        }
        false => Ok(filled),
    }
}

/// How many parts of the path go nowhere, or up, also where they are percent-encoded.
fn dots(address: &str) -> usize {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let parts = path.split(['/', '\\']).map(|part| part.to_ascii_lowercase().replace("%2e", "."));
    parts.filter(|part| part == "." || part == "..").count()
}

/// A value where it stands in an address: all of its beginning, a host and port, or a part of the rest.
fn in_address(before: &str, value: &str) -> Result<String, String> {
    let is_host = |text: &str| {
        text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]_".contains(&byte))
    };
    match before.split_once("://") {
        None if before.is_empty() => match Url::parse(value) {
            Ok(url)
                if matches!(url.scheme(), "http" | "https")
                    && url.query().is_none()
                    && url.fragment().is_none() =>
            {
                Ok(value.trim_end_matches('/').to_owned())
            }
            _ => Err(format!("`{value}` is no beginning of an address")),
        },
        Some((_, rest)) if !rest.contains('/') => match is_host(value) {
            true => Ok(value.to_owned()),
            false => Err(format!("`{value}` is no host")),
        },
        _ => Ok(percent_encoding(value)),
    }
}

/// Everything but what RFC 3986, 2.3 leaves unreserved.
pub(super) fn percent_encoding(value: &str) -> String {
    value.bytes().fold(String::new(), |mut text, byte| {
        match byte {
            byte if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => {
                text.push(char::from(byte))
            }
            byte => text.push_str(&format!("%{byte:02X}")),
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_goes_up_or_nowhere_in_a_path() {
        let fill = |address: &str, value: &str| {
            let values = Values::from([("P".to_owned(), value.to_owned())]);
            filled(&Template::read(address), &values)
        };
        for (address, value) in [
            ("http://h/a/{{P}}/json", ".."),
            ("http://h/a/{{P}}", "."),
            ("http://h/a/{{P}}{{P}}/json", "."),
            ("http://h/a/.{{P}}?q", "."),
            ("http://h/a/%2E{{P}}", "."),
            ("http://h/a\\{{P}}/json", ".."),
            ("{{P}}/json", "http://h/a/../b"),
            ("{{P}}/json", "http://h/a/%2e%2E"),
        ] {
            let refused = fill(address, value).expect_err(address);
            assert!(refused.contains("`..`"), "{refused}");
        }
        for (address, value, expected) in [
            ("http://h/a/{{P}}/json", "...", "http://h/a/.../json"),
            ("http://h/a/v{{P}}/json", "..", "http://h/a/v../json"),
            ("http://h/a/../{{P}}", "b", "http://h/a/../b"),
            ("http://h/a?q={{P}}", "..", "http://h/a?q=.."),
            ("http://h/a/{{P}}", "%2e%2e", "http://h/a/%252e%252e"),
            ("http://h/a/{{P}}", "../b", "http://h/a/..%2Fb"),
        ] {
            assert_eq!(fill(address, value), Ok(expected.to_owned()));
        }
    }
}
