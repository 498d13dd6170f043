//! An import before it begins: what is chosen, and what a dry run says would happen.

use std::path::PathBuf;

use keyglass_store::Database;
use keyglass_store::transfer::Existing;

use super::database_id::DatabaseId;
use super::panel::PanelModel;
use super::target;
use super::typed_name::TypedName;
use crate::errand::{ImportChoice, ImportPreview, JobError};

/// What is chosen and typed in the dialog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportDraft {
    /// Where it goes.
    pub database: DatabaseId,
    /// The file.
    pub path: PathBuf,
    /// The text of the prefix.
    pub prefix: String,
    /// What happens to entries that exist.
    pub existing: Existing,
    /// The name that has to be typed first.
    pub typed: Option<TypedName>,
}

impl ImportDraft {
    /// An import that leaves what exists, and keys as they are.
    #[must_use]
    pub fn new(database: DatabaseId, path: PathBuf) -> Self {
        Self {
            database,
            path,
            prefix: String::new(),
            existing: Existing::Skip,
            typed: None,
        }
    }

    /// What is chosen.
    ///
    /// # Errors
    /// Why the prefix is none, as a sentence.
    pub fn choice(&self) -> Result<ImportChoice, String> {
        let prefix = target::typed_prefix(&self.prefix)?;
        Ok(ImportChoice {
            path: self.path.clone(),
            prefix,
            existing: self.existing,
        })
    }
}

/// A dry run and its answer.
#[derive(Debug, Default)]
pub struct ImportCheck {
    /// How much of the file was read, from 0 to 1, where that is known.
    pub fraction: Option<f32>,
    running: Option<u64>,
    choice: Option<ImportChoice>,
    answer: Option<Result<Box<ImportPreview>, JobError>>,
}

impl ImportCheck {
    /// What is being asked, or was answered.
    #[must_use]
    pub fn choice(&self) -> Option<&ImportChoice> {
        self.choice.as_ref()
    }

    /// The number of the dry run that is under way.
    #[must_use]
    pub fn running(&self) -> Option<u64> {
        self.running
    }

    /// The answer for a choice, once it is there.
    #[must_use]
    pub fn answer(&self, choice: &ImportChoice) -> Option<Result<&ImportPreview, &JobError>> {
        let answer = self
            .answer
            .as_ref()
            .filter(|_| self.choice.as_ref() == Some(choice))?;
        Some(match answer {
            Ok(preview) => Ok(preview),
            Err(error) => Err(error),
        })
    }

    /// A dry run has begun; the answer to an earlier one is dropped.
    pub fn begin(&mut self, job: u64, choice: ImportChoice) {
        *self = Self {
            fraction: None,
            running: Some(job),
            choice: Some(choice),
            answer: None,
        };
    }

    /// Takes an answer, if it is the one to what was asked last.
    pub fn apply(&mut self, job: u64, answer: Result<Box<ImportPreview>, JobError>) {
        if self.running == Some(job) {
            self.running = None;
            self.answer = Some(answer);
        }
    }
}

impl PanelModel for ImportCheck {
    fn of(_database: &dyn Database) -> Self {
        Self::default()
    }
}

#[cfg(test)]
mod tests {
    use keyglass_store::EncodedKey;

    use super::*;

    fn draft(prefix: &str) -> ImportDraft {
        ImportDraft {
            prefix: prefix.to_owned(),
            ..ImportDraft::new(DatabaseId::unique(), PathBuf::from("more.ndjson"))
        }
    }

    #[test]
    fn a_prefix_is_a_key_or_nothing() {
        assert_eq!(draft(" ").choice().unwrap().prefix, EncodedKey::default());
        let prefix = draft(r#"["a", 1n]"#).choice().unwrap().prefix;
        assert_eq!(prefix.to_string(), r#"["a", 1n]"#);
        assert!(draft("[a").choice().is_err());
    }

    #[test]
    fn an_answer_to_what_is_no_longer_asked_is_dropped() {
        let (one, other) = (draft("").choice().unwrap(), draft("[1]").choice().unwrap());
        let mut check = ImportCheck::default();
        check.begin(1, one.clone());
        check.begin(2, other.clone());
        check.apply(1, Err(JobError::Unexplained));
        assert!(check.answer(&other).is_none());
        check.apply(2, Err(JobError::Folder("in time".into())));
        assert!(matches!(check.answer(&other), Some(Err(JobError::Folder(_)))));
        assert!(check.answer(&one).is_none());
    }
}
