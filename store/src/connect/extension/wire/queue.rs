//! The queue.

use bytes::Bytes;
use prost::Message;

use super::{Malformed, keys, shared, size};
use crate::database::{QueueMessage, QueuePlace};

#[derive(Clone, PartialEq, Message)]
pub(crate) struct QueuePage {
    #[prost(message, optional, tag = "1")]
    after: Option<Place>,
    #[prost(uint64, tag = "2")]
    limit: u64,
}

#[derive(Clone, PartialEq, Message)]
struct Place {
    #[prost(sint64, tag = "1")]
    due_at: i64,
    #[prost(string, tag = "2")]
    id: String,
}

impl QueuePage {
    pub(crate) fn new(after: Option<&QueuePlace>, limit: usize) -> Self {
        Self {
            after: after.map(|place| Place {
                due_at: place.due_at,
                id: place.id.clone(),
            }),
            limit: limit as u64,
        }
    }

    /// Behind which place, and how many.
    pub(crate) fn wanted(self) -> (Option<QueuePlace>, usize) {
        let after = self.after.map(|Place { due_at, id }| QueuePlace { due_at, id });
        (after, size(self.limit))
    }
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct QueueAnswer {
    #[prost(message, repeated, tag = "1")]
    messages: Vec<Queued>,
    /// Whether there may be more of what was asked for, which was left off to keep the answer short.
    #[prost(bool, tag = "2")]
    more: bool,
}

#[derive(Clone, PartialEq, Message)]
struct Queued {
    #[prost(string, tag = "1")]
    id: String,
    #[prost(bytes = "bytes", tag = "2")]
    payload: Bytes,
    #[prost(sint64, tag = "3")]
    due_at: i64,
    #[prost(bool, tag = "4")]
    running: bool,
    #[prost(bytes = "bytes", repeated, tag = "5")]
    keys_if_undelivered: Vec<Bytes>,
    #[prost(uint32, repeated, tag = "6")]
    backoff_schedule: Vec<u32>,
}

impl QueueAnswer {
    pub(crate) fn new(messages: Vec<QueueMessage>, more: bool) -> Self {
        let queued = |message: QueueMessage| Queued {
            id: message.id,
            payload: message.payload,
            due_at: message.due_at,
            running: message.running,
            keys_if_undelivered: shared(&message.keys_if_undelivered),
            backoff_schedule: message.backoff_schedule,
        };
        Self {
            messages: messages.into_iter().map(queued).collect(),
            more,
        }
    }

    fn read(self) -> Result<Vec<QueueMessage>, Malformed> {
        let message = |queued: Queued| {
            Ok(QueueMessage {
                id: queued.id,
                payload: Bytes::copy_from_slice(&queued.payload),
                due_at: queued.due_at,
                running: queued.running,
                keys_if_undelivered: keys(queued.keys_if_undelivered)?,
                backoff_schedule: queued.backoff_schedule,
            })
        };
        self.messages.into_iter().map(message).collect()
    }
}

/// The messages, and whether there may be more.
impl TryFrom<QueueAnswer> for (Vec<QueueMessage>, bool) {
    type Error = Malformed;

    fn try_from(answer: QueueAnswer) -> Result<Self, Malformed> {
        let more = answer.more;
        Ok((answer.read()?, more))
    }
}

/// How many messages there are.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct NumMessages {
    /// Always sent, because a message of no bytes would be a ping.
    #[prost(uint64, required, tag = "1")]
    pub(crate) number: u64,
}
