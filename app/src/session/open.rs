//! What is shown: what the table lists, and which entry or folder is looked at.

use keyglass_store::key::EncodedKey;

use super::Session;
use crate::errand::ForEntries;
use crate::model::draft::parse_key;
use crate::model::middle::Middle;
use crate::model::query::Query;
use crate::model::subject::Subject;
use crate::model::transaction::OperationKind;

impl Session {
    /// Lists what is at and below a prefix.
    pub fn list(&mut self, query: Query) {
        self.models.entries.set_query(query);
        self.models.show(Middle::Entries);
        self.send_wants();
    }

    /// Shows a key wherever it is: opens the tree down to it and lists what is around it.
    pub fn go_to(&mut self, key: EncodedKey) {
        self.models.tree.reveal(&key);
        if !self.models.entries.query.range().contains(&key) {
            self.list_around(&key);
        }
        self.models.entries.shows_selected = true;
        self.models.tree.shows_selected = true;
        self.select(key);
    }

    /// Lists what is below the same prefix as a key.
    pub(super) fn list_around(&mut self, key: &EncodedKey) {
        let ends = key.part_ends();
        let parent = ends.len().checked_sub(2).and_then(|at| ends.get(at));
        self.list(Query::prefix(key.truncated(parent.copied().unwrap_or(0))));
    }

    /// Shows a node of the tree: lists what is below, or selects its row.
    pub fn select_node(&mut self, prefix: EncodedKey, is_entry: bool, is_folder: bool) {
        if !is_folder {
            return self.go_to(prefix);
        }
        if is_entry {
            self.list(Query::prefix(prefix.clone()));
            self.select(prefix);
        } else {
            self.select_folder(prefix);
        }
    }

    /// Selects a folder that is no entry, and nothing else, and lists what is in it.
    pub(super) fn select_folder(&mut self, prefix: EncodedKey) {
        self.models.entries.deselect();
        self.list(Query::prefix(prefix.clone()));
        self.models.entries.type_ahead.missed = None;
        self.models.tree.selected = Some(prefix.clone());
        self.models.panel.show_folder(prefix);
    }

    /// What is selected, which is what every command is about.
    #[must_use]
    pub fn subject(&self) -> Subject {
        Subject::of(&self.models.tree, &self.models.entries, &self.models.panel)
    }

    /// Shows an entry in the panel and marks it, and no other one, in the table and the tree.
    pub fn select(&mut self, key: EncodedKey) {
        let row = self.models.entries.query.keys_of_row(&key);
        self.models.entries.selection.set_only(row);
        self.look_at(key);
    }

    /// Shows an entry in the panel; what is selected in the table stays so.
    pub(super) fn look_at(&mut self, key: EncodedKey) {
        self.models.entries.type_ahead.missed = None;
        self.models.entries.selected = Some(key.clone());
        self.models.tree.selected = Some(key.clone());
        self.models.panel.select(key);
    }

    /// Adds a check of what is shown, and a set of what was edited, to the transaction; or both for each of the entries
    /// that are selected together.
    pub fn add_to_transaction(&mut self) {
        let panel = &self.models.panel;
        let draft = panel.current().or_else(|| panel.draft(panel.key()?));
        let Some(draft) = draft.cloned() else {
            if !matches!(self.subject(), Subject::Entry(_)) {
                if let Some(target) = self.subject().target() {
                    self.gather_rows(&target, ForEntries::Set);
                }
                return;
            }
            if let Some(entry) = self.models.panel.entry() {
                let stamp = Some(entry.versionstamp);
                self.models.transaction.add_check(&entry.key, stamp);
            }
            return;
        };
        let seen = draft.seen().map(|seen| seen.entry.versionstamp);
        let key_text = draft.key_text();
        if let Ok(key) = parse_key(&key_text) {
            self.models.transaction.add_check(&key, seen);
        }
        // A row is one line high.
        let text = draft.value().map_or_else(
            || draft.text.replace('\n', " "),
            |value| keyglass_store::value::literal::print(value, usize::MAX),
        );
        self.models.transaction.add(OperationKind::Set, key_text, text);
    }
}
