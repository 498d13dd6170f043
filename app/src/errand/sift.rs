//! What the sifter is asked: the nodes of the tree that its filter leaves.

use keyglass_store::key::EncodedKey;

use crate::search::Pattern;

/// Something to filter, or not any more.
#[derive(Debug, Clone)]
pub enum Sift {
    /// The nodes of the tree whose part contains a text; ends the filter before.
    Begin {
        /// Its number; a greater one ends it.
        filter: u64,
        /// What parts must contain.
        pattern: Box<Pattern>,
    },
    /// Ends the filter that runs.
    Stop {
        /// Greater than that filter's number.
        filter: u64,
    },
}

/// A node that the filter leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SievedNode {
    /// Its key or prefix.
    pub prefix: EncodedKey,
    /// An entry stands exactly here, as far as is known.
    pub is_entry: bool,
    /// There are longer keys below, as far as is known.
    pub has_children: bool,
    /// Its own part matches; otherwise one below it does.
    pub matches: bool,
}

/// How far a sieve is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SieveState {
    /// Keys that were looked at.
    pub looked_at: u64,
    /// Nodes that match.
    pub found: usize,
    /// Whether no more is looked at.
    pub ended: bool,
}
