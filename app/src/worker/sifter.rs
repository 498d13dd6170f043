//! Goes through all keys for the tree's filter, in steps, until it is done, full or told to stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;
use keyglass_store::DatabaseError;
use keyglass_store::database::{Database, ReadRange};
use keyglass_store::key::{EncodedKey, KeyRange};

use super::{Replies, Reply, Request};
use crate::model::tree::MATCH_LIMIT;
use crate::model::tree::sieve::{Sieve, SieveState};
use crate::search::Pattern;

/// Entries of one read.
const STEP_ENTRIES: usize = 1024;
/// Nodes that are told at once at most.
const BATCH: usize = 2000;
/// How often it says how far it is.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(100);
/// How long one snapshot is held, since it keeps the engine from cleaning up.
const SNAPSHOT_AGE: Duration = Duration::from_secs(3);

/// Starts the thread. It works on the filter whose number `current` holds, and on no other.
pub(super) fn spawn(
    database: Arc<dyn Database>,
    requests: Receiver<Request>,
    replies: Replies,
    current: Arc<AtomicU64>,
) -> Result<(), String> {
    super::spawn("sifter", move || {
        for request in requests {
            if let Request::Filter { filter, pattern } = request
                && let Err(error) = sift(&*database, filter, *pattern, &replies, &current)
            {
                replies.answer(Reply::Filtered {
                    filter,
                    nodes: Err(error.to_string()),
                    state: SieveState {
                        ended: true,
                        ..SieveState::default()
                    },
                });
            }
        }
    })
}

fn sift(
    database: &dyn Database,
    filter: u64,
    pattern: Pattern,
    replies: &Replies,
    current: &AtomicU64,
) -> Result<(), DatabaseError> {
    let mut sieve = Sieve::new(pattern);
    let mut left = KeyRange::at_and_below(&EncodedKey::default());
    let mut found = Vec::new();
    let mut told: Option<Instant> = None;
    loop {
        let opened = Instant::now();
        let snapshot = database.snapshot()?;
        while opened.elapsed() < SNAPSHOT_AGE {
            if current.load(Ordering::Acquire) != filter {
                return Ok(());
            }
            let entries = snapshot.read(&ReadRange {
                range: left.clone(),
                limit: STEP_ENTRIES,
                reverse: false,
            })?;
            for entry in &entries {
                if sieve.state().found >= MATCH_LIMIT {
                    break;
                }
                sieve.take(&entry.key, &mut found);
            }
            let last = entries.last().filter(|_| entries.len() == STEP_ENTRIES);
            let ended = last.is_none() || sieve.state().found >= MATCH_LIMIT;
            let is_due = told.is_none_or(|told| told.elapsed() >= PROGRESS_INTERVAL);
            if ended || is_due || found.len() >= BATCH {
                told = Some(Instant::now());
                replies.answer(Reply::Filtered {
                    filter,
                    nodes: Ok(std::mem::take(&mut found)),
                    state: SieveState {
                        ended,
                        ..sieve.state()
                    },
                });
            }
            let Some(last) = last.filter(|_| !ended) else {
                return Ok(());
            };
            left = left.after(&last.key, false);
            // What lies below a match is shown with it.
            if let Some(resume) = sieve.resume() {
                left.start = left.start.max(resume);
            }
        }
    }
}
