//! The worker: a process of ours that runs one check at a time, and ends what the check started.
//!
//! The program starts itself again as a worker for each job slot. Requests come and answers go as
//! frames (a length of four bytes, then that many bytes of postcard) over the worker's standard streams.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::digest;
use crate::outcome::{CheckResult, Outcome, Redaction};
use crate::redact::{self, Redactor, Secrets};

use super::course::{self, Course, Ended};
use super::directive::Reach;
use super::expect::{Assertion, Expectation};
use super::passage::{self, Passage};
use super::probe::Ask;
use super::shell::{Shell, Step};
use super::{Check, folder, process, sandbox, script};

/// A frame may be so long: a script is at most a checklist, an answer a few outputs.
const FRAME: u32 = 256 << 20;

/// Arguments longer than this are refused by the kernel; such scripts go through a file.
const ARGUMENT: usize = 100 << 10;

/// What a worker is asked to do.
#[derive(Debug, Serialize, Deserialize)]
pub struct Request {
    pub(super) kind: String,
    pub(super) task: Task,
    pub(super) steps: Vec<StepRequest>,
    pub(super) environment: BTreeMap<String, String>,
    pub(super) folder: PathBuf,
    /// Made for it, and removed after it.
    pub(super) temporary: PathBuf,
    pub(super) no_writes: bool,
    pub(super) timeout: Duration,
    pub(super) secrets: Secrets,
    pub(super) target: Option<String>,
}

/// What is to be run.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Task {
    Script(Script),
    Probe(Ask),
}

/// A script, as its interpreter is given it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Script {
    program: String,
    arguments: Vec<String>,
    /// What stands before a text that is an argument itself.
    inline: String,
    text: String,
    /// Its own exit tells how its only step came out.
    ends_itself: bool,
    /// Where it marks the ends of its steps: 32 hexadecimal digits that nobody else knows.
    nonce: Option<String>,
    /// It runs elsewhere, and the program takes it there.
    passage: Option<Passage>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StepRequest {
    pub(super) title: String,
    pub(super) expectations: Vec<Expectation>,
    pub(super) leaves: bool,
    /// It runs in a subshell that it may leave by itself, and says when it came to its end.
    pub(super) says_its_end: bool,
}

/// What came of it. Everything in it is redacted, but for what is saved.
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
    /// Values for later items, as (name, value), and as they are.
    pub saved: Vec<(String, String)>,
    pub(super) kept: Vec<usize>,
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
    /// Its temporary folder, which is not there yet.
    pub temporary: PathBuf,
    /// What is taken out of whatever is written down.
    pub secrets: Secrets,
    /// What it looks at, where a variable chooses.
    pub target: Option<String>,
    /// Fresh random bytes at each call.
    pub random: fn() -> io::Result<[u8; 16]>,
}

impl Request {
    /// The request to run `check`.
    ///
    /// # Errors
    /// Why it cannot be run: a name without a value, no random bytes.
    pub fn new(check: &Check, setting: Setting) -> Result<Self, String> {
        let mut target = setting.target.clone();
        let (task, steps) = match check {
            Check::Shell(shell) => {
                let (script, steps) = Self::of_shell(shell, &setting)?;
                if let Some(passage) = &script.passage {
                    let all = [Some(passage.place.as_str()), target.as_deref()];
                    target = Some(all.into_iter().flatten().collect::<Vec<_>>().join(" "));
                }
                (Task::Script(script), steps)
            }
            Check::Probe(probe) => {
                let ask = probe.ask.filled(&setting.environment)?;
                (Task::Probe(ask), vec![StepRequest::of(&probe.step, false, &setting)?])
            }
        };
        Ok(Self {
            kind: check.kind().to_owned(),
            task,
            steps,
            environment: setting.environment,
            folder: setting.folder,
            temporary: setting.temporary,
            no_writes: check.directives().no_writes,
            timeout: check.directives().timeout,
            secrets: setting.secrets,
            target,
        })
    }

    fn of_shell(shell: &Shell, setting: &Setting) -> Result<(Script, Vec<StepRequest>), String> {
        let place = shell.directives.place.as_ref();
        let script = script::of(shell, place.is_some());
        let random = || {
            let bytes = (setting.random)();
            bytes
                .map(|bytes| digest::hex(&bytes))
                .map_err(|error| format!("there are no random bytes: {error}"))
        };
        let nonce = if script.marked { Some(random()?) } else { None };
        let steps = shell.steps.iter().map(|step| {
            StepRequest::of(
                step,
                !shell.calm && script::expects_failure(&step.expectations),
                setting,
            )
        });
        let steps = steps.collect::<Result<_, _>>()?;
        let arguments = shell.interpreter.arguments.iter().map(|&argument| argument.to_owned());
        let mut script = Script {
            program: shell.interpreter.program.to_owned(),
            arguments: arguments.collect(),
            inline: shell.interpreter.inline.to_owned(),
            text: script.text,
            ends_itself: script.ends_itself,
            nonce,
            passage: None,
        };
        if let Some(place) = place {
            let values = passage::values(place, &setting.environment);
            script.send(place.reach(&setting.environment)?, &values, random()?);
        }
        Ok((script, steps))
    }

    /// Where a script marks the ends of its steps.
    pub(super) fn nonce(&self) -> Option<&str> {
        match &self.task {
            Task::Script(script) => script.nonce.as_deref(),
            Task::Probe(_) => None,
        }
    }

    /// Where it runs, if that is elsewhere.
    pub(super) fn passage(&self) -> Option<&Passage> {
        match &self.task {
            Task::Script(script) => script.passage.as_ref(),
            Task::Probe(_) => None,
        }
    }

    /// The first secret that it saves.
    fn saves_secret(&self) -> Option<&str> {
        let all = self.steps.iter().flat_map(|step| &step.expectations);
        all.filter_map(|expectation| match &expectation.assertion {
            Assertion::Save { name, .. } if redact::is_secret(name) => Some(name.as_str()),
            _ => None,
        })
        .next()
    }

    /// Its own exit tells how its only step came out.
    pub(super) fn ends_itself(&self) -> bool {
        matches!(&self.task, Task::Script(Script { ends_itself: true, .. }))
    }

    /// A signal that it sends to itself tells that its only step came to its end.
    pub(super) fn ends_by_signal(&self) -> bool {
        let by_signal = |script: &Script| {
            script.nonce.is_none() && !script.ends_itself && script.passage.is_none()
        };
        matches!(&self.task, Task::Script(script) if by_signal(script))
    }

    /// Sends it to a worker.
    ///
    /// # Errors
    /// When the worker is gone.
    pub fn send(&self, to: &mut impl Write) -> io::Result<()> {
        write_frames(to, &[&packed(self)?])
    }
}

impl Script {
    /// Makes it one that is sent elsewhere.
    fn send(&mut self, reach: Reach, values: &BTreeMap<String, String>, nonce: String) {
        let own = self.arguments.iter().chain([&self.inline, &self.text]);
        let call = passage::Call {
            program: &self.program,
            arguments: own.map(String::as_str).collect(),
            input: self.nonce.as_deref().map(marked),
        };
        self.passage = Some(Passage::new(reach.name, &call, values, nonce));
        self.program = reach.program.to_owned();
        self.arguments = reach.arguments;
        self.arguments.extend(Passage::command(reach.one_text));
    }
}

impl StepRequest {
    fn of(step: &Step, says_its_end: bool, setting: &Setting) -> Result<Self, String> {
        let filled = step.expectations.iter().map(|one| one.filled(&setting.environment));
        Ok(Self {
            title: step.title.clone(),
            expectations: filled.collect::<Result<_, _>>()?,
            leaves: step.leaves,
            says_its_end,
        })
    }
}

impl Answer {
    /// Receives the answer to a request.
    ///
    /// # Errors
    /// When the worker is gone.
    pub fn receive(from: &mut impl Read) -> io::Result<Self> {
        let frame = read_frame(from)?.ok_or(io::ErrorKind::UnexpectedEof)?;
        let mut answer: Self = unpacked(&frame)?;
        let bytes = read_frame(from)?.ok_or(io::ErrorKind::UnexpectedEof)?;
        let mut rest = bytes.as_slice();
        for &length in &answer.kept {
            let (piece, after) = rest.split_at_checked(length).ok_or(io::ErrorKind::InvalidData)?;
            answer.evidence.push(piece.to_vec());
            rest = after;
        }
        Ok(answer)
    }

    fn send(mut self, to: &mut impl Write) -> io::Result<()> {
        self.kept = self.evidence.iter().map(Vec::len).collect();
        write_frames(to, &[&packed(&self)?, &self.evidence.concat()])
    }
}

fn packed(value: &impl Serialize) -> io::Result<Vec<u8>> {
    postcard::to_allocvec(value).map_err(|error| invalid(&error))
}

fn invalid(error: &postcard::Error) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error.to_string())
}

fn unpacked<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> io::Result<T> {
    postcard::from_bytes(bytes).map_err(|error| invalid(&error))
}

/// Writes frames at once: whoever reads them wakes once.
fn write_frames(to: &mut impl Write, frames: &[&[u8]]) -> io::Result<()> {
    let mut all = Vec::with_capacity(frames.iter().map(|frame| frame.len() + 4).sum());
    for frame in frames {
        let length = u32::try_from(frame.len())
            .ok()
            .filter(|length| *length <= FRAME)
            .ok_or(io::ErrorKind::InvalidInput)?;
        all.extend_from_slice(&length.to_be_bytes());
        all.extend_from_slice(frame);
    }
    to.write_all(&all)?;
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
    process::limit();
    let (mut requests, mut answers) = (Unbuffered, io::stdout());
    let (mut redacting, mut programs) = (Redacting::default(), Programs::default());
    let mut buffer = vec![0; course::BUFFER];
    loop {
        let request = match read_frame(&mut requests) {
            Ok(Some(frame)) => unpacked::<Request>(&frame),
            Ok(None) => return ExitCode::SUCCESS,
            Err(_) => return ExitCode::FAILURE,
        };
        let sent = request.and_then(|request| {
            let answer = run(&request, &mut redacting, &mut programs, &mut buffer);
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

fn run(
    request: &Request,
    redacting: &mut Redacting,
    programs: &mut Programs,
    buffer: &mut [u8],
) -> Answer {
    let redactor = redacting.of(&request.secrets);
    // Of what a secret is taken from, nobody knows yet what of it is secret.
    let hidden = request.saves_secret().map(Redactor::everything);
    let mut course = Course::new(request, redactor, hidden.as_ref());
    let end = match &request.task {
        Task::Probe(ask) => course.observe(ask),
        Task::Script(script) => {
            let end = match begin(request, script, programs) {
                Ok(child) => course.watch(child, buffer),
                Err(why) => Ended::Never(why),
            };
            course.litter = folder::remove(&request.temporary).err();
            end
        }
    };
    course.answer(end)
}

/// All checks of a run have the same secrets, and looking for many takes long to prepare.
#[derive(Default)]
struct Redacting(Option<(Secrets, Redactor)>);

impl Redacting {
    fn of(&mut self, secrets: &Secrets) -> &Redactor {
        let known = self.0.take().filter(|(known, _)| known == secrets);
        let (_, redactor) =
            self.0.insert(known.unwrap_or_else(|| (secrets.clone(), Redactor::new(secrets))));
        redactor
    }
}

/// Where PATH has programs. Given by its path one is started without a copy of this process.
#[derive(Default)]
struct Programs(BTreeMap<String, PathBuf>);

impl Programs {
    fn find(&mut self, program: &str, request: &Request) -> Option<PathBuf> {
        let path = request.environment.get("PATH")?;
        // All checks of a run have the same PATH.
        if let Some(known) = self.0.get(program) {
            return Some(known.clone());
        }
        let mut folders = std::env::split_paths(path);
        let found = folders
            .find_map(|folder| Some(folder.join(program)).filter(|path| is_program(path)))?;
        self.0.insert(program.to_owned(), found.clone());
        Some(found)
    }
}

fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    let known = std::fs::metadata(path);
    known.is_ok_and(|known| known.is_file() && known.permissions().mode() & 0o111 != 0)
}

/// Starts a script, with a temporary folder of its own.
fn begin(request: &Request, script: &Script, programs: &mut Programs) -> Result<Child, String> {
    folder::make(&request.temporary)
        .map_err(|error| format!("cannot make its temporary folder: {error}"))?;
    spawn(request, script, programs)
}

fn spawn(request: &Request, script: &Script, programs: &mut Programs) -> Result<Child, String> {
    let program = programs
        .find(&script.program, request)
        .ok_or_else(|| format!("program `{}` is not installed", script.program))?;
    let mut command = Command::new(program);
    std::os::unix::process::CommandExt::arg0(&mut command, &script.program);
    command
        .args(&script.arguments)
        .env_clear()
        .envs(&request.environment)
        .env("TMPDIR", &request.temporary)
        .current_dir(&request.folder)
        .stdin(input(script)?)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    if script.passage.is_some() {
        // All of it is sent.
    } else if script.text.len() < ARGUMENT {
        command.arg(&script.inline).arg(&script.text);
    } else {
        let file = request.temporary.join(SCRIPT);
        std::fs::write(&file, &script.text)
            .map_err(|error| format!("cannot write the script: {error}"))?;
        command.arg(file);
    }
    let mut start = || {
        command.spawn().map_err(|error| match request.folder.is_dir() {
            true => format!("cannot start `{}`: {error}", script.program),
            false => format!("there is no folder `{}`", request.folder.display()),
        })
    };
    match request.no_writes {
        true => sandbox::no_writes(&request.temporary, start)?,
        false => start(),
    }
}

/// A script that is too long for an argument, in the check's temporary folder.
const SCRIPT: &str = ".holdpoint-script";

/// The beginning of all marks of a script, which it reads.
fn marked(nonce: &str) -> String {
    format!("\u{1e}{nonce}")
}

/// A standard input that holds what is sent, or the beginning of all marks, and then ends.
fn input(script: &Script) -> Result<Stdio, String> {
    let text = match (&script.passage, &script.nonce) {
        (Some(passage), _) => passage.text.clone(),
        (None, Some(nonce)) => marked(nonce) + "\n",
        (None, None) => return Ok(Stdio::null()),
    };
    let fill = |(output, mut input): (io::PipeReader, io::PipeWriter)| {
        if text.len() <= PIPE {
            return input.write_all(text.as_bytes()).map(|()| output);
        }
        // Who does not read it has ended, or is ended when its time is over.
        std::thread::Builder::new().spawn(move || input.write_all(text.as_bytes())).map(|_| output)
    };
    let filled = io::pipe().and_then(fill);
    filled.map(Stdio::from).map_err(|error| format!("cannot make a pipe: {error}"))
}

/// As much as every pipe takes before anybody reads.
const PIPE: usize = 4 << 10;
