//! The loaded children of one level in key order, any number of them, and which row each stands in.

use super::chunk::{Chunk, Flags, Place};
use super::sums::Sums;

/// A list of children. The level's own bytes are not repeated in each: a child is known by its key part.
#[derive(Debug, Default)]
pub(super) struct Children {
    chunks: Vec<Chunk>,
    /// Of the rows of each chunk.
    rows: Sums,
    len: usize,
}

/// What a row of a level shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found<'a> {
    /// The child's key part.
    pub part: &'a [u8],
    /// What is known of it.
    pub flags: Flags,
    /// Whether its own children are shown.
    pub is_open: bool,
    /// Which row below the child it is, if it is not the child's own.
    pub below: Option<u64>,
}

impl Children {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Rows of the children and of all that is shown below them.
    pub(super) fn num_rows(&self) -> u64 {
        self.rows.total()
    }

    pub(super) fn last(&self) -> Option<&[u8]> {
        self.chunks.last().map(Chunk::last)
    }

    /// The chunk that a part lies in or would.
    fn chunk_of(&self, part: &[u8]) -> usize {
        let at = self.chunks.partition_point(|chunk| chunk.part(0) <= part);
        at.saturating_sub(1)
    }

    fn find(&self, part: &[u8]) -> Option<(usize, usize)> {
        let at = self.chunk_of(part);
        let index = self.chunks.get(at)?.search(part).ok()?;
        Some((at, index))
    }

    pub(super) fn flags(&self, part: &[u8]) -> Option<Flags> {
        let (at, index) = self.find(part)?;
        self.chunks.get(at).map(|chunk| chunk.flags(index))
    }

    pub(super) fn set_flags(&mut self, part: &[u8], flags: Flags) {
        if let Some((at, index)) = self.find(part)
            && let Some(chunk) = self.chunks.get_mut(at)
        {
            chunk.set_flags(index, flags);
        }
    }

    /// The last part before this one.
    pub(super) fn before(&self, part: &[u8]) -> Option<&[u8]> {
        let at = self.chunk_of(part);
        let chunk = self.chunks.get(at)?;
        let (Ok(index) | Err(index)) = chunk.search(part);
        match index.checked_sub(1) {
            Some(before) => Some(chunk.part(before)),
            None => at
                .checked_sub(1)
                .and_then(|at| self.chunks.get(at))
                .map(Chunk::last),
        }
    }

    /// Adds a child that is not there yet.
    pub(super) fn insert(&mut self, part: &[u8], flags: Flags) {
        if self.chunks.is_empty() {
            self.chunks.push(Chunk::default());
            self.add_up();
        }
        let at = self.chunk_of(part);
        let Some(chunk) = self.chunks.get_mut(at) else {
            return;
        };
        let Err(index) = chunk.search(part) else {
            return;
        };
        chunk.insert(index, part, flags);
        self.rows.add(at, 1);
        self.len += 1;
        if chunk.is_full() && chunk.len() > 1 {
            let rest = chunk.split_off(chunk.len() / 2);
            self.chunks.insert(at + 1, rest);
            self.add_up();
        }
    }

    /// Takes a child away. By how many rows the list shrinks.
    pub(super) fn remove(&mut self, part: &[u8]) -> u64 {
        let Some((at, index)) = self.find(part) else {
            return 0;
        };
        let Some(chunk) = self.chunks.get_mut(at) else {
            return 0;
        };
        let before = chunk.rows();
        chunk.remove(index);
        self.len -= 1;
        let gone = before - chunk.rows();
        if chunk.len() == 0 {
            self.chunks.remove(at);
            self.add_up();
        } else {
            self.rows.add(at, -gone.cast_signed());
        }
        gone
    }

    /// Shows so many rows below a child, or hides them. By how many rows the list grows.
    pub(super) fn set_open(&mut self, part: &[u8], rows: Option<u64>) -> i64 {
        let Some((at, index)) = self.find(part) else {
            return 0;
        };
        let Some(chunk) = self.chunks.get_mut(at) else {
            return 0;
        };
        let grown = chunk.set_open(index, rows);
        self.rows.add(at, grown);
        grown
    }

    /// Whether rows are shown below a child.
    pub(super) fn is_open(&self, part: &[u8]) -> bool {
        self.open_rows(part).is_some()
    }

    /// Rows shown below a child, if they are shown.
    pub(super) fn open_rows(&self, part: &[u8]) -> Option<u64> {
        let (at, index) = self.find(part)?;
        self.chunks.get(at)?.open_rows(index)
    }

    /// The row of a child.
    pub(super) fn row_of(&self, part: &[u8]) -> Option<u64> {
        let (at, index) = self.find(part)?;
        Some(self.rows.before(at) + self.chunks.get(at)?.row_of(index))
    }

    /// What a row shows.
    pub(super) fn at(&self, row: u64) -> Option<Found<'_>> {
        let (at, row) = self.rows.find(row)?;
        let chunk = self.chunks.get(at)?;
        let (index, below) = match chunk.at(row) {
            Place::Child(index) => (index, None),
            Place::Below(index, row) => (index, Some(row)),
        };
        Some(Found {
            part: chunk.part(index),
            flags: chunk.flags(index),
            is_open: chunk.open_rows(index).is_some(),
            below,
        })
    }

    /// Puts other children in the place of those behind `after`, up to and with `until`; `None` reaches to the
    /// end of the list. `open` tells how many rows are shown below a folder, if they are.
    pub(super) fn replace<'p>(
        &mut self,
        after: Option<&[u8]>,
        until: Option<&[u8]>,
        new: impl Iterator<Item = (&'p [u8], Flags)>,
        mut open: impl FnMut(&[u8]) -> Option<u64>,
    ) {
        // Whole chunks are built anew: the first and the last one touched with what they keep.
        let first = after.map_or(0, |after| self.chunk_of(after));
        let last = until.map_or(self.chunks.len(), |until| self.chunk_of(until) + 1);
        let last = last.clamp(first, self.chunks.len());
        let old: Vec<Chunk> = self.chunks.drain(first..last).collect();
        let mut built = Builder::default();
        if let (Some(after), Some(chunk)) = (after, old.first()) {
            let kept = behind(chunk, after);
            (0..kept).for_each(|index| built.copy(chunk, index));
        }
        for (part, flags) in new {
            let rows = if flags.has_children { open(part) } else { None };
            built.push(part, flags, rows);
        }
        if let (Some(until), Some(chunk)) = (until, old.last()) {
            let kept = behind(chunk, until)..chunk.len();
            kept.for_each(|index| built.copy(chunk, index));
        }
        let gone: usize = old.iter().map(Chunk::len).sum();
        let chunks = built.finish();
        self.len = self.len - gone + chunks.iter().map(Chunk::len).sum::<usize>();
        self.chunks.splice(first..first, chunks);
        self.add_up();
    }

    fn add_up(&mut self) {
        self.rows = Sums::of(self.chunks.iter().map(Chunk::rows));
    }

    /// Bytes that it takes besides the key parts.
    #[cfg(test)]
    pub(super) fn overhead(&self) -> usize {
        let chunks: usize = self.chunks.iter().map(Chunk::overhead).sum();
        let spare = self.chunks.capacity() - self.chunks.len();
        chunks + spare * size_of::<Chunk>() + self.chunks.len() * size_of::<u64>()
    }
}

/// The first child of a chunk that stands behind a part.
fn behind(chunk: &Chunk, part: &[u8]) -> usize {
    match chunk.search(part) {
        Ok(index) => index + 1,
        Err(index) => index,
    }
}

/// Cuts children into chunks.
#[derive(Default)]
struct Builder {
    done: Vec<Chunk>,
    chunk: Chunk,
}

impl Builder {
    fn push(&mut self, part: &[u8], flags: Flags, open: Option<u64>) {
        self.chunk.push(part, flags, open);
        if self.chunk.is_full() {
            self.cut();
        }
    }

    fn copy(&mut self, chunk: &Chunk, index: usize) {
        self.push(chunk.part(index), chunk.flags(index), chunk.open_rows(index));
    }

    fn cut(&mut self) {
        let mut chunk = std::mem::take(&mut self.chunk);
        chunk.shrink();
        self.done.push(chunk);
    }

    fn finish(mut self) -> Vec<Chunk> {
        if self.chunk.len() > 0 {
            self.cut();
        }
        self.done
    }
}
