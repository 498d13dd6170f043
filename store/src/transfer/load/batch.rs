//! Committing one batch of entries.

use super::{Existing, Loaded, NewEntry};
use crate::atomic::{AtomicOperation, CommitOutcome};
use crate::database::Database;
use crate::error::CommitError;
use crate::key::EncodedKey;
use crate::transfer::TransferError;
use crate::versionstamp::Versionstamp;

/// What became of one batch.
#[derive(Default)]
pub(super) struct Stored {
    pub(super) loaded: Loaded,
    /// The commit's versionstamp, if there was one.
    pub(super) mark: Option<Versionstamp>,
    /// A key that somebody else stored just now.
    pub(super) exists: Option<EncodedKey>,
    pub(super) error: Option<TransferError>,
}

/// Commits a batch, without the entries whose keys somebody else stores meanwhile.
pub(super) fn store(database: &dyn Database, existing: Existing, mut batch: Vec<NewEntry>) -> Stored {
    let mut stored = Stored::default();
    while !batch.is_empty() {
        let error = match database.commit(operation(&batch, existing)) {
            Ok(CommitOutcome::Committed(mark)) => {
                stored.mark = Some(mark);
                stored.loaded.count(&batch);
                break;
            }
            // Somebody else has stored some of these keys just now.
            Ok(CommitOutcome::Conflict(failed)) if existing == Existing::Fail && !failed.is_empty() => {
                let index = failed.first().map_or(0, |check| check.index);
                stored.exists = batch.get(index).map(|entry| entry.key.clone());
                break;
            }
            Ok(CommitOutcome::Conflict(_) | CommitOutcome::MessagesChanged(_)) => {
                let keys: Vec<_> = batch.iter().map(|entry| entry.key.clone()).collect();
                match database.get_many(&keys) {
                    Ok(there) => {
                        let before = batch.len();
                        let mut there = there.into_iter();
                        batch.retain(|_| there.next().flatten().is_none());
                        stored.loaded.skipped += (before - batch.len()) as u64;
                        continue;
                    }
                    Err(error) => error.into(),
                }
            }
            Err(error) => {
                if matches!(error, CommitError::Unknown { .. }) {
                    stored.loaded.unknown += batch.len() as u64;
                }
                error.into()
            }
        };
        stored.error = Some(error);
        break;
    }
    stored
}

pub(super) fn operation(batch: &[NewEntry], existing: Existing) -> AtomicOperation {
    batch.iter().fold(AtomicOperation::new(), |operation, entry| {
        let operation = operation.set_expiring(entry.key.clone(), entry.value.clone(), entry.expires_at);
        if existing == Existing::Overwrite {
            operation
        } else {
            operation.check(entry.key.clone(), None)
        }
    })
}
