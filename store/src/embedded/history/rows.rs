//! The rows of the keyspace `history`, as `LAYOUT.md` beside this crate tells them.

use bytes::{Buf as _, BufMut as _, Bytes};

use super::super::layout::{Record, ordered_time, time_from_ordered};
use crate::history::{Ended, HistoryRule, HistoryRules, PastVersion};
use crate::key::EncodedKey;
use crate::versionstamp::Versionstamp;

/// Its name.
pub(in crate::embedded) const HISTORY: &str = "history";
/// Where the rules stand.
pub(super) const RULES: [u8; 1] = [0x10];
/// Where the bytes of all versions stand, eight of them.
pub(super) const TOTAL: [u8; 1] = [0x14];
/// Tag of versions.
pub(super) const VERSION: u8 = 0x11;
/// Tag of the index by time.
pub(super) const BY_TIME: u8 = 0x12;
/// Tag of keys that are gone.
pub(super) const GONE: u8 = 0x13;
/// The end of a key inside a row. A zero of the key is followed by [`ESCAPED`], so that rows sort as keys do.
const END: [u8; 2] = [0, 0];
const ESCAPED: u8 = 0xff;
/// The longest row of the engine, in bytes.
const ROW_BYTES: usize = 65_535;
/// Bytes of a version before its record.
const HEADER: usize = 17;

/// A version as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PastRow {
    pub(super) key: EncodedKey,
    pub(super) record: Record,
    pub(super) ended: Ended,
    pub(super) ended_by: u64,
    pub(super) ended_at: i64,
}

impl PastRow {
    /// Its row, or nothing where the key is too long for one.
    pub(super) fn row(&self) -> Option<Vec<u8>> {
        let row = version_row(&self.key, self.record.version);
        (row.len() <= ROW_BYTES).then_some(row)
    }

    pub(super) fn value(&self) -> Vec<u8> {
        let record = self.record.encode();
        let mut bytes = Vec::with_capacity(HEADER + record.len());
        bytes.push(match self.ended {
            Ended::Replaced => 1,
            Ended::Deleted => 2,
            Ended::Expired => 3,
        });
        bytes.put_u64(self.ended_by);
        bytes.put_i64(self.ended_at);
        bytes.extend_from_slice(&record);
        bytes
    }

    /// Its row in the index by time.
    pub(super) fn by_time(&self) -> ByTime {
        ByTime {
            ended_at: self.ended_at,
            version: self.record.version,
            key: self.key.clone(),
        }
    }

    /// Reads a row and its value; nothing where they are none.
    pub(super) fn read(row: &[u8], mut value: Bytes) -> Option<Self> {
        let (key, version) = read_version_row(row)?;
        let ended = match value.try_get_u8().ok()? {
            1 => Ended::Replaced,
            2 => Ended::Deleted,
            3 => Ended::Expired,
            _ => return None,
        };
        let ended_by = value.try_get_u64().ok()?;
        let ended_at = value.try_get_i64().ok()?;
        let record = Record::decode(value).ok()?;
        (record.version == version).then_some(Self {
            key,
            record,
            ended,
            ended_by,
            ended_at,
        })
    }

    pub(super) fn into_past(self) -> PastVersion {
        PastVersion {
            entry: self.record.into_entry(self.key),
            ended: self.ended,
            ended_by: Versionstamp::from_counter(self.ended_by),
            ended_at: self.ended_at,
        }
    }
}

/// The beginning of all rows of a key's versions.
pub(super) fn versions_of(key: &EncodedKey) -> Vec<u8> {
    let mut row = Vec::with_capacity(16 + key.as_bytes().len());
    row.push(VERSION);
    for byte in key.as_bytes() {
        row.push(*byte);
        if *byte == 0 {
            row.push(ESCAPED);
        }
    }
    row.extend_from_slice(&END);
    row
}

/// `[11][key, escaped][00 00][version, inverted]`: a key's versions stand together, the newest first.
pub(super) fn version_row(key: &EncodedKey, version: u64) -> Vec<u8> {
    let mut row = versions_of(key);
    row.put_u64(!version);
    row
}

/// Key and version of such a row.
pub(super) fn read_version_row(row: &[u8]) -> Option<(EncodedKey, u64)> {
    let (escaped, version) = row.split_last_chunk::<8>()?;
    let escaped = escaped.strip_prefix(&[VERSION])?.strip_suffix(&END)?;
    let mut key = Vec::with_capacity(escaped.len());
    let mut bytes = escaped.iter();
    while let Some(byte) = bytes.next() {
        key.push(*byte);
        if *byte == 0 && bytes.next() != Some(&ESCAPED) {
            return None;
        }
    }
    Some((EncodedKey::from_bytes(key), !u64::from_be_bytes(*version)))
}

/// A row of the index: `[12][time, ordered][version][key]`. Its value has the bytes that the version takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ByTime {
    pub(super) ended_at: i64,
    pub(super) version: u64,
    pub(super) key: EncodedKey,
}

impl ByTime {
    pub(super) fn row(&self) -> Vec<u8> {
        let mut row = Vec::with_capacity(17 + self.key.as_bytes().len());
        row.push(BY_TIME);
        row.extend_from_slice(&ordered_time(self.ended_at));
        row.put_u64(self.version);
        row.extend_from_slice(self.key.as_bytes());
        row
    }

    pub(super) fn read(row: &[u8]) -> Option<Self> {
        let row = row.strip_prefix(&[BY_TIME])?;
        let (time, row) = row.split_first_chunk::<8>()?;
        let (version, key) = row.split_first_chunk::<8>()?;
        Some(Self {
            ended_at: time_from_ordered(*time),
            version: u64::from_be_bytes(*version),
            key: EncodedKey::from_bytes(key.to_vec()),
        })
    }
}

/// `[13][key]`: the key is gone, and its value tells which version was its last.
pub(super) fn gone_row(key: &EncodedKey) -> Vec<u8> {
    [&[GONE][..], key.as_bytes()].concat()
}

/// The rules as they are stored, and whether rows may be there that they do not allow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::embedded) struct StoredRules {
    pub(in crate::embedded) rules: HistoryRules,
    pub(in crate::embedded) untrimmed: bool,
}

impl StoredRules {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![u8::from(self.untrimmed)];
        bytes.put_u64(self.rules.total_bytes);
        for rule in &self.rules.rules {
            bytes.put_u32(rule.versions.unwrap_or(0));
            bytes.put_i64(rule.milliseconds.unwrap_or(0));
            bytes.put_u32(u32::try_from(rule.prefix.as_bytes().len()).unwrap_or(u32::MAX));
            bytes.extend_from_slice(rule.prefix.as_bytes());
        }
        bytes
    }

    pub(super) fn decode(mut bytes: &[u8]) -> Option<Self> {
        let untrimmed = bytes.try_get_u8().ok()? != 0;
        let total_bytes = bytes.try_get_u64().ok()?;
        let mut rules = Vec::new();
        while !bytes.is_empty() {
            let versions = bytes.try_get_u32().ok()?;
            let milliseconds = bytes.try_get_i64().ok()?;
            let length = usize::try_from(bytes.try_get_u32().ok()?).ok()?;
            let (prefix, rest) = bytes.split_at_checked(length)?;
            bytes = rest;
            rules.push(HistoryRule {
                prefix: EncodedKey::from_bytes(prefix.to_vec()),
                versions: (versions != 0).then_some(versions),
                milliseconds: (milliseconds != 0).then_some(milliseconds),
            });
        }
        let rules = HistoryRules { rules, total_bytes };
        Some(Self {
            rules: rules.checked().ok()?,
            untrimmed,
        })
    }
}

/// Whether a row is one of this keyspace.
pub(in crate::embedded) fn is_row(row: &[u8], value: Bytes) -> bool {
    match row.first() {
        Some(&VERSION) => PastRow::read(row, value).is_some(),
        Some(&BY_TIME) => ByTime::read(row).is_some() && value.len() == 8,
        Some(&GONE) => value.len() == 8,
        _ if row == RULES => StoredRules::decode(&value).is_some(),
        _ => row == TOTAL && value.len() == 8,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::value::Encoding;

    fn keys() -> impl Strategy<Value = Vec<u8>> {
        proptest::collection::vec(prop_oneof![Just(0), Just(1), Just(0xfe), Just(0xff)], 0..6)
    }

    proptest! {
        #[test]
        fn rows_of_versions_sort_by_key_and_then_newest_first_and_read_back(
            a in keys(), b in keys(), v in any::<u64>(), w in any::<u64>(),
        ) {
            let row = |key: &[u8], version| version_row(&EncodedKey::from_bytes(key.to_vec()), version);
            let (one, other) = (row(&a, v), row(&b, w));
            prop_assert_eq!(one.cmp(&other), a.cmp(&b).then(w.cmp(&v)));
            let (key, version) = read_version_row(&one).unwrap();
            prop_assert_eq!((key.as_bytes(), version), (a.as_slice(), v));
        }

        #[test]
        fn any_bytes_are_a_row_or_none(row in any::<Vec<u8>>(), value in any::<Vec<u8>>(), tag in 0x0f..0x16_u8) {
            let row = [vec![tag], row].concat();
            if let Some(read) = PastRow::read(&row, value.clone().into()) {
                prop_assert_eq!((read.row(), read.value()), (Some(row.clone()), value.clone()));
            }
            if let Some(read) = ByTime::read(&row) {
                prop_assert_eq!(read.row(), row.clone());
            }
            let _is_one = is_row(&row, value.into());
        }
    }

    #[test]
    fn a_version_and_the_rules_read_back() {
        let past = PastRow {
            key: EncodedKey::from_bytes(&b"\x02a\0"[..]),
            record: Record {
                version: 7,
                encoding: Encoding::V8,
                expires_at: Some(5),
                payload: Bytes::from_static(b"value"),
            },
            ended: Ended::Expired,
            ended_by: 9,
            ended_at: -3,
        };
        let row = past.row().unwrap();
        assert_eq!(PastRow::read(&row, past.value().into()), Some(past.clone()));
        assert_eq!(ByTime::read(&past.by_time().row()), Some(past.by_time()));
        let rules = StoredRules {
            rules: HistoryRules::default().with(HistoryRule {
                prefix: past.key,
                versions: Some(3),
                milliseconds: None,
            }),
            untrimmed: true,
        };
        assert_eq!(StoredRules::decode(&rules.encode()), Some(rules.clone()));
        for length in 10..rules.encode().len() {
            assert!(
                length == 9 || StoredRules::decode(&rules.encode()[..length]).is_none(),
                "{length}"
            );
        }
    }
}
