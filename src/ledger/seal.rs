//! Folds the sessions' lines into the trunk, byte for byte, and starts a new segment when one is full.

use std::fs;
use std::path::Path;

use crate::digest::Digest;
use crate::files;

use super::{Error, Ledger, recover, scan, take_lock};

impl Ledger {
    /// Moves every line that the trunk lacks into it; says how many.
    ///
    /// # Errors
    /// When the trunk cannot be written; a line is then in the trunk as a whole or not at all.
    pub fn seal(&mut self) -> Result<usize, Error> {
        let _lock = take_lock(&self.location)?;
        self.refresh()?;
        let mut lines = Vec::new();
        let mut sealed = 0;
        let sessions = scan::session_lines(&self.location)?;
        for stored in self.entries.iter_mut().filter(|stored| !stored.sealed) {
            let line = sessions.get(&stored.id).ok_or_else(|| {
                Error::new(format!("line {} is gone", stored.id), "run the command again")
            })?;
            lines.extend_from_slice(line);
            stored.sealed = true;
            sealed += 1;
        }
        if sealed > 0 {
            let trunk = self.location.folder.join("ledger.jsonl");
            files::append(&trunk, &lines)
                .map_err(|error| Error::io("seal into", &trunk, &error))?;
            self.rotate(&trunk)?;
        }
        self.seen = scan::Signature::of(&self.location);
        Ok(sealed)
    }

    /// Drops journals whose lines are safe: in `committed`, the trunk as git has it, or outside git in
    /// the trunk itself.
    ///
    /// # Errors
    /// When a journal cannot be read or removed.
    pub fn drop_journals(&self, committed: Option<&[u8]>) -> Result<(), Error> {
        let _lock = take_lock(&self.location)?;
        let safe = match committed {
            Some(lines) => lines.split_inclusive(|byte| *byte == b'\n').map(Digest::of).collect(),
            None => {
                self.entries.iter().filter(|stored| stored.sealed).map(|stored| stored.id).collect()
            }
        };
        recover::drop_journals(&self.location, &safe)
    }

    /// Full segments leave the newest file; sessions' files that are wholly in segments go.
    fn rotate(&self, trunk: &Path) -> Result<(), Error> {
        let fault = |path: &Path, error: std::io::Error| Error::io("rotate", path, &error);
        let archive = self.location.folder.join("archive");
        let bytes = files::read(trunk, 1 << 30).map_err(|error| fault(trunk, error))?;
        let lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
        let full = lines.len() / scan::ROTATION * scan::ROTATION;
        if full == 0 {
            return Ok(());
        }
        fs::create_dir_all(&archive).map_err(|error| fault(&archive, error))?;
        let before = self.entries.iter().filter(|stored| stored.sealed).count() - lines.len();
        for (at, segment) in lines[..full].chunks(scan::ROTATION).enumerate() {
            let path = archive.join(format!("{:012}.jsonl", before + at * scan::ROTATION));
            files::replace(&path, &segment.concat()).map_err(|error| fault(&path, error))?;
        }
        files::replace(trunk, &lines[full..].concat()).map_err(|error| fault(trunk, error))?;
        let left: std::collections::HashSet<&[u8]> = lines[full..].iter().copied().collect();
        for session in scan::files(&self.location.folder).1 {
            let bytes = files::read(&session, 1 << 30).map_err(|error| fault(&session, error))?;
            if !bytes.split_inclusive(|byte| *byte == b'\n').any(|line| left.contains(line)) {
                fs::remove_file(&session).map_err(|error| fault(&session, error))?;
            }
        }
        Ok(())
    }
}
