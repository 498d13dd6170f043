//! A key to go to.

use crate::model::database_id::DatabaseId;

/// A key that is being typed.
#[derive(Debug, Clone, PartialEq)]
pub struct GoTo {
    /// Where to look for it.
    pub database: DatabaseId,
    /// The key's text.
    pub text: String,
    /// Why it is no key.
    pub error: Option<String>,
}

impl GoTo {
    /// Nothing typed yet.
    #[must_use]
    pub fn new(database: DatabaseId) -> Self {
        Self {
            database,
            text: String::new(),
            error: None,
        }
    }
}
