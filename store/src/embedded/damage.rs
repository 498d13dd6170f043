//! Damage in the middle of a journal, which the engine does not tell of.
//!
//! Recovery replays a journal up to the first batch that does not end as it should, and cuts off the rest: so it gets
//! rid of the batch that was being written when the power went. Where a page in the middle is lost it cuts off
//! everything after it in the same way, commits that were acknowledged among them, and says nothing. So the
//! journals are looked through before they are opened: a whole batch behind a broken one is a commit that would
//! be lost.
//!
//! fjall's journal, integers little-endian: a batch is `01`, number of items (u32), sequence number (u64); its items;
//! `03`, checksum (u64), `FJL` and `03`. An item is `02`, kind (u8), compression (u8), keyspace (u64), lengths of
//! key (u16), value (u32) and stored value (u32), key, stored value; or `04` and keyspace (u64).

use std::io;
use std::path::Path;

use bytes::Buf as _;

use super::journal::{LENGTH_OF_FULL, journals};

const START: u8 = 1;
const ITEM: u8 = 2;
const END: u8 = 3;
const CLEAR: u8 = 4;
const TRAILER: &[u8] = b"FJL\x03";

/// How many whole batches stand behind damage in the journals of a folder.
pub(super) fn num_lost_batches(folder: &Path) -> io::Result<u64> {
    let mut num_lost = 0;
    for journal in journals(folder)? {
        num_lost += lost_in(&std::fs::read(journal.path)?);
    }
    Ok(num_lost)
}

fn lost_in(journal: &[u8]) -> u64 {
    let mut rest = journal;
    let mut newest = 0;
    while let Some(batch) = read_batch(rest) {
        newest = batch.sequence_number;
        rest = batch.rest;
    }
    // What follows is zeros in a journal of preallocated length, or the batch that was being written at the end.
    let mut num_lost = 0;
    while let Some(start) = rest.iter().position(|byte| *byte == START) {
        let (_, candidate) = rest.split_at_checked(start).unwrap_or_default();
        match read_batch(candidate).filter(|batch| batch.sequence_number > newest) {
            Some(batch) => {
                let offset = journal.len() - candidate.len();
                // The batch behind the gap that renewing a journal makes changes nothing.
                num_lost += u64::from(offset as u64 != LENGTH_OF_FULL);
                newest = batch.sequence_number;
                rest = batch.rest;
            }
            None => rest = candidate.get(1..).unwrap_or_default(),
        }
    }
    num_lost
}

/// A batch, and what stands behind it.
struct Batch<'a> {
    sequence_number: u64,
    rest: &'a [u8],
}

/// Reads the batch that begins here, if one does and it is whole.
fn read_batch(mut bytes: &[u8]) -> Option<Batch<'_>> {
    if bytes.try_get_u8().ok()? != START {
        return None;
    }
    let num_items = bytes.try_get_u32_le().ok()?;
    let sequence_number = bytes.try_get_u64_le().ok()?;
    if num_items == 0 {
        return None;
    }
    for _ in 0..num_items {
        match bytes.try_get_u8().ok()? {
            ITEM => {
                let (_kind, _compression) = (bytes.try_get_u8().ok()?, bytes.try_get_u8().ok()?);
                let _keyspace = bytes.try_get_u64_le().ok()?;
                let key_length = usize::from(bytes.try_get_u16_le().ok()?);
                let _length = bytes.try_get_u32_le().ok()?;
                let value_length = usize::try_from(bytes.try_get_u32_le().ok()?).ok()?;
                bytes = bytes.get(key_length.checked_add(value_length)?..)?;
            }
            CLEAR => {
                let _keyspace = bytes.try_get_u64_le().ok()?;
            }
            _ => return None,
        }
    }
    if bytes.try_get_u8().ok()? != END {
        return None;
    }
    let _checksum = bytes.try_get_u64_le().ok()?;
    Some(Batch {
        sequence_number,
        rest: bytes.strip_prefix(TRAILER)?,
    })
}

#[cfg(test)]
mod tests {
    use bytes::BufMut as _;

    use super::*;

    fn batch(sequence_number: u64) -> Vec<u8> {
        let mut bytes = vec![START];
        bytes.put_u32_le(2);
        bytes.put_u64_le(sequence_number);
        for value in [&b"value"[..], b""] {
            bytes.extend_from_slice(&[ITEM, 0, 0]);
            bytes.put_u64_le(1);
            bytes.put_u16_le(3);
            bytes.put_u32_le(value.len() as u32);
            bytes.put_u32_le(value.len() as u32);
            bytes.extend_from_slice(b"key");
            bytes.extend_from_slice(value);
        }
        bytes.push(END);
        bytes.put_u64_le(0x0101_0101_0101_0101);
        bytes.extend_from_slice(TRAILER);
        bytes
    }

    #[test]
    fn a_journal_that_ends_anywhere_has_lost_nothing_whole() {
        let mut journal: Vec<u8> = (1..5).flat_map(batch).collect();
        for length in 0..=journal.len() {
            assert_eq!(lost_in(&journal[..length]), 0, "{length}");
            let mut padded = journal[..length].to_vec();
            padded.resize(journal.len() + 1000, 0);
            assert_eq!(lost_in(&padded), 0, "{length} and zeros");
        }
        journal.extend_from_slice(b"anything");
        assert_eq!(lost_in(&journal), 0);
    }

    #[test]
    fn the_batch_that_renews_a_journal_is_no_loss() {
        let mut journal = batch(1);
        journal.resize(LENGTH_OF_FULL as usize, 0);
        journal.extend(batch(2));
        assert_eq!(lost_in(&journal), 0);
        journal.extend(batch(3));
        assert_eq!(lost_in(&journal), 1);
    }

    #[test]
    fn whole_batches_behind_zeros_are_counted() {
        let one = batch(1).len();
        let whole: Vec<u8> = (1..9).flat_map(batch).collect();
        for start in 0..3 * one {
            let mut journal = whole.clone();
            journal[start..start + one].fill(0);
            let broken_until = (start + one).div_ceil(one);
            assert_eq!(lost_in(&journal), 8 - broken_until as u64, "{start}");
        }
    }
}
