//! A b-tree in its order, past whatever is lost.

use super::btree::{Cell, Node, Tree};
use super::file::Pages;

/// The deepest tree that SQLite itself walks.
const LEVELS: usize = 20;

/// What comes next in a tree.
#[derive(Debug)]
pub(super) enum Step {
    /// A cell with a record.
    Cell(Cell),
    /// A cell that is broken.
    LostCell,
    /// A page that is no page of this tree, and all below it.
    LostPage,
}

/// A walk in order. Pages are read as they are reached.
pub(super) struct Walk {
    tree: Tree,
    root: Option<u32>,
    path: Vec<(Node, usize, bool)>,
}

impl Walk {
    /// Begins at a root.
    pub(super) fn new(tree: Tree, root: u32) -> Self {
        Self {
            tree,
            root: Some(root),
            path: Vec::new(),
        }
    }

    /// The next step; `None` at the end. `visit` is told of each page, and says whether it may be taken for one of this
    /// tree.
    pub(super) fn next(&mut self, pages: &mut Pages, visit: &mut dyn FnMut(u32) -> bool) -> Option<Step> {
        if let Some(root) = self.root.take()
            && !self.descend(root, pages, visit)
        {
            return Some(Step::LostPage);
        }
        loop {
            let usable = pages.usable;
            let (node, index, was_below) = self.path.last_mut()?;
            if node.is_leaf() {
                let at = *index;
                if at >= node.num_cells() {
                    self.path.pop();
                    continue;
                }
                *index += 1;
                return Some(node.cell(at, usable).map_or(Step::LostCell, Step::Cell));
            }
            // Of an inner page: the child before a cell, the cell, and at last the child behind all cells.
            let at = *index;
            if !*was_below {
                *was_below = true;
                let child = node.child(at);
                if !child.is_some_and(|child| self.descend(child, pages, visit)) {
                    return Some(Step::LostPage);
                }
                continue;
            }
            if at >= node.num_cells() {
                self.path.pop();
                continue;
            }
            *index += 1;
            *was_below = false;
            if self.tree == Tree::Index {
                return Some(node.cell(at, usable).map_or(Step::LostCell, Step::Cell));
            }
        }
    }

    /// Goes to a page; false if it is none of this tree.
    fn descend(&mut self, number: u32, pages: &mut Pages, visit: &mut dyn FnMut(u32) -> bool) -> bool {
        if self.path.len() >= LEVELS || !pages.has(number) || !visit(number) {
            return false;
        }
        let usable = pages.usable;
        let node = pages
            .page(number)
            .and_then(|page| Node::parse(page, number, usable))
            .filter(|node| node.tree == self.tree);
        match node {
            Some(node) => {
                self.path.push((node, 0, false));
                true
            }
            None => false,
        }
    }
}
