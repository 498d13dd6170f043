//! Comparing a database with another one.

use std::sync::Arc;

use keyglass_store::EncodedKey;
use keyglass_store::transfer::compare::{CompareReport, Difference};

/// Differences that are kept of a comparison; further ones are counted.
pub const KEPT_DIFFERENCES: usize = 10_000;
/// Bytes of keys and values that are kept of a comparison.
pub const KEPT_BYTES: usize = 64 << 20;

/// What is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompareChoice {
    /// Where the other database is: a path, or the URL of a server.
    pub location: String,
    /// Only entries at and below this key.
    pub prefix: EncodedKey,
}

/// What differs between two databases.
#[derive(Debug, Clone, PartialEq)]
pub struct ComparedDatabases {
    /// The counts; this database is the first side.
    pub report: CompareReport,
    /// How many of all differences are of the expiry alone.
    pub expiry_only: u64,
    /// The first differences, in key order.
    pub differences: Vec<Arc<Difference>>,
    /// Whether this database and the other one tell when entries expire.
    pub tells_expiry: [bool; 2],
}

impl ComparedDatabases {
    /// Whether expiries were compared.
    #[must_use]
    pub fn has_expiry(&self) -> bool {
        self.tells_expiry == [true; 2]
    }

    /// Differences that were counted and not kept.
    #[must_use]
    pub fn left_out(&self) -> u64 {
        self.report
            .differences()
            .saturating_sub(self.differences.len() as u64)
    }
}
