//! What the pages show, as plain texts in their language.

use std::collections::BTreeSet;

use serde::Serialize;

use super::trend::{Trend, trend};
use super::{Habits, Judged, List, Run, Site};
use crate::judge::Counts;
use crate::report::{self, Language};

/// The newest so many runs stand on a page.
const MOST: usize = 5_000;

/// The page of all runs.
#[derive(Serialize)]
pub(super) struct Index<'s> {
    /// From the page to the site's folder.
    base: &'static str,
    name: &'s str,
    ledger: &'s str,
    checklists: Vec<Card<'s>>,
    filters: Filters<'s>,
    rows: Vec<Row<'s>>,
    total: usize,
    renderer: &'static str,
}

/// A checklist on the page of all runs.
#[derive(Serialize)]
struct Card<'s> {
    title: &'s str,
    path: &'s str,
    folder: &'s str,
    runs: usize,
    newest: Option<Row<'s>>,
    trend: Trend,
}

/// The page of a checklist.
#[derive(Serialize)]
pub(super) struct Checklist<'s> {
    base: &'static str,
    name: &'s str,
    title: &'s str,
    path: &'s str,
    filters: Filters<'s>,
    rows: Vec<Row<'s>>,
    total: usize,
    trend: Trend,
    habits: &'s Habits,
    renderer: &'static str,
}

/// What can be chosen from.
#[derive(Serialize)]
struct Filters<'s> {
    checklists: Vec<&'s str>,
    environments: Vec<&'s str>,
    releases: Vec<&'s str>,
}

/// A run in a table.
#[derive(Serialize)]
struct Row<'s> {
    run: &'s str,
    /// Relative to the site's folder; empty where there is no report.
    href: &'s str,
    recorded: bool,
    title: &'s str,
    folder: &'s str,
    release: &'s str,
    environment: &'s str,
    call: &'static str,
    gate: &'s str,
    reason: String,
    decided: &'static str,
    decided_by: String,
    against: bool,
    at: String,
    day: String,
    who: &'s str,
    counts: Vec<Part>,
    took: String,
}

/// A part of the bar of a run: 100 is all of it.
#[derive(Serialize)]
struct Part {
    outcome: &'static str,
    n: usize,
    x: usize,
    width: usize,
}

pub(super) fn index(site: &Site) -> Index<'_> {
    let language = site.language;
    let mut runs: Vec<(&List, &Run)> = site
        .checklists
        .iter()
        .flat_map(|list| list.runs.iter().map(move |run| (list, run)))
        .collect();
    runs.sort_by(|(_, one), (_, other)| {
        (other.opened_at, &other.run).cmp(&(one.opened_at, &one.run))
    });
    Index {
        base: "",
        name: &site.name,
        ledger: &site.ledger,
        checklists: site.checklists.iter().map(|list| card(list, language)).collect(),
        filters: filters(site.checklists.iter(), language),
        total: runs.len(),
        rows: runs.into_iter().take(MOST).map(|(list, run)| row(list, run, language)).collect(),
        renderer: report::RENDERER,
    }
}

fn card(list: &List, language: Language) -> Card<'_> {
    Card {
        title: &list.title,
        path: &list.path,
        folder: &list.folder,
        runs: list.runs.len(),
        newest: list.runs.last().map(|run| row(list, run, language)),
        trend: trend(&list.runs, language),
    }
}

pub(super) fn checklist<'s>(site: &'s Site, list: &'s List) -> Checklist<'s> {
    let language = site.language;
    Checklist {
        base: "../",
        name: &site.name,
        title: &list.title,
        path: &list.path,
        filters: filters([list].into_iter(), language),
        rows: list.runs.iter().rev().take(MOST).map(|run| row(list, run, language)).collect(),
        total: list.runs.len(),
        trend: trend(&list.runs, language),
        habits: &list.habits,
        renderer: report::RENDERER,
    }
}

fn filters<'s>(lists: impl Iterator<Item = &'s List> + Clone, language: Language) -> Filters<'s> {
    let runs = lists.clone().flat_map(|list| &list.runs);
    let environments: BTreeSet<&str> =
        runs.clone().map(|run| language.named(&run.environment)).collect();
    let releases: BTreeSet<&str> = runs.map(|run| language.named(&run.release)).collect();
    Filters {
        checklists: lists.map(|list| list.folder.as_str()).collect(),
        environments: environments.into_iter().collect(),
        releases: releases.into_iter().collect(),
    }
}

fn row<'s>(list: &'s List, run: &'s Run, language: Language) -> Row<'s> {
    let judged = &run.judged;
    let decided = judged.decided.as_ref();
    let at = judged.last_at.to_string();
    Row {
        run: &run.run,
        href: run.page.as_ref().map_or("", |page| &page.path),
        recorded: run.page.as_ref().is_some_and(|page| page.recorded),
        title: &list.title,
        folder: &list.folder,
        release: language.named(&run.release),
        environment: language.named(&run.environment),
        call: judged.call.word(),
        gate: &judged.gate,
        reason: language.say(&judged.reason),
        decided: decided.map_or("", |decided| decided.call.word()),
        decided_by: decided.map_or_else(String::new, |one| format!("{} ({})", one.by, one.role)),
        against: decided.is_some_and(|decided| decided.call != judged.call),
        day: format!("{} {}", &at[..10], &at[11..16]),
        at,
        who: &run.operator,
        counts: bar(judged),
        took: report::duration(judged.ms),
    }
}

/// In the order in which a report has them.
fn words(judged: &Judged) -> [(&'static str, usize); 7] {
    let Counts { pass, waived, skipped, pending, error, fail } = judged.counts;
    [
        ("fail", fail),
        ("error", error),
        ("pending", pending),
        ("skipped", skipped),
        ("waived", waived),
        ("standby", judged.standby),
        ("pass", pass),
    ]
}

fn bar(judged: &Judged) -> Vec<Part> {
    let (mut before, total) = (0, (judged.counts.total() + judged.standby).max(1));
    let some = words(judged).into_iter().filter(|(_, count)| *count > 0);
    some.map(|(outcome, count)| {
        let x = before * 100 / total;
        before += count;
        Part { outcome, n: count, x, width: before * 100 / total - x }
    })
    .collect()
}
