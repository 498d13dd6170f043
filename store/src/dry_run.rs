//! What a commit would do, with nothing written.

use crate::atomic::{AtomicOperation, Rehearsal, Standing};
use crate::database::Database;
use crate::error::DatabaseError;

/// Works out what an operation would do to a database, from one snapshot of it, by the rules by which it would be
/// committed. Whether the database may be written does not matter.
///
/// # Errors
/// If the database does not take so much in one commit, or cannot be read.
pub fn dry_run(database: &dyn Database, operation: &AtomicOperation) -> Result<Rehearsal, DatabaseError> {
    operation.validate(&database.capabilities().limits)?;
    let checks = operation.checks.iter().map(|check| &check.key);
    let mutations = operation.mutations.iter().map(|mutation| &mutation.key);
    let mut keys: Vec<_> = checks.chain(mutations).cloned().collect();
    keys.sort();
    keys.dedup();
    let entries = database.get_many(&keys)?;
    let standing: Standing = keys.into_iter().zip(entries).collect();
    Ok(Rehearsal::of(operation, &standing))
}
