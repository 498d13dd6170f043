//! Secondary indexes of the records in a database.

use keyglass_store::indexes::records_of;
use keyglass_store::{AtomicOperation, EncodedKey, MutationKind};

use super::Session;
use crate::errand::{CheckedIndexes, EntriesError, Gather, IndexedSet, JobError, Work};
use crate::format;
use crate::model::draft::EditError;
use crate::model::notices::{NoticeKind, Notices};
use crate::model::subject::Subject;
use crate::model::transaction::IndexFinding;

impl Session {
    /// Has it worked out which rows set the record that is shown, as it was edited, with the entries of its indexes.
    ///
    /// # Errors
    /// Why what was edited cannot be stored.
    pub fn set_with_indexes(&mut self, now: i64) -> Result<(), EditError> {
        let panel = &self.models.panel;
        let set = match (panel.current(), panel.entry()) {
            (Some(draft), _) => {
                let operation = draft.operation(now)?;
                operation
                    .mutations
                    .into_iter()
                    .find_map(|mutation| match mutation.kind {
                        MutationKind::Set { value, expires_at } => Some(IndexedSet {
                            key: mutation.key,
                            value,
                            expires_at,
                        }),
                        _ => None,
                    })
            }
            (None, Some(entry)) => Some(IndexedSet {
                key: entry.key.clone(),
                value: entry.value.clone(),
                expires_at: entry.expires_at,
            }),
            (None, None) => None,
        };
        if let Some(set) = set {
            self.worker.send(Gather::IndexRows(set).into());
        }
        Ok(())
    }

    pub(super) fn apply_index_rows(
        &mut self,
        key: &EncodedKey,
        rows: Result<(usize, AtomicOperation), EntriesError>,
        notices: &mut Notices,
        now: i64,
    ) {
        match rows {
            Ok((0, _)) => {
                let text = format!(
                    "No prefix beside these records is an index of them, so nothing was added: {key}"
                );
                notices.tell(NoticeKind::Info, text, now);
            }
            Ok((number, operation)) => {
                self.models.transaction.add_operation(&operation);
                let indexes = format::counted(number as u64, "index", "indexes");
                let text = format!(
                    "The transaction sets the record and {indexes}; look through it before you commit: {key}"
                );
                notices.tell(NoticeKind::Info, text, now);
            }
            Err(error) => notices.error(format!("Nothing was added to the transaction: {error}"), now),
        }
    }

    /// Goes through the records of the folder that is selected, or among which the selected key stands, and through their
    /// indexes.
    pub fn check_indexes(&mut self) {
        let subject = self.subject();
        let records = match &subject {
            Subject::Folder { prefix, .. } => Some(prefix.clone()),
            other => other.key().and_then(records_of),
        };
        if let Some(records) = records {
            let label = format!("Checking indexes of {records}");
            self.start_job(label, Work::CheckIndexes { records });
        }
    }

    pub(super) fn apply_checked_indexes(
        &mut self,
        records: EncodedKey,
        checked: Result<CheckedIndexes, JobError>,
        notices: &mut Notices,
        now: i64,
    ) {
        match checked {
            Ok(CheckedIndexes { report, .. }) if !report.is_complete && report != Default::default() => {
                notices.tell(NoticeKind::Info, format!("The check was stopped: {records}"), now);
            }
            Ok(CheckedIndexes { indexes, report }) => {
                self.models.transaction.finding = Some(IndexFinding {
                    records,
                    indexes,
                    report,
                });
            }
            Err(error) => notices.error(format!("Indexes were not checked: {error}"), now),
        }
    }
}
