//! The demo stack, as people start it, and the checklist that is run against it.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::{Case, Done};

/// How long anything of the stack may take.
const PATIENCE: Duration = Duration::from_secs(90);

/// A folder with a copy of the checklist and of the stack, which keeps what it needs below it.
struct Demo(Case);

impl Demo {
    fn new() -> Self {
        let case = Case::new();
        // PostgreSQL is run by nobody where we are root.
        fs::set_permissions(case.path(), fs::Permissions::from_mode(0o711)).expect("a mode");
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("checklists");
        for file in walkdir::WalkDir::new(&shipped).into_iter().filter_map(Result::ok) {
            if file.file_type().is_file() {
                let name = Path::new("checklists")
                    .join(file.path().strip_prefix(&shipped).expect("below the folder"));
                case.write(&name.to_string_lossy(), fs::read(file.path()).expect("a file"));
            }
        }
        let stack = case.path().join("checklists/demo/stack");
        fs::set_permissions(stack, fs::Permissions::from_mode(0o755)).expect("a mode");
        Self(case.committed())
    }

    /// The script, with the binary under test on its path.
    fn command(&self, words: &[&str]) -> Command {
        let binary = Path::new(env!("CARGO_BIN_EXE_holdpoint")).parent().expect("a folder");
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = [binary.to_owned()].into_iter().chain(std::env::split_paths(&path));
        let mut command = Command::new(self.0.path().join("checklists/demo/stack"));
        command
            .current_dir(self.0.path())
            .args(words)
            .env("PATH", std::env::join_paths(folders).expect("a path"))
            .env("HOME", self.0.path())
            .env("TMPDIR", self.0.path())
            .stdin(Stdio::null());
        command
    }

    fn does(&self, words: &[&str]) -> Done {
        self.command(words).output().expect("bash starts").into()
    }

    /// What a run comes to: its verdict, and the outcome of each item.
    fn run(&self) -> (Done, BTreeMap<String, String>) {
        let done = self.does(&["run", "--no-report", "--format", "json"]);
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        let json = done.json();
        let items = json["items"].as_array().expect("items").iter();
        let outcomes = items.map(|item| (text(&item["item"]), text(&item["outcome"])));
        let outcomes = outcomes.collect();
        (done, outcomes)
    }

    /// The folder of what runs, if any does.
    fn folder(&self) -> Option<PathBuf> {
        let entries = fs::read_dir(self.0.path()).expect("a folder").filter_map(Result::ok);
        entries.map(|entry| entry.path()).find(|path| {
            path.file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with("holdpoint-demo-"))
        })
    }

    /// Processes that work in the folder, or did before it was removed.
    fn processes(&self) -> Vec<String> {
        let below = |process: &fs::DirEntry| {
            fs::read_link(process.path().join("cwd"))
                .is_ok_and(|folder| folder.starts_with(self.0.path()))
        };
        let processes = fs::read_dir("/proc").expect("/proc").filter_map(Result::ok);
        let name = |process: fs::DirEntry| {
            fs::read_to_string(process.path().join("comm")).unwrap_or_default().trim().to_owned()
        };
        processes.filter(below).map(name).filter(|name| !name.is_empty()).collect()
    }

    #[track_caller]
    fn leaves_nothing(&self) {
        let begun = Instant::now();
        while self.folder().is_some() || !self.processes().is_empty() {
            assert!(begun.elapsed() < PATIENCE, "left: {:?} {:?}", self.folder(), self.processes());
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.command(&["stop"]).output();
    }
}

#[test]
fn the_demo_stack_is_go_until_its_service_is_stopped() {
    let demo = Demo::new();
    demo.does(&["start"]).exits(0).says("The demo stack is up");
    demo.does(&["start"]).exits(1).says("it runs already");

    let looked = [
        "access",
        "redis",
        "schema",
        "health",
        "metrics",
        "spot-check",
        "scraped",
        "version",
        "rules",
        "latency",
        "alerts",
        "cache",
        "redis-memory",
        "errors",
        "cache-day",
    ];
    let (done, outcomes) = demo.run();
    for item in looked {
        assert_eq!(outcomes[item], "pass", "{item}: {}", done.err);
    }
    assert_eq!(outcomes["rollout"], "skipped", "there is no cluster");
    done.exits(0);

    demo.does(&["stop", "service"]).exits(0);
    let (done, outcomes) = demo.run();
    for (item, outcome) in
        [("health", "error"), ("metrics", "pending"), ("scraped", "fail"), ("redis", "pass")]
    {
        assert_eq!(outcomes[item], outcome, "{item}: {}", done.err);
    }
    done.exits(20);

    demo.does(&["start", "service"]).exits(0);
    demo.does(&["stop", "redis"]).exits(0);
    let (done, outcomes) = demo.run();
    for (item, outcome) in [("health", "fail"), ("redis", "fail"), ("schema", "pass")] {
        assert_eq!(outcomes[item], outcome, "{item}: {}", done.err);
    }
    done.exits(20);

    demo.does(&["stop"]).exits(0);
    demo.leaves_nothing();
    demo.does(&["run"]).exits(1).says("nothing runs");
}

#[test]
fn the_demo_stack_ends_with_who_started_it_and_with_its_keeper() {
    let demo = Demo::new();
    let mut attended = demo.command(&[]).stdout(Stdio::null()).spawn().expect("bash starts");
    let begun = Instant::now();
    while !demo.folder().is_some_and(|folder| folder.join("ready").exists()) {
        assert!(begun.elapsed() < PATIENCE, "it is not up");
        std::thread::sleep(Duration::from_millis(100));
    }
    assert!(demo.processes().len() > 4, "{:?}", demo.processes());
    attended.kill().expect("killed");
    attended.wait().expect("an end");
    demo.leaves_nothing();

    demo.does(&["start"]).exits(0);
    let folder = demo.folder().expect("a folder");
    let keeper = fs::read_to_string(folder.join("keeper")).expect("its number");
    let killed = Command::new("kill").args(["-KILL", keeper.trim()]).status().expect("kill starts");
    assert!(killed.success());
    let begun = Instant::now();
    while !demo.processes().is_empty() {
        assert!(begun.elapsed() < PATIENCE, "left: {:?}", demo.processes());
        std::thread::sleep(Duration::from_millis(100));
    }
    demo.does(&["stop"]).exits(0);
    demo.leaves_nothing();
}

#[test]
fn the_demo_stack_says_which_packages_it_needs() {
    let demo = Demo::new();
    let tools = demo.0.path().join("tools");
    fs::create_dir(&tools).expect("a folder");
    for tool in ["bash", "env", "dirname", "id", "find", "sort", "tail"] {
        let found = std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())
            .map(|folder| folder.join(tool))
            .find(|path| path.is_file())
            .expect("a tool that is everywhere");
        std::os::unix::fs::symlink(found, tools.join(tool)).expect("a link");
    }
    let done = demo.command(&["start"]).env("PATH", &tools).output().expect("bash starts");
    Done::from(done).exits(1).says(
        "needs Debian's packages: redis-server redis-tools postgresql-client prometheus python3",
    );
    demo.leaves_nothing();
}
