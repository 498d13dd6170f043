//! Answers what is on screen, what was asked last first.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crossbeam_channel::Receiver;
use keyglass_store::DatabaseError;
use keyglass_store::database::{Database, QueueMessage, ReadRange};
use keyglass_store::key::{EncodedKey, KeyRange};

use super::row_reader::RowReader;
use super::{Answers, Asked, blob};
use crate::content::blob::BlobKey;
use crate::content::past_moments::moments;
use crate::content::row::{EntryRow, LoadedEntry};
use crate::errand::{
    Answer, MessageState, QUEUE_PAGE, QueueCounts, QueueFilter, QueueFound, QueueRead, QueueStretch, Read,
    ReadQueueFilter, ReadVersions, VersionsRead,
};
use crate::model::index::{SEGMENT_ENTRIES, SEGMENT_LIMIT};
use crate::threads::NoThread;

/// Messages of the queue that are passed over in one read.
const QUEUE_STRIDE: usize = 1000;
/// Messages that are counted first.
const COUNT_STRIDE: usize = 16;
/// A running message stands where it was due, or, in a file of Deno, at its deadline: 5 s after that. It is looked for up to
/// twice as many milliseconds from now, as its program may have another clock.
const RUNNING_WITHIN: i64 = 10_000;
/// Messages that are looked at at most to find some, bytes of their payloads, and how many are found.
const MOST_LOOKED_AT: u64 = 20_000;
const MOST_BYTES: usize = 32 << 20;
const MOST_FOUND: usize = 2000;

pub(super) fn spawn(
    database: Arc<dyn Database>,
    asked: Receiver<Asked<Read>>,
    answers: Answers,
    listing: Arc<AtomicU64>,
) -> Result<(), NoThread> {
    answers
        .clone()
        .spawn("reader", move || {
            let mut waiting = Vec::new();
            while let Ok(first) = asked.recv() {
                waiting.push(first);
                waiting.extend(asked.try_iter());
                while let Some(Asked { errand, under_way }) = waiting.pop() {
                    read(&*database, errand, &answers, &listing);
                    drop(under_way);
                    waiting.extend(asked.try_iter());
                }
            }
        })
        .map(drop)
}

fn read(database: &dyn Database, errand: Read, answers: &Answers, listing_shown: &AtomicU64) {
    let is_shown = |listing| listing == listing_shown.load(Ordering::Acquire);
    match errand {
        Read::Children {
            ticket,
            prefix,
            after,
            limit,
        } => {
            let page = database.children(&prefix, after.as_ref(), limit);
            answers.answer(Answer::Children {
                ticket,
                prefix,
                after,
                page: page.map_err(Into::into),
            });
        }
        Read::Segment {
            listing,
            prefix,
            range,
            rows,
            is_repeat,
        } => {
            if is_shown(listing) {
                let start = range.start.clone();
                let found = segment(database, &prefix, range, rows).map_err(Into::into);
                let answer = Answer::Segment {
                    listing,
                    start,
                    rows: found,
                };
                // In a flood of changes each answer that came at once would let the next ones be drawn, and asked for.
                match (is_repeat, rows) {
                    (false, _) => answers.answer(answer),
                    (true, true) => answers.progress(answer),
                    (true, false) => answers.fact(answer),
                }
            }
        }
        Read::Tail {
            listing,
            prefix,
            range,
        } => {
            if is_shown(listing) {
                let rows = tail(database, &prefix, range).map_err(Into::into);
                answers.answer(Answer::Tail { listing, rows });
            }
        }
        Read::Entry { key } => {
            let entry = database
                .get(&key)
                .map(|entry| entry.map(|entry| Box::new(LoadedEntry::new(entry))))
                .map_err(Into::into);
            answers.answer(Answer::Entry { key, entry });
        }
        Read::States { keys } => {
            let states = database
                .get_many(&keys)
                .map(|entries| keys.into_iter().zip(entries).collect())
                .map_err(Into::into);
            answers.answer(Answer::States(states));
        }
        Read::Seek { ticket, seek } => {
            let key = super::seek::seek(database, &seek).map_err(Into::into);
            answers.answer(Answer::Sought { ticket, key });
        }
        Read::Present { ticket, keys } => {
            let keys = present(database, keys).map_err(Into::into);
            answers.answer(Answer::Present { ticket, keys });
        }
        Read::Versions(asked) => {
            let read = versions(database, &asked).map_err(Into::into);
            answers.answer(Answer::Versions { asked, read });
        }
        Read::HistoryRules => {
            answers.answer(Answer::HistoryRules(database.history().map_err(Into::into)));
        }
        Read::Statistics => answers.fact(Answer::Statistics(database.statistics().map_err(Into::into))),
        Read::CountQueue => {
            answers.fact(Answer::QueueCounted(count_queue(database).map_err(Into::into)));
        }
        Read::FindMessages(filter) => {
            let found = find_messages(database, &filter).map_err(Into::into);
            answers.answer(Answer::MessagesFound { filter, found });
        }
        Read::Queue(stretch) => {
            let read = queue(database, &stretch).map_err(Into::into);
            answers.answer(Answer::Queue { stretch, read });
        }
    }
}

/// What happened to a key, as far as it is kept.
fn versions(database: &dyn Database, asked: &ReadVersions) -> Result<VersionsRead, DatabaseError> {
    let rules = database.history()?;
    let now = database.get(&asked.key)?;
    // One more, which tells what changed in the last of them.
    let versions = database.versions(&asked.key, None, asked.most.saturating_add(1))?;
    Ok(VersionsRead {
        rule: rules.of(&asked.key).cloned(),
        now: now.as_ref().map(|entry| entry.versionstamp),
        moments: moments(now.as_ref(), &versions, asked.most),
        has_more: versions.len() > asked.most,
    })
}

/// Those of the keys under which entries stand.
fn present(database: &dyn Database, keys: Vec<EncodedKey>) -> Result<Vec<EncodedKey>, DatabaseError> {
    let entries = database.get_many(&keys)?;
    let present = keys.into_iter().zip(entries);
    Ok(present.filter_map(|(key, entry)| entry.map(|_| key)).collect())
}

/// Goes through the queue from its beginning. A filter that cannot be read finds nothing.
fn find_messages(database: &dyn Database, filter: &QueueFilter) -> Result<QueueFound, DatabaseError> {
    let mut found = QueueFound::default();
    let Ok(read) = ReadQueueFilter::of(filter) else {
        return Ok(found);
    };
    let now = database.clock().now();
    let (mut after, mut bytes) = (None, 0);
    while found.looked_at < MOST_LOOKED_AT && found.messages.len() < MOST_FOUND && bytes < MOST_BYTES {
        let page = database.queue_page(after.as_ref(), QUEUE_STRIDE)?;
        let is_last = page.len() < QUEUE_STRIDE;
        after = page.last().map(QueueMessage::place).or(after);
        found.looked_at += page.len() as u64;
        bytes += page.iter().map(|message| message.payload.len()).sum::<usize>();
        found
            .messages
            .extend(page.into_iter().filter(|message| read.shows(message, now)));
        if is_last {
            found.is_whole = true;
            break;
        }
    }
    Ok(found)
}

/// Goes through the queue up to where none can be ready or running. It is in the order of due times, so of a long one only
/// the beginning is looked at.
fn count_queue(database: &dyn Database) -> Result<QueueCounts, DatabaseError> {
    let at = database.clock().now();
    let mut counts = QueueCounts {
        at,
        ready: 0,
        running: 0,
        delayed: None,
        next_due: None,
        is_whole: false,
        took: 0,
    };
    let (mut after, mut looked_at, mut bytes) = (None, 0, 0);
    let (mut delayed, mut stride) = (0, COUNT_STRIDE);
    while looked_at < MOST_LOOKED_AT && bytes < MOST_BYTES {
        let page = database.queue_page(after.as_ref(), stride)?;
        looked_at += page.len() as u64;
        bytes += page.iter().map(|message| message.payload.len()).sum::<usize>();
        for message in &page {
            match MessageState::of(message, at) {
                MessageState::Ready => counts.ready += 1,
                MessageState::Running => counts.running += 1,
                MessageState::Delayed => {
                    delayed += 1;
                    counts.next_due = counts.next_due.or(Some(message.due_at));
                }
            }
        }
        if page.len() < stride {
            counts.delayed = Some(delayed);
            counts.is_whole = true;
            break;
        }
        let is_last = |message: &QueueMessage| message.due_at > at.saturating_add(RUNNING_WITHIN);
        if page.last().is_some_and(is_last) {
            counts.is_whole = true;
            break;
        }
        after = page.last().map(QueueMessage::place).or(after);
        stride = (stride * 4).min(QUEUE_STRIDE);
    }
    counts.took = database.clock().now().saturating_sub(at);
    Ok(counts)
}

/// Goes through a stretch of the queue up to the page that is wanted.
fn queue(database: &dyn Database, stretch: &QueueStretch) -> Result<QueueRead, DatabaseError> {
    let mut read = QueueRead::default();
    let mut after = stretch.after.clone();
    let mut left = stretch.skip;
    loop {
        let limit = if left > 0 {
            left.min(QUEUE_STRIDE)
        } else {
            QUEUE_PAGE
        };
        let mut messages = database.queue_page(after.as_ref(), limit)?;
        read.is_end = messages.len() < limit;
        if let Some(until) = &stretch.until {
            let within = messages.partition_point(|message| message.place() <= *until);
            let is_reached = |last: &QueueMessage| last.place() >= *until;
            read.is_end |= messages.last().is_some_and(is_reached);
            messages.truncate(within);
        }
        let is_last = read.is_end || left == 0;
        for page in messages.chunks(QUEUE_PAGE) {
            read.pages.push((after.clone(), page.len()));
            after = page.last().map(QueueMessage::place);
        }
        if is_last {
            let last = messages.len().saturating_sub(1) / QUEUE_PAGE * QUEUE_PAGE;
            read.messages = messages.split_off(last.min(messages.len()));
            return Ok(read);
        }
        left = left.saturating_sub(limit);
    }
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use keyglass_store::embedded::OpenOptions;
    use keyglass_store::{AtomicOperation, Clock, Enqueue};

    use super::*;

    const NOW: i64 = 1_000_000;

    fn enqueue(database: &dyn Database, due_at: impl Iterator<Item = i64>) {
        let messages = due_at.map(|due_at| Enqueue {
            payload: b"\xff\x0f0".as_slice().into(),
            due_at,
            keys_if_undelivered: Vec::new(),
            backoff_schedule: None,
        });
        let operation = messages.fold(AtomicOperation::new(), AtomicOperation::enqueue);
        database.commit(operation).unwrap();
    }

    #[test]
    fn messages_are_counted_by_state_and_of_a_long_queue_only_its_beginning_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let options = OpenOptions::new().clock(Clock::from_fn(|| NOW));
        let store = options.create(folder.path().join("test.kg")).unwrap();
        let mut expected = QueueCounts {
            at: NOW,
            ready: 0,
            running: 0,
            delayed: Some(0),
            next_due: None,
            is_whole: true,
            took: 0,
        };
        assert_eq!(count_queue(&store).unwrap(), expected);

        enqueue(&store, [NOW - 2, NOW - 1, NOW, NOW + 7, NOW + 9].into_iter());
        let delivery = store.listen().receive(Duration::ZERO).unwrap();
        expected = QueueCounts {
            ready: 2,
            running: 1,
            delayed: Some(2),
            next_due: Some(NOW + 7),
            ..expected
        };
        assert_eq!(count_queue(&store).unwrap(), expected);

        // More that are due than are read at once, and many that are due much later.
        enqueue(&store, std::iter::repeat_n(NOW, 300));
        enqueue(&store, (0..900).map(|number| NOW + 1_000_000 + number));
        expected = QueueCounts {
            ready: 302,
            delayed: None,
            ..expected
        };
        assert_eq!(count_queue(&store).unwrap(), expected);
        drop(delivery);
    }
}
