//! Builds the index of the table and counts the tree, in the background and cancellable.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;
use keyglass_store::database::Database;
use keyglass_store::key::{EncodedKey, KeyRange};

use super::row_reader::RowReader;
use super::{Replies, Reply, Request};
use crate::model::index::SEGMENT_ENTRIES;
use crate::model::tree::Seen;

/// Entries of one read of a scan.
const SCAN_ENTRIES: usize = 4 * SEGMENT_ENTRIES;
/// How often a count or a scan that goes on says how far it is.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(100);
/// How long one snapshot is held, since it keeps the engine from cleaning up.
const SNAPSHOT_AGE: Duration = Duration::from_secs(3);

/// A range to be indexed for the table.
struct Scan {
    view: u64,
    prefix: EncodedKey,
    range: KeyRange,
}

pub(super) fn spawn(
    database: Arc<dyn Database>,
    requests: Receiver<Request>,
    replies: Replies,
    view: Arc<AtomicU64>,
    stopped: Arc<AtomicBool>,
) -> Result<(), String> {
    super::spawn("scanner", move || {
        let mut scans = Vec::new();
        let mut counts = Vec::new();
        loop {
            if scans.is_empty() && counts.is_empty() {
                match requests.recv() {
                    Ok(request) => sort(request, &mut scans, &mut counts),
                    Err(_closed) => return,
                }
            }
            requests
                .try_iter()
                .for_each(|request| sort(request, &mut scans, &mut counts));
            if stopped.load(Ordering::Acquire) {
                return;
            }
            if let Some(newest) = scans.pop() {
                scans.clear();
                scan(&*database, newest, &replies, &view);
            } else if let Some(prefix) = counts.pop() {
                count(
                    &*database,
                    prefix,
                    &replies,
                    &stopped,
                    &requests,
                    &mut scans,
                    &mut counts,
                );
            }
        }
    })
}

fn sort(request: Request, scans: &mut Vec<Scan>, counts: &mut Vec<EncodedKey>) {
    match request {
        Request::Scan { view, prefix, range } => scans.push(Scan { view, prefix, range }),
        Request::Count { prefix } => counts.push(prefix),
        _ => {}
    }
}

/// Tells where the rows of a range begin, in segments.
fn scan(database: &dyn Database, scan: Scan, replies: &Replies, current: &AtomicU64) {
    let Scan { view, prefix, range } = scan;
    let answer = |segments, reached| {
        replies.answer(Reply::Scanned {
            view,
            segments,
            reached,
        });
    };
    // The first screen comes from a short read.
    let mut reader = RowReader::new(&prefix, range, SEGMENT_ENTRIES, SCAN_ENTRIES);
    let mut found = Vec::new();
    let mut told: Option<Instant> = None;
    loop {
        let opened = Instant::now();
        let snapshot = match database.snapshot() {
            Ok(snapshot) => snapshot,
            Err(error) => return answer(Err(error.to_string()), None),
        };
        while opened.elapsed() < SNAPSHOT_AGE {
            if current.load(Ordering::Acquire) != view {
                return;
            }
            let (rows, is_end) = match reader.read(&*snapshot) {
                Ok(read) => read,
                Err(error) => return answer(Err(error.to_string()), None),
            };
            for rows in rows.chunks(SEGMENT_ENTRIES) {
                if let Some(row) = rows.first() {
                    // A key of its own, so that an index of millions does not hold on to the blocks read.
                    let start = EncodedKey::from_bytes(row.start.as_bytes().to_vec());
                    found.push((start, u32::try_from(rows.len()).unwrap_or(u32::MAX)));
                }
            }
            if is_end {
                return answer(Ok(found), None);
            }
            if told.is_none_or(|told| told.elapsed() >= PROGRESS_INTERVAL) {
                told = Some(Instant::now());
                answer(Ok(std::mem::take(&mut found)), Some(reader.reached().clone()));
            }
        }
    }
}

/// Counts one prefix; a scan that is asked for meanwhile comes first, and the count is begun again after it.
fn count(
    database: &dyn Database,
    prefix: EncodedKey,
    replies: &Replies,
    stopped: &AtomicBool,
    requests: &Receiver<Request>,
    scans: &mut Vec<Scan>,
    counts: &mut Vec<EncodedKey>,
) {
    let mut told = Instant::now();
    let mut newer = Vec::new();
    let newest = || database.snapshot().ok()?.versionstamp();
    let all = newest();
    let counted = database.count(&KeyRange::at_and_below(&prefix), &mut |counted| {
        requests
            .try_iter()
            .for_each(|request| sort(request, scans, &mut newer));
        if stopped.load(Ordering::Acquire) || !scans.is_empty() {
            return ControlFlow::Break(());
        }
        if told.elapsed() >= PROGRESS_INTERVAL {
            told = Instant::now();
            replies.progress(Reply::Counted {
                prefix: prefix.clone(),
                counted: Ok(counted),
                seen: Seen::default(),
            });
        }
        ControlFlow::Continue(())
    });
    if matches!(&counted, Ok(counted) if !counted.complete) {
        counts.push(prefix);
    } else {
        let counted = counted.map_err(|error| error.to_string());
        let seen = Seen {
            all,
            newest: newest(),
        };
        replies.progress(Reply::Counted {
            prefix,
            counted,
            seen,
        });
    }
    counts.append(&mut newer);
}
