//! The pages of b-trees, and the cells on them.

use super::file::Pages;
use super::record::{told_length, varint};
use super::{u16_at, u32_at};

/// What a b-tree holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tree {
    /// Rows by their numbers, in the leaves alone.
    Table,
    /// Records in their own order, on every page: an index, or a table without row numbers.
    Index,
}

/// A page of a b-tree.
#[derive(Debug)]
pub(super) struct Node {
    pub tree: Tree,
    page: Vec<u8>,
    cells: Vec<usize>,
    /// The child behind the last cell; none of a leaf.
    last_child: Option<u32>,
}

/// A cell without what lies on overflow pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cell {
    /// Bytes of the whole record.
    pub length: usize,
    /// The beginning of the record.
    pub local: Vec<u8>,
    /// The first overflow page, if the record goes on there.
    pub overflow: Option<u32>,
}

impl Node {
    /// Takes a page apart; `None` if it is no page of a b-tree.
    pub(super) fn parse(page: Vec<u8>, number: u32, usable: usize) -> Option<Self> {
        let start = if number == 1 { 100 } else { 0 };
        let (tree, is_leaf) = match *page.get(start)? {
            0x02 => (Tree::Index, false),
            0x05 => (Tree::Table, false),
            0x0a => (Tree::Index, true),
            0x0d => (Tree::Table, true),
            _ => return None,
        };
        let number_of_cells = usize::from(u16_at(&page, start + 3)?);
        let (last_child, pointers) = if is_leaf {
            (None, start + 8)
        } else {
            (Some(u32_at(&page, start + 8)?), start + 12)
        };
        let end = pointers + 2 * number_of_cells;
        let cells = (0..number_of_cells)
            .map(|index| {
                let at = usize::from(u16_at(&page, pointers + 2 * index)?);
                (at >= end && at < usable).then_some(at)
            })
            .collect::<Option<_>>()?;
        Some(Self {
            tree,
            page,
            cells,
            last_child,
        })
    }

    pub(super) fn num_cells(&self) -> usize {
        self.cells.len()
    }

    pub(super) fn is_leaf(&self) -> bool {
        self.last_child.is_none()
    }

    /// The child before a cell of an inner page, or behind the last one.
    pub(super) fn child(&self, index: usize) -> Option<u32> {
        match self.cells.get(index) {
            Some(at) => u32_at(&self.page, *at),
            None => self.last_child,
        }
    }

    /// A cell with a record, as leaves have them and all pages of an index; `None` if it is broken.
    pub(super) fn cell(&self, index: usize, usable: usize) -> Option<Cell> {
        let mut rest = self.page.get(*self.cells.get(index)?..usable)?;
        if !self.is_leaf() {
            rest = rest.get(4..)?;
        }
        let (length, used) = varint(rest)?;
        rest = rest.get(used..)?;
        if self.tree == Tree::Table {
            let (_row, used) = varint(rest)?;
            rest = rest.get(used..)?;
        }
        let length = usize::try_from(length).ok()?;
        let local = local_bytes(self.tree, length, usable);
        let overflow = if local < length {
            Some(u32_at(rest, local)?)
        } else {
            None
        };
        let local = rest.get(..local)?.to_vec();
        // A record says how long it is, and so does its cell.
        (told_length(&local) == Some(length)).then_some(Cell {
            length,
            local,
            overflow,
        })
    }
}

/// How many bytes of a record stand in its cell.
fn local_bytes(tree: Tree, length: usize, usable: usize) -> usize {
    let least = (usable - 12) * 32 / 255 - 23;
    let most = match tree {
        Tree::Table => usable - 35,
        Tree::Index => (usable - 12) * 64 / 255 - 23,
    };
    if length <= most {
        return length;
    }
    let fitting = least + (length - least) % (usable - 4);
    if fitting <= most { fitting } else { least }
}

/// The whole record of a cell; `None` if a part of it is lost. `is_taken` tells which pages are of something else.
pub(super) fn record(pages: &mut Pages, cell: &Cell, is_taken: &dyn Fn(u32) -> bool) -> Option<Vec<u8>> {
    let mut record = cell.local.clone();
    let mut next = cell.overflow;
    if cell.length as u64 > pages.bytes() {
        return None;
    }
    while record.len() < cell.length {
        let number = next.filter(|number| pages.has(*number) && !is_taken(*number))?;
        let page = pages.page(number)?;
        let most = (cell.length - record.len()).min(pages.usable - 4);
        record.extend_from_slice(page.get(4..4 + most)?);
        // Behind the last page of a record there is none.
        next = Some(u32_at(&page, 0)?).filter(|next| *next != 0);
        if next.is_none() != (record.len() == cell.length) {
            return None;
        }
    }
    Some(record)
}
