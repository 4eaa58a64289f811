//! The course of a check: reads both of its streams until it and all that it started have ended, and
//! cuts them into steps at the marks.

use std::io::{self, Read};
use std::os::fd::AsFd;
use std::process::Child;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::Pid;

use crate::redact::Redactor;

use super::expect::Channel;
use super::field::Fields;
use super::judge::Seen;
use super::mark::{Mark, Scanner};
use super::passage::{self, Frame, Way};
use super::process;
use super::request::Request;
use super::settle::Settled;

/// A full pipe is empty after so many reads.
const PIPE_READS: usize = 64;

/// What is read at once: as much as a pipe holds.
pub(super) const BUFFER: usize = 64 << 10;

/// How long what was written may wait to be read together with what follows it: less than anybody
/// measures, and a switch between us and the check saved at every line that it writes.
const NAP: Duration = Duration::from_millis(1);

/// The first nap: most shells have started and ended by then.
const FIRST_NAP: Duration = Duration::from_millis(3);

/// How long a program that has brought back all of a script may take to end.
const LINGER: Duration = Duration::from_millis(500);

/// How the interpreter ended.
pub(super) enum Ended {
    /// By itself, with this status.
    Exited(i64),
    /// By a signal.
    Signalled(i32),
    /// We killed it, and this is why.
    Killed(String),
    /// It never began.
    Never(String),
    /// A probe could not see all that it was asked for.
    Unseen(String),
}

/// A check on its way.
pub(super) struct Course<'r> {
    pub(super) request: &'r Request,
    pub(super) redactor: &'r Redactor,
    /// Hides all that is seen of a check that saves a secret.
    pub(super) hidden: Option<&'r Redactor>,
    /// For each step: standard output and standard error.
    pub(super) seen: Vec<[Option<Seen<'r>>; 2]>,
    pub(super) scanners: [Scanner; 2],
    /// Both streams as they come back from another place.
    frames: [Frame; 2],
    /// When all had come back.
    back: Option<Instant>,
    pub(super) begun: Instant,
    /// When the end of each step arrived, and its exit.
    pub(super) ends: Vec<Option<(Instant, i64)>>,
    pub(super) settled: Settled,
    /// The last step that came to the end of its subshell.
    pub(super) reached: Option<usize>,
    /// The last step in which commands could fail unseen.
    pub(super) lenient: Option<usize>,
    pub(super) leftovers: bool,
    /// What a probe observed.
    pub(super) fields: Fields,
    /// Why a probe did not see all.
    pub(super) failure: Option<String>,
    /// Why its temporary folder is still there.
    pub(super) litter: Option<io::Error>,
    /// In the sandbox something was denied.
    pub(super) denied: bool,
}

impl<'r> Course<'r> {
    pub(super) fn new(
        request: &'r Request,
        redactor: &'r Redactor,
        hidden: Option<&'r Redactor>,
    ) -> Self {
        let begun = Instant::now();
        Self {
            request,
            redactor,
            hidden,
            seen: request.steps.iter().map(|_| [None, None]).collect(),
            scanners: [Scanner::default(), Scanner::default()],
            frames: [Frame::default(), Frame::default()],
            back: None,
            begun,
            ends: vec![None; request.steps.len()],
            settled: Settled::from(begun),
            reached: None,
            lenient: None,
            leftovers: false,
            fields: Fields::new(),
            failure: None,
            litter: None,
            denied: false,
        }
    }

    /// Reads both streams until the interpreter and all that it started have ended.
    ///
    /// `buffer` has [`BUFFER`] bytes.
    pub(super) fn watch(&mut self, mut child: Child, buffer: &mut [u8]) -> Ended {
        let shell = Pid::from_child(&child);
        let deadline = self.begun + self.request.timeout;
        let mut pipes = (child.stdout.take(), child.stderr.take());
        #[cfg(target_os = "linux")]
        let alive = rustix::process::pidfd_open(shell, rustix::process::PidfdFlags::empty()).ok();
        #[cfg(not(target_os = "linux"))]
        let alive: Option<std::os::fd::OwnedFd> = None;
        let (mut nap, mut longest) = (true, FIRST_NAP);
        let killed = loop {
            let until = self.back.map_or(deadline, |back| deadline.min(back + LINGER));
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() && self.back.is_some() {
                // Something there holds its output open, and nobody waits for that.
                let _ = child.kill();
                break None;
            }
            if left.is_zero() {
                break Some(format!("timed out after {}", spoken(self.request.timeout)));
            }
            let step = if nap {
                rest(alive.as_ref(), left.min(std::mem::replace(&mut longest, NAP)))
            } else {
                self.wait(&mut pipes, alive.as_ref(), &mut child, left, buffer)
            };
            match step {
                Step::More(full) => nap = !nap && !full,
                Step::Ended => break None,
                Step::Cancelled => break Some("interrupted".to_owned()),
            }
        };
        let status = if killed.is_some() { None } else { child.wait().ok() };
        // Children that are left hold the pipes open; without them, what is in the pipes is all.
        if killed.is_some() || process::reap() {
            self.leftovers = !process::kill_all(shell);
            // What is left may write where the next check has its temporary files.
            self.settled.spent |= self.leftovers;
        }
        let _ = child.wait();
        if !self.leftovers {
            self.drain(&mut pipes, buffer);
        }
        if self.request.passage().is_some() {
            return self.come_back(killed);
        }
        if let Some(why) = killed {
            return Ended::Killed(why);
        }
        use std::os::unix::process::ExitStatusExt;
        match status.map(|status| (status.code(), status.signal())) {
            Some((Some(code), _)) => Ended::Exited(i64::from(code)),
            Some((None, Some(signal))) => Ended::Signalled(signal),
            _ => Ended::Killed("its end could not be read".to_owned()),
        }
    }

    /// How a script ended that ran elsewhere: by what came back, and not by how the program ended that
    /// took it there.
    fn come_back(&mut self, killed: Option<String>) -> Ended {
        let Some(passage) = self.request.passage() else {
            return Ended::Never("it is nowhere".to_owned());
        };
        let mut frames = std::mem::take(&mut self.frames);
        for (stream, frame) in frames.iter_mut().enumerate() {
            frame.end(|bytes| self.within(stream, bytes));
        }
        let place = &passage.place;
        match (passage::way(&frames), killed) {
            // Shells say so of a signal.
            (Way::Ended(exit), _) if (129..=192).contains(&exit) => {
                Ended::Signalled(i32::try_from(exit - 128).unwrap_or(i32::MAX))
            }
            (Way::Ended(exit), _) => Ended::Exited(exit),
            (Way::Without, _) => Ended::Never(format!(
                "program `{}` is not installed on {place}",
                passage.interpreter
            )),
            (Way::Unreached(_), Some(why)) => {
                Ended::Never(format!("{why}, and {place} had not answered"))
            }
            (Way::Unreached(said), None) => Ended::Never(format!("cannot reach {place}: {said}")),
            (Way::Lost(process), why) => {
                let why = why.unwrap_or_else(|| "the connection was lost".to_owned());
                Ended::Killed(format!(
                    "{why}; process {process} and what it started may still run on {place}"
                ))
            }
        }
    }

    /// Its temporary folder is left, or not. Where it is, this process does not use it again.
    pub(super) fn litter(&mut self, left: io::Result<()>) {
        self.litter = left.err();
        self.settled.spent |= self.litter.is_some();
    }

    fn wait(
        &mut self,
        pipes: &mut Pipes,
        alive: Option<&impl AsFd>,
        child: &mut Child,
        left: Duration,
        buffer: &mut [u8],
    ) -> Step {
        let stdin = io::stdin();
        // Only its end is of interest: requests come one at a time.
        let mut fds = vec![PollFd::new(&stdin, PollFlags::HUP)];
        let mut whose = vec![None];
        if let Some(out) = &pipes.0 {
            fds.push(PollFd::new(out, PollFlags::IN));
            whose.push(Some(0));
        }
        if let Some(err) = &pipes.1 {
            fds.push(PollFd::new(err, PollFlags::IN));
            whose.push(Some(1));
        }
        if let Some(alive) = alive {
            fds.push(PollFd::new(alive, PollFlags::IN));
            whose.push(Some(2));
        }
        // Without a descriptor for the process its end has to be asked for.
        let longest = if alive.is_some() { left } else { left.min(Duration::from_millis(10)) };
        let timeout = rustix::event::Timespec::try_from(longest).ok();
        if poll(&mut fds, timeout.as_ref()).is_err() {
            return Step::More(false);
        }
        let ready: Vec<Option<usize>> = fds
            .iter()
            .zip(&whose)
            .filter(|(fd, _)| !fd.revents().is_empty())
            .map(|(_, whose)| *whose)
            .collect();
        drop(fds);
        let (mut ended, mut full) = (false, false);
        for whose in ready {
            match whose {
                None => return Step::Cancelled,
                Some(0) => {
                    full |= take(&mut pipes.0, buffer, |bytes| self.feed(0, bytes)) == BUFFER
                }
                Some(1) => {
                    full |= take(&mut pipes.1, buffer, |bytes| self.feed(1, bytes)) == BUFFER
                }
                Some(_) => ended = true,
            }
        }
        if ended || alive.is_none() && matches!(child.try_wait(), Ok(Some(_))) {
            Step::Ended
        } else {
            Step::More(full)
        }
    }

    /// Nobody below us writes any more: reads what is in the pipes, and waits for nothing, since a
    /// descriptor may have been handed to a process that is not below us.
    fn drain(&mut self, pipes: &mut Pipes, buffer: &mut [u8]) {
        for _ in 0..PIPE_READS {
            if pipes.0.as_ref().is_some_and(is_readable) {
                take(&mut pipes.0, buffer, |bytes| self.feed(0, bytes));
            }
            if pipes.1.as_ref().is_some_and(is_readable) {
                take(&mut pipes.1, buffer, |bytes| self.feed(1, bytes));
            }
        }
    }

    fn feed(&mut self, stream: usize, bytes: &[u8]) {
        let Some(passage) = self.request.passage() else { return self.within(stream, bytes) };
        let mut frame = std::mem::take(&mut self.frames[stream]);
        let begins = frame.feed(passage, bytes, |bytes| self.within(stream, bytes));
        self.frames[stream] = frame;
        if begins && stream == 0 {
            // What takes long before is the connection.
            self.settled.begin_now();
        }
        if self.back.is_none() && self.frames.iter().all(Frame::is_over) {
            self.back = Some(Instant::now());
        }
    }

    /// Takes what the script wrote.
    fn within(&mut self, stream: usize, bytes: &[u8]) {
        let mut rest = bytes;
        let request = self.request;
        while !rest.is_empty() {
            let scanner = &mut self.scanners[stream];
            if scanner.step >= request.steps.len() {
                return;
            }
            let step = scanner.step;
            let nonce = request.nonce();
            let mark = nonce.map_or_else(String::new, |nonce| format!("\u{1e}{nonce}.{step}."));
            let (text, used, found) = scanner.scan(rest, mark.as_bytes());
            self.text(stream, step, &text);
            rest = &rest[used..];
            match found {
                Some(Mark::Lenient) => self.lenient = Some(step),
                Some(Mark::Reached) => self.reached = Some(step),
                Some(Mark::End(_)) | None => {}
            }
            if let Some(Mark::End(exit)) = found {
                // What may leave its subshell by itself has to come to its end to have succeeded.
                let left = request.steps[step].says_its_end && self.reached != Some(step);
                let exit = exit.filter(|exit| self.lenient != Some(step) && !(*exit == 0 && left));
                self.scanners[stream].step += 1;
                if stream == 0 {
                    self.ends[step] = exit.map(|exit| (Instant::now(), exit));
                }
                // A step has ended when both its streams say so.
                if self.scanners.iter().all(|scanner| scanner.step > step) {
                    self.settle(self.ends[step].map(|(_, exit)| exit));
                }
            }
        }
    }

    pub(super) fn text(&mut self, stream: usize, step: usize, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        self.seen(stream, step).feed(bytes);
    }

    pub(super) fn seen(&mut self, stream: usize, step: usize) -> &mut Seen<'r> {
        let (request, redactor) = (self.request, self.hidden.unwrap_or(self.redactor));
        self.seen[step][stream].get_or_insert_with(|| {
            let channel = if stream == 0 { Channel::Stdout } else { Channel::Stderr };
            Seen::new(channel, &request.steps[step].expectations, redactor)
        })
    }
}

type Pipes = (Option<std::process::ChildStdout>, Option<std::process::ChildStderr>);

enum Step {
    /// It goes on; whether there was as much to read as fits.
    More(bool),
    Ended,
    Cancelled,
}

/// Lets the check write for a while.
fn rest(alive: Option<&impl AsFd>, time: Duration) -> Step {
    let stdin = io::stdin();
    let mut fds = vec![PollFd::new(&stdin, PollFlags::HUP)];
    fds.extend(alive.map(|alive| PollFd::new(alive, PollFlags::IN)));
    let timeout = rustix::event::Timespec::try_from(time).ok();
    match poll(&mut fds, timeout.as_ref()) {
        Ok(_) if !fds[0].revents().is_empty() => Step::Cancelled,
        Ok(_) if fds.get(1).is_some_and(|alive| !alive.revents().is_empty()) => Step::Ended,
        _ => Step::More(false),
    }
}

/// There is something to be read, or its end, at once.
fn is_readable(pipe: &impl AsFd) -> bool {
    let mut fds = [PollFd::new(pipe, PollFlags::IN)];
    poll(&mut fds, Some(&rustix::event::Timespec::default())).is_ok_and(|ready| ready > 0)
}

/// Reads once, and says how much; forgets the pipe at its end.
fn take<P: Read>(pipe: &mut Option<P>, buffer: &mut [u8], mut each: impl FnMut(&[u8])) -> usize {
    let Some(open) = pipe else { return 0 };
    match open.read(buffer) {
        Ok(0) => *pipe = None,
        Ok(length) => {
            each(&buffer[..length]);
            return length;
        }
        Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
        Err(_) => *pipe = None,
    }
    0
}

pub(super) fn spoken(time: Duration) -> String {
    let millis = time.as_millis();
    if millis.is_multiple_of(1_000) {
        format!("{}s", millis / 1_000)
    } else {
        format!("{millis}ms")
    }
}
