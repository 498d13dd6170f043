//! The keyspace `history`: earlier versions of entries, in the batch of the commit that ends them.
//!
//! It is made when rules are first given, so that a store which keeps nothing has none. Whatever replaces an entry, in a
//! commit, in a sweep or in a bulk load, says so to a [`Keeping`], whose rows go into the same batch.

mod keep;
mod read;
mod rows;
mod trim;

pub(super) use keep::{Keeping, Kept, Rows as PastRows};
pub(super) use read::stored_rules;
pub(super) use rows::{HISTORY, is_row};
pub(super) use trim::TrimPlace;

use super::engine::Engine;
use super::layout::keyspace_options;

impl Engine {
    /// Opens the keyspace, if the store has one.
    pub(super) fn open_history(&self) -> fjall::Result<()> {
        if self.database.keyspace_exists(HISTORY) {
            return self.make_history();
        }
        Ok(())
    }

    /// Makes the keyspace, if the store has none.
    pub(super) fn make_history(&self) -> fjall::Result<()> {
        if self.history.get().is_none() {
            let history = self.database.keyspace(HISTORY, keyspace_options)?;
            // Whoever was faster has made the same.
            let _made = self.history.set(history);
        }
        Ok(())
    }
}
