//! The harness: a folder of its own, the real binary, exact output.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

pub(crate) mod authority;
pub(crate) mod chance;
pub(crate) mod desk;
pub(crate) mod processes;
pub(crate) mod service;

/// A folder that a test works in; it goes when the test ends.
pub(crate) struct Case {
    folder: TempDir,
    /// What is the user's own: keys and marks.
    user: TempDir,
    variables: Vec<(String, String)>,
}

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Done {
    /// The exit code; 128 and the signal's number when a signal ended it.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Case {
    /// An empty folder outside git.
    pub(crate) fn new() -> Self {
        let folder = TempDir::with_prefix("holdpoint-").expect("a temporary folder");
        let user = TempDir::with_prefix("holdpoint-user-").expect("a temporary folder");
        Self { folder, user, variables: Vec::new() }
    }

    /// An empty folder with one checklist, `list.md`.
    pub(crate) fn with(checklist: &str) -> Self {
        let case = Self::new();
        case.write("list.md", checklist);
        case
    }

    /// Makes the folder a git repository and commits what is in it.
    pub(crate) fn committed(self) -> Self {
        self.git(&["init", "-q", "-b", "main", "--template="]);
        self.commit("begin");
        self
    }

    /// Commits everything.
    pub(crate) fn commit(&self, message: &str) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
    }

    /// The same once more, in folders of its own. Of git's folder only ours is copied: the rest is most of the files.
    pub(crate) fn copy(&self) -> Self {
        let copy = Self { variables: self.variables.clone(), ..Self::new() };
        for (from, to) in [(self.path(), copy.path()), (self.user(), copy.user())] {
            let is_git = |path: &Path| path.parent().is_some_and(|above| above.ends_with(".git"));
            let ours = |path: &Path| !is_git(path) || path.ends_with("holdpoint");
            let files = walkdir::WalkDir::new(from).min_depth(1).into_iter();
            for entry in files.filter_entry(|entry| ours(entry.path())) {
                let entry = entry.expect("an entry");
                let path = to.join(entry.path().strip_prefix(from).expect("below"));
                let made = match entry.file_type().is_dir() {
                    true => fs::create_dir(&path),
                    false => fs::copy(entry.path(), &path).map(drop),
                };
                made.expect("copied");
            }
        }
        copy
    }

    /// Sets a variable for the commands that follow.
    pub(crate) fn set(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Where the user's own things are.
    pub(crate) fn user(&self) -> &Path {
        self.user.path()
    }

    /// The log's key of the case's only ledger.
    pub(crate) fn log_key(&self) -> PathBuf {
        let files = walkdir::WalkDir::new(self.user()).into_iter().filter_map(Result::ok);
        let mut keys: Vec<PathBuf> = files
            .map(walkdir::DirEntry::into_path)
            .filter(|path| path.ends_with("log.key"))
            .collect();
        assert_eq!(keys.len(), 1, "{keys:?}");
        keys.remove(0)
    }

    /// Writes a file, with the folders it needs.
    pub(crate) fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        fs::write(path, content).expect("a file written");
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path().join(path)).expect("a text file")
    }

    /// The files below `path` whose name ends so, sorted.
    pub(crate) fn files(&self, path: &str, ending: &str) -> Vec<PathBuf> {
        let mut files: Vec<PathBuf> = walkdir::WalkDir::new(self.path().join(path))
            .into_iter()
            .filter_map(Result::ok)
            .filter(|entry| entry.file_type().is_file())
            .map(walkdir::DirEntry::into_path)
            .filter(|path| path.to_string_lossy().ends_with(ending))
            .collect();
        files.sort();
        files
    }

    /// Runs `git` in the folder; it must succeed.
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        let output = Command::new("git")
            .current_dir(self.path())
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .args(["-c", "user.name=Alice", "-c", "user.email=alice@example.com"])
            .args(arguments)
            .output()
            .expect("git is installed (apt-get install git)");
        assert!(output.status.success(), "git {arguments:?}: {output:?}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// The binary, ready to be started in the folder, in an environment of a few variables.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_holdpoint"));
        command
            .current_dir(self.path())
            .args(arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.path())
            .env("XDG_CONFIG_HOME", self.user.path())
            .env("USER", "alice")
            .env("LANG", "C.UTF-8")
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null());
        command
    }

    /// Runs the binary.
    pub(crate) fn run(&self, arguments: &[&str]) -> Done {
        self.command(arguments).output().expect("the binary starts").into()
    }

    /// Runs `list.md` without reports.
    pub(crate) fn run_list(&self) -> Done {
        self.run(&["run", "list.md", "--no-report"])
    }
}

impl From<Output> for Done {
    fn from(output: Output) -> Self {
        use std::os::unix::process::ExitStatusExt;
        let code = output.status.code();
        let signal = output.status.signal().map(|signal| 128 + signal);
        Self {
            code: code.or(signal).expect("an end"),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Done {
    /// Asserts the exit code, showing everything when it is another.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "out: {}\nerr: {}", self.out, self.err);
        self
    }

    /// Asserts that the output or the talk holds a text.
    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Self {
        let all = format!("{}\n{}", self.out, self.err);
        assert!(all.contains(text), "no `{text}` in:\n{all}");
        self
    }

    /// The outcome of each item, with the reason, where the output is JSON.
    #[track_caller]
    pub(crate) fn outcomes(&self) -> BTreeMap<String, (String, String)> {
        let json = self.json();
        let items = json["items"].as_array().expect("items").iter();
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        let why = |item: &serde_json::Value| (text(&item["outcome"]), text(&item["why"]));
        items.map(|item| (text(&item["item"]), why(item))).collect()
    }

    /// The output as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}", self.out))
    }
}
