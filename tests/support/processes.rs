//! Processes that a test has started, found by their environment.

use std::fs;
use std::path::{Path, PathBuf};

/// A process.
#[derive(Debug)]
pub(crate) struct Process {
    folder: PathBuf,
    line: String,
}

/// Those whose home is this folder, as is that of whatever a [`super::Case`] runs.
pub(crate) fn of(home: &Path) -> Vec<Process> {
    let home = format!("HOME={}", home.display());
    let is_of = |folder: &Path| {
        let environment = fs::read(folder.join("environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|variable| variable == home.as_bytes())
    };
    let process = |folder: PathBuf| {
        let line = fs::read(folder.join("cmdline")).ok()?;
        let line = String::from_utf8_lossy(&line).replace('\0', " ");
        // What has ended and waits to be reaped has none.
        (!line.is_empty() && is_of(&folder)).then_some(Process { folder, line })
    };
    let all = fs::read_dir("/proc").expect("/proc").filter_map(Result::ok);
    all.filter_map(|entry| process(entry.path())).collect()
}

impl Process {
    /// It runs the binary under test.
    pub(crate) fn is_ours(&self) -> bool {
        self.line.starts_with(env!("CARGO_BIN_EXE_holdpoint"))
    }

    /// The most memory that it ever had, in KiB; 0 where it has ended.
    pub(crate) fn highest(&self) -> u64 {
        let status = fs::read_to_string(self.folder.join("status")).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default()
    }
}
