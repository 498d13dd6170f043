//! Going to a key that was typed, which may be a prefix.

use keyglass_store::key::EncodedKey;

use super::Session;
use crate::model::entry_panel::Shown;

/// The key that was gone to, until it is known whether an entry stands there.
#[derive(Debug, Default)]
pub(super) struct Going(Option<EncodedKey>);

impl Session {
    /// Goes to a key; if no entry stands there, but some below, those are listed.
    pub fn go_to_key_or_prefix(&mut self, key: EncodedKey) {
        self.going.0 = Some(key.clone());
        self.go_to(key);
    }

    /// Lists what is below the key that was gone to, as soon as it is known that it is a prefix.
    pub(super) fn arrive(&mut self, now: i64) {
        let Some(key) = self.going.0.take() else {
            return;
        };
        match &self.models.panel.shown {
            Shown::Loading(shown) if *shown == key => self.going.0 = Some(key),
            Shown::Absent(shown) if *shown == key => match self.models.tree.counted(&key, now) {
                // Arrow keys begin with the first row.
                Some(counted) if counted.entries > 0 => self.select_folder(key),
                Some(counted) if counted.complete => {}
                _ => self.going.0 = Some(key),
            },
            _ => {}
        }
    }
}
