//! Checks, mutations and bytes of a transaction against Deno's limits.

use keyglass_store::limits;

use super::row::{OperationKind, OperationRow};

/// How much of Deno's limits a transaction takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Meter {
    /// Of [`limits::CHECKS`].
    pub checks: usize,
    /// Of [`limits::MUTATIONS`].
    pub mutations: usize,
    /// Of [`limits::COMMIT_KEY_BYTES`].
    pub key_bytes: usize,
    /// Of [`limits::COMMIT_BYTES`].
    pub bytes: usize,
}

impl Meter {
    /// What these rows take.
    pub(super) fn of(rows: &[OperationRow]) -> Self {
        let mut meter = Self::default();
        for row in rows {
            let key = row.key().map_or(0, |key| key.as_bytes().len());
            match row.kind {
                OperationKind::Check => meter.checks += 1,
                _ => meter.mutations += 1,
            }
            meter.bytes += key;
            if row.kind.has_value() {
                // Deno counts the key of such a mutation twice.
                meter.bytes += key + row.value_bytes();
                meter.key_bytes += key;
            }
        }
        meter
    }

    /// Whether it fits.
    #[must_use]
    pub fn fits(self) -> bool {
        self.checks <= limits::CHECKS
            && self.mutations <= limits::MUTATIONS
            && self.key_bytes <= limits::COMMIT_KEY_BYTES
            && self.bytes <= limits::COMMIT_BYTES
    }
}
