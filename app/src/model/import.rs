//! An import before it begins: what is chosen, and what a dry run says would happen.

use std::path::PathBuf;

use keyglass_store::transfer::Existing;

use super::database_id::DatabaseId;
use super::dry_run::DryRun;
use super::key_draft::KeyError;
use super::target;
use super::typed_name::TypedName;
use crate::errand::{ImportChoice, ImportPreview};

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
    /// Why the prefix is none.
    pub fn choice(&self) -> Result<ImportChoice, KeyError> {
        let prefix = target::typed_prefix(&self.prefix)?;
        Ok(ImportChoice {
            path: self.path.clone(),
            prefix,
            existing: self.existing,
        })
    }
}

/// What an import would do whose options are being chosen.
pub type ImportCheck = DryRun<ImportChoice, ImportPreview>;

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
}
