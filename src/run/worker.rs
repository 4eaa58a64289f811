//! A worker process for each job slot, and how long it is waited for.

use std::io::{self, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::Pid;

use crate::check::request::{Answer, Request};
use crate::check::{folder, process};
use crate::digest;

use super::{Settings, Stop, lock};

/// How long a worker may take to end a check whose time is over, and to ask its jq programs.
pub(super) const GRACE: Duration = Duration::from_secs(15);

/// How long a worker may take to end a check that is to be left.
const LEAVE: Duration = Duration::from_secs(10);

/// A worker process; ended and waited for when dropped.
#[derive(Debug)]
pub struct Worker {
    child: Child,
    pid: Pid,
    all: Arc<Mutex<Vec<Pid>>>,
    input: Arc<Mutex<Option<ChildStdin>>>,
    output: BufReader<Patient>,
    /// Its checks have their temporary files here: a name that nobody knows before.
    temporary: PathBuf,
}

/// The output of a worker, which may have been stopped by what it runs.
#[derive(Debug)]
struct Patient {
    output: ChildStdout,
    until: Instant,
    stop: Arc<AtomicBool>,
}

impl Read for Patient {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let mut leave = None;
        loop {
            let now = Instant::now();
            if self.stop.load(Ordering::SeqCst) {
                self.until = *leave.get_or_insert(self.until.min(now + LEAVE));
            }
            if now >= self.until {
                let why = "it did not answer in time, and was ended";
                return Err(io::Error::new(io::ErrorKind::TimedOut, why));
            }
            // A stop that comes meanwhile is seen a second later.
            let wait = (self.until - now).min(Duration::from_secs(1));
            let mut fds = [PollFd::new(&self.output, PollFlags::IN)];
            match poll(&mut fds, Timespec::try_from(wait).ok().as_ref()) {
                Ok(0) | Err(rustix::io::Errno::INTR) => {}
                Ok(_) => return self.output.read(bytes),
                Err(error) => return Err(error.into()),
            }
        }
    }
}

impl Worker {
    pub(super) fn start(settings: &Settings, stop: &Stop) -> io::Result<Self> {
        let (program, arguments) =
            settings.worker.split_first().ok_or(io::ErrorKind::InvalidInput)?;
        let name = digest::hex(&(settings.random)()?);
        let temporary = settings.temporary.join(format!("holdpoint-{name}"));
        let mut command = Command::new(program);
        // In a group of its own, so that Ctrl-C reaches us and not the worker in the middle of a check.
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        // Whoever looks for strays meanwhile must know it.
        let mut workers = lock(&stop.workers);
        let mut child =
            command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let input = Arc::new(Mutex::new(child.stdin.take()));
        let output = child.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
        lock(&stop.inputs).push(Arc::clone(&input));
        if stop.is_asked() {
            lock(&input).take();
        }
        let pid = Pid::from_child(&child);
        workers.push(pid);
        drop(workers);
        let output = Patient { output, until: Instant::now(), stop: Arc::clone(&stop.asked) };
        let all = Arc::clone(&stop.workers);
        Ok(Self { child, pid, all, input, output: BufReader::new(output), temporary })
    }

    /// Ends it. What it ran is below us then, and so is what it would have removed.
    pub(super) fn give_up(self, stop: &Stop) {
        let temporary = self.temporary.clone();
        drop(self);
        process::kill_strays(&lock(&stop.workers));
        let _ = folder::remove(&temporary);
    }

    pub(super) fn ask(&mut self, request: Request, patience: Duration) -> io::Result<Answer> {
        match lock(&self.input).as_mut() {
            Some(input) => request.within(&self.temporary).send(input)?,
            None => return Err(io::ErrorKind::BrokenPipe.into()),
        }
        self.output.get_mut().until = Instant::now() + patience;
        let answer = Answer::receive(&mut self.output);
        if answer.is_err() {
            // Whoever cannot be asked any more is not waited for.
            let _ = self.child.kill();
        }
        answer
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        lock(&self.input).take();
        // It ends when its input does; waiting keeps it from staying behind as a zombie.
        let _ = self.child.wait();
        lock(&self.all).retain(|pid| *pid != self.pid);
    }
}
