//! Timing.

use std::path::Path;
use std::time::{Duration, Instant};

/// A database that is measured.
pub trait Peer: Sized {
    /// Opens or creates it. Relaxed commits need not survive a power cut, where there is a choice.
    fn open(folder: &Path, relaxed: bool) -> Self;

    /// Commits rows as one, again and again from as many callers as asked, each row from `next`, until the
    /// time is over; gives the time of each commit.
    fn commit(&self, callers: u64, rows: u64, time: Duration) -> Vec<Duration>;

    /// Whether the key is there.
    fn get(&self, key: &[u8]) -> bool;

    /// How many of the keys are there.
    fn get_many(&self, keys: &[Vec<u8>]) -> usize;

    /// Number of rows and the last key among up to `limit` rows of a range.
    fn list(&self, start: &[u8], end: &[u8], limit: u32, reverse: bool) -> (usize, Option<Vec<u8>>);

    /// Stores many rows in the fastest way there is.
    fn load(&self, rows: &[super::data::Row]);

    /// Closes it.
    fn close(self);
}

/// Repeats work until the time is over; gives the time of each.
pub fn repeat(time: Duration, mut work: impl FnMut()) -> Vec<Duration> {
    let mut times = Vec::new();
    let end = Instant::now() + time;
    let mut before = Instant::now();
    while before < end {
        work();
        let after = Instant::now();
        times.push(after - before);
        before = after;
    }
    times
}

/// Times one piece of work.
pub fn once<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let before = Instant::now();
    let result = work();
    (before.elapsed(), result)
}

/// What a workload did in one round.
#[derive(Debug, Clone, Copy)]
pub struct Sample {
    /// Operations in a second.
    pub rate: f64,
    /// The median time of an operation, in microseconds.
    pub median: f64,
}

impl Sample {
    /// From the times of operations that ran one after the other in each of `callers` callers.
    pub fn of(times: Vec<Duration>, time: Duration) -> Self {
        let rate = times.len() as f64 / time.as_secs_f64();
        let mut micros: Vec<f64> = times.iter().map(|time| time.as_secs_f64() * 1e6).collect();
        Self {
            rate,
            median: median(&mut micros),
        }
    }
}

pub fn median(numbers: &mut [f64]) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or(f64::NAN)
}
