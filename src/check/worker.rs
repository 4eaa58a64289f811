//! The worker: a process of ours that runs one check at a time, and ends what the check started.
//!
//! The program starts itself again as a worker for each job slot. Requests come and answers go as
//! frames (a length of four bytes, then that many bytes) over the worker's standard streams.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::path::PathBuf;
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::Pid;
use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::outcome::{CheckResult, ExpectResult, Outcome, Redaction, StepResult, Stream};
use crate::redact::Redactor;

use super::expect::{Assertion, Channel, Expectation};
use super::judge::{End, Seen, judge};
use super::{Check, jq, process};

/// A frame may be so long: a script is at most a checklist, an answer a few outputs.
const FRAME: u32 = 256 << 20;

/// Arguments longer than this are refused by the kernel; such scripts go through a file.
const ARGUMENT: usize = 100 << 10;

/// Steps whose output is kept are many only in a hostile block.
const KEPT_STEPS: usize = 8 << 20;

/// A full pipe is empty after so many reads.
const PIPE_READS: usize = 64;

/// So many bytes of JSON wait for the jq programs of a check.
const DOCUMENTS: usize = 8 << 20;

/// What a worker is asked to do.
#[derive(Debug, Serialize, Deserialize)]
pub struct Request {
    kind: String,
    program: String,
    arguments: Vec<String>,
    script: String,
    marked: bool,
    steps: Vec<StepRequest>,
    environment: BTreeMap<String, String>,
    folder: PathBuf,
    timeout: Duration,
    nonce: String,
    secrets: Vec<(String, String)>,
    target: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
struct StepRequest {
    title: String,
    expectations: Vec<Expectation>,
    leaves: bool,
}

/// What came of it. Everything in it is redacted.
#[derive(Debug, Serialize, Deserialize)]
pub struct Answer {
    /// The result of the check.
    pub result: CheckResult,
    /// What it means for its item.
    pub outcome: Outcome,
    /// What was redacted.
    pub redactions: Vec<Redaction>,
    /// Bytes kept, each once.
    #[serde(skip)]
    pub evidence: Vec<Vec<u8>>,
    kept: Vec<usize>,
    /// The worker ends after this answer.
    pub spent: bool,
}

/// The surroundings of a check.
#[derive(Clone, Debug)]
pub struct Setting {
    /// All that the check sees.
    pub environment: BTreeMap<String, String>,
    /// The folder it runs in.
    pub folder: PathBuf,
    /// Secrets, as (name, value).
    pub secrets: Vec<(String, String)>,
    /// What it looks at, where a variable chooses.
    pub target: Option<String>,
    /// 32 hexadecimal digits that nobody else knows.
    pub nonce: String,
}

impl Request {
    /// The request to run `check`.
    pub fn new(check: &Check, setting: Setting) -> Self {
        let Check::Shell(shell) = check;
        let (script, marked) = shell.script();
        let steps = shell.steps.iter().map(|step| StepRequest {
            title: step.title.clone(),
            expectations: step.expectations.clone(),
            leaves: step.leaves,
        });
        Self {
            kind: shell.interpreter.name.to_owned(),
            program: shell.interpreter.program.to_owned(),
            arguments: shell
                .interpreter
                .arguments
                .iter()
                .map(|&argument| argument.to_owned())
                .collect(),
            script,
            marked,
            steps: steps.collect(),
            environment: setting.environment,
            folder: setting.folder,
            timeout: shell.directives.timeout,
            nonce: setting.nonce,
            secrets: setting.secrets,
            target: setting.target,
        }
    }

    /// Sends it to a worker.
    ///
    /// # Errors
    /// When the worker is gone.
    pub fn send(&self, to: &mut impl Write) -> io::Result<()> {
        write_frame(to, &serde_json::to_vec(self)?)
    }
}

impl Answer {
    /// Receives the answer to a request.
    ///
    /// # Errors
    /// When the worker is gone.
    pub fn receive(from: &mut impl Read) -> io::Result<Self> {
        let frame = read_frame(from)?.ok_or(io::ErrorKind::UnexpectedEof)?;
        let mut answer: Self = serde_json::from_slice(&frame)?;
        let mut bytes = read_frame(from)?.ok_or(io::ErrorKind::UnexpectedEof)?;
        for &length in &answer.kept {
            if length > bytes.len() {
                return Err(io::ErrorKind::InvalidData.into());
            }
            let rest = bytes.split_off(length);
            answer.evidence.push(std::mem::replace(&mut bytes, rest));
        }
        Ok(answer)
    }

    fn send(mut self, to: &mut impl Write) -> io::Result<()> {
        self.kept = self.evidence.iter().map(Vec::len).collect();
        write_frame(to, &serde_json::to_vec(&self)?)?;
        write_frame(to, &self.evidence.concat())
    }
}

fn write_frame(to: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    let length = u32::try_from(bytes.len())
        .ok()
        .filter(|length| *length <= FRAME)
        .ok_or(io::ErrorKind::InvalidInput)?;
    let mut frame = Vec::with_capacity(bytes.len() + 4);
    frame.extend_from_slice(&length.to_be_bytes());
    frame.extend_from_slice(bytes);
    to.write_all(&frame)?;
    to.flush()
}

/// The next frame; `None` at the end of the stream.
fn read_frame(from: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 4];
    match from.read_exact(&mut length) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    }
    let length = u32::from_be_bytes(length);
    if length > FRAME {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut bytes = vec![0; length as usize];
    from.read_exact(&mut bytes)?;
    Ok(Some(bytes))
}

/// The worker's main: answers requests until its standard input ends.
pub fn main() -> ExitCode {
    process::become_reaper();
    let (mut requests, mut answers) = (Unbuffered, io::stdout());
    loop {
        let request = match read_frame(&mut requests) {
            Ok(Some(frame)) => serde_json::from_slice::<Request>(&frame),
            Ok(None) => return ExitCode::SUCCESS,
            Err(_) => return ExitCode::FAILURE,
        };
        let sent = request.map_err(io::Error::from).and_then(|request| {
            let answer = run(&request);
            let spent = answer.spent;
            answer.send(&mut answers).map(|()| spent)
        });
        match sent {
            Ok(false) => {}
            Ok(true) => return ExitCode::SUCCESS,
            Err(_) => return ExitCode::FAILURE,
        }
    }
}

/// Standard input without a buffer: its end is polled for while a check runs.
struct Unbuffered;

impl Read for Unbuffered {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        Ok(rustix::io::read(io::stdin(), bytes)?)
    }
}

fn run(request: &Request) -> Answer {
    let secrets = request
        .secrets
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    let redactor = Redactor::new(secrets);
    let mut course = Course::new(request, &redactor);
    let end = match spawn(request) {
        Ok((child, file)) => {
            let end = course.watch(child);
            drop(file);
            end
        }
        Err(why) => Ended::Never(why),
    };
    course.answer(end)
}

/// A script in a file of its own, removed when the check has ended.
struct ScriptFile(PathBuf);

impl Drop for ScriptFile {
    fn drop(&mut self) {
        // It lies in the system's folder for temporary files; what cannot be removed goes with it.
        let _ = std::fs::remove_file(&self.0);
    }
}

fn spawn(request: &Request) -> Result<(Child, Option<ScriptFile>), String> {
    if !request.folder.is_dir() {
        return Err(format!("there is no folder `{}`", request.folder.display()));
    }
    let mut command = Command::new(&request.program);
    command
        .args(&request.arguments)
        .env_clear()
        .envs(&request.environment)
        .current_dir(&request.folder)
        .stdin(if request.marked {
            Stdio::piped()
        } else {
            Stdio::null()
        })
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let file = if request.script.len() < ARGUMENT {
        command.arg("-c").arg(&request.script);
        None
    } else {
        let file = script_file(&request.nonce, &request.script)
            .map_err(|error| format!("cannot write the script: {error}"))?;
        command.arg(&file.0);
        Some(file)
    };
    let mut child = command.spawn().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => format!("program `{}` is not installed", request.program),
        _ => format!("cannot start `{}`: {error}", request.program),
    })?;
    if let Some(mut input) = child.stdin.take() {
        // A shell that is gone already is noticed when its output ends.
        let _ = input.write_all(format!("{}\n", request.nonce).as_bytes());
    }
    Ok((child, file))
}

fn script_file(nonce: &str, script: &str) -> io::Result<ScriptFile> {
    use std::os::unix::fs::OpenOptionsExt;
    // Its name must not give the nonce away.
    let name = format!(
        "holdpoint-{}",
        &Digest::of(nonce.as_bytes()).to_string()[..32]
    );
    let path = std::env::temp_dir().join(name);
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)?;
    let file_guard = ScriptFile(path);
    file.write_all(script.as_bytes())?;
    Ok(file_guard)
}

/// How the interpreter ended.
enum Ended {
    /// By itself, with this status.
    Exited(i64),
    /// By a signal.
    Signalled(i32),
    /// We killed it, and this is why.
    Killed(String),
    /// It never began.
    Never(String),
}

/// A check on its way.
struct Course<'r> {
    request: &'r Request,
    redactor: &'r Redactor,
    /// For each step: standard output and standard error.
    seen: Vec<[Option<Seen<'r>>; 2]>,
    scanners: [Scanner; 2],
    begun: Instant,
    /// When the end of each step arrived, and its exit.
    ends: Vec<Option<(Instant, i64)>>,
    settled: Settled,
    leftovers: bool,
}

impl<'r> Course<'r> {
    fn new(request: &'r Request, redactor: &'r Redactor) -> Self {
        let begun = Instant::now();
        Self {
            request,
            redactor,
            seen: request.steps.iter().map(|_| [None, None]).collect(),
            scanners: [Scanner::default(), Scanner::default()],
            begun,
            ends: vec![None; request.steps.len()],
            settled: Settled {
                steps: Vec::new(),
                until: begun,
                redactions: Vec::new(),
                evidence: Vec::new(),
                kept: 0,
                deferred: Vec::new(),
                documents: 0,
                spent: false,
            },
            leftovers: false,
        }
    }

    /// Reads both streams until the interpreter and all that it started have ended.
    fn watch(&mut self, mut child: Child) -> Ended {
        let shell = Pid::from_child(&child);
        let deadline = self.begun + self.request.timeout;
        let mut pipes = (child.stdout.take(), child.stderr.take());
        #[cfg(target_os = "linux")]
        let alive = rustix::process::pidfd_open(shell, rustix::process::PidfdFlags::empty()).ok();
        #[cfg(not(target_os = "linux"))]
        let alive: Option<std::os::fd::OwnedFd> = None;
        let mut buffer = vec![0; 64 << 10];
        let killed = loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break Some(format!("timed out after {}", spoken(self.request.timeout)));
            }
            match self.wait(&mut pipes, alive.as_ref(), &mut child, left, &mut buffer) {
                Step::More => {}
                Step::Ended => break None,
                Step::Cancelled => break Some("interrupted".to_owned()),
            }
        };
        let status = if killed.is_some() {
            None
        } else {
            child.wait().ok()
        };
        // Children that are left hold the pipes open; without them, what is in the pipes is all.
        if killed.is_some() || process::reap() {
            self.leftovers = !process::kill_all(shell);
        }
        let _ = child.wait();
        if !self.leftovers {
            self.drain(&mut pipes, &mut buffer);
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
        let longest = if alive.is_some() {
            left
        } else {
            left.min(Duration::from_millis(10))
        };
        let timeout = rustix::event::Timespec::try_from(longest).ok();
        if poll(&mut fds, timeout.as_ref()).is_err() {
            return Step::More;
        }
        let ready: Vec<Option<usize>> = fds
            .iter()
            .zip(&whose)
            .filter(|(fd, _)| !fd.revents().is_empty())
            .map(|(_, whose)| *whose)
            .collect();
        drop(fds);
        let mut ended = false;
        for whose in ready {
            match whose {
                None => return Step::Cancelled,
                Some(0) => take(&mut pipes.0, buffer, |bytes| self.feed(0, bytes)),
                Some(1) => take(&mut pipes.1, buffer, |bytes| self.feed(1, bytes)),
                Some(_) => ended = true,
            }
        }
        if ended || alive.is_none() && matches!(child.try_wait(), Ok(Some(_))) {
            Step::Ended
        } else {
            Step::More
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
        let mut rest = bytes;
        let request = self.request;
        while !rest.is_empty() {
            let scanner = &mut self.scanners[stream];
            if scanner.step >= request.steps.len() {
                return;
            }
            let step = scanner.step;
            let mark = if request.marked {
                format!("\u{1e}{}.{step}.", request.nonce)
            } else {
                String::new()
            };
            let (text, used, exit) = scanner.scan(rest, mark.as_bytes());
            self.text(stream, step, &text);
            rest = &rest[used..];
            if let Some(exit) = exit {
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

    fn text(&mut self, stream: usize, step: usize, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        self.seen(stream, step).feed(bytes);
    }

    fn seen(&mut self, stream: usize, step: usize) -> &mut Seen<'r> {
        let (request, redactor) = (self.request, self.redactor);
        self.seen[step][stream].get_or_insert_with(|| {
            let channel = if stream == 0 {
                Channel::Stdout
            } else {
                Channel::Stderr
            };
            Seen::new(channel, &request.steps[step].expectations, redactor)
        })
    }

    fn answer(mut self, end: Ended) -> Answer {
        for stream in 0..2 {
            let step = self.scanners[stream].step;
            if step < self.request.steps.len() {
                let held = std::mem::take(&mut self.scanners[stream].held);
                self.text(stream, step, &held);
            }
        }
        let complete = self.settled.steps.len();
        let mut message = match &end {
            Ended::Killed(why) | Ended::Never(why) => Some(why.clone()),
            Ended::Exited(_) | Ended::Signalled(_) => None,
        };
        if complete < self.request.steps.len() && !matches!(end, Ended::Never(_)) {
            let (exit, why) = self.last_exit(complete, &end);
            message = message.or(why);
            self.settle(exit);
        }
        self.ask_jq();
        let mut outcome = self.outcome();
        let mut trouble = None;
        if self.settled.steps.len() < self.request.steps.len() && outcome < Outcome::Error {
            trouble = Some("the steps after this one were not reached".to_owned());
        } else if complete == self.request.steps.len() {
            trouble = after_the_last(&end);
        }
        if trouble.is_some() || matches!(end, Ended::Killed(_) | Ended::Never(_)) {
            outcome = outcome.max(Outcome::Error);
        }
        message = message.or(trouble);
        if self.leftovers {
            outcome = outcome.max(Outcome::Error);
            message = Some("a process that it started could not be ended".to_owned());
        }
        let clean = |text: &str| self.redactor.text(text);
        Answer {
            result: CheckResult {
                kind: self.request.kind.clone(),
                steps: self.settled.steps,
                target: self.request.target.as_deref().map(clean),
                message: message.as_deref().map(clean),
            },
            outcome,
            redactions: self.settled.redactions,
            evidence: self.settled.evidence,
            kept: Vec::new(),
            spent: self.settled.spent,
        }
    }

    /// The worst of the steps that were reached.
    fn outcome(&self) -> Outcome {
        let of = |step: &StepResult, request: &StepRequest| {
            let each = step.expect.iter().zip(&request.expectations);
            each.map(|(result, expectation)| match result.held {
                Some(true) => Outcome::Pass,
                Some(false) => Outcome::Fail,
                None if expectation.assertion == Assertion::Person && step.exit.is_some() => {
                    Outcome::Pending
                }
                None => Outcome::Error,
            })
            .max()
            .unwrap_or(Outcome::Error)
        };
        let steps = self.settled.steps.iter().zip(&self.request.steps);
        steps
            .map(|(step, request)| of(step, request))
            .max()
            .unwrap_or(Outcome::Error)
    }

    /// jq programs run when nothing else of the check does: a document may send one out of bounds,
    /// and this process with it.
    fn ask_jq(&mut self) {
        for deferred in std::mem::take(&mut self.settled.deferred) {
            let place = &mut self.settled.steps[deferred.step].expect[deferred.expectation];
            if self.settled.spent {
                place.observed = "an earlier jq program did not end".to_owned();
                continue;
            }
            let (held, observed) = jq::judge(&deferred.program, deferred.document, self.redactor);
            self.settled.spent = held.is_none() && observed == jq::TOO_LONG;
            place.held = held;
            place.observed = match held {
                None => format!("{observed}: {}", place.observed),
                Some(_) => observed,
            };
        }
    }

    /// The exit of the step in which the interpreter ended, and what is to be said about it.
    fn last_exit(&self, at: usize, end: &Ended) -> (Option<i64>, Option<String>) {
        match end {
            Ended::Exited(code) if !self.request.marked => (Some(*code), None),
            Ended::Exited(0) => (
                None,
                Some("the shell was left in the middle of the step".to_owned()),
            ),
            Ended::Exited(_) if self.request.steps[at].leaves => (
                None,
                Some("the step left the shell by `exit`, `exec` or `return`".to_owned()),
            ),
            Ended::Exited(code) => (Some(*code), None),
            Ended::Signalled(signal) => (
                None,
                Some(format!("the shell was ended by signal {signal}")),
            ),
            Ended::Killed(_) | Ended::Never(_) => (None, None),
        }
    }

    /// Judges the next step, which has ended, and lets go of its output. At the end of a check with
    /// many steps, only what is kept of each is in memory.
    fn settle(&mut self, exit: Option<i64>) {
        let at = self.settled.steps.len();
        for stream in 0..2 {
            self.seen(stream, at).end();
        }
        let [Some(mut stdout), Some(mut stderr)] = std::mem::take(&mut self.seen[at]) else {
            return;
        };
        let until = self.ends[at].map_or_else(Instant::now, |(when, _)| when);
        let took = until.saturating_duration_since(self.settled.until);
        let micros = i64::try_from(took.as_micros()).unwrap_or(i64::MAX);
        self.settled.until = until;
        let step = &self.request.steps[at];
        let end = End { exit, micros };
        let expect = step.expectations.iter().enumerate();
        let expect: Vec<ExpectResult> = expect
            .map(|(number, expectation)| {
                let result = judge(number, expectation, end, &stdout, &stderr);
                ExpectResult {
                    text: self.redactor.text(&result.text),
                    observed: self.redactor.text(&result.observed),
                    held: result.held,
                }
            })
            .collect();
        self.defer(at, exit, &stdout);
        self.settled
            .count(stdout.redactions().chain(stderr.redactions()));
        let result = StepResult {
            title: self.redactor.text(&step.title),
            exit,
            ms: micros / 1_000,
            expect,
            stdout: self.settled.keep(&mut stdout),
            stderr: self.settled.keep(&mut stderr),
        };
        self.settled.steps.push(result);
    }

    /// Keeps what the jq programs of a step need.
    fn defer(&mut self, at: usize, exit: Option<i64>, stdout: &Seen<'_>) {
        if exit.is_none() {
            return;
        }
        for (number, expectation) in self.request.steps[at].expectations.iter().enumerate() {
            let Assertion::Json(program) = &expectation.assertion else {
                continue;
            };
            let room = DOCUMENTS - self.settled.documents;
            let document = stdout.whole().filter(|document| document.len() <= room);
            self.settled.documents += document.map_or(0, <[u8]>::len);
            self.settled.deferred.push(Deferred {
                step: at,
                expectation: number,
                program: program.clone(),
                document: document.map(<[u8]>::to_vec),
            });
        }
    }
}

/// What is known of the steps that have ended.
struct Settled {
    steps: Vec<StepResult>,
    /// When the last of them ended.
    until: Instant,
    redactions: Vec<Redaction>,
    evidence: Vec<Vec<u8>>,
    /// Bytes of evidence.
    kept: usize,
    deferred: Vec<Deferred>,
    /// Bytes of documents that jq programs wait for.
    documents: usize,
    /// A jq program goes on without end: this process must not be used again.
    spent: bool,
}

/// A jq program that is still to be asked.
struct Deferred {
    step: usize,
    expectation: usize,
    program: String,
    /// `None` where the output is too long to be read whole.
    document: Option<Vec<u8>>,
}

impl Settled {
    fn count(&mut self, redactions: impl Iterator<Item = Redaction>) {
        for redaction in redactions {
            let known = self.redactions.iter_mut();
            match known.into_iter().find(|known| known.rule == redaction.rule) {
                Some(known) => known.count += redaction.count,
                None => self.redactions.push(redaction),
            }
        }
    }

    fn keep(&mut self, seen: &mut Seen<'_>) -> Stream {
        let (mut stream, bytes) = seen.record_of();
        if self.kept + bytes.len() > KEPT_STEPS {
            stream.kept = None;
        } else if stream.kept.is_some() && !self.evidence.contains(&bytes) {
            self.kept += bytes.len();
            self.evidence.push(bytes);
        }
        stream
    }
}

/// What went wrong when all steps had ended: an `EXIT` trap that fails, a signal.
fn after_the_last(end: &Ended) -> Option<String> {
    match end {
        Ended::Exited(0) | Ended::Killed(_) | Ended::Never(_) => None,
        Ended::Exited(code) => Some(format!("the shell exited with {code} after its last step")),
        Ended::Signalled(signal) => Some(format!(
            "the shell was ended by signal {signal} after its last step"
        )),
    }
}

type Pipes = (
    Option<std::process::ChildStdout>,
    Option<std::process::ChildStderr>,
);

enum Step {
    More,
    Ended,
    Cancelled,
}

/// There is something to be read, or its end, at once.
fn is_readable(pipe: &impl AsFd) -> bool {
    let mut fds = [PollFd::new(pipe, PollFlags::IN)];
    poll(&mut fds, Some(&rustix::event::Timespec::default())).is_ok_and(|ready| ready > 0)
}

/// Reads once; forgets the pipe at its end.
fn take<P: Read>(pipe: &mut Option<P>, buffer: &mut [u8], mut each: impl FnMut(&[u8])) {
    let Some(open) = pipe else { return };
    match open.read(buffer) {
        Ok(0) => *pipe = None,
        Ok(length) => each(&buffer[..length]),
        Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
        Err(_) => *pipe = None,
    }
}

fn spoken(time: Duration) -> String {
    let millis = time.as_millis();
    if millis.is_multiple_of(1_000) {
        format!("{}s", millis / 1_000)
    } else {
        format!("{millis}ms")
    }
}

/// Finds the mark that ends the current step in a stream that comes in pieces.
#[derive(Default)]
struct Scanner {
    step: usize,
    /// What may be the beginning of the mark.
    held: Vec<u8>,
}

/// The longest exit status with the mark's last byte.
const STATUS: usize = 12;

impl Scanner {
    /// Text up to the mark, how much of the piece was used, and the exit if the mark is complete.
    fn scan(&mut self, piece: &[u8], mark: &[u8]) -> (Vec<u8>, usize, Option<Option<i64>>) {
        if mark.is_empty() {
            return (piece.to_vec(), piece.len(), None);
        }
        if self.held.is_empty() && !piece.contains(&0x1e) {
            return (piece.to_vec(), piece.len(), None);
        }
        let before = self.held.len();
        let mut all = std::mem::take(&mut self.held);
        all.extend_from_slice(piece);
        let mut from = 0;
        while let Some(at) = all[from..]
            .iter()
            .position(|byte| *byte == 0x1e)
            .map(|at| from + at)
        {
            let rest = &all[at..];
            let known = rest.len().min(mark.len());
            if rest[..known] != mark[..known] {
                from = at + 1;
                continue;
            }
            let status = rest.get(mark.len()..).unwrap_or_default();
            match status.iter().position(|byte| *byte == 0x1e) {
                Some(end) if end <= STATUS && status[..end].iter().all(u8::is_ascii_digit) => {
                    let exit = std::str::from_utf8(&status[..end])
                        .ok()
                        .and_then(|text| text.parse().ok());
                    let used = at + mark.len() + end + 1;
                    let text = all[..at].to_vec();
                    return (text, used.saturating_sub(before), Some(exit));
                }
                None if status.len() <= STATUS => {
                    self.held = all.split_off(at);
                    return (all, piece.len(), None);
                }
                _ => from = at + 1,
            }
        }
        (all, piece.len(), None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan_all(pieces: &[&[u8]], mark: &[u8]) -> (Vec<u8>, Vec<Option<i64>>, Vec<u8>) {
        let mut scanner = Scanner::default();
        let (mut text, mut exits) = (Vec::new(), Vec::new());
        for piece in pieces {
            let mut rest = *piece;
            while !rest.is_empty() {
                let (part, used, exit) = scanner.scan(rest, mark);
                text.extend(part);
                exits.extend(exit);
                rest = &rest[used..];
            }
        }
        (text, exits, scanner.held)
    }

    #[test]
    fn finds_the_mark_wherever_the_stream_is_cut() {
        let stream = b"a\x1eb\x1enonce.0.x\x1eccc\x1enonce.0.17\x1etail";
        for size in 1..stream.len() {
            let pieces: Vec<&[u8]> = stream.chunks(size).collect();
            let (text, exits, held) = scan_all(&pieces, b"\x1enonce.0.");
            assert_eq!(exits, [Some(17)], "{size}");
            assert_eq!(
                [text, held].concat(),
                b"a\x1eb\x1enonce.0.x\x1eccctail",
                "{size}"
            );
        }
    }

    #[test]
    fn another_nonce_is_text() {
        let stream = b"\x1eother.0.0\x1e";
        let (text, exits, held) = scan_all(&[stream], b"\x1enonce.0.");
        assert_eq!([text, held].concat(), stream);
        assert_eq!(exits, []);
    }
}
