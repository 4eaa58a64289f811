//! The index as a file: after its first bytes a block for each segment, its length before it. Numbers are little-endian.
//! A block is a checksum of what follows, what the system said, the numbers of lines and of names that are new in it,
//! those names, each with its length, the lines, and the lines that follow several with what they follow.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::digest::Digest;
use crate::ledger::history::{History, Linker};

use super::{Index, Mark, Row, SETTLED, Segment, changed, mark};

/// The first bytes of the file; another format has others.
const MAGIC: &[u8] = b"holdpoint index 1\n";

/// Room is made for no more lines than so many, whatever the file claims.
const MOST: u64 = 4 << 20;

impl Index {
    /// What was noted of the first segments, as far as they are the same; nothing where nothing was, or it is damaged.
    pub(super) fn noted(path: &Path, marks: &[Mark]) -> Self {
        let mut index = Self::default();
        let Ok((file, about)) = File::open(path).and_then(|file| Ok((file, mark(path)?))) else {
            return index;
        };
        let mut file = io::BufReader::with_capacity(1 << 18, file);
        let mut magic = [0; MAGIC.len()];
        if file.read_exact(&mut magic).is_err() || magic != MAGIC {
            return index;
        }
        let settled = |mark: &&Mark| changed(mark) + SETTLED < changed(&about);
        let room = (about[0] / ROW as u64).min(MOST) as usize;
        index.rows.reserve(room);
        let history = History::linked(room, |linker| {
            let mut block = Vec::new();
            for mark in marks.iter().take_while(settled) {
                if read_block(&mut file, &mut block).is_none()
                    || index.known(&block, mark, linker).is_none()
                {
                    break;
                }
            }
        });
        // A block that was begun and not ended is none that we wrote.
        if index.segments.last().map_or(0, |segment| segment.lines) != index.rows.len() {
            return Self::default();
        }
        index.history = history;
        index
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        let (mut first, mut name) = (0, 0);
        for segment in &self.segments {
            let block = self.block(segment, first, name);
            put(&mut bytes, block.len() as u32 + 4);
            put(&mut bytes, crc32fast::hash(&block));
            bytes.extend_from_slice(&block);
            (first, name) = (segment.lines, segment.names);
        }
        bytes
    }

    fn block(&self, segment: &Segment, first: usize, name: usize) -> Vec<u8> {
        let mut block: Vec<u8> = segment.mark.iter().flat_map(|word| word.to_le_bytes()).collect();
        put(&mut block, (segment.lines - first) as u32);
        put(&mut block, (segment.names - name) as u32);
        for name in &self.names.all[name..segment.names] {
            put(&mut block, name.len() as u32);
            block.extend_from_slice(name.as_bytes());
        }
        let mut joins = Vec::new();
        for at in first..segment.lines {
            let (row, parents) = (&self.rows[at], self.history.parents(at));
            block.extend_from_slice(self.history.ids()[at].as_bytes());
            block.extend_from_slice(&self.history.seq(at).to_le_bytes());
            let parent = parents.first().copied().unwrap_or(u32::MAX);
            let numbers = [row.start, row.run, u32::from(row.notable), parent];
            numbers.into_iter().for_each(|number| put(&mut block, number));
            if parents.len() > 1 {
                joins.extend([at as u32, parents.len() as u32]);
                joins.extend(parents);
            }
        }
        put(&mut block, joins.len() as u32);
        joins.into_iter().for_each(|number| put(&mut block, number));
        block
    }

    /// Takes a block, if it is whole, and about a segment that is still the same.
    fn known(&mut self, block: &[u8], now: &Mark, linker: &mut Linker<'_>) -> Option<()> {
        let rest = &mut &block[..];
        let sum = number(rest)?;
        if crc32fast::hash(rest) != sum {
            return None;
        }
        let mut mark = Mark::default();
        for word in &mut mark {
            *word = u64::from_le_bytes(*take(rest)?);
        }
        if mark != *now {
            return None;
        }
        let (lines, names) = (number(rest)? as usize, number(rest)?);
        for _ in 0..names {
            let length = number(rest)? as usize;
            let (name, others) = rest.split_at_checked(length)?;
            self.names.number(std::str::from_utf8(name).ok()?);
            *rest = others;
        }
        let (rows, others) = rest.split_at_checked(lines.checked_mul(ROW)?)?;
        *rest = others;
        let mut joins: HashMap<u32, Vec<u32>> = HashMap::new();
        let mut left = number(rest)? as usize;
        while left > 0 {
            let (at, count) = (number(rest)?, number(rest)? as usize);
            left = left.checked_sub(2)?.checked_sub(count)?;
            joins.insert(at, (0..count).map(|_| number(rest)).collect::<Option<_>>()?);
        }
        for row in rows.as_chunks::<ROW>().0 {
            let mut row = &row[..];
            let (id, seq) = (Digest::from(*take(&mut row)?), i64::from_le_bytes(*take(&mut row)?));
            let [start, run, notable, parent] =
                [number(&mut row)?, number(&mut row)?, number(&mut row)?, number(&mut row)?];
            let at = self.rows.len() as u32;
            let parent = [parent];
            let one = || if parent == [u32::MAX] { &[][..] } else { &parent[..] };
            linker.push(id, seq, joins.get(&at).map_or_else(one, Vec::as_slice))?;
            self.rows.push(Row { start, run, notable: notable == 1 });
        }
        self.end_segment(mark);
        Some(())
    }
}

/// The bytes of a line: its id, its `seq`, four numbers.
const ROW: usize = 32 + 8 + 4 * 4;

/// A block is never longer: 64 MiB.
const BLOCK: u32 = 64 << 20;

fn read_block(file: &mut impl io::Read, block: &mut Vec<u8>) -> Option<()> {
    let mut length = [0; 4];
    file.read_exact(&mut length).ok()?;
    let length = u32::from_le_bytes(length);
    block.resize((length <= BLOCK).then_some(length)? as usize, 0);
    file.read_exact(block).ok()
}

fn put(bytes: &mut Vec<u8>, number: u32) {
    bytes.extend_from_slice(&number.to_le_bytes());
}

fn take<'b, const N: usize>(rest: &mut &'b [u8]) -> Option<&'b [u8; N]> {
    let (first, others) = rest.split_first_chunk()?;
    *rest = others;
    Some(first)
}

fn number(rest: &mut &[u8]) -> Option<u32> {
    take(rest).map(|bytes| u32::from_le_bytes(*bytes))
}
