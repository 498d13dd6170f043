//! The entry panel in the traffic of its database, and what it keeps between runs.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use keyglass_store::Database;

use super::EntryPanel;
use crate::errand::{Answer, Errand, ObservedChange, Read};
use crate::model::draft::Draft;
use crate::model::key_draft::KeyDraft;
use crate::model::panel::{PanelModel, Telling};
use crate::model::rename::Rename;
use crate::model::saved_session::{SavedDraft, SavedSession, read_key};

impl PanelModel for EntryPanel {
    fn of(database: &dyn Database) -> Self {
        Self {
            limits: database.capabilities().limits,
            hides_expiry: !database.capabilities().expiry,
            ..Self::default()
        }
    }

    fn take_wants(&mut self) -> Vec<Errand> {
        let reads_again = std::mem::take(&mut self.reads_again);
        let key = self.key().filter(|_| reads_again).cloned();
        key.map(|key| Read::Entry { key }.into()).into_iter().collect()
    }

    fn take_answer(&mut self, answer: Answer, telling: &mut Telling<'_>) -> Option<Answer> {
        let Answer::Entry { key, entry } = answer else {
            return Some(answer);
        };
        if let Err(error) = &entry {
            telling.notices.error(error.to_string(), telling.now);
        }
        self.apply_entry(&key, entry);
        None
    }

    fn take_change(&mut self, change: &ObservedChange) {
        self.reads_again |= self.key() == Some(&change.key);
    }

    fn catch_up(&mut self, _now: i64) {
        self.reads_again = true;
    }

    fn refresh(&mut self) {
        self.reads_again = true;
    }

    fn keep(&self, saved: &mut SavedSession) {
        let mut drafts: Vec<&Draft> = self.changed().collect();
        drafts.sort_by_cached_key(|draft| draft.key_text());
        saved.drafts = drafts.into_iter().map(SavedDraft::of).collect();
        saved.renames = self
            .renames()
            .map(|(key, rename)| (key.to_string(), rename.key_draft.text()))
            .collect();
        saved.renames.sort();
        saved.shown = self.key().map(ToString::to_string);
        saved.folder = self.folder().map(ToString::to_string);
        saved.new_entry = self.new_entry.as_ref().map(SavedDraft::of);
        saved.set_aside = self.set_aside().map(SavedDraft::of).collect();
    }

    /// What is shown, and with it the new entry, is up to the session: it is shown elsewhere, too.
    fn restore(&mut self, saved: &SavedSession) -> Vec<String> {
        let mut met = Vec::new();
        for draft in saved.drafts.iter().chain(&saved.set_aside) {
            if let Some(draft) = draft.restore(self.limits) {
                let key = draft.key_text();
                if self.restore(draft) {
                    met.push(format!("One of two edits waits as a new entry: {key}"));
                }
            }
        }
        for (key, new) in &saved.renames {
            if let Some(key) = read_key(key) {
                if let Some(other) = self.rename_of(&key) {
                    let taken = other.key_draft.text();
                    met.push(format!(
                        "Two new keys were being written, {taken} stays and {new} does not, for {key}"
                    ));
                }
                let mut rename = Rename::of(&key);
                rename.key_draft = KeyDraft::of_text(new);
                self.begin_rename(key, rename);
            }
        }
        met
    }

    fn fingerprint(&self, hasher: &mut DefaultHasher) {
        (self.key(), self.folder()).hash(hasher);
        // The order of a map's drafts differs, so their hashes are added up.
        let drafts = self.changed().chain(self.new_entries()).map(|draft| {
            let mut hasher = DefaultHasher::new();
            (&draft.key_draft, draft.text.len(), draft.expiry, draft.revision()).hash(&mut hasher);
            hasher.finish()
        });
        drafts.fold(0, u64::wrapping_add).hash(hasher);
        let renames = self.renames().map(|(key, rename)| {
            let mut hasher = DefaultHasher::new();
            (key, &rename.key_draft).hash(&mut hasher);
            hasher.finish()
        });
        renames.fold(0, u64::wrapping_add).hash(hasher);
    }
}
