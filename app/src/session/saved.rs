//! What is kept of one database between runs.

use std::hash::{DefaultHasher, Hasher as _};

use super::Session;
use crate::model::saved_session::{SavedSession, read_key};

/// What came back of an earlier run.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Restored {
    /// Whether there are edits.
    pub has_edits: bool,
    /// What became of edits of one entry that several windows made, a sentence each.
    pub met: Vec<String>,
    /// Whether rows of several windows came together in the transaction.
    pub transaction_met: bool,
}

impl Session {
    /// Changes whenever [`Self::save_state`] would return something else. Cheap enough for every frame.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.models
            .iter()
            .for_each(|model| model.fingerprint(&mut hasher));
        hasher.finish()
    }

    /// What shall be there again next time.
    #[must_use]
    pub fn save_state(&self) -> SavedSession {
        let mut saved = SavedSession::default();
        self.models.iter().for_each(|model| model.keep(&mut saved));
        saved
    }

    /// Takes up what was kept of an earlier run.
    pub fn restore(&mut self, saved: &SavedSession) -> Restored {
        let met = self
            .models
            .each()
            .flat_map(|model| model.restore(saved))
            .collect();
        if let Some(key) = saved.shown.as_deref().and_then(read_key) {
            self.models.entries.shows_selected = true;
            self.models.tree.shows_selected = true;
            self.select(key);
        } else if let Some(prefix) = saved.folder.as_deref().and_then(read_key) {
            self.models.tree.shows_selected = true;
            self.models.tree.selected = Some(prefix.clone());
            self.models.panel.show_folder(prefix);
        }
        let limits = self.models.panel.limits;
        let new_entry = saved.new_entry.as_ref();
        self.models.panel.new_entry = new_entry.and_then(|draft| draft.restore(limits));
        self.send_wants();
        Restored {
            has_edits: self.models.panel.num_changed() > 0,
            met,
            transaction_met: saved.transaction_met && !self.models.transaction.rows.is_empty(),
        }
    }
}
