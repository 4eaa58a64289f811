//! What the full segments say of every line, kept outside the repository so that a look at one run reads little.
//!
//! A segment is taken for the one that was read when the system says so: its file is the same and nobody has changed it
//! since, by the time of change, which programs do not set. That is what git goes by for the files of a work tree. Any
//! other is read again, with all behind it. Every line that is taken from a segment gives the id that was noted.
//! Whoever writes or verifies reads everything, and asks nothing here.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

use crate::digest::Digest;
use crate::files;

use super::history::History;
use super::record::{Body, Entry};
use super::{Error, Ledger, Location, Stored, scan, sweep};

mod file;

/// So many segments are read at once before they are linked.
const TOGETHER: usize = 32;

/// A file that was changed less than so many seconds before it was noted may have changed again without another time.
const SETTLED: i64 = 2;

/// A line of a segment, but for what links it.
#[derive(Clone, Copy)]
struct Row {
    /// Where it begins in its file.
    start: u32,
    /// Its run, from 1 in the order of names; 0 for none.
    run: u32,
    /// It is of those that are always taken.
    notable: bool,
}

/// What the system says of a file: length, times of writing and of change with nanoseconds, device, number.
type Mark = [u64; 7];

fn mark(path: &Path) -> io::Result<Mark> {
    let about = fs::metadata(path)?;
    let times = [about.mtime(), about.mtime_nsec(), about.ctime(), about.ctime_nsec()];
    let [written, written_ns, changed, changed_ns] = times.map(|time| time as u64);
    Ok([about.len(), written, written_ns, changed, changed_ns, about.dev(), about.ino()])
}

fn changed(mark: &Mark) -> i64 {
    mark[3] as i64
}

/// The full segments of a ledger.
#[derive(Default)]
struct Index {
    history: History,
    rows: Vec<Row>,
    names: Names,
    segments: Vec<Segment>,
}

/// A segment that was read.
#[derive(Clone, Copy)]
struct Segment {
    /// What the system said of it before.
    mark: Mark,
    /// So many lines, and names, are in it and before it.
    lines: usize,
    names: usize,
}

/// Names of runs, by their numbers from 1.
#[derive(Default)]
struct Names {
    all: Vec<String>,
    numbers: HashMap<String, u32>,
}

impl Names {
    fn number(&mut self, name: &str) -> u32 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        self.all.push(name.to_owned());
        let number = self.all.len() as u32;
        self.numbers.insert(name.to_owned(), number);
        number
    }
}

impl Ledger {
    /// Reads a ledger for whoever asks about some runs. Of the full segments only these runs are taken, what begins and
    /// decides others, what signers saw, and the rules; `wanted` names the runs, given what begins and decides all.
    ///
    /// # Errors
    /// As [`Ledger::open`].
    pub fn open_for(
        location: Location,
        wanted: impl Fn(&[&Stored]) -> BTreeSet<String>,
    ) -> Result<Self, Error> {
        scan::steadily(&location, || Self::open_partly(location.clone(), &wanted))
    }

    fn open_partly(
        location: Location,
        wanted: &dyn Fn(&[&Stored]) -> BTreeSet<String>,
    ) -> Result<Self, Error> {
        let (trunk, inbox) = scan::files(&location.folder);
        let (segments, rest) = trunk.split_at(trunk.len().saturating_sub(1));
        let Some(folder) = folder(&location).filter(|_| !segments.is_empty()) else {
            return Self::open(location);
        };
        let index = Index::open(&folder, segments)?;
        let fresh = scan::read_behind(&index.history, rest, &inbox)?;
        match index.take(segments, &fresh, wanted) {
            Some(taken) => Ok(Self::partly(location, index.history, taken, fresh)),
            // Somebody writes just now, or the file is not what it was: reading everything tells.
            None => Self::open(location),
        }
    }

    fn partly(
        location: Location,
        history: History,
        taken: Vec<Stored>,
        fresh: Vec<Stored>,
    ) -> Self {
        let mut ledger = Self { history, entries: taken, ..Self::empty(location) };
        fresh.into_iter().for_each(|stored| ledger.add(stored));
        ledger
    }
}

/// Where nothing comes with a repository: git's own folder of it, else the user's.
fn folder(location: &Location) -> Option<PathBuf> {
    let private = location.private.as_ref().map(|private| private.join("tree"));
    let user = || {
        let ledger = scan::genesis(location)?.ledger;
        Some(super::anchor::own_folder(location.user.as_ref()?, &ledger))
    };
    private.or_else(user)
}

impl Index {
    /// What is known of the segments, and what has to be read for it.
    fn open(folder: &Path, segments: &[PathBuf]) -> Result<Self, Error> {
        let path = folder.join("index");
        let mark_of = |path: &PathBuf| mark(path).map_err(|error| Error::io("read", path, &error));
        let marks: Vec<Mark> = segments.iter().map(mark_of).collect::<Result<_, Error>>()?;
        let mut index = Self::noted(&path, &marks);
        let old = index.segments.len();
        index.read(&segments[old..], &marks[old..])?;
        if old < segments.len() {
            // Without it the next look takes longer, and says the same.
            let _ = fs::create_dir_all(folder).and_then(|()| files::replace(&path, &index.bytes()));
        }
        Ok(index)
    }

    /// Reads segments, strictly as everywhere, and links their lines.
    fn read(&mut self, segments: &[PathBuf], marks: &[Mark]) -> Result<(), Error> {
        for (paths, marks) in segments.chunks(TOGETHER).zip(marks.chunks(TOGETHER)) {
            let read = sweep::each(paths, |path, bytes| {
                let mut start = 0;
                let line = |(at, line): (usize, &[u8])| {
                    let begin = start as u32;
                    start += line.len();
                    Ok((begin, scan::entry(path, at, line)?))
                };
                let lines: Result<Vec<(u32, Stored)>, Error> =
                    sweep::lines(bytes).enumerate().map(line).collect();
                lines.map(|lines| lines.into_iter().map(Outline::of).collect::<Vec<_>>())
            })?;
            for ((path, mark), lines) in paths.iter().zip(marks).zip(read) {
                for (at, line) in lines.into_iter().enumerate() {
                    self.add(line).map_err(|why| scan::damage(path, at + 1, &why, b""))?;
                }
                self.end_segment(*mark);
            }
        }
        Ok(())
    }

    fn end_segment(&mut self, mark: Mark) {
        let (lines, names) = (self.rows.len(), self.names.all.len());
        self.segments.push(Segment { mark, lines, names });
    }

    fn add(&mut self, line: Outline) -> Result<(), String> {
        let Outline { id, prev, seq, start, run, notable, genesis } = line;
        if self.history.place(&id).is_some() {
            return Err("the line is there twice".to_owned());
        }
        let history = &self.history;
        scan::follows(&prev, seq, |id| Some(history.seq(history.place(id)?)))?;
        let places: Vec<u32> =
            prev.iter().filter_map(|id| Some(history.place(id)? as u32)).collect();
        if genesis != self.rows.is_empty() || prev.is_empty() != self.rows.is_empty() {
            return Err("only the first line begins a ledger".to_owned());
        }
        let run = run.map_or(0, |run| self.names.number(&run));
        self.history.push_linked(id, seq, &places);
        self.rows.push(Row { start, run, notable });
        Ok(())
    }

    /// The lines that are wanted, in their order; `None` where one is not what was noted.
    fn take(
        &self,
        segments: &[PathBuf],
        fresh: &[Stored],
        wanted: impl Fn(&[&Stored]) -> BTreeSet<String>,
    ) -> Option<Vec<Stored>> {
        let notable = (0..self.rows.len()).filter(|at| self.rows[*at].notable);
        let notable = self.lines(segments, notable.collect())?;
        let told: Vec<&Stored> = notable.values().chain(fresh).collect();
        let runs = wanted(&told);
        let runs: BTreeSet<u32> =
            runs.iter().filter_map(|run| self.names.numbers.get(run)).copied().collect();
        let of_runs = (0..self.rows.len()).filter(|at| runs.contains(&self.rows[*at].run));
        let of_runs = self.lines(segments, of_runs.collect())?;
        let stated = notable.values().chain(of_runs.values()).chain(fresh);
        let heads = stated.filter_map(|stored| stored.entry.body.statement());
        let places = heads.filter_map(|(statement, _)| self.history.place(&statement.head));
        let mut all = self.lines(segments, places.collect())?;
        all.extend(notable);
        all.extend(of_runs);
        Some(all.into_values().collect())
    }

    fn lines(
        &self,
        segments: &[PathBuf],
        places: BTreeSet<usize>,
    ) -> Option<BTreeMap<usize, Stored>> {
        let (mut lines, mut line) = (BTreeMap::new(), Vec::new());
        let mut open: Option<(usize, File)> = None;
        for place in places {
            let segment = self.segments.partition_point(|segment| segment.lines <= place);
            let Segment { mark, lines: end, .. } = self.segments[segment];
            let file = match open.take().filter(|(known, _)| *known == segment) {
                Some((_, file)) => file,
                None => File::open(&segments[segment]).ok()?,
            };
            let start = self.rows[place].start;
            let length = if place + 1 == end { mark[0] as u32 } else { self.rows[place + 1].start };
            line.resize(length.checked_sub(start)? as usize, 0);
            file.read_exact_at(&mut line, u64::from(start)).ok()?;
            let id = Digest::of(&line);
            let entry = Entry::read(line.strip_suffix(b"\n")?).ok()?;
            if id != self.history.ids()[place] {
                return None;
            }
            lines.insert(place, Stored { id, entry, sealed: true });
            open = Some((segment, file));
        }
        Some(lines)
    }
}

/// What is kept of a line.
struct Outline {
    id: Digest,
    prev: Vec<Digest>,
    seq: i64,
    start: u32,
    run: Option<String>,
    notable: bool,
    genesis: bool,
}

impl Outline {
    fn of((start, stored): (u32, Stored)) -> Self {
        let Stored { id, entry: Entry { body, prev, seq, .. }, .. } = stored;
        let (run, genesis) = (body.run().map(str::to_owned), matches!(body, Body::Genesis(_)));
        let notable = matches!(
            body,
            Body::Genesis(_) | Body::Policy(_) | Body::RunOpened(_) | Body::Decided(_)
        );
        Self { id, prev, seq, start, run, notable, genesis }
    }
}
