//! `sandbox: no-writes`: a check that can read what its user can, and write only to its temporary folder (Landlock,
//! Linux 6.2 and newer).
//!
//! The kernel restricts a thread and what it starts, so the check is started by a thread of its own, and the
//! worker goes on as it was.

use std::path::Path;

/// Where every program may write.
#[cfg(target_os = "linux")]
const DEVICES: &[&str] = &["/dev/null", "/dev/zero", "/dev/full", "/dev/tty"];

/// Runs `start` where nothing can be written but below `folder`; it never runs unrestricted.
///
/// # Errors
/// When the kernel cannot restrict it.
#[cfg(target_os = "linux")]
pub(super) fn no_writes<T: Send>(
    folder: &Path,
    start: impl FnOnce() -> T + Send,
) -> Result<T, String> {
    let restricted = || -> Result<T, String> {
        restrict(folder).map_err(|why| format!("cannot keep it from writing: {why}"))?;
        Ok(start())
    };
    std::thread::scope(|scope| {
        let ended = scope.spawn(restricted).join();
        ended.unwrap_or_else(|_| Err("cannot keep it from writing".to_owned()))
    })
}

#[cfg(not(target_os = "linux"))]
pub(super) fn no_writes<T: Send>(_: &Path, _: impl FnOnce() -> T + Send) -> Result<T, String> {
    Err("cannot keep it from writing: `sandbox` needs Linux".to_owned())
}

/// Restricts this thread.
#[cfg(target_os = "linux")]
fn restrict(folder: &Path) -> Result<(), String> {
    use landlock::{
        ABI, AccessFs, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset, RulesetAttr,
        RulesetCreatedAttr, RulesetStatus,
    };
    // Before the third version files could still be cut to nothing.
    let writes = AccessFs::from_write(ABI::V3);
    let said = |error: landlock::RulesetError| format!("the kernel refuses ({error})");
    let mut ruleset = Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(writes)
        .map_err(|_| "it needs Landlock as of Linux 6.2".to_owned())?
        .create()
        .map_err(said)?;
    let paths = std::iter::once((folder, writes));
    let devices = DEVICES.iter().map(|path| (Path::new(*path), AccessFs::WriteFile.into()));
    for (path, access) in paths.chain(devices) {
        // A device that is not there cannot be written to.
        let Ok(open) = PathFd::new(path) else { continue };
        ruleset = ruleset.add_rule(PathBeneath::new(open, access)).map_err(said)?;
    }
    match ruleset.restrict_self().map_err(said)?.ruleset {
        RulesetStatus::FullyEnforced => Ok(()),
        _ => Err("it needs Landlock as of Linux 6.2".to_owned()),
    }
}

/// What a program was told when it was kept from writing, as far as programs pass it on.
pub(super) fn tells(output: &[u8]) -> bool {
    let told: [&[u8]; 4] =
        [b"ermission denied", b"EACCES", b"PermissionError", b"cross-device link"];
    told.iter().any(|told| memchr::memmem::find(output, told).is_some())
}

/// What is said of it.
pub(super) const DENIED: &str =
    "a command was denied something: `sandbox: no-writes` lets it write only below `$TMPDIR`";
