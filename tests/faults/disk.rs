//! A disk that is full.

use std::process::Command;

use crate::support::Case;
use crate::support::chance::amount;

use super::{acknowledged, list, recorded};

/// Fills a file system of 400 KiB, runs what is to be run on it twice, and makes room between.
const SCRIPT: &str = "
set -eu
mount -t tmpfs -o size=400k none disk
cp list.md disk/ && cd disk
\"$HOLDPOINT\" init >/dev/null 2>&1
head -c 10m /dev/zero > full 2>/dev/null || true
left=$1
truncate -s -$((left * 1024)) full
\"$HOLDPOINT\" run list.md --no-report --release full > ../out 2> ../err || echo $? > ../code
rm full
\"$HOLDPOINT\" seal > ../out2 2> ../err2
cp -r ledger ../ledger
";

#[test]
fn a_full_disk_takes_nothing_that_was_acknowledged() {
    let case = Case::with(&list(20));
    std::fs::create_dir(case.path().join("disk")).expect("a folder");
    let mut full = 0;
    for left in (8..).step_by(8).take(amount(2, 30) as usize) {
        let _ = std::fs::remove_dir_all(case.path().join("ledger"));
        let plain = case.command(&[]);
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--mount", "sh", "-c", SCRIPT, "sh"]);
        command.arg(left.to_string()).current_dir(case.path()).env_clear();
        command.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
        command.env("HOLDPOINT", plain.get_program());
        let done = command.output().expect("unshare is installed (apt-get install util-linux)");
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        if said.contains("Operation not permitted") || said.contains("permission denied") {
            // A container may forbid it; then `calls.rs` alone shows what a full disk does.
            let full = amount(0, 1) == 1;
            assert!(!full, "cannot mount a tmpfs: run it as root, outside a container: {said}");
            return;
        }
        assert!(done.status.success(), "{left} KiB: {said} {}", case.read("err"));
        full += usize::from(case.read("err").contains("No space left"));
        let (kept, told) = (recorded(&case), acknowledged(&case.read("err")));
        let known = kept.get("full").cloned().unwrap_or_default();
        assert!(told.is_subset(&known), "{left} KiB: {told:?} {known:?}");
        case.run(&["verify"]).exits(0);
    }
    assert!(full > 0, "the disk was never full");
}
