//! The transaction that is being composed.

mod code;
mod committing;
#[cfg(test)]
mod draft_tests;
mod editing;
mod error;
mod history;
mod indexes;
mod kept;
mod kind;
mod meter;
mod outlook;
mod rebase;
mod row;
mod row_step;
mod standing;
mod steps;
#[cfg(test)]
mod tests;

use std::hash::{DefaultHasher, Hash as _};

use keyglass_store::atomic::AtomicOperation;
use keyglass_store::draft::Draft;
use keyglass_store::key::EncodedKey;
use keyglass_store::limits::Limits;
use keyglass_store::{Database, Entry, Standing, Versionstamp};

pub use code::CodeDraft;
use committing::{Committed, Committing};
pub use error::{RowError, TransactionError};
use history::DraftHistory;
pub use indexes::{IndexFinding, IndexReview, describe as describe_index, sentence as index_sentence};
pub use kept::{SavedOperation, SavedTransaction};
pub use kind::OperationKind;
pub use meter::Meter;
pub use outlook::{Outlook, RowEffect, RowOutlook};
pub use rebase::{Compared, FailedRow, RebaseReview};
pub use row::{OperationRow, RowChoices, RowTexts};
pub use standing::CheckState;

use crate::errand::{Errand, ObservedChange};
use crate::model::draft::Draft as EntryDraft;
use crate::model::panel::PanelModel;
use crate::model::saved_session::SavedSession;

/// A row that is edited beside the transaction, by the editors of an entry.
#[derive(Debug)]
pub struct OpenedRow {
    /// The row.
    pub id: u64,
    /// Its key and its value.
    pub draft: EntryDraft,
    /// The entry that was shown when it was opened; another one takes its place.
    pub over: Option<EncodedKey>,
}

/// The transaction that is being composed.
#[derive(Debug, Default)]
pub struct TransactionDraft {
    /// The rows, in order. To be told by [`Self::edited`] once they were changed.
    pub rows: Vec<OperationRow>,
    /// Rows whose check failed at the last commit.
    pub failed: Vec<u64>,
    /// The row that is edited beside the transaction.
    pub opened: Option<OpenedRow>,
    /// What a check of indexes found, until it is shown.
    pub finding: Option<IndexFinding>,
    /// What it is called; nothing is as the first one.
    name: String,
    /// The other drafts of the database, by their names.
    others: Vec<SavedTransaction>,
    history: DraftHistory,
    committing: Option<Committing>,
    committed: Option<Committed>,
    /// It was to be committed at this revision, as soon as it is known what stands under its keys.
    waiting: Option<u64>,
    revision: u64,
    /// The row whose key gets the keyboard's focus.
    to_focus: Option<u64>,
    states: Standing,
    /// How often what stands under the keys was read.
    looked: u64,
    /// What stood under a check's key when it held, and under which versionstamp, by rows.
    seen: std::collections::HashMap<u64, (Option<Versionstamp>, Option<Entry>)>,
    /// For these numbers of edits and reads.
    outlook: Option<((u64, u64), Outlook)>,
    next_id: u64,
    wants: Vec<Errand>,
    looks_again: bool,
    /// What the database takes.
    limits: Limits,
    /// The database does not tell when entries expire.
    hides_expiry: bool,
}

impl TransactionDraft {
    /// Whether the database does not tell when entries expire, so that a set ends what nobody sees.
    #[must_use]
    pub fn hides_expiry(&self) -> bool {
        self.hides_expiry
    }

    fn next_id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id - 1
    }

    /// A row by its number.
    #[must_use]
    pub fn row(&self, id: u64) -> Option<&OperationRow> {
        self.rows.iter().find(|row| row.id == id)
    }

    /// Rows were added or changed: it is another transaction, and what was committed of it can be committed again.
    pub fn edited(&mut self) {
        self.history.edited(&self.rows, None);
        self.renew();
    }

    fn renew(&mut self) {
        self.revision += 1;
        self.arm();
        self.look();
    }

    /// What the worker shall do.
    pub fn take_wants(&mut self) -> Vec<Errand> {
        if std::mem::take(&mut self.looks_again) {
            self.look();
        }
        std::mem::take(&mut self.wants)
    }

    /// The rows as they are kept in a file, under the name of the draft.
    #[must_use]
    pub fn to_draft(&self) -> Draft {
        Draft {
            name: Some(self.name().to_owned()),
            rows: self.rows.iter().map(OperationRow::to_draft_row).collect(),
        }
    }

    /// The operation to commit, at a moment in milliseconds since the Unix epoch. A set keeps the expiry that the key has
    /// now, unless another one was chosen.
    ///
    /// # Errors
    /// The first row that cannot be committed, or the limit that all of them exceed.
    pub fn operation(&self, now: i64) -> Result<AtomicOperation, TransactionError> {
        for (index, (row, problem)) in self.rows.iter().zip(self.problems()).enumerate() {
            if row.choices.is_off {
                continue;
            }
            if let Some(problem) = problem {
                return Err(TransactionError::Row {
                    number: index + 1,
                    name: row.kind.name(),
                    problem,
                });
            }
            if let (OperationKind::Set, Some(key), None) = (row.kind, row.key(), self.state(row)) {
                return Err(TransactionError::UnknownExpiry {
                    number: index + 1,
                    key: key.clone(),
                });
            }
        }
        let standing = |key: &EncodedKey| self.states.get(key)?.as_ref();
        let operation = self.to_draft().operation(now, standing)?;
        if operation == AtomicOperation::new() {
            return Err(TransactionError::AllOff);
        }
        operation.validate(&self.limits)?;
        Ok(operation)
    }

    /// Checks, mutations and bytes of the transaction against what the database takes.
    #[must_use]
    pub fn meter(&self) -> Meter {
        Meter::of(&self.rows, self.limits)
    }

    /// Why it cannot be committed now, as a sentence, if it is known already.
    #[must_use]
    pub fn obstacle(&self, now: i64) -> Option<String> {
        if self.rows.is_empty() || !self.is_known() {
            return None;
        }
        self.operation(now).err().map(|error| error.to_string())
    }
}

impl PanelModel for TransactionDraft {
    fn of(database: &dyn Database) -> Self {
        Self {
            limits: database.capabilities().limits,
            hides_expiry: !database.capabilities().expiry,
            ..Self::default()
        }
    }

    fn take_wants(&mut self) -> Vec<Errand> {
        Self::take_wants(self)
    }

    fn take_change(&mut self, change: &ObservedChange) {
        self.looks_again |= self.concerns(&change.key);
    }

    fn catch_up(&mut self, _now: i64) {
        self.looks_again = true;
    }

    fn refresh(&mut self) {
        self.looks_again = true;
    }

    fn keep(&self, saved: &mut SavedSession) {
        kept::keep(self, saved);
    }

    fn restore(&mut self, saved: &SavedSession) -> Vec<String> {
        kept::restore(self, saved);
        Vec::new()
    }

    fn fingerprint(&self, hasher: &mut DefaultHasher) {
        (self.revision, self.committed(), &self.name, self.others.len()).hash(hasher);
    }
}
