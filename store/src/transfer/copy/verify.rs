//! Both sides of a copy read again: how many entries and bytes each has below every first part of a key, and a hash of
//! them.

use std::ops::ControlFlow;

use xxhash_rust::xxh3::Xxh3;

use super::{CopyOptions, Selection, Wanted};
use crate::database::Database;
use crate::key::EncodedKey;
use crate::transfer::compare::{Pairs, Side, side_of};
use crate::transfer::{NAMED, Progress, TransferError};

/// Pairs between two reports of progress.
const PROGRESS_PAIRS: u64 = 256;

/// What the entries below one first part of a key come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sums {
    /// Entries.
    pub entries: u64,
    /// Bytes of keys and values.
    pub bytes: u64,
    /// XXH3 of the keys, encodings and values, in key order, and of the expiries where both sides tell them.
    pub hash: u64,
}

/// What both sides have below one first part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrefixSums {
    /// The first part; the whole key where it has none.
    pub prefix: EncodedKey,
    /// In the source.
    pub from: Sums,
    /// In the target.
    pub to: Sums,
}

/// What reading both sides again found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct VerifyReport {
    /// First parts of keys that the source has.
    pub prefixes: u64,
    /// Entries of the source that should be in the target, and their bytes.
    pub entries: u64,
    /// Bytes of these.
    pub bytes: u64,
    /// First parts below which the target does not have the same.
    pub wrong: u64,
    /// The first of these.
    pub named: Vec<PrefixSums>,
    /// Entries that only the target has, and that are no fault.
    pub others: u64,
    /// Whether both sides tell expiries, so that they were compared, too.
    pub expiry: bool,
    /// Whether both sides were read to their ends; false after a cancel.
    pub complete: bool,
}

impl VerifyReport {
    /// Whether the target has all that it should have.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.complete && self.wrong == 0
    }
}

/// Sums of one side below the current prefix.
struct Summing {
    entries: u64,
    bytes: u64,
    hasher: Xxh3,
}

impl Summing {
    fn new() -> Self {
        Self {
            entries: 0,
            bytes: 0,
            hasher: Xxh3::new(),
        }
    }

    fn add(&mut self, key: &EncodedKey, wanted: &Wanted) {
        let (key, value) = (key.as_bytes(), wanted.value.bytes.as_ref());
        self.entries += 1;
        self.bytes += (key.len() + value.len()) as u64;
        let hasher = &mut self.hasher;
        hasher.update(&(key.len() as u64).to_le_bytes());
        hasher.update(key);
        hasher.update(&wanted.value.encoding.number().to_le_bytes());
        hasher.update(&(value.len() as u64).to_le_bytes());
        hasher.update(value);
        // Never is told from every moment.
        hasher.update(&[u8::from(wanted.expires_at.is_some())]);
        hasher.update(&wanted.expires_at.unwrap_or(0).to_le_bytes());
    }

    fn sums(&self) -> Sums {
        Sums {
            entries: self.entries,
            bytes: self.bytes,
            hash: self.hasher.digest(),
        }
    }
}

/// Compares the source, as it was copied, with what the target has now.
pub(super) fn verify(
    source: Box<Side<'_>>,
    from: &dyn Database,
    to: &dyn Database,
    options: &CopyOptions,
    selection: &Selection,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<VerifyReport, TransferError> {
    let mut report = VerifyReport {
        expiry: from.capabilities().expiry && to.capabilities().expiry,
        ..VerifyReport::default()
    };
    let tells_expiry = report.expiry;
    let target = side_of(to, options.range.clone())?;
    let mut pairs = Pairs::new(source, target);
    let mut current: Option<(EncodedKey, Summing, Summing)> = None;
    let mut done = Progress::default();
    while let Some(pair) = pairs.next().transpose()? {
        done.entries += 1;
        done.bytes += pair.size();
        if done.entries.is_multiple_of(PROGRESS_PAIRS) && progress(done).is_break() {
            return Ok(report);
        }
        let (entry, there) = pair.into_sides();
        let wanted = entry.as_ref().and_then(|entry| selection.wanted(entry));
        if wanted.is_none() && !options.mirror {
            report.others += u64::from(there.is_some());
            continue;
        }
        // What has expired since it was copied may be gone.
        let has_gone = there.is_none()
            && entry
                .as_ref()
                .is_some_and(|entry| entry.has_expired(from.clock().now().max(to.clock().now())));
        let Some(key) = entry.or_else(|| there.clone()).map(|entry| entry.key) else {
            continue;
        };
        if has_gone || (wanted.is_none() && there.is_none()) {
            continue;
        }
        let prefix = first_part(&key);
        if current.as_ref().is_none_or(|(last, ..)| *last != prefix) {
            report.close(current.take());
            current = Some((prefix, Summing::new(), Summing::new()));
        }
        let Some((_, source, target)) = &mut current else {
            continue;
        };
        if let Some(mut wanted) = wanted {
            wanted.expires_at = wanted.expires_at.filter(|_| tells_expiry);
            source.add(&key, &wanted);
        }
        if let Some(there) = there {
            let wanted = Wanted {
                value: there.value,
                expires_at: there.expires_at.filter(|_| tells_expiry),
            };
            target.add(&key, &wanted);
        }
    }
    report.close(current);
    report.complete = true;
    Ok(report)
}

impl VerifyReport {
    /// Counts what was summed below a prefix.
    fn close(&mut self, summed: Option<(EncodedKey, Summing, Summing)>) {
        let Some((prefix, from, to)) = summed else {
            return;
        };
        let (from, to) = (from.sums(), to.sums());
        self.prefixes += 1;
        self.entries += from.entries;
        self.bytes += from.bytes;
        if from != to {
            self.wrong += 1;
            if self.named.len() < NAMED {
                self.named.push(PrefixSums { prefix, from, to });
            }
        }
    }
}

/// The first part of a key.
fn first_part(key: &EncodedKey) -> EncodedKey {
    key.part_ends()
        .first()
        .map_or_else(|| key.clone(), |end| key.truncated(*end))
}
