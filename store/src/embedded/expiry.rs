//! Removes entries whose expiry has passed, and versions that have been kept long enough.
//!
//! Expired entries are invisible to every read from that millisecond on; the sweeper only takes them off the
//! disk, through commits like any other, so that watchers, feeds and versionstamps stay right. It finds them
//! in an index by time, and asks the clock again at least every second, because the clock may be set.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use fjall::{PersistMode, Readable as _};

use super::Shared;
use super::layout::{expiry_bound, is_expiry_row, parse_expiry_row};
use crate::error::DatabaseError;

const SWEEPING: &str = "removing expired entries";
/// Rows that one commit removes; the commit lock is held for about a millisecond.
const SWEPT_ROWS: usize = 256;
/// The longest time until the clock is asked again while anything is to expire.
const LONGEST_SLEEP: Duration = Duration::from_secs(1);
/// The shortest time between sweeps, so that entries which expire one by one go together.
const SHORTEST_SLEEP: Duration = Duration::from_millis(100);

/// How long nothing is swept after it failed.
const AFTER_A_FAILURE: Duration = Duration::from_secs(10);
/// How long the sweeper stays away from the commit lock when others wait for it.
const GIVING_WAY: Duration = Duration::from_millis(1);

/// The first row of the index that is left. A sweep goes on from it and not from the beginning of its time: the engine
/// would step over every row that was removed, again and again.
struct LeftOff {
    expires_at: i64,
    row: Vec<u8>,
}

/// Wakes the sweeper, or ends it.
pub(super) struct SweeperSignal {
    wake: Sender<()>,
    stopping: AtomicBool,
}

impl SweeperSignal {
    pub(super) fn new() -> (Self, Receiver<()>) {
        let (wake, woken) = bounded(1);
        let signal = Self {
            wake,
            stopping: AtomicBool::new(false),
        };
        (signal, woken)
    }

    fn wake(&self) {
        match self.wake.try_send(()) {
            // Full means that it is awake already.
            Ok(()) | Err(TrySendError::Full(()) | TrySendError::Disconnected(())) => {}
        }
    }

    pub(super) fn stop(&self) {
        self.stopping.store(true, Ordering::Release);
        self.wake();
    }

    fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Acquire)
    }
}

impl Shared {
    pub(super) fn wake_sweeper(&self) {
        self.sweeper.wake();
    }

    /// The sweeper thread, until it is told to stop or the engine fails.
    pub(super) fn run_sweeper(&self, woken: &Receiver<()>) {
        let mut left_off = None;
        while !self.sweeper.is_stopping() {
            let next_trim = self.committer.next_trim.load(Ordering::Acquire);
            let next = self.committer.next_expiry.load(Ordering::Acquire).min(next_trim);
            let now = self.clock.now();
            let wait = next.saturating_sub(now);
            if wait > 0 {
                if next == i64::MAX {
                    let _woken = woken.recv();
                } else {
                    let wait = Duration::from_millis(wait.unsigned_abs()).min(LONGEST_SLEEP);
                    let _woken_or_time = woken.recv_timeout(wait);
                }
                continue;
            }
            let swept = match next_trim <= now {
                true => self.trim(),
                false => self.sweep(&mut left_off),
            };
            match swept {
                // A lock that is taken again at once is never anybody else's.
                Ok(true) if self.committer.num_waiting() > 0 => std::thread::sleep(GIVING_WAY),
                Ok(true) => {}
                Ok(false) => self.pause(woken, SHORTEST_SLEEP),
                // After a write that failed nothing can be removed until the store is opened again.
                Err(_) if self.has_failed() => return,
                // What could not be read may be readable later, as where the system was short of something.
                Err(_) => self.pause(woken, AFTER_A_FAILURE),
            }
        }
    }

    fn has_failed(&self) -> bool {
        self.lock_commits().is_ok_and(|state| state.failure.is_some())
    }

    /// Sleeps a little; only the end of the store cuts it short.
    fn pause(&self, woken: &Receiver<()>, length: Duration) {
        let deadline = std::time::Instant::now() + length;
        while !self.sweeper.is_stopping() && woken.recv_deadline(deadline).is_ok() {}
    }

    /// Removes some expired entries, from where the last call left off; answers whether there may be more.
    fn sweep(&self, left_off: &mut Option<LeftOff>) -> Result<bool, DatabaseError> {
        let mut state = self.lock_commits()?;
        let now = self.clock.now();
        let next = self.committer.next_expiry.load(Ordering::Acquire);
        let from = match left_off.take() {
            Some(place) if place.expires_at == next => place.row,
            _ => expiry_bound(next),
        };
        let (observed, listening) = self.listeners.observed();
        let mut group = self.group(&state, now, &observed, listening);
        let version = state.version.saturating_add(1);
        let mut changes = Vec::new();
        let mut num_rows = 0;
        let mut next_expiry = i64::MAX;
        let rows = self.view().snapshot.range(&self.engine.aux, from..);
        for guard in rows {
            let row = guard.key().map_err(|error| self.engine.error(SWEEPING, &error))?;
            let row: Bytes = row.into();
            if !is_expiry_row(&row) {
                break;
            }
            // One row that is no row, or whose record is damaged, keeps no other from going.
            let Some((expires_at, key)) = parse_expiry_row(&row) else {
                continue;
            };
            if expires_at > now {
                next_expiry = expires_at;
                break;
            }
            if num_rows == SWEPT_ROWS {
                next_expiry = expires_at;
                *left_off = Some(LeftOff {
                    expires_at,
                    row: row.to_vec(),
                });
                break;
            }
            changes.extend(group.expire(key, expires_at, version).ok().flatten());
            num_rows += 1;
        }
        if num_rows > 0 {
            // Without a sync: what a crash brings back is expired still.
            self.write_group(
                &mut state,
                group,
                version,
                PersistMode::Buffer,
                &[(version, changes)],
            )
            .map_err(|failure| self.engine.failed(SWEEPING, failure.reason()))?;
        }
        self.committer.next_expiry.store(next_expiry, Ordering::Release);
        Ok(num_rows == SWEPT_ROWS)
    }
}
