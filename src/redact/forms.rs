//! The forms in which a value turns up when programs print it: base64, hex, percent-encoded, escaped for
//! JSON, HTML or a shell, in one case of letters.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};

/// A secret in the forms in which it may turn up.
pub(super) fn of(value: &[u8]) -> Vec<Vec<u8>> {
    // Names of hosts lose their capitals, those of variables their small letters.
    let mut forms = vec![value.to_vec(), value.to_ascii_lowercase(), value.to_ascii_uppercase()];
    let hex: String = value.iter().map(|byte| format!("{byte:02x}")).collect();
    let percent = |upper: bool, keep: &dyn Fn(u8) -> bool| -> String {
        value
            .iter()
            .map(|&byte| match (keep(byte), upper) {
                (true, _) => char::from(byte).to_string(),
                (false, true) => format!("%{byte:02X}"),
                (false, false) => format!("%{byte:02x}"),
            })
            .collect()
    };
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    // Short values would blot out half of every output in forms that carry few bytes.
    if value.len() >= 4 {
        // As `xxd -p` breaks its lines, and `od -An -tx1` parts its bytes.
        forms.extend(wrapped(&hex, 60));
        let bytes: Vec<String> = value.iter().map(|byte| format!("{byte:02x}")).collect();
        let lines: Vec<String> = bytes.chunks(16).map(|line| line.join(" ")).collect();
        forms.push(lines.join("\n ").into_bytes());
        forms.push(hex.to_uppercase().into_bytes());
        forms.push(hex.into_bytes());
        for engine in [&STANDARD, &URL_SAFE] {
            for shift in 0..3 {
                let mut shifted = vec![0; shift];
                shifted.extend_from_slice(value);
                let text = engine.encode(&shifted);
                // The characters at both ends depend on what stands beside the value.
                let skip = (shift * 8).div_ceil(6);
                let whole = (shifted.len() * 8) / 6;
                forms.push(text.as_bytes()[skip..whole].to_vec());
                if shift == 0 {
                    // As `base64`, `openssl base64` and PEM break their lines.
                    forms.extend(
                        [76, 64].into_iter().flat_map(|width| wrapped(&text[..whole], width)),
                    );
                }
            }
        }
    }
    forms.push(percent(true, &unreserved).into_bytes());
    forms.push(percent(false, &unreserved).into_bytes());
    // As Python's `quote` and JavaScript's `encodeURIComponent` keep more.
    forms.push(percent(true, &|byte| unreserved(byte) || byte == b'/').into_bytes());
    forms.push(percent(true, &|byte| unreserved(byte) || b"!'()*".contains(&byte)).into_bytes());
    forms.push(percent(true, &unreserved).replace("%20", "+").into_bytes());
    // As `$'…'` of shells and texts of bytes in Python.
    forms.push(in_bytes(value, |byte| format!("\\{byte:03o}")).replace('\'', "\\'").into_bytes());
    forms.push(in_bytes(value, |byte| format!("\\x{byte:02x}")).into_bytes());
    if let Ok(text) = std::str::from_utf8(value) {
        if let Ok(json) = serde_json::to_string(text) {
            forms.push(json.as_bytes()[1..json.len() - 1].to_vec());
            let json = &json[1..json.len() - 1];
            forms.push(json.replace('/', "\\/").into_bytes());
            let ascii = in_ascii(json);
            // As Java writes it, and as JSON that is a text in JSON.
            forms.push(in_ascii_by(json, |unit| format!("\\u{unit:04X}")).into_bytes());
            forms.push(json.replace('\\', "\\\\").replace('"', "\\\"").into_bytes());
            // As Go's encoder writes what HTML could take up.
            for text in [json, &ascii] {
                let go =
                    text.replace('&', "\\u0026").replace('<', "\\u003c").replace('>', "\\u003e");
                forms.push(go.into_bytes());
            }
            forms.push(ascii.into_bytes());
        }
        // As `set -x` quotes a quote, `printf %q` all that is special, and `declare -p` what is in double quotes.
        forms.push(text.replace('\'', "'\\''").into_bytes());
        for special in [" \t!\"$&'()*,;<>?[\\]^`{|}", "\"$\\`"] {
            forms.push(backslashed(text, special).into_bytes());
        }
        // As a value is written into a regex, and that into a text; and a text of SQL.
        let regex = regex::escape(text);
        forms.push(regex.replace('\\', "\\\\").replace('"', "\\\"").into_bytes());
        forms.push(regex.into_bytes());
        forms.push(text.replace('\'', "''").into_bytes());
        for (double, single) in [
            ("&quot;", "'"),
            ("&quot;", "&#x27;"),
            ("&quot;", "&#39;"),
            ("&quot;", "&apos;"),
            ("&#34;", "&#39;"),
        ] {
            let html = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            forms.push(html.replace('"', double).replace('\'', single).into_bytes());
        }
    }
    forms.retain(|form| !form.is_empty());
    forms
}

/// A long text in lines of so many characters, ended in either way; none for a short one.
fn wrapped(text: &str, width: usize) -> Vec<Vec<u8>> {
    if text.len() <= width {
        return Vec::new();
    }
    let lines: Vec<&[u8]> = text.as_bytes().chunks(width).collect();
    [&b"\n"[..], b"\r\n"].into_iter().map(|end| lines.join(end)).collect()
}

/// With a backslash before each character that is special.
fn backslashed(text: &str, special: &str) -> String {
    let quoted = |char| [special.contains(char).then_some('\\'), Some(char)];
    text.chars().flat_map(quoted).flatten().collect()
}

/// What is not printable ASCII as `\303` or `\xc3`.
fn in_bytes(value: &[u8], write: impl Fn(u8) -> String) -> String {
    let plain = |byte: u8| byte.is_ascii_graphic() || byte == b' ';
    let each = |&byte: &u8| match byte {
        b'\n' => "\\n".to_owned(),
        b'\t' => "\\t".to_owned(),
        b'\\' => "\\\\".to_owned(),
        byte if plain(byte) => char::from(byte).to_string(),
        byte => write(byte),
    };
    value.iter().map(each).collect()
}

/// What is not ASCII as `\u00e4`, in units of UTF-16.
fn in_ascii(text: &str) -> String {
    in_ascii_by(text, |unit| format!("\\u{unit:04x}"))
}

fn in_ascii_by(text: &str, write: impl Fn(&u16) -> String) -> String {
    let mut units = [0; 2];
    text.chars()
        .map(|char| match char.is_ascii() {
            true => char.to_string(),
            false => char.encode_utf16(&mut units).iter().map(&write).collect(),
        })
        .collect()
}
