//! Answers what is on screen, newest request first.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crossbeam_channel::Receiver;
use keyglass_store::DatabaseError;
use keyglass_store::database::{Database, ReadRange};
use keyglass_store::key::{EncodedKey, KeyRange};

use super::row_reader::RowReader;
use super::{Asked, Replies, Reply, Request, blob};
use crate::model::blob::BlobKey;
use crate::model::index::{SEGMENT_ENTRIES, SEGMENT_LIMIT};
use crate::model::row::{EntryRow, LoadedEntry};

/// Messages of the queue that are shown at most.
const QUEUE_LIMIT: usize = 1000;

pub(super) fn spawn(
    database: Arc<dyn Database>,
    requests: Receiver<Asked>,
    replies: Replies,
    view: Arc<AtomicU64>,
) -> Result<(), String> {
    super::spawn("reader", move || {
        let mut waiting = Vec::new();
        while let Ok(request) = requests.recv() {
            waiting.push(request);
            waiting.extend(requests.try_iter());
            while let Some(Asked { request, under_way }) = waiting.pop() {
                answer(&*database, request, &replies, &view);
                drop(under_way);
                waiting.extend(requests.try_iter());
            }
        }
    })
}

fn answer(database: &dyn Database, request: Request, replies: &Replies, current_view: &AtomicU64) {
    match request {
        Request::Children {
            ticket,
            prefix,
            after,
            limit,
        } => {
            let page = database
                .children(&prefix, after.as_ref(), limit)
                .map_err(|error| error.to_string());
            replies.answer(Reply::Children {
                ticket,
                prefix,
                after,
                page,
            });
        }
        Request::Segment {
            view,
            prefix,
            range,
            rows,
        } if view == current_view.load(Ordering::Acquire) => {
            let start = range.start.clone();
            let rows = segment(database, &prefix, range, rows).map_err(|error| error.to_string());
            replies.answer(Reply::Segment { view, start, rows });
        }
        Request::Tail { view, prefix, range } if view == current_view.load(Ordering::Acquire) => {
            let rows = tail(database, &prefix, range).map_err(|error| error.to_string());
            replies.answer(Reply::Tail { view, rows });
        }
        Request::Entry { key } => {
            let entry = database
                .get(&key)
                .map(|entry| entry.map(|entry| Box::new(LoadedEntry::new(entry))))
                .map_err(|error| error.to_string());
            replies.answer(Reply::Entry { key, entry });
        }
        Request::States { keys } => {
            let states = database
                .get_many(&keys)
                .map(|entries| keys.into_iter().zip(entries).collect())
                .map_err(|error| error.to_string());
            replies.answer(Reply::States(states));
        }
        Request::Seek { ticket, seek } => {
            let key = super::seek::seek(database, &seek);
            replies.answer(Reply::Sought { ticket, key });
        }
        Request::Present { ticket, keys } => {
            let keys = present(database, keys);
            replies.answer(Reply::Present { ticket, keys });
        }
        Request::Statistics => {
            replies.fact(Reply::Statistics(
                database.statistics().map_err(|error| error.to_string()),
            ));
        }
        Request::Queue => {
            replies.answer(Reply::Queue(
                database.queue(QUEUE_LIMIT).map_err(|error| error.to_string()),
            ));
        }
        _ => {}
    }
}

/// Those of the keys under which entries stand.
fn present(database: &dyn Database, keys: Vec<EncodedKey>) -> Result<Vec<EncodedKey>, String> {
    let entries = database.get_many(&keys).map_err(|error| error.to_string())?;
    let present = keys.into_iter().zip(entries);
    Ok(present.filter_map(|(key, entry)| entry.map(|_| key)).collect())
}

/// The last rows of a range, in key order.
fn tail(
    database: &dyn Database,
    prefix: &EncodedKey,
    mut range: KeyRange,
) -> Result<Vec<EntryRow>, DatabaseError> {
    let last = database.snapshot()?.read(&ReadRange {
        range: range.clone(),
        limit: SEGMENT_ENTRIES,
        reverse: true,
    })?;
    if let Some(first) = last.last().filter(|_| last.len() == SEGMENT_ENTRIES) {
        // A blob of which only some parts were read is a row with all of them.
        let parts = BlobKey::listed(&first.key, prefix).map(|blob| blob.parts());
        let first = parts.map_or_else(|| first.key.clone(), |parts| parts.start);
        range.start = range.start.max(first);
    }
    let (_, rows) = segment(database, prefix, range, true)?;
    Ok(rows.unwrap_or_default())
}

/// Counts the rows of a segment, and makes them if wanted.
fn segment(
    database: &dyn Database,
    prefix: &EncodedKey,
    range: KeyRange,
    wanted: bool,
) -> Result<(u32, Option<Vec<EntryRow>>), DatabaseError> {
    let snapshot = database.snapshot()?;
    // One more than there are as a rule, which tells that there are no more.
    let mut reader = RowReader::new(prefix, range, SEGMENT_ENTRIES + 1, SEGMENT_LIMIT);
    let mut found = Vec::new();
    loop {
        let (rows, is_end) = reader.read(&*snapshot)?;
        found.extend(rows);
        if is_end || found.len() >= SEGMENT_LIMIT {
            break;
        }
    }
    found.truncate(SEGMENT_LIMIT);
    let num_rows = u32::try_from(found.len()).unwrap_or(u32::MAX);
    let rows = wanted.then(|| {
        let rows = found.into_iter().map(|row| match row.blob {
            Some(blob) => blob::row(&*snapshot, &row.entry, blob),
            None => Ok(EntryRow::new(&row.entry)),
        });
        rows.collect()
    });
    Ok((num_rows, rows.transpose()?))
}
