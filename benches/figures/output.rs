//! Checks that print much.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::{BINARY, folder, in_turn, show, timed};

/// 64 MB of log lines through a check, with and without secrets and rules to look for.
pub(crate) fn redaction() {
    let block = "- [ ] Much\n  ```bash check\n  # timeout: 5m\n  yes '2026-11-21T10:00:00Z INFO request 4711 answered in 12 ms with 200 for https://api.example.com/v1/orders' | head -c 64000000\n  # expect: exit == 141\n  # expect: lines > 1\n  ```\n";
    let plain = folder(&format!("# Much\n\n{block}"));
    let names: Vec<String> = (0..20).map(|n| format!("SECRET_{n}")).collect();
    let params: String =
        names.iter().map(|name| format!("  - name: {name}\n    secret: true\n")).collect();
    let guarded = folder(&format!("---\nparams:\n{params}---\n# Much\n\n{block}"));
    let run = |folder: &Path, given: &[&str]| {
        timed(|| {
            let mut command = Command::new(BINARY);
            command.args(["run", "list.md", "--no-report"]).args(given).current_dir(folder);
            for name in &names {
                command.env(name, format!("hunter2-{name}-not-in-any-output"));
            }
            assert!(command.output().is_ok_and(|output| output.status.success()));
        })
    };
    let given: Vec<&str> = names.iter().flat_map(|name| ["--param-env", name]).collect();
    let bare = || {
        timed(|| {
            let script = block.lines().find(|line| line.contains("yes")).unwrap_or_default();
            let output = Command::new("bash").args(["-c", script]).stdout(Stdio::piped()).output();
            assert!(output.is_ok_and(|output| output.stdout.len() == 64_000_000));
        })
    };
    let speed = |time: Duration| 64.0 / time.as_secs_f64();
    let (with, without, ratio) = in_turn(|| run(guarded.path(), &given), || run(plain.path(), &[]));
    let alone = super::median(bare);
    show(
        "64 MB of output, 20 secrets",
        with,
        &format!(
            "without secrets {:.0} ms: {ratio:.2} times; {:.0} MB/s; into a pipe alone {:.0} ms",
            without.as_secs_f64() * 1e3,
            speed(with),
            alone.as_secs_f64() * 1e3
        ),
    );
}

/// The largest memory of a run, all its processes together, while a check prints 1 MB and 1 GB.
pub(crate) fn flood() {
    let peak = |bytes: u64| {
        let place = folder(&format!(
            "# Flood\n\n- [ ] Much\n  ```bash check\n  # timeout: 10m\n  yes 'a line of a log' | head -c {bytes}\n  # expect: exit == 141\n  # expect: stdout contains \"log\"\n  ```\n"
        ));
        let mut command = Command::new(BINARY);
        command.args(["run", "list.md", "--no-report"]).current_dir(place.path());
        let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        of_all(quiet.spawn().expect("the binary runs"))
    };
    let (little, much) = (peak(1_000_000), peak(1_000_000_000));
    println!(
        "{:<52} {:>10.1} MB   at 1 MB {:.1} MB; limit: flat",
        "memory while a check prints 1 GB",
        much / 1e6,
        little / 1e6
    );
}

/// The largest memory of a process and those that it started, in bytes, as far as looking every ten
/// milliseconds tells.
fn of_all(mut child: Child) -> f64 {
    let own = child.id();
    let mut peak = 0.0_f64;
    loop {
        if let Some(status) = child.try_wait().expect("a child") {
            assert!(status.success(), "{status}");
            return peak;
        }
        let ours = workers(own);
        peak = peak.max([own].into_iter().chain(ours).map(resident).sum());
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// The workers of a run: what they run is the check's own.
fn workers(own: u32) -> Vec<u32> {
    let children = std::fs::read_to_string(format!("/proc/{own}/task/{own}/children"));
    let ids = children.unwrap_or_default();
    ids.split_whitespace().filter_map(|id| id.parse().ok()).collect()
}

fn resident(id: u32) -> f64 {
    let text = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<f64>().ok());
    kilobytes.unwrap_or(0.0) * 1024.0
}
