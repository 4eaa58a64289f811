//! Random histories of two clones: merged, rebased, squashed, stashed, put back, while sessions run.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::io::Read;
use std::process::{Command, Output, Stdio};

use crate::support::Case;
use crate::support::chance::{Chance, amount};

use super::{acknowledged, list, recorded};

/// Two clones of a repository; the first one seals, on its trunk.
struct World {
    origin: Case,
    clones: [Case; 2],
    /// What runs said they recorded, by release.
    told: BTreeMap<String, BTreeSet<String>>,
    /// What was done, for whoever looks for a fault.
    story: Vec<String>,
}

impl World {
    fn new() -> Self {
        let origin = Case::new();
        origin.git(&["init", "-q", "--bare", "-b", "main", "--template="]);
        let url = origin.path().to_string_lossy().into_owned();
        let first = Case::with(&list(3).replace("true", "sleep 0.1"));
        // Whoever goes back to before there was a ledger begins another.
        first.git(&["init", "-q", "-b", "main", "--template="]);
        first.git(&["remote", "add", "origin", &url]);
        first.run(&["init", "."]).exits(0);
        first.commit("ledger");
        first.git(&["push", "-q", "-u", "origin", "main"]);
        let second = Case::new();
        second.git(&["clone", "-q", &url, "."]);
        Self { origin, clones: [first, second], told: BTreeMap::new(), story: Vec::new() }
    }

    /// Runs git, which may refuse, and must not find a conflict.
    fn git(&mut self, at: usize, arguments: &[&str]) -> bool {
        let case = &self.clones[at];
        let output: Output = Command::new("git")
            .current_dir(case.path())
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_EDITOR", "true")
            .args([
                "-c",
                "user.name=Alice",
                "-c",
                "user.email=alice@example.com",
                "-c",
                "gc.auto=0",
            ])
            .args(arguments)
            .output()
            .expect("git");
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said).into_owned();
        let refused = if output.status.success() { "" } else { " (refused)" };
        self.story.push(format!("{at}: git {}{refused}", arguments.join(" ")));
        let conflict = said.contains("CONFLICT") || said.contains("conflict");
        assert!(!conflict, "{said}\n{}", self.story.join("\n"));
        output.status.success()
    }

    fn commit(&mut self, at: usize) {
        self.git(at, &["add", "-A"]);
        self.git(at, &["commit", "-q", "-m", "work"]);
    }

    /// A run, and something that git does meanwhile.
    fn run(&mut self, at: usize, report: bool, meanwhile: impl FnOnce(&mut Self)) {
        let release = format!("{at}-{}", self.told.len());
        let mut arguments = vec!["run", "list.md", "--release", &release];
        if !report {
            arguments.push("--no-report");
        }
        self.story.push(format!("{at}: {}", arguments.join(" ")));
        let mut child = self.clones[at]
            .command(&arguments)
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("started");
        meanwhile(self);
        let mut talk = String::new();
        child.stderr.take().expect("its talk").read_to_string(&mut talk).expect("text");
        child.wait().expect("an end");
        self.told.insert(release, acknowledged(&talk));
    }

    fn step(&mut self, chance: &mut Chance) {
        let at = chance.below(2) as usize;
        match chance.below(10) {
            0 | 1 => self.run(at, chance.below(4) == 0, |_| ()),
            2 => self.run(at, false, |world| {
                world.git(at, &["stash", "-q"]);
            }),
            3 => {
                self.run(at, false, |world| {
                    world.git(at, &["stash", "-q", "-u"]);
                });
                // What came back meanwhile is in the way of what was put aside: it is the same.
                if !self.git(at, &["stash", "pop", "-q"]) {
                    self.git(at, &["stash", "drop", "-q"]);
                }
            }
            4 => {
                self.commit(at);
                self.git(at, &["pull", "-q", "--no-rebase", "--no-edit"]);
                self.git(at, &["push", "-q"]);
            }
            5 => {
                self.commit(at);
                self.git(at, &["pull", "-q", "--rebase"]);
                self.git(at, &["push", "-q"]);
            }
            6 => {
                self.branch(at, chance);
                self.git(at, &["merge", "-q", "--no-edit", "--no-ff", "work"]);
            }
            7 => {
                self.branch(at, chance);
                self.git(at, &["merge", "-q", "--squash", "work"]);
                self.commit(at);
            }
            8 => {
                self.branch(at, chance);
                self.git(at, &["rebase", "-q", "main", "work"]);
                self.git(at, &["checkout", "-q", "main"]);
                self.git(at, &["merge", "-q", "--ff-only", "work"]);
            }
            _ => self.seal(),
        }
        self.git(at, &["branch", "-q", "-D", "work"]);
    }

    /// Work on a branch that begins a commit or two ago, and some on the trunk beside it.
    fn branch(&mut self, at: usize, chance: &mut Chance) {
        self.commit(at);
        let from = format!("main~{}", chance.below(2));
        if !self.git(at, &["checkout", "-q", "-b", "work", &from]) {
            return;
        }
        self.run(at, false, |_| ());
        self.commit(at);
        self.git(at, &["checkout", "-q", "main"]);
        if chance.below(2) == 0 {
            self.run(at, false, |_| ());
            self.commit(at);
        }
    }

    fn seal(&mut self) {
        self.commit(0);
        let done = self.clones[0].run(&["seal"]);
        self.story.push(format!("0: seal ({})", done.code));
        self.commit(0);
    }

    /// Brings everything together, and looks at it from both sides.
    fn end(mut self, seed: u64) {
        let told = std::mem::take(&mut self.told);
        for at in [0, 1, 0, 1] {
            // Whoever writes puts back what git took away.
            self.run(at, false, |_| ());
            self.commit(at);
            assert!(self.git(at, &["pull", "-q", "--no-rebase", "--no-edit"]), "{seed}");
            assert!(self.git(at, &["push", "-q"]), "{seed}");
        }
        self.git(0, &["pull", "-q", "--no-rebase", "--no-edit"]);
        self.seal();
        assert!(self.git(0, &["push", "-q"]), "{seed}");
        self.git(1, &["pull", "-q", "--no-rebase", "--no-edit"]);
        let story = self.story.join("\n");
        if std::env::var_os("HOLDPOINT_STORY").is_some() {
            println!("{story}\n");
        }
        for case in &self.clones {
            let verified = case.run(&["verify"]);
            assert_eq!(verified.code, 0, "seed {seed}: {verified:?}\n{story}");
            let kept = recorded(case);
            for (release, items) in &told {
                let known = kept.get(release).cloned().unwrap_or_default();
                assert!(items.is_subset(&known), "seed {seed}: {release} {items:?}\n{story}");
            }
        }
        drop(self.origin);
    }
}

#[test]
fn whatever_git_does_there_is_no_conflict_and_nothing_is_lost() {
    let chance = Chance::new();
    let histories = amount(4, 100);
    std::thread::scope(|scope| {
        for thread in 0..2 {
            let chance = &chance;
            scope.spawn(move || {
                for history in (thread..histories).step_by(2) {
                    let mut chance = chance.part(history);
                    let mut world = World::new();
                    (0..amount(8, 20)).for_each(|_| world.step(&mut chance));
                    world.end(chance.seed);
                }
            });
        }
    });
}
