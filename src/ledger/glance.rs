//! What a large ledger says of one run, without following every link of it.
//!
//! `seq` is one more than the largest among parents. So where a `seq` stands in one line only, that line is an ancestor
//! of every line with a larger one: whoever follows the largest parents down comes through it. The lines of a run, of
//! the rules and of what signers saw are ordered by that alone. Where one of them shares its `seq` with another line,
//! or anything is not as it should be, nothing is told, and everything has to be read.
//!
//! Nothing is kept for the next time: a cache could lie. All files are looked through; the lines that are taken are
//! read strictly, and each of them has to be named by the one behind it.

use std::collections::{HashMap, HashSet};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use crate::digest::Digest;
use crate::policy::Policy;

use super::history::History;
use super::record::{Body, Entry};
use super::{Ledger, Location, Stored, scan, sweep};

/// From so many bytes of lines on, reading all takes longer than somebody waits: 32 MiB.
const LARGE: u64 = 32 << 20;

/// So many earlier runs that were decided are taken, of the last so many decisions.
const DECIDED: usize = 4;
const MOST: usize = 64;

/// A line, before it is read.
#[derive(Clone, Copy)]
struct Line {
    seq: usize,
    /// Where it begins in its file.
    start: usize,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Genesis,
    Policy,
    Opening,
    Decided,
    Other,
}

/// All lines of a ledger, file by file; a session's that are sealed are only among the sealed.
struct Table {
    files: Vec<PathBuf>,
    lines: Vec<Vec<Line>>,
    /// Those of the kinds that are known here, with the number of their file.
    notable: Vec<(usize, Line)>,
    sealed: usize,
    /// How many lines have each `seq`; two stands for more.
    counts: Vec<u8>,
}

impl Ledger {
    /// Opens a ledger for whoever asks about a run, by its name or the newest: as a whole, or of a large one only what
    /// the run and the rules stand on.
    ///
    /// # Errors
    /// As [`Ledger::open`].
    pub fn open_for(location: Location, run: Option<&str>) -> Result<Self, super::Error> {
        let (trunk, inbox) = scan::files(&location.folder);
        let bytes = trunk.iter().chain(&inbox).filter_map(|path| Some(path.metadata().ok()?.len()));
        if bytes.sum::<u64>() < LARGE {
            return Self::open(location);
        }
        Self::glance(&location, run).map_or_else(|| Self::open(location), Ok)
    }

    /// What a run and the rules stand on; `None` where only reading everything can tell.
    pub fn glance(location: &Location, run: Option<&str>) -> Option<Self> {
        let table = Table::read(location)?;
        let opening = table.opening(run)?;
        let named = sweep::quoted("run", opening.run())?;
        let last = table.last_of(&named, &opening)?;
        // What comes after the newest run is little, and says that nobody changed its last line.
        let last = if run.is_some() { last } else { table.counts.len() };
        let mut ranges = vec![0..=0, table.policies()?, opening.seq..=last];
        let earlier = table.decided_before(&opening)?;
        for earlier in &earlier {
            let named = sweep::quoted("run", earlier.run())?;
            ranges.push(earlier.seq..=table.last_of(&named, earlier)?);
        }
        let entries = table.take(&ranges)?;
        let mut history = History::default();
        entries.iter().for_each(|stored| history.push_last(stored));
        let taken: HashSet<&str> = earlier.iter().chain([&opening]).map(Opening::run).collect();
        let of_run =
            |stored: &&Stored| stored.entry.body.run().is_some_and(|run| taken.contains(run));
        let policies = |stored: &&Stored| matches!(stored.entry.body, Body::Policy(_));
        // What signers saw has to be there, to be told from what is made up.
        let seen = entries.iter().filter(|stored| of_run(stored) || policies(stored));
        let mut seen = seen.filter_map(|stored| Some(stored.entry.body.statement()?.0.head));
        let mut pinned = entries.iter().filter_map(|stored| match &stored.entry.body {
            Body::Policy(policy) => Some(policy.policy),
            _ => None,
        });
        // What a time-stamp proves is a matter of all lines before it.
        let unstamped = |digest| {
            let bytes = super::evidence::get(&location.folder, &digest)?;
            Some(Policy::read(&bytes).ok()?.timestamps.is_empty())
        };
        let known = pinned.all(|digest| unstamped(digest) == Some(true))
            && seen.all(|head| history.contains(&head));
        known.then(|| Self {
            location: location.clone(),
            entries,
            history,
            written: HashMap::new(),
            recovered: Default::default(),
            // Whoever writes reads everything first.
            seen: scan::Signature::default(),
        })
    }
}

/// The beginning of a run.
struct Opening {
    file: usize,
    start: usize,
    seq: usize,
    entry: Entry,
}

impl Opening {
    fn run(&self) -> &str {
        self.entry.body.run().unwrap_or_default()
    }
}

impl Table {
    fn read(location: &Location) -> Option<Self> {
        let (trunk, inbox) = scan::files(&location.folder);
        let mut open = HashMap::new();
        for path in &inbox {
            for line in sweep::lines(&scan::complete_lines(path).ok()?) {
                open.insert(Digest::of(line), sweep::seq(line)?);
            }
        }
        let seqs: HashSet<i64> = open.values().copied().collect();
        let read = sweep::each(&trunk, |_, bytes| {
            let of_session = |line: &&[u8]| {
                !seqs.is_empty() && sweep::seq(line).is_some_and(|seq| seqs.contains(&seq))
            };
            let known: HashSet<Digest> =
                sweep::lines(bytes).filter(of_session).map(Digest::of).collect();
            Ok((table(bytes), known))
        });
        let mut lines = Vec::new();
        for (of_file, known) in read.ok()? {
            open.retain(|id, _| !known.contains(id));
            lines.push(of_file?);
        }
        for path in &inbox {
            let bytes = scan::complete_lines(path).ok()?;
            let mut of_file = table(&bytes)?;
            // Those that are sealed, or that another session's file had.
            let mut fresh =
                sweep::lines(&bytes).map(|line| open.remove(&Digest::of(line)).is_some());
            of_file.retain(|_| fresh.next().unwrap_or(false));
            lines.push(of_file);
        }
        let total = lines.iter().map(Vec::len).sum();
        let (mut counts, mut notable) = (vec![0_u8; total], Vec::new());
        for (file, line) in
            lines.iter().enumerate().flat_map(|(file, all)| all.iter().map(move |one| (file, one)))
        {
            // None is larger in a ledger whose links hold.
            let count = counts.get_mut(line.seq)?;
            *count = (*count + 1).min(2);
            if line.kind != Kind::Other {
                notable.push((file, *line));
            }
        }
        let sealed = trunk.len();
        let files = trunk.into_iter().chain(inbox).collect();
        Some(Self { files, lines, notable, sealed, counts })
    }

    fn is_alone(&self, line: &Line) -> bool {
        self.counts[line.seq] == 1
    }

    /// Where the run begins, or the newest.
    fn opening(&self, run: Option<&str>) -> Option<Opening> {
        let openings = || self.notable.iter().filter(|(_, line)| line.kind == Kind::Opening);
        let &(file, line) = match run {
            Some(run) => {
                let named = self.named(&sweep::quoted("run", run)?)?;
                let mut of_run =
                    openings().filter(|(file, line)| named.contains(&(*file, line.seq)));
                of_run.next().filter(|_| of_run.next().is_none())?
            }
            // Sessions follow the trunk, in the order of their `seq`.
            None => {
                let of_sessions = openings().filter(|(file, _)| *file >= self.sealed);
                let newest = of_sessions.max_by_key(|(_, line)| line.seq);
                newest.or_else(|| openings().next_back())?
            }
        };
        let bytes = scan::complete_lines(&self.files[file]).ok()?;
        let entry = Entry::read(text(&bytes, line.start)?).ok()?;
        let start = line.start;
        self.is_alone(&line).then_some(Opening { file, start, seq: line.seq, entry })
    }

    /// Where earlier runs of the same checklist begin, in which somebody decided: the newest few.
    fn decided_before(&self, opening: &Opening) -> Option<Vec<Opening>> {
        let path = |entry: &Entry| match &entry.body {
            Body::RunOpened(opened) => Some(opened.checklist.path.clone()),
            _ => None,
        };
        let before = |line: &&Line| line.kind == Kind::Decided && line.seq < opening.seq;
        let decided = self.each(before, |file, bytes| {
            let lines = self.lines[file].iter().filter(before);
            let run = |line: &Line| {
                let entry = Entry::read(text(bytes, line.start)?).ok()?;
                Some((line.seq, entry.body.run()?.to_owned()))
            };
            lines.map(run).collect::<Option<Vec<_>>>()
        });
        let decided: Option<Vec<Vec<(usize, String)>>> = decided?.into_iter().collect();
        let mut decided = decided?.concat();
        decided.sort_unstable();
        let mut earlier: Vec<Opening> = Vec::new();
        for (_, run) in decided.into_iter().rev().take(MOST) {
            if earlier.len() < DECIDED && earlier.iter().all(|known| known.run() != run) {
                let known = self.opening(Some(&run))?;
                if path(&known.entry) == path(&opening.entry) {
                    earlier.push(known);
                }
            }
        }
        Some(earlier)
    }

    /// The beginnings that hold these bytes, by file and `seq`.
    fn named(&self, needle: &[u8]) -> Option<HashSet<(usize, usize)>> {
        let finder = memchr::memmem::Finder::new(needle);
        let opens = |line: &&Line| line.kind == Kind::Opening;
        let found = self.each(opens, |file, bytes| {
            let named = |line: &&Line| {
                text(bytes, line.start).is_some_and(|line| finder.find(line).is_some())
            };
            let openings = self.lines[file].iter().filter(opens).filter(named);
            openings.map(|line| (file, line.seq)).collect::<Vec<_>>()
        });
        Some(found?.into_iter().flatten().collect())
    }

    /// Calls `look` with the bytes of each file that has such lines.
    fn each<T: Send>(
        &self,
        which: impl Fn(&&Line) -> bool,
        look: impl Fn(usize, &[u8]) -> T + Sync,
    ) -> Option<Vec<T>> {
        let holds = |file: &usize| self.lines[*file].iter().any(|line| which(&line));
        let files: Vec<usize> = (0..self.files.len()).filter(holds).collect();
        let paths: Vec<PathBuf> = files.iter().map(|file| self.files[*file].clone()).collect();
        let numbers: HashMap<&Path, usize> =
            paths.iter().map(PathBuf::as_path).zip(files.iter().copied()).collect();
        let look = |path: &Path, bytes: &[u8]| Ok(numbers.get(path).map(|file| look(*file, bytes)));
        sweep::each(&paths, look).ok()?.into_iter().collect()
    }

    /// From the first change of the rules to the last.
    fn policies(&self) -> Option<RangeInclusive<usize>> {
        let bound = |line: &&Line| matches!(line.kind, Kind::Policy | Kind::Genesis);
        let all = || self.notable.iter().map(|(_, line)| line).filter(bound);
        let seqs = || all().filter(|line| line.kind == Kind::Policy).map(|line| line.seq);
        let alone = all().all(|line| self.is_alone(line));
        let genesis = all().filter(|line| line.kind == Kind::Genesis).map(|line| line.seq);
        (alone && genesis.eq([0])).then_some(seqs().min()?..=seqs().max()?)
    }

    /// The last line of the run; none of its lines shares its `seq`.
    fn last_of(&self, named: &[u8], opening: &Opening) -> Option<usize> {
        let finder = memchr::memmem::Finder::new(named);
        // Nothing before its beginning is in the run.
        let first = opening.file.min(self.sealed);
        let files = &self.files[first..];
        let numbers: HashMap<&Path, usize> =
            files.iter().map(PathBuf::as_path).zip(first..).collect();
        let last = |path: &Path, bytes: &[u8]| {
            let Some(&file) = numbers.get(path) else { return Ok(None) };
            let later = |start: usize| file != opening.file || start >= opening.start;
            let mut last = opening.seq;
            let mut lines = self.lines[file].iter().peekable();
            for at in finder.find_iter(bytes) {
                // The line that holds it is the last that begins before.
                let mut holding = None;
                while let Some(line) = lines.next_if(|line| line.start <= at) {
                    holding = Some(line);
                }
                let Some(line) = holding.filter(|line| later(line.start)) else { continue };
                match text(bytes, line.start).and_then(|line| Entry::read(line).ok()) {
                    Some(entry) if entry.body.run() != Some(opening.run()) => {}
                    Some(_) if self.is_alone(line) => last = last.max(line.seq),
                    _ => return Ok(None),
                }
            }
            Ok(Some(last))
        };
        let lasts = sweep::each(files, last).ok()?;
        lasts.into_iter().try_fold(opening.seq, |last, of_file| Some(last.max(of_file?)))
    }

    /// The lines in these ranges that are alone with their `seq`, and one behind each: every one is named by the next.
    fn take(&self, ranges: &[RangeInclusive<usize>]) -> Option<Vec<Stored>> {
        let wanted = |line: &&Line| {
            let within = |range: &RangeInclusive<usize>| {
                (*range.start()..=range.end() + 1).contains(&line.seq)
            };
            self.is_alone(line) && ranges.iter().any(within)
        };
        let read = self.each(wanted, |file, bytes| {
            let stored = |line: &Line| {
                let line = text(bytes, line.start)?;
                let entry = Entry::read(line).ok()?;
                Some(Stored { id: scan::digest(line), entry, sealed: file < self.sealed })
            };
            self.lines[file].iter().filter(wanted).map(stored).collect::<Option<Vec<_>>>()
        });
        let read: Option<Vec<Vec<Stored>>> = read?.into_iter().collect();
        let mut entries = read?.concat();
        entries.sort_by_key(|stored| stored.entry.seq);
        let linked = |pair: &[Stored]| {
            pair[0].entry.seq + 1 != pair[1].entry.seq || pair[1].entry.prev.contains(&pair[0].id)
        };
        entries.windows(2).all(linked).then_some(entries)
    }
}

/// The lines of a file; `None` where one has no `seq`.
fn table(bytes: &[u8]) -> Option<Vec<Line>> {
    let mut start = 0;
    let line = |line: &[u8]| {
        let begins = start;
        start += line.len();
        let seq = usize::try_from(sweep::seq(line)?).ok()?;
        Some(Line { seq, start: begins, kind: kind(line) })
    };
    sweep::lines(bytes).map(line).collect()
}

/// The kind stands behind the body, before `prev`, which is the last list.
fn kind(line: &[u8]) -> Kind {
    let end = sweep::before_seq(line).map_or(&line[..0], |end| &line[..end]);
    let before = memchr::memrchr(b'[', end).map_or(end, |at| &end[..at]);
    let kinds = [
        (&b"\"kind\":\"genesis\",\"prev\":"[..], Kind::Genesis),
        (b"\"kind\":\"policy\",\"prev\":", Kind::Policy),
        (b"\"kind\":\"run_opened\",\"prev\":", Kind::Opening),
        (b"\"kind\":\"decided\",\"prev\":", Kind::Decided),
    ];
    kinds.into_iter().find(|(text, _)| before.ends_with(text)).map_or(Kind::Other, |(_, kind)| kind)
}

/// The line that begins there, without its LF.
fn text(bytes: &[u8], start: usize) -> Option<&[u8]> {
    let rest = bytes.get(start..)?;
    rest.get(..memchr::memchr(b'\n', rest)?)
}
