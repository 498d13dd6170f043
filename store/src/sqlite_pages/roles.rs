//! What each page is: of a tree, or free.

use std::collections::HashSet;

use super::btree::Node;
use super::file::Pages;
use super::u32_at;

/// What pages are known to be.
#[derive(Debug, Default)]
pub(super) struct Roles {
    tree: HashSet<u32>,
    free: HashSet<u32>,
}

impl Roles {
    pub(super) fn is_known(&self, number: u32) -> bool {
        self.tree.contains(&number) || self.free.contains(&number)
    }

    pub(super) fn mark_tree(&mut self, number: u32) -> bool {
        self.tree.insert(number)
    }
}

/// Marks all pages of a tree; returns whether all of them are there.
pub(super) fn mark_tree(pages: &mut Pages, root: u32, roles: &mut Roles) -> bool {
    let mut is_whole = true;
    let mut tree = None;
    let mut open = vec![root];
    while let Some(number) = open.pop() {
        if !pages.has(number) {
            is_whole = false;
            continue;
        }
        let usable = pages.usable;
        let node = pages
            .page(number)
            .and_then(|page| Node::parse(page, number, usable))
            .filter(|node| tree.is_none_or(|tree| node.tree == tree));
        let Some(node) = node else {
            is_whole = false;
            continue;
        };
        tree = Some(node.tree);
        if !roles.mark_tree(number) {
            // Two parents lead to it: one of them is wrong.
            is_whole &= number == 1;
            continue;
        }
        if !node.is_leaf() {
            open.extend((0..=node.num_cells()).filter_map(|index| node.child(index)));
        }
    }
    is_whole
}

/// Marks all free pages; returns whether the list of them is whole.
pub(super) fn mark_free(pages: &mut Pages, roles: &mut Roles) -> bool {
    let Some(header) = pages.header else {
        return false;
    };
    let (mut trunk, count) = header.free;
    let mut number = 0;
    while trunk != 0 {
        if !pages.has(trunk) || roles.is_known(trunk) {
            return false;
        }
        let Some(page) = pages.page(trunk) else {
            return false;
        };
        roles.free.insert(trunk);
        number += 1;
        let leaves = u32_at(&page, 4).unwrap_or(0) as usize;
        if leaves > pages.usable / 4 - 2 {
            return false;
        }
        for index in 0..leaves {
            let leaf = u32_at(&page, 8 + 4 * index).unwrap_or(0);
            if !pages.has(leaf) || roles.is_known(leaf) {
                return false;
            }
            roles.free.insert(leaf);
            number += 1;
        }
        trunk = u32_at(&page, 0).unwrap_or(0);
    }
    number == count
}
