//! What a report was made with beside the ledger: the checkpoint of that time, and how it was to look. It stands in the
//! file in one form for all formats, and is read from there when the report is rendered again: which checkpoint was the
//! newest, or what an organisation was called, is nothing that a ledger knows.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde::{Deserialize, Serialize};

use super::{Language, Typefaces};
use crate::digest::Digest;

/// Before it in base64 of RFC 4648 §5, which no format has to escape.
pub(super) const MARK: &str = "holdpoint-made-with:";

/// It is never longer.
const LONGEST: usize = 64 << 10;

/// So many marks are looked at beside the first and the last: what a document says may look like one.
const MOST: usize = 64;

/// What a report is made with beside the ledger.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Made {
    /// The checkpoint that was there when the report was issued.
    pub checkpoint: Option<Sealed>,
    /// How it looks.
    pub looks: Looks,
    /// The fonts that `looks` names, where they are at hand.
    pub fonts: Typefaces,
}

/// A checkpoint: how many entries were sealed, the root of the tree over them, and the note that was signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// So many entries.
    pub size: u64,
    /// The root over them.
    pub root: Digest,
    /// The signed note, as `ledger/checkpoint` had it.
    pub note: String,
}

/// How a report looks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Looks {
    /// Who may see it, in a line on every page; empty for none.
    pub classification: String,
    /// The SHA-256 of the user's fonts that its PDF is set in beside the program's own; empty for none.
    pub fonts: String,
    /// The language of its own words.
    pub language: Language,
    /// A picture in PNG or JPEG, in base64; empty for none.
    pub logo: String,
    /// Whose it is; empty where nobody is named.
    pub organisation: String,
}

/// As it is written.
#[derive(Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Written {
    checkpoint: String,
    looks: Looks,
}

impl Made {
    /// As it stands in a report; empty where there is nothing to say.
    pub(super) fn marked(&self) -> String {
        let checkpoint = self.checkpoint.as_ref().map(|sealed| sealed.note.clone());
        let written =
            Written { checkpoint: checkpoint.unwrap_or_default(), looks: self.looks.clone() };
        if written == Written::default() {
            return String::new();
        }
        // Texts and nothing else: it can always be written.
        let json = serde_json::to_vec(&written).unwrap_or_default();
        format!("{MARK}{}", BASE64.encode(json))
    }

    /// Everything in the bytes of a report that reads like this, at last what is said by nothing; `open` takes a note for
    /// a checkpoint, or does not. Of several one is the report's own: in most formats the first, in Markdown the last, which
    /// therefore come first here.
    pub fn all_in(bytes: &[u8], open: impl Fn(&str) -> Option<Sealed>) -> Vec<Self> {
        let written = |at: usize| {
            let rest = &bytes[at + MARK.len()..];
            let is_in = |byte: &&u8| byte.is_ascii_alphanumeric() || b"-_".contains(byte);
            let length = rest.iter().take(LONGEST).take_while(is_in).count();
            let json = BASE64.decode(&rest[..length]).ok()?;
            let Written { checkpoint, looks } = serde_json::from_slice(&json).ok()?;
            let checkpoint = match checkpoint.is_empty() {
                true => None,
                false => Some(open(&checkpoint)?),
            };
            Some(Self { checkpoint, looks, fonts: Typefaces::default() })
        };
        let mut all: Vec<Self> = Vec::new();
        let marks = || memchr::memmem::find_iter(bytes, MARK);
        let ends = marks().next().into_iter().chain(memchr::memmem::rfind(bytes, MARK.as_bytes()));
        let found = ends.chain(marks().take(MOST)).filter_map(written);
        for made in found.chain([Self::default()]) {
            if !all.contains(&made) {
                all.push(made);
            }
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_report_was_made_with_is_found_beside_what_only_looks_like_it() {
        let sealed = Sealed { size: 3, root: Digest::of(b""), note: "note\n3\n".to_owned() };
        let looks = Looks { organisation: "Müller & Söhne".to_owned(), ..Looks::default() };
        let fonts = Typefaces::default();
        let made = Made { checkpoint: Some(sealed.clone()), looks, fonts };
        let text = format!("{MARK}!! {MARK}AAAA <meta content=\"{}\">", made.marked());
        let open = |note: &str| (note == sealed.note).then(|| sealed.clone());
        assert_eq!(Made::all_in(text.as_bytes(), open), [made.clone(), Made::default()]);
        assert_eq!(Made::all_in(text.as_bytes(), |_| None), [Made::default()]);
        assert_eq!(Made::all_in(MARK.as_bytes(), open), [Made::default()]);
        // However many stand between, the first and the last are looked at.
        let decoy = |n: usize| Made {
            checkpoint: None,
            looks: Looks { organisation: n.to_string(), ..Looks::default() },
            fonts: Typefaces::default(),
        };
        let decoys: Vec<String> = (0..100).map(|n| decoy(n).marked()).collect();
        let text = format!("{}\n{}", decoys.join("\n"), made.marked());
        assert_eq!(Made::all_in(text.as_bytes(), open)[..2], [decoy(0), made.clone()]);
        assert_eq!(Made::default().marked(), "");
    }
}
