//! The site: every run of a ledger on static pages, with feeds. Opens nothing and reads no clock; what came of each run
//! is handed in, so that what has not changed need not be judged again.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::judge::{Call, Counts};
use crate::report::{self, Error, Head, Language, Sheet, Templates, Whose};
use crate::said::Said;

mod feed;
mod habits;
pub mod manifest;
pub mod names;
mod trend;
mod view;

pub use habits::{Habits, Tried};

const PARTS: &[&str] = &["site-runs.html"];
const INDEX: Sheet = Sheet { template: "site.html", parts: PARTS, script: "site.js" };
const CHECKLIST: Sheet = Sheet { template: "site-checklist.html", parts: PARTS, script: "site.js" };
const FEED: &str = "site-feed.xml";

/// A ledger's runs, in the order in which they were opened.
pub struct Site {
    /// The ledger's id: 32 hex digits.
    pub ledger: String,
    /// Its name.
    pub name: String,
    /// The language of their own words.
    pub language: Language,
    /// Whose they are.
    pub whose: Whose,
    /// The checklists, in the order of their first runs.
    pub checklists: Vec<List>,
}

/// A checklist.
pub struct List {
    /// Its path.
    pub path: String,
    /// Its title, as the newest run has it.
    pub title: String,
    /// The name of its folder.
    pub folder: String,
    /// Its runs, oldest first.
    pub runs: Vec<Run>,
    /// What its items do.
    pub habits: Habits,
}

/// A run.
pub struct Run {
    /// Id of the entry that opened it.
    pub id: Digest,
    /// Its name.
    pub run: String,
    /// What is released.
    pub release: String,
    /// Where to.
    pub environment: String,
    /// Who opened it, as claimed.
    pub operator: String,
    /// When, as claimed.
    pub opened_at: Timestamp,
    /// What came of it.
    pub judged: Judged,
    /// Its report, relative to the site's folder; none where it cannot be rendered.
    pub page: Option<Page>,
}

/// What came of a run, as it stood at its newest entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judged {
    /// The verdict of the gate that it speaks for.
    pub call: Call,
    /// That gate.
    pub gate: String,
    /// Why: the first reason.
    pub reason: Said,
    /// What was decided at that gate.
    pub decided: Option<Decided>,
    /// What its items came to, all gates together, as in its report.
    pub counts: Counts,
    /// How many more wait on standby, where no gate asks for them.
    pub standby: usize,
    /// The newest time that an entry of it claims.
    pub last_at: Timestamp,
    /// How long its checks took, in milliseconds.
    pub ms: i64,
}

/// What people decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    /// GO or NO-GO.
    pub call: Call,
    /// Who, by their printed name.
    pub by: String,
    /// For which role.
    pub role: String,
}

/// The page of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// Relative to the site's folder, with `/`.
    pub path: String,
    /// It is the report that the ledger records, byte for byte.
    pub recorded: bool,
}

/// All pages and feeds beside those of runs: each path with its bytes.
///
/// # Errors
/// When a template fails.
pub fn pages(site: &Site, templates: &Templates) -> Result<Vec<(String, Vec<u8>)>, Error> {
    let language = site.language;
    let feed = language.word("All runs").to_owned();
    let head = Head { title: format!("{}: {feed}", site.name), feed, whose: site.whose.clone() };
    let index = report::page(&INDEX, &head, language, templates, &view::index(site))?;
    let mut all = vec![
        ("index.html".to_owned(), index),
        ("feed.xml".to_owned(), report::xml(FEED, templates, &feed::of_all(site))?),
    ];
    for list in &site.checklists {
        let title = format!("{}: {}", list.title, language.word("Runs"));
        let head = Head { title, feed: list.title.clone(), whose: site.whose.clone() };
        let model = view::checklist(site, list);
        let page = report::page(&CHECKLIST, &head, language, templates, &model)?;
        all.push((format!("{}/index.html", list.folder), page));
        let feed = report::xml(FEED, templates, &feed::of_one(site, list))?;
        all.push((format!("{}/feed.xml", list.folder), feed));
    }
    Ok(all)
}
