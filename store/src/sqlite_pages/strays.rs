//! Pages whose parent is lost.

use std::collections::HashSet;

use super::btree::{Node, Tree};
use super::file::Pages;
use super::roles::Roles;
use super::rows::{key_of_cell, looks_like_entry, looks_like_message};
use super::walk::{Step, Walk};

/// A subtree of entries without a parent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stray {
    pub root: u32,
    /// Its first and its last key.
    pub first: Vec<u8>,
    pub last: Vec<u8>,
}

/// What was found without a parent.
#[derive(Debug, Default)]
pub(super) struct Strays {
    /// By their keys, none within another one.
    pub entries: Vec<Stray>,
    /// Leaves of messages.
    pub messages: Vec<u32>,
    /// Pages that look like some and are left alone.
    pub unclear: u64,
}

impl Strays {
    /// Looks at all pages that nothing leads to. `may_be_taken` is false where free pages cannot be told.
    pub(super) fn find(pages: &mut Pages, roles: &mut Roles, may_be_taken: bool) -> Self {
        let mut strays = Self::default();
        let mut found = Vec::new();
        let mut children = HashSet::new();
        for number in pages.existing() {
            if roles.is_known(number) {
                continue;
            }
            let usable = pages.usable;
            let node = pages
                .page(number)
                .and_then(|page| Node::parse(page, number, usable))
                .filter(|node| node.num_cells() > 0);
            let Some(node) = node else {
                continue;
            };
            let mut cells = (0..node.num_cells()).map(|index| node.cell(index, usable));
            match node.tree {
                Tree::Index if cells.all(|cell| cell.is_some_and(|cell| looks_like_entry(&cell))) => {
                    if !node.is_leaf() {
                        children.extend((0..=node.num_cells()).filter_map(|index| node.child(index)));
                    }
                    found.push(number);
                }
                Tree::Table
                    if node.is_leaf()
                        && cells.all(|cell| cell.is_some_and(|cell| looks_like_message(&cell))) =>
                {
                    strays.messages.push(number);
                }
                _ => {}
            }
        }
        if !may_be_taken {
            strays.unclear = (found.len() + strays.messages.len()) as u64;
            strays.messages.clear();
            return strays;
        }
        for number in found.iter().chain(&strays.messages) {
            roles.mark_tree(*number);
        }
        let members: HashSet<u32> = found.iter().copied().collect();
        for root in found.into_iter().filter(|number| !children.contains(number)) {
            strays.entries.extend(span(pages, root, &members));
        }
        strays.entries.sort_by(|one, other| one.first.cmp(&other.first));
        // Of two that overlap it cannot be told which one is right.
        let mut end: Option<Vec<u8>> = None;
        let before = strays.entries.len();
        strays.entries.retain(|stray| {
            let apart = end.as_ref().is_none_or(|end| *end < stray.first);
            if apart {
                end = Some(stray.last.clone());
            }
            apart
        });
        strays.unclear = (before - strays.entries.len()) as u64;
        strays
    }
}

/// The first and the last key of a subtree.
fn span(pages: &mut Pages, root: u32, members: &HashSet<u32>) -> Option<Stray> {
    let mut walk = Walk::new(Tree::Index, root);
    let mut seen = HashSet::new();
    let mut visit = |number: u32| members.contains(&number) && seen.insert(number);
    let mut keys: Option<(Vec<u8>, Vec<u8>)> = None;
    while let Some(step) = walk.next(pages, &mut visit) {
        let Step::Cell(cell) = step else {
            continue;
        };
        let Some(key) = key_of_cell(&cell) else {
            continue;
        };
        keys = Some(match keys {
            Some((first, _)) => (first, key),
            None => (key.clone(), key),
        });
    }
    let (first, last) = keys?;
    (first <= last).then_some(Stray { root, first, last })
}
