//! The messages of a queue, carried to another one.

use std::collections::HashMap;

use crate::atomic::{AtomicOperation, Enqueue};
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
    /// Messages of the target's queue that the source does not have; they stay.
    pub others: u64,
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

/// Queues the source's messages in the target, without those that are there already.
pub(super) fn carry(
    from: &dyn Database,
    to: &dyn Database,
    dry_run: bool,
) -> Result<MessageReport, TransferError> {
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
    let mut there: HashMap<Content, u64> = HashMap::new();
    for message in to.queue(usize::MAX)? {
        *there.entry(Content::of(&message)).or_default() += 1;
    }
    let mut batch: Vec<QueueMessage> = Vec::new();
    let mut bytes = 0;
    for message in messages {
        if let Some(number) = there
            .get_mut(&Content::of(&message))
            .filter(|number| **number > 0)
        {
            *number -= 1;
            report.same += 1;
            continue;
        }
        let operation = AtomicOperation::new().enqueue(enqueue(&message));
        if let Err(limit) = operation.validate() {
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
    report.others = there.values().sum();
    Ok(report)
}

fn store(
    to: &dyn Database,
    batch: Vec<QueueMessage>,
    dry_run: bool,
    report: &mut MessageReport,
) -> Result<(), TransferError> {
    if !dry_run && !batch.is_empty() {
        let enqueues = batch.iter().map(enqueue);
        to.commit(enqueues.fold(AtomicOperation::new(), AtomicOperation::enqueue))?;
    }
    report.carried += batch.len() as u64;
    report.running += batch.iter().filter(|message| message.running).count() as u64;
    Ok(())
}

fn enqueue(message: &QueueMessage) -> Enqueue {
    Enqueue {
        payload: message.payload.clone(),
        due_at: message.due_at,
        keys_if_undelivered: message.keys_if_undelivered.clone(),
        backoff_schedule: Some(message.backoff_schedule.clone()),
    }
}
