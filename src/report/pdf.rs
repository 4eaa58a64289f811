//! PDF/A-3a and PDF/UA-1 from `templates/verdict.typ` and what that includes, set by Typst.
//!
//! Typst reads a few files from memory and nothing else: the view made fit for print, and what is attached: the view as
//! it is, the lines of the ledger, the checklist and the checkpoint. Text is data in all of them, never markup.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde_json::{Value, json};
use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World, WorldExt};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

use super::fonts::Fonts;
use super::plates::{Plate, plate, plates};
use super::print::{self, Print};
use super::{Error, Language, Mistake, RENDERER, Templates, Typefaces, View};

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
    /// Fonts for letters that the program's own lack.
    pub fonts: Typefaces,
}

/// What a report is printed with.
pub struct Press {
    /// What is attached beside the view: each path with its bytes.
    attached: Vec<(&'static str, Bytes)>,
    /// Fonts, where there are more than the program's own.
    more: Option<Fonts>,
    language: Language,
}

impl Press {
    /// For a report whose own words are in a language.
    pub fn new(attached: Attached, language: Language) -> Self {
        let more = &attached.fonts;
        let more = (*more != Typefaces::default()).then(|| Fonts::with(more, language));
        let files = [
            Some(("/attached/ledger.jsonl", attached.record)),
            Some(("/attached/checklist.md", attached.checklist)),
            attached.checkpoint.map(|note| ("/attached/checkpoint", note)),
        ];
        let files = files.into_iter().flatten();
        let attached = files.map(|(path, bytes)| (path, Bytes::new(bytes))).collect();
        let covered = print::is_covered(more.as_ref().unwrap_or(Fonts::own()), language, false);
        Self { attached, more, language: if covered { language } else { Language::En } }
    }

    /// The language that it has letters for: that of the report, or English.
    pub fn language(&self) -> Language {
        self.language
    }

    /// A view as a PDF file; `json` is the same view, and goes with it.
    ///
    /// # Errors
    /// When Typst refuses the document even with ASCII text alone.
    pub fn pdf(&self, view: View, json: String, templates: &Templates) -> Result<Vec<u8>, Error> {
        let (own, none) = (Fonts::own(), BTreeMap::new());
        let plates = plates(&view.pictures);
        let fonts = self.more.as_ref().unwrap_or(own);
        let json = Bytes::from_string(json.into_boxed_str());
        let (attached, run) = (&self.attached[..], view.run.clone());
        let sheet = Sheet { json, run, at: moment(&view.last_at), templates, attached };
        // The typesetter takes memory enough.
        drop(view);
        // What the typesetter refuses, for whatever reason, is left out: a report is never missing for what it shows.
        let set = |print| set(&sheet, print);
        set(Print::new(fonts, &plates, false)).or_else(|why| {
            set(Print::new(fonts, &none, false))
                .or_else(|_| set(Print::new(own, &none, false)))
                .or_else(|_| set(Print::new(own, &none, true)))
                .map_err(|_| why)
        })
    }
}

/// What is set.
struct Sheet<'a> {
    /// The view, as it is attached.
    json: Bytes,
    run: String,
    at: Option<Datetime>,
    templates: &'a Templates,
    attached: &'a [(&'static str, Bytes)],
}

impl Sheet<'_> {
    fn view(&self) -> Result<Value, Error> {
        serde_json::from_slice(&self.json).map_err(Error::View)
    }
}

fn set(sheet: &Sheet<'_>, print: Print<'_>) -> Result<Vec<u8>, Error> {
    let mut world = Page::new(sheet, print)?;
    let document = typst::compile::<PagedDocument>(&world).output;
    // The typesetter's cache would only grow, and what it holds is as large again as the document.
    world.files.clear();
    typst::comemo::evict(0);
    let document = document.map_err(|why| world.refused(&why, sheet))?;
    let standards = PdfStandards::new(&[PdfStandard::A_3a, PdfStandard::Ua_1])
        .map_err(|why| Error::Pdf(why.message().to_string()))?;
    let options = PdfOptions {
        ident: Smart::Custom(sheet.run.clone()),
        creator: Smart::Custom(Some(RENDERER.to_owned())),
        timestamp: sheet.at.map(Timestamp::new_utc),
        standards,
        ..PdfOptions::default()
    };
    let bytes = typst_pdf::pdf(&document, &options).map_err(|why| world.refused(&why, sheet));
    typst::comemo::evict(0);
    bytes
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
struct Page<'a> {
    /// The templates, the main one first.
    sources: Vec<Source>,
    fonts: &'a Fonts,
    files: Vec<(FileId, Bytes)>,
}

impl<'a> Page<'a> {
    fn new(sheet: &Sheet<'_>, print: Print<'a>) -> Result<Self, Error> {
        let value = sheet.view()?;
        let id = |path: &str| {
            VirtualPath::new(path)
                .map(|path| RootedPath::new(VirtualRoot::Project, path).intern())
                .map_err(|why| Error::Pdf(why.to_string()))
        };
        let (fonts, shown) = (print.fonts, print.plates);
        let logo = value["looks"]["logo"].as_str().and_then(|uri| uri.split_once(";base64,"));
        let logo = logo.and_then(|(_, base64)| plate(base64));
        let mut print = print.of(&value);
        drop(value);
        print["fonts"] = json!(fonts.named);
        print["looks"]["logo"] = json!(logo.as_ref().map(Plate::told));
        let mut files = vec![
            ("/view.json".to_owned(), Bytes::from_string(print.to_string().into_boxed_str())),
            ("/attached/view.json".to_owned(), sheet.json.clone()),
        ];
        files
            .extend(sheet.attached.iter().map(|(path, bytes)| ((*path).to_owned(), bytes.clone())));
        drop(print);
        let named = logo.iter().map(|logo| ("logo", logo));
        let named = named.chain(shown.iter().map(|(digest, plate)| (digest.as_str(), plate)));
        files.extend(
            named.map(|(name, plate)| {
                (format!("/pictures/{name}"), Bytes::new(plate.pixels.clone()))
            }),
        );
        let files = files.into_iter().map(|(path, bytes)| Ok((id(&path)?, bytes)));
        let ours =
            ["verdict.typ", "kit.typ", "report.typ"].map(|name| (name, sheet.templates.text(name)));
        let sources = ours.into_iter().chain(sheet.templates.parts());
        let sources = sources.map(|(name, text)| Ok(Source::new(id(name)?, text.to_owned())));
        Ok(Self {
            sources: sources.collect::<Result<_, Error>>()?,
            fonts,
            files: files.collect::<Result<_, Error>>()?,
        })
    }

    /// Where the first mistake is, and what Typst says of all of them.
    fn refused(&self, why: &[SourceDiagnostic], sheet: &Sheet<'_>) -> Error {
        let mut all: Vec<&str> = Vec::new();
        for one in why {
            all.push(&one.message);
            all.extend(one.hints.iter().map(|hint| hint.v.as_str()));
        }
        let mut message = all.join("; ");
        let place = why.iter().find_map(|one| {
            let source = self.source(one.span.id()?).ok()?;
            let at = self.range(one.span)?.start;
            let lines = source.lines();
            let (line, column) = (lines.byte_to_line(at)?, lines.byte_to_column(at)?);
            let file = source.id().vpath().get_without_slash().to_owned();
            Some((file, line + 1, column + 1))
        });
        let Some((file, line, column)) = place else { return Error::Pdf(message) };
        let missing = why.iter().find_map(|one| {
            let (_, rest) = one.message.split_once("does not contain key \"")?;
            rest.split('"').next()
        });
        let view = missing.and_then(|_| sheet.view().ok()).unwrap_or_default();
        if let Some((name, parts)) = missing.and_then(|missing| nearest(&view, missing)) {
            let parts: Vec<String> = parts.iter().map(|names| names.join(", ")).collect();
            message.push_str(&format!("; what has `{name}` has {}", parts.join("; or ")));
        }
        Error::Template(Mistake { file, line, column, message })
    }
}

impl World for Page<'_> {
    fn library(&self) -> &LazyHash<Library> {
        &LIBRARY
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.fonts.book
    }

    fn main(&self) -> FileId {
        self.sources[0].id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        let known = self.sources.iter().find(|source| source.id() == id);
        known.cloned().ok_or(FileError::AccessDenied)
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        self.files
            .iter()
            .find(|(known, _)| *known == id)
            .map(|(_, bytes)| bytes.clone())
            .ok_or(FileError::AccessDenied)
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.fonts.get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}

/// The name in a view that is nearest to one that is not there, and for each part that has it the names beside it.
fn nearest<'v>(view: &'v Value, missing: &str) -> Option<(&'v str, BTreeSet<Vec<&'v str>>)> {
    let mut parts = BTreeSet::new();
    let mut left = vec![view];
    while let Some(value) = left.pop() {
        left.extend(value.as_array().into_iter().flatten());
        let Some(members) = value.as_object() else { continue };
        left.extend(members.values());
        parts.insert(members.keys().map(String::as_str).collect::<Vec<_>>());
    }
    let names = parts.iter().flatten().copied();
    let name = names.min_by_key(|name| strsim::damerau_levenshtein(name, missing))?;
    parts.retain(|names| names.contains(&name));
    Some((name, parts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_can_read_nothing_but_what_it_is_given() {
        let none = BTreeMap::new();
        let print = Print::new(Fonts::own(), &none, false);
        let json = Bytes::from_string("{}");
        let (templates, run) = (&Templates::default(), String::new());
        let sheet = Sheet { json, run, at: None, templates, attached: &[] };
        let page = Page::new(&sheet, print).expect("a page");
        let path = VirtualPath::new("/etc/passwd").expect("a path");
        let id = RootedPath::new(VirtualRoot::Project, path).intern();
        assert_eq!(page.file(id), Err(FileError::AccessDenied));
        assert!(page.source(id).is_err() && page.today(None).is_none());
    }
}
