//! Builds the index of the table and counts the tree, in the background and cancellable.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;
use keyglass_store::DatabaseError;
use keyglass_store::database::Database;
use keyglass_store::key::{EncodedKey, KeyRange};

use super::row_reader::{RowReader, RowStart, read_page};
use super::scan_queue::ScanQueue;
use super::{Answers, Asked};
use crate::errand::{Answer, Count, Extent, ReadError, Scan, ScanTable, Seen};
use crate::model::index::SEGMENT_ENTRIES;
use crate::threads::NoThread;

/// Entries of one read of a scan.
const SCAN_ENTRIES: usize = 4 * SEGMENT_ENTRIES;
/// How often a count or a scan that goes on says how far it is.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(100);
/// How long one snapshot is held, since it keeps the engine from cleaning up.
const SNAPSHOT_AGE: Duration = Duration::from_secs(3);

pub(super) fn spawn(
    database: Arc<dyn Database>,
    asked: Receiver<Asked<Scan>>,
    answers: Answers,
    listing: Arc<AtomicU64>,
    stopped: Arc<AtomicBool>,
) -> Result<(), NoThread> {
    answers
        .clone()
        .spawn("scanner", move || {
            let mut scanner = Scanner {
                database: &*database,
                answers: &answers,
                listing: &listing,
                stopped: &stopped,
                queue: ScanQueue::new(asked),
            };
            while let Some(work) = scanner.queue.next() {
                if stopped.load(Ordering::Acquire) {
                    return;
                }
                let begun = Instant::now();
                match work {
                    Scan::Table(table) => scanner.index(table),
                    Scan::Count(count) => scanner.count(count),
                }
                scanner.queue.rest_after(begun.elapsed());
            }
        })
        .map(drop)
}

struct Scanner<'w> {
    database: &'w dyn Database,
    answers: &'w Answers,
    /// The listing that is shown.
    listing: &'w AtomicU64,
    stopped: &'w AtomicBool,
    queue: ScanQueue,
}

impl Scanner<'_> {
    /// Tells where the rows of a range begin, in segments.
    fn index(&mut self, table: ScanTable) {
        let ScanTable {
            listing,
            prefix,
            range,
            is_repeat,
            extent,
        } = table;
        let answers = self.answers;
        let answer = |segments: Result<_, DatabaseError>, reached| {
            answers.answer(Answer::Scanned {
                listing,
                segments: segments.map_err(ReadError::from),
                reached,
            });
        };
        let most = match extent {
            Extent::Whole => SCAN_ENTRIES,
            Extent::Page => SEGMENT_ENTRIES,
        };
        // The first screen comes from a short read.
        let mut reader = RowReader::new(&prefix, range, SEGMENT_ENTRIES, most);
        if extent == Extent::Page {
            let snapshot = self.database.snapshot();
            return match snapshot.and_then(|snapshot| read_page(reader, &*snapshot)) {
                Ok((rows, reached)) => {
                    let segments = rows.chunks(SEGMENT_ENTRIES).filter_map(segment);
                    answer(Ok(segments.collect()), reached);
                }
                Err(error) => answer(Err(error), None),
            };
        }
        let mut found = Vec::new();
        let mut told: Option<Instant> = None;
        loop {
            let opened = Instant::now();
            let snapshot = match self.database.snapshot() {
                Ok(snapshot) => snapshot,
                Err(error) => return answer(Err(error), None),
            };
            while opened.elapsed() < SNAPSHOT_AGE {
                if self.listing.load(Ordering::Acquire) != listing {
                    return;
                }
                let (rows, is_end) = match reader.read(&*snapshot) {
                    Ok(read) => read,
                    Err(error) => return answer(Err(error), None),
                };
                found.extend(rows.chunks(SEGMENT_ENTRIES).filter_map(segment));
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
                self.answers.progress(Answer::Counted {
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
        self.answers.progress(Answer::Counted {
            prefix: count.prefix,
            counted: counted.map_err(Into::into),
            seen,
        });
    }
}

/// Where some rows begin, and how many there are.
fn segment(rows: &[RowStart]) -> Option<(EncodedKey, u32)> {
    // A key of its own, so that an index of millions does not hold on to the blocks read.
    let start = EncodedKey::from_bytes(rows.first()?.start.as_bytes().to_vec());
    Some((start, u32::try_from(rows.len()).unwrap_or(u32::MAX)))
}
