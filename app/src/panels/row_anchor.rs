//! Keeps what a person looks at where it is while rows come and go above it.

use keyglass_store::key::EncodedKey;

use crate::widgets::row_scroller::ScrollPosition;

/// A row as it was drawn last: the one under the pointer, or else the first one on screen.
#[derive(Debug)]
pub(super) struct RowAnchor {
    /// The key of the row.
    pub key: EncodedKey,
    row: u64,
    /// The number of the first row on screen.
    first_row: u64,
}

impl RowAnchor {
    /// The row that the pointer is on, or the one at the top. At the very top new rows are shown, unless the pointer
    /// is on one.
    pub fn new(
        position: ScrollPosition,
        pointed_at: Option<u64>,
        key_of: impl FnOnce(u64) -> Option<EncodedKey>,
    ) -> Option<Self> {
        let first_row = position.first_row();
        let row = pointed_at.or((first_row > 0).then_some(first_row))?;
        Some(Self {
            key: key_of(row)?,
            row,
            first_row,
        })
    }

    /// Whether it stood below the first row on screen.
    pub fn is_below_top(&self) -> bool {
        self.row > self.first_row
    }

    /// Moves with the row, which is this one now, unless the person has scrolled.
    pub fn hold(&self, position: &mut ScrollPosition, row: Option<u64>) {
        if let Some(row) = row.filter(|_| self.first_row == position.first_row()) {
            position.rows_removed_above(self.row.saturating_sub(row));
            position.rows_inserted_above(row.saturating_sub(self.row));
        }
    }
}
