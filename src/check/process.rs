//! Everything that a check starts ends with it.
//!
//! A worker is the reaper of its descendants (Linux), so that whatever a check leaves behind, in
//! whatever session or group, is found below the worker and killed. The program is a reaper too: what
//! a check leaves behind that has ended its worker is found below the program.

use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitOptions, kill_process, kill_process_group, wait};

/// How long killing may take before we say that something could not be ended.
const PATIENCE: Duration = Duration::from_secs(5);

/// Makes this process the reaper of its descendants.
///
/// It does not ask for a signal at its parent's death: that would end it before it has ended what a
/// check started. The end of its standard input tells it the same.
pub(crate) fn become_reaper() {
    #[cfg(target_os = "linux")]
    {
        // Without it a kernel too old for it leaves only the process group to be killed.
        let _ = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
    }
}

/// Files that may be open at once: what a program gets, and what it may ask for.
const OPEN_FILES: [u64; 2] = [1 << 10, 1 << 16];

/// Bounds what checks inherit: no core files, a number of open files, no files that others may write to.
pub(super) fn limit() {
    use rustix::fs::Mode;
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit, umask};
    // A bound of the caller's that is tighter stays; nothing else can go wrong in lowering one.
    let known = getrlimit(Resource::Nofile);
    let [current, maximum] = [known.current, known.maximum];
    let open = Rlimit {
        current: Some(current.map_or(OPEN_FILES[0], |current| current.min(OPEN_FILES[0]))),
        maximum: Some(maximum.map_or(OPEN_FILES[1], |maximum| maximum.min(OPEN_FILES[1]))),
    };
    let _ = setrlimit(Resource::Nofile, open);
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    let private = umask(Mode::from_raw_mode(0o077));
    umask(private | Mode::from_raw_mode(0o022));
}

/// Kills the group of `shell` and all descendants; true when none is left.
pub(super) fn kill_all(shell: Pid) -> bool {
    let _ = kill_process_group(shell, Signal::KILL);
    let begun = Instant::now();
    loop {
        if !reap() {
            return true;
        }
        let found = below(&[rustix::process::getpid()]);
        // Stopped first, they cannot fork faster than we kill.
        for signal in [Signal::STOP, Signal::KILL] {
            for &pid in &found {
                let _ = kill_process(pid, signal);
            }
        }
        if begun.elapsed() > PATIENCE {
            return !reap();
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Takes the ends of children that have ended; true when children are left.
pub(super) fn reap() -> bool {
    loop {
        match wait(WaitOptions::NOHANG) {
            Ok(Some(_)) => {}
            Ok(None) => return true,
            Err(_) => return false,
        }
    }
}

/// Kills the children of this process that are not among `ours`, and all below them.
pub(crate) fn kill_strays(ours: &[Pid]) {
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        let me = rustix::process::getpid();
        let children = parents().into_iter().filter(|(_, parent)| *parent == me);
        let strays: Vec<Pid> =
            children.map(|(child, _)| child).filter(|child| !ours.contains(child)).collect();
        if strays.is_empty() {
            return;
        }
        let mut found = strays.clone();
        found.extend(below(&strays));
        for signal in [Signal::STOP, Signal::KILL] {
            for &pid in &found {
                let _ = kill_process(pid, signal);
            }
        }
        for stray in strays {
            let _ = rustix::process::waitpid(Some(stray), WaitOptions::NOHANG);
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// All processes below `roots`, without them.
fn below(roots: &[Pid]) -> Vec<Pid> {
    let parents = parents();
    let mut found = roots.to_vec();
    let mut at = 0;
    while let Some(&parent) = found.get(at) {
        found.extend(parents.iter().filter(|(_, of)| *of == parent).map(|(pid, _)| *pid));
        at += 1;
    }
    found.split_off(roots.len())
}

/// Every process with its parent.
#[cfg(target_os = "linux")]
fn parents() -> Vec<(Pid, Pid)> {
    let mut parents = Vec::new();
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let name = entry.file_name();
        let Some(pid) = name.to_str().and_then(|name| name.parse::<i32>().ok()) else {
            continue;
        };
        let Ok(stat) = std::fs::read_to_string(entry.path().join("stat")) else {
            continue;
        };
        // The command's name is in parentheses and may hold anything, also parentheses.
        let parent = stat
            .rsplit_once(')')
            .and_then(|(_, rest)| rest.split_whitespace().nth(1)?.parse::<i32>().ok());
        parents.extend(Pid::from_raw(pid).zip(parent.and_then(Pid::from_raw)));
    }
    parents
}

#[cfg(not(target_os = "linux"))]
fn parents() -> Vec<(Pid, Pid)> {
    Vec::new()
}
