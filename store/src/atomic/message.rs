//! Messages: queued with a commit, and changed while they wait.

use crate::key::EncodedKey;
use crate::limits::{BACKOFF_INTERVALS, BACKOFF_MILLISECONDS, LimitError, Limits};

/// A message to queue.
#[derive(Debug, Clone, PartialEq)]
pub struct Enqueue {
    /// V8 bytes of the message.
    pub payload: bytes::Bytes,
    /// When it is due, in milliseconds since the Unix epoch.
    pub due_at: i64,
    /// Keys that receive the message when every delivery failed.
    pub keys_if_undelivered: Vec<EncodedKey>,
    /// Milliseconds to wait before each further delivery; `None` is Deno's default.
    pub backoff_schedule: Option<Vec<u32>>,
}

/// A change of a message that waits in the queue.
#[derive(Debug, Clone, PartialEq)]
pub struct MessageChange {
    /// The engine's name for it ([`crate::QueueMessage::id`]). Without one, any message will do that is as this one was
    /// seen: they differ in nothing else.
    pub id: Option<String>,
    /// The message as it was seen. If none waits that is still so, nothing of the operation is stored.
    pub seen: Enqueue,
    /// What takes its place, under the same name; `None` takes it out of the queue.
    pub becomes: Option<Enqueue>,
}

/// Deno's schedule for messages that bring none, in milliseconds.
const DEFAULT_BACKOFF: [u32; 5] = [100, 1000, 5000, 30_000, 60_000];

impl Enqueue {
    /// Milliseconds to wait before each further delivery.
    #[must_use]
    pub fn intervals(&self) -> &[u32] {
        self.backoff_schedule.as_deref().unwrap_or(&DEFAULT_BACKOFF)
    }

    /// Bytes as Deno counts them.
    pub(super) fn size(&self) -> usize {
        self.payload.len() + 4 * self.backoff_schedule.as_ref().map_or(0, Vec::len)
    }

    pub(super) fn validate(&self, limits: &Limits) -> Result<(), LimitError> {
        if self.payload.len() > limits.message_bytes {
            return Err(LimitError::Message(limits.message_bytes));
        }
        let schedule = self.backoff_schedule.as_deref().unwrap_or_default();
        if schedule.len() > BACKOFF_INTERVALS {
            return Err(LimitError::BackoffIntervals);
        }
        match schedule
            .iter()
            .position(|interval| *interval > BACKOFF_MILLISECONDS)
        {
            Some(index) => Err(LimitError::BackoffInterval(index)),
            None => Ok(()),
        }
    }
}
