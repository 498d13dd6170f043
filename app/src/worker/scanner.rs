//! Builds the index of the table and counts the tree, in the background and cancellable.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;
use keyglass_store::database::Database;
use keyglass_store::key::{EncodedKey, KeyRange};

use super::row_reader::RowReader;
use super::scan_queue::{Count, Scan, ScanQueue, Work};
use super::{Asked, Replies, Reply};
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
    requests: Receiver<Asked>,
    replies: Replies,
    view: Arc<AtomicU64>,
    stopped: Arc<AtomicBool>,
) -> Result<(), String> {
    super::spawn("scanner", move || {
        let mut scanner = Scanner {
            database: &*database,
            replies: &replies,
            view: &view,
            stopped: &stopped,
            queue: ScanQueue::new(requests),
        };
        while let Some(work) = scanner.queue.next() {
            if stopped.load(Ordering::Acquire) {
                return;
            }
            let begun = Instant::now();
            match work {
                Work::Scan(scan) => scanner.scan(scan),
                Work::Count(count) => scanner.count(count),
            }
            scanner.queue.rest_after(begun.elapsed());
        }
    })
}

struct Scanner<'w> {
    database: &'w dyn Database,
    replies: &'w Replies,
    /// The view that is shown.
    view: &'w AtomicU64,
    stopped: &'w AtomicBool,
    queue: ScanQueue,
}

impl Scanner<'_> {
    /// Tells where the rows of a range begin, in segments.
    fn scan(&mut self, scan: Scan) {
        let Scan {
            view,
            prefix,
            range,
            is_repeat,
        } = scan;
        let replies = self.replies;
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
            let snapshot = match self.database.snapshot() {
                Ok(snapshot) => snapshot,
                Err(error) => return answer(Err(error.to_string()), None),
            };
            while opened.elapsed() < SNAPSHOT_AGE {
                if self.view.load(Ordering::Acquire) != view {
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
                if is_repeat && let Some(count) = self.queue.take_urgent_count() {
                    self.count(count);
                }
            }
        }
    }

    /// Counts one prefix; something more urgent that is asked for meanwhile comes first, and the count is begun again
    /// after it.
    fn count(&mut self, count: Count) {
        let mut told = Instant::now();
        let newest = || self.database.snapshot().ok()?.versionstamp();
        let all = newest();
        let range = KeyRange::at_and_below(&count.prefix);
        let counted = self.database.count(&range, &mut |counted| {
            if self.stopped.load(Ordering::Acquire) || self.queue.is_more_urgent_than(&count) {
                return ControlFlow::Break(());
            }
            if told.elapsed() >= PROGRESS_INTERVAL {
                told = Instant::now();
                self.replies.progress(Reply::Counted {
                    prefix: count.prefix.clone(),
                    counted: Ok(counted),
                    seen: Seen::default(),
                });
            }
            ControlFlow::Continue(())
        });
        if matches!(&counted, Ok(counted) if !counted.complete) {
            return self.queue.put_back(count);
        }
        let seen = Seen {
            all,
            newest: newest(),
        };
        self.replies.progress(Reply::Counted {
            prefix: count.prefix,
            counted: counted.map_err(|error| error.to_string()),
            seen,
        });
    }
}
