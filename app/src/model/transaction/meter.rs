//! Checks, mutations and bytes of a transaction against what its database takes.

use keyglass_store::limits::Limits;

use super::{OperationKind, OperationRow};

/// How much a transaction takes of what its database takes in one commit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Meter {
    /// Of [`Limits::checks`].
    pub checks: usize,
    /// Of [`Limits::mutations`].
    pub mutations: usize,
    /// Of [`Limits::commit_key_bytes`].
    pub key_bytes: usize,
    /// Of [`Limits::commit_bytes`].
    pub bytes: usize,
    /// What the database takes.
    pub limits: Limits,
}

impl Meter {
    /// What these rows take.
    pub(super) fn of(rows: &[OperationRow], limits: Limits) -> Self {
        let mut meter = Self {
            limits,
            ..Self::default()
        };
        let live = rows.iter().filter(|row| !row.choices.is_off);
        for row in live {
            let key = row.key().map_or(0, |key| key.as_bytes().len());
            match row.kind {
                OperationKind::Check => meter.checks += 1,
                _ => meter.mutations += 1,
            }
            meter.bytes += key;
            if row.kind == OperationKind::Enqueue {
                meter.bytes += row.message_bytes();
            } else if row.kind.has_value() {
                // Deno counts the key of such a mutation twice.
                meter.bytes += key + row.value_bytes();
                meter.key_bytes += key;
            }
        }
        meter
    }
}
