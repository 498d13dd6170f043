//! Keeps what a person looks at where it is while rows come and go above it.

use keyglass_store::key::EncodedKey;

use super::Session;
use crate::model::tree::TreeRowKind;
use crate::widgets::row_scroller::ScrollPosition;

/// A row as it was drawn last: the one under the pointer, or else the first one on screen.
#[derive(Debug)]
pub struct RowAnchor {
    key: EncodedKey,
    row: u64,
    /// The number of the first row on screen.
    first_row: u64,
    /// How many levels of the tree were unfolded.
    levels: usize,
}

impl RowAnchor {
    /// The row that the pointer is on, or the one at the top. At the very top new rows are shown, unless the pointer
    /// is on one.
    fn new(
        position: ScrollPosition,
        pointed_at: Option<u64>,
        levels: usize,
        key_of: impl FnOnce(u64) -> Option<EncodedKey>,
    ) -> Option<Self> {
        let first_row = position.first_row();
        let row = pointed_at.or((first_row > 0).then_some(first_row))?;
        Some(Self {
            key: key_of(row)?,
            row,
            first_row,
            levels,
        })
    }

    /// Moves with the row, which is this one now, unless the person has scrolled.
    fn hold(&self, position: &mut ScrollPosition, row: Option<u64>) {
        if let Some(row) = row.filter(|_| self.first_row == position.first_row()) {
            position.rows_removed_above(self.row.saturating_sub(row));
            position.rows_inserted_above(row.saturating_sub(self.row));
        }
    }
}

impl Session {
    /// Notes what shall stay where it is in the tree.
    pub fn anchor_tree(&mut self, position: ScrollPosition, pointed_at: Option<u64>) {
        let levels = self.tree.num_levels();
        self.view.tree_anchor = RowAnchor::new(position, pointed_at, levels, |row| {
            let row = self.tree.row(row)?;
            (row.kind != TreeRowKind::More).then_some(row.prefix)
        });
        self.view.tree = position;
    }

    /// Keeps it there when rows came or went above it.
    pub fn hold_tree(&mut self, position: &mut ScrollPosition) {
        if let Some(anchor) = self.view.tree_anchor.take() {
            // What is folded or unfolded by keys may be above the pointer, and it is what the person looks at.
            let is_below_top = anchor.row > anchor.first_row;
            if !is_below_top || anchor.levels == self.tree.num_levels() {
                anchor.hold(position, self.tree.row_of(&anchor.key));
            }
        }
    }

    /// Notes what shall stay where it is in the table.
    pub fn anchor_table(&mut self, position: ScrollPosition, pointed_at: Option<u64>) {
        self.view.table_anchor = RowAnchor::new(position, pointed_at, 0, |row| {
            self.entries.row(row).map(|row| row.key.clone())
        });
        self.view.table = position;
    }

    /// Keeps it there when rows came or went above it.
    pub fn hold_table(&mut self, position: &mut ScrollPosition) {
        if let Some(anchor) = self.view.table_anchor.take() {
            anchor.hold(position, self.entries.row_of(&anchor.key));
        }
    }
}
