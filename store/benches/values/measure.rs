//! Timing.

use std::time::{Duration, Instant};

/// How often in a second `work` runs, from one round of that length.
pub fn rate(round: Duration, mut work: impl FnMut()) -> f64 {
    let start = Instant::now();
    let mut times = 0_u64;
    loop {
        // The clock is asked seldom, because the smallest work takes little longer than it does.
        for _ in 0..16 {
            work();
        }
        times += 16;
        let elapsed = start.elapsed();
        if elapsed >= round {
            return times as f64 / elapsed.as_secs_f64();
        }
    }
}

/// The middle one.
pub fn median(numbers: &mut [f64]) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or(f64::NAN)
}
