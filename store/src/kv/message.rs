//! Messages to queue.

use std::time::Duration;

use super::KvError;
use super::error::delay_milliseconds;
use crate::atomic::Enqueue;
use crate::key::{EncodedKey, Key};
use crate::value::{StoredValue, Value};

/// A message, and how it is delivered. A [`Value`] becomes one that is due at once.
#[derive(Debug, Clone)]
pub struct Message {
    value: Value,
    delay: Duration,
    backoff_schedule: Option<Vec<Duration>>,
    keys_if_undelivered: Vec<Key>,
}

impl Message {
    /// A message that is due at once, with Deno's default backoff schedule.
    #[must_use]
    pub fn new(value: impl Into<Value>) -> Self {
        Self {
            value: value.into(),
            delay: Duration::ZERO,
            backoff_schedule: None,
            keys_if_undelivered: Vec::new(),
        }
    }

    /// Becomes due after a time, at most 30 days.
    #[must_use]
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// How long to wait before each further delivery: at most five intervals of up to an hour.
    #[must_use]
    pub fn backoff_schedule(mut self, intervals: impl IntoIterator<Item = Duration>) -> Self {
        self.backoff_schedule = Some(intervals.into_iter().collect());
        self
    }

    /// Stores the message under this key, too, if every delivery fails.
    #[must_use]
    pub fn key_if_undelivered(mut self, key: impl Into<Key>) -> Self {
        self.keys_if_undelivered.push(key.into());
        self
    }

    /// The message as it is committed at `now`.
    pub(super) fn into_enqueue(self, now: i64) -> Result<Enqueue, KvError> {
        let interval = |interval: &Duration| u32::try_from(interval.as_millis()).unwrap_or(u32::MAX);
        let schedule = self.backoff_schedule.as_deref();
        let keys = self.keys_if_undelivered.iter().map(Key::encode);
        Ok(Enqueue {
            payload: StoredValue::v8(&self.value)?.bytes,
            due_at: now.saturating_add(delay_milliseconds(self.delay)?),
            keys_if_undelivered: keys.collect::<Result<Vec<EncodedKey>, _>>()?,
            backoff_schedule: schedule.map(|intervals| intervals.iter().map(interval).collect()),
        })
    }
}

impl<V: Into<Value>> From<V> for Message {
    fn from(value: V) -> Self {
        Self::new(value)
    }
}
