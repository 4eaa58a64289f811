//! The temporary folder of a check: its own, and gone when it has ended, whatever is in it. One that a
//! check leaves as it found it is handed on to the next: few checks use theirs.

use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// What a worker has for its checks, one after the other.
#[derive(Debug, Default)]
pub(super) struct Room {
    /// It is there, and empty.
    made: Option<PathBuf>,
}

impl Room {
    /// Makes the folder, unless it is there from before.
    pub(super) fn enter(&mut self, path: &Path) -> io::Result<()> {
        if self.made.as_deref() != Some(path) {
            make(path)?;
            self.made = Some(path.to_owned());
        }
        Ok(())
    }

    /// Removes the folder if it is another than it was.
    pub(super) fn leave(&mut self) -> io::Result<()> {
        let Some(path) = self.made.take() else { return Ok(()) };
        if is_untouched(&path) {
            self.made = Some(path);
            return Ok(());
        }
        remove(&path)
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        if let Some(path) = &self.made {
            // It is empty.
            let _ = remove(path);
        }
    }
}

/// A folder of ours for us alone, with nothing in it.
fn is_untouched(path: &Path) -> bool {
    let is_private = fs::symlink_metadata(path).is_ok_and(|known| {
        known.is_dir()
            && known.mode() & 0o7777 == 0o700
            && known.uid() == rustix::process::geteuid().as_raw()
    });
    is_private
        && has_no_attributes(path)
        && fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none())
}

/// Nothing is attached to it, such as rights that what is in it inherits.
fn has_no_attributes(path: &Path) -> bool {
    // Where the file system knows none, there are none.
    #[cfg(target_os = "linux")]
    return match rustix::fs::llistxattr(path, &mut [0_u8; 8]) {
        Ok(length) => length == 0,
        Err(error) => error == rustix::io::Errno::OPNOTSUPP,
    };
    #[cfg(not(target_os = "linux"))]
    {
        let _ = path;
        false
    }
}

/// Makes the folder; nobody else can look into it.
pub(super) fn make(path: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(path)
}

/// Removes the folder and all that is in it, also where it must not be written to. One that is not there
/// is removed already.
///
/// Folders below it are moved up to it before they are emptied: however deep they nest, paths stay short, and
/// nothing recurs.
pub(crate) fn remove(path: &Path) -> io::Result<()> {
    // The common case, and the one where a link stands for the folder.
    match fs::remove_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        other => return other,
    }
    let mut moved = 0_u64;
    let mut open = folders(path, path, &mut moved)?;
    while let Some(folder) = open.pop() {
        open.extend(folders(&folder, path, &mut moved)?);
        fs::remove_dir(&folder)?;
    }
    fs::remove_dir(path)
}

/// Empties `folder`: files go, folders in it are moved to `top` and named.
fn folders(folder: &Path, top: &Path, moved: &mut u64) -> io::Result<Vec<PathBuf>> {
    fs::set_permissions(folder, Permissions::from_mode(0o700))?;
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        if !entry.file_type()?.is_dir() {
            fs::remove_file(path)?;
        } else if folder == top {
            found.push(path);
        } else {
            // Moving a folder writes to it: its `..` is another.
            fs::set_permissions(&path, Permissions::from_mode(0o700))?;
            let place = free(top, moved);
            fs::rename(path, &place)?;
            found.push(place);
        }
    }
    Ok(found)
}

/// A name in `top` that nothing has.
fn free(top: &Path, moved: &mut u64) -> PathBuf {
    loop {
        *moved += 1;
        let place = top.join(format!(".holdpoint-{moved}"));
        if fs::symlink_metadata(&place).is_err() {
            return place;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_handed_on_only_as_it_was_made() {
        let base = tempfile::tempdir().expect("a folder");
        let path = base.path().join("t");
        let mut room = Room::default();
        let stays = |room: &mut Room| {
            room.leave().expect("left");
            path.exists()
        };
        room.enter(&path).expect("made");
        assert!(stays(&mut room));
        room.enter(&path).expect("there");
        fs::write(path.join(".hidden"), "x").expect("a file");
        assert!(!stays(&mut room));
        room.enter(&path).expect("made again");
        let attached = rustix::fs::XattrFlags::empty();
        if rustix::fs::lsetxattr(&path, "user.k", b"hello", attached).is_ok() {
            assert!(!stays(&mut room));
            room.enter(&path).expect("made again");
        }
        fs::set_permissions(&path, Permissions::from_mode(0o755)).expect("opened");
        assert!(!stays(&mut room));
        room.enter(&path).expect("made again");
        fs::remove_dir(&path).expect("removed");
        std::os::unix::fs::symlink(base.path(), &path).expect("a link");
        assert!(room.leave().is_err(), "what stands for it is not removed as if it were it");
        fs::remove_file(&path).expect("removed");
        room.enter(&path).expect("made again");
        drop(room);
        assert!(!path.exists());
    }

    #[test]
    fn removes_what_is_deep_locked_and_linked() {
        let base = tempfile::tempdir().expect("a folder");
        let (path, other) = (base.path().join("t"), base.path().join("other"));
        make(&path).expect("made");
        assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o700);
        fs::create_dir(&other).expect("a folder");
        fs::write(other.join("kept"), "x").expect("a file");
        std::os::unix::fs::symlink(&other, path.join("link")).expect("a link");
        fs::create_dir_all(path.join(".holdpoint-1/a/b/c")).expect("folders");
        fs::write(path.join(".holdpoint-1/a/file"), "x").expect("a file");
        for locked in [".holdpoint-1/a/b", ".holdpoint-1/a", ".holdpoint-1"] {
            fs::set_permissions(path.join(locked), Permissions::from_mode(0o000)).expect("locked");
        }
        let mut deep = path.join("deep");
        fs::create_dir(&deep).expect("a folder");
        // Deeper than a path may be long.
        for _ in 0..2_100 {
            let next = path.join("next");
            fs::create_dir(&next).expect("a folder");
            fs::rename(&deep, next.join("d")).expect("moved");
            deep = path.join("deep");
            fs::rename(next, &deep).expect("moved");
        }
        remove(&path).expect("removed");
        assert!(!path.exists() && other.join("kept").exists());
        remove(&path).expect("nothing to do");
    }
}
