//! What becomes of the expiry of an entry that is saved, where nobody can see whether it has one.

use crate::model::database_id::DatabaseId;

/// The question, and what is typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SaveExpiry {
    /// Of which database.
    pub database: DatabaseId,
    /// The expiry as it is typed; empty for none.
    pub text: String,
}
