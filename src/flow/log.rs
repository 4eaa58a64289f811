//! The ledger line by line: which entries somebody asks for, and what each says.

use std::collections::BTreeSet;

use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::ledger::record::{Body, Entry};
use crate::ledger::sweep::{self, Wanted};
use crate::ledger::{Location, Stored};
use crate::sign::Statement;

use super::home::location;
use super::{Failure, Home};

/// An entry for `log`.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Line {
    /// Its id.
    pub id: Digest,
    /// It stands in the trunk.
    pub sealed: bool,
    /// What it says.
    #[serde(flatten)]
    pub entry: Entry,
}

impl Line {
    /// Its kind.
    pub fn kind(&self) -> &'static str {
        self.entry.body.kind()
    }

    /// What it says, in a line.
    pub fn summary(&self) -> String {
        match &self.entry.body {
            Body::Genesis(genesis) => format!("ledger {} `{}`", genesis.ledger, genesis.name),
            Body::Policy(policy) => match policy.allowed_signers {
                Some(keys) => format!("policy with keys {}", &keys.to_string()[..8]),
                None => "policy without keys".to_owned(),
            },
            Body::RunOpened(opened) => {
                format!("{} · {} · {}", opened.run, opened.release, opened.environment)
            }
            Body::Result(result) | Body::Action(result) => {
                format!("{:<7} {}", result.outcome.word(), result.item)
            }
            Body::Sample(sample) => {
                let held = sample.samples.iter().filter(|look| look.held == Some(true)).count();
                format!("{held} of {} held {}", sample.samples.len(), sample.item)
            }
            Body::Trigger(trigger) => {
                let word = if trigger.fired { "fired" } else { "quiet" };
                format!("{word:<7} {}", trigger.item)
            }
            Body::Waived(said)
            | Body::Signoff(said)
            | Body::Decided(said)
            | Body::Void(said)
            | Body::Forgotten(said) => spoken(&said.statement, said.sig.is_some()),
            Body::Attested(word) => {
                format!("{:<7} {} {}", word.outcome.word(), word.item, word.note)
            }
            Body::Report(report) => {
                format!("{} at {}", report.format, &report.head.to_string()[..8])
            }
            Body::Note(note) => note.text.clone(),
        }
    }
}

/// Who says what, for which role and gate, and whether they signed.
fn spoken(statement: &Statement, signed: bool) -> String {
    let about = [
        statement.decision.map(|decision| decision.word().to_owned()),
        statement.gate.clone(),
        statement.item.clone(),
        statement.entry.map(|entry| entry.to_string()[..8].to_owned()),
    ];
    let about: Vec<String> = about.into_iter().flatten().collect();
    let who = format!("{} for {}", statement.name, statement.role);
    let how = if signed { "signed" } else { "not signed" };
    format!("{} · {who} · {how} {}", about.join(" · "), statement.reason).trim_end().to_owned()
}

/// Which entries `log` shows; all of what is asked for has to fit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of this run.
    pub run: Option<String>,
    /// Of runs of the checklist with this path.
    pub checklist: Option<String>,
    /// About the item with this identity, or this end of one.
    pub item: Option<String>,
    /// By somebody whose name, signature or machine holds this, in any case of letters.
    pub person: Option<String>,
    /// Saying one of these: `fail`, `NO-GO`.
    pub says: Vec<String>,
    /// Of one of these kinds.
    pub kinds: Vec<String>,
    /// Not before this.
    pub since: Option<Timestamp>,
    /// Not after this.
    pub until: Option<Timestamp>,
    /// The newest so many.
    pub most: Option<usize>,
}

/// Every kind of entry.
const KINDS: [&str; 15] = [
    "genesis",
    "policy",
    "run_opened",
    "result",
    "attested",
    "action",
    "sample",
    "trigger",
    "waived",
    "signoff",
    "decided",
    "void",
    "forgotten",
    "report",
    "note",
];

/// What results, answers and statements come to.
const SAYINGS: [&str; 9] =
    ["pass", "fail", "error", "pending", "skipped", "waived", "go", "no-go", "abstains"];

/// The entries that are asked for, in the ledger's order.
///
/// # Errors
/// When there is no ledger, run or kind, or one of the lines is damaged.
pub fn log(home: &Home, filter: &Filter) -> Result<Vec<Line>, Failure> {
    let place = location(home);
    if crate::ledger::genesis(&place).is_none() {
        // It says whether there is none, or what is wrong with it.
        crate::ledger::Ledger::open(place.clone())?;
    }
    if let Some(kind) = filter.kinds.iter().find(|kind| !KINDS.contains(&kind.as_str())) {
        let message = format!("there is no kind `{kind}` of entries");
        return Err(Failure::usage(message, format!("it is one of {}", KINDS.join(", "))));
    }
    let is_said = |word: &&String| SAYINGS.iter().any(|said| said.eq_ignore_ascii_case(word));
    if let Some(word) = filter.says.iter().find(|word| !is_said(word)) {
        let message = format!("there is no outcome or decision `{word}`");
        return Err(Failure::usage(message, format!("it is one of {}", SAYINGS.join(", "))));
    }
    let runs = filter.checklist.as_deref().map(|path| runs_of(&place, path)).transpose()?;
    let needles = filter.needles();
    let finders: Vec<_> = needles.iter().map(memchr::memmem::Finder::new).collect();
    let words = filter.words();
    let words: Vec<_> = words.iter().map(memchr::memmem::Finder::new).collect();
    let (since, until) = (filter.since.map(text), filter.until.map(text));
    let wanted = Wanted {
        line: &|line| {
            let at = || sweep::at(line);
            finders.iter().all(|finder| finder.find(line).is_some())
                && (words.is_empty() || words.iter().any(|finder| finder.find(line).is_some()))
                && since.as_deref().is_none_or(|since| at().is_some_and(|at| at >= since))
                && until.as_deref().is_none_or(|until| at().is_some_and(|at| at <= until))
        },
        entry: &|entry| filter.takes(entry, runs.as_ref()),
        most: filter.most,
    };
    let found = sweep::find(&place, &wanted)?;
    if found.is_empty()
        && let Some(run) = &filter.run
    {
        let opened = Filter { run: Some(run.clone()), most: Some(1), ..Filter::default() };
        if *filter == opened || log(home, &opened)?.is_empty() {
            let hint = "`holdpoint log --kind run_opened` lists the runs";
            return Err(Failure::usage(format!("there is no run `{run}`"), hint));
        }
    }
    let line = |Stored { id, entry, sealed }| Line { id, sealed, entry };
    Ok(found.into_iter().map(line).collect())
}

fn text(time: Timestamp) -> String {
    time.to_string()
}

/// The runs of a checklist.
fn runs_of(place: &Location, path: &str) -> Result<BTreeSet<String>, Failure> {
    let named = sweep::quoted("path", path).unwrap_or_default();
    let finder = memchr::memmem::Finder::new(&named);
    let wanted = Wanted {
        line: &|line| finder.find(line).is_some(),
        entry: &|entry| matches!(&entry.body, Body::RunOpened(opened) if opened.checklist.path == path),
        most: None,
    };
    let opened = sweep::find(place, &wanted)?;
    if opened.is_empty() {
        let hint = "name it as the ledger does: relative to the repository's root";
        return Err(Failure::usage(format!("no run is of checklist `{path}`"), hint));
    }
    Ok(opened.iter().filter_map(|one| one.entry.body.run().map(str::to_owned)).collect())
}

impl Filter {
    /// Bytes that every line has which fits.
    fn needles(&self) -> Vec<Vec<u8>> {
        let run = self.run.as_deref().and_then(|run| sweep::quoted("run", run));
        // An identity may be given by its end: all but the first quote and the key.
        let item = self.item.as_deref().and_then(|item| sweep::quoted("", item));
        let item = item.and_then(|item| item.get(4..).map(<[u8]>::to_vec));
        let kind = match &self.kinds[..] {
            [kind] => sweep::quoted("kind", kind),
            _ => None,
        };
        [run, item, kind].into_iter().flatten().collect()
    }

    /// Bytes of which every line has one that gives an outcome or decision asked for.
    fn words(&self) -> Vec<Vec<u8>> {
        let written = |word: &String| match word.to_lowercase().as_str() {
            "abstains" => "abstain".to_owned(),
            word => word.to_owned(),
        };
        let both = |word: String| ["outcome", "decision"].map(|key| sweep::quoted(key, &word));
        self.says.iter().map(written).flat_map(both).flatten().collect()
    }

    fn takes(&self, entry: &Entry, runs: Option<&BTreeSet<String>>) -> bool {
        let body = &entry.body;
        let in_run = |run: &String| body.run() == Some(run);
        self.run.as_ref().is_none_or(in_run)
            && runs.is_none_or(|runs| body.run().is_some_and(|run| runs.contains(run)))
            && self.item.as_ref().is_none_or(|item| body.item().is_some_and(|id| ends(id, item)))
            && self.person.as_ref().is_none_or(|person| is_by(entry, person))
            && (self.says.is_empty() || self.says.iter().any(|word| says(body, word)))
            && (self.kinds.is_empty() || self.kinds.iter().any(|kind| kind == body.kind()))
            && self.since.is_none_or(|since| entry.at >= since)
            && self.until.is_none_or(|until| entry.at <= until)
    }
}

fn ends(id: &str, item: &str) -> bool {
    id.strip_suffix(item).is_some_and(|before| before.is_empty() || before.ends_with('/'))
}

/// Who wrote it, as claimed, or who states something in it.
fn is_by(entry: &Entry, person: &str) -> bool {
    let statement = entry.body.statement().map(|(statement, _)| statement);
    let names = statement.map(|statement| [&statement.signer, &statement.name]);
    let person = person.to_lowercase();
    let mut all = names.into_iter().flatten().chain([&entry.writer.id]);
    all.any(|name| name.to_lowercase().contains(&person))
}

/// The outcome or the decision that it gives is this.
fn says(body: &Body, word: &str) -> bool {
    let outcome = match body {
        Body::Result(result) | Body::Action(result) => Some(result.outcome.word()),
        Body::Attested(attested) => Some(attested.outcome.word()),
        _ => None,
    };
    let decision = body.statement().and_then(|(statement, _)| statement.decision);
    let decision = decision.map(|decision| decision.word());
    [outcome, decision].into_iter().flatten().any(|said| said.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_is_found_by_its_end_and_by_no_part_of_a_name() {
        assert!(ends("services/redis", "redis") && ends("redis", "redis"));
        assert!(!ends("services/big-redis", "redis") && !ends("redis/up", "redis"));
        let filter = Filter { item: Some("re\"d".to_owned()), ..Filter::default() };
        assert_eq!(filter.needles(), [br#"re\"d""#.to_vec()]);
    }
}
