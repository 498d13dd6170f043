//! Where Deno's tables begin.

use std::collections::HashSet;

use super::btree::{Node, Tree, record};
use super::file::Pages;
use super::record::columns;
use super::rows::looks_like_entry;
use super::walk::{Step, Walk};

/// Where Deno's tables begin in a file that Deno made, which its migrations do not change.
const USUAL: Roots = Roots {
    kv: Some(4),
    queue: Some(5),
    queue_running: Some(7),
    expiry: Some(9),
};

/// The first pages of Deno's tables.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Roots {
    pub kv: Option<u32>,
    pub queue: Option<u32>,
    pub queue_running: Option<u32>,
    pub expiry: Option<u32>,
}

/// Where Deno's tables begin, where all trees begin, and whether the whole schema could be read. `None` if it tells nothing
/// of Deno's.
pub(super) fn read_schema(pages: &mut Pages) -> Option<(Roots, Vec<u32>, bool)> {
    let mut roots = Roots::default();
    let mut all = Vec::new();
    let mut is_whole = true;
    let mut seen = HashSet::new();
    let mut walk = Walk::new(Tree::Table, 1);
    while let Some(step) = walk.next(pages, &mut |number| seen.insert(number)) {
        let record = match step {
            Step::Cell(cell) => record(pages, &cell, &|_| false),
            Step::LostCell | Step::LostPage => None,
        };
        let Some(columns) = record.as_deref().and_then(columns) else {
            is_whole = false;
            continue;
        };
        let [_kind, name, _table, root, ..] = columns.as_slice() else {
            is_whole = false;
            continue;
        };
        let root = root.integer().and_then(|root| u32::try_from(root).ok());
        let Some(root) = root.filter(|root| *root > 0) else {
            // A view or a trigger.
            continue;
        };
        all.push(root);
        match name.bytes() {
            Some(b"kv") => roots.kv = Some(root),
            Some(b"queue") => roots.queue = Some(root),
            Some(b"queue_running") => roots.queue_running = Some(root),
            Some(b"kv_expiration_ms_idx") => roots.expiry = Some(root),
            _ => {}
        }
    }
    // Other pages of the schema.
    all.extend(seen.into_iter().filter(|number| *number != 1));
    roots.kv.is_some().then_some((roots, all, is_whole))
}

/// Where Deno's tables usually begin, if that is so here.
pub(super) fn usual_roots(pages: &mut Pages) -> Option<Roots> {
    let usable = pages.usable;
    let mut node = |root: Option<u32>| {
        let root = root?;
        Node::parse(pages.page(root)?, root, usable)
    };
    let entries = node(USUAL.kv)?;
    let mut cells = (0..entries.num_cells()).map(|index| entries.cell(index, usable));
    let is_kv = entries.tree == Tree::Index
        && entries.num_cells() > 0
        && cells.all(|cell| cell.is_some_and(|cell| looks_like_entry(&cell)));
    let mut is_tree =
        |root: Option<u32>, tree| root.filter(|_| node(root).is_some_and(|node| node.tree == tree));
    is_kv.then(|| Roots {
        kv: USUAL.kv,
        queue: is_tree(USUAL.queue, Tree::Table),
        queue_running: is_tree(USUAL.queue_running, Tree::Table),
        expiry: is_tree(USUAL.expiry, Tree::Index),
    })
}
