//! A backup and a restore before they begin: what is chosen, and what a dry run says would happen.

use std::path::PathBuf;

use super::database_id::DatabaseId;
use super::dry_run::DryRun;
use super::key_draft::KeyError;
use super::target;
use super::typed_name::TypedName;
use crate::errand::{BackupChoice, RestoreChoice, RestorePreview};

const DAY: i64 = 24 * 3600 * 1000;

/// How long what was replaced is kept, as the dialog offers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// Thirty days.
    Month,
    /// 365 days.
    Year,
    /// For ever.
    Forever,
}

impl Keep {
    fn milliseconds(self) -> Option<i64> {
        match self {
            Self::Month => Some(30 * DAY),
            Self::Year => Some(365 * DAY),
            Self::Forever => None,
        }
    }
}

/// What is chosen for a backup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupDraft {
    /// What is backed up.
    pub database: DatabaseId,
    /// The folder.
    pub path: PathBuf,
    /// Whether a backup is there already, found out when the folder was chosen.
    pub is_there: bool,
    /// How long what was replaced is kept.
    pub keep: Keep,
}

impl BackupDraft {
    /// What is chosen.
    #[must_use]
    pub fn choice(&self) -> BackupChoice {
        BackupChoice {
            path: self.path.clone(),
            keep: self.keep.milliseconds(),
        }
    }
}

/// What is chosen and typed for a restore.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestoreDraft {
    /// What is restored.
    pub database: DatabaseId,
    /// The folder of the backup.
    pub path: PathBuf,
    /// The number of the state; `None` is the newest.
    pub state: Option<u64>,
    /// The text of the prefix.
    pub prefix: String,
    /// Leaves what the database has and the state does not.
    pub keep_others: bool,
    /// Queues the messages, too, where the backup has them.
    pub messages: bool,
    /// The name of the database, where that has to be typed.
    pub typed: Option<TypedName>,
}

impl RestoreDraft {
    /// All of the newest state.
    #[must_use]
    pub fn new(database: DatabaseId, path: PathBuf) -> Self {
        Self {
            database,
            path,
            state: None,
            prefix: String::new(),
            keep_others: false,
            messages: false,
            typed: None,
        }
    }

    /// Why no messages can be queued again, as a sentence; `shown` is whether the database that was backed up shows them.
    #[must_use]
    pub fn lacks_messages(&self, shown: bool) -> Option<&'static str> {
        if !shown {
            Some("The backup has no queued messages, because the database does not show them")
        } else if self.state.is_some() {
            Some("A backup has the queued messages of its newest state alone")
        } else if !self.prefix.trim().is_empty() {
            Some("Queued messages are below no key: they come back with everything")
        } else {
            None
        }
    }

    /// What is chosen.
    ///
    /// # Errors
    /// Why the prefix is none.
    pub fn choice(&self) -> Result<RestoreChoice, KeyError> {
        let prefix = target::typed_prefix(&self.prefix)?;
        Ok(RestoreChoice {
            path: self.path.clone(),
            state: self.state,
            prefix,
            keep_others: self.keep_others,
            messages: self.messages && self.lacks_messages(true).is_none(),
        })
    }
}

/// What restoring would do whose options are being chosen.
pub type RestoreCheck = DryRun<RestoreChoice, RestorePreview>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_a_key() {
        let mut draft = RestoreDraft::new(DatabaseId::unique(), PathBuf::from("home.kg"));
        draft.prefix = r#"["a", 1n]"#.to_owned();
        assert_eq!(draft.choice().unwrap().prefix.to_string(), r#"["a", 1n]"#);
        draft.prefix = "[a".to_owned();
        assert!(draft.choice().is_err());
    }
}
