//! The fonts a PDF is set in, and what they cover.
//!
//! Under PDF/A one character without a glyph fails the whole export, so text passes [`Fonts::clean`]
//! first: what no font covers whole becomes visible as `‹U+XXXX›`.

use std::sync::LazyLock;

use typst::foundations::Bytes;
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use unicode_segmentation::UnicodeSegmentation;

use super::print::Run;
use super::{Language, text};
use crate::digest::Hasher;

/// The program's own, parsed once in its life.
static OWN: LazyLock<Fonts> = LazyLock::new(Fonts::load);

/// Fonts of a user's, for letters that the program's own lack.
#[derive(Clone, Debug, Default)]
pub struct Typefaces {
    digest: String,
    faces: Vec<Font>,
}

impl Typefaces {
    /// Fonts by the names of their files; `None` where one of the files holds none.
    ///
    /// # Errors
    /// The name of a file that is no font, or one in colours.
    pub fn of(mut files: Vec<(String, Vec<u8>)>) -> Result<Self, String> {
        files.sort();
        let (mut hasher, mut faces) = (Hasher::default(), Vec::new());
        for (name, bytes) in files {
            for part in [name.as_bytes(), &bytes] {
                hasher.update(&(part.len() as u64).to_be_bytes());
                hasher.update(part);
            }
            // Glyphs with colours of their own, or that are pictures, could show anything.
            let (known, paints) = (faces.len(), paints(&bytes));
            faces.extend(Font::iter(Bytes::new(bytes)));
            if faces.len() == known || paints {
                return Err(name);
            }
        }
        Ok(Self { digest: hasher.finish().to_string(), faces })
    }

    /// The SHA-256 of all of them: names and bytes, each with its length before it. Empty where there are none.
    pub fn digest(&self) -> &str {
        &self.digest
    }
}

/// Glyphs of a file are more than outlines: one of its tables (OpenType 1.9, "Font file") says so, or cannot be told.
fn paints(bytes: &[u8]) -> bool {
    let number = |at: usize| -> Option<usize> {
        let bytes = bytes.get(at..at.checked_add(4)?)?;
        usize::try_from(u32::from_be_bytes(bytes.try_into().ok()?)).ok()
    };
    let faces: Vec<usize> = match bytes.starts_with(b"ttcf") {
        true => (0..number(8).unwrap_or_default().min(1_000))
            .filter_map(|at| number(12 + 4 * at))
            .collect(),
        false => vec![0],
    };
    faces.iter().any(|face| {
        let Some(count) = number(*face + 4).map(|both| both >> 16) else { return true };
        (0..count).any(|at| {
            let tag = face + 12 + 16 * at;
            let Some(tag) = bytes.get(tag..tag + 4) else { return true };
            [b"COLR", b"SVG ", b"sbix", b"CBDT", b"EBDT"].iter().any(|known| *known == tag)
        })
    })
}

/// They are the same where their bytes are.
impl PartialEq for Typefaces {
    fn eq(&self, other: &Self) -> bool {
        self.digest == other.digest
    }
}

impl Eq for Typefaces {}

/// All fonts that a report may use.
pub(super) struct Fonts {
    /// In the order of `book`.
    pub fonts: Vec<Font>,
    /// What Typst chooses from.
    pub book: LazyHash<FontBook>,
    /// The sans serif, the one for output, the emoji.
    families: Vec<Covered>,
    /// The names of a user's, in the order in which they are asked for a letter.
    pub named: Vec<String>,
}

/// Characters below U+34000 that every face of a family covers, a bit each.
#[derive(Clone)]
struct Covered(Vec<u64>);

impl Covered {
    const WORDS: usize = 0x3_4000 / 64;

    fn of(faces: &[Font]) -> Self {
        let mut all = vec![u64::MAX; if faces.is_empty() { 0 } else { Self::WORDS }];
        for face in faces {
            let mut bits = vec![0; Self::WORDS];
            for c in face.info().coverage.iter() {
                if let Some(word) = bits.get_mut(c as usize / 64) {
                    *word |= 1 << (c % 64);
                }
            }
            for (word, bits) in all.iter_mut().zip(bits) {
                *word &= bits;
            }
        }
        Self(all)
    }

    fn has(&self, c: char) -> bool {
        let c = u32::from(c);
        self.0.get(c as usize / 64).is_some_and(|word| word >> (c % 64) & 1 == 1)
    }
}

impl Fonts {
    /// The program's own.
    pub(super) fn own() -> &'static Self {
        &OWN
    }

    fn load() -> Self {
        let parse = |data: &[&'static [u8]]| -> Vec<Font> {
            data.iter().filter_map(|data| Font::new(Bytes::new(*data), 0)).collect()
        };
        let sans = parse(&[
            notosans::REGULAR_TTF,
            notosans::BOLD_TTF,
            notosans::ITALIC_TTF,
            notosans::BOLD_ITALIC_TTF,
        ]);
        let mono = parse(&[epaint_default_fonts::HACK_REGULAR]);
        let emoji = parse(&[epaint_default_fonts::NOTO_EMOJI_REGULAR]);
        // For scripts that the others lack: Arabic, Hebrew, Armenian, Georgian and more.
        let wide = parse(&[dejavu::sans::regular(), dejavu::sans::bold()]);
        let families = [&sans, &mono, &emoji, &wide].map(|faces| Covered::of(faces)).into();
        let fonts: Vec<Font> = [sans, mono, emoji, wide].into_iter().flatten().collect();
        Self {
            book: LazyHash::new(FontBook::from_fonts(&fonts)),
            fonts,
            families,
            named: Vec::new(),
        }
    }

    /// The program's own, and a user's behind them: first the families that are made for a language, which share code
    /// points with others and draw them otherwise (`Noto Sans CJK JP` and `SC`).
    pub(super) fn with(more: &Typefaces, language: Language) -> Self {
        let own = Self::own();
        let regions: &[&str] = match language {
            Language::Ja => &["JP"],
            Language::Zh => &["SC", "CN"],
            _ => &[],
        };
        let made_for = |name: &str| name.split(' ').any(|word| regions.contains(&word));
        let mut named: Vec<String> = Vec::new();
        for face in &more.faces {
            let name = face.info().family.to_string();
            if !named.contains(&name) {
                named.push(name);
            }
        }
        named.sort_by_key(|name| !made_for(name));
        let fonts: Vec<Font> = own.fonts.iter().chain(&more.faces).cloned().collect();
        // Where the bold of a family lacks a letter, another face is taken.
        let covered = more.faces.iter().map(|face| Covered::of(std::slice::from_ref(face)));
        Self {
            book: LazyHash::new(FontBook::from_fonts(&fonts)),
            fonts,
            families: own.families.iter().cloned().chain(covered).collect(),
            named,
        }
    }

    /// `text` with everything replaced that cannot be set; adds the number of characters to `count`.
    /// `strict` keeps ASCII only.
    pub(super) fn clean(&self, text: &str, strict: bool, count: &mut u64) -> String {
        if text.bytes().all(|byte| matches!(byte, b'\n' | b' '..=b'~')) {
            return text.to_owned();
        }
        let text = text::visible(text, count);
        let mut out = String::with_capacity(text.len());
        for cluster in text.graphemes(true) {
            if cluster == "\t" {
                out.push_str("    ");
            } else if !strict && self.covers(cluster) {
                // One colour is all there is: the selector of a coloured look says nothing here.
                out.extend(cluster.chars().filter(|c| *c != '\u{fe0f}'));
            } else {
                for c in cluster.chars() {
                    let mut buffer = [0; 4];
                    let alone: &str = c.encode_utf8(&mut buffer);
                    if c == '\n'
                        || matches!(c, ' '..='~' | '‹' | '›')
                        || !strict && self.covers(alone)
                    {
                        out.push(c);
                    } else if c != '\u{fe0f}' {
                        out.push_str(&text::marker(c));
                        *count += 1;
                    }
                }
            }
        }
        out
    }

    /// One family has a glyph for all of the cluster, and its marks stand on something.
    fn covers(&self, cluster: &str) -> bool {
        let bare = cluster.trim_end_matches('\u{fe0f}');
        bare == "\n"
            || !text::has_lone_mark(bare)
                && self
                    .families
                    .iter()
                    .any(|family| bare.chars().filter(|c| *c != '\u{fe0f}').all(|c| family.has(c)))
    }

    /// Columns that a cluster takes at most in the font for output.
    fn columns(&self, cluster: &str) -> usize {
        let mono = self.families.get(1);
        let fits = |c| mono.is_some_and(|mono| mono.has(c));
        if cluster.chars().next().is_some_and(fits) { 1 } else { 3 }
    }

    /// Breaks a line of runs after `width` columns at most; each piece but the last ends with `↩`.
    pub(super) fn wrap(&self, line: Vec<Run>, width: usize) -> Vec<Vec<Run>> {
        if line.iter().map(|(_, text)| text.len()).sum::<usize>() <= width {
            return vec![line];
        }
        let (mut out, mut piece, mut used) = (Vec::new(), Vec::new(), 0);
        for (style, text) in line {
            let mut run = String::new();
            for cluster in text.graphemes(true) {
                let columns = self.columns(cluster);
                if used + columns > width {
                    piece.push((style.clone(), std::mem::take(&mut run)));
                    piece.push(("dim".to_owned(), "↩".to_owned()));
                    out.push(std::mem::take(&mut piece));
                    used = 0;
                }
                run.push_str(cluster);
                used += columns;
            }
            piece.push((style, run));
        }
        out.push(piece);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_what_a_font_covers_and_shows_the_rest() {
        let mut count = 0;
        let clean = |text: &str, count: &mut u64| Fonts::own().clean(text, false, count);
        assert_eq!(clean("é → ✅ 🚀 │ a\tb", &mut count), "é → ✅ 🚀 │ a    b");
        assert_eq!(count, 0);
        assert_eq!(
            clean("漢\0\u{f8ff}\u{202e}\u{301}", &mut count),
            "‹U+6F22›‹U+0000›‹U+F8FF›‹U+202E›‹U+0301›"
        );
        assert_eq!(count, 5);
        assert_eq!(Fonts::own().clean("é", true, &mut count), "‹U+00E9›");
    }

    #[test]
    fn breaks_long_lines_with_a_visible_mark() {
        let line = vec![("red".to_owned(), "ab".to_owned()), (String::new(), "cdefg".to_owned())];
        let text = |piece: Vec<Run>| piece.into_iter().map(|(_, text)| text).collect::<String>();
        let pieces: Vec<String> = Fonts::own().wrap(line, 3).into_iter().map(text).collect();
        assert_eq!(pieces, ["abc↩", "def↩", "g"]);
    }
}
