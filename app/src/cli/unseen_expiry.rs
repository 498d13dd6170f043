//! `--no-expiry`: what becomes of expiries that a server does not tell, where entries are replaced.

use clap::Args;
use keyglass_store::Database;

use super::consent;
use super::error::CommandError;
use super::text;

/// What a command that replaces entries is told about expiries that nobody can see.
#[derive(Debug, Args)]
pub(super) struct UnseenExpiry {
    /// What takes the place of an entry stays, also where a server does not tell whether the entry would have expired
    #[arg(long, conflicts_with = "expire_in")]
    no_expiry: bool,
}

impl UnseenExpiry {
    /// Asks before entries are replaced by what stays, where the database does not tell whether they expire. `entries` is
    /// how many there are; `None` where nobody has counted them.
    ///
    /// # Errors
    /// If nobody can be asked, or the answer is no.
    pub(super) fn ask(&self, database: &dyn Database, entries: Option<u64>) -> Result<(), CommandError> {
        if self.no_expiry || database.capabilities().expiry || entries == Some(0) {
            return Ok(());
        }
        let location = database.location();
        let refusal = CommandError::UnseenExpiry(location.clone());
        consent::ask(&location, &plan(entries), refusal)
    }
}

/// What it means, as a clause.
pub(super) fn plan(entries: Option<u64>) -> String {
    let (which, whose) = match entries {
        Some(1) => ("1 entry that is replaced expires".to_owned(), "its"),
        Some(number) => (
            format!("{} that are replaced expire", text::entries(number)),
            "their",
        ),
        None => ("entries that are replaced expire".to_owned(), "their"),
    };
    format!("The server does not tell whether {which}; what takes {whose} place stays")
}
