//! Entries, exact to the byte, and what is asked for them.

use bytes::Bytes;
use prost::Message;

use super::{Malformed, key, keys, shared, size, stamp_bytes, versionstamp};
use crate::database::{ReadRange, WatchedState};
use crate::entry;
use crate::key::{EncodedKey, KeyRange};
use crate::value::{Encoding, StoredValue};

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Entry {
    #[prost(bytes = "bytes", tag = "1")]
    key: Bytes,
    #[prost(message, optional, tag = "2")]
    value: Option<Value>,
    #[prost(bytes = "bytes", tag = "3")]
    versionstamp: Bytes,
    #[prost(sint64, optional, tag = "4")]
    expires_at: Option<i64>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Value {
    #[prost(bytes = "bytes", tag = "1")]
    bytes: Bytes,
    /// Any number, also one that is no encoding.
    #[prost(sint64, tag = "2")]
    encoding: i64,
}

impl From<StoredValue> for Value {
    fn from(value: StoredValue) -> Self {
        Self {
            bytes: value.bytes,
            encoding: value.encoding.number(),
        }
    }
}

impl From<Value> for StoredValue {
    fn from(value: Value) -> Self {
        Self {
            encoding: Encoding::from_number(value.encoding),
            bytes: Bytes::copy_from_slice(&value.bytes),
        }
    }
}

impl From<entry::Entry> for Entry {
    fn from(entry: entry::Entry) -> Self {
        Self {
            key: entry.key.to_shared(),
            value: Some(entry.value.into()),
            versionstamp: stamp_bytes(entry.versionstamp),
            expires_at: entry.expires_at,
        }
    }
}

impl TryFrom<Entry> for entry::Entry {
    type Error = Malformed;

    fn try_from(entry: Entry) -> Result<Self, Malformed> {
        Ok(Self {
            key: key(&entry.key)?,
            value: entry.value.ok_or(Malformed::Missing("value"))?.into(),
            versionstamp: versionstamp(&entry.versionstamp)?,
            expires_at: entry.expires_at,
        })
    }
}

/// What stands under one key.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Found {
    #[prost(message, optional, tag = "1")]
    pub(super) entry: Option<Entry>,
}

impl Found {
    pub(crate) fn is_some(&self) -> bool {
        self.entry.is_some()
    }
}

impl From<Option<entry::Entry>> for Found {
    fn from(entry: Option<entry::Entry>) -> Self {
        Self {
            entry: entry.map(Into::into),
        }
    }
}

impl TryFrom<Found> for Option<entry::Entry> {
    type Error = Malformed;

    fn try_from(found: Found) -> Result<Self, Malformed> {
        found.entry.map(TryInto::try_into).transpose()
    }
}

/// A view that is held; see [`super::method::SNAPSHOT`].
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Held {
    /// Its name, never 0.
    #[prost(uint64, tag = "1")]
    pub(crate) snapshot: u64,
    #[prost(bytes = "bytes", optional, tag = "2")]
    versionstamp: Option<Bytes>,
}

impl Held {
    pub(crate) fn new(snapshot: u64, versionstamp: Option<crate::Versionstamp>) -> Self {
        Self {
            snapshot,
            versionstamp: versionstamp.map(stamp_bytes),
        }
    }

    pub(crate) fn newest(&self) -> Result<Option<crate::Versionstamp>, Malformed> {
        self.versionstamp.as_deref().map(versionstamp).transpose()
    }
}

/// What to read, of a view that is held or, without one, of now.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Read {
    #[prost(message, repeated, tag = "1")]
    pub(crate) ranges: Vec<Range>,
    #[prost(uint64, optional, tag = "2")]
    pub(crate) snapshot: Option<u64>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Range {
    #[prost(bytes = "bytes", tag = "1")]
    start: Bytes,
    #[prost(bytes = "bytes", tag = "2")]
    end: Bytes,
    #[prost(uint64, tag = "3")]
    limit: u64,
    #[prost(bool, tag = "4")]
    reverse: bool,
}

impl From<&ReadRange> for Range {
    fn from(read: &ReadRange) -> Self {
        Self {
            limit: read.limit as u64,
            reverse: read.reverse,
            ..Self::from(&read.range)
        }
    }
}

impl From<&KeyRange> for Range {
    fn from(range: &KeyRange) -> Self {
        Self {
            start: range.start.to_shared(),
            end: range.end.to_shared(),
            limit: 0,
            reverse: false,
        }
    }
}

impl TryFrom<Range> for ReadRange {
    type Error = Malformed;

    fn try_from(range: Range) -> Result<Self, Malformed> {
        Ok(Self {
            limit: size(range.limit),
            reverse: range.reverse,
            range: range.try_into()?,
        })
    }
}

impl TryFrom<Range> for KeyRange {
    type Error = Malformed;

    fn try_from(range: Range) -> Result<Self, Malformed> {
        Ok(Self {
            start: key(&range.start)?,
            end: key(&range.end)?,
        })
    }
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct ReadAnswer {
    /// In the order of the ranges.
    #[prost(message, repeated, tag = "1")]
    pub(crate) pages: Vec<Page>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Page {
    #[prost(message, repeated, tag = "1")]
    pub(crate) entries: Vec<Entry>,
    /// Whether there may be more that belongs to what was asked for, which was left off to keep the answer short.
    #[prost(bool, tag = "2")]
    pub(crate) more: bool,
}

impl Page {
    pub(crate) fn entries(self) -> Result<Vec<entry::Entry>, Malformed> {
        self.entries.into_iter().map(TryInto::try_into).collect()
    }
}

/// Which keys to read, of a view that is held or, without one, of now.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Get {
    #[prost(bytes = "bytes", repeated, tag = "1")]
    keys: Vec<Bytes>,
    #[prost(uint64, optional, tag = "2")]
    pub(crate) snapshot: Option<u64>,
}

impl Get {
    pub(crate) fn new(keys: &[EncodedKey], snapshot: Option<u64>) -> Self {
        Self {
            keys: shared(keys),
            snapshot,
        }
    }

    pub(crate) fn keys(self) -> Result<Vec<EncodedKey>, Malformed> {
        keys(self.keys)
    }
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct GetAnswer {
    /// In the order of the keys. The last ones are left off to keep the answer short; then they are asked for again.
    #[prost(message, repeated, tag = "1")]
    pub(crate) found: Vec<Found>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct WatchKeys {
    #[prost(bytes = "bytes", repeated, tag = "1")]
    keys: Vec<Bytes>,
}

impl WatchKeys {
    pub(crate) fn new(keys: &[EncodedKey]) -> Self {
        Self { keys: shared(keys) }
    }

    pub(crate) fn keys(self) -> Result<Vec<EncodedKey>, Malformed> {
        keys(self.keys)
    }
}

/// The state of watched keys, in their order.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct States {
    #[prost(message, repeated, tag = "1")]
    found: Vec<Found>,
}

impl From<WatchedState> for States {
    fn from(state: WatchedState) -> Self {
        Self {
            found: state.into_iter().map(Into::into).collect(),
        }
    }
}

impl TryFrom<States> for WatchedState {
    type Error = Malformed;

    fn try_from(states: States) -> Result<Self, Malformed> {
        states.found.into_iter().map(TryInto::try_into).collect()
    }
}
