//! The templates of reports and pages: ours, and those that somebody puts in the place of ours. What shows the verdict is
//! always ours: a report may look as its organisation likes, and says the same.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use super::Mistake;
use crate::digest::{Digest, Hasher};

/// Names of templates with our texts.
type Table = &'static [(&'static str, &'static str)];

macro_rules! table {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../templates/", $name)))),*]
    };
}

/// What a report is rendered with, and nobody else's can be: the verdict, what keeps it in sight, and all that runs.
const VERDICT: Table = table![
    "kit.typ",
    "report.js",
    "verdict.css",
    "verdict.html",
    "verdict.md",
    "verdict.typ",
    "words.json"
];

/// What a report is rendered with, and may be somebody's own.
const REPORT: Table = table!["report.html", "report.md", "report.typ", "style.css"];

/// What pages beside reports are rendered with, and nobody else's can be.
const FRAME: Table = table!["page.html", "site.js"];

/// What they are rendered with, and may be somebody's own.
const PAGES: Table = table![
    "diff.html",
    "pages.css",
    "site-checklist.html",
    "site-feed.xml",
    "site-runs.html",
    "site.html",
];

/// The folder of templates that others include.
const PARTS: &str = "parts/";

/// What the page's policy would block without a word: elements and attributes, and what a style asks others for.
static BLOCKED: LazyLock<[Option<Regex>; 2]> = LazyLock::new(|| {
    let html = r#"(?i)<(script|style|link|meta|base|iframe)\b|<[a-z][^<>]*\s(style|on[a-z]+|autofocus|popover|popovertarget|command|commandfor)\b"#;
    let css = r#"(?i)@import\b|@(top|right|bottom|left)-|@[^\s{;(]*\\|url\(\s*["']?\s*([a-z+.-]+:)?//|</style"#;
    [html, css].map(|pattern| Regex::new(pattern).ok())
});

/// What reports and pages are rendered with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Templates {
    /// Somebody's own, by name; ours where there is none.
    own: BTreeMap<String, String>,
    /// Where they were read, for messages.
    folder: String,
    /// They are not there, and only this is known of them.
    known: Option<Digest>,
}

impl Templates {
    /// Templates in the place of ours, from a folder, by their names: those of [`Templates::names`], and `parts/…` that they include.
    ///
    /// # Errors
    /// When one has a name that is not known, or could not be shown.
    pub fn of(folder: &str, mut own: BTreeMap<String, String>) -> Result<Self, Mistake> {
        let folder = folder.trim_end_matches('/').to_owned();
        for (name, text) in &own {
            let refused = |at: usize, message: String| {
                let before = &text[..at];
                let line = before.matches('\n').count() + 1;
                let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
                Mistake { file: format!("{folder}/{name}"), line, column, message }
            };
            if VERDICT.iter().chain(FRAME).any(|(known, _)| known == name) {
                return Err(refused(0, "this template is always holdpoint's own".to_owned()));
            }
            let part = |name: &str| {
                let kinds = [".html", ".md", ".typ", ".xml"];
                name.starts_with(PARTS) && kinds.iter().any(|kind| name.ends_with(kind))
            };
            if !Self::names().any(|known| known == name) && !part(name) {
                let known: Vec<&str> = Self::names().collect();
                let known = known.join(", ");
                let message = format!("no template has this name; there are {known}, and {PARTS}*");
                return Err(refused(0, message));
            }
            let [html, css] = &*BLOCKED;
            let blocks = match name.rsplit('.').next() {
                Some("html" | "md") => html.as_ref(),
                Some("css") => css.as_ref(),
                _ => None,
            };
            if let Some(found) = blocks.and_then(|blocks| blocks.find(text)) {
                let shown: String = found.as_str().chars().take(40).collect();
                let message = format!(
                    "a page blocks `{shown}`: it asks nobody for anything, and has one style and one script"
                );
                return Err(refused(found.start(), message));
            }
        }
        // A copy of ours is ours.
        own.retain(|name, text| Self::ours(name) != Some(text));
        Ok(Self { own, folder, known: None })
    }

    /// Templates of which nothing but the digest is known: a report's view can be made with them.
    pub fn known(digest: Digest) -> Self {
        Self { known: Some(digest), ..Self::default() }
    }

    /// Names that somebody's own templates may have.
    pub fn names() -> impl Iterator<Item = &'static str> {
        REPORT.iter().chain(PAGES).map(|(name, _)| *name)
    }

    /// Some are not ours.
    pub fn are_own(&self) -> bool {
        !self.own.is_empty() || self.known.is_some()
    }

    /// A template's text; empty for a name that there is not.
    pub(crate) fn text(&self, name: &str) -> &str {
        let own = self.own.get(name).map(String::as_str);
        own.or_else(|| Self::ours(name)).unwrap_or_default()
    }

    /// A style: ours, and somebody's own behind it.
    pub(super) fn style(&self, name: &str) -> String {
        let own = self.own.get(name).map(String::as_str).unwrap_or_default();
        [Self::default().text(name), own].concat()
    }

    /// A template of holdpoint's own, for whoever writes another; `None` for a name that there is not.
    pub fn ours(name: &str) -> Option<&'static str> {
        let all = VERDICT.iter().chain(REPORT).chain(FRAME).chain(PAGES);
        all.copied().find_map(|(known, text)| (known == name).then_some(text))
    }

    /// A mistake, in the file as its author knows it.
    pub(crate) fn placed(&self, mistake: &Mistake) -> Mistake {
        let file = match self.own.contains_key(&mistake.file) {
            true => format!("{}/{}", self.folder, mistake.file),
            false => mistake.file.clone(),
        };
        Mistake { file, ..mistake.clone() }
    }

    /// What others include, by name.
    pub(super) fn parts(&self) -> impl Iterator<Item = (&str, &str)> {
        let all = self.own.iter().filter(|(name, _)| name.starts_with(PARTS));
        all.map(|(name, text)| (name.as_str(), text.as_str()))
    }

    /// Digest over all that a report is rendered with: each text with its length before it, in the order of the names'
    /// tables; somebody's own parts behind them, each behind its name.
    pub fn digest(&self) -> Digest {
        if let Some(known) = self.known {
            return known;
        }
        let mut hasher = Hasher::default();
        let mut add = |text: &str| {
            hasher.update(&(text.len() as u64).to_be_bytes());
            hasher.update(text.as_bytes());
        };
        VERDICT.iter().chain(REPORT).for_each(|(name, _)| add(self.text(name)));
        for (name, text) in self.parts() {
            add(name);
            add(text);
        }
        hasher.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(name: &str, text: &str) -> Result<Templates, Mistake> {
        Templates::of("house/", BTreeMap::from([(name.to_owned(), text.to_owned())]))
    }

    #[test]
    fn what_shows_the_verdict_or_runs_is_never_anybodys_own() {
        for (name, _) in VERDICT.iter().chain(FRAME) {
            assert!(own(name, "").is_err_and(|why| why.message.contains("always holdpoint's")));
        }
        assert!(own("reprot.html", "").is_err_and(|why| why.message.contains("report.html")));
        assert!(own("parts/x.sh", "").is_err() && own("parts/x.html", "").is_ok());
    }

    #[test]
    fn what_a_page_would_block_is_named_with_its_place() {
        let why = own("report.html", "<p>\n  é <SCRIPT>").expect_err("blocked");
        assert_eq!((why.line, why.column), (2, 5));
        assert!(why.message.contains("<SCRIPT"), "{}", why.message);
    }

    #[test]
    fn whatever_differs_has_another_digest() {
        let ours = Templates::default();
        let all = [
            ours.clone(),
            own("report.html", "x").expect("a template"),
            own("report.md", "x").expect("a template"),
            own("parts/a.html", "x").expect("a part"),
            own("parts/b.html", "x").expect("a part"),
        ];
        let digests: std::collections::BTreeSet<Digest> =
            all.iter().map(Templates::digest).collect();
        assert_eq!(digests.len(), all.len());
    }
}
