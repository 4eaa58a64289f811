//! The body of an answer: how it is unpacked (RFC 9110, 8.4), and whether its text is all that there is.
//! What is packed, or a part, holds none of the words that one looks for, and would pass every `not contains`.

use std::io::{self, ErrorKind, Write};

use flate2::write::MultiGzDecoder;
use reqwest::header::{AsHeaderName, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, TRANSFER_ENCODING};
use reqwest::{Method, Response, StatusCode};

use super::observe::Unseen;
use super::web::said;

/// Texts in these hold no ASCII as it is, nor does anything that is looked for.
const WIDE: &[&str] = &["utf-16", "utf16", "utf-32", "utf32", "utf-7", "ucs-", "iso-10646-ucs"];

/// How the bytes of a body are to be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    Plain,
    Gzip,
}

/// What is known of a body before it is read.
pub(super) struct Body {
    /// How it is unpacked; `None` where nobody can, and nothing of it is read.
    pub(super) coding: Option<Coding>,
    /// Why nothing can be said of its text.
    pub(super) unread: Option<String>,
}

impl Body {
    pub(super) fn of(method: &Method, response: &Response) -> Self {
        let (status, headers) = (response.status(), response.headers());
        let empty = status.is_informational()
            || [StatusCode::NO_CONTENT, StatusCode::NOT_MODIFIED].contains(&status);
        if *method == Method::HEAD {
            return Self::unseen("an answer to `HEAD` has no body".to_owned());
        } else if empty {
            return Self::unseen(format!("an answer with `{}` has no body", status.as_str()));
        }
        let part = (status == StatusCode::PARTIAL_CONTENT)
            .then(|| "an answer with `206` is a part of the body".to_owned());
        match (coding(headers), part) {
            (Err(named), _) => {
                Self::unseen(format!("the body is encoded as `{named}`, which is not read"))
            }
            // A part of what is packed cannot be unpacked.
            (Ok(Coding::Gzip), Some(part)) => Self::unseen(part),
            (Ok(coding), part) => {
                let charset = || {
                    let charset = wide_charset(headers)?;
                    Some(format!("the body is text in `{charset}`, which is not read"))
                };
                Self { coding: Some(coding), unread: part.or_else(charset) }
            }
        }
    }

    /// Nothing of it is read.
    fn unseen(why: String) -> Self {
        Self { coding: None, unread: Some(why) }
    }
}

/// What the bytes are packed with, on the way and by who sent them; else all of it that is not known.
fn coding(headers: &HeaderMap) -> Result<Coding, String> {
    let on_the_way = all(headers, TRANSFER_ENCODING);
    let named: Vec<String> = on_the_way
        .into_iter()
        .filter(|name| name != "chunked")
        .chain(all(headers, CONTENT_ENCODING))
        .filter(|name| name != "identity")
        .collect();
    match named.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => Ok(Coding::Plain),
        ["gzip" | "x-gzip"] if headers.contains_key(CONTENT_ENCODING) => Ok(Coding::Gzip),
        _ => Err(named.join(", ")),
    }
}

/// All members of a list, over several headers of a name.
fn all(headers: &HeaderMap, name: impl AsHeaderName) -> Vec<String> {
    let values = headers.get_all(name).into_iter();
    let values: Vec<String> =
        values.map(|value| String::from_utf8_lossy(value.as_bytes()).to_lowercase()).collect();
    let names = values.iter().flat_map(|value| value.split(',')).map(str::trim);
    names.filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

fn wide_charset(headers: &HeaderMap) -> Option<String> {
    all(headers, CONTENT_TYPE).iter().flat_map(|value| value.split(';')).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let value = value.trim().trim_matches(['"', '\'']);
        let is_wide = WIDE.iter().any(|begin| value.starts_with(begin));
        (name.trim() == "charset" && is_wide).then(|| value.to_owned())
    })
}

/// Takes the bytes of a body as they come, and passes on what is in them.
enum Unpacker<W: Write> {
    Plain(W),
    Gzip(Box<MultiGzDecoder<W>>),
}

impl<W: Write> Unpacker<W> {
    fn new(coding: Coding, to: W) -> Self {
        match coding {
            Coding::Plain => Self::Plain(to),
            Coding::Gzip => Self::Gzip(Box::new(MultiGzDecoder::new(to))),
        }
    }

    fn take(&mut self, piece: &[u8]) -> io::Result<()> {
        match self {
            Self::Plain(to) => to.write_all(piece),
            Self::Gzip(to) => to.write_all(piece),
        }
    }

    /// Nothing more comes.
    ///
    /// # Errors
    /// When something is missing at the end.
    fn end(self) -> io::Result<W> {
        match self {
            Self::Plain(to) => Ok(to),
            Self::Gzip(to) => to.finish(),
        }
    }
}

/// Where a body goes that may be so long.
struct Bounded<T> {
    to: T,
    length: usize,
    most: usize,
}

impl<T: FnMut(&[u8]) -> bool> Write for Bounded<T> {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        self.length = self.length.saturating_add(piece.len());
        if self.length > self.most {
            let why = format!("the body is longer than {} MiB", self.most >> 20);
            return Err(io::Error::new(ErrorKind::FileTooLarge, why));
        }
        match (self.to)(piece) {
            true => Ok(piece.len()),
            false => Err(io::Error::new(ErrorKind::BrokenPipe, "nobody looks any more")),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Reads the body to its end, and passes on what is in it.
pub(super) async fn unpack(
    mut response: Response,
    coding: Coding,
    most: usize,
    to: impl FnMut(&[u8]) -> bool,
) -> Result<(), Unseen> {
    let mut length = 0;
    let broken = |length: usize, why: String| {
        Unseen::reached(format!("the body broke off after {length} bytes: {why}"))
    };
    let refused = |length: usize, error: io::Error| match error.kind() {
        ErrorKind::FileTooLarge | ErrorKind::BrokenPipe => Unseen::reached(error.to_string()),
        _ => broken(length, error.to_string()),
    };
    let mut unpacker = Unpacker::new(coding, Bounded { to, length: 0, most });
    loop {
        let piece = response.chunk().await.map_err(|error| broken(length, said(&error)))?;
        let Some(piece) = piece else { break };
        length += piece.len();
        unpacker.take(&piece).map_err(|error| refused(length, error))?;
    }
    unpacker.end().map_err(|error| refused(length, error)).map(drop)
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderName, HeaderValue};

    use super::*;

    fn headers(all: &[(&str, &str)]) -> HeaderMap {
        let each = all.iter().map(|(name, value)| {
            let name = HeaderName::try_from(*name).expect("a name");
            (name, HeaderValue::from_str(value).expect("a value"))
        });
        let mut headers = HeaderMap::new();
        for (name, value) in each {
            headers.append(name, value);
        }
        headers
    }

    #[test]
    fn what_is_packed_in_another_way_is_named() {
        const CODING: &str = "content-encoding";
        for (given, expected) in [
            (&[][..], Ok(Coding::Plain)),
            (&[(CODING, "")], Ok(Coding::Plain)),
            (&[(CODING, "identity")], Ok(Coding::Plain)),
            (&[(CODING, "GZIP")], Ok(Coding::Gzip)),
            (&[(CODING, "x-gzip, identity")], Ok(Coding::Gzip)),
            (&[(CODING, "gzip"), ("transfer-encoding", "Chunked")], Ok(Coding::Gzip)),
            (&[(CODING, "gzip, gzip")], Err("gzip, gzip")),
            (&[(CODING, "gzip"), (CODING, "br")], Err("gzip, br")),
            (&[(CODING, "zstd")], Err("zstd")),
            (&[(CODING, "deflate")], Err("deflate")),
            (&[(CODING, "gzip;q=1")], Err("gzip;q=1")),
            (&[("transfer-encoding", "gzip, chunked")], Err("gzip")),
        ] {
            let found = coding(&headers(given));
            assert_eq!(found, expected.map_err(str::to_owned), "{given:?}");
        }
    }

    #[test]
    fn charsets_in_which_no_word_is_found_are_known() {
        let wide = |value| wide_charset(&headers(&[("content-type", value)])).is_some();
        for value in
            ["text/plain; charset=UTF-16", "a/b;x=y; Charset=\"utf-32le\"", "t/p;charset=ucs-2"]
        {
            assert!(wide(value), "{value}");
        }
        for value in ["text/plain", "text/plain; charset=utf-8", "text/plain; x=utf-16"] {
            assert!(!wide(value), "{value}");
        }
    }
}
