//! A few hundred children of one level, packed: the key parts one after the other in one buffer, and four bytes
//! for each child.

/// Children of a chunk at most.
pub(super) const CHUNK_CHILDREN: usize = 512;
/// Bytes of key parts from which a chunk takes no more children. With the longest blob of SQLite on top they can
/// still be counted in the bits that [`Chunk::ends`] has for them.
const CHUNK_BYTES: usize = 1 << 20;

const IS_ENTRY: u32 = 1;
const HAS_CHILDREN: u32 = 2;
const FLAG_BITS: u32 = 2;

/// What is known of a child besides its key part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Flags {
    /// An entry stands exactly here.
    pub is_entry: bool,
    /// There are longer keys below.
    pub has_children: bool,
}

impl Flags {
    /// What is said by either.
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            is_entry: self.is_entry || other.is_entry,
            has_children: self.has_children || other.has_children,
        }
    }
}

/// A child whose own children are shown.
#[derive(Debug)]
struct Open {
    index: usize,
    rows: u64,
}

/// What a row of a chunk shows.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// The child of this index.
    Child(usize),
    /// A row below the child of this index: which one.
    Below(usize, u64),
}

/// Neighbouring children in key order.
#[derive(Debug, Default)]
pub(super) struct Chunk {
    parts: Vec<u8>,
    /// Where each child's part ends in `parts`, and its flags in the lowest bits.
    ends: Vec<u32>,
    /// In order of their indices.
    open: Vec<Open>,
    open_rows: u64,
}

impl Chunk {
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Rows of the children and of all that is shown below them.
    pub(super) fn rows(&self) -> u64 {
        self.ends.len() as u64 + self.open_rows
    }

    /// Whether further children should go into another chunk.
    pub(super) fn is_full(&self) -> bool {
        self.ends.len() >= CHUNK_CHILDREN || self.parts.len() >= CHUNK_BYTES
    }

    fn start(&self, index: usize) -> usize {
        index
            .checked_sub(1)
            .and_then(|before| self.ends.get(before))
            .map_or(0, |end| (end >> FLAG_BITS) as usize)
    }

    /// The key part of a child; empty behind the last one.
    pub(super) fn part(&self, index: usize) -> &[u8] {
        self.parts
            .get(self.start(index)..self.start(index + 1))
            .filter(|_| index < self.len())
            .unwrap_or_default()
    }

    pub(super) fn last(&self) -> &[u8] {
        self.part(self.len().saturating_sub(1))
    }

    pub(super) fn flags(&self, index: usize) -> Flags {
        let bits = self.ends.get(index).copied().unwrap_or(0);
        Flags {
            is_entry: bits & IS_ENTRY != 0,
            has_children: bits & HAS_CHILDREN != 0,
        }
    }

    pub(super) fn set_flags(&mut self, index: usize, flags: Flags) {
        if let Some(end) = self.ends.get_mut(index) {
            *end = (*end >> FLAG_BITS << FLAG_BITS) | bits(flags);
        }
    }

    /// Where a part is, or where it would be.
    pub(super) fn search(&self, part: &[u8]) -> Result<usize, usize> {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            match self.part(middle).cmp(part) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return Ok(middle),
            }
        }
        Err(low)
    }

    pub(super) fn push(&mut self, part: &[u8], flags: Flags, open: Option<u64>) {
        let index = self.len();
        self.parts.extend_from_slice(part);
        self.ends.push(packed(self.parts.len(), flags));
        if let Some(rows) = open {
            self.open.push(Open { index, rows });
            self.open_rows += rows;
        }
    }

    pub(super) fn insert(&mut self, index: usize, part: &[u8], flags: Flags) {
        let index = index.min(self.len());
        let start = self.start(index);
        self.parts.splice(start..start, part.iter().copied());
        self.ends.insert(index, packed(start + part.len(), flags));
        let longer = packed(part.len(), Flags::default());
        for end in self.ends.iter_mut().skip(index + 1) {
            *end = end.wrapping_add(longer);
        }
        for open in self.open.iter_mut().filter(|open| open.index >= index) {
            open.index += 1;
        }
    }

    pub(super) fn remove(&mut self, index: usize) {
        if index >= self.len() {
            return;
        }
        self.set_open(index, None);
        let (start, end) = (self.start(index), self.start(index + 1));
        self.parts.drain(start..end);
        self.ends.remove(index);
        let shorter = packed(end - start, Flags::default());
        for end in self.ends.iter_mut().skip(index) {
            *end = end.wrapping_sub(shorter);
        }
        for open in self.open.iter_mut().filter(|open| open.index > index) {
            open.index -= 1;
        }
    }

    /// Rows shown below a child, if they are shown.
    pub(super) fn open_rows(&self, index: usize) -> Option<u64> {
        let at = self.open.binary_search_by_key(&index, |open| open.index).ok()?;
        self.open.get(at).map(|open| open.rows)
    }

    /// Shows so many rows below a child, or hides them. By how many rows the chunk grows.
    pub(super) fn set_open(&mut self, index: usize, rows: Option<u64>) -> i64 {
        let before = self.open_rows;
        match (self.open.binary_search_by_key(&index, |open| open.index), rows) {
            (Ok(at), None) => {
                self.open_rows -= self.open.remove(at).rows;
            }
            (Ok(at), Some(rows)) => {
                if let Some(open) = self.open.get_mut(at) {
                    self.open_rows = self.open_rows - open.rows + rows;
                    open.rows = rows;
                }
            }
            (Err(at), Some(rows)) => {
                self.open.insert(at, Open { index, rows });
                self.open_rows += rows;
            }
            (Err(_), None) => {}
        }
        self.open_rows.wrapping_sub(before).cast_signed()
    }

    /// The row of a child.
    pub(super) fn row_of(&self, index: usize) -> u64 {
        let open = self.open.iter().take_while(|open| open.index < index);
        index as u64 + open.map(|open| open.rows).sum::<u64>()
    }

    /// What a row shows.
    pub(super) fn at(&self, row: u64) -> Place {
        let mut above = 0;
        for open in &self.open {
            let own = open.index as u64 + above;
            if row <= own {
                break;
            }
            if row <= own + open.rows {
                return Place::Below(open.index, row - own - 1);
            }
            above += open.rows;
        }
        Place::Child(usize::try_from(row - above).unwrap_or(usize::MAX))
    }

    /// Moves the children from `index` on into a chunk of their own.
    pub(super) fn split_off(&mut self, index: usize) -> Self {
        let mut rest = Self::default();
        for at in index..self.len() {
            rest.push(self.part(at), self.flags(at), self.open_rows(at));
        }
        self.truncate(index);
        self.shrink();
        rest
    }

    /// Keeps the first children only.
    pub(super) fn truncate(&mut self, len: usize) {
        self.parts.truncate(self.start(len));
        self.ends.truncate(len);
        self.open.retain(|open| open.index < len);
        self.open_rows = self.open.iter().map(|open| open.rows).sum();
    }

    /// Gives back memory that is not used.
    pub(super) fn shrink(&mut self) {
        self.parts.shrink_to_fit();
        self.ends.shrink_to_fit();
    }

    /// Bytes that it takes besides the key parts.
    #[cfg(test)]
    pub(super) fn overhead(&self) -> usize {
        size_of::<Self>() + self.parts.capacity() - self.parts.len()
            + self.ends.capacity() * size_of::<u32>()
            + self.open.capacity() * size_of::<Open>()
    }
}

fn bits(flags: Flags) -> u32 {
    u32::from(flags.is_entry) * IS_ENTRY + u32::from(flags.has_children) * HAS_CHILDREN
}

fn packed(end: usize, flags: Flags) -> u32 {
    u32::try_from(end << FLAG_BITS).unwrap_or(u32::MAX) | bits(flags)
}
