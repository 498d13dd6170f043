//! What is left of Deno's tables in a damaged file.

use std::collections::HashSet;

use super::btree::{Cell, Tree, record};
use super::file::{Pages, Source};
use super::record::{Column, columns};
use super::roles::{Roles, mark_free, mark_tree};
use super::rows::{entry, key_of_cell, message};
use super::schema::{Roots, read_schema, usual_roots};
use super::strays::Strays;
use super::walk::{Step, Walk};

/// A row of the table of entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KvRow {
    pub key: Vec<u8>,
    pub value: Vec<u8>,
    pub encoding: i64,
    /// The commit that wrote it.
    pub version: i64,
    /// Milliseconds since the Unix epoch; negative for never.
    pub expiration: i64,
}

/// A row of the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MessageRow {
    pub due_at: i64,
    pub payload: Vec<u8>,
    /// JSON.
    pub backoff_schedule: Vec<u8>,
    /// JSON.
    pub keys_if_undelivered: Vec<u8>,
}

/// What comes next in the table of entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    /// An entry, as it was.
    Row(KvRow),
    /// Something that cannot be read.
    Lost(Lost),
}

/// What cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Lost {
    /// The value under this key.
    Value(Vec<u8>),
    /// Any number of entries between the rows before and after.
    Between,
}

/// A damaged file.
pub(crate) struct Wreck {
    pages: Pages,
    roots: Roots,
    roles: Roles,
    strays: Strays,
}

impl Wreck {
    /// Looks at a file and its `-wal`; `None` if nothing in it looks like Deno's table of entries.
    pub(crate) fn open(main: Box<dyn Source>, wal: Option<Box<dyn Source>>) -> Option<Self> {
        let mut pages = Pages::open(main, wal);
        let mut roles = Roles::default();
        let (roots, all, mut is_whole) = match read_schema(&mut pages) {
            Some(schema) => schema,
            None => {
                let roots = usual_roots(&mut pages)?;
                let all = [roots.kv, roots.queue, roots.queue_running, roots.expiry];
                (roots, all.into_iter().flatten().collect(), false)
            }
        };
        roots.kv?;
        roles.mark_tree(1);
        let mut all_there = true;
        for root in all {
            all_there &= mark_tree(&mut pages, root, &mut roles);
        }
        is_whole &= mark_free(&mut pages, &mut roles);
        let strays = if all_there {
            // Nothing can lack a parent.
            Strays::default()
        } else {
            Strays::find(&mut pages, &mut roles, is_whole)
        };
        Some(Self {
            pages,
            roots,
            roles,
            strays,
        })
    }

    /// Pages that look like some of Deno's tables, but may have been freed before: they are left alone.
    pub(crate) fn unclear_pages(&self) -> u64 {
        self.strays.unclear
    }

    /// The entries in key order, with what is lost between them.
    pub(crate) fn entries(&mut self) -> Entries<'_> {
        let kv = self.roots.kv.unwrap_or_default();
        Entries {
            walk: Walk::new(Tree::Index, kv),
            stray: None,
            next_stray: 0,
            seen: HashSet::new(),
            last: None,
            held: None,
            in_gap: false,
            ended: false,
            wreck: self,
        }
    }

    /// Hands over each message; returns whether all of them could be read.
    pub(crate) fn messages<E>(
        &mut self,
        found: &mut dyn FnMut(MessageRow) -> Result<(), E>,
    ) -> Result<bool, E> {
        let mut is_whole = true;
        let roots = [self.roots.queue, self.roots.queue_running];
        let strays = self.strays.messages.clone();
        let mut seen = HashSet::new();
        for root in roots.into_iter().flatten().chain(strays) {
            let mut walk = Walk::new(Tree::Table, root);
            while let Some(step) = walk.next(&mut self.pages, &mut |number| seen.insert(number)) {
                match step {
                    Step::Cell(cell) => match self.record(&cell).as_deref().and_then(message) {
                        Some(message) => found(message)?,
                        None => is_whole = false,
                    },
                    Step::LostCell | Step::LostPage => is_whole = false,
                }
            }
        }
        Ok(is_whole)
    }

    /// Hands over each key of the index of expiries, which has every entry once; returns whether it could all be read.
    pub(crate) fn indexed_keys(&mut self, found: &mut dyn FnMut(&[u8])) -> bool {
        let Some(root) = self.roots.expiry else {
            return false;
        };
        let mut is_whole = true;
        let mut seen = HashSet::new();
        let mut walk = Walk::new(Tree::Index, root);
        while let Some(step) = walk.next(&mut self.pages, &mut |number| seen.insert(number)) {
            let record = match step {
                Step::Cell(cell) => self.record(&cell),
                Step::LostCell | Step::LostPage => None,
            };
            match record.as_deref().and_then(columns).as_deref() {
                Some([Column::Integer(_), key]) if key.bytes().is_some() => {
                    found(key.bytes().unwrap_or_default());
                }
                _ => is_whole = false,
            }
        }
        is_whole
    }

    fn record(&mut self, cell: &Cell) -> Option<Vec<u8>> {
        record(&mut self.pages, cell, &|number| self.roles.is_known(number))
    }
}

/// See [`Wreck::entries`].
pub(crate) struct Entries<'w> {
    wreck: &'w mut Wreck,
    walk: Walk,
    /// A subtree without a parent that is being read, in the gap where it belongs.
    stray: Option<Walk>,
    next_stray: usize,
    seen: HashSet<u32>,
    last: Option<Vec<u8>>,
    /// The row behind the gap.
    held: Option<KvRow>,
    in_gap: bool,
    ended: bool,
}

impl Entries<'_> {
    /// What a step of a tree comes to.
    fn part(&mut self, step: Step) -> Part {
        let Step::Cell(cell) = step else {
            return Part::Lost(Lost::Between);
        };
        let row = self.wreck.record(&cell).as_deref().and_then(entry);
        match (row, key_of_cell(&cell)) {
            (Some(row), _) => Part::Row(row),
            (None, Some(key)) => Part::Lost(Lost::Value(key)),
            (None, None) => Part::Lost(Lost::Between),
        }
    }

    /// A part in its order; what is out of order is damage.
    fn in_order(&mut self, part: Part) -> Part {
        let key = match &part {
            Part::Row(row) => &row.key,
            Part::Lost(Lost::Value(key)) => key,
            Part::Lost(Lost::Between) => return part,
        };
        let behind = self.last.as_ref().is_none_or(|last| last < key);
        let before = self.held.as_ref().is_none_or(|held| *key <= held.key);
        if !behind || !before {
            return Part::Lost(Lost::Between);
        }
        self.last = Some(key.clone());
        part
    }

    /// Begins the next subtree that belongs into the gap; false if there is none.
    fn begin_stray(&mut self) -> bool {
        while let Some(stray) = self.wreck.strays.entries.get(self.next_stray) {
            if self.last.as_ref().is_some_and(|last| stray.first <= *last) {
                self.next_stray += 1;
                continue;
            }
            if self.held.as_ref().is_some_and(|held| stray.last >= held.key) {
                return false;
            }
            self.next_stray += 1;
            self.stray = Some(Walk::new(Tree::Index, stray.root));
            return true;
        }
        false
    }
}

impl Iterator for Entries<'_> {
    type Item = Part;

    fn next(&mut self) -> Option<Part> {
        loop {
            let seen = &mut self.seen;
            if let Some(stray) = &mut self.stray {
                let step = stray.next(&mut self.wreck.pages, &mut |number| seen.insert(number));
                let Some(step) = step else {
                    self.stray = None;
                    // What stood between it and the next one, on its parent.
                    return Some(Part::Lost(Lost::Between));
                };
                let part = self.part(step);
                return Some(self.in_order(part));
            }
            if self.held.is_some() || self.ended {
                if self.in_gap && self.begin_stray() {
                    continue;
                }
                self.in_gap = false;
                let held = self.held.take()?;
                return Some(self.in_order(Part::Row(held)));
            }
            let step = self
                .walk
                .next(&mut self.wreck.pages, &mut |number| seen.insert(number));
            let Some(step) = step else {
                self.ended = true;
                continue;
            };
            let is_page = matches!(step, Step::LostPage);
            match self.part(step) {
                Part::Row(row) if self.in_gap => {
                    let behind = self.last.as_ref().is_none_or(|last| *last < row.key);
                    if behind {
                        self.held = Some(row);
                    }
                }
                // Its key may lie behind that of a subtree which belongs here.
                Part::Lost(_) if self.in_gap => return Some(Part::Lost(Lost::Between)),
                part => {
                    self.in_gap |= is_page;
                    return Some(self.in_order(part));
                }
            }
        }
    }
}

/// Reads any bytes as a file and its `-wal`, for the fuzz target `sqlite_pages`.
///
/// # Panics
/// If keys do not ascend, or more is read than the file holds.
#[cfg(fuzzing)]
pub fn read_wreck(bytes: &[u8]) {
    let [high, low, rest @ ..] = bytes else {
        return;
    };
    let length = usize::from(u16::from_be_bytes([*high, *low]));
    let (main, wal) = rest.split_at(length.min(rest.len()));
    let source = |bytes: &[u8]| -> Box<dyn Source> { Box::new(std::io::Cursor::new(bytes.to_vec())) };
    let Some(mut wreck) = Wreck::open(source(main), (!wal.is_empty()).then(|| source(wal))) else {
        return;
    };
    assert!(
        wreck.unclear_pages() <= bytes.len() as u64,
        "more pages than there are"
    );
    let mut last: Option<Vec<u8>> = None;
    for part in wreck.entries() {
        let key = match part {
            Part::Row(row) => row.key,
            Part::Lost(Lost::Value(key)) => key,
            Part::Lost(Lost::Between) => continue,
        };
        assert!(last.as_ref().is_none_or(|last| *last < key), "keys do not ascend");
        last = Some(key);
    }
    let mut messages = 0_usize;
    let counted: Result<bool, std::convert::Infallible> = wreck.messages(&mut |_| {
        messages += 1;
        Ok(())
    });
    let mut keys = 0_usize;
    wreck.indexed_keys(&mut |_| keys += 1);
    assert!(
        counted.is_ok() && messages.max(keys) <= bytes.len(),
        "more was read than there is"
    );
}
