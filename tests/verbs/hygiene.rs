//! What surrounds a shell check: its temporary folder, its limits, its sandbox.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::support::Case;

/// A case whose checks have their temporary folders in `tmp`.
fn case(checks: &[&str]) -> Case {
    let items = checks.iter().enumerate().map(|(at, check)| {
        let check: String = check.lines().map(|line| format!("  {line}\n")).collect();
        format!("- [ ] Item {at} `#i{at}`\n  ```bash check\n{check}  ```\n")
    });
    let case = Case::with(&format!("# R\n\n{}", items.collect::<String>()));
    case.write("tmp/.keep", "");
    let tmp = case.path().join("tmp").to_string_lossy().into_owned();
    case.set("TMPDIR", &tmp)
}

fn left(case: &Case) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(case.path().join("tmp")).expect("a folder");
    let paths = entries.filter_map(Result::ok).map(|entry| entry.path());
    paths.filter(|path| !path.ends_with(".keep")).collect()
}

#[test]
fn each_check_has_a_temporary_folder_of_its_own_which_goes() {
    let case = case(&[
        "case $TMPDIR in \"$HOME\"/tmp/holdpoint-*) stat -c %a \"$TMPDIR\" ;; esac\n# Expected: 700\nls -A \"$TMPDIR\" | wc -l\n# expect: value == 0\necho x >\"$TMPDIR/x\"; mkdir \"$TMPDIR/locked\"; touch \"$TMPDIR/locked/y\"; chmod 0 \"$TMPDIR/locked\"\n# expect: exit == 0",
        "ls -A \"$TMPDIR\" | wc -l\n# expect: value == 0\ndirname \"$(mktemp)\" | grep -c holdpoint-\n# expect: value == 1",
        "# timeout: 300ms\ntouch \"$TMPDIR/z\"; sleep 60\n# expect: exit == 0",
        "touch \"$TMPDIR/z\"; kill -KILL $PPID; sleep 5\n# expect: exit == 0",
        &format!("true {}\ntouch \"$TMPDIR/z\"\n# expect: exit == 0", "x".repeat(50_000)),
    ]);
    let done = case.run(&["run", "list.md", "--no-report", "--jobs", "1"]).exits(20);
    done.says("timed out").says("the worker process that ran it is gone").says("3 pass");
    assert_eq!(left(&case), Vec::<PathBuf>::new());
}

#[test]
fn the_temporary_folder_goes_when_we_are_killed() {
    let case = case(&["touch \"$TMPDIR/z\" begun; sleep 4271\n# expect: exit == 0"]);
    let mut child =
        case.command(&["run", "list.md", "--no-report"]).spawn().expect("the binary starts");
    let begun = Instant::now();
    let wait = |what: &str, over: &dyn Fn() -> bool| {
        while !over() {
            assert!(begun.elapsed() < Duration::from_secs(60), "{what}");
            std::thread::sleep(Duration::from_millis(10));
        }
    };
    wait("the check never began", &|| case.path().join("begun").exists());
    assert_eq!(left(&case).len(), 1);
    child.kill().expect("killed");
    child.wait().expect("an end");
    wait("the folder stayed", &|| left(&case).is_empty());
}

#[test]
fn checks_inherit_limits() {
    case(&[
        "ulimit -Hc\n# Expected: 0",
        "ulimit -Sn\n# expect: value <= 1024",
        "ulimit -Hn\n# expect: value <= 65536",
        "touch new; stat -c %a new\n# Expected: 644",
    ])
    .run_list()
    .exits(0);
}

#[test]
fn in_the_sandbox_only_the_temporary_folder_can_be_written_to() {
    let sandboxed = |script: &str| format!("# sandbox: no-writes\n{script}\n# expect: exit == 0");
    let writes = [
        "echo x > here",
        "echo x >> \"$HOME/list.md\"",
        "rm list.md",
        "mkdir folder",
        "ln -s list.md link",
        "mv list.md other",
        "ln list.md \"$TMPDIR/other\"",
        "truncate -s 0 list.md",
        "python3 -c 'import os; os.truncate(\"list.md\", 0)'",
        "bash -c 'setsid bash -c \"echo x > here\"'",
        "mkfifo pipe",
        "echo x > \"$TMPDIR/../beside\"",
    ];
    let checks: Vec<String> = writes.iter().map(|write| sandboxed(write)).collect();
    let case = case(&checks.iter().map(String::as_str).collect::<Vec<_>>());
    let before = case.read("list.md");
    let done = case.run_list().exits(20);
    assert_eq!(done.err.matches("sandbox: no-writes").count(), writes.len(), "{done:?}");
    assert!(done.out.contains(&format!("{} fail", writes.len())), "{done:?}");
    let results = case.run(&["status", "--format", "json"]).json();
    for item in results["items"].as_array().expect("items") {
        assert_eq!(item["outcome"], "fail", "{item}");
    }
    assert_eq!(case.read("list.md"), before);
    for made in ["here", "folder", "link", "other", "pipe", "tmp/beside"] {
        assert!(std::fs::symlink_metadata(case.path().join(made)).is_err(), "{made}");
    }
    assert_eq!(left(&case), Vec::<PathBuf>::new());
}

#[test]
fn in_the_sandbox_all_else_goes_on_and_it_ends_with_the_check() {
    case(&[
        "# sandbox: no-writes\necho x >/dev/null; echo y >/dev/stderr; cat <<<z >\"$TMPDIR/a\"; mkdir \"$TMPDIR/b\"; mv \"$TMPDIR/a\" \"$TMPDIR/b\"; cat list.md \"$TMPDIR/b/a\"\n# expect: stdout contains \"sandbox\"\n# expect: stderr == \"y\"\nsleep 0.1 & wait\n# expect: exit == 0\n(exit 4)\n# expect: exit == 4",
        "touch written\n# expect: exit == 0",
    ])
    .run(&["run", "list.md", "--no-report", "--jobs", "1"])
    .exits(0);
}
