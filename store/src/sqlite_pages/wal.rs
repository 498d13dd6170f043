//! The `-wal`: pages that were committed and not put into the file yet.

use std::collections::HashMap;

use super::file::{Source, read_at};
use super::u32_at;

/// Bytes of the header of the log, and of each frame.
const HEADER: usize = 32;
const FRAME: usize = 24;

/// What a `-wal` holds that was committed.
pub(super) struct Wal {
    pub page_size: usize,
    /// Where the newest version of each page begins.
    pub pages: HashMap<u32, u64>,
    /// Pages of the database after the last commit; `None` if there is no commit.
    pub count: Option<u32>,
}

impl Wal {
    /// Reads frames up to the last commit before the first one whose checksum is wrong, as SQLite does. `None` if this is
    /// no log.
    pub(super) fn read(source: &mut dyn Source) -> Option<Self> {
        let mut header = [0; HEADER];
        read_at(source, 0, &mut header)?;
        let magic = u32_at(&header, 0)?;
        let big_endian = match magic {
            0x377f_0682 => false,
            0x377f_0683 => true,
            _ => return None,
        };
        let page_size = usize::try_from(u32_at(&header, 8)?).ok()?;
        if !(512..=65_536).contains(&page_size) || !page_size.is_power_of_two() {
            return None;
        }
        let mut sum = checksum((0, 0), header.get(..24)?, big_endian)?;
        if sum != (u32_at(&header, 24)?, u32_at(&header, 28)?) {
            return None;
        }
        let salts = header.get(16..24)?;
        let mut wal = Self {
            page_size,
            pages: HashMap::new(),
            count: None,
        };
        let mut open: Vec<(u32, u64)> = Vec::new();
        let mut frame = vec![0; FRAME + page_size];
        let mut offset = HEADER as u64;
        while read_at(source, offset, &mut frame).is_some() {
            let (head, page) = frame.split_at_checked(FRAME)?;
            sum = checksum(sum, head.get(..8)?, big_endian)?;
            sum = checksum(sum, page, big_endian)?;
            if head.get(8..16)? != salts || sum != (u32_at(head, 16)?, u32_at(head, 20)?) {
                break;
            }
            open.push((u32_at(head, 0)?, offset + FRAME as u64));
            let count = u32_at(head, 4)?;
            if count > 0 {
                wal.pages.extend(open.drain(..));
                wal.count = Some(count);
            }
            offset += frame.len() as u64;
        }
        Some(wal)
    }
}

/// Goes on with a checksum over pairs of words.
fn checksum(start: (u32, u32), bytes: &[u8], big_endian: bool) -> Option<(u32, u32)> {
    let word = |at: usize| {
        let word = super::bytes(bytes, at)?;
        Some(if big_endian {
            u32::from_be_bytes(word)
        } else {
            u32::from_le_bytes(word)
        })
    };
    let (mut one, mut other) = start;
    for at in (0..bytes.len()).step_by(8) {
        one = one.wrapping_add(word(at)?).wrapping_add(other);
        other = other.wrapping_add(word(at + 4)?).wrapping_add(one);
    }
    Some((one, other))
}
