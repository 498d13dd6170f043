//! A backup and a restore before they begin: what is chosen, and what a dry run says would happen.

use std::path::PathBuf;

use keyglass_store::Database;

use super::database_id::DatabaseId;
use super::panel::PanelModel;
use super::target;
use super::typed_name::TypedName;
use crate::errand::{BackupChoice, JobError, RestoreChoice, RestorePreview};

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
            typed: None,
        }
    }

    /// What is chosen.
    ///
    /// # Errors
    /// Why the prefix is none, as a sentence.
    pub fn choice(&self) -> Result<RestoreChoice, String> {
        let prefix = target::typed_prefix(&self.prefix)?;
        Ok(RestoreChoice {
            path: self.path.clone(),
            state: self.state,
            prefix,
            keep_others: self.keep_others,
        })
    }
}

/// A dry run and its answer.
#[derive(Debug, Default)]
pub struct RestoreCheck {
    running: Option<u64>,
    choice: Option<RestoreChoice>,
    answer: Option<Result<Box<RestorePreview>, JobError>>,
}

impl RestoreCheck {
    /// What is being asked, or was answered.
    #[must_use]
    pub fn choice(&self) -> Option<&RestoreChoice> {
        self.choice.as_ref()
    }

    /// The number of the dry run that is under way.
    #[must_use]
    pub fn running(&self) -> Option<u64> {
        self.running
    }

    /// The last answer; that to another choice still tells which states there are.
    #[must_use]
    pub fn last(&self) -> Option<&RestorePreview> {
        self.answer.as_ref()?.as_ref().ok().map(|preview| &**preview)
    }

    /// The answer for a choice, once it is there.
    #[must_use]
    pub fn answer(&self, choice: &RestoreChoice) -> Option<Result<&RestorePreview, &JobError>> {
        let is_asked = self.choice.as_ref() == Some(choice) && self.running.is_none();
        let answer = self.answer.as_ref().filter(|_| is_asked)?;
        Some(answer.as_ref().map(|preview| &**preview))
    }

    /// A dry run has begun; the answer to an earlier one counts no more.
    pub fn begin(&mut self, job: u64, choice: RestoreChoice) {
        self.running = Some(job);
        self.choice = Some(choice);
    }

    /// Takes an answer, if it is the one to what was asked last.
    pub fn apply(&mut self, job: u64, answer: Result<Box<RestorePreview>, JobError>) {
        if self.running == Some(job) {
            self.running = None;
            self.answer = Some(answer);
        }
    }
}

impl PanelModel for RestoreCheck {
    fn of(_database: &dyn Database) -> Self {
        Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_to_what_is_no_longer_asked_is_dropped() {
        let mut draft = RestoreDraft::new(DatabaseId::unique(), PathBuf::from("home.kg"));
        let one = draft.choice().unwrap();
        draft.prefix = r#"["a", 1n]"#.to_owned();
        let other = draft.choice().unwrap();
        assert_eq!(other.prefix.to_string(), r#"["a", 1n]"#);
        let mut check = RestoreCheck::default();
        check.begin(1, one.clone());
        check.begin(2, other.clone());
        check.apply(1, Err(JobError::Unexplained));
        assert!(check.answer(&other).is_none());
        check.apply(2, Err(JobError::Folder("in time".into())));
        assert!(matches!(check.answer(&other), Some(Err(JobError::Folder(_)))));
        assert!(check.answer(&one).is_none());
        draft.prefix = "[a".to_owned();
        assert!(draft.choice().is_err());
    }
}
