//! How much memory results take.

use keyglass::model::find::Place;

use crate::Outcome;
use crate::asker::Asker;

/// Results that are held.
const RESULTS: usize = 100_000;

/// Searches for what very many values hold. How many results there are, and how many bytes they take.
pub fn held(asker: &mut Asker) -> Outcome<(usize, u64)> {
    // Once without keeping anything, so that what the search itself takes is there before.
    asker.find_hits("SKU-", false, Place::Both, drop)?;
    let before = resident()?;
    let mut held = Vec::new();
    asker.find_hits("SKU-", false, Place::Both, |hits| held.extend(hits))?;
    held.truncate(RESULTS);
    held.shrink_to_fit();
    let bytes = resident()?.saturating_sub(before);
    let results = std::hint::black_box(&held).len();
    Ok((results, bytes))
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
