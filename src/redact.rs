//! Takes secrets out of bytes before anything is hashed or kept: as they are, and in the forms in
//! which programs print them (base64, hex, percent-encoded, escaped for JSON or HTML).

use std::collections::BTreeMap;

use aho_corasick::{AhoCorasick, MatchKind};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};

use crate::outcome::Redaction;

/// Finds the secrets of a run.
#[derive(Clone, Debug, Default)]
pub struct Redactor {
    finder: Option<AhoCorasick>,
    /// For each pattern: the name of its secret.
    names: Vec<String>,
    longest: usize,
    /// There are secrets, and they cannot be searched for: nothing is let through.
    blind: bool,
}

/// What stands for bytes that could not be searched.
const ALL: &str = "[redacted]";

impl Redactor {
    /// For secrets as (name, value); empty values cannot be found and are passed over.
    pub fn new<'a>(secrets: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut forms: BTreeMap<Vec<u8>, String> = BTreeMap::new();
        for (name, value) in secrets.into_iter().filter(|(_, value)| !value.is_empty()) {
            for form in all_forms(value.as_bytes()) {
                forms.entry(form).or_insert_with(|| name.to_owned());
            }
        }
        let (patterns, names): (Vec<Vec<u8>>, Vec<String>) = forms.into_iter().unzip();
        let longest = patterns.iter().map(Vec::len).max().unwrap_or(0);
        let finder = (!patterns.is_empty())
            .then(|| {
                AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&patterns).ok()
            })
            .flatten();
        let blind = finder.is_none() && !patterns.is_empty();
        Self { finder, names, longest, blind }
    }

    /// Begins a stream of bytes.
    pub fn stream(&self) -> Stream<'_> {
        Stream { redactor: self, held: Vec::new(), counts: BTreeMap::new() }
    }

    /// A text without secrets.
    pub fn text(&self, text: &str) -> String {
        if self.blind {
            return ALL.to_owned();
        }
        if self.finder.is_none() {
            return text.to_owned();
        }
        let mut stream = self.stream();
        let mut clean = Vec::new();
        stream.feed(text.as_bytes(), &mut clean);
        stream.end(&mut clean);
        String::from_utf8_lossy(&clean).into_owned()
    }
}

/// Redacts bytes that come in pieces; a secret across two pieces is found.
pub struct Stream<'r> {
    redactor: &'r Redactor,
    held: Vec<u8>,
    counts: BTreeMap<String, i64>,
}

impl Stream<'_> {
    /// Takes a piece and appends what is clean for sure.
    pub fn feed(&mut self, piece: &[u8], clean: &mut Vec<u8>) {
        if self.redactor.finder.is_none() {
            clean.extend_from_slice(if self.redactor.blind { ALL.as_bytes() } else { piece });
            return;
        }
        self.held.extend_from_slice(piece);
        // What could begin a secret that goes on in the next piece stays behind.
        let keep = self.held.len().saturating_sub(self.redactor.longest.saturating_sub(1));
        self.take(keep, clean);
    }

    /// Appends the rest.
    pub fn end(&mut self, clean: &mut Vec<u8>) {
        self.take(self.held.len(), clean);
    }

    /// How often each secret was found.
    pub fn counts(&self) -> impl Iterator<Item = Redaction> + '_ {
        self.counts.iter().map(|(rule, count)| Redaction { rule: rule.clone(), count: *count })
    }

    /// Moves out what begins before `limit`; a match that begins there is moved whole.
    fn take(&mut self, limit: usize, clean: &mut Vec<u8>) {
        let Some(finder) = &self.redactor.finder else {
            return;
        };
        let mut at = 0;
        for found in finder.find_iter(&self.held) {
            if found.start() >= limit {
                break;
            }
            let name = &self.redactor.names[found.pattern().as_usize()];
            clean.extend_from_slice(&self.held[at..found.start()]);
            clean.extend_from_slice(format!("[redacted:{name}]").as_bytes());
            *self.counts.entry(name.clone()).or_default() += 1;
            at = found.end();
        }
        if at < limit {
            clean.extend_from_slice(&self.held[at..limit]);
            at = limit;
        }
        self.held.drain(..at);
    }
}

/// A secret in the forms in which it may turn up.
fn all_forms(value: &[u8]) -> Vec<Vec<u8>> {
    let mut forms = vec![value.to_vec()];
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
    if let Ok(text) = std::str::from_utf8(value) {
        if let Ok(json) = serde_json::to_string(text) {
            forms.push(json.as_bytes()[1..json.len() - 1].to_vec());
            let json = &json[1..json.len() - 1];
            forms.push(json.replace('/', "\\/").into_bytes());
            let ascii = in_ascii(json);
            // As Go's encoder writes what HTML could take up.
            for text in [json, &ascii] {
                let go =
                    text.replace('&', "\\u0026").replace('<', "\\u003c").replace('>', "\\u003e");
                forms.push(go.into_bytes());
            }
            forms.push(ascii.into_bytes());
        }
        // As `printf %q` and `set -x` quote a quote.
        forms.push(text.replace('\'', "'\\''").into_bytes());
        for (double, single) in
            [("&quot;", "'"), ("&quot;", "&#x27;"), ("&quot;", "&#39;"), ("&#34;", "&#39;")]
        {
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

/// What is not ASCII as `\u00e4`, in units of UTF-16.
fn in_ascii(text: &str) -> String {
    let mut units = [0; 2];
    text.chars()
        .map(|char| match char.is_ascii() {
            true => char.to_string(),
            false => {
                char.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")).collect()
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "hunter2/and more\"";

    #[test]
    fn lets_nothing_through_that_cannot_be_searched() {
        let blind = Redactor { blind: true, ..Redactor::default() };
        assert_eq!(blind.text("hunter2"), ALL);
        let mut clean = Vec::new();
        blind.stream().feed(b"hunter2", &mut clean);
        assert_eq!(clean, ALL.as_bytes());
    }

    #[test]
    fn finds_a_secret_as_usual_programs_write_it() {
        let long: String = (100..140).map(|n| format!("{n}_")).collect();
        let odd = "p\u{e4}/ss<w\u{f6}&r'd";
        let redactor = Redactor::new([("LONG", long.as_str()), ("ODD", odd)]);
        let encoded = STANDARD.encode(&long);
        let hex: String = long.bytes().map(|byte| format!("{byte:02x}")).collect();
        for (text, width) in [(&encoded, 76), (&encoded, 64), (&hex, 60)] {
            let lines: Vec<&str> = text
                .as_bytes()
                .chunks(width)
                .map(|line| std::str::from_utf8(line).expect("text"))
                .collect();
            let clean = redactor.text(&lines.join("\n"));
            assert!(clean.contains("[redacted:LONG]") && clean.len() < 24, "{clean}");
        }
        for text in [
            "p%C3%A4/ss%3Cw%C3%B6%26r%27d",
            "p\\u00e4/ss<w\\u00f6&r'd",
            "p\\u00e4/ss\\u003cw\\u00f6\\u0026r'd",
            "p\u{e4}/ss&lt;w\u{f6}&amp;r&#x27;d",
            "'p\u{e4}/ss<w\u{f6}&r'\\''d'",
        ] {
            assert!(redactor.text(text).contains("[redacted:ODD]"), "{text}");
        }
    }

    #[test]
    fn finds_a_secret_in_every_form() {
        let redactor = Redactor::new([("TOKEN", SECRET)]);
        for prefix in ["", "a", "ab", "user:"] {
            let text = format!("{prefix}{SECRET}:tail");
            let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
            for form in [
                text.clone(),
                STANDARD.encode(&text),
                URL_SAFE.encode(&text),
                hex,
                "hunter2%2Fand%20more%22".to_owned(),
                "hunter2%2Fand+more%22".to_owned(),
                serde_json::to_string(&text).expect("json"),
            ] {
                let clean = redactor.text(&form);
                assert!(clean.contains("[redacted:TOKEN]"), "{form} -> {clean}");
            }
        }
    }

    #[test]
    fn finds_a_secret_across_pieces() {
        let redactor = Redactor::new([("TOKEN", "hunter2")]);
        let text = b"xx hunter2 yy hunter hunter2";
        for size in 1..text.len() {
            let mut stream = redactor.stream();
            let mut clean = Vec::new();
            text.chunks(size).for_each(|piece| stream.feed(piece, &mut clean));
            stream.end(&mut clean);
            assert_eq!(clean, b"xx [redacted:TOKEN] yy hunter [redacted:TOKEN]", "{size}");
            assert_eq!(stream.counts().map(|count| count.count).collect::<Vec<_>>(), [2]);
        }
    }

    #[test]
    fn leaves_everything_else_alone() {
        let redactor = Redactor::new([("EMPTY", ""), ("TOKEN", "hunter2")]);
        assert_eq!(redactor.text("hunter3 and hunter"), "hunter3 and hunter");
    }
}
