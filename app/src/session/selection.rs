//! What is selected in the table, and what is done with all of it.

use super::Session;
use crate::model::selection::SelectRows;

impl Session {
    /// Changes which rows of the table are selected.
    pub fn select_rows(&mut self, change: SelectRows) {
        match change {
            SelectRows::Toggle(key) => {
                self.entries.selection.toggle(&key);
                self.show(key);
            }
            SelectRows::Extend { to, keep } => {
                self.entries.selection.extend(&to, keep);
                self.show(to);
            }
            SelectRows::FromFirst(last) => self.entries.select_from_first(&last),
            SelectRows::All => self.entries.select_all(),
            SelectRows::One => match self.entries.selected.clone() {
                Some(key) => self.entries.selection.set_only(&key),
                None => self.entries.selection.clear(),
            },
        }
    }

    /// Has counted what is selected, if that is not known.
    pub(super) fn count_selection(&mut self, now: i64) {
        let number = &mut self.next_number;
        let ticket = || {
            *number += 1;
            *number
        };
        if let Some(request) = self.entries.selection.tally.want(now, ticket) {
            self.worker.send(request);
        }
    }
}
