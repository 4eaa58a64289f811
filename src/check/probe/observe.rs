//! Looking: in a thread of its own, so that a look without end can be left; or here and now, where a look
//! can be ended by itself.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::error::Error;
use std::io::{self, Read};
use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, SendError, Sender, channel, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use serde_json::Value;

use crate::check::course::{Course, Ended, spoken};

use super::Ask;
use super::address::is_answer;

pub(super) use crate::check::field::Fields;

/// How long what looks may take to say by itself that its time is up.
const GRACE: Duration = Duration::from_secs(1);

/// How often the end of the worker's own input is looked for.
const GLANCE: Duration = Duration::from_millis(50);

/// So many pieces wait to be judged.
const WAITING: usize = 8;

/// What a look may use.
pub(super) struct Context<'c> {
    /// All that it sees of an environment.
    pub(super) environment: &'c BTreeMap<String, String>,
    /// The folder that it looks from.
    pub(super) folder: &'c Path,
    /// How long it may take, and when it began.
    pub(super) timeout: Duration,
    pub(super) begun: Instant,
    /// Connections may be older than the look.
    pub(super) still: bool,
    /// Whether whoever asked wants no answer any more. Asked again and again where that is possible.
    pub(super) over: &'c (dyn Fn() -> bool + Sync),
}

impl Context<'_> {
    /// The time that is left.
    pub(super) fn left(&self) -> Duration {
        self.timeout.saturating_sub(self.begun.elapsed()).max(Duration::from_millis(1))
    }

    /// What is said when nothing is left.
    pub(super) fn time_is_up(&self) -> String {
        format!("timed out after {}", spoken(self.timeout))
    }

    /// No time is left.
    pub(super) fn is_over(&self) -> bool {
        self.begun.elapsed() >= self.timeout
    }

    /// The moment at which no time is left.
    pub(super) fn until(&self) -> Instant {
        self.begun + self.timeout
    }

    /// What a directive names: a file of certificates, a key. 1 MiB of it.
    pub(super) fn file(&self, path: &str) -> Result<Vec<u8>, String> {
        let file = std::fs::File::open(self.folder.join(path));
        let mut bytes = Vec::new();
        file.and_then(|file| file.take(1 << 20).read_to_end(&mut bytes))
            .map_err(|error| format!("cannot read `{path}`: {error}"))?;
        Ok(bytes)
    }
}

/// What was not seen: why, and what is known all the same.
#[derive(Debug)]
pub(super) struct Unseen {
    pub(super) why: String,
    pub(super) fields: Fields,
}

impl Unseen {
    pub(super) fn new(why: impl Into<String>) -> Self {
        Self { why: why.into(), fields: Fields::new() }
    }

    /// It is there, and what it said does not answer.
    pub(super) fn reached(why: impl Into<String>) -> Self {
        Self::with(why, true)
    }

    /// Nobody answers.
    pub(super) fn unreachable(why: impl Into<String>) -> Self {
        Self::with(why, false)
    }

    /// There is no connection: nobody answers, if that is what the cause of the error says. A name that
    /// is not resolved, or a network of our own that is down, tells nothing of the other side.
    pub(super) fn unconnected(error: &(dyn Error + 'static), why: String) -> Self {
        let mut cause = Some(error);
        while let Some(error) = cause {
            if error.downcast_ref::<io::Error>().is_some_and(|error| is_answer(error.kind())) {
                return Self::unreachable(why);
            }
            cause = error.source();
        }
        Self::new(why)
    }

    fn with(why: impl Into<String>, reachable: bool) -> Self {
        let fields = Fields::from_iter([("reachable".to_owned(), Value::Bool(reachable))]);
        Self { why: why.into(), fields }
    }
}

/// Where what is seen goes as it comes: the text that is looked at, and what is said about it.
pub(super) struct Sink<'s> {
    /// False when nobody takes it any more.
    to: &'s dyn Fn(Vec<Piece>) -> bool,
    /// What is short goes with what comes next: whoever judges wakes once.
    together: RefCell<(Vec<Piece>, usize)>,
}

/// As much goes at once.
const AT_ONCE: usize = 16 << 10;

enum Piece {
    Shown(usize, Vec<u8>),
    /// Why nothing can be said of the text.
    Unread(String),
    Done(Result<Fields, Unseen>),
}

impl<'s> Sink<'s> {
    fn new(to: &'s dyn Fn(Vec<Piece>) -> bool) -> Self {
        Self { to, together: RefCell::default() }
    }

    /// A part of the text; false when nobody looks any more.
    pub(super) fn show(&self, bytes: &[u8]) -> bool {
        self.send(Piece::Shown(0, bytes.to_vec()), bytes.len())
    }

    /// What is said about it, such as the head of an answer.
    pub(super) fn tell(&self, text: &str) -> bool {
        self.send(Piece::Shown(1, text.as_bytes().to_vec()), text.len())
    }

    /// The text is not all that there is, or none: expectations on it are errors, and this is why.
    pub(super) fn unread(&self, why: String) -> bool {
        self.send(Piece::Unread(why), 0)
    }

    fn send(&self, piece: Piece, length: usize) -> bool {
        let mut together = self.together.borrow_mut();
        together.0.push(piece);
        together.1 += length;
        if together.1 < AT_ONCE {
            return true;
        }
        let (pieces, _) = std::mem::take(&mut *together);
        (self.to)(pieces)
    }

    /// All has been seen.
    fn end(self, seen: Result<Fields, Unseen>) {
        let (mut pieces, _) = self.together.take();
        pieces.push(Piece::Done(seen));
        // Nobody listens any more when it took too long.
        (self.to)(pieces);
    }

    /// The observation itself, for kinds that look at no text.
    pub(super) fn show_fields(&self, fields: &Fields) {
        let text = serde_json::to_string_pretty(fields).unwrap_or_default();
        self.show(format!("{text}\n").as_bytes());
    }
}

impl Course<'_> {
    /// Lets a probe look, and takes in what it sees.
    pub(in super::super) fn observe(&mut self, ask: &Ask) -> Ended {
        let (to, told) = sync_channel(WAITING);
        let request = self.request;
        let (ask, environment, folder) =
            (ask.clone(), request.environment.clone(), request.folder.clone());
        let (timeout, begun) = (request.timeout, self.begun);
        let looking = aside(Box::new(move || {
            let (environment, folder, over) = (&environment, &folder, &|| false);
            let context = Context { environment, folder, timeout, begun, still: false, over };
            let send = |pieces| to.send(pieces).is_ok();
            let sink = Sink::new(&send);
            let seen = ask.look(&context, &sink);
            sink.end(seen);
        }));
        if let Err(error) = looking {
            return Ended::Never(format!("cannot start to look: {error}"));
        }
        let deadline = begun + timeout + GRACE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match told.recv_timeout(left.min(GLANCE)) {
                Ok(pieces) => {
                    if let Some(ended) = self.take_in(pieces) {
                        return ended;
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    return Ended::Killed("what looks has broken off".to_owned());
                }
            }
            let why = if left.is_zero() {
                format!("timed out after {}", spoken(timeout))
            } else if is_over() {
                "interrupted".to_owned()
            } else {
                continue;
            };
            // The thread goes on; only the end of this process ends it.
            self.settled.spent = true;
            *LOOKING.lock().unwrap_or_else(PoisonError::into_inner) = None;
            return Ended::Killed(why);
        }
    }

    /// Lets a probe look here, which ends by itself: when its time is up, and when it is `over`.
    pub(in super::super) fn observe_here(
        &mut self,
        ask: &Ask,
        over: &(dyn Fn() -> bool + Sync),
    ) -> Ended {
        let (request, begun) = (self.request, self.begun);
        let (environment, folder) = (&request.environment, &request.folder);
        let (timeout, still) = (request.timeout, request.still);
        let context = Context { environment, folder, timeout, begun, still, over };
        let ended = RefCell::new((self, None));
        let take = |pieces| {
            let (course, ended) = &mut *ended.borrow_mut();
            *ended = course.take_in(pieces);
            ended.is_none()
        };
        let sink = Sink::new(&take);
        let seen = ask.look(&context, &sink);
        sink.end(seen);
        let (_, ended) = ended.into_inner();
        ended.unwrap_or_else(|| Ended::Killed("what looks has broken off".to_owned()))
    }

    /// Takes in what was seen, and how it ended if it did.
    fn take_in(&mut self, pieces: Vec<Piece>) -> Option<Ended> {
        pieces.into_iter().find_map(|piece| {
            match piece {
                Piece::Shown(stream, bytes) => self.text(stream, 0, &bytes),
                Piece::Unread(why) => self.failure = Some(why),
                Piece::Done(seen) => return Some(self.seen_all(seen)),
            }
            None
        })
    }

    fn seen_all(&mut self, seen: Result<Fields, Unseen>) -> Ended {
        match seen {
            Ok(fields) => {
                self.fields = fields;
                self.settle(Some(0));
                Ended::Exited(0)
            }
            Err(unseen) => {
                self.fields = unseen.fields;
                self.failure = Some(unseen.why.clone());
                self.settle(None);
                Ended::Unseen(unseen.why)
            }
        }
    }
}

type Job = Box<dyn FnOnce() + Send>;

/// The thread that looks; there is one at a time.
static LOOKING: Mutex<Option<Sender<Job>>> = Mutex::new(None);

/// Has the thread that looks do a job, or a new one where it has broken off.
fn aside(mut job: Job) -> io::Result<()> {
    let mut looking = LOOKING.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = &*looking {
        match known.send(job) {
            Ok(()) => return Ok(()),
            Err(SendError(unsent)) => job = unsent,
        }
    }
    let (jobs, due) = channel::<Job>();
    std::thread::Builder::new().spawn(move || due.into_iter().for_each(|job| job()))?;
    // It waits for this very moment.
    let _ = jobs.send(job);
    *looking = Some(jobs);
    Ok(())
}

/// Whether whoever asked is gone.
fn is_over() -> bool {
    let stdin = io::stdin();
    let mut fds = [PollFd::new(&stdin, PollFlags::HUP)];
    poll(&mut fds, Some(&Timespec::default())).is_ok_and(|ready| ready > 0)
}
