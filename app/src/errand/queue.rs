//! What the reader is asked of the queue, which is read in pages.

use keyglass_store::database::{QueueMessage, QueuePlace};
use keyglass_store::value::{Encoding, StoredValue};
use keyglass_store::{Before, EncodedKey, Entry, Versionstamp};

use crate::content::change_kind::ChangeKind;
use crate::content::condition::{Condition, ConditionError, ConditionSubject};
use crate::search::{Pattern, PatternError};

/// Messages of a page.
pub const QUEUE_PAGE: usize = 100;

/// A stretch of the queue.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QueueStretch {
    /// The place behind which it begins; without one it begins with the queue.
    pub after: Option<QueuePlace>,
    /// The place with which it ends; without one it goes to the end of the queue.
    pub until: Option<QueuePlace>,
    /// Messages that are only passed over. The page behind them is the last one that is read.
    pub skip: usize,
}

/// What stands in a stretch of the queue.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct QueueRead {
    /// The pages: the place behind which each begins, and how many messages it has.
    pub pages: Vec<(Option<QueuePlace>, usize)>,
    /// The messages of the last page.
    pub messages: Vec<QueueMessage>,
    /// Whether no more follow in the stretch.
    pub is_end: bool,
}

/// What becomes of a message next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MessageState {
    /// It is due.
    Ready,
    /// It is due later.
    Delayed,
    /// A program is working on it.
    Running,
}

impl MessageState {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Ready, Self::Delayed, Self::Running];

    /// The state of a message at a moment, in milliseconds since the Unix epoch.
    #[must_use]
    pub fn of(message: &QueueMessage, now: i64) -> Self {
        if message.running {
            Self::Running
        } else if message.due_at > now {
            Self::Delayed
        } else {
            Self::Ready
        }
    }

    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Delayed => "delayed",
            Self::Running => "running",
        }
    }
}

/// Which messages are looked for: those that meet all that is set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QueueFilter {
    /// In this state.
    pub state: Option<MessageState>,
    /// With this text in the payload or in a key for undelivered ones.
    pub text: String,
    /// Whose payload meets this condition, as it is typed; the payload is its `value`.
    pub condition: String,
}

impl QueueFilter {
    /// Whether it leaves anything out.
    #[must_use]
    pub fn is_active(&self) -> bool {
        *self != Self::default()
    }
}

/// A filter of messages cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueueFilterError {
    /// Its text is too long to be looked for.
    #[error(transparent)]
    Text(#[from] PatternError),
    /// Its condition is none.
    #[error(transparent)]
    Condition(#[from] ConditionError),
}

/// A filter that was read once.
#[derive(Debug)]
pub struct ReadQueueFilter {
    state: Option<MessageState>,
    text: Option<Pattern>,
    condition: Option<Condition>,
}

impl ReadQueueFilter {
    /// Reads a filter.
    ///
    /// # Errors
    /// What of it cannot be read.
    pub fn of(filter: &QueueFilter) -> Result<Self, QueueFilterError> {
        let text = (!filter.text.is_empty()).then(|| Pattern::text(&filter.text, false));
        let has_condition = !filter.condition.trim().is_empty();
        let condition = has_condition.then(|| Condition::parse(&filter.condition));
        Ok(Self {
            state: filter.state,
            text: text.transpose()?,
            condition: condition.transpose()?,
        })
    }

    /// Whether a message meets it at a moment, in milliseconds since the Unix epoch.
    #[must_use]
    pub fn shows(&self, message: &QueueMessage, now: i64) -> bool {
        if self
            .state
            .is_some_and(|state| state != MessageState::of(message, now))
        {
            return false;
        }
        let payload = StoredValue {
            encoding: Encoding::V8,
            bytes: message.payload.clone(),
        };
        let keys = &message.keys_if_undelivered;
        let has_text = self.text.as_ref().is_none_or(|text| {
            text.find_in_value(&payload).is_some() || keys.iter().any(|key| text.find_in_key(key).is_some())
        });
        has_text
            && self.condition.as_ref().is_none_or(|condition| {
                let key = EncodedKey::default();
                let entry = Entry {
                    key: key.clone(),
                    value: payload,
                    versionstamp: Versionstamp::default(),
                    expires_at: None,
                };
                let subject = ConditionSubject::new(&key, ChangeKind::Set, &Before::Unknown, Some(&entry));
                condition.holds(&subject)
            })
    }
}

/// How many messages are in which state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueCounts {
    /// When they were counted, in milliseconds since the Unix epoch.
    pub at: i64,
    /// Messages that are due.
    pub ready: u64,
    /// Messages that a program is working on.
    pub running: u64,
    /// Messages that are due later, where all were looked at. Else they are the others of the queue.
    pub delayed: Option<u64>,
    /// When the next one falls due, in milliseconds since the Unix epoch.
    pub next_due: Option<i64>,
    /// Whether all were looked at that may be ready or running.
    pub is_whole: bool,
    /// Milliseconds that it took to count them.
    pub took: i64,
}

/// What was found in the queue.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct QueueFound {
    /// In the order of the queue.
    pub messages: Vec<QueueMessage>,
    /// How many were looked at.
    pub looked_at: u64,
    /// Whether those were all, and all that were found are here.
    pub is_whole: bool,
}
