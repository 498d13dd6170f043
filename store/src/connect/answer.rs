//! What the database said, as the messages of the protocol.

use bytes::Bytes;
use prost::Message as _;
use prost::encoding::{WireType, encode_key, encode_varint, encoded_len_varint, key_len};

use super::messages::{
    AtomicWriteOutput, KvEntry, READ_SUCCESS, SnapshotReadOutput, WRITE_CHECK_FAILURE, WRITE_SUCCESS,
    WatchKeyOutput, WatchOutput,
};
use crate::atomic::CommitOutcome;
use crate::database::WatchedState;
use crate::entry::Entry;

/// The entries of each range, as a [`SnapshotReadOutput`]. They are as new as any commit that was answered before the
/// read was asked for.
///
/// Entries are most of what a server sends. They are written as they lie, without a message in between, whose parts
/// would each be counted and dropped.
pub(super) fn snapshot(ranges: &[Vec<Entry>]) -> Vec<u8> {
    let lengths: Vec<(usize, Vec<usize>)> = ranges
        .iter()
        .map(|entries| {
            let lengths: Vec<_> = entries.iter().map(entry_length).collect();
            (lengths.iter().copied().map(field_length).sum(), lengths)
        })
        .collect();
    let end = SnapshotReadOutput {
        ranges: Vec::new(),
        read_disabled: false,
        read_is_strongly_consistent: true,
        status: READ_SUCCESS,
    };
    let length: usize = lengths.iter().map(|(range, _)| field_length(*range)).sum();
    let mut answer = Vec::with_capacity(length + end.encoded_len());
    for (entries, (length, lengths)) in ranges.iter().zip(lengths) {
        put_length(&mut answer, 1, length);
        for (entry, length) in entries.iter().zip(lengths) {
            put_length(&mut answer, 1, length);
            put_bytes(&mut answer, 1, entry.key.as_bytes());
            put_bytes(&mut answer, 2, &entry.value.bytes);
            if encoding(entry) != 0 {
                encode_key(3, WireType::Varint, &mut answer);
                encode_varint(encoding(entry), &mut answer);
            }
            put_bytes(&mut answer, 4, &entry.versionstamp.0);
        }
    }
    // A message without its first field is what follows it.
    end.encode_raw(&mut answer);
    answer
}

/// Bytes of an entry as a [`KvEntry`]; a field that is empty is left out.
fn entry_length(entry: &Entry) -> usize {
    let of_encoding = match encoding(entry) {
        0 => 0,
        number => key_len(3) + encoded_len_varint(number),
    };
    let bytes = [entry.key.as_bytes(), &entry.value.bytes, &entry.versionstamp.0];
    let given = bytes.iter().filter(|bytes| !bytes.is_empty());
    of_encoding + given.map(|bytes| field_length(bytes.len())).sum::<usize>()
}

/// Bytes of a field of so many bytes, whose number is below 16.
fn field_length(length: usize) -> usize {
    key_len(1) + encoded_len_varint(length as u64) + length
}

fn put_length(answer: &mut Vec<u8>, field: u32, length: usize) {
    encode_key(field, WireType::LengthDelimited, answer);
    encode_varint(length as u64, answer);
}

fn put_bytes(answer: &mut Vec<u8>, field: u32, bytes: &[u8]) {
    if !bytes.is_empty() {
        put_length(answer, field, bytes.len());
        answer.extend_from_slice(bytes);
    }
}

/// What is no number of the protocol is no encoding that a client knows, either.
fn encoding(entry: &Entry) -> u64 {
    i32::try_from(entry.value.encoding.number()).map_or(0, |number| number as u64)
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
        encoding: encoding(&entry) as i32,
        value: entry.value.bytes,
        versionstamp: Bytes::copy_from_slice(&entry.versionstamp.0),
    }
}

#[cfg(test)]
mod tests {
    use super::super::messages::ReadRangeOutput;
    use super::*;
    use crate::key::EncodedKey;
    use crate::value::{Encoding, StoredValue};
    use crate::versionstamp::Versionstamp;

    #[test]
    fn entries_are_written_as_the_message_of_them_would_be() {
        let entry = |key: &[u8], value: usize, encoding| Entry {
            key: EncodedKey::from_bytes(key.to_vec()),
            value: StoredValue {
                encoding,
                bytes: vec![7; value].into(),
            },
            versionstamp: Versionstamp([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
            expires_at: None,
        };
        let ranges = [
            vec![entry(b"a", 0, Encoding::V8), entry(b"", 1, Encoding::Le64)],
            vec![],
            vec![
                entry(&[1; 2048], 65_536, Encoding::Bytes),
                entry(b"b", 127, Encoding::from_number(0)),
            ],
            vec![
                entry(b"c", 128, Encoding::from_number(-1)),
                entry(b"d", 5, Encoding::from_number(1 << 40)),
            ],
        ];
        let message = SnapshotReadOutput {
            ranges: ranges
                .iter()
                .map(|entries| ReadRangeOutput {
                    values: entries.iter().cloned().map(kv_entry).collect(),
                })
                .collect(),
            read_disabled: false,
            read_is_strongly_consistent: true,
            status: READ_SUCCESS,
        };
        assert_eq!(snapshot(&ranges), message.encode_to_vec());
        assert_eq!(snapshot(&[]).len(), 4);
    }
}
