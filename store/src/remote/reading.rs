//! Reads, as many ranges and entries a request as the protocol takes.

use std::sync::Arc;

use bytes::Bytes;
use prost::Message as _;
use tokio::task::JoinSet;

use super::fault;
use super::server::{Nature, Server};
use crate::connect::messages;
use crate::database::ReadRange;
use crate::entry::Entry;
use crate::error::{ConnectError, DatabaseError};
use crate::key::{EncodedKey, KeyRange};
use crate::limits::{LimitError, RANGES, READ_ENTRIES, READ_KEY_BYTES};
use crate::value::{Encoding, StoredValue};
use crate::versionstamp::Versionstamp;

/// Requests of one read that are under way at the same time.
const AT_ONCE: usize = 4;
/// How a read went whose server takes none.
const READ_DISABLED: i32 = 2;

/// Reads ranges by one request, which must not ask for more than one takes.
pub(super) async fn read(server: &Server, ranges: &[ReadRange]) -> Result<Vec<Vec<Entry>>, DatabaseError> {
    let request = messages::SnapshotRead {
        ranges: ranges.iter().map(range).collect::<Result<_, _>>()?,
    };
    let answer = server
        .ask("snapshot_read", request.encode_to_vec().into(), Nature::Read)
        .await
        .map_err(|unanswered| fault::database_error(unanswered.error))?;
    let entries = decode(answer, ranges, &server.location)?;
    for entry in entries.iter().flatten() {
        server.saw(entry.versionstamp);
    }
    server.meter.entries(entries.iter().map(Vec::len).sum());
    Ok(entries)
}

fn range(range: &ReadRange) -> Result<messages::ReadRange, LimitError> {
    let (start, end) = (&range.range.start, &range.range.end);
    if start.as_bytes().len().max(end.as_bytes().len()) > READ_KEY_BYTES {
        return Err(LimitError::KeyForRead(READ_KEY_BYTES));
    }
    Ok(messages::ReadRange {
        start: start.to_shared(),
        end: end.to_shared(),
        limit: i32::try_from(range.limit).unwrap_or(i32::MAX),
        reverse: range.reverse,
    })
}

/// The entries of an answer, each range's in its order.
pub(super) fn decode(
    answer: Bytes,
    ranges: &[ReadRange],
    location: &str,
) -> Result<Vec<Vec<Entry>>, DatabaseError> {
    let malformed = |error: Malformed| {
        fault::database_error(ConnectError::Answer {
            reason: error.to_string(),
            url: location.to_owned(),
        })
    };
    let output = messages::SnapshotReadOutput::decode(answer).map_err(|error| malformed(error.into()))?;
    if output.read_disabled || output.status == READ_DISABLED {
        let sentence = format!("Reads are disabled for this database: {location}");
        return Err(DatabaseError::Unsupported(sentence));
    }
    // Version 1 has no status.
    if output.status > messages::READ_SUCCESS || output.status < 0 {
        return Err(malformed(Malformed::ReadStatus(output.status)));
    }
    if !output.read_is_strongly_consistent {
        return Err(malformed(Malformed::Old));
    }
    if output.ranges.len() != ranges.len() {
        return Err(malformed(Malformed::Ranges {
            asked: ranges.len(),
            came: output.ranges.len(),
        }));
    }
    let pages = output.ranges.into_iter().zip(ranges);
    pages
        .map(|(page, range)| entries_of(page, range).map_err(malformed))
        .collect()
}

/// What is wrong with an answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Malformed {
    #[error("it is no protobuf: {0}")]
    Protobuf(#[from] prost::DecodeError),
    #[error("a read went as {0}")]
    ReadStatus(i32),
    #[error("a write went as {0}")]
    WriteStatus(i32),
    #[error("it may be older than what was committed")]
    Old,
    #[error("{asked} ranges were asked for and {came} came")]
    Ranges { asked: usize, came: usize },
    #[error("more entries came than were asked for")]
    TooMany,
    #[error("other keys came than were asked for")]
    OtherKeys,
    #[error("a versionstamp has 10 bytes, and one has {0}")]
    Versionstamp(usize),
}

/// The entries of a range, if they are some of it and in its order: else reading on behind them would not end.
fn entries_of(page: messages::ReadRangeOutput, range: &ReadRange) -> Result<Vec<Entry>, Malformed> {
    if page.values.len() > range.limit {
        return Err(Malformed::TooMany);
    }
    let entries = page.values.into_iter().map(entry);
    let entries = entries.collect::<Result<Vec<Entry>, Malformed>>()?;
    let is_in_order = entries.iter().zip(entries.iter().skip(1)).all(|(one, next)| {
        let (first, second) = if range.reverse { (next, one) } else { (one, next) };
        first.key < second.key
    });
    if !is_in_order || entries.iter().any(|entry| !range.range.contains(&entry.key)) {
        return Err(Malformed::OtherKeys);
    }
    Ok(entries)
}

/// An entry of an answer; its bytes are its own, so that it does not hold what it came in.
pub(super) fn entry(entry: messages::KvEntry) -> Result<Entry, Malformed> {
    let versionstamp = versionstamp(&entry.versionstamp)?;
    Ok(Entry {
        key: EncodedKey::from_bytes(Bytes::copy_from_slice(&entry.key)),
        value: StoredValue {
            encoding: Encoding::from_number(entry.encoding.into()),
            bytes: Bytes::copy_from_slice(&entry.value),
        },
        versionstamp,
        // The protocol does not tell.
        expires_at: None,
    })
}

pub(super) fn versionstamp(bytes: &[u8]) -> Result<Versionstamp, Malformed> {
    let stamp = bytes.try_into().map(Versionstamp);
    stamp.map_err(|_length| Malformed::Versionstamp(bytes.len()))
}

/// A range that is being read, and what was found of it.
struct Part {
    left: ReadRange,
    found: Vec<Entry>,
}

impl Part {
    fn is_done(&self) -> bool {
        self.left.limit == 0 || self.left.range.is_empty()
    }

    fn take(&mut self, mut entries: Vec<Entry>, wanted: usize) {
        match entries.last() {
            Some(last) if entries.len() >= wanted => {
                self.left.range = self.left.range.after(&last.key, self.left.reverse);
                self.left.limit = self.left.limit.saturating_sub(entries.len());
            }
            _ => self.left.limit = 0,
        }
        self.found.append(&mut entries);
    }
}

/// Reads any ranges, by as many requests as that takes.
pub(super) async fn read_all(
    server: &Arc<Server>,
    ranges: Vec<ReadRange>,
) -> Result<Vec<Vec<Entry>>, DatabaseError> {
    let parts = ranges.into_iter().map(|left| Part {
        left,
        found: Vec::new(),
    });
    let mut parts: Vec<Part> = parts.collect();
    loop {
        let mut requests = requests(&parts).into_iter();
        let mut under_way = JoinSet::new();
        let mut is_done = true;
        loop {
            while under_way.len() < AT_ONCE
                && let Some((places, wanted)) = requests.next()
            {
                let server = Arc::clone(server);
                under_way.spawn(async move { (places, read(&server, &wanted).await, wanted) });
            }
            let Some(read) = under_way.join_next().await else {
                break;
            };
            is_done = false;
            let (places, pages, wanted) = read.map_err(|error| {
                fault::database_error(ConnectError::Lost {
                    reason: error.to_string(),
                    url: server.location.clone(),
                })
            })?;
            for ((place, page), wanted) in places.into_iter().zip(pages?).zip(wanted) {
                if let Some(part) = parts.get_mut(place) {
                    part.take(page, wanted.limit);
                }
            }
        }
        if is_done {
            return Ok(parts.into_iter().map(|part| part.found).collect());
        }
    }
}

/// What stands under keys. Many keys that are in order and lie close together are read as one range: ten times as many
/// to a request.
pub(super) async fn get_all(
    server: &Arc<Server>,
    keys: &[EncodedKey],
) -> Result<Vec<Option<Entry>>, DatabaseError> {
    let mut found = Vec::with_capacity(keys.len());
    if keys.len() > RANGES
        && keys.is_sorted()
        && let (Some(first), Some(last)) = (keys.first(), keys.last())
    {
        let limit = (keys.len() + keys.len() / 4).min(READ_ENTRIES);
        let wanted = ReadRange {
            range: KeyRange {
                start: first.clone(),
                end: last.with_suffix(&[0]),
            },
            limit,
            reverse: false,
        };
        let page = read(server, &[wanted]).await?.pop().unwrap_or_default();
        // What was read whole is known, whatever of it was asked for.
        let end = page
            .last()
            .filter(|_| page.len() >= limit)
            .map(|last| last.key.clone());
        let mut page = page.into_iter().peekable();
        for key in keys {
            if end.as_ref().is_some_and(|end| key > end) {
                break;
            }
            while page.next_if(|entry| entry.key < *key).is_some() {}
            found.push(page.peek().filter(|entry| entry.key == *key).cloned());
        }
    }
    let left = keys.get(found.len()..).unwrap_or_default();
    let ranges = left.iter().map(|key| ReadRange {
        range: KeyRange::only(key),
        limit: 1,
        reverse: false,
    });
    let pages = read_all(server, ranges.collect()).await?;
    found.extend(pages.into_iter().map(|mut page| page.pop()));
    Ok(found)
}

/// What is left to read as requests, each with the places of its ranges.
fn requests(parts: &[Part]) -> Vec<(Vec<usize>, Vec<ReadRange>)> {
    let mut all: Vec<(Vec<usize>, Vec<ReadRange>)> = Vec::new();
    let mut room = (0, 0);
    for (place, part) in parts.iter().enumerate().filter(|(_, part)| !part.is_done()) {
        let limit = part.left.limit.min(READ_ENTRIES);
        if room.0 == 0 || room.1 < limit {
            all.push((Vec::new(), Vec::new()));
            room = (RANGES, READ_ENTRIES);
        }
        if let Some((places, ranges)) = all.last_mut() {
            places.push(place);
            ranges.push(ReadRange {
                limit,
                ..part.left.clone()
            });
        }
        room = (room.0 - 1, room.1 - limit);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(start: u8, limit: usize, reverse: bool) -> ReadRange {
        ReadRange {
            range: KeyRange {
                start: EncodedKey::from_bytes(vec![start]),
                end: EncodedKey::from_bytes(vec![9]),
            },
            limit,
            reverse,
        }
    }

    fn answer(keys: &[&[u8]], change: impl Fn(&mut messages::SnapshotReadOutput)) -> Bytes {
        let values = keys.iter().map(|key| messages::KvEntry {
            key: Bytes::copy_from_slice(key),
            value: Bytes::from_static(b"v"),
            encoding: 3,
            versionstamp: Bytes::from_static(&[1; 10]),
        });
        let mut output = messages::SnapshotReadOutput {
            ranges: vec![messages::ReadRangeOutput {
                values: values.collect(),
            }],
            read_disabled: false,
            read_is_strongly_consistent: true,
            status: 1,
        };
        change(&mut output);
        output.encode_to_vec().into()
    }

    #[test]
    fn what_was_not_asked_for_is_no_answer() {
        let at = "http://kv.example";
        let read = |answer: Bytes, range: ReadRange| decode(answer, &[range], at).map(|pages| pages[0].len());
        assert_eq!(
            read(answer(&[&[1], &[2]], |_| ()), range(1, 2, false)).unwrap(),
            2
        );
        assert_eq!(read(answer(&[&[2], &[1]], |_| ()), range(1, 2, true)).unwrap(), 2);
        for (answer, range, word) in [
            (answer(&[&[1], &[2]], |_| ()), range(1, 1, false), "more entries"),
            (answer(&[&[2], &[1]], |_| ()), range(1, 5, false), "other keys"),
            (answer(&[&[1], &[1]], |_| ()), range(1, 5, false), "other keys"),
            (answer(&[&[0]], |_| ()), range(1, 5, false), "other keys"),
            (answer(&[&[9]], |_| ()), range(1, 5, true), "other keys"),
            (
                answer(&[], |output| output.ranges.clear()),
                range(1, 5, false),
                "1 ranges were asked for and 0 came",
            ),
            (
                answer(&[], |output| output.status = 7),
                range(1, 5, false),
                "went as 7",
            ),
            (
                answer(&[], |output| output.status = 2),
                range(1, 5, false),
                "disabled",
            ),
            (
                answer(&[], |output| output.read_is_strongly_consistent = false),
                range(1, 5, false),
                "older",
            ),
            (
                answer(&[&[1]], |output| {
                    output.ranges[0].values[0].versionstamp = Bytes::new();
                }),
                range(1, 5, false),
                "10 bytes",
            ),
            (Bytes::from_static(b"<html>"), range(1, 5, false), "no protobuf"),
        ] {
            let error = read(answer, range).unwrap_err().to_string();
            assert!(error.contains(word) && error.ends_with(at), "{error}");
        }
    }

    #[test]
    fn ranges_share_requests_as_far_as_one_takes_them() {
        let part = |limit| Part {
            left: range(1, limit, false),
            found: Vec::new(),
        };
        let places = |limits: &[usize]| {
            let parts: Vec<_> = limits.iter().map(|limit| part(*limit)).collect();
            let requests = requests(&parts).into_iter();
            requests.map(|(places, _)| places).collect::<Vec<_>>()
        };
        assert_eq!(
            places(&[600, 400, 1, 5000, 1]),
            [vec![0, 1], vec![2], vec![3], vec![4]]
        );
        assert_eq!(places(&[1; 11]), [(0..10).collect::<Vec<_>>(), vec![10]]);
        assert!(places(&[0]).is_empty());
    }
}
