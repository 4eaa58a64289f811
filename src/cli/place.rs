//! Where the program was called: the repository around it, and what the caller's environment says.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use holdpoint::clock::Clock;
use holdpoint::config::Config;
use holdpoint::flow::{self, Home, Notices};
use holdpoint::ledger::record::NOT_NAMED;
use holdpoint::run::Stop;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use super::failure::Failure;

/// The repository and the caller.
pub(super) struct Place {
    /// The folder that the user stands in; paths given are relative to it.
    directory: PathBuf,
    /// The folder that holds `ledger/` and `reports/`; checks run here.
    pub root: PathBuf,
    /// The repository's git, if it is one.
    pub git: Option<Git>,
    /// Who writes: `name@host`, or the CI job.
    pub writer: String,
    /// What the users of the repository agree on.
    pub config: Config,
    /// The clock; fixed where `HOLDPOINT_CLOCK` says so.
    pub clock: Clock,
    /// What the user should hear at the end.
    pub notices: Notices,
}

/// What git says of the work tree.
pub(super) struct Git {
    /// The work tree's topmost folder.
    top: PathBuf,
    /// The folder that work trees share.
    common_dir: PathBuf,
    /// The commit checked out; empty before the first.
    pub commit: String,
    /// It holds changes beside holdpoint's own files.
    pub dirty: bool,
    /// It has a remote: sealing is somebody else's job.
    pub remote: bool,
    /// The branch, `main` where there is none.
    pub branch: String,
    /// A tag or short commit that names it.
    pub describe: String,
}

impl Place {
    /// Looks around `directory`.
    pub(super) fn find(directory: &Path) -> Result<Self, Failure> {
        let directory = directory.canonicalize().map_err(|error| {
            Failure::usage(format!("cannot open folder `{}`: {error}", directory.display()))
        })?;
        let where_from = ["rev-parse", "--show-toplevel", "--git-common-dir"];
        let top = if may_have_git(&directory) { git(&directory, &where_from) } else { None };
        let mut lines = top.as_deref().unwrap_or_default().lines();
        let top = lines.next().and_then(|top| Path::new(top).canonicalize().ok());
        let common = lines.next().map(|common| directory.join(common));
        let root = ledger_above(&directory, top.as_deref())
            .or_else(|| top.clone())
            .unwrap_or_else(|| directory.clone());
        let git = top.zip(common).map(|(top, common_dir)| Git::read(&root, top, common_dir));
        let config = Config::read(&root)?;
        let notices = Notices::default();
        Ok(Self { directory, root, git, writer: writer(), clock: clock()?, config, notices })
    }

    /// The same for a ledger that lives in `folder`, whatever is above it.
    pub(super) fn at(&self, folder: &Path) -> Result<Self, Failure> {
        let place = Self::find(folder)?;
        let config = Config::read(&place.directory)?;
        let notices = self.notices.clone();
        Ok(Self { root: place.directory.clone(), config, notices, ..place })
    }

    /// What the library needs of it.
    pub(super) fn home(&self) -> Home {
        Home {
            root: self.root.clone(),
            private: self.git.as_ref().map(|git| git.private(&self.root)),
            writer: self.writer.clone(),
            clock: self.clock,
            seals: self.git.as_ref().is_none_or(|git| !git.remote),
            trunk: self.git.as_ref().map_or_else(|| "main".to_owned(), |git| git.branch.clone()),
            random,
            config: self.config.clone(),
            user: user_folder().filter(|folder| !self.holds(folder)),
            repository: self.git.as_ref().map_or_else(|| self.root.clone(), |git| git.top.clone()),
            fonts: None,
            log_key: variable(flow::LOG_KEY).map(|path| self.resolve(Path::new(&path))),
            notices: self.notices.clone(),
        }
    }

    /// A folder that would be committed is none of the user's own.
    fn holds(&self, folder: &Path) -> bool {
        let top = self.git.as_ref().map_or(&self.root, |git| &git.top);
        let known = folder.ancestors().find_map(|folder| folder.canonicalize().ok());
        known.is_none_or(|known| known.starts_with(top) || known.starts_with(&self.root))
    }

    /// A path that the user gave.
    pub(super) fn resolve(&self, path: &Path) -> PathBuf {
        self.directory.join(path)
    }

    /// `path` as code hosts name it: relative to the work tree's topmost folder, with `/`.
    pub(super) fn in_repository(&self, path: &Path) -> String {
        let full = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let top = self.git.as_ref().map_or(&self.root, |git| &git.top);
        full.strip_prefix(top).unwrap_or(&full).to_string_lossy().replace('\\', "/")
    }

    /// A folder in the work tree that git does not ignore, or has files of.
    pub(super) fn would_commit(&self, folder: &Path) -> bool {
        let folder = self.resolve(folder);
        let inside = self.git.as_ref().is_some_and(|git| {
            folder.canonicalize().is_ok_and(|folder| folder.starts_with(&git.top))
        });
        let name = folder.to_string_lossy();
        inside && git(&self.root, &["check-ignore", "-q", "--", &name]).is_none()
    }

    /// The sealed trunk as the commit checked out has it.
    pub(super) fn committed(&self) -> Vec<u8> {
        let show = |path: &str| git(&self.root, &["show", &format!("HEAD:./{path}")]);
        let list = ["ls-tree", "--name-only", "HEAD", "ledger/archive/"];
        let archive = git(&self.root, &list).unwrap_or_default();
        let paths = archive.lines().chain(["ledger/ledger.jsonl"]);
        paths.filter_map(show).collect::<String>().into_bytes()
    }

    /// What is released, where nobody says: the tag or commit.
    pub(super) fn release(&self) -> String {
        let known = self.git.as_ref().map(|git| git.describe.clone());
        known.filter(|name| !name.is_empty()).unwrap_or_else(|| NOT_NAMED.to_owned())
    }

    /// The commit checked out; empty outside git.
    pub(super) fn commit(&self) -> String {
        self.git.as_ref().map(|git| git.commit.clone()).unwrap_or_default()
    }

    /// From a commit to the one checked out nothing differs but what this program keeps.
    pub(super) fn only_records_since(&self, commit: &str) -> bool {
        let is_name = commit.len() >= 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
        // No setting of the repository hides what a submodule is at.
        let diff =
            ["diff", "--no-ext-diff", "--no-textconv", "--ignore-submodules=none", "--quiet"];
        let diff = [&diff[..], &[commit, "HEAD", "--"]].concat();
        // Checks may read what others keep below `reports`.
        let except = [":/", ":(exclude)ledger", ":(exclude,glob)reports/*/*/*/report.*"];
        is_name && git(&self.root, &[&diff[..], &except[..]].concat()).is_some()
    }

    /// The work tree holds changes.
    pub(super) fn dirty(&self) -> bool {
        self.git.as_ref().is_some_and(|git| git.dirty)
    }

    /// `path` as the ledger names it: relative to the root, with `/`.
    pub(super) fn name(&self, path: &Path) -> String {
        let full = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        full.strip_prefix(&self.root).unwrap_or(&full).to_string_lossy().replace('\\', "/")
    }
}

impl Git {
    fn read(root: &Path, top: PathBuf, common_dir: PathBuf) -> Self {
        // All of them at once: each is a process.
        let status = ask(root, &["status", "--porcelain", "--", ".", ":!ledger", ":!reports"]);
        let branch = ask(root, &["symbolic-ref", "--short", "-q", "HEAD"]);
        let commit = ask(root, &["rev-parse", "-q", "--verify", "HEAD"]);
        let remote = ask(root, &["remote"]);
        let describe = ask(root, &["describe", "--tags", "--always"]);
        let line = |asked| answer(asked).unwrap_or_default().trim().to_owned();
        let branch = line(branch);
        Self {
            commit: line(commit),
            // Where git cannot tell, the work tree does not count as clean.
            dirty: answer(status).is_none_or(|changes| !changes.trim().is_empty()),
            remote: !line(remote).is_empty(),
            branch: if branch.is_empty() { "main".to_owned() } else { branch },
            describe: line(describe),
            top,
            common_dir,
        }
    }

    /// A folder of the ledger below `root`, in what work trees share: a repository may hold several.
    fn private(&self, root: &Path) -> PathBuf {
        let folder = self.common_dir.join("holdpoint");
        match root.strip_prefix(&self.top) {
            Ok(below) if !below.as_os_str().is_empty() => {
                let name = holdpoint::ledger::record::plain(&below.to_string_lossy());
                folder.join("below").join(name)
            }
            _ => folder,
        }
    }
}

/// Whether git may know a work tree here. Asking git where nothing is takes longer than looking.
fn may_have_git(directory: &Path) -> bool {
    env::var_os("GIT_DIR").is_some()
        || directory.ancestors().any(|folder| folder.join(".git").symlink_metadata().is_ok())
}

/// What git prints, where it succeeds.
fn git(directory: &Path, arguments: &[&str]) -> Option<String> {
    answer(ask(directory, arguments))
}

/// Asks git; a hook of the repository must not run because we look, and whoever works with git meanwhile must not meet a
/// lock of ours.
pub(super) fn ask(directory: &Path, arguments: &[&str]) -> io::Result<Child> {
    Command::new("git")
        // What a partial clone lacks is not fetched because we look.
        .env("GIT_NO_LAZY_FETCH", "1")
        .args(["--no-optional-locks", "-c", "core.fsmonitor=false", "-C"])
        .arg(directory)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
}

fn answer(asked: io::Result<Child>) -> Option<String> {
    let output = asked.ok()?.wait_with_output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The nearest folder at or above `directory`, not above the repository, that holds a ledger.
fn ledger_above(directory: &Path, top: Option<&Path>) -> Option<PathBuf> {
    let inside = |folder: &&Path| top.is_none_or(|top| folder.starts_with(top));
    directory
        .ancestors()
        .take_while(inside)
        .find(|folder| {
            let ledger = folder.join("ledger");
            ledger.join("ledger.jsonl").is_file() || ledger.join("inbox").is_dir()
        })
        .map(Path::to_owned)
}

/// The nearest folder above `folder` that holds a ledger.
pub(super) fn ledger_beyond(folder: &Path) -> Option<PathBuf> {
    ledger_above(folder.canonicalize().ok()?.parent()?, None)
}

fn clock() -> Result<Clock, Failure> {
    match variable("HOLDPOINT_CLOCK") {
        None => Ok(Clock::System),
        Some(text) => text
            .parse()
            .map(Clock::Fixed)
            .map_err(|error| Failure::usage(format!("`HOLDPOINT_CLOCK` is `{text}`: {error}"))),
    }
}

/// A CI job names itself, or is named; a person is `name@host`.
fn writer() -> String {
    if let Some(name) = variable("HOLDPOINT_WRITER") {
        return name.chars().filter(|c| !c.is_control()).take(200).collect();
    }
    if let (Some(repository), Some(run)) =
        (variable("GITHUB_REPOSITORY"), variable("GITHUB_RUN_ID"))
    {
        // Who runs a job again is another writer.
        let again = variable("GITHUB_RUN_ATTEMPT").filter(|attempt| attempt != "1");
        let again = again.map_or_else(String::new, |attempt| format!("/{attempt}"));
        let job = variable("GITHUB_JOB").unwrap_or_default();
        return format!("github:{repository}/{run}{again}/{job}");
    }
    if let (Some(project), Some(job)) = (variable("CI_PROJECT_PATH"), variable("CI_JOB_ID")) {
        return format!("gitlab:{project}/{job}");
    }
    let user = ["USER", "LOGNAME", "USERNAME"].into_iter().find_map(variable);
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    let user = user.unwrap_or_else(|| format!("uid-{}", rustix::process::getuid().as_raw()));
    format!("{user}@{host}")
}

/// A variable that is set, not empty and text.
pub(super) fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// The caller's variables; what is no text in their values is shown as U+FFFD.
pub(super) fn caller() -> BTreeMap<String, String> {
    env::vars_os()
        .filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.to_string_lossy().into()))
        })
        .collect()
}

/// Where the user's own state of this program is: what was trusted. `None` where nothing says where.
pub(super) fn state_folder() -> Option<PathBuf> {
    let state = variable("XDG_STATE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let home = || Some(PathBuf::from(variable("HOME")?).join(".local/state"));
    Some(state.or_else(home)?.join("holdpoint/trust"))
}

/// Where the user's keys and marks are. A CI job keeps nothing, and has none: it is given the log's key by a file.
fn user_folder() -> Option<PathBuf> {
    if ["GITHUB_RUN_ID", "CI_JOB_ID"].into_iter().any(|name| variable(name).is_some()) {
        return None;
    }
    let config = variable("XDG_CONFIG_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let home = || Some(PathBuf::from(variable("HOME")?).join(".config"));
    Some(config.or_else(home)?.join("holdpoint"))
}

/// How to start this program again as a worker.
pub(super) fn worker() -> Result<Vec<OsString>, Failure> {
    let program = env::current_exe()
        .map_err(|error| Failure::ours(format!("cannot find this program's own file: {error}")))?;
    Ok(vec![program.into_os_string(), super::WORKER.into()])
}

/// How many cores there are.
pub(super) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn random() -> io::Result<[u8; 16]> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    Ok(bytes)
}

/// The signal that asked for the end, if one did.
pub(super) struct Signalled(Arc<AtomicU8>);

impl Signalled {
    /// Its number.
    pub(super) fn received(&self) -> Option<u8> {
        Some(self.0.load(Ordering::SeqCst)).filter(|number| *number != 0)
    }
}

/// From now on Ctrl-C and the like end the run in good order.
pub(super) fn on_signal(stop: &Arc<Stop>) -> Result<Signalled, Failure> {
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP])
        .map_err(|error| Failure::ours(format!("cannot listen for signals: {error}")))?;
    let received = Arc::new(AtomicU8::new(0));
    let (number, stop) = (Arc::clone(&received), Arc::clone(stop));
    std::thread::spawn(move || {
        for signal in signals.forever() {
            number.store(u8::try_from(signal).unwrap_or(0), Ordering::SeqCst);
            stop.stop();
        }
    });
    Ok(Signalled(received))
}
