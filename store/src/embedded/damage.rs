//! Damage in journals, which the engine does not tell of.
//!
//! Recovery replays a journal up to the first batch that does not end as it should, and cuts off the rest: so it gets
//! rid of the batch that was being written when the power went. Commits that were acknowledged go with it, without a
//! word, where a page in the middle is lost, and where the journal's end is: what was flushed into tables by then
//! is ahead of the journal, and of commits that the journal no longer holds some rows are there and others are not.
//! So the journals are looked through before they are opened, for whole batches behind a broken one, and compared
//! with the tables afterwards, which never hold a commit that was not in a journal first.
//!
//! fjall's journal, integers little-endian: a batch is `01`, number of items (u32), sequence number (u64); its items;
//! `03`, XXH3 of its items (u64), `FJL` and `03`. An item is `02`, kind (u8), compression (u8), keyspace (u64), lengths of
//! key (u16), value (u32) and stored value (u32), key, stored value; or `04` and keyspace (u64).

use std::fmt;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use bytes::Buf as _;

use xxhash_rust::xxh3::xxh3_64;

use super::journal::{LENGTH_OF_FULL, journals};
use super::layout::RESERVED_VERSION;

const START: u8 = 1;
const ITEM: u8 = 2;
const END: u8 = 3;
const CLEAR: u8 = 4;
const TRAILER: &[u8] = b"FJL\x03";

/// What opening a store loses, or has lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Loss {
    /// So many whole commits stand behind damage.
    BehindDamage(u64),
    /// The tables hold rows of commits whose other rows were only in the journal.
    BehindEnd,
}

impl fmt::Display for Loss {
    /// A sentence of a store that was opened all the same.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BehindDamage(num_lost) => write!(
                formatter,
                "The journal was damaged when the store was opened, and {num_lost} commits were lost"
            ),
            Self::BehindEnd => formatter.write_str(
                "The end of the journal was missing when the store was opened: the newest commits are lost, and some \
                 of them are there in part",
            ),
        }
    }
}

impl Loss {
    /// Why a store is not opened.
    pub(super) fn reason(self) -> String {
        match self {
            Self::BehindDamage(num_lost) => {
                format!("its journal is damaged, and {num_lost} commits behind the damage would be lost")
            }
            Self::BehindEnd => {
                "the end of its journal is missing, and of the newest commits only parts are there".to_owned()
            }
        }
    }
}

/// What the journals of a folder hold.
#[derive(Debug, Default)]
pub(super) struct Journals {
    /// Whole batches behind damage.
    pub(super) num_lost: u64,
    newest: Option<Newest>,
    /// The sequence number of a batch behind the newest whole one, which was begun and is not whole.
    begun: Option<u64>,
    torn: Option<Torn>,
    /// Journals with a batch that the engine would stop at, and where it begins.
    unsound: Vec<(PathBuf, u64)>,
}

/// The newest whole batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Newest {
    sequence_number: u64,
    /// A bulk load, which puts rows straight into tables, reserves versions in a batch first.
    reserves_versions: bool,
}

/// What stands behind the whole batches of the last journal.
#[derive(Debug)]
struct Torn {
    path: PathBuf,
    offset: u64,
    bytes: Vec<u8>,
    /// Of the journal, with the zeros behind.
    length: u64,
}

impl Journals {
    /// Looks through the journals of a folder.
    pub(super) fn read(folder: &Path) -> io::Result<Self> {
        let mut found = Self::default();
        for journal in journals(folder)? {
            let bytes = std::fs::read(&journal.path)?;
            let written = without_zeros_behind(&bytes);
            let (end, first_unsound) = found.look_through(written);
            let unsound = first_unsound.map(|offset| (journal.path.clone(), offset as u64));
            found.unsound.extend(unsound);
            let rest = written.get(end..).unwrap_or_default();
            found.torn = (!rest.is_empty()).then(|| Torn {
                path: journal.path,
                offset: end as u64,
                bytes: rest.to_vec(),
                length: bytes.len() as u64,
            });
        }
        Ok(found)
    }

    /// Whether the tables, up to this sequence number, are ahead of what the journals hold.
    pub(super) fn are_behind(&self, persisted: u64) -> bool {
        self.begun.is_some_and(|begun| persisted >= begun)
            || self
                .newest
                .is_some_and(|newest| persisted > newest.sequence_number && !newest.reserves_versions)
    }

    /// Puts back what recovery cut off, so that a store which is not opened stays as it was.
    pub(super) fn restore(&self) -> io::Result<()> {
        let Some(torn) = &self.torn else { return Ok(()) };
        let mut file = File::options().append(true).open(&torn.path)?;
        if file.metadata()?.len() == torn.offset {
            file.write_all(&torn.bytes)?;
            file.set_len(torn.length)?;
            file.sync_all()?;
        }
        Ok(())
    }

    /// Cuts off what the engine would stop at.
    pub(super) fn cut_off_damage(&self) -> io::Result<()> {
        for (path, length) in &self.unsound {
            let file = File::options().write(true).open(path)?;
            file.set_len(*length)?;
            file.sync_all()?;
        }
        Ok(())
    }

    /// Looks through one more journal; returns where its whole batches end, and where the first one begins that is
    /// not what was written.
    pub(super) fn look_through(&mut self, journal: &[u8]) -> (usize, Option<usize>) {
        let mut rest = journal;
        let mut first_unsound = None;
        let mut newest = self.newest.map(|newest| newest.sequence_number);
        let is_next = |batch: &Batch<'_>, newest: Option<u64>| {
            newest.is_none_or(|newest| batch.sequence_number > newest)
        };
        while let Some(batch) = read_batch(rest) {
            // Sequence numbers grow, but their bytes are not under the engine's checksum.
            if !batch.is_sound || !is_next(&batch, newest) {
                first_unsound = first_unsound.or(Some(journal.len() - rest.len()));
            }
            self.num_lost += u64::from(first_unsound.is_some());
            newest = newest.max(Some(batch.sequence_number));
            self.note(&batch);
            rest = batch.rest;
        }
        let end = journal.len() - rest.len();
        self.begun = begun_batch(rest).filter(|begun| newest.is_none_or(|newest| *begun > newest));
        // What follows is zeros in a journal of preallocated length, or the batch that was being written at the end.
        while let Some(start) = rest.iter().position(|byte| *byte == START) {
            let (_, candidate) = rest.split_at_checked(start).unwrap_or_default();
            match read_batch(candidate).filter(|batch| is_next(batch, newest)) {
                Some(batch) => {
                    let offset = journal.len() - candidate.len();
                    // The batch behind the gap that renewing a journal makes changes nothing.
                    self.num_lost += u64::from(offset as u64 != LENGTH_OF_FULL);
                    newest = Some(batch.sequence_number);
                    self.note(&batch);
                    rest = batch.rest;
                }
                None => rest = candidate.get(1..).unwrap_or_default(),
            }
        }
        (end, first_unsound)
    }

    fn note(&mut self, batch: &Batch<'_>) {
        if self
            .newest
            .is_none_or(|newest| newest.sequence_number < batch.sequence_number)
        {
            self.newest = Some(Newest {
                sequence_number: batch.sequence_number,
                reserves_versions: batch.reserves_versions,
            });
        }
    }
}

/// A journal without the space that it keeps for what is to come.
pub(super) fn without_zeros_behind(journal: &[u8]) -> &[u8] {
    const ZEROS: [u8; 4096] = [0; 4096];
    let mut written = journal;
    while let Some((before, page)) = written
        .len()
        .checked_sub(ZEROS.len())
        .and_then(|at| written.split_at_checked(at))
        && page == ZEROS
    {
        written = before;
    }
    let length = written
        .iter()
        .rposition(|byte| *byte != 0)
        .map_or(0, |last| last + 1);
    written.get(..length).unwrap_or_default()
}

/// A batch, and what stands behind it.
struct Batch<'a> {
    sequence_number: u64,
    reserves_versions: bool,
    /// The checksum matches.
    is_sound: bool,
    rest: &'a [u8],
}

/// The sequence number of a batch that begins here, if its first item does too.
fn begun_batch(mut bytes: &[u8]) -> Option<u64> {
    let is_start = bytes.try_get_u8().ok()? == START;
    let _num_items = bytes.try_get_u32_le().ok()?;
    let sequence_number = bytes.try_get_u64_le().ok()?;
    (is_start && matches!(bytes.first(), Some(&ITEM | &CLEAR))).then_some(sequence_number)
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
    let mut reserves_versions = false;
    let items = bytes;
    for _ in 0..num_items {
        match bytes.try_get_u8().ok()? {
            ITEM => {
                let (_kind, _compression) = (bytes.try_get_u8().ok()?, bytes.try_get_u8().ok()?);
                let _keyspace = bytes.try_get_u64_le().ok()?;
                let key_length = usize::from(bytes.try_get_u16_le().ok()?);
                let _length = bytes.try_get_u32_le().ok()?;
                let value_length = usize::try_from(bytes.try_get_u32_le().ok()?).ok()?;
                reserves_versions |= bytes.get(..key_length)? == RESERVED_VERSION;
                bytes = bytes.get(key_length.checked_add(value_length)?..)?;
            }
            CLEAR => {
                let _keyspace = bytes.try_get_u64_le().ok()?;
            }
            _ => return None,
        }
    }
    let items = items.get(..items.len().checked_sub(bytes.len())?)?;
    if bytes.try_get_u8().ok()? != END {
        return None;
    }
    let checksum = bytes.try_get_u64_le().ok()?;
    Some(Batch {
        sequence_number,
        reserves_versions,
        is_sound: xxh3_64(items) == checksum,
        rest: bytes.strip_prefix(TRAILER)?,
    })
}

#[cfg(test)]
mod tests {
    use bytes::BufMut as _;

    use super::*;

    fn lost_in(journal: &[u8]) -> u64 {
        look_through(journal).num_lost
    }

    fn look_through(journal: &[u8]) -> Journals {
        let mut found = Journals::default();
        found.look_through(journal);
        found
    }

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
        end(bytes)
    }

    fn end(mut bytes: Vec<u8>) -> Vec<u8> {
        let checksum = xxh3_64(&bytes[13..]);
        bytes.push(END);
        bytes.put_u64_le(checksum);
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

    #[test]
    fn batches_out_of_order_are_damage() {
        for raised in [false, true] {
            let mut journal: Vec<u8> = (1..9).flat_map(batch).collect();
            let one = batch(1).len();
            // The lowest byte of the fourth batch's sequence number.
            journal[3 * one + 5] = if raised { 200 } else { 2 };
            assert_eq!(lost_in(&journal), if raised { 4 } else { 5 });
            assert_eq!(
                look_through(&journal).newest.unwrap().sequence_number,
                if raised { 200 } else { 8 }
            );
        }
    }

    #[test]
    fn a_batch_that_is_not_what_was_written_is_damage_and_cut_off() {
        let one = batch(1).len();
        for at in [3 * one + 40, 7 * one + 40] {
            let mut journal: Vec<u8> = (1..9).flat_map(batch).collect();
            journal[at] ^= 1;
            let (end, first_unsound) = Journals::default().look_through(&journal);
            assert_eq!((end, first_unsound), (journal.len(), Some(at - 40)));
            assert_eq!(lost_in(&journal), if at < 7 * one { 5 } else { 1 });
        }
    }

    #[test]
    fn tables_ahead_of_the_journal_are_noticed() {
        let journal: Vec<u8> = (1..9).flat_map(batch).collect();
        let one = batch(1).len();
        let is_behind = |length: usize, persisted| look_through(&journal[..length]).are_behind(persisted);
        assert!(!is_behind(journal.len(), 8));
        assert!(is_behind(journal.len(), 9));
        // After a clean close there is no journal, and the tables hold everything.
        assert!(!is_behind(0, 8));
        // The third batch was being written; what is in tables is at most the second.
        assert!(!is_behind(2 * one + 20, 2));
        assert!(is_behind(2 * one + 20, 3));
        // Of the first batch there is too little to tell its number.
        assert!(!is_behind(12, 8));
        assert!(is_behind(20, 8));
    }

    #[test]
    fn tables_that_a_bulk_load_wrote_are_ahead_of_the_journal() {
        let mut reserving = vec![START];
        reserving.put_u32_le(1);
        reserving.put_u64_le(2);
        reserving.extend_from_slice(&[ITEM, 0, 0]);
        reserving.put_u64_le(2);
        reserving.put_u16_le(RESERVED_VERSION.len() as u16);
        reserving.put_u32_le(8);
        reserving.put_u32_le(8);
        reserving.extend_from_slice(&RESERVED_VERSION);
        reserving.put_u64(9);
        let mut journal = batch(1);
        journal.extend(end(reserving));
        assert!(!look_through(&journal).are_behind(3));
        journal.extend(batch(4));
        assert!(look_through(&journal).are_behind(5));
    }
}
