//! The messages of a queue, carried to another one.

use std::collections::HashMap;

use super::CopyOptions;
use crate::atomic::{AtomicOperation, CommitOutcome};
use crate::database::{Database, QueueMessage};
use crate::key::EncodedKey;
use crate::transfer::{NAMED, TransferError};

/// Messages in one commit at most.
const BATCH: usize = 100;

/// What became of the messages of the source's queue.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MessageReport {
    /// Messages that were queued in the target.
    pub carried: u64,
    /// Messages that are in the target's queue already.
    pub same: u64,
    /// Of those carried, how many a program is working on: they may be delivered in both databases.
    pub running: u64,
    /// Messages of the target's queue that the source does not have and that stay: all of them, or in a mirror those that
    /// a program is working on.
    pub others: u64,
    /// Messages that a mirror took out of the target's queue, because the source does not have them.
    pub removed: u64,
    /// The first of these.
    pub removed_named: Vec<QueueMessage>,
    /// Messages that were not carried.
    pub left_out: u64,
    /// The first of these, with the reason.
    pub named: Vec<LeftMessage>,
}

/// A message that was not carried.
#[derive(Debug, Clone, PartialEq)]
pub struct LeftMessage {
    /// The message.
    pub message: QueueMessage,
    /// Why, as a clause.
    pub reason: String,
}

impl MessageReport {
    fn leave_out(&mut self, message: QueueMessage, reason: String) {
        self.left_out += 1;
        if self.named.len() < NAMED {
            self.named.push(LeftMessage { message, reason });
        }
    }
}

/// What makes two messages the same: all but their names, which each database gives.
#[derive(PartialEq, Eq, Hash)]
struct Content {
    payload: bytes::Bytes,
    due_at: i64,
    keys_if_undelivered: Vec<EncodedKey>,
    backoff_schedule: Vec<u32>,
}

impl Content {
    fn of(message: &QueueMessage) -> Self {
        Self {
            payload: message.payload.clone(),
            due_at: message.due_at,
            keys_if_undelivered: message.keys_if_undelivered.clone(),
            backoff_schedule: message.backoff_schedule.clone(),
        }
    }
}

/// Queues the source's messages in the target, without those that are there already. A mirror takes out what only the
/// target has.
pub(super) fn carry(
    from: &dyn Database,
    to: &dyn Database,
    options: &CopyOptions,
) -> Result<MessageReport, TransferError> {
    let dry_run = options.dry_run;
    let mut report = MessageReport::default();
    if !from.capabilities().queue {
        return Ok(report);
    }
    let messages = from.queue(usize::MAX)?;
    if !to.capabilities().queue {
        for message in messages {
            report.leave_out(message, "the target holds no messages".to_owned());
        }
        return Ok(report);
    }
    let limits = to.capabilities().limits;
    let most = BATCH.min(limits.mutations);
    let mut there: HashMap<Content, Vec<QueueMessage>> = HashMap::new();
    for message in to.queue(usize::MAX)? {
        there.entry(Content::of(&message)).or_default().push(message);
    }
    for alike in there.values_mut() {
        // One that runs is the last to be missed.
        alike.sort_by_key(|message| message.running);
    }
    let mut batch: Vec<QueueMessage> = Vec::new();
    let mut bytes = 0;
    for message in messages {
        let same = there.get_mut(&Content::of(&message)).and_then(Vec::pop);
        if same.is_some() {
            report.same += 1;
            continue;
        }
        let operation = AtomicOperation::new().enqueue(message.content());
        if let Err(limit) = operation.validate(&limits) {
            report.leave_out(message, limit.to_string());
            continue;
        }
        if batch.len() == most || bytes + operation.size() > limits.commit_bytes {
            store(to, std::mem::take(&mut batch), dry_run, &mut report)?;
            bytes = 0;
        }
        bytes += operation.size();
        batch.push(message);
    }
    store(to, batch, dry_run, &mut report)?;
    let mut others: Vec<QueueMessage> = there.into_values().flatten().collect();
    others.sort_by_key(QueueMessage::place);
    if options.mirror {
        let running = others.extract_if(.., |message| message.running);
        report.others = running.count() as u64;
        remove(to, others, most, dry_run, &mut report)?;
    } else {
        report.others = others.len() as u64;
    }
    Ok(report)
}

/// Takes messages out of the target's queue. One that was delivered or changed meanwhile is left alone.
fn remove(
    to: &dyn Database,
    mut others: Vec<QueueMessage>,
    most: usize,
    dry_run: bool,
    report: &mut MessageReport,
) -> Result<(), TransferError> {
    while !others.is_empty() {
        let mut batch: Vec<QueueMessage> = others.drain(..others.len().min(most)).collect();
        while !dry_run && !batch.is_empty() {
            let changes = batch.iter().map(|message| message.clone().into_change(None));
            let operation = changes.fold(AtomicOperation::new(), AtomicOperation::change_message);
            let CommitOutcome::MessagesChanged(changed) = to.commit(operation)? else {
                break;
            };
            let mut index = 0;
            batch.retain(|_| {
                index += 1;
                !changed.contains(&(index - 1))
            });
        }
        report.removed += batch.len() as u64;
        let room = NAMED.saturating_sub(report.removed_named.len());
        report.removed_named.extend(batch.into_iter().take(room));
    }
    Ok(())
}

fn store(
    to: &dyn Database,
    batch: Vec<QueueMessage>,
    dry_run: bool,
    report: &mut MessageReport,
) -> Result<(), TransferError> {
    if !dry_run && !batch.is_empty() {
        let enqueues = batch.iter().map(QueueMessage::content);
        to.commit(enqueues.fold(AtomicOperation::new(), AtomicOperation::enqueue))?;
    }
    report.carried += batch.len() as u64;
    report.running += batch.iter().filter(|message| message.running).count() as u64;
    Ok(())
}
