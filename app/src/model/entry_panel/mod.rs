//! The entry panel: what is shown, and the edits that wait. A draft is never lost and never overwritten.

use std::collections::HashMap;

use keyglass_store::key::EncodedKey;
use keyglass_store::limits::Limits;
use keyglass_store::{Entry, Versionstamp};

use super::draft::{Draft, ExpiryDraft};
use super::key_draft::KeyDraft;
use super::rename::Rename;
use crate::content::row::LoadedEntry;
use crate::errand::ReadError;

/// The ways to look at a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub enum ValueView {
    /// Typed, foldable.
    #[default]
    Tree,
    /// A JavaScript literal, editable.
    Code,
    /// Bytes as stored.
    Hex,
    /// The interchange form.
    Json,
    /// What bytes hold, where that is recognised.
    Preview,
}

impl ValueView {
    /// All of them, in the order shown; the last one only where there is something to preview.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::Tree, "Tree"),
        (Self::Code, "Code"),
        (Self::Hex, "Hex"),
        (Self::Json, "JSON"),
        (Self::Preview, "Preview"),
    ];
}

/// What the entry panel shows.
#[derive(Debug, Default)]
pub enum Shown {
    /// Nothing is selected.
    #[default]
    Nothing,
    /// A key whose entry has not come yet.
    Loading(EncodedKey),
    /// A key without an entry.
    Absent(EncodedKey),
    /// A folder of the tree that is no entry.
    Folder(EncodedKey),
    /// An entry.
    Entry(Box<LoadedEntry>),
    /// A key whose entry could not be read.
    Failed(EncodedKey, String),
}

/// The entry panel's state.
#[derive(Debug, Default)]
pub struct EntryPanel {
    /// What is shown.
    pub shown: Shown,
    /// The new entry that is being written and shown, if any.
    pub new_entry: Option<Draft>,
    /// What the database takes.
    pub limits: Limits,
    /// The database does not tell when entries expire.
    pub hides_expiry: bool,
    /// New entries that were begun and wait while something else is shown.
    set_aside: Vec<Draft>,
    drafts: HashMap<EncodedKey, Draft>,
    renames: HashMap<EncodedKey, Rename>,
    /// The code of the value shall get the keyboard's focus as soon as it is shown.
    pub focus_value: bool,
    /// How often an edit that was shown was given up or saved.
    pub num_edits_done: u64,
    reads_again: bool,
}

impl EntryPanel {
    /// The key that is shown; none while a folder is.
    #[must_use]
    pub fn key(&self) -> Option<&EncodedKey> {
        match &self.shown {
            Shown::Nothing | Shown::Folder(_) => None,
            Shown::Loading(key) | Shown::Absent(key) | Shown::Failed(key, _) => Some(key),
            Shown::Entry(loaded) => Some(&loaded.entry.key),
        }
    }

    /// The folder that is shown.
    #[must_use]
    pub fn folder(&self) -> Option<&EncodedKey> {
        match &self.shown {
            Shown::Folder(prefix) => Some(prefix),
            _ => None,
        }
    }

    /// The entry that is shown.
    #[must_use]
    pub fn entry(&self) -> Option<&Entry> {
        match &self.shown {
            Shown::Entry(loaded) => Some(&loaded.entry),
            _ => None,
        }
    }

    /// Begins a new entry, or goes on with one that was set aside.
    pub fn begin_new_entry(&mut self, draft: Draft) {
        if self.new_entry.is_none() {
            self.new_entry = Some(self.set_aside.pop().unwrap_or(draft));
        }
    }

    /// Begins another new entry, such as a copy; one that is being written is set aside.
    pub fn begin_another_entry(&mut self, draft: Draft) {
        self.set_aside_new_entry();
        self.new_entry = Some(draft);
    }

    fn set_aside_new_entry(&mut self) {
        // One without any text is as good as none.
        self.set_aside.extend(
            self.new_entry
                .take()
                .filter(|draft| !draft.text.trim().is_empty()),
        );
    }

    /// New entries that are being written, the one that is shown last.
    pub fn new_entries(&self) -> impl Iterator<Item = &Draft> {
        self.set_aside().chain(&self.new_entry)
    }

    /// New entries that wait while something else is shown, the one set aside last at the end.
    pub fn set_aside(&self) -> impl Iterator<Item = &Draft> {
        self.set_aside.iter()
    }

    /// Shows another key; the draft of the one before is kept.
    pub fn select(&mut self, key: EncodedKey) {
        if self.key() != Some(&key) {
            self.focus_value = false;
            self.forget_unchanged();
            self.shown = Shown::Loading(key);
        }
        self.reads_again = true;
        self.set_aside_new_entry();
    }

    /// Shows a folder of the tree; the draft of the key before is kept.
    pub fn show_folder(&mut self, prefix: EncodedKey) {
        self.forget_unchanged();
        self.shown = Shown::Folder(prefix);
        self.set_aside_new_entry();
    }

    /// A text that was only looked at is no edit: kept, it would take memory and be compared each frame.
    fn forget_unchanged(&mut self) {
        if let Some(key) = self.key().cloned()
            && let Some(draft) = self.drafts.get(&key)
            && !draft.is_changed()
            && draft.saving.is_none()
        {
            self.drafts.remove(&key);
        }
    }

    /// The draft of a key.
    #[must_use]
    pub fn draft(&self, key: &EncodedKey) -> Option<&Draft> {
        self.drafts.get(key)
    }

    /// The draft of the key that is shown, begun if there is none.
    pub fn draft_of_shown(&mut self) -> Option<&mut Draft> {
        let Shown::Entry(loaded) = &self.shown else {
            let key = self.key()?.clone();
            return self.drafts.get_mut(&key);
        };
        Some(
            self.drafts
                .entry(loaded.entry.key.clone())
                .or_insert_with(|| Draft::of(loaded, self.limits)),
        )
    }

    /// The draft that Save would save: the new entry's, or that of the key shown if it differs.
    #[must_use]
    pub fn current(&self) -> Option<&Draft> {
        self.new_entry
            .as_ref()
            .or_else(|| self.drafts.get(self.key()?))
            .filter(|draft| draft.is_changed())
    }

    /// The same, to change it.
    pub fn current_mut(&mut self) -> Option<&mut Draft> {
        if self.new_entry.is_some() {
            return self.new_entry.as_mut();
        }
        let key = self.key()?.clone();
        self.drafts.get_mut(&key).filter(|draft| draft.is_changed())
    }

    /// Whether saving the edit that is shown would end an expiry that nobody can see.
    #[must_use]
    pub fn ends_unseen_expiry(&self) -> bool {
        let ends = |draft: &Draft| draft.seen().is_some() && draft.expiry == ExpiryDraft::Keep;
        self.hides_expiry
            && self
                .current()
                .is_some_and(|draft| ends(draft) && draft.problem().is_none())
    }

    /// Whether another key is written for the entry that is shown, which it can get.
    #[must_use]
    pub fn can_rename(&self) -> bool {
        let key = self.key();
        self.rename().is_some_and(|rename| {
            let new = rename.key_draft.key(&self.limits);
            rename.saving.is_none() && new.is_ok_and(|new| Some(&new) != key)
        })
    }

    /// Gives up the edit that is shown.
    pub fn revert(&mut self) {
        self.num_edits_done += 1;
        if self.new_entry.take().is_none()
            && let Some(key) = self.key().cloned()
        {
            self.drafts.remove(&key);
        }
    }

    /// Has the entry that is shown read again.
    pub fn read_again(&mut self) {
        self.reads_again = true;
    }

    /// The edits of entries that differ from what was seen.
    pub fn changed(&self) -> impl Iterator<Item = &Draft> {
        self.drafts.values().filter(|draft| draft.is_changed())
    }

    /// Takes up an edit of an earlier run. One of an entry that was not there any more is one of a new entry. True if
    /// another edit of the entry was taken up before, so that this one waits as a new entry.
    pub fn restore(&mut self, draft: Draft) -> bool {
        match draft.key().cloned() {
            Some(key) if self.drafts.contains_key(&key) => {
                // Two windows edited one entry. The other text waits, to be compared with what is saved first.
                let mut other = Draft::new_entry(KeyDraft::of_text(&draft.key_text()), self.limits);
                other.text = draft.text;
                other.expiry = draft.expiry;
                other.parse();
                self.set_aside.push(other);
                return true;
            }
            Some(key) => {
                self.drafts.insert(key, draft);
            }
            None => self.set_aside.push(draft),
        }
        false
    }

    /// Takes an edit of an entry in place of one that changes nothing.
    pub fn put_draft(&mut self, draft: Draft) {
        if let Some(key) = draft.key().cloned() {
            self.drafts.insert(key, draft);
        }
    }

    /// How many edits wait to be saved.
    #[must_use]
    pub fn num_changed(&self) -> usize {
        self.changed().count() + self.new_entries().count() + self.renames.len()
    }

    /// The new key that is being written for the entry shown.
    #[must_use]
    pub fn rename(&self) -> Option<&Rename> {
        self.renames.get(&self.entry()?.key)
    }

    /// The same, to change it.
    pub fn rename_mut(&mut self) -> Option<&mut Rename> {
        let key = self.entry()?.key.clone();
        self.renames.get_mut(&key)
    }

    /// All new keys that are being written, with the keys that the entries have.
    pub fn renames(&self) -> impl Iterator<Item = (&EncodedKey, &Rename)> {
        self.renames.iter()
    }

    /// The new key that is being written for any entry.
    #[must_use]
    pub fn rename_of(&self, key: &EncodedKey) -> Option<&Rename> {
        self.renames.get(key)
    }

    /// Begins to write another key for an entry, or goes on with that.
    pub fn begin_rename(&mut self, key: EncodedKey, rename: Rename) {
        self.renames.entry(key).or_insert(rename);
    }

    /// Gives up renaming the entry that is shown.
    pub fn cancel_rename(&mut self) {
        if let Some(key) = self.key().cloned() {
            self.renames.remove(&key);
        }
    }

    /// The rename whose commit has this ticket.
    pub fn renaming_mut(&mut self, ticket: u64) -> Option<&mut Rename> {
        self.renames
            .values_mut()
            .find(|rename| rename.saving == Some(ticket))
    }

    /// An entry has got another key: an edit of its value goes with it.
    pub fn renamed(&mut self, from: &EncodedKey, to: &EncodedKey, versionstamp: Versionstamp) {
        self.renames.remove(from);
        if let Some(mut draft) = self.drafts.remove(from) {
            draft.moved(to, versionstamp);
            self.drafts.insert(to.clone(), draft);
        }
    }

    /// Takes an entry that was read. An edit of it is told, never overwritten.
    pub fn apply_entry(&mut self, key: &EncodedKey, entry: Result<Option<Box<LoadedEntry>>, ReadError>) {
        if let Ok(entry) = &entry
            && let Some(draft) = self.drafts.get_mut(key)
        {
            let seen = draft.seen().map(|seen| seen.entry.versionstamp);
            let now = entry.as_ref().map(|entry| entry.entry.versionstamp);
            let is_stored = entry.as_ref().is_some_and(|now| draft.is_stored_as(&now.entry));
            if seen == now {
                draft.outside = None;
            } else if is_stored && draft.saving.is_none() {
                // Whoever did it, as a transaction that holds the edit: nothing is left to save.
                self.drafts.remove(key);
            } else if draft.is_changed() && draft.saving.is_none() {
                draft.outside = Some(entry.clone());
            } else if draft.saving.is_none() {
                self.drafts.remove(key);
            }
        }
        if self.key() != Some(key) {
            return;
        }
        self.shown = match entry {
            Ok(Some(loaded)) => Shown::Entry(loaded),
            Ok(None) => Shown::Absent(key.clone()),
            Err(error) => Shown::Failed(key.clone(), error.to_string()),
        };
    }

    /// The draft whose commit has this ticket, with its key if it is not new.
    pub fn saving_mut(&mut self, ticket: u64) -> Option<&mut Draft> {
        self.new_entry
            .iter_mut()
            .chain(&mut self.set_aside)
            .chain(self.drafts.values_mut())
            .find(|draft| draft.saving == Some(ticket))
    }

    /// Forgets the draft whose commit succeeded.
    pub fn saved(&mut self, ticket: u64) {
        if self.current().is_some_and(|draft| draft.saving == Some(ticket)) {
            self.num_edits_done += 1;
        }
        if self
            .new_entry
            .as_ref()
            .is_some_and(|draft| draft.saving == Some(ticket))
        {
            self.new_entry = None;
        }
        self.set_aside.retain(|draft| draft.saving != Some(ticket));
        self.drafts.retain(|_, draft| draft.saving != Some(ticket));
    }
}

mod kept;
#[cfg(test)]
mod tests;
