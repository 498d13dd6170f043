//! What is kept of one database between runs.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use keyglass_store::key::EncodedKey;

use super::Session;
use crate::model::draft::Draft;
use crate::model::key_draft::KeyDraft;
use crate::model::query::Query;
use crate::model::rename::Rename;
use crate::model::saved_filters::SavedFilter;
use crate::model::saved_session::{self, EXPANDED_LIMIT, SavedDraft, SavedSession};

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
        (self.panel.key(), self.panel.folder()).hash(&mut hasher);
        self.entries.query.hash(&mut hasher);
        self.tree.num_expanded().hash(&mut hasher);
        // The order of a map's drafts differs, so their hashes are added up.
        let drafts = self.panel.changed().chain(self.panel.new_entries()).map(|draft| {
            let mut hasher = DefaultHasher::new();
            (&draft.key_draft, draft.text.len(), draft.expiry, draft.revision()).hash(&mut hasher);
            hasher.finish()
        });
        drafts.fold(0, u64::wrapping_add).hash(&mut hasher);
        let renames = self.panel.renames().map(|(key, rename)| {
            let mut hasher = DefaultHasher::new();
            (key, &rename.key_draft).hash(&mut hasher);
            hasher.finish()
        });
        renames.fold(0, u64::wrapping_add).hash(&mut hasher);
        for row in &self.transaction.rows {
            (row.kind, &row.key_text, &row.value_text, row.versionstamp).hash(&mut hasher);
        }
        self.transaction.committed().hash(&mut hasher);
        self.filters.hash(&mut hasher);
        self.watch.prefixes().for_each(|prefix| prefix.hash(&mut hasher));
        hasher.finish()
    }

    /// What shall be there again next time.
    #[must_use]
    pub fn save_state(&self) -> SavedSession {
        let mut expanded: Vec<&EncodedKey> = self.tree.expanded().collect();
        expanded.sort();
        expanded.truncate(EXPANDED_LIMIT);
        let mut drafts: Vec<&Draft> = self.panel.changed().collect();
        drafts.sort_by_cached_key(|draft| draft.key_text());
        let mut renames: Vec<(String, String)> = self
            .panel
            .renames()
            .map(|(key, rename)| (key.to_string(), rename.key_draft.text()))
            .collect();
        renames.sort();
        let query = &self.entries.query;
        SavedSession {
            renames,
            shown: self.panel.key().map(ToString::to_string),
            folder: self.panel.folder().map(ToString::to_string),
            listed: Some(query.prefix.to_string()),
            options: (*query != Query::prefix(query.prefix.clone()))
                .then(|| SavedFilter::new(String::new(), query)),
            expanded: expanded.into_iter().map(ToString::to_string).collect(),
            drafts: drafts.into_iter().map(SavedDraft::of).collect(),
            new_entry: self.panel.new_entry.as_ref().map(SavedDraft::of),
            set_aside: self.panel.set_aside().map(SavedDraft::of).collect(),
            watched: self.watch.prefixes().map(ToString::to_string).collect(),
            transaction: saved_session::save_transaction(&self.transaction),
            transaction_met: false,
            committed: self.transaction.committed().map(|stamp| stamp.to_string()),
            filters: self.filters.clone(),
        }
    }

    /// Takes up what was kept of an earlier run.
    pub fn restore(&mut self, saved: &SavedSession) -> Restored {
        let mut met = Vec::new();
        for prefix in saved
            .expanded
            .iter()
            .filter_map(|text| saved_session::read_key(text))
        {
            self.tree.set_expanded(&prefix, true);
        }
        if let Some(query) = saved.options.as_ref().and_then(SavedFilter::query) {
            self.list(query);
        } else if let Some(prefix) = saved.listed.as_deref().and_then(saved_session::read_key) {
            self.list(Query::prefix(prefix));
        }
        for draft in saved.drafts.iter().chain(&saved.set_aside) {
            if let Some(draft) = draft.restore() {
                let key = draft.key_text();
                if self.panel.restore(draft) {
                    met.push(format!("One of two edits waits as a new entry: {key}"));
                }
            }
        }
        for (key, new) in &saved.renames {
            if let Some(key) = saved_session::read_key(key) {
                if let Some(other) = self.panel.rename_of(&key) {
                    let taken = other.key_draft.text();
                    met.push(format!(
                        "Two new keys were being written, {taken} stays and {new} does not, for {key}"
                    ));
                }
                let mut rename = Rename::of(&key);
                rename.key_draft = KeyDraft::of_text(new);
                self.panel.begin_rename(key, rename);
            }
        }
        self.filters.clone_from(&saved.filters);
        for prefix in saved
            .watched
            .iter()
            .filter_map(|text| saved_session::read_key(text))
        {
            self.watch.add(prefix);
        }
        saved_session::restore_transaction(&mut self.transaction, saved);
        if let Some(key) = saved.shown.as_deref().and_then(saved_session::read_key) {
            self.scroll_to_selected = true;
            self.scroll_to_selected_node = true;
            self.select(key);
        } else if let Some(prefix) = saved.folder.as_deref().and_then(saved_session::read_key) {
            self.scroll_to_selected_node = true;
            self.tree.selected = Some(prefix.clone());
            self.panel.show_folder(prefix);
        }
        self.panel.new_entry = saved.new_entry.as_ref().and_then(SavedDraft::restore);
        self.send_wants();
        Restored {
            has_edits: self.panel.num_changed() > 0,
            met,
            transaction_met: saved.transaction_met && !self.transaction.rows.is_empty(),
        }
    }
}
