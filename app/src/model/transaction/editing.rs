//! Edits of the rows of a transaction.

use keyglass_store::atomic::AtomicOperation;
use keyglass_store::draft::{DraftRow, Step};
use keyglass_store::key::EncodedKey;
use keyglass_store::{Entry, Versionstamp};

use super::{OpenedRow, OperationKind, OperationRow, RowChoices, RowTexts, TransactionDraft, steps};
use crate::errand::ForEntries;
use crate::model::draft::Draft;
use crate::model::key_draft::KeyDraft;

impl TransactionDraft {
    /// Adds a row at the end.
    pub fn add(&mut self, kind: OperationKind, key_text: String, value_text: String) -> u64 {
        let texts = RowTexts {
            key: key_text,
            value: value_text,
            ..RowTexts::default()
        };
        let id = self.next_id();
        let row = OperationRow::new(id, kind, texts, RowChoices::default(), &self.limits);
        self.rows.push(row);
        self.edited();
        id
    }

    /// Adds a row to be written, which gets the keyboard's focus.
    pub fn begin_row(&mut self, kind: OperationKind, key_text: String) {
        self.to_focus = Some(self.add(kind, key_text, String::new()));
    }

    /// Whether the key of this row shall get the keyboard's focus now; once.
    pub fn takes_focus(&mut self, id: u64) -> bool {
        self.to_focus.take_if(|wanted| *wanted == id).is_some()
    }

    /// The place of the row whose key shall get the focus, if any.
    #[must_use]
    pub fn row_to_focus(&self) -> Option<usize> {
        let id = self.to_focus?;
        self.rows.iter().position(|row| row.id == id)
    }

    /// Adds a check of what was seen.
    pub fn add_check(&mut self, key: &EncodedKey, versionstamp: Option<Versionstamp>) {
        let key = key.clone();
        self.add_steps([Step::Check { key, versionstamp }]);
    }

    /// Adds rows that do what these steps say.
    pub fn add_steps(&mut self, steps: impl IntoIterator<Item = Step>) {
        self.add_rows(steps.into_iter().map(DraftRow::from));
    }

    /// Adds rows of a draft, such as one that was loaded from a file.
    pub fn add_rows(&mut self, rows: impl IntoIterator<Item = DraftRow>) {
        for row in rows {
            let id = self.next_id();
            self.rows.push(OperationRow::of_step(id, &row, &self.limits));
        }
        self.edited();
    }

    /// Adds rows that do what an operation does.
    pub fn add_operation(&mut self, operation: &AtomicOperation) {
        self.add_steps(steps::steps_of(operation));
    }

    /// Adds for each entry a check that it is as it was seen, and what is done with it.
    pub fn add_entries(&mut self, entries: &[Entry], each: ForEntries) {
        let check = |entry: &Entry| Step::Check {
            key: entry.key.clone(),
            versionstamp: Some(entry.versionstamp),
        };
        let delete = |entry: &Entry| Step::Delete {
            key: entry.key.clone(),
        };
        let steps = entries.iter().flat_map(|entry| {
            let then = match each {
                ForEntries::Check => Vec::new(),
                ForEntries::Set => vec![steps::set_of(entry)],
                ForEntries::Delete => vec![delete(entry)],
                ForEntries::Queue => vec![delete(entry), steps::message_of(entry)],
            };
            std::iter::once(check(entry)).chain(then)
        });
        self.add_steps(steps.collect::<Vec<_>>());
    }

    /// Removes a row.
    pub fn remove(&mut self, id: u64) {
        self.rows.retain(|row| row.id != id);
        self.failed.retain(|failed| *failed != id);
        self.edited();
    }

    /// Moves a row up or down by one.
    pub fn shift(&mut self, id: u64, down: bool) {
        if let Some(at) = self.rows.iter().position(|row| row.id == id) {
            let to = if down { at + 1 } else { at.saturating_sub(1) };
            self.move_to(id, to);
        }
    }

    /// Moves a row to a place among the others.
    pub fn move_to(&mut self, id: u64, to: usize) {
        let Some(at) = self.rows.iter().position(|row| row.id == id) else {
            return;
        };
        let to = to.min(self.rows.len() - 1);
        if to != at {
            let row = self.rows.remove(at);
            self.rows.insert(to, row);
            self.edited();
        }
    }

    /// Puts a copy of a row below it.
    pub fn duplicate(&mut self, id: u64) {
        if let Some(at) = self.rows.iter().position(|row| row.id == id) {
            let new = self.next_id();
            if let Some(copy) = self.rows.get(at).map(|row| row.copied(new)) {
                self.rows.insert(at + 1, copy);
                self.edited();
            }
        }
    }

    /// Changes what is chosen of a row.
    pub fn choose(&mut self, id: u64, choices: RowChoices) {
        let limits = self.limits;
        if let Some(row) = self.rows.iter_mut().find(|row| row.id == id) {
            row.choices = choices;
            row.parse(&limits);
            self.edited();
        }
    }

    /// Changes what is typed of a row, letter by letter.
    pub fn type_in(&mut self, id: u64, texts: RowTexts) {
        let limits = self.limits;
        if let Some(row) = self.rows.iter_mut().find(|row| row.id == id) {
            row.texts = texts;
            row.parse(&limits);
            self.history.edited(&self.rows, Some(id));
            self.edited();
        }
    }

    /// Removes all rows.
    pub fn clear(&mut self) {
        self.rows.clear();
        self.failed.clear();
        self.edited();
    }

    /// Undoes the last edit of the draft, or does it again.
    pub fn step_back(&mut self, forth: bool) {
        let rows = if forth {
            self.history.redo()
        } else {
            self.history.undo()
        };
        if let Some(rows) = rows {
            self.rows = rows;
            let ids: Vec<u64> = self.rows.iter().map(|row| row.id).collect();
            self.failed.retain(|failed| ids.contains(failed));
            self.opened = None;
            self.renew();
        }
    }

    /// Whether an edit can be undone, and one that was undone done again.
    #[must_use]
    pub fn can_step(&self) -> (bool, bool) {
        (self.history.can_undo(), self.history.can_redo())
    }

    /// Opens a row beside the transaction, over the entry that is shown there.
    pub fn open(&mut self, id: u64, over: Option<EncodedKey>) {
        let Some(row) = self.row(id) else { return };
        let mut draft = Draft::new_entry(KeyDraft::of_text(&row.texts.key), self.limits);
        draft.text.clone_from(&row.texts.value);
        draft.parse();
        self.opened = Some(OpenedRow { id, draft, over });
    }

    /// Another entry is shown by now, which takes the place of the row that is open.
    pub fn close_if_over_other(&mut self, shown: Option<&EncodedKey>) {
        self.opened.take_if(|opened| opened.over.as_ref() != shown);
    }

    /// Takes what was edited of the row that is open beside the transaction.
    pub fn take_opened(&mut self) {
        let Some(opened) = &self.opened else { return };
        let id = opened.id;
        let (key, value) = (opened.draft.key_text(), opened.draft.text.clone());
        let Some(row) = self.row(id) else {
            self.opened = None;
            return;
        };
        let is_key_same = !row.kind.has_key() || row.texts.key == key;
        if is_key_same && row.texts.value == value {
            return;
        }
        let mut texts = RowTexts {
            value,
            ..row.texts.clone()
        };
        if row.kind.has_key() {
            texts.key = key;
        }
        self.type_in(id, texts);
    }
}
