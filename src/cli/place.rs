//! Where the program was called: the repository around it, and what the caller's environment says.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use holdpoint::clock::Clock;

use super::failure::Failure;

/// The repository and the caller.
pub struct Place {
    /// The folder that holds `ledger/` and `reports/`; checks run here.
    pub root: PathBuf,
    /// The repository's git, if it is one.
    pub git: Option<Git>,
    /// Who writes: `name@host`, or the CI job.
    pub writer: String,
    /// The clock; fixed where `HOLDPOINT_CLOCK` says so.
    pub clock: Clock,
}

/// What git says of the work tree.
pub struct Git {
    /// The folder that work trees share.
    pub common_dir: PathBuf,
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
    pub fn find(directory: &Path) -> Result<Self, Failure> {
        let directory = directory.canonicalize().map_err(|error| {
            Failure::usage(format!("cannot open folder `{}`: {error}", directory.display()))
        })?;
        let top = git(&directory, &["rev-parse", "--show-toplevel", "--git-common-dir"]);
        let mut lines = top.as_deref().unwrap_or_default().lines();
        let top = lines.next().map(PathBuf::from);
        let common = lines.next().map(|common| directory.join(common));
        let root = ledger_above(&directory, top.as_deref())
            .or_else(|| top.clone())
            .unwrap_or_else(|| directory.clone());
        let git = common.map(|common_dir| Git::read(&root, common_dir));
        Ok(Self { root, git, writer: writer(), clock: clock()? })
    }

    /// The folder for the lock and the journal, outside the work tree where that is possible.
    pub fn private(&self) -> PathBuf {
        match &self.git {
            Some(git) => git.common_dir.join("holdpoint"),
            None => self.root.join("ledger"),
        }
    }

    /// `path` as the ledger names it: relative to the root, with `/`.
    pub fn name(&self, path: &Path) -> String {
        let full = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        full.strip_prefix(&self.root).unwrap_or(&full).to_string_lossy().replace('\\', "/")
    }
}

impl Git {
    fn read(root: &Path, common_dir: PathBuf) -> Self {
        let ask = |arguments: &[&str]| git(root, arguments).unwrap_or_default().trim().to_owned();
        let status = ["status", "--porcelain", "--", ".", ":!ledger", ":!reports"];
        let branch = ask(&["symbolic-ref", "--short", "-q", "HEAD"]);
        Self {
            commit: ask(&["rev-parse", "-q", "--verify", "HEAD"]),
            // Where git cannot tell, the work tree does not count as clean.
            dirty: git(root, &status).is_none_or(|changes| !changes.trim().is_empty()),
            remote: !ask(&["remote"]).is_empty(),
            branch: if branch.is_empty() { "main".to_owned() } else { branch },
            describe: ask(&["describe", "--tags", "--always"]),
            common_dir,
        }
    }

    /// Whether the commit checked out has the same content as `commit`, holdpoint's own files aside.
    pub fn same_content(&self, root: &Path, commit: &str) -> bool {
        let hex = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        self.commit == commit
            || hex(commit)
                && hex(&self.commit)
                && git(root, &["diff", "--quiet", commit, &self.commit, "--", ".", ":!ledger", ":!reports"])
                    .is_some()
    }
}

/// What git prints, where it succeeds; a hook of the repository must not run because we look.
fn git(directory: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new("git")
        .args(["-c", "core.fsmonitor=false", "-C"])
        .arg(directory)
        .args(arguments)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
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

fn clock() -> Result<Clock, Failure> {
    match variable("HOLDPOINT_CLOCK") {
        None => Ok(Clock::System),
        Some(text) => text.parse().map(Clock::Fixed).map_err(|error| {
            Failure::usage(format!("`HOLDPOINT_CLOCK` is `{text}`: {error}"))
        }),
    }
}

/// A CI job names itself; a person is `name@host`.
fn writer() -> String {
    if let (Some(repository), Some(run)) = (variable("GITHUB_REPOSITORY"), variable("GITHUB_RUN_ID")) {
        let job = variable("GITHUB_JOB").unwrap_or_default();
        return format!("github:{repository}/{run}/{job}");
    }
    if let (Some(project), Some(job)) = (variable("CI_PROJECT_PATH"), variable("CI_JOB_ID")) {
        return format!("gitlab:{project}/{job}");
    }
    let user = ["USER", "LOGNAME", "USERNAME"].into_iter().find_map(variable);
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    format!("{}@{host}", user.unwrap_or_else(|| "unknown".to_owned()))
}

/// A variable that is set, not empty and text.
fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// The caller's variables, as far as they are text.
pub fn caller() -> BTreeMap<String, String> {
    env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

/// How to start this program again as a worker.
pub fn worker() -> Result<(PathBuf, &'static OsStr), Failure> {
    let program = env::current_exe()
        .map_err(|error| Failure::ours(format!("cannot find this program's own file: {error}")))?;
    Ok((program, OsStr::new(super::WORKER)))
}
