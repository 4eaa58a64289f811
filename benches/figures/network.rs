//! Checks that ask others: a web server, another machine.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::service::Service;
use super::{BINARY, folder, fresh_run, in_turn, show, timed};

/// A status and a value in the JSON of an answer, many times, beside hurl with the same in one file.
pub(crate) fn http() {
    let server = Service::nginx();
    let url = format!("http://127.0.0.1:{}/health", server.port);
    for count in [100, 1_000] {
        let item = |n: usize| {
            format!(
                "- [ ] Item {n}\n  ```http check\n  GET {url}\n\n  # expect: status == 200\n  # expect: .redis.connected == true\n  ```\n"
            )
        };
        let many = folder(&format!("# Many\n\n{}", (0..count).map(item).collect::<String>()));
        let request =
            format!("GET {url}\nHTTP 200\n[Asserts]\njsonpath \"$.redis.connected\" == true\n\n");
        std::fs::write(many.path().join("many.hurl"), request.repeat(count)).expect("a file");
        let what = format!("{count} requests, status and JSON");
        if hurl(many.path()).is_none() {
            let ours = super::median(|| fresh_run(many.path()));
            show(&what, ours, "hurl is not installed (`cargo install hurl`): not compared");
            continue;
        }
        let (ours, theirs, ratio) =
            in_turn(|| fresh_run(many.path()), || hurl(many.path()).unwrap_or_default());
        let beside = format!("hurl {:.1} ms: {ratio:.2} times", theirs.as_secs_f64() * 1e3);
        show(&what, ours, &beside);
    }
}

fn hurl(folder: &Path) -> Option<Duration> {
    let mut passed = false;
    let time = timed(|| {
        let mut command = Command::new("hurl");
        command.args(["--test", "many.hurl"]).current_dir(folder).stdin(Stdio::null());
        passed = command.output().is_ok_and(|output| output.status.success());
    });
    passed.then_some(time)
}

/// A check over ssh to this machine, beside the same command by ssh alone.
pub(crate) fn ssh() {
    let server = Service::sshd();
    let bin = server.ssh();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap_or_default());
    let list = "# One\n\n- [ ] One\n  ```bash check\n  # on: ssh://box\n  true\n  # expect: exit == 0\n  ```\n";
    let one = folder(list);
    let here = folder(&list.replace("  # on: ssh://box\n", ""));
    let run = |folder: &Path| {
        let _ = std::fs::remove_dir_all(folder.join("ledger"));
        let holdpoint = |arguments: &[&str]| {
            let mut command = Command::new(BINARY);
            command.args(arguments).current_dir(folder).env("PATH", &path).stdin(Stdio::null());
            assert!(command.output().is_ok_and(|output| output.status.success()), "{arguments:?}");
        };
        holdpoint(&["init", "."]);
        timed(|| holdpoint(&["run", "list.md", "--no-report"]))
    };
    let bare = || {
        timed(|| {
            let mut command = Command::new(bin.join("ssh"));
            command.args(["-T", "-o", "BatchMode=yes", "box", "bash -c true"]).stdin(Stdio::null());
            assert!(command.output().is_ok_and(|output| output.status.success()));
        })
    };
    // What a run costs by itself is no part of what its check costs.
    let empty = super::median(|| run(here.path()));
    let (ours, alone, ratio) = in_turn(|| run(one.path()).saturating_sub(empty), bare);
    let beside =
        format!("ssh alone {:.1} ms: {ratio:.2} times, limit 1.1", alone.as_secs_f64() * 1e3);
    show("a check over ssh, less a run with one here", ours, &beside);
}
