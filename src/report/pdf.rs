//! PDF/A-3a and PDF/UA-1 from `templates/report.typ`, set by Typst.
//!
//! Typst reads a few files from memory and nothing else: the view made fit for print, and what is attached: the view as
//! it is, the lines of the ledger, the checklist and the checkpoint. Text is data in all of them, never markup.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::{Value, json};
use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

use super::fonts::Fonts;
use super::plates::{Plate, plate, plates};
use super::print::Print;
use super::{Error, RENDERER, Typefaces, View};

pub(super) const TEMPLATE: &str = include_str!("../../templates/report.typ");

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

/// The view as a PDF file.
///
/// # Errors
/// When Typst refuses the document even with ASCII text alone.
pub fn pdf(view: &View, attached: &Attached) -> Result<Vec<u8>, Error> {
    let (own, none) = (Fonts::own(), BTreeMap::new());
    let plates = plates(&view.pictures);
    let more = &attached.fonts;
    let more = (*more != Typefaces::default()).then(|| Fonts::with(more, view.language()));
    let fonts = more.as_ref().unwrap_or(own);
    // What the typesetter refuses, for whatever reason, is left out: a report is never missing for what it shows.
    set(view, attached, Print::new(fonts, &plates, false))
        .or_else(|_| set(view, attached, Print::new(fonts, &none, false)))
        .or_else(|_| set(view, attached, Print::new(own, &none, false)))
        .or_else(|_| set(view, attached, Print::new(own, &none, true)))
}

fn set(view: &View, attached: &Attached, print: Print<'_>) -> Result<Vec<u8>, Error> {
    let world = Page::new(&serde_json::to_value(view).map_err(Error::View)?, attached, print)?;
    let document = typst::compile::<PagedDocument>(&world).output;
    // The typesetter's cache would only grow, and what it holds is as large again as the document.
    drop(world);
    typst::comemo::evict(0);
    let document = document.map_err(|why| refused(&why))?;
    let standards = PdfStandards::new(&[PdfStandard::A_3a, PdfStandard::Ua_1])
        .map_err(|why| Error::Pdf(why.message().to_string()))?;
    let options = PdfOptions {
        ident: Smart::Custom(view.run.clone()),
        creator: Smart::Custom(Some(RENDERER.to_owned())),
        timestamp: moment(&view.last_at).map(Timestamp::new_utc),
        standards,
        ..PdfOptions::default()
    };
    let bytes = typst_pdf::pdf(&document, &options).map_err(|why| refused(&why));
    typst::comemo::evict(0);
    bytes
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
struct Page<'a> {
    main: Source,
    fonts: &'a Fonts,
    files: Vec<(FileId, Bytes)>,
}

impl<'a> Page<'a> {
    fn new(value: &Value, attached: &Attached, print: Print<'a>) -> Result<Self, Error> {
        let id = |path: &str| {
            VirtualPath::new(path)
                .map(|path| RootedPath::new(VirtualRoot::Project, path).intern())
                .map_err(|why| Error::Pdf(why.to_string()))
        };
        let (fonts, shown) = (print.fonts, print.plates);
        let logo = value["looks"]["logo"].as_str().and_then(|uri| uri.split_once(";base64,"));
        let logo = logo.and_then(|(_, base64)| plate(base64));
        let mut print = print.of(value);
        print["fonts"] = json!(fonts.named);
        print["looks"]["logo"] = json!(logo.as_ref().map(Plate::told));
        let mut files = vec![
            ("/view.json".to_owned(), Bytes::from_string(print.to_string())),
            ("/attached/view.json".to_owned(), Bytes::from_string(value.to_string())),
            ("/attached/ledger.jsonl".to_owned(), Bytes::new(attached.record.clone())),
            ("/attached/checklist.md".to_owned(), Bytes::new(attached.checklist.clone())),
        ];
        let checkpoint = attached.checkpoint.iter();
        files.extend(
            checkpoint.map(|note| ("/attached/checkpoint".to_owned(), Bytes::new(note.clone()))),
        );
        let named = logo.iter().map(|logo| ("logo", logo));
        let named = named.chain(shown.iter().map(|(digest, plate)| (digest.as_str(), plate)));
        files.extend(
            named.map(|(name, plate)| {
                (format!("/pictures/{name}"), Bytes::new(plate.pixels.clone()))
            }),
        );
        let files = files.into_iter().map(|(path, bytes)| Ok((id(&path)?, bytes)));
        Ok(Self {
            main: Source::new(id("/report.typ")?, TEMPLATE.to_owned()),
            fonts,
            files: files.collect::<Result<_, Error>>()?,
        })
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
        self.fonts.fonts.get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_can_read_nothing_but_what_it_is_given() {
        let none = BTreeMap::new();
        let print = Print::new(Fonts::own(), &none, false);
        let page = Page::new(&json!({}), &Attached::default(), print).expect("a page");
        let path = VirtualPath::new("/etc/passwd").expect("a path");
        let id = RootedPath::new(VirtualRoot::Project, path).intern();
        assert_eq!(page.file(id), Err(FileError::AccessDenied));
        assert!(page.source(id).is_err() && page.today(None).is_none());
    }
}
