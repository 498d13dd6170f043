//! The messages of the data path, field by field as the protocol numbers them.
//!
//! Numbers that stand for a choice are plain numbers here, because a client may send any; `request` tells which are
//! known.

use bytes::Bytes;
use prost::Message;

/// `POST …/snapshot_read`.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct SnapshotRead {
    #[prost(message, repeated, tag = "1")]
    pub(crate) ranges: Vec<ReadRange>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct ReadRange {
    #[prost(bytes = "bytes", tag = "1")]
    pub(crate) start: Bytes,
    #[prost(bytes = "bytes", tag = "2")]
    pub(crate) end: Bytes,
    #[prost(int32, tag = "3")]
    pub(crate) limit: i32,
    #[prost(bool, tag = "4")]
    pub(crate) reverse: bool,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct SnapshotReadOutput {
    #[prost(message, repeated, tag = "1")]
    pub(crate) ranges: Vec<ReadRangeOutput>,
    #[prost(bool, tag = "2")]
    pub(crate) read_disabled: bool,
    #[prost(bool, tag = "4")]
    pub(crate) read_is_strongly_consistent: bool,
    #[prost(int32, tag = "8")]
    pub(crate) status: i32,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct ReadRangeOutput {
    #[prost(message, repeated, tag = "1")]
    pub(crate) values: Vec<KvEntry>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct KvEntry {
    #[prost(bytes = "bytes", tag = "1")]
    pub(crate) key: Bytes,
    #[prost(bytes = "bytes", tag = "2")]
    pub(crate) value: Bytes,
    #[prost(int32, tag = "3")]
    pub(crate) encoding: i32,
    #[prost(bytes = "bytes", tag = "4")]
    pub(crate) versionstamp: Bytes,
}

/// `POST …/atomic_write`.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct AtomicWrite {
    #[prost(message, repeated, tag = "1")]
    pub(crate) checks: Vec<Check>,
    #[prost(message, repeated, tag = "2")]
    pub(crate) mutations: Vec<Mutation>,
    #[prost(message, repeated, tag = "3")]
    pub(crate) enqueues: Vec<Enqueue>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Check {
    #[prost(bytes = "bytes", tag = "1")]
    pub(crate) key: Bytes,
    #[prost(bytes = "bytes", tag = "2")]
    pub(crate) versionstamp: Bytes,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Mutation {
    #[prost(bytes = "bytes", tag = "1")]
    pub(crate) key: Bytes,
    #[prost(message, optional, tag = "2")]
    pub(crate) value: Option<KvValue>,
    #[prost(int32, tag = "3")]
    pub(crate) mutation_type: i32,
    #[prost(int64, tag = "4")]
    pub(crate) expire_at_ms: i64,
    #[prost(bytes = "bytes", tag = "5")]
    pub(crate) sum_min: Bytes,
    #[prost(bytes = "bytes", tag = "6")]
    pub(crate) sum_max: Bytes,
    #[prost(bool, tag = "7")]
    pub(crate) sum_clamp: bool,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct KvValue {
    #[prost(bytes = "bytes", tag = "1")]
    pub(crate) data: Bytes,
    #[prost(int32, tag = "2")]
    pub(crate) encoding: i32,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Enqueue {
    #[prost(bytes = "bytes", tag = "1")]
    pub(crate) payload: Bytes,
    #[prost(int64, tag = "2")]
    pub(crate) deadline_ms: i64,
    #[prost(bytes = "bytes", repeated, tag = "3")]
    pub(crate) keys_if_undelivered: Vec<Bytes>,
    #[prost(uint32, repeated, tag = "4")]
    pub(crate) backoff_schedule: Vec<u32>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct AtomicWriteOutput {
    #[prost(int32, tag = "1")]
    pub(crate) status: i32,
    #[prost(bytes = "bytes", tag = "2")]
    pub(crate) versionstamp: Bytes,
    #[prost(uint32, repeated, tag = "4")]
    pub(crate) failed_checks: Vec<u32>,
}

/// `POST …/watch`.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Watch {
    #[prost(message, repeated, tag = "1")]
    pub(crate) keys: Vec<WatchKey>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct WatchKey {
    #[prost(bytes = "bytes", tag = "1")]
    pub(crate) key: Bytes,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct WatchOutput {
    #[prost(int32, tag = "1")]
    pub(crate) status: i32,
    #[prost(message, repeated, tag = "2")]
    pub(crate) keys: Vec<WatchKeyOutput>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct WatchKeyOutput {
    #[prost(bool, tag = "1")]
    pub(crate) changed: bool,
    #[prost(message, optional, tag = "2")]
    pub(crate) entry_if_changed: Option<KvEntry>,
}

/// What a mutation does.
pub(crate) mod mutation_type {
    pub(crate) const SET: i32 = 1;
    pub(crate) const DELETE: i32 = 2;
    pub(crate) const SUM: i32 = 3;
    pub(crate) const MAX: i32 = 4;
    pub(crate) const MIN: i32 = 5;
    pub(crate) const SET_SUFFIX_VERSIONSTAMPED_KEY: i32 = 9;
}

/// How a read or a watch went.
pub(crate) const READ_SUCCESS: i32 = 1;
/// How a write went.
pub(crate) const WRITE_SUCCESS: i32 = 1;
/// How a write went.
pub(crate) const WRITE_CHECK_FAILURE: i32 = 2;
