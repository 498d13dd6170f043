//! What the database said, as the messages of the protocol.

use bytes::Bytes;

use super::messages::{
    AtomicWriteOutput, KvEntry, READ_SUCCESS, ReadRangeOutput, SnapshotReadOutput, WRITE_CHECK_FAILURE,
    WRITE_SUCCESS, WatchKeyOutput, WatchOutput,
};
use crate::atomic::CommitOutcome;
use crate::database::WatchedState;
use crate::entry::Entry;

/// The entries of each range. They are as new as any commit that was answered before the read was asked for.
pub(super) fn snapshot(ranges: Vec<Vec<Entry>>) -> SnapshotReadOutput {
    SnapshotReadOutput {
        ranges: ranges
            .into_iter()
            .map(|entries| ReadRangeOutput {
                values: entries.into_iter().map(kv_entry).collect(),
            })
            .collect(),
        read_disabled: false,
        read_is_strongly_consistent: true,
        status: READ_SUCCESS,
    }
}

/// How a commit ended: its versionstamp, or the index of every check that failed.
pub(super) fn outcome(outcome: CommitOutcome) -> AtomicWriteOutput {
    match outcome {
        CommitOutcome::Committed(versionstamp) => AtomicWriteOutput {
            status: WRITE_SUCCESS,
            versionstamp: Bytes::copy_from_slice(&versionstamp.0),
            failed_checks: Vec::new(),
        },
        CommitOutcome::Conflict(failed) => AtomicWriteOutput {
            status: WRITE_CHECK_FAILURE,
            versionstamp: Bytes::new(),
            failed_checks: failed
                .iter()
                .filter_map(|check| u32::try_from(check.index).ok())
                .collect(),
        },
        // The protocol has no changes of messages that could bring this about.
        CommitOutcome::MessagesChanged(_) => AtomicWriteOutput {
            status: WRITE_CHECK_FAILURE,
            versionstamp: Bytes::new(),
            failed_checks: Vec::new(),
        },
    }
}

/// The state of watched keys: all of them, as every client understands it.
pub(super) fn watched(state: WatchedState) -> WatchOutput {
    WatchOutput {
        status: READ_SUCCESS,
        keys: state
            .into_iter()
            .map(|entry| WatchKeyOutput {
                changed: true,
                entry_if_changed: entry.map(kv_entry),
            })
            .collect(),
    }
}

fn kv_entry(entry: Entry) -> KvEntry {
    KvEntry {
        key: entry.key.to_shared(),
        // What is no number of the protocol is no encoding that a client knows, either.
        encoding: i32::try_from(entry.value.encoding.number()).unwrap_or_default(),
        value: entry.value.bytes,
        versionstamp: Bytes::copy_from_slice(&entry.versionstamp.0),
    }
}
