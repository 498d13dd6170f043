//! What a change feed tells.

use bytes::Bytes;
use prost::Message;

use super::entries::{Entry, Range};
use super::{Malformed, key, stamp_bytes, versionstamp};
use crate::change::{self, Before, FeedEvent};
use crate::key::KeyRange;

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Subscribe {
    #[prost(message, repeated, tag = "1")]
    pub(crate) ranges: Vec<Range>,
}

impl Subscribe {
    pub(crate) fn new(ranges: &[KeyRange]) -> Self {
        Self {
            ranges: ranges.iter().map(Into::into).collect(),
        }
    }

    pub(crate) fn ranges(self) -> Result<Vec<KeyRange>, Malformed> {
        self.ranges.into_iter().map(TryInto::try_into).collect()
    }
}

/// One event: changes if there are any, else one of the others.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Event {
    #[prost(message, repeated, tag = "1")]
    changes: Vec<Change>,
    #[prost(message, optional, tag = "2")]
    lagged: Option<Lagged>,
    #[prost(bool, tag = "3")]
    gone: bool,
}

#[derive(Clone, PartialEq, Message)]
struct Lagged {
    #[prost(uint64, optional, tag = "1")]
    missed: Option<u64>,
}

#[derive(Clone, PartialEq, Message)]
struct Change {
    #[prost(bytes = "bytes", tag = "1")]
    key: Bytes,
    #[prost(bytes = "bytes", tag = "2")]
    versionstamp: Bytes,
    #[prost(int32, tag = "3")]
    before_is: i32,
    #[prost(message, optional, tag = "4")]
    before: Option<Entry>,
    #[prost(message, optional, tag = "5")]
    after: Option<Entry>,
}

/// What [`Change::before_is`] says.
mod before {
    pub(super) const UNKNOWN: i32 = 0;
    pub(super) const ABSENT: i32 = 1;
    pub(super) const ENTRY: i32 = 2;
}

impl From<FeedEvent> for Event {
    fn from(event: FeedEvent) -> Self {
        match event {
            FeedEvent::Changes(changes) => Self {
                changes: changes.into_iter().map(Into::into).collect(),
                ..Self::default()
            },
            FeedEvent::Lagged { missed } => Self {
                lagged: Some(Lagged { missed }),
                ..Self::default()
            },
            FeedEvent::Gone => Self {
                gone: true,
                ..Self::default()
            },
        }
    }
}

impl TryFrom<Event> for FeedEvent {
    type Error = Malformed;

    fn try_from(event: Event) -> Result<Self, Malformed> {
        if !event.changes.is_empty() {
            let changes = event.changes.into_iter().map(TryInto::try_into);
            return changes.collect::<Result<_, _>>().map(Self::Changes);
        }
        match event.lagged {
            Some(Lagged { missed }) => Ok(Self::Lagged { missed }),
            None if event.gone => Ok(Self::Gone),
            None => Err(Malformed::Missing("event")),
        }
    }
}

impl From<change::Change> for Change {
    fn from(change: change::Change) -> Self {
        let (before_is, before) = match change.before {
            Before::Unknown => (before::UNKNOWN, None),
            Before::Absent => (before::ABSENT, None),
            Before::Entry(entry) => (before::ENTRY, Some(entry.into())),
        };
        Self {
            key: change.key.to_shared(),
            versionstamp: stamp_bytes(change.versionstamp),
            before_is,
            before,
            after: change.after.map(Into::into),
        }
    }
}

impl TryFrom<Change> for change::Change {
    type Error = Malformed;

    fn try_from(change: Change) -> Result<Self, Malformed> {
        let before = match (change.before_is, change.before) {
            (before::UNKNOWN, _) => Before::Unknown,
            (before::ABSENT, _) => Before::Absent,
            (before::ENTRY, Some(entry)) => Before::Entry(entry.try_into()?),
            (before::ENTRY, None) => return Err(Malformed::Missing("entry before the change")),
            (number, _) => {
                return Err(Malformed::Unknown {
                    what: "state before a change",
                    number: number.into(),
                });
            }
        };
        Ok(Self {
            key: key(&change.key)?,
            versionstamp: versionstamp(&change.versionstamp)?,
            before,
            after: change.after.map(TryInto::try_into).transpose()?,
        })
    }
}
