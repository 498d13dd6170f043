//! What is left of a damaged Deno file, moved to another database.

use std::ops::ControlFlow;

use super::load::{Existing, Loader, NewEntry};
use super::{Progress, Remark, Remarks, TransferError};
use crate::atomic::{AtomicOperation, Enqueue};
use crate::database::{Database, QueueMessage};
use crate::deno_file::{Recovered, Recovery};

/// Entries between two reports of progress.
const PROGRESS_ENTRIES: u64 = 256;
/// Messages in one commit: with the longest ones it stays within the limit of a commit.
const MESSAGES: usize = 10;

/// What a recovery did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RecoverReport {
    /// Entries stored.
    pub entries: u64,
    /// Of these, how many have expired, or will.
    pub expiring: u64,
    /// Messages of the queue that were stored.
    pub messages: u64,
    /// Whether messages are missing.
    pub messages_missing: bool,
    /// Entries and messages that were read and that no database takes.
    pub errors: Remarks,
    /// What is missing.
    pub recovered: Recovered,
}

/// Stores what can be read of a damaged file in a new database: keys, encodings, values and expiries exactly, and messages.
///
/// # Errors
/// If the database fails. What was stored before stays.
pub fn recover(
    from: &mut Recovery,
    to: &dyn Database,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<RecoverReport, TransferError> {
    let mut report = RecoverReport::default();
    let mut loader = Loader::new(to, Existing::Overwrite, false);
    let mut done = Progress::default();
    let errors = &mut report.errors;
    let limits = to.capabilities().limits;
    let recovered = from
        .entries(&mut |entry| {
            done.entries += 1;
            done.bytes += entry.size();
            let entry = NewEntry {
                key: entry.key,
                value: entry.value,
                expires_at: entry.expires_at,
            };
            match entry.refusal(&limits) {
                None => loader.add(entry)?,
                Some(reason) => errors.add(Remark {
                    line: None,
                    key: Some(entry.key),
                    reason,
                }),
            }
            Ok(if done.entries.is_multiple_of(PROGRESS_ENTRIES) {
                progress(done)
            } else {
                ControlFlow::Continue(())
            })
        })
        .and_then(|recovered| {
            if recovered.complete {
                loader.finish()?;
            }
            Ok(recovered)
        });
    let loaded = loader.stored();
    report.recovered = recovered.map_err(|error: TransferError| error.after(loaded))?;
    report.entries = loaded.stored;
    report.expiring = loaded.expiring;
    if report.recovered.complete {
        recover_messages(from, to, &mut report)?;
    }
    Ok(report)
}

fn recover_messages(
    from: &mut Recovery,
    to: &dyn Database,
    report: &mut RecoverReport,
) -> Result<(), TransferError> {
    let limits = to.capabilities().limits;
    let mut batch: Vec<QueueMessage> = Vec::new();
    let is_whole = from.messages(&mut |message| {
        let operation = AtomicOperation::new().enqueue(enqueue(&message));
        if let Err(limit) = operation.validate(&limits) {
            report.errors.add(Remark {
                line: None,
                key: None,
                reason: format!("a queued message: {limit}"),
            });
            return Ok(());
        }
        batch.push(message);
        if batch.len() == MESSAGES {
            report.messages += store(to, &mut batch)?;
        }
        Ok::<_, TransferError>(())
    })?;
    report.messages += store(to, &mut batch)?;
    report.messages_missing = !is_whole;
    Ok(())
}

fn store(to: &dyn Database, batch: &mut Vec<QueueMessage>) -> Result<u64, TransferError> {
    let messages = std::mem::take(batch);
    if !messages.is_empty() {
        let enqueues = messages.iter().map(enqueue);
        to.commit(enqueues.fold(AtomicOperation::new(), AtomicOperation::enqueue))?;
    }
    Ok(messages.len() as u64)
}

fn enqueue(message: &QueueMessage) -> Enqueue {
    Enqueue {
        payload: message.payload.clone(),
        due_at: message.due_at,
        keys_if_undelivered: message.keys_if_undelivered.clone(),
        backoff_schedule: Some(message.backoff_schedule.clone()),
    }
}
