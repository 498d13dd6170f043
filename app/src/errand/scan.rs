//! What the scanner is asked: the index of the table and the numbers of the tree.

use keyglass_store::Versionstamp;
use keyglass_store::key::{EncodedKey, KeyRange};

/// Something to go through.
#[derive(Debug, Clone)]
pub enum Scan {
    /// The index of a range for the table; ends the scan of any earlier listing.
    Table(ScanTable),
    /// How many entries lie at and below a prefix.
    Count(Count),
}

/// A range to be indexed for the table.
#[derive(Debug, Clone)]
pub struct ScanTable {
    /// The listing that asks.
    pub listing: u64,
    /// What is listed at and below: blobs there are one row each.
    pub prefix: EncodedKey,
    /// Which keys.
    pub range: KeyRange,
    /// It was indexed before, and has changed since: nobody waits for it.
    pub is_repeat: bool,
    /// How much of it.
    pub extent: Extent,
}

/// How much of a range is indexed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// All of it, told in parts.
    Whole,
    /// The next rows, told at once: further ones are asked for as they come on screen, because each read is paid for.
    Page,
}

/// A prefix whose entries shall be counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// The prefix.
    pub prefix: EncodedKey,
    /// It was counted before, and has changed since: nobody waits for it.
    pub is_repeat: bool,
}

/// Which commits a count has seen: a change that a feed tells later may be among them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Seen {
    /// All up to this one, if the database can tell.
    pub all: Option<Versionstamp>,
    /// None above this one.
    pub newest: Option<Versionstamp>,
}
