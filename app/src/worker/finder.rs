//! Searches keys and values for a pattern, in steps, until it is done, full or told to stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;
use keyglass_store::database::{Database, ReadRange};
use keyglass_store::key::EncodedKey;
use keyglass_store::value::literal;
use keyglass_store::{DatabaseError, Entry};

use super::{Replies, Reply, Request};
use crate::model::find::{FindProgress, FindRequest, HIT_LIMIT, Hit};

/// Entries of one read, which may be as large as values get.
const STEP_ENTRIES: usize = 256;
/// How often it says how far it is.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(100);
/// How long one snapshot is held, since it keeps the engine from cleaning up.
const SNAPSHOT_AGE: Duration = Duration::from_secs(3);
/// Characters of the preview of a value that was found by its key.
const PREVIEW_CHARS: usize = 200;

/// Starts the thread. It works on the search whose number `current` holds, and on no other.
pub(super) fn spawn(
    database: Arc<dyn Database>,
    requests: Receiver<Request>,
    replies: Replies,
    current: Arc<AtomicU64>,
) -> Result<(), String> {
    super::spawn("finder", move || {
        for request in requests {
            if let Request::Find(request) = request
                && let Err(error) = find(&*database, &request, &replies, &current)
            {
                replies.answer(Reply::Found {
                    search: request.search,
                    hits: Err(error.to_string()),
                    progress: FindProgress {
                        looked_at: 0,
                        ended: true,
                    },
                });
            }
        }
    })
}

fn find(
    database: &dyn Database,
    request: &FindRequest,
    replies: &Replies,
    current: &AtomicU64,
) -> Result<(), DatabaseError> {
    let mut search = Search {
        request,
        replies,
        found: Vec::new(),
        num_found: 0,
        progress: FindProgress::default(),
        told: Instant::now(),
    };
    let mut left = request.range.clone();
    loop {
        let opened = Instant::now();
        let snapshot = database.snapshot()?;
        while opened.elapsed() < SNAPSHOT_AGE {
            if current.load(Ordering::Acquire) != request.search {
                return Ok(());
            }
            let entries = snapshot.read(&ReadRange {
                range: left.clone(),
                limit: STEP_ENTRIES,
                reverse: false,
            })?;
            for entry in &entries {
                // Large values take long, so that one of them is a step of its own.
                if current.load(Ordering::Acquire) != request.search {
                    return Ok(());
                }
                search.look_at(entry);
                search.tell();
                if search.progress.ended {
                    return Ok(());
                }
            }
            let Some(last) = entries.last().filter(|_| entries.len() == STEP_ENTRIES) else {
                search.progress.ended = true;
                search.tell();
                return Ok(());
            };
            left = left.after(&last.key, false);
        }
    }
}

struct Search<'a> {
    request: &'a FindRequest,
    replies: &'a Replies,
    /// What was found and not told yet.
    found: Vec<Hit>,
    num_found: usize,
    progress: FindProgress,
    told: Instant,
}

impl Search<'_> {
    fn look_at(&mut self, entry: &Entry) {
        self.progress.looked_at += 1;
        let pattern = &self.request.pattern;
        let in_key = if self.request.place.has_keys() {
            pattern.find_in_key(&entry.key)
        } else {
            None
        };
        let in_value = if self.request.place.has_values() {
            pattern.find_in_value(&entry.value)
        } else {
            None
        };
        if in_key.is_none() && in_value.is_none() {
            return;
        }
        let preview = match in_value {
            Some(_) => literal::Preview::default(),
            None => literal::preview(&entry.value, PREVIEW_CHARS),
        };
        self.found.push(Hit {
            // A key of its own, which does not hold on to the block that was read.
            key: EncodedKey::from_bytes(entry.key.as_bytes().to_vec()),
            in_key,
            in_value,
            preview,
            type_name: entry.value.type_name(),
            size: entry.value.bytes.len() as u64,
        });
        self.num_found += 1;
        self.progress.ended |= self.num_found >= HIT_LIMIT;
    }

    /// The first matches are told at once, then what has gathered now and then.
    fn tell(&mut self) {
        let is_first = self.num_found > 0 && self.num_found == self.found.len();
        if is_first || self.progress.ended || self.told.elapsed() >= PROGRESS_INTERVAL {
            self.told = Instant::now();
            self.replies.answer(Reply::Found {
                search: self.request.search,
                hits: Ok(std::mem::take(&mut self.found)),
                progress: self.progress,
            });
        }
    }
}
