//! The bytes on disk, format 1; `LAYOUT.md` beside this crate tells the whole of it.
//!
//! Two fjall keyspaces. `kv` maps a user key to a [`Record`]. `aux` holds everything else, each kind of row
//! behind a tag byte: the reserved versions, the index of expiries by time, and the queue.

use bytes::{Buf as _, Bytes};
use fjall::config::{BlockSizePolicy, CompressionPolicy, RestartIntervalPolicy};
use fjall::{CompressionType, KeyspaceCreateOptions, KvSeparationOptions};

use crate::entry::Entry;
use crate::key::EncodedKey;
use crate::value::{Encoding, StoredValue};
use crate::versionstamp::Versionstamp;

/// The format that this build writes, and the newest that it reads.
pub(super) const FORMAT: u32 = 1;
/// The keyspace of user keys.
pub(super) const KV: &str = "kv";
/// The keyspace of everything else.
pub(super) const AUX: &str = "aux";
/// Where the highest reserved version stands in `aux`, eight bytes big-endian.
pub(super) const RESERVED_VERSION: [u8; 1] = [0x01];
/// Versions are reserved in blocks of this many, so that a commit rarely writes more than its own rows.
pub(super) const VERSION_BLOCK: u64 = 1 << 20;

const EXPIRY: u8 = 0x02;
/// Tag of messages in the queue.
pub(super) const QUEUE: u8 = 0x03;
/// Length of a record before the value's bytes.
pub(super) const RECORD_HEADER: usize = 17;
/// Stands for "never" among expiries.
const NEVER: i64 = i64::MAX;

/// How many bytes a memtable holds before it is written to a table.
pub(super) const MEMTABLE_BYTES: u64 = 16 << 20;

/// Settings of the keyspaces, as measured: small memtables keep runs few and flushes short, LZ4 in blocks of
/// 16 KiB halves the disk and speeds up scans, values of 4 KiB and more are not rewritten by compaction. Keys stand
/// whole in their block, so that a read shares the block's bytes instead of putting each key together.
pub(super) fn keyspace_options() -> KeyspaceCreateOptions {
    KeyspaceCreateOptions::default()
        .max_memtable_size(MEMTABLE_BYTES)
        .data_block_size_policy(BlockSizePolicy::all(16 << 10))
        .data_block_restart_interval_policy(RestartIntervalPolicy::all(1))
        .data_block_compression_policy(CompressionPolicy::all(CompressionType::Lz4))
        .with_kv_separation(Some(KvSeparationOptions::default().separation_threshold(4 << 10)))
}

/// What stands under a key: `[version u64][encoding u8][expiry i64]` and the value's bytes; integers are
/// big-endian, and an entry without expiry has the largest one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) version: u64,
    pub(super) encoding: Encoding,
    pub(super) expires_at: Option<i64>,
    pub(super) payload: Bytes,
}

/// The bytes under a key are no record of this format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a stored record is damaged")]
pub(super) struct DamagedRecord;

impl Record {
    /// The record's bytes. Its encoding fits a byte, which is checked before a record is made.
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(RECORD_HEADER + self.payload.len());
        bytes.extend_from_slice(&self.version.to_be_bytes());
        bytes.push(self.encoding.to_byte().unwrap_or(0));
        bytes.extend_from_slice(&self.expires_at.unwrap_or(NEVER).to_be_bytes());
        bytes.extend_from_slice(&self.payload);
        bytes
    }

    /// Reads a record; the payload shares the bytes.
    pub(super) fn decode(mut bytes: Bytes) -> Result<Self, DamagedRecord> {
        if bytes.len() < RECORD_HEADER {
            return Err(DamagedRecord);
        }
        let version = bytes.get_u64();
        let encoding = Encoding::from_number(bytes.get_u8().into());
        let expires_at = bytes.get_i64();
        Ok(Self {
            version,
            encoding,
            expires_at: (expires_at != NEVER).then_some(expires_at),
            payload: bytes,
        })
    }

    /// Whether the record is invisible at `now`.
    pub(super) fn is_expired(&self, now: i64) -> bool {
        self.expires_at.is_some_and(|expires_at| expires_at <= now)
    }

    /// The value; it shares its bytes.
    pub(super) fn value(&self) -> StoredValue {
        StoredValue {
            encoding: self.encoding,
            bytes: self.payload.clone(),
        }
    }

    pub(super) fn into_entry(self, key: EncodedKey) -> Entry {
        Entry {
            key,
            value: StoredValue {
                encoding: self.encoding,
                bytes: self.payload,
            },
            versionstamp: Versionstamp::from_counter(self.version),
            expires_at: self.expires_at,
        }
    }
}

/// Row of the expiry index: `[02][time, ordered][key]`, without a value.
pub(super) fn expiry_row(expires_at: i64, key: &[u8]) -> Vec<u8> {
    let mut row = Vec::with_capacity(9 + key.len());
    row.push(EXPIRY);
    row.extend_from_slice(&ordered_time(expires_at));
    row.extend_from_slice(key);
    row
}

/// First row of the expiry index at or after a time.
pub(super) fn expiry_bound(time: i64) -> Vec<u8> {
    expiry_row(time, &[])
}

/// Whether a row is one of the expiry index, or has its tag.
pub(super) fn is_expiry_row(row: &[u8]) -> bool {
    row.first() == Some(&EXPIRY)
}

/// Time and key of a row of the expiry index; `None` for another kind of row.
pub(super) fn parse_expiry_row(row: &Bytes) -> Option<(i64, EncodedKey)> {
    let (&tag, rest) = row.split_first()?;
    let (time, _) = rest.split_first_chunk()?;
    (tag == EXPIRY).then(|| (time_from_ordered(*time), EncodedKey::from_bytes(row.slice(9..))))
}

/// Bytes of a time that compare as times do.
pub(super) fn ordered_time(time: i64) -> [u8; 8] {
    (time.cast_unsigned() ^ (1 << 63)).to_be_bytes()
}

/// The time that [`ordered_time`] wrote.
pub(super) fn time_from_ordered(bytes: [u8; 8]) -> i64 {
    (u64::from_be_bytes(bytes) ^ (1 << 63)).cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_reads_back_and_shares_its_bytes() {
        for expires_at in [None, Some(-5), Some(0), Some(1_700_000_000_000)] {
            let record = Record {
                version: 0x0102,
                encoding: Encoding::Bytes,
                expires_at,
                payload: Bytes::from_static(b"value"),
            };
            let bytes = Bytes::from(record.encode());
            let read = Record::decode(bytes.clone()).unwrap();
            assert_eq!(read, record);
            assert_eq!(read.payload.as_ptr(), bytes.slice(RECORD_HEADER..).as_ptr());
        }
    }

    #[test]
    fn a_record_that_is_cut_short_is_damaged() {
        let record = Record {
            version: 1,
            encoding: Encoding::V8,
            expires_at: None,
            payload: Bytes::new(),
        };
        let mut bytes = record.encode();
        for length in 0..bytes.len() {
            let cut = Bytes::copy_from_slice(&bytes[..length]);
            assert_eq!(Record::decode(cut), Err(DamagedRecord), "{length}");
        }
        bytes[8] = 9;
        let unknown = Record::decode(Bytes::from(bytes)).unwrap();
        assert_eq!(unknown.encoding, Encoding::Unknown(9));
        assert_eq!(unknown.encode()[8], 9);
    }

    #[test]
    fn rows_of_the_expiry_index_sort_by_time_then_key() {
        let rows = [
            expiry_row(i64::MIN, b"z"),
            expiry_row(-1, b"a"),
            expiry_row(0, b"a"),
            expiry_row(0, b"b"),
            expiry_row(7, b""),
        ];
        assert!(rows.is_sorted());
        let (time, key) = parse_expiry_row(&Bytes::from(rows[1].clone())).unwrap();
        assert_eq!((time, key.as_bytes()), (-1, b"a".as_slice()));
        assert_eq!(parse_expiry_row(&Bytes::from_static(&RESERVED_VERSION)), None);
    }
}
