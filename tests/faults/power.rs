//! Power cut: what a run wrote is recorded, and the folder made as any crash of the system could have left it. What was
//! synced is there; of all else, each write and each name by itself, any part may be.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::support::Case;
use crate::support::chance::{Chance, amount};

use super::{acknowledged, list, recorded};

/// What a program does to a disk; files by numbers, whatever their names.
#[derive(Debug)]
enum Deed {
    Folder(PathBuf),
    Name(PathBuf, usize),
    Rename(PathBuf, PathBuf, usize),
    Remove(PathBuf),
    Write(usize, Vec<u8>),
    Cut(usize, usize),
    Sync(usize),
    SyncFolder(PathBuf),
    SyncAll,
    /// It says something.
    Tell(String),
}

/// A recorded run: what was there before, and what was done.
struct Trace {
    before: Case,
    files: Vec<Vec<u8>>,
    names: BTreeMap<PathBuf, usize>,
    deeds: Vec<Deed>,
}

const CALLS: &str =
    "trace=openat,write,fsync,fdatasync,syncfs,rename,link,linkat,mkdir,ftruncate,unlink,unlinkat";

impl Trace {
    /// Runs the list in a copy of a case.
    fn of(before: Case) -> Self {
        let case = before.copy();
        let log = case.user().with_extension("trace");
        let plain = case.command(&["run", "list.md", "--no-report", "--release", "traced"]);
        let mut command = Command::new("strace");
        command.args(["-y", "-xx", "-s", "1000000", "-e", CALLS, "-o"]).arg(&log);
        command.arg(plain.get_program()).args(plain.get_args()).current_dir(case.path());
        command.env_clear().stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let status = command.status().expect("strace is installed (apt-get install strace)");
        assert!(status.success(), "{status:?}");
        let text = fs::read_to_string(&log).expect("a trace");
        fs::remove_file(&log).expect("removed");
        let mut trace =
            Self { files: Vec::new(), names: BTreeMap::new(), deeds: Vec::new(), before };
        for (root, at) in [(trace.before.path(), "case"), (trace.before.user(), "user")] {
            for entry in walkdir::WalkDir::new(root).into_iter().map(|entry| entry.expect("read")) {
                let below = entry.path().strip_prefix(root).expect("below");
                if entry.file_type().is_file() {
                    trace.names.insert(Path::new(at).join(below), trace.files.len());
                    trace.files.push(fs::read(entry.path()).expect("bytes"));
                }
            }
        }
        let (begin, mut live) = (trace.names.clone(), trace.names.clone());
        let mut count = trace.files.len();
        for line in text.lines() {
            read(line, &case, &mut live, &mut count, &mut trace.deeds);
        }
        trace.names = begin;
        trace
    }

    /// Whether a deed is safe when the power is cut before another.
    fn is_safe(&self, at: usize, end: usize) -> bool {
        let later = &self.deeds[at + 1..end];
        let named = |path: &Path| {
            let above = path.parent();
            later.iter().any(|deed| {
                matches!(deed, Deed::SyncAll)
                    || matches!(deed, Deed::SyncFolder(folder) if Some(folder.as_path()) == above)
            })
        };
        match &self.deeds[at] {
            Deed::Folder(path) | Deed::Name(path, _) | Deed::Rename(_, path, _) => named(path),
            Deed::Remove(path) => named(path),
            Deed::Write(file, _) | Deed::Cut(file, _) => later.iter().any(|deed| {
                matches!(deed, Deed::SyncAll) || matches!(deed, Deed::Sync(other) if other == file)
            }),
            _ => true,
        }
    }

    /// The folders as the power may have left them when it was cut before a deed.
    fn cut(&self, end: usize, chance: &mut Chance) -> Case {
        let (mut files, mut names) = (self.files.clone(), self.names.clone());
        let mut folders: Vec<&Path> = Vec::new();
        for (at, deed) in self.deeds[..end].iter().enumerate() {
            let safe = self.is_safe(at, end);
            if !safe && chance.below(2) == 0 {
                continue;
            }
            match deed {
                Deed::Folder(path) => folders.push(path),
                Deed::Name(path, file) => drop(names.insert(path.clone(), *file)),
                Deed::Rename(from, to, file) => {
                    names.remove(from);
                    names.insert(to.clone(), *file);
                }
                Deed::Remove(path) => drop(names.remove(path)),
                Deed::Write(file, bytes) => {
                    let whole = bytes.len() as u64;
                    let part = if safe { whole } else { chance.below(whole + 1) };
                    grow(&mut files, *file).extend_from_slice(&bytes[..part as usize]);
                }
                Deed::Cut(file, length) => grow(&mut files, *file).truncate(*length),
                _ => {}
            }
        }
        let case = Case::new();
        let place = |path: &Path| match path.strip_prefix("case") {
            Ok(below) => case.path().join(below),
            Err(_) => case.user().join(path.strip_prefix("user").expect("below")),
        };
        for entry in walkdir::WalkDir::new(self.before.user()).into_iter().filter_map(Result::ok) {
            let below = entry.path().strip_prefix(self.before.user()).expect("below");
            if entry.file_type().is_dir() {
                fs::create_dir_all(case.user().join(below)).expect("a folder");
            }
        }
        for folder in self.names.keys().filter_map(|name| name.parent()) {
            fs::create_dir_all(place(folder)).expect("a folder");
        }
        // What is in a folder whose name was not safe is gone with it.
        folders.iter().for_each(|folder| drop(fs::create_dir(place(folder))));
        for (name, file) in names {
            let bytes = files.get(file).cloned().unwrap_or_default();
            let _ = fs::write(place(&name), bytes);
        }
        case
    }
}

fn grow(files: &mut Vec<Vec<u8>>, file: usize) -> &mut Vec<u8> {
    if files.len() <= file {
        files.resize(file + 1, Vec::new());
    }
    &mut files[file]
}

/// `\x2f\x74…`, as `strace -xx` writes names and bytes.
fn unescape(text: &str) -> Vec<u8> {
    let digits = text.split("\\x").skip(1);
    digits.map(|digits| u8::from_str_radix(&digits[..2], 16).expect("hex")).collect()
}

/// Reads a line of the trace.
fn read(
    line: &str,
    case: &Case,
    live: &mut BTreeMap<PathBuf, usize>,
    count: &mut usize,
    deeds: &mut Vec<Deed>,
) {
    let Some((call, rest)) = line.split_once('(') else { return };
    let Some((arguments, answer)) = rest.rsplit_once(") = ") else { return };
    if answer.starts_with('-') {
        return;
    }
    let path = |text: &str| {
        let path = PathBuf::from(String::from_utf8(unescape(text)).ok()?);
        let path = case.path().join(path);
        let below =
            |root: &Path, name: &str| Some(Path::new(name).join(path.strip_prefix(root).ok()?));
        below(case.path(), "case").or_else(|| below(case.user(), "user"))
    };
    // The texts in quotes, and the file behind a number: `3</path>`.
    let texts: Vec<&str> = arguments.split('"').skip(1).step_by(2).collect();
    let open = |text: &str| {
        let (_, rest) = text.split_once('<')?;
        path(rest.split_once('>')?.0)
    };
    let first = texts.first().copied().unwrap_or_default();
    match call {
        "write" if arguments.starts_with("2<") => {
            deeds.push(Deed::Tell(String::from_utf8_lossy(&unescape(first)).into_owned()));
        }
        "openat" if arguments.contains("O_CREAT") || arguments.contains("O_TRUNC") => {
            let Some(name) = open(answer) else { return };
            match live.get(&name) {
                Some(file) if arguments.contains("O_TRUNC") => deeds.push(Deed::Cut(*file, 0)),
                Some(_) => {}
                None => {
                    live.insert(name.clone(), *count);
                    deeds.push(Deed::Name(name, *count));
                    *count += 1;
                }
            }
        }
        "write" => {
            let file = open(arguments).and_then(|name| live.get(&name).copied());
            deeds.extend(file.map(|file| Deed::Write(file, unescape(first))));
        }
        "ftruncate" => {
            let file = open(arguments).and_then(|name| live.get(&name).copied());
            let length = arguments.rsplit(", ").next().and_then(|length| length.parse().ok());
            deeds.extend(file.zip(length).map(|(file, length)| Deed::Cut(file, length)));
        }
        "fsync" | "fdatasync" => {
            let Some(name) = open(arguments) else { return };
            deeds.push(match live.get(&name) {
                Some(file) => Deed::Sync(*file),
                None => Deed::SyncFolder(name),
            });
        }
        "syncfs" => deeds.push(Deed::SyncAll),
        "mkdir" => deeds.extend(path(first).map(Deed::Folder)),
        "rename" | "link" | "linkat" => {
            let Some((from, to)) = path(first).zip(texts.get(1).and_then(|to| path(to))) else {
                return;
            };
            let Some(file) = live.get(&from).copied() else { return };
            live.insert(to.clone(), file);
            deeds.push(match call {
                "rename" => {
                    live.remove(&from);
                    Deed::Rename(from, to, file)
                }
                _ => Deed::Name(to, file),
            });
        }
        "unlink" | "unlinkat" => {
            let Some(name) = path(first) else { return };
            live.remove(&name);
            deeds.push(Deed::Remove(name));
        }
        _ => {}
    }
}

/// Cuts the power at many places, and has somebody go on.
fn hold(trace: &Trace, states: u64, chance: &mut Chance) {
    let writes =
        |deed: &&Deed| matches!(deed, Deed::Sync(_) | Deed::SyncFolder(_) | Deed::Rename(..));
    let count = trace.deeds.iter().filter(writes).count();
    assert!(count > 5, "only {count} of {} are synced", trace.deeds.len());
    for _ in 0..states {
        let end = chance.below(trace.deeds.len() as u64 + 1) as usize;
        let case = trace.cut(end, chance);
        let about = format!("seed {}, before deed {end} of {}", chance.seed, trace.deeds.len());
        let said = |deed: &Deed| match deed {
            Deed::Tell(text) => Some(text.clone()),
            _ => None,
        };
        let talk: String = trace.deeds[..end].iter().filter_map(said).collect();
        let next = case.run(&["run", "list.md", "--no-report", "--release", "next"]);
        assert_eq!(next.code, 0, "{about}: {next:?}");
        let kept = recorded(&case);
        let known = kept.get("traced").cloned().unwrap_or_default();
        let lost: Vec<_> = acknowledged(&talk).difference(&known).cloned().collect();
        assert!(lost.is_empty(), "{about}: {lost:?} are lost");
        let verified = case.run(&["verify"]);
        assert_eq!(verified.code, 0, "{about}: {verified:?} {next:?}");
    }
}

#[test]
fn a_power_cut_takes_nothing_that_was_acknowledged() {
    let mut chance = Chance::new();
    let case = Case::with(&list(3));
    case.run_list().exits(0);
    hold(&Trace::of(case), amount(25, 2000), &mut chance);
}

#[test]
fn a_power_cut_while_a_ledger_begins_leaves_one_that_goes_on() {
    let mut chance = Chance::new();
    hold(&Trace::of(Case::with(&list(3))), amount(25, 2000), &mut chance);
}
