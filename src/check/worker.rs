//! The worker: a process of ours that runs one check at a time, and ends what the check started.
//!
//! The program starts itself again as a worker for each job slot. Requests come and answers go as
//! frames (a length of four bytes, then that many bytes of postcard) over the worker's standard streams.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};

use serde::Serialize;

use super::course::{self, Ended};
use super::folder::Room;
use super::here::Redacting;
use super::request::{Answer, Request, Script, Task, marked};
use super::{process, sandbox};

/// A frame may be so long: a script is at most a checklist, an answer a few outputs.
const FRAME: u32 = 256 << 20;

/// Arguments longer than this are refused by the kernel; such scripts go through a file.
const ARGUMENT: usize = 100 << 10;

impl Request {
    /// Sends it to a worker.
    ///
    /// # Errors
    /// When the worker is gone.
    pub fn send(&self, to: &mut impl Write) -> io::Result<()> {
        write_frames(to, &[&packed(self)?])
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
    let mut room = Room::default();
    let mut buffer = vec![0; course::BUFFER];
    loop {
        let request = match read_frame(&mut requests) {
            Ok(Some(frame)) => unpacked::<Request>(&frame),
            Ok(None) => return ExitCode::SUCCESS,
            Err(_) => return ExitCode::FAILURE,
        };
        let sent = request.and_then(|request| {
            let answer = run(&request, &mut redacting, &mut programs, &mut room, &mut buffer);
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
    room: &mut Room,
    buffer: &mut [u8],
) -> Answer {
    redacting.answer(request, |course| match &request.task {
        Task::Probe(ask) => course.observe(ask),
        Task::Script(script) => {
            let begun = room.enter(&request.temporary);
            let begun = begun
                .map_err(|error| format!("cannot make its temporary folder: {error}"))
                .and_then(|()| spawn(request, script, programs));
            let end = match begun {
                Ok(child) => course.watch(child, buffer),
                Err(why) => Ended::Never(why),
            };
            course.litter(room.leave());
            end
        }
    })
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

/// Starts a script.
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
