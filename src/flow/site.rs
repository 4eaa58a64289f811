//! The site: what came of every run, judged and rendered where something is new, written where something differs.

use std::collections::BTreeMap;
use std::path::Path;

use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::judge::Counts;
use crate::ledger::Ledger;
use crate::ledger::record::{Body, Report};
use crate::ledger::state::{Answer, Given, RunState};
use crate::outcome::Outcome;
use crate::report::{Format, Language, Made, Templates, Typefaces};
use crate::said::Said;
use crate::site::manifest::Kept;
use crate::site::names::Names;
use crate::site::{self, Decided, Habits, Judged, List, Page, Run, Site, Tried};

use super::before;
use super::home::location;
use super::issue::{Asked, Paper, Shown, is_proven};
use super::looks::{looks, mistaken, templates, whose};
use super::past::{Begun, Past};
use super::shelf::Shelf;
use super::stand::with_runs;
use super::{Failure, Home, Standing};

/// What came of writing a site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Built {
    /// How many runs it shows.
    pub runs: usize,
    /// How many of them were judged and rendered; the others had not changed.
    pub rendered: usize,
    /// How many files were written.
    pub written: usize,
    /// How many were removed.
    pub removed: usize,
}

/// What items do is told over the newest so many runs of a checklist.
const RECENT: usize = 100;

/// Writes the site of all runs into `folder`, which must be empty or a site already; in the language and the templates
/// that are asked for.
///
/// # Errors
/// When the folder holds something else, or cannot be written.
pub fn site(home: &Home, folder: &Path, asked: &Asked) -> Result<Built, Failure> {
    let ledger = with_runs(Ledger::open(location(home)))?;
    let (language, templates) = (asked.language, templates(home, asked.templates.as_deref())?);
    let mut shelf = Shelf::open(home, folder, &ledger, templates, language)?;
    let (past, maker) = (Past::of(&ledger), Maker { home, language });
    let mut rendered = 0;
    let mut lists: Vec<(List, Vec<usize>)> = Vec::new();
    let (mut names, mut places) = (Names::default(), BTreeMap::new());
    let mut run_names: Vec<Names> = Vec::new();
    for (at, begun) in past.runs().iter().enumerate() {
        let place = *places.entry(begun.checklist).or_insert_with(|| {
            let folder = names.checklist(begun.checklist);
            let (path, title) = (begun.checklist.to_owned(), String::new());
            let habits = Habits::default();
            lists.push((List { path, title, folder, runs: Vec::new(), habits }, Vec::new()));
            run_names.push(Names::default());
            lists.len() - 1
        });
        let (list, begins) = &mut lists[place];
        let page = format!("{}/runs/{}.html", list.folder, run_names[place].run(begun.name));
        let Some(run) = one(&maker, &past, begun, page, &mut shelf, &mut rendered)? else {
            continue;
        };
        list.runs.push(run);
        begins.push(at);
    }
    let genesis = ledger.genesis().ok_or_else(|| Failure::ours("the ledger has no beginning"))?;
    let checklists = lists.into_iter().map(|(list, begins)| finished(&past, list, &begins));
    let site = Site {
        ledger: genesis.ledger.clone(),
        name: genesis.name.clone(),
        whose: whose(home),
        language: looks(home, None, language)?.language,
        checklists: checklists.collect(),
    };
    let pages = site::pages(&site, &shelf.templates);
    let pages = pages.map_err(|error| mistaken(&shelf.templates, &error))?;
    for (path, bytes) in pages {
        shelf.put(path, &bytes)?;
    }
    let runs = site.checklists.iter().map(|list| list.runs.len()).sum();
    let (written, removed) = shelf.close()?;
    Ok(Built { runs, rendered, written, removed })
}

/// Who makes it, and the language that was asked for.
struct Maker<'h> {
    home: &'h Home,
    language: Option<Language>,
}

/// A run, judged and rendered unless its newest entries are those that it was rendered at.
fn one(
    maker: &Maker<'_>,
    past: &Past<'_>,
    begun: &Begun<'_>,
    page: String,
    shelf: &mut Shelf,
    rendered: &mut usize,
) -> Result<Option<Run>, Failure> {
    let heads = past.heads(begun.name);
    let opened = begun.entries.iter().find_map(|stored| match &stored.entry.body {
        Body::RunOpened(opened) => Some((stored, opened)),
        _ => None,
    });
    let Some((stored, opened)) = opened else { return Ok(None) };
    let (judged, page) = match shelf.kept(begun.name, &heads, &page) {
        Some(kept) => (kept.judged, kept.page),
        None => {
            *rendered += 1;
            match past.stood(begun.name) {
                Ok(standing) => {
                    let page = rendered_page(maker, past, begun, &heads, &standing, page, shelf)?;
                    let kept = Kept { heads, judged: judged(&standing), page };
                    shelf.keep(begun.name, kept.clone());
                    (kept.judged, kept.page)
                }
                // Nothing is kept of it: what is gone may come back.
                Err(failure) => (unjudged(stored.entry.at, failure.message), None),
            }
        }
    };
    Ok(Some(Run {
        id: stored.id,
        run: opened.run.clone(),
        release: opened.release.clone(),
        environment: opened.environment.clone(),
        operator: stored.entry.writer.id.clone(),
        opened_at: stored.entry.at,
        judged,
        page,
    }))
}

/// The report that was recorded last, where nothing but remarks came after; else one of the run as it stood.
fn rendered_page(
    maker: &Maker<'_>,
    past: &Past<'_>,
    begun: &Begun<'_>,
    heads: &[Digest],
    standing: &Standing,
    path: String,
    shelf: &mut Shelf,
) -> Result<Option<Page>, Failure> {
    if let Some(bytes) = recorded(maker.home, past.ledger, begun, &shelf.templates) {
        shelf.put(path.clone(), &bytes)?;
        return Ok(Some(Page { path, recorded: true }));
    }
    // A report names one head; branches that nobody has joined have none.
    let [head] = heads else { return Ok(None) };
    let shown = Shown::new(past.ledger, standing);
    // A page that nobody issued names no checkpoint: it is the same whenever it is made.
    let looks = looks(maker.home, Some(&standing.checklist), maker.language)?;
    let made = Made { checkpoint: None, looks, fonts: Typefaces::default() };
    let before = before::earlier(past, head, begun.name);
    let (ledger, before, shown) = (past.ledger, &before[..], &shown);
    let paper = Paper { ledger, head, standing, before, shown, templates: &shelf.templates };
    let bytes = paper.render(&made, Format::Html)?.bytes;
    shelf.put(path.clone(), &bytes)?;
    Ok(Some(Page { path, recorded: false }))
}

/// The bytes of the report that was issued last, where they are what the ledger says.
fn recorded(
    home: &Home,
    ledger: &Ledger,
    begun: &Begun<'_>,
    templates: &Templates,
) -> Option<Vec<u8>> {
    let newest = begun.entries.iter().rev().map(|stored| &stored.entry);
    let remarks = newest.take_while(|entry| matches!(entry.body, Body::Report(_) | Body::Note(_)));
    let is_page = |(report, _): &(&Report, Timestamp)| report.format == "html";
    let (report, at) = remarks
        .filter_map(|entry| match &entry.body {
            Body::Report(report) => Some((report, entry.at)),
            _ => None,
        })
        .find(is_page)?;
    let path = home.root.join(report.path(begun.checklist));
    let bytes = crate::files::read_regular(&path, 1 << 30).ok()?;
    let none = Typefaces::default();
    is_proven(ledger, report, at, &bytes, templates, &none).then_some(bytes)
}

fn judged(standing: &Standing) -> Judged {
    let verdict = standing.verdict();
    let decided = standing.decision().map(|decided| Decided {
        call: decided.call,
        by: decided.heard.statement().name.clone(),
        role: decided.heard.statement().role.clone(),
    });
    let (standby, items): (Vec<_>, Vec<_>) = standing
        .items()
        .map(|(planned, _, outcome, _)| (planned.gate.is_none(), outcome))
        .partition(|one| *one == (true, Outcome::Pending));
    Judged {
        call: verdict.call,
        gate: verdict.gate.clone(),
        reason: verdict
            .reasons
            .first()
            .map_or_else(|| Said::from(""), |reason| reason.text.clone()),
        decided,
        counts: Counts::of(items.into_iter().map(|(_, outcome)| outcome)),
        standby: standby.len(),
        last_at: standing.run.last_at,
        ms: standing.in_checks(),
    }
}

/// Of a run that cannot be judged nothing is said but that.
fn unjudged(at: crate::clock::Timestamp, why: String) -> Judged {
    Judged {
        call: crate::judge::Call::Hold,
        gate: String::new(),
        reason: Said::from(why),
        decided: None,
        counts: Counts::default(),
        standby: 0,
        last_at: at,
        ms: 0,
    }
}

/// A checklist with its title, and with what its items do.
fn finished(past: &Past<'_>, mut list: List, begins: &[usize]) -> List {
    let recent = &begins[begins.len().saturating_sub(RECENT)..];
    let states: Vec<RunState> = recent
        .iter()
        .filter_map(|&at| past.run(&past.heads(past.runs()[at].name), past.runs()[at].name))
        .collect();
    let newest = states.last();
    list.title = newest.map_or_else(String::new, |run| run.opened.checklist.title.clone());
    let checklist = newest.and_then(|run| past.checklist(run).ok());
    let texts: BTreeMap<&str, &str> = checklist.as_ref().map_or_else(BTreeMap::new, |checklist| {
        checklist.items.iter().map(|item| (item.id.as_str(), item.text.as_str())).collect()
    });
    let tried = states.iter().flat_map(tried);
    list.habits = Habits::of(states.len(), tried, &|item| texts.get(item).copied());
    list
}

/// The items of a run that checks answered.
fn tried(run: &RunState) -> impl Iterator<Item = Tried> {
    run.answers.iter().filter_map(|(item, answers)| {
        let result = |answer: &Answer| match &answer.given {
            Given::Machine(result) if result.was_run() => Some((result.outcome, result.ms)),
            _ => None,
        };
        let results: Vec<_> = answers.iter().filter_map(result).collect();
        Some(Tried {
            item: item.clone(),
            sha256: answers.last()?.item_sha256(),
            environment: run.opened.environment.clone(),
            ms: results.last()?.1,
            attempts: results.into_iter().map(|(outcome, _)| outcome).collect(),
        })
    })
}
