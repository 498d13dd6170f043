//! What a commit did to messages of the queue, and how that is undone.
//!
//! A message that is put back gets another name, so that they are known by what they are: of two that are the same in
//! everything else, either will do.

use keyglass_store::{AtomicOperation, Enqueue, MessageChange, StoredValue};

use super::step::Direction;
use crate::format;

/// What a commit did to one message.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct MessageStep {
    /// As it was in the queue; `None` if it was not.
    before: Option<Enqueue>,
    /// As it was left there.
    after: Option<Enqueue>,
}

impl MessageStep {
    /// What an operation does, in its order.
    pub(super) fn of(operation: &AtomicOperation) -> Vec<Self> {
        let changed = operation.message_changes.iter().map(|change| Self {
            before: Some(change.seen.clone()),
            after: change.becomes.clone(),
        });
        let queued = operation.enqueues.iter().map(|message| Self {
            before: None,
            after: Some(message.clone()),
        });
        changed.chain(queued).collect()
    }

    /// Adds what undoes or redoes it.
    pub(super) fn add_to(&self, operation: AtomicOperation, direction: Direction) -> AtomicOperation {
        let (stands, wanted) = match direction {
            Direction::Undo => (&self.after, &self.before),
            Direction::Redo => (&self.before, &self.after),
        };
        match (stands.clone(), wanted.clone()) {
            (Some(seen), becomes) => operation.change_message(MessageChange {
                id: None,
                seen,
                becomes,
            }),
            (None, Some(message)) => operation.enqueue(message),
            (None, None) => operation,
        }
    }

    /// Bytes that it keeps.
    pub(super) fn bytes(&self) -> usize {
        let messages = self.before.iter().chain(&self.after);
        messages.map(|message| message.payload.len()).sum()
    }
}

/// What a commit did to messages; `None` if it did nothing to any.
pub(super) fn sentence(messages: &[MessageStep]) -> Option<String> {
    let verb = |step: &MessageStep| match (&step.before, &step.after) {
        (None, _) => "Queued",
        (Some(_), None) => "Cancelled",
        (Some(before), Some(after)) if before.payload != after.payload => "Edited",
        (Some(before), Some(after)) if before.due_at < after.due_at => "Put off",
        (Some(before), Some(after)) if before.due_at > after.due_at => "Brought forward",
        (Some(_), Some(_)) => "Changed",
    };
    let first = verb(messages.first()?);
    let verb = if messages.iter().all(|step| verb(step) == first) {
        first
    } else {
        "Changed"
    };
    let number = messages.len() as u64;
    Some(match number {
        1 => format!("{verb} a message"),
        _ => format!("{verb} {}", format::counted(number, "message", "messages")),
    })
}

/// Whether each of the messages was queued with this value.
pub(super) fn are_copies(messages: &[MessageStep], value: &StoredValue) -> bool {
    let is_copy = |step: &MessageStep| {
        let queued = step.after.as_ref().map(|message| &message.payload);
        step.before.is_none() && queued == Some(&value.bytes)
    };
    messages.iter().all(is_copy)
}

/// That something was not done, because so many messages do not wait any more as they were seen.
#[must_use]
pub fn messages_changed(not_done: &str, number: usize) -> String {
    match number {
        0 | 1 => format!("{not_done}: the message was delivered, is being delivered, or changed since"),
        _ => format!(
            "{not_done}: {number} of the messages were delivered, are being delivered, or changed since"
        ),
    }
}
