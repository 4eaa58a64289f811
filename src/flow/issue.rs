//! Reports: rendered from the ledger at a head, issued into `reports/` and recorded, or only looked at.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::files;
use crate::ledger::record::{Body, Note, Report};
use crate::ledger::state::Given;
use crate::ledger::{Ledger, Session, Stored};
use crate::report::{
    self, Earlier, Format, Language, LedgerFacts, Made, Subject, Templates, Typefaces,
};
use crate::said;
use crate::standing::Hearing;
use crate::verify::Again;

use super::before;
use super::home::{location, open_to_write, seal_here, session};
use super::looks::{made, mistaken, sealed, templates};
use super::past::Past;
use super::since::Looser;
use super::stand::{find_run, standing_at};
use super::{Failure, Home, Standing};

/// A report that was written.
#[derive(Clone, Debug)]
pub struct Issued {
    /// Where: relative to the root, or as the caller named it.
    pub path: PathBuf,
    /// `html`, `pdf` or `md`.
    pub format: &'static str,
}

const FORMATS: &[(&str, Format)] =
    &[("html", Format::Html), ("pdf", Format::Pdf), ("md", Format::Markdown)];

/// What somebody asks of reports, beside what `holdpoint.toml` and the checklist say.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The gate that they speak for.
    pub gate: Option<String>,
    /// The language of their own words.
    pub language: Option<Language>,
    /// A folder of templates.
    pub templates: Option<PathBuf>,
}

/// Issues reports for a run as it stands now.
///
/// # Errors
/// When there is no such run, or something cannot be written.
pub fn issue_reports(
    home: &Home,
    run: Option<&str>,
    asked: &Asked,
) -> Result<Vec<Issued>, Failure> {
    let mut ledger = open_to_write(home)?;
    let run = find_run(&ledger, run)?.opened.run;
    let issued = into(home, &mut ledger, &session(home)?, &run, asked)?;
    if home.seals {
        seal_here(home, &mut ledger)?;
    }
    Ok(issued)
}

/// Writes the reports of the newest head that reports were issued at, or would be, to `folder`.
///
/// # Errors
/// When there is no such run, or something cannot be written.
pub fn copy_reports(
    home: &Home,
    run: Option<&str>,
    wanted: &Asked,
    folder: &Path,
) -> Result<Vec<Issued>, Failure> {
    let ledger = Ledger::open(location(home))?;
    let run = find_run(&ledger, run)?.opened.run;
    let (head, gate, at) = newest(&ledger, &run, wanted.gate.as_deref())?;
    let now = at.unwrap_or_else(|| home.clock.now());
    let (standing, before) = standing_below(&ledger, &head, &run, gate.as_deref(), now)?;
    let made = made(home, &ledger, &standing.checklist, wanted.language)?;
    let templates = templates(home, wanted.templates.as_deref())?;
    std::fs::create_dir_all(folder).map_err(|error| fault("make folder", folder, &error))?;
    let (mut issued, shown) = (Vec::new(), Shown::new(&ledger, &standing));
    let paper = Paper {
        ledger: &ledger,
        head: &head,
        standing: &standing,
        before: &before,
        shown: &shown,
        templates: &templates,
    };
    for &(format, kind) in FORMATS {
        let path = folder.join(format!("report.{format}"));
        // What was issued is copied as it is, where it is what the ledger says: anybody may record anything.
        let known = at.and_then(|_| recorded(&paper, home, &run, format, &made.fonts));
        // Unless it is to look otherwise now.
        let alike = |one: &Made| one.looks == made.looks;
        let open = |note: &str| sealed(&ledger, note);
        let known = known.filter(|bytes| Made::all_in(bytes, open).iter().any(alike));
        let bytes = match known {
            Some(bytes) => bytes,
            None => paper.render(&made, kind)?.bytes,
        };
        files::replace(&path, &bytes).map_err(|error| fault("write", &path, &error))?;
        issued.push(Issued { path, format });
    }
    Ok(issued)
}

/// Where reports were issued last, if nothing but reports came after; else the head.
fn newest(
    ledger: &Ledger,
    run: &str,
    gate: Option<&str>,
) -> Result<(Digest, Option<String>, Option<Timestamp>), Failure> {
    let of_run =
        ledger.entries().iter().rev().filter(|stored| stored.entry.body.run() == Some(run));
    for stored in of_run {
        match &stored.entry.body {
            Body::Report(report) if gate.is_none() => {
                return Ok((report.head, report.gate.clone(), Some(stored.entry.at)));
            }
            Body::Report(_) => {}
            _ => break,
        }
    }
    single_head(ledger).map(|head| (head, gate.map(str::to_owned), None))
}

fn single_head(ledger: &Ledger) -> Result<Digest, Failure> {
    let mut heads = ledger.history().heads();
    match (heads.next(), heads.next()) {
        (Some(head), None) => Ok(*head),
        _ => Err(Failure::usage(
            "branches of the ledger are not joined",
            "`holdpoint report` without `--out` joins them",
        )),
    }
}

/// Issues reports at the head: files first, then the entries that record them.
pub(super) fn into(
    home: &Home,
    ledger: &mut Ledger,
    session: &Session,
    run: &str,
    asked: &Asked,
) -> Result<Vec<Issued>, Failure> {
    if ledger.history().heads().len() > 1 {
        let note = Note {
            run: Some(run.to_owned()),
            text: "joins branches of the ledger before a report".to_owned(),
        };
        ledger.append(session, home.clock.now(), vec![Body::Note(note)], &[])?;
    }
    let head = single_head(ledger)?;
    // It is rendered again as of the time of its entry.
    let (now, gate) = (home.clock.now(), asked.gate.as_deref());
    let (standing, before) = standing_below(ledger, &head, run, gate, now)?;
    let mut issued = Vec::new();
    let mut bodies = Vec::new();
    let shown = Shown::new(ledger, &standing);
    let made = made(home, ledger, &standing.checklist, asked.language)?;
    let templates = templates(home, asked.templates.as_deref())?;
    let paper = Paper {
        ledger,
        head: &head,
        standing: &standing,
        before: &before,
        shown: &shown,
        templates: &templates,
    };
    // Nothing is written before all of them are there: a report without its entry was issued by nobody.
    let rendered: Result<Vec<_>, Failure> =
        FORMATS.iter().map(|&(_, kind)| paper.render(&made, kind)).collect();
    for (&(format, _), rendered) in FORMATS.iter().zip(rendered?) {
        let report = Report {
            run: run.to_owned(),
            gate: gate.map(|_| standing.verdict().gate.clone()),
            head,
            format: format.to_owned(),
            sha256: Digest::of(&rendered.bytes),
            renderer: report::RENDERER.to_owned(),
            templates: templates.digest(),
            view_sha256: rendered.view_sha256,
        };
        let path = PathBuf::from(report.path(&standing.run.opened.checklist.path));
        write(&home.root.join(&path), &rendered.bytes)?;
        issued.push(Issued { path, format });
        bodies.push(Body::Report(report));
    }
    ledger.append(session, now, bodies, &[])?;
    Ok(issued)
}

/// The bytes of a report that was issued at a head, if they are there and as recorded.
fn recorded(
    paper: &Paper<'_>,
    home: &Home,
    run: &str,
    format: &str,
    fonts: &Typefaces,
) -> Option<Vec<u8>> {
    let Paper { ledger, head, templates, .. } = *paper;
    let mut reports = ledger.entries().iter().rev().filter_map(|stored| match &stored.entry.body {
        Body::Report(report) => Some((report, stored.entry.at)),
        _ => None,
    });
    let used = templates.digest();
    let of = |(report, _): &(&Report, Timestamp)| {
        (report.run == run && report.head == *head)
            && (report.format == format && report.templates == used)
    };
    let (report, at) = reports.find(of)?;
    let checklist = find_run(ledger, Some(run)).ok()?.opened.checklist.path;
    let bytes = files::read_regular(&home.root.join(report.path(&checklist)), 1 << 30).ok()?;
    is_proven(ledger, report, at, &bytes, templates, fonts).then_some(bytes)
}

/// A report's bytes are those of its record, and those that come of rendering it again.
pub(super) fn is_proven(
    ledger: &Ledger,
    report: &Report,
    at: Timestamp,
    bytes: &[u8],
    templates: &Templates,
    fonts: &Typefaces,
) -> bool {
    let again =
        || again(ledger, report, at, bytes, std::slice::from_ref(templates), &|| fonts.clone());
    Digest::of(bytes) == report.sha256 && again().is_some_and(|again| again.same && !again.unseen)
}

/// A report that is there already is the same, or something is wrong: it is never overwritten.
fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(|error| fault("make folder", folder, &error))?;
    match files::read_regular(path, 1 << 30) {
        Ok(known) if known == bytes => Ok(()),
        Ok(_) => Err(Failure::ours(format!(
            "`{}` is there and differs; reports are never overwritten",
            path.display()
        ))),
        Err(_) => files::replace(path, bytes).map_err(|error| fault("write", path, &error)),
    }
}

fn fault(doing: &str, path: &Path, error: &std::io::Error) -> Failure {
    Failure::ours(format!("cannot {doing} `{}`: {error}", path.display()))
}

/// A run as it stands, and those before it.
fn standing_below(
    ledger: &Ledger,
    head: &Digest,
    run: &str,
    gate: Option<&str>,
    now: Timestamp,
) -> Result<(Standing, Vec<Earlier>), Failure> {
    let (past, heads) = (Past::of(ledger), [*head]);
    let (state, hearing) = past.heard(&heads, run, now).ok_or_else(|| {
        Failure::usage(format!("there is no run `{run}` below {head}"), "name another")
    })?;
    let before = before::earlier(&past, head, run);
    Ok((standing_at(&past, Some(&heads), state, hearing, gate, &[])?, before))
}

/// All that a report is made of beside what it was made with.
#[derive(Clone, Copy)]
pub(super) struct Paper<'a> {
    pub(super) ledger: &'a Ledger,
    pub(super) head: &'a Digest,
    pub(super) standing: &'a Standing,
    /// What the runs before came to.
    pub(super) before: &'a [Earlier],
    pub(super) shown: &'a Shown<'a>,
    pub(super) templates: &'a Templates,
}

impl Paper<'_> {
    pub(super) fn render(&self, made: &Made, format: Format) -> Result<report::Rendered, Failure> {
        self.with(made, format == Format::Pdf, |subject| report::render(subject, format))
    }

    /// What is made of it; `record` where the lines of the ledger are among it.
    fn with<T>(
        &self,
        made: &Made,
        record: bool,
        then: impl FnOnce(&Subject<'_>) -> Result<T, report::Error>,
    ) -> Result<T, Failure> {
        let Self { ledger, head, standing, before, shown, templates } = *self;
        let known = ledger.history().known_to(head);
        let of_run = |stored: &&Stored| match &stored.entry.body {
            Body::Genesis(_) | Body::Policy(_) => true,
            body => body.run() == Some(&standing.run.opened.run),
        };
        // Only a PDF brings it, and looking for it takes as long as the ledger is.
        let all = if record { ledger.entries() } else { &[] };
        let told = all.iter().filter(of_run).filter(|one| known.contains(&one.id));
        let record = told.filter_map(|stored| stored.entry.line().ok()).flatten().collect();
        let genesis =
            ledger.genesis().ok_or_else(|| Failure::ours("the ledger has no beginning"))?;
        let subject = Subject {
            ledger: LedgerFacts {
                id: genesis.ledger.clone(),
                name: genesis.name.clone(),
                head: *head,
                entries: known.count(),
                signed: standing.hearing.rules.as_ref().is_ok_and(|rules| rules.has_keys()),
            },
            record,
            made: made.clone(),
            templates,
            run: &standing.run,
            checklist: &standing.checklist,
            verdicts: &standing.verdicts,
            hearing: &standing.hearing,
            decided: standing.decisions(),
            outcomes: &standing.outcomes(),
            looser: standing.looser.as_ref().map(|looser| {
                let Looser { run, decided, lines } = looser;
                (said!("Looser than run {}, which was decided {}", run, decided.word()), &lines[..])
            }),
            earlier: before,
            took: standing.in_checks(),
            gate: standing.gate,
            evidence: &|digest| shown.get(digest),
        };
        then(&subject).map_err(|error| mistaken(templates, &error))
    }
}

/// The evidence that a report shows.
pub(super) struct Shown<'a> {
    ledger: &'a Ledger,
    hearing: &'a Hearing,
    /// Outputs that lie in packs, because their results were too long for a line.
    packed: BTreeMap<Digest, Vec<u8>>,
    /// Outputs whose pack is not there, and that.
    astray: BTreeMap<Digest, Digest>,
    /// What is not there as its digest says.
    lacking: RefCell<BTreeSet<Digest>>,
}

impl<'a> Shown<'a> {
    pub(super) fn new(ledger: &'a Ledger, standing: &'a Standing) -> Self {
        let (packed, astray) = (BTreeMap::new(), BTreeMap::new());
        let hearing = &standing.hearing;
        let mut shown = Self { ledger, hearing, packed, astray, lacking: RefCell::default() };
        let answers = standing.run.answers.values().flatten();
        let results = answers.filter_map(|answer| match &answer.given {
            Given::Machine(result) => Some(result),
            Given::Person(_) => None,
        });
        for (result, pack) in results.filter_map(|result| Some((result, result.pack()?))) {
            let outputs = result.packed(|digest| shown.there(digest));
            if shown.there(&pack).is_none()
                && let Some(checks) = result.expanded(|one| shown.there(one))
            {
                shown.astray.extend(result.in_pack(&checks).into_iter().map(|one| (one, pack)));
            }
            shown.packed.extend(outputs);
        }
        shown
    }

    /// What is there, and was not forgotten: that is not shown again, whoever still keeps it.
    fn there(&self, digest: &Digest) -> Option<Vec<u8>> {
        let forgotten = self.hearing.forgets(digest).is_some();
        self.ledger.evidence(digest).filter(|_| !forgotten)
    }

    fn get(&self, digest: &Digest) -> Option<Vec<u8>> {
        let found = self.packed.get(digest).cloned().or_else(|| self.there(digest));
        if found.is_none() && self.hearing.forgets(digest).is_none() {
            let named = self.astray.get(digest).unwrap_or(digest);
            self.lacking.borrow_mut().insert(*named);
        }
        found
    }
}

/// So many things that a report could have been made with are tried.
const CANDIDATES: usize = 4;

/// A recorded report rendered again, as of the time of its entry; `None` where it was made otherwise.
pub(super) fn again(
    ledger: &Ledger,
    report: &Report,
    at: Timestamp,
    bytes: &[u8],
    given: &[Templates],
    fonts: &dyn Fn() -> Typefaces,
) -> Option<Again> {
    let (_, format) = FORMATS.iter().find(|(name, _)| *name == report.format)?;
    if report.renderer != report::RENDERER {
        return None;
    }
    let ours = Templates::default();
    let all = || given.iter().chain([&ours]);
    let there = all().find(|one| one.digest() == report.templates);
    let named = Templates::known(report.templates);
    let (templates, unseen) = (there.unwrap_or(&named), there.is_none());
    let (head, gate) = (&report.head, report.gate.as_deref());
    let (standing, before) = standing_below(ledger, head, &report.run, gate, at).ok()?;
    let shown = Shown::new(ledger, &standing);
    let (standing, before) = (&standing, &before[..]);
    let paper = Paper { ledger, head, standing, before, shown: &shown, templates };
    let says = |made: &Made| {
        let says = |subject: &Subject<'_>| report::says(subject, *format, &report.view_sha256);
        paper.with(made, false, says).is_ok_and(|says| says)
    };
    let mut lacks_fonts = None;
    let same = |mut made: Made| {
        if unseen {
            return says(&made);
        }
        // Only a PDF is set in them.
        if *format == Format::Pdf && !made.looks.fonts.is_empty() {
            made.fonts = fonts();
            if made.fonts.digest() != made.looks.fonts {
                // What it says is told without them.
                if says(&made) {
                    lacks_fonts.get_or_insert(made.looks.fonts);
                }
                return false;
            }
        }
        paper.render(&made, *format).is_ok_and(|rendered| {
            let (sha256, view) = (Digest::of(&rendered.bytes), rendered.view_sha256);
            (sha256, view) == (report.sha256, report.view_sha256)
        })
    };
    // What a document says may look like what the report was made with: one of few is it.
    let all = Made::all_in(bytes, |note| sealed(ledger, note));
    let same = all.into_iter().take(CANDIDATES).any(same);
    Some(Again { unseen, same, lacks_fonts, lacking: shown.lacking.into_inner() })
}
