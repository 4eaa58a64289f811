//! Atom feeds (RFC 4287): the newest runs of a checklist, or of all.

use serde::Serialize;

use super::{List, Run, Site};
use crate::digest::{Digest, hex};
use crate::judge::Call;

/// The newest so many runs stand in a feed.
const MOST: usize = 50;

/// A feed. Its addresses are relative, since only whoever publishes the site knows where it is.
#[derive(Serialize)]
pub(super) struct Feed {
    id: String,
    title: String,
    updated: String,
    /// From the feed to the site's folder.
    base: &'static str,
    /// Where its page is, from the feed.
    page: &'static str,
    entries: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    id: String,
    title: String,
    updated: String,
    published: String,
    href: String,
    author: String,
    category: String,
    summary: String,
}

pub(super) fn of_all(site: &Site) -> Feed {
    let all = site.checklists.iter().flat_map(|list| list.runs.iter().map(move |run| (list, run)));
    let title = format!("{}: all runs", site.name);
    feed(&site.ledger, "", title, "", all.collect())
}

pub(super) fn of_one(site: &Site, list: &List) -> Feed {
    let all = list.runs.iter().map(|run| (list, run)).collect();
    feed(&site.ledger, &list.path, format!("{}: {}", site.name, list.title), "../", all)
}

fn feed(
    ledger: &str,
    path: &str,
    title: String,
    base: &'static str,
    mut runs: Vec<(&List, &Run)>,
) -> Feed {
    runs.sort_by(|(_, one), (_, other)| {
        (other.judged.last_at, &other.run).cmp(&(one.judged.last_at, &one.run))
    });
    let updated = runs.first().map(|(_, run)| run.judged.last_at.to_string());
    Feed {
        id: urn(format!("{ledger}\n{path}").as_bytes()),
        title,
        // A feed must have a time, and one without runs has none.
        updated: updated.unwrap_or_else(|| "1970-01-01T00:00:00.000Z".to_owned()),
        base,
        page: "index.html",
        entries: runs.into_iter().take(MOST).map(|(list, run)| entry(ledger, list, run)).collect(),
    }
}

fn entry(ledger: &str, list: &List, run: &Run) -> Entry {
    let judged = &run.judged;
    let decided = judged.decided.as_ref().map_or_else(String::new, |decided| {
        let against = if decided.call == judged.call { "" } else { ", against the verdict" };
        format!(" Decided {}{against} by {} ({}).", decided.call.word(), decided.by, decided.role)
    });
    let why = match judged.call {
        Call::Go => String::new(),
        _ => format!(": {}", judged.reason),
    };
    let (release, environment) = (&run.release, &run.environment);
    let page = run.page.as_ref().map(|page| page.path.clone());
    Entry {
        id: urn(format!("{ledger}\n{}", run.id).as_bytes()),
        title: format!("{}: {} {release} in {environment}", judged.call.word(), list.title),
        updated: judged.last_at.to_string(),
        published: run.opened_at.to_string(),
        href: page.unwrap_or_else(|| format!("{}/index.html", list.folder)),
        author: run.operator.clone(),
        category: environment.clone(),
        summary: format!(
            "{} at {}{why}.{decided} Run {}.",
            judged.call.word(),
            judged.gate,
            run.run
        ),
    }
}

/// A name that is the same each time: a UUID of version 8 (RFC 9562) made of a digest.
fn urn(of: &[u8]) -> String {
    let digest = Digest::of(of);
    let mut bytes: [u8; 16] = std::array::from_fn(|at| digest.as_bytes()[at]);
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = hex(&bytes);
    let parts = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]];
    format!("urn:uuid:{}", parts.join("-"))
}
