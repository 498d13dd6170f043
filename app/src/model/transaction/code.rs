//! Code of Deno from which rows are read.

use keyglass_store::draft::code::{self, ReadCode};

use crate::model::database_id::DatabaseId;

/// Code that is being pasted. To be [parsed](Self::parse) after its text was edited.
#[derive(Debug, Clone, PartialEq)]
pub struct CodeDraft {
    /// Where the rows are for.
    pub database: DatabaseId,
    /// The code.
    pub text: String,
    read: ReadCode,
}

impl CodeDraft {
    /// Code that is yet to be pasted.
    #[must_use]
    pub fn new(database: DatabaseId) -> Self {
        Self {
            database,
            text: String::new(),
            read: ReadCode::default(),
        }
    }

    /// Reads the text again.
    pub fn parse(&mut self) {
        self.read = code::read(&self.text);
    }

    /// What was read.
    #[must_use]
    pub fn read(&self) -> &ReadCode {
        &self.read
    }
}
