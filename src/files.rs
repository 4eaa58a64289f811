//! Files: read with a bound, written so that a crash leaves the old or the new, locked.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;

/// Reads a file of at most `limit` bytes.
///
/// # Errors
/// Those of the system; `FileTooLarge` beyond the limit.
pub fn read(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let file = File::open(path)?;
    let about = file.metadata()?;
    if about.is_dir() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder"));
    }
    let mut bytes = Vec::with_capacity(about.len().min(limit) as usize + 1);
    file.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        let message = format!("it is larger than {} MiB", limit >> 20);
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
    }
    Ok(bytes)
}

/// The same of a file that others could have put there: a pipe would be waited for without end.
///
/// # Errors
/// Those of the system; `FileTooLarge` beyond the limit, `InvalidInput` where it is no file.
pub fn read_regular(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let about = fs::metadata(path)?;
    if !about.is_file() && !about.is_dir() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no file"));
    }
    read(path, limit)
}

/// Writes a file that must not be there yet, and syncs it.
///
/// # Errors
/// Those of the system.
pub fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Puts `bytes` at `path` in one step: a reader sees the old or the new, also after a crash.
///
/// # Errors
/// Those of the system.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    swap(path, bytes, File::sync_all)?;
    sync_folder(folder_of(path))
}

/// As [`replace`], durable only when something else syncs it.
///
/// # Errors
/// Those of the system.
pub fn replace_unsynced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    swap(path, bytes, |_| Ok(()))
}

fn swap(path: &Path, bytes: &[u8], sync: impl Fn(&File) -> io::Result<()>) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let fresh = folder_of(path).join(name);
    let written = File::create(&fresh).and_then(|mut file| {
        // Who may read and run it stays as it is.
        if let Ok(known) = fs::metadata(path) {
            file.set_permissions(known.permissions())?;
        }
        file.write_all(bytes)?;
        sync(&file)
    });
    let moved = written.and_then(|()| fs::rename(&fresh, path));
    if moved.is_err() {
        // The error that matters is the first one.
        let _ = fs::remove_file(&fresh);
    }
    moved
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Appends to a file, making it if needed, and syncs it; a new name is synced with its folder.
///
/// # Errors
/// Those of the system.
pub fn append(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().append(true).create(true).open(path)?;
    // One that is there and empty may be what a crash has left, and its name not be safe.
    let is_new = file.metadata()?.len() == 0;
    file.write_all(bytes)?;
    file.sync_data()?;
    if is_new { path.parent().map_or(Ok(()), sync_folder) } else { Ok(()) }
}

/// Appends to a file, making it if needed; durable only when something else syncs it.
///
/// # Errors
/// Those of the system.
pub fn append_unsynced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    OpenOptions::new().append(true).create(true).open(path)?.write_all(bytes)
}

/// Makes everything durable that was written to the file system that holds `folder`.
///
/// # Errors
/// Those of the system.
pub fn sync_all_below(folder: &Path) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    rustix::fs::syncfs(File::open(folder)?)?;
    #[cfg(not(target_os = "linux"))]
    {
        let _ = folder;
        rustix::fs::sync();
    }
    Ok(())
}

/// Makes a folder with those above it, each name synced: after a crash it is there.
///
/// # Errors
/// Those of the system.
pub fn make_folder(path: &Path) -> io::Result<()> {
    make_folder_as(path, &DirBuilder::new())
}

/// The same, each folder made in a way of its own.
///
/// # Errors
/// Those of the system.
pub fn make_folder_as(path: &Path, builder: &DirBuilder) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let above = folder_of(path);
    make_folder_as(above, builder)?;
    match builder.create(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        made => made.and_then(|()| sync_folder(above)),
    }
}

/// Makes the names in a folder durable.
///
/// # Errors
/// Those of the system.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// An exclusive lock, held until dropped.
pub struct Lock(#[allow(dead_code)] File);

/// Takes the lock that `path` stands for, waiting for whoever has it.
///
/// # Errors
/// Those of the system.
pub fn lock(path: &Path) -> io::Result<Lock> {
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
    file.lock()?;
    Ok(Lock(file))
}
