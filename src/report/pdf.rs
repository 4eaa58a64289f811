//! PDF/A-3a and PDF/UA-1 from `templates/report.typ`, set by Typst.
//!
//! Typst reads a few files from memory and nothing else: the view made fit for print, and what is attached: the view as
//! it is, the lines of the ledger, the checklist and the checkpoint. Text is data in all of them, never markup.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use base64::Engine as _;
use serde_json::{Map, Value, json};
use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

use super::fonts::FONTS;
use super::{Error, Language, RENDERER, View};

pub(super) const TEMPLATE: &str = include_str!("../../templates/report.typ");

/// Columns of an output before a line is broken; the template's font size fits them to the page.
const COLUMNS: usize = 95;
/// Lines of an output that are shown of each end.
const HEAD: usize = 120;
const TAIL: usize = 80;
/// Characters of one text that are shown at most: half a page, as rows that span pages are slow to set.
const LONGEST: usize = 2_000;
/// Characters of an item's text where it stands in a list.
const SHORT: usize = 220;
/// A longer word is given places to break at.
const WORD: usize = 24;

static LIBRARY: LazyLock<LazyHash<Library>> = LazyLock::new(|| LazyHash::new(Library::default()));

/// What a PDF has beside what it shows, byte for byte.
#[derive(Clone, Debug, Default)]
pub struct Attached {
    /// The lines of the ledger that the run rests on.
    pub record: Vec<u8>,
    /// The checklist as it was when the run was opened; empty where that is gone.
    pub checklist: Vec<u8>,
    /// The signed checkpoint, if there was one.
    pub checkpoint: Option<Vec<u8>>,
}

/// The view as a PDF file.
///
/// # Errors
/// When Typst refuses the document even with ASCII text alone.
pub fn pdf(view: &View, attached: &Attached) -> Result<Vec<u8>, Error> {
    let value = serde_json::to_value(view).map_err(Error::View)?;
    let bytes = set(view, &value, attached, false).or_else(|_| set(view, &value, attached, true));
    // The typesetter's cache would only grow.
    typst::comemo::evict(0);
    bytes
}

fn set(view: &View, value: &Value, attached: &Attached, strict: bool) -> Result<Vec<u8>, Error> {
    let world = Page::new(value, attached, strict)?;
    let document = typst::compile::<PagedDocument>(&world).output.map_err(|why| refused(&why))?;
    let standards = PdfStandards::new(&[PdfStandard::A_3a, PdfStandard::Ua_1])
        .map_err(|why| Error::Pdf(why.message().to_string()))?;
    let options = PdfOptions {
        ident: Smart::Custom(view.run.clone()),
        creator: Smart::Custom(Some(RENDERER.to_owned())),
        timestamp: moment(&view.last_at).map(Timestamp::new_utc),
        standards,
        ..PdfOptions::default()
    };
    typst_pdf::pdf(&document, &options).map_err(|why| refused(&why))
}

fn refused(why: &[SourceDiagnostic]) -> Error {
    let all: Vec<&str> = why.iter().map(|one| one.message.as_str()).collect();
    Error::Pdf(all.join("; "))
}

/// `YYYY-MM-DDTHH:MM:SS…` in UTC.
fn moment(text: &str) -> Option<Datetime> {
    let part = |from: usize, to: usize| text.get(from..to)?.parse::<u8>().ok();
    Datetime::from_ymd_hms(
        text.get(..4)?.parse().ok()?,
        part(5, 7)?,
        part(8, 10)?,
        part(11, 13)?,
        part(14, 16)?,
        part(17, 19)?,
    )
}

/// The whole world that the template sees.
struct Page {
    main: Source,
    files: Vec<(FileId, Bytes)>,
}

impl Page {
    fn new(value: &Value, attached: &Attached, strict: bool) -> Result<Self, Error> {
        let id = |path: &str| {
            VirtualPath::new(path)
                .map(|path| RootedPath::new(VirtualRoot::Project, path).intern())
                .map_err(|why| Error::Pdf(why.to_string()))
        };
        let mut print = Print::of(value, strict);
        let logo = value["looks"]["logo"].as_str().and_then(logo);
        print["looks"]["logo-bytes"] = json!(logo.as_ref().map(Vec::len));
        print["words"] = json!(words(value));
        let print = print.to_string();
        let mut files = vec![
            ("/view.json", Bytes::from_string(print)),
            ("/attached/view.json", Bytes::from_string(value.to_string())),
            ("/attached/ledger.jsonl", Bytes::new(attached.record.clone())),
            ("/attached/checklist.md", Bytes::new(attached.checklist.clone())),
        ];
        files.extend(logo.map(|logo| ("/attached/logo", Bytes::new(logo))));
        let checkpoint = attached.checkpoint.iter();
        files.extend(checkpoint.map(|note| ("/attached/checkpoint", Bytes::new(note.clone()))));
        let files = files.into_iter().map(|(path, bytes)| Ok((id(path)?, bytes)));
        Ok(Self {
            main: Source::new(id("/report.typ")?, TEMPLATE.to_owned()),
            files: files.collect::<Result<_, Error>>()?,
        })
    }
}

impl World for Page {
    fn library(&self) -> &LazyHash<Library> {
        &LIBRARY
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &FONTS.book
    }

    fn main(&self) -> FileId {
        self.main.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.main.id() { Ok(self.main.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        self.files
            .iter()
            .find(|(known, _)| *known == id)
            .map(|(_, bytes)| bytes.clone())
            .ok_or(FileError::AccessDenied)
    }

    fn font(&self, index: usize) -> Option<Font> {
        FONTS.fonts.get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}

/// The bytes of a picture in a `data:` URI.
fn logo(uri: &str) -> Option<Vec<u8>> {
    let (_, base64) = uri.split_once(";base64,")?;
    base64::engine::general_purpose::STANDARD.decode(base64).ok()
}

/// The texts of the report's language, where the fonts have all letters of them; else it is in English.
fn words(value: &Value) -> Option<&'static BTreeMap<String, String>> {
    let texts = Language::of(value["looks"]["language"].as_str()?)?.texts()?;
    let covered = |text: &String| FONTS.clean(text, false, &mut 0) == *text;
    texts.values().all(covered).then_some(texts)
}

/// Names of texts that are the report's own, with values in them.
const COMPOSED: [&str; 11] = [
    "missing",
    "listed",
    "note",
    "looser_than",
    "but",
    "said",
    "outdated",
    "verdicts",
    "times",
    "counts",
    "size",
];

/// Makes a view fit for print: every text covered by a font, outputs broken into short lines.
struct Print {
    strict: bool,
    language: Language,
    replaced: u64,
}

impl Print {
    fn of(value: &Value, strict: bool) -> Value {
        let spoken = words(value).and(value["looks"]["language"].as_str()).and_then(Language::of);
        let language = spoken.unwrap_or_default();
        let mut print = Self { strict, language, replaced: 0 };
        let mut value = print.value("", value);
        value["unset"] = json!(print.replaced);
        value
    }

    fn value(&mut self, name: &str, value: &Value) -> Value {
        match value {
            Value::String(text) if name == "code" => {
                let lines: Vec<&str> = text.lines().collect();
                let (head, left_out, tail) = self.ends(&lines, &[], "");
                json!({ "head": head, "left_out": left_out, "tail": tail })
            }
            // They are for programs, and in letters that every font has.
            Value::String(_) if ["made", "points"].contains(&name) => value.clone(),
            Value::String(text) if COMPOSED.contains(&name) => {
                let text = self.language.say(text).into_owned();
                Value::String(self.text(&text))
            }
            Value::String(text) => Value::String(self.text(text)),
            Value::Array(list) => list.iter().map(|value| self.value("", value)).collect(),
            Value::Object(members) if members.contains_key("left_out") => self.stream(members),
            Value::Object(members) => {
                let mut out: Map<String, Value> = members
                    .iter()
                    .map(|(name, value)| (name.clone(), self.value(name, value)))
                    .collect();
                if let Some(Value::String(text)) = members.get("text")
                    && members.contains_key("line")
                {
                    // A reason is the report's own text, an item's is not.
                    let text = match members.contains_key("call") {
                        true => self.language.say(text).into_owned(),
                        false => text.clone(),
                    };
                    out.insert("text".to_owned(), Value::String(self.text(&text)));
                    let mut short: String = text.chars().take(SHORT).collect();
                    if short.len() < text.len() {
                        short.push('…');
                    }
                    out.insert("short".to_owned(), Value::String(self.text(&short)));
                }
                Value::Object(out)
            }
            other => other.clone(),
        }
    }

    fn text(&mut self, text: &str) -> String {
        let mut clean = FONTS.clean(text, self.strict, &mut self.replaced);
        if let Some((at, _)) = clean.char_indices().nth(LONGEST) {
            clean.truncate(at);
            let all = text.chars().count();
            clean.push_str(&format!(" … (cut here: {all} characters in all)"));
        }
        breakable(&clean)
    }

    fn stream(&mut self, members: &Map<String, Value>) -> Value {
        let plain = |line: &Value| -> String {
            let runs = line.as_array().into_iter().flatten();
            runs.filter_map(|run| run["text"].as_str()).collect()
        };
        let lines = |name: &str| -> Vec<String> {
            let lines = members.get(name).and_then(Value::as_array);
            lines.into_iter().flatten().map(plain).collect()
        };
        let said = |name: &str| members.get(name).and_then(Value::as_str).unwrap_or("");
        let (head, tail) = (lines("head"), lines("tail"));
        let (head, mut left_out, tail) = self.ends(&texts(&head), &texts(&tail), said("left_out"));
        if !left_out.is_empty() {
            left_out = format!("{left_out} · SHA-256 of all bytes: {}", said("sha256"));
        }
        let mut out = members.clone();
        out.insert("size".to_owned(), json!(self.language.say(said("size"))));
        out.insert("head".to_owned(), json!(head));
        out.insert("left_out".to_owned(), json!(left_out));
        out.insert("tail".to_owned(), json!(tail));
        Value::Object(out)
    }

    /// The first and the last lines as they are printed, and what is said between them.
    fn ends(&mut self, head: &[&str], tail: &[&str], said: &str) -> (String, String, String) {
        let mut head = self.wrapped(head);
        let mut tail = self.wrapped(tail);
        if said.is_empty() && tail.is_empty() && head.len() <= HEAD + TAIL {
            return (head.join("\n"), String::new(), String::new());
        }
        if tail.is_empty() && said.is_empty() {
            tail = head.split_off(HEAD);
        }
        let left = head.len().saturating_sub(HEAD) + tail.len().saturating_sub(TAIL);
        head.truncate(HEAD);
        tail.drain(..tail.len().saturating_sub(TAIL));
        let mut said = said.to_owned();
        if left > 0 {
            let more = format!("{left} lines left out here");
            said = if said.is_empty() { more } else { format!("{said}; {more}") };
        }
        (head.join("\n"), said, tail.join("\n"))
    }

    fn wrapped(&mut self, lines: &[&str]) -> Vec<String> {
        lines
            .iter()
            .flat_map(|line| {
                let line = FONTS.clean(line, self.strict, &mut self.replaced);
                FONTS.wrap(&line, COLUMNS)
            })
            .collect()
    }
}

fn texts(lines: &[String]) -> Vec<&str> {
    lines.iter().map(String::as_str).collect()
}

/// Gives words that are too long for a line zero-width places to break at. A digest stays whole: it
/// is copied, and there is room for it.
fn breakable(text: &str) -> String {
    let digest = |word: &str| word.len() <= 64 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let mut out = String::with_capacity(text.len());
    for word in text.split_inclusive([' ', '\n']) {
        if word.len() <= WORD || digest(word.trim_end()) {
            out.push_str(word);
            continue;
        }
        let mut run = 0;
        for cluster in unicode_segmentation::UnicodeSegmentation::graphemes(word, true) {
            out.push_str(cluster);
            run += 1;
            if run >= 16 || run > 7 && matches!(cluster, "/" | "-" | "_" | "." | ":" | "›") {
                out.push('\u{200b}');
                run = 0;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_head_and_tail_of_a_long_output_and_says_what_is_left_out() {
        let line = |n| json!([{ "style": "bold", "text": "line " }, { "style": "", "text": format!("{n}") }]);
        let lines: Vec<Value> = (0..1000).map(line).collect();
        let print = Print::of(
            &json!({"o": {"head": lines, "left_out": "", "tail": [], "sha256": "abc"}}),
            false,
        );
        let shown = |name: &str| print["o"][name].as_str().unwrap_or_default().to_owned();
        assert!(shown("head").ends_with("line 119"));
        assert_eq!(shown("left_out"), "800 lines left out here · SHA-256 of all bytes: abc");
        assert!(shown("tail").starts_with("line 920\n") && shown("tail").ends_with("line 999"));
    }

    #[test]
    fn breaks_long_lines_of_an_output_and_cuts_endless_texts() {
        let long = "x".repeat(100_000);
        let print = Print::of(&json!({"code": long, "text": long}), false);
        let head = print["code"]["head"].as_str().unwrap_or_default();
        assert!(head.lines().all(|line| line.chars().count() <= COLUMNS + 1));
        assert!(head.lines().all(|line| line.ends_with('↩')));
        let text = print["text"].as_str().unwrap_or_default();
        assert!(text.ends_with("… (cut here: 100000 characters in all)"));
        assert!(text.chars().count() < 2 * LONGEST);
    }

    #[test]
    fn gives_long_words_places_to_break_at_but_keeps_digests_whole() {
        let digest = "0123456789abcdef".repeat(4);
        assert_eq!(breakable(&digest), digest);
        assert!(breakable(&"x".repeat(30)).contains('\u{200b}'));
    }

    #[test]
    fn the_template_can_read_nothing_but_what_it_is_given() {
        let page = Page::new(&json!({}), &Attached::default(), false).expect("a page");
        let path = VirtualPath::new("/etc/passwd").expect("a path");
        let id = RootedPath::new(VirtualRoot::Project, path).intern();
        assert_eq!(page.file(id), Err(FileError::AccessDenied));
        assert!(page.source(id).is_err() && page.today(None).is_none());
    }
}
