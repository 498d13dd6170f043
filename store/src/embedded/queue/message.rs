//! Messages as they are stored.

use bytes::{Buf as _, BufMut as _, Bytes};
use fjall::Readable as _;

use super::super::Shared;
use super::super::layout::{QUEUE, ordered_time, time_from_ordered};
use super::super::read::View;
use crate::atomic::Enqueue;
use crate::database::{QueueMessage, QueuePlace};
use crate::error::DatabaseError;
use crate::key::EncodedKey;

/// Where a message's name begins in its row: behind the tag and the due time.
const NAME_OFFSET: usize = 9;
/// Bytes of a name.
const NAME_BYTES: usize = 10;

/// A row of the queue: `[03][due time, ordered][version u64][index u16]`, and as its value the number of
/// backoff intervals (u8) and the intervals (u32 each), the number of keys for an undelivered message (u32)
/// and each key behind its length (u32), then the payload. Integers are big-endian.
pub(in super::super) struct MessageRow {
    pub(in super::super) row: Vec<u8>,
    pub(in super::super) value: Vec<u8>,
}

impl MessageRow {
    /// The row of the message that is number `index` in the commit of `version`.
    pub(in super::super) fn new(enqueue: &Enqueue, version: u64, index: usize) -> Self {
        let mut row = Vec::with_capacity(19);
        row.push(QUEUE);
        row.extend_from_slice(&ordered_time(enqueue.due_at));
        row.put_u64(version);
        row.put_u16(u16::try_from(index).unwrap_or(u16::MAX));
        Self {
            row,
            value: encode(
                enqueue.intervals(),
                &enqueue.keys_if_undelivered,
                &enqueue.payload,
            ),
        }
    }

    /// The row of a message that stood at `row`, at another time and with another schedule. It keeps its
    /// name.
    pub(super) fn moved(row: &[u8], message: &QueueMessage, due_at: i64, schedule: &[u32]) -> Self {
        let enqueue = Enqueue {
            due_at,
            backoff_schedule: Some(schedule.to_vec()),
            ..message.content()
        };
        Self::instead(row, &enqueue)
    }

    /// The row of what takes the place of a message that stood at `row`, under its name.
    pub(super) fn instead(row: &[u8], enqueue: &Enqueue) -> Self {
        let mut moved = vec![QUEUE];
        moved.extend_from_slice(&ordered_time(enqueue.due_at));
        moved.extend_from_slice(row.get(NAME_OFFSET..).unwrap_or_default());
        Self {
            row: moved,
            value: encode(
                enqueue.intervals(),
                &enqueue.keys_if_undelivered,
                &enqueue.payload,
            ),
        }
    }
}

/// The value of a message's row. The limits of a commit keep both counts far below what their fields hold.
fn encode(schedule: &[u32], keys_if_undelivered: &[EncodedKey], payload: &[u8]) -> Vec<u8> {
    let mut value = Vec::with_capacity(32 + payload.len());
    value.put_u8(u8::try_from(schedule.len()).unwrap_or(u8::MAX));
    for interval in schedule.iter().take(usize::from(u8::MAX)) {
        value.put_u32(*interval);
    }
    value.put_u32(u32::try_from(keys_if_undelivered.len()).unwrap_or(u32::MAX));
    for key in keys_if_undelivered {
        let key = key.as_bytes();
        value.put_u32(u32::try_from(key.len()).unwrap_or(u32::MAX));
        value.extend_from_slice(key);
    }
    value.extend_from_slice(payload);
    value
}

/// The row of a message, or where one of this time and name would stand.
fn row_of(due_at: i64, id: &str) -> Vec<u8> {
    let mut row = vec![QUEUE];
    row.extend_from_slice(&ordered_time(due_at));
    let digits = id.as_bytes().chunks(2);
    let bytes = digits.map_while(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
    row.extend(bytes);
    row
}

/// The first row that may hold a message behind a place.
fn row_after(place: &QueuePlace) -> Vec<u8> {
    let mut row = row_of(place.due_at, &place.id);
    row.push(0);
    row
}

/// The rows, from the first one up to the second, that messages of a time may have: of any name, or of this one; `None`
/// if no message is named so.
pub(super) fn bounds(due_at: i64, id: Option<&str>) -> Option<(Vec<u8>, Vec<u8>)> {
    let from = row_of(due_at, id.unwrap_or_default());
    let is_whole = from.len() == NAME_OFFSET + NAME_BYTES;
    let mut to = from.clone();
    match id {
        Some(_) if !is_whole => return None,
        Some(_) => to.push(0),
        None => to.extend_from_slice(&[0xff; NAME_BYTES + 1]),
    }
    Some((from, to))
}

/// Reads a row of the queue; `None` if it is damaged.
pub(in super::super) fn parse_message(row: &[u8], mut value: Bytes) -> Option<QueueMessage> {
    let (&tag, rest) = row.split_first()?;
    let (due_at, id) = rest.split_first_chunk()?;
    if tag != QUEUE || id.len() != NAME_BYTES {
        return None;
    }
    let num_intervals = value.try_get_u8().ok()?;
    let backoff_schedule = (0..num_intervals)
        .map(|_| value.try_get_u32().ok())
        .collect::<Option<_>>()?;
    let num_keys = value.try_get_u32().ok()?;
    let mut keys_if_undelivered = Vec::new();
    for _ in 0..num_keys {
        let length = usize::try_from(value.try_get_u32().ok()?).ok()?;
        if length > value.len() {
            return None;
        }
        keys_if_undelivered.push(EncodedKey::from_bytes(value.split_to(length)));
    }
    Some(QueueMessage {
        id: id.iter().map(|byte| format!("{byte:02x}")).collect(),
        payload: value,
        due_at: time_from_ordered(*due_at),
        running: false,
        keys_if_undelivered,
        backoff_schedule,
    })
}

impl View {
    /// The messages behind a place by due time, with their rows.
    pub(super) fn messages(
        &self,
        after: Option<&QueuePlace>,
        limit: usize,
    ) -> Result<Vec<(Vec<u8>, QueueMessage)>, DatabaseError> {
        let reading = "reading the queue";
        let from = after.map_or_else(|| vec![QUEUE], row_after);
        self.snapshot
            .range(&self.engine.aux, from..vec![QUEUE + 1])
            .take(limit)
            .map(|guard| {
                let (row, value) = guard
                    .into_inner()
                    .map_err(|error| self.engine.error(reading, &error))?;
                let message = parse_message(&row, value.into())
                    .ok_or_else(|| self.engine.failed(reading, "a stored message is damaged"))?;
                Ok((row.to_vec(), message))
            })
            .collect()
    }
}

impl Shared {
    /// The first messages by due time; those that a listener has are marked.
    pub(in super::super) fn queue(
        &self,
        after: Option<&QueuePlace>,
        limit: usize,
    ) -> Result<Vec<QueueMessage>, DatabaseError> {
        let messages = self.view().messages(after, limit)?;
        let marked = messages.into_iter().map(|(row, message)| QueueMessage {
            running: self.deliveries.is_running(&row),
            ..message
        });
        Ok(marked.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn enqueue() -> Enqueue {
        Enqueue {
            payload: Bytes::from_static(b"payload"),
            due_at: 1234,
            keys_if_undelivered: vec![EncodedKey::from_bytes(&b"\x02a\0"[..]), EncodedKey::default()],
            backoff_schedule: Some(vec![5, 70_000]),
        }
    }

    #[test]
    fn a_message_reads_back() {
        let row = MessageRow::new(&enqueue(), 0x1a4, 3);
        let message = parse_message(&row.row, row.value.into()).unwrap();
        assert_eq!(message.id, "00000000000001a40003");
        assert_eq!(message.due_at, 1234);
        assert_eq!(message.payload, enqueue().payload);
        assert_eq!(message.keys_if_undelivered, enqueue().keys_if_undelivered);
        assert_eq!(message.backoff_schedule, vec![5, 70_000]);
    }

    #[test]
    fn a_message_without_schedule_gets_denos() {
        let default = Enqueue {
            backoff_schedule: None,
            ..enqueue()
        };
        let row = MessageRow::new(&default, 1, 0);
        let message = parse_message(&row.row, row.value.into()).unwrap();
        assert_eq!(message.backoff_schedule, [100, 1000, 5000, 30_000, 60_000]);
    }

    #[test]
    fn a_damaged_message_is_refused() {
        let row = MessageRow::new(&enqueue(), 1, 0);
        let keys_end = row.value.len() - enqueue().payload.len();
        for length in 0..keys_end {
            let value = Bytes::copy_from_slice(&row.value[..length]);
            assert_eq!(parse_message(&row.row, value), None, "{length}");
        }
        assert_eq!(parse_message(&row.row[1..], row.value.into()), None);
    }
}
