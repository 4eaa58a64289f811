//! Values in addresses: none changes where the parts of one begin and end (RFC 3986).

use reqwest::Url;

/// A value where it stands in an address: all of its beginning, a host and port, or a part of the rest.
pub(super) fn in_address(before: &str, value: &str) -> Result<String, String> {
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
