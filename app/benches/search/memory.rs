//! How much memory results take.

use std::time::{Duration, Instant};

use keyglass::model::find::Place;

use crate::Outcome;
use crate::asker::Asker;

/// Results that are held.
pub struct Held {
    pub results: usize,
    /// How much memory they take.
    pub bytes: u64,
    /// How long it takes to let go of them, as a frame does when another search begins.
    pub dropped: Duration,
}

/// Searches for what very many values hold. To be measured first, since memory that was used before is used again.
pub fn held(asker: &mut Asker) -> Outcome<Held> {
    // Once for what is not there, so that what reading takes is taken before.
    asker.find("no value holds this", false, Place::Both)?;
    let before = resident()?;
    let mut held = Vec::new();
    asker.find_hits("SKU-", false, Place::Both, |hits| held.extend(hits))?;
    let bytes = resident()?.saturating_sub(before);
    let results = held.len();
    let begun = Instant::now();
    drop(held);
    Ok(Held {
        results,
        bytes,
        dropped: begun.elapsed(),
    })
}

/// Bytes of memory that this process takes, where Linux tells them.
fn resident() -> Outcome<u64> {
    let told = std::fs::read_to_string("/proc/self/status")?;
    let line = told.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    let kibibytes: u64 = number
        .ok_or("The system does not tell how much memory is taken")?
        .parse()?;
    Ok(kibibytes * 1024)
}
