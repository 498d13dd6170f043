//! What becomes of the expiries of entries that something changes, where nobody can see whether they have any.

use crate::action::DatabaseAction;
use crate::model::database_id::DatabaseId;
use crate::model::expiry::UnseenExpiries;

/// The question, and what is typed.
#[derive(Debug, Clone, PartialEq)]
pub struct ExpiryQuestion {
    /// Of which database.
    pub database: DatabaseId,
    /// What is done then.
    pub action: Box<DatabaseAction>,
    /// What that means for expiries.
    pub unseen: UnseenExpiries,
    /// The expiry as it is typed; empty for none.
    pub text: String,
}

impl ExpiryQuestion {
    fn is_of_one(&self) -> bool {
        self.unseen.entries == Some(1)
    }

    /// What is asked.
    #[must_use]
    pub fn title(&self) -> String {
        let verb = self.unseen.verb;
        if self.is_of_one() {
            format!("{verb} without its expiry?")
        } else {
            format!("{verb} without their expiries?")
        }
    }

    /// The text of the button that does it, if no expiry is typed.
    #[must_use]
    pub fn verb(&self) -> String {
        let verb = self.unseen.verb;
        if self.is_of_one() {
            format!("{verb}, and it stays")
        } else {
            format!("{verb}, and they stay")
        }
    }
}
