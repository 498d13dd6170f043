//! The rows of Deno's tables.

use super::btree::Cell;
use super::record::{Kind, columns, first_column, kinds};
use super::wreck::{KvRow, MessageRow};

/// The key in a cell, if all of it stands there.
pub(super) fn key_of_cell(cell: &Cell) -> Option<Vec<u8>> {
    first_column(&cell.local)?.bytes().map(<[u8]>::to_vec)
}

/// Whether the columns of a cell are those of an entry as Deno writes it.
pub(super) fn looks_like_entry(cell: &Cell) -> bool {
    let Some((kinds, _)) = kinds(&cell.local) else {
        return false;
    };
    let is_blob = |index: usize| kinds.get(index).is_some_and(|kind| matches!(kind, Kind::Blob(_)));
    (4..=6).contains(&kinds.len())
        && is_blob(0)
        && is_blob(1)
        && kinds.iter().skip(2).all(|kind| kind.is_integer())
}

/// Whether the columns of a cell are those of a message.
pub(super) fn looks_like_message(cell: &Cell) -> bool {
    let Some((kinds, _)) = kinds(&cell.local) else {
        return false;
    };
    let is_bytes = |kind: &Kind| matches!(kind, Kind::Blob(_) | Kind::Text(_));
    kinds.len() == 5
        && kinds.first().is_some_and(|kind| kind.is_integer())
        && matches!(kinds.get(1), Some(Kind::Text(_)))
        && kinds.iter().skip(2).all(is_bytes)
}

/// The row of an entry.
pub(super) fn entry(record: &[u8]) -> Option<KvRow> {
    let columns = columns(record)?;
    let [key, value, encoding, version, rest @ ..] = columns.as_slice() else {
        return None;
    };
    Some(KvRow {
        key: key.bytes()?.to_vec(),
        value: value.bytes()?.to_vec(),
        encoding: encoding.integer()?,
        version: version.integer()?,
        expiration: rest.get(1).map_or(Some(-1), |expiration| expiration.integer())?,
    })
}

/// The row of a message.
pub(super) fn message(record: &[u8]) -> Option<MessageRow> {
    let columns = columns(record)?;
    let [due_at, _id, payload, backoff_schedule, keys_if_undelivered] = columns.as_slice() else {
        return None;
    };
    Some(MessageRow {
        due_at: due_at.integer()?,
        payload: payload.bytes()?.to_vec(),
        backoff_schedule: backoff_schedule.bytes()?.to_vec(),
        keys_if_undelivered: keys_if_undelivered.bytes()?.to_vec(),
    })
}
