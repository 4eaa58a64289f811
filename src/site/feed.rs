//! Atom feeds (RFC 4287): the newest runs of a checklist, or of all.

use serde::Serialize;

use super::{List, Run, Site};
use crate::digest::{Digest, hex};
use crate::judge::Call;
use crate::said;
use crate::said::Said;

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
    let title = format!("{}: {}", site.name, site.language.word("All runs"));
    feed(site, "", title, "", all.collect())
}

pub(super) fn of_one(site: &Site, list: &List) -> Feed {
    let all = list.runs.iter().map(|run| (list, run)).collect();
    feed(site, &list.path, format!("{}: {}", site.name, list.title), "../", all)
}

fn feed(
    site: &Site,
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
        id: urn(format!("{}\n{path}", site.ledger).as_bytes()),
        title,
        // A feed must have a time, and one without runs has none.
        updated: updated.unwrap_or_else(|| "1970-01-01T00:00:00.000Z".to_owned()),
        base,
        page: "index.html",
        entries: runs.into_iter().take(MOST).map(|(list, run)| entry(site, list, run)).collect(),
    }
}

fn entry(site: &Site, list: &List, run: &Run) -> Entry {
    let judged = &run.judged;
    let call = judged.call.word();
    let verdict = said!("verdict of `{}`", &judged.gate);
    let mut summary = vec![match judged.call {
        Call::Go => said!("{}: {}", verdict, call),
        _ => said!("{}: {}, {}", verdict, call, judged.reason.clone()),
    }];
    summary.extend(judged.decided.as_ref().map(|decided| {
        let by = said!("{} ({})", Said::name(&decided.by), &decided.role);
        match decided.call == judged.call {
            true => said!("decided {} by {}", decided.call.word(), by),
            false => said!("decided {}, against the verdict by {}", decided.call.word(), by),
        }
    }));
    summary.push(said!("run {}", &run.run));
    let summary = Said::semicolons(summary).unwrap_or_else(|| Said::from(""));
    let language = site.language;
    let release = language.named(&run.release);
    let environment = language.named(&run.environment);
    let page = run.page.as_ref().map(|page| page.path.clone());
    Entry {
        id: urn(format!("{}\n{}", site.ledger, run.id).as_bytes()),
        title: format!("{call}: {} {release} · {environment}", list.title),
        updated: judged.last_at.to_string(),
        published: run.opened_at.to_string(),
        href: page.unwrap_or_else(|| format!("{}/index.html", list.folder)),
        author: run.operator.clone(),
        category: environment.to_owned(),
        summary: site.language.say(&summary),
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
