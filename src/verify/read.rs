//! Reads the files of lines in parts, on several threads, and hands on what each part says, in order. No more
//! than a few parts are in memory.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};

use crate::digest::Digest;
use crate::ledger::record::{Body, DETAIL, Entry, LINE};

/// A part is about so long: 1 MiB.
const PART: usize = 1 << 20;

/// What a part of a file says.
#[derive(Default)]
pub(super) struct Batch {
    /// Which file.
    pub(super) file: usize,
    /// The ids of all its lines, whatever they hold.
    pub(super) ids: Vec<Digest>,
    /// The lines that are entries.
    pub(super) lines: Vec<Seen>,
    /// What those follow, one after the other.
    pub(super) prev: Vec<Digest>,
    /// Who wrote those, each name once in a row.
    pub(super) writers: Vec<String>,
    /// The runs that they are about, likewise.
    pub(super) runs: Vec<String>,
    /// Evidence that they name, by their number in the part.
    pub(super) evidence: Vec<(u32, Digest)>,
    /// Entries that are needed as a whole, likewise.
    pub(super) entries: Vec<(u32, Entry)>,
    /// Lines that are none, and why.
    pub(super) faults: Vec<(u32, String)>,
    /// How the file ends.
    pub(super) end: End,
}

/// What there is of one entry.
pub(super) struct Seen {
    /// Its number in the part.
    pub(super) number: u32,
    /// How many it follows.
    pub(super) parents: u32,
    /// Which of the part's writers.
    pub(super) writer: u32,
    /// That writer's count.
    pub(super) n: i64,
    /// Which of the part's runs, if one.
    pub(super) run: Option<u32>,
    /// It opens that run.
    pub(super) opens: bool,
    /// Its `seq`.
    pub(super) seq: i64,
    /// It says that it begins a ledger.
    pub(super) genesis: bool,
    /// `prev` is ascending, each once.
    pub(super) ascending: bool,
}

/// What comes after a part.
#[derive(Default)]
pub(super) enum End {
    /// More, or another file.
    #[default]
    Whole,
    /// Bytes without an LF.
    Torn,
    /// A line that is too long: nothing after it was read.
    TooLong,
    /// It cannot be read.
    Failed(io::Error),
}

/// Reads all files, and hands each part on in order.
pub(super) fn all(paths: &[PathBuf], mut take: impl FnMut(Batch)) {
    let source = Mutex::new(Source::new(paths));
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let (sender, receiver) = sync_channel(threads);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            let (sender, source) = (sender.clone(), &source);
            scope.spawn(move || work(source, &sender));
        }
        drop(sender);
        let (mut waiting, mut next) = (BTreeMap::new(), 0);
        for (at, batch) in receiver {
            waiting.insert(at, batch);
            while let Some(batch) = waiting.remove(&next) {
                take(batch);
                next += 1;
            }
        }
    });
}

fn work(source: &Mutex<Source<'_>>, sender: &SyncSender<(usize, Batch)>) {
    let mut bytes = Vec::new();
    loop {
        let part = source.lock().unwrap_or_else(PoisonError::into_inner).next(&mut bytes);
        let Some((at, file, end)) = part else { return };
        // Nobody waits any more when the receiver has gone.
        if sender.send((at, Batch::of(file, &bytes, end))).is_err() {
            return;
        }
    }
}

/// Where the reading is.
struct Source<'p> {
    paths: &'p [PathBuf],
    /// The part that comes next.
    at: usize,
    /// The file that is read, and the bytes of a line that the last part did not have whole.
    open: Option<(usize, File)>,
    rest: Vec<u8>,
    file: usize,
}

impl<'p> Source<'p> {
    fn new(paths: &'p [PathBuf]) -> Self {
        Self { paths, at: 0, open: None, rest: Vec::new(), file: 0 }
    }

    /// Reads the next part: whole lines of one file.
    fn next(&mut self, bytes: &mut Vec<u8>) -> Option<(usize, usize, End)> {
        bytes.clear();
        let (file, end) = match self.open.take() {
            Some((file, open)) => (file, self.fill(file, open, bytes)),
            None => {
                let file = self.file;
                let path = self.paths.get(file)?;
                self.file += 1;
                let opened = open(path).map(|open| self.fill(file, open, bytes));
                (file, opened.unwrap_or_else(End::Failed))
            }
        };
        let at = self.at;
        self.at += 1;
        Some((at, file, end))
    }

    fn fill(&mut self, file: usize, mut open: File, bytes: &mut Vec<u8>) -> End {
        bytes.append(&mut self.rest);
        let read = (&mut open).take(PART as u64).read_to_end(bytes);
        let read = match read {
            Err(error) => return End::Failed(error),
            Ok(read) => read,
        };
        let whole = memchr::memrchr(b'\n', bytes).map_or(0, |at| at + 1);
        if read < PART {
            let torn = whole < bytes.len();
            bytes.truncate(whole);
            return if torn { End::Torn } else { End::Whole };
        }
        if bytes.len() - whole > LINE {
            bytes.truncate(whole);
            return End::TooLong;
        }
        self.rest.extend_from_slice(&bytes[whole..]);
        bytes.truncate(whole);
        self.open = Some((file, open));
        End::Whole
    }
}

fn open(path: &Path) -> io::Result<File> {
    // A pipe could be waited for without end.
    if !std::fs::metadata(path).is_ok_and(|about| about.is_file() || about.is_dir()) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no file"));
    }
    let file = File::open(path)?;
    let folder = file.metadata()?.is_dir();
    if folder {
        Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder"))
    } else {
        Ok(file)
    }
}

impl Batch {
    fn of(file: usize, bytes: &[u8], end: End) -> Self {
        let mut batch = Self { file, end, ..Self::default() };
        let mut start = 0;
        for (number, stop) in (0..).zip(memchr::memchr_iter(b'\n', bytes)) {
            let line = &bytes[start..=stop];
            start = stop + 1;
            batch.ids.push(Digest::of(line));
            match Entry::read(&line[..line.len() - 1]) {
                Ok(entry) => batch.take(number, entry),
                Err(error) => {
                    let marks = [&b"<<<<<<<"[..], b"=======", b">>>>>>>"];
                    let conflict = marks.iter().any(|mark| line.starts_with(mark));
                    let why = if conflict { "a conflict mark of git".to_owned() } else { error.0 };
                    batch.faults.push((number, why));
                }
            }
        }
        batch
    }

    fn take(&mut self, number: u32, entry: Entry) {
        let known = self.writers.last().is_some_and(|last| *last == entry.writer.id);
        if !known {
            self.writers.push(entry.writer.id.clone());
        }
        let run = entry.body.run();
        if let Some(run) = run
            && self.runs.last().is_none_or(|last| last != run)
        {
            self.runs.push(run.to_owned());
        }
        self.prev.extend_from_slice(&entry.prev);
        self.lines.push(Seen {
            number,
            parents: entry.prev.len() as u32,
            writer: self.writers.len() as u32 - 1,
            n: entry.writer.n,
            run: run.map(|_| self.runs.len() as u32 - 1),
            opens: matches!(entry.body, Body::RunOpened(_)),
            seq: entry.seq,
            genesis: matches!(entry.body, Body::Genesis(_)),
            ascending: entry.prev.windows(2).all(|pair| pair[0] < pair[1]),
        });
        self.evidence.extend(entry.body.evidence().into_iter().map(|digest| (number, digest)));
        let whole = match &entry.body {
            Body::Result(result) | Body::Action(result) => {
                result.checks.iter().any(|check| check.kind == DETAIL)
            }
            Body::Attested(word) => word.statement.is_some(),
            Body::Note(_) | Body::Sample(_) => false,
            _ => true,
        };
        if whole {
            self.entries.push((number, entry));
        }
    }
}
