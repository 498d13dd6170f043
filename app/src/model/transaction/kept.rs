//! The drafts of a database, of which one is shown, and what of them is kept between runs.

use keyglass_store::{Encoding, StoredValue, Versionstamp};
use serde::{Deserialize, Serialize};

use super::TransactionDraft;
use super::{OperationKind, OperationRow, RowChoices, RowTexts};
use crate::model::draft::ExpiryDraft;
use crate::model::saved_session::{SavedSession, from_hex, to_hex};

/// What a draft is called that nobody named.
const FIRST: &str = "Draft 1";

/// A draft as it is kept.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SavedTransaction {
    /// What it is called.
    pub name: String,
    /// Its rows.
    pub rows: Vec<SavedOperation>,
    /// The versionstamp of the commit that was made of these rows, so that it is not made again unasked.
    pub committed: Option<String>,
}

/// A row of a transaction as it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SavedOperation {
    kind: OperationKind,
    key: String,
    value: String,
    versionstamp: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    off: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    expiry: Option<ExpiryDraft>,
    #[serde(default, skip_serializing_if = "is_default")]
    versionstamped: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    min: String,
    #[serde(default, skip_serializing_if = "is_default")]
    max: String,
    #[serde(default, skip_serializing_if = "is_default")]
    clamp: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    due: String,
    #[serde(default, skip_serializing_if = "is_default")]
    retries: String,
    #[serde(default, skip_serializing_if = "is_default")]
    undelivered: String,
    /// The number of an encoding, and the value's bytes as hexadecimal digits, where the text is theirs.
    #[serde(default, skip_serializing_if = "is_default")]
    bytes: Option<(i64, String)>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl SavedOperation {
    fn of(row: &OperationRow) -> Self {
        let (texts, choices) = (row.texts.clone(), row.choices);
        Self {
            kind: row.kind,
            key: texts.key,
            value: texts.value,
            versionstamp: choices.versionstamp.map(|stamp| stamp.to_string()),
            off: choices.is_off,
            expiry: Some(choices.expiry).filter(|expiry| *expiry != ExpiryDraft::Keep),
            versionstamped: choices.is_versionstamped,
            min: texts.min,
            max: texts.max,
            clamp: choices.clamp,
            due: texts.due,
            retries: texts.retries,
            undelivered: texts.undelivered,
            bytes: row
                .exact_value()
                .map(|stored| (stored.encoding.number(), to_hex(&stored.bytes))),
        }
    }

    fn restore(&self, draft: &mut TransactionDraft) {
        let texts = RowTexts {
            key: self.key.clone(),
            value: self.value.clone(),
            min: self.min.clone(),
            max: self.max.clone(),
            due: self.due.clone(),
            retries: self.retries.clone(),
            undelivered: self.undelivered.clone(),
        };
        let stamp: Option<Versionstamp> = self.versionstamp.as_ref().and_then(|text| text.parse().ok());
        let choices = RowChoices {
            is_off: self.off,
            versionstamp: stamp,
            expiry: self.expiry.unwrap_or(ExpiryDraft::Keep),
            is_versionstamped: self.versionstamped,
            clamp: self.clamp,
        };
        let id = draft.next_id();
        let mut row = OperationRow::new(id, self.kind, texts, choices, &draft.limits);
        if let Some((encoding, bytes)) = &self.bytes
            && let Some(bytes) = from_hex(bytes)
        {
            let encoding = Encoding::from_number(*encoding);
            let bytes = bytes.into();
            row.set_exact_value(StoredValue { encoding, bytes }, &draft.limits);
        }
        draft.rows.push(row);
    }
}

/// Writes down all drafts.
pub(super) fn keep(draft: &TransactionDraft, saved: &mut SavedSession) {
    let shown = draft.to_saved();
    saved.transaction = shown.rows;
    saved.committed = shown.committed;
    saved.transaction_name.clone_from(&draft.name);
    saved.transactions.clone_from(&draft.others);
}

/// Takes up the drafts that were kept.
pub(super) fn restore(draft: &mut TransactionDraft, saved: &SavedSession) {
    draft.others.clone_from(&saved.transactions);
    draft.show(SavedTransaction {
        name: saved.transaction_name.clone(),
        rows: saved.transaction.clone(),
        committed: saved.committed.clone(),
    });
}

impl TransactionDraft {
    /// What it is called.
    #[must_use]
    pub fn name(&self) -> &str {
        if self.name.is_empty() { FIRST } else { &self.name }
    }

    /// The other drafts of the database, with how many rows they have.
    pub fn others(&self) -> impl Iterator<Item = (&str, usize)> {
        self.others
            .iter()
            .map(|other| (name_of(&other.name), other.rows.len()))
    }

    fn to_saved(&self) -> SavedTransaction {
        SavedTransaction {
            name: self.name.clone(),
            rows: self.rows.iter().map(SavedOperation::of).collect(),
            committed: self.committed().map(|stamp| stamp.to_string()),
        }
    }

    /// Shows a draft that was kept, in the place of this one.
    fn show(&mut self, saved: SavedTransaction) {
        self.name = saved.name;
        self.rows.clear();
        for row in &saved.rows {
            row.restore(self);
        }
        self.failed.clear();
        self.opened = None;
        self.waiting = None;
        self.committing = None;
        self.committed = None;
        self.history.begin(&self.rows);
        self.revision += 1;
        self.look();
        if let Some(stamp) = saved.committed.and_then(|text| text.parse().ok()) {
            self.restore_committed(stamp);
        }
    }

    /// Puts this draft with the others. One without rows and without a name of its own is as good as none.
    fn set_aside(&mut self) {
        let saved = self.to_saved();
        if !saved.rows.is_empty() || !self.name.is_empty() {
            self.others.push(saved);
        }
    }

    /// Begins another draft; this one stays with the others.
    pub fn begin_draft(&mut self, name: Option<&str>) {
        self.set_aside();
        let name = self.free_name(name);
        self.show(SavedTransaction {
            name,
            ..SavedTransaction::default()
        });
    }

    /// A name that no other draft has.
    fn free_name(&self, wanted: Option<&str>) -> String {
        let is_free = |name: &str| self.others.iter().all(|other| name_of(&other.name) != name);
        let wanted = wanted.map(str::trim).filter(|name| !name.is_empty());
        if let Some(name) = wanted.filter(|name| is_free(name)) {
            return name.to_owned();
        }
        let stem = wanted.unwrap_or("Draft");
        let mut numbers = 1..;
        let name = numbers.find_map(|number| {
            let name = format!("{stem} {number}");
            is_free(&name).then_some(name)
        });
        name.unwrap_or_default()
    }

    /// Shows another draft; this one stays with the others.
    pub fn show_draft(&mut self, name: &str) {
        let at = self.others.iter().position(|other| name_of(&other.name) == name);
        if let Some(at) = at {
            let other = self.others.remove(at);
            self.set_aside();
            self.show(other);
        }
    }

    /// Gives this draft another name, that no other has.
    pub fn rename_draft(&mut self, name: &str) {
        if name.trim() != self.name() {
            self.name = self.free_name(Some(name));
            self.revision += 1;
        }
    }

    /// Removes this draft and shows the one that was set aside last.
    pub fn remove_draft(&mut self) {
        let next = self.others.pop().unwrap_or_default();
        self.show(next);
    }
}

fn name_of(name: &str) -> &str {
    if name.is_empty() { FIRST } else { name }
}
