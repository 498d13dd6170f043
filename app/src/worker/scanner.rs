//! Builds the index of the table and counts the tree, in the background and cancellable.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;
use keyglass_store::database::{Database, ReadRange};
use keyglass_store::key::{EncodedKey, KeyRange};

use super::{Replies, Reply, Request};
use crate::model::index::SEGMENT_ENTRIES;
use crate::model::tree::Seen;

/// Entries of one read of a scan.
const SCAN_ENTRIES: usize = 4 * SEGMENT_ENTRIES;
/// How often a count or a scan that goes on says how far it is.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(100);
/// How long one snapshot is held, since it keeps the engine from cleaning up.
const SNAPSHOT_AGE: Duration = Duration::from_secs(3);

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
            if let Some((number, range)) = scans.pop() {
                scans.clear();
                scan(&*database, number, range, &replies, &view);
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

fn sort(request: Request, scans: &mut Vec<(u64, KeyRange)>, counts: &mut Vec<EncodedKey>) {
    match request {
        Request::Scan { view, range } => scans.push((view, range)),
        Request::Count { prefix } => counts.push(prefix),
        _ => {}
    }
}

fn scan(database: &dyn Database, view: u64, range: KeyRange, replies: &Replies, current: &AtomicU64) {
    let mut left = range;
    let mut found = Vec::new();
    let mut told = Instant::now();
    let mut first = true;
    'snapshots: loop {
        let opened = Instant::now();
        let snapshot = match database.snapshot() {
            Ok(snapshot) => snapshot,
            Err(error) => {
                let segments = Err(error.to_string());
                return replies.answer(Reply::Scanned {
                    view,
                    segments,
                    reached: None,
                });
            }
        };
        while opened.elapsed() < SNAPSHOT_AGE {
            if current.load(Ordering::Acquire) != view {
                return;
            }
            // The first screen comes from a short read.
            let limit = if first { SEGMENT_ENTRIES } else { SCAN_ENTRIES };
            let entries = match snapshot.read(&ReadRange {
                range: left.clone(),
                limit,
                reverse: false,
            }) {
                Ok(entries) => entries,
                Err(error) => {
                    let segments = Err(error.to_string());
                    return replies.answer(Reply::Scanned {
                        view,
                        segments,
                        reached: None,
                    });
                }
            };
            for entries in entries.chunks(SEGMENT_ENTRIES) {
                if let Some(entry) = entries.first() {
                    // A key of its own, so that an index of millions does not hold on to the blocks read.
                    let start = EncodedKey::from_bytes(entry.key.as_bytes().to_vec());
                    found.push((start, u32::try_from(entries.len()).unwrap_or(u32::MAX)));
                }
            }
            let last = entries.last().filter(|_| entries.len() == limit);
            let Some(last) = last else { break 'snapshots };
            left = left.after(&last.key, false);
            if first || told.elapsed() >= PROGRESS_INTERVAL {
                told = Instant::now();
                let segments = Ok(std::mem::take(&mut found));
                replies.answer(Reply::Scanned {
                    view,
                    segments,
                    reached: Some(left.start.clone()),
                });
            }
            first = false;
        }
    }
    replies.answer(Reply::Scanned {
        view,
        segments: Ok(found),
        reached: None,
    });
}

/// Counts one prefix; a scan that is asked for meanwhile comes first, and the count is begun again after it.
fn count(
    database: &dyn Database,
    prefix: EncodedKey,
    replies: &Replies,
    stopped: &AtomicBool,
    requests: &Receiver<Request>,
    scans: &mut Vec<(u64, KeyRange)>,
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
