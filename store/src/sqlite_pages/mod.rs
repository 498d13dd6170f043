//! The pages of a SQLite file, read without SQLite: what is left of one that SQLite calls malformed.
//!
//! SQLite refuses a whole file for one bad page, and a scan ends at the first one. Here the b-trees are walked page by page;
//! what cannot be read is passed over, and it is told between which keys it lay. Nothing is written, and nothing but the
//! file and its `-wal` is opened. The format is that of <https://www.sqlite.org/fileformat2.html>.
//!
//! **Never a wrong row.** A page has no checksum, so what is taken must be what a sound file could hold: a page of nothing
//! but zeros counts as lost, also at the end of a long value; a record must have the columns of its table, and fill its
//! cell; keys must ascend. Pages of which the parent is lost are taken only if the list of free pages is whole, because a
//! page that was freed still holds what was deleted.

mod btree;
mod file;
mod record;
mod roles;
mod rows;
mod schema;
mod strays;
mod wal;
mod walk;
mod wreck;

#[cfg(feature = "deno-file")]
pub(crate) use file::Source;
#[cfg(feature = "deno-file")]
pub(crate) use wreck::{Lost, Part, Wreck};

#[cfg(fuzzing)]
pub use wreck::read_wreck;

/// The bytes from `at`, if there are so many.
fn bytes<const LENGTH: usize>(page: &[u8], at: usize) -> Option<[u8; LENGTH]> {
    page.get(at..at.checked_add(LENGTH)?)?.try_into().ok()
}

fn u16_at(page: &[u8], at: usize) -> Option<u16> {
    bytes(page, at).map(u16::from_be_bytes)
}

fn u32_at(page: &[u8], at: usize) -> Option<u32> {
    bytes(page, at).map(u32::from_be_bytes)
}
