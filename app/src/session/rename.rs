//! Giving the entry that is shown another key.

use keyglass_store::{AtomicOperation, FailedCheck, Versionstamp};

use super::Session;
use super::commit::Purpose;
use crate::model::rename::{NEW_KEY_CHECK, RenameError};

impl Session {
    /// Commits the new key that was written for the entry shown; an expiry that nobody can see becomes `expires_at`. A
    /// refused one stays where it is.
    ///
    /// # Errors
    /// Why it cannot be committed.
    pub fn rename_shown(&mut self, overwrite: bool, expires_at: Option<i64>) -> Result<(), RenameError> {
        let (Some(entry), Some(rename)) = (self.models.panel.entry().cloned(), self.models.panel.rename())
        else {
            return Ok(());
        };
        if rename.saving.is_some() {
            return Ok(());
        }
        if self
            .models
            .panel
            .draft(&entry.key)
            .is_some_and(|draft| draft.saving.is_some())
        {
            return Err(RenameError::Saving);
        }
        let operation = rename.operation(&entry, overwrite, expires_at, &self.models.panel.limits)?;
        let Some(set) = operation.mutations.first() else {
            return Ok(());
        };
        let label = format!("Renamed {} to {}", entry.key, set.key);
        let ticket = self.commit(Purpose::Rename, label, operation);
        if let Some(rename) = self.models.panel.rename_mut() {
            rename.saving = Some(ticket);
        }
        Ok(())
    }

    pub(super) fn after_rename(&mut self, operation: &AtomicOperation, versionstamp: Versionstamp) {
        if let [set, delete] = operation.mutations.as_slice() {
            self.models.panel.renamed(&delete.key, &set.key, versionstamp);
            self.go_to(set.key.clone());
        }
    }

    /// Keeps what was written, and tells what stands under the new key.
    pub(super) fn after_refused_rename(&mut self, ticket: u64, failed: &[FailedCheck]) {
        let of_new = failed.iter().find(|check| check.index == NEW_KEY_CHECK);
        if let Some(rename) = self.models.panel.renaming_mut(ticket) {
            rename.saving = None;
            if let Some(check) = of_new {
                rename.standing = check.current.clone().map(Box::new);
            }
        }
    }

    /// After a rename was undone or redone, the entry is shown where it stands now.
    pub(super) fn follow_moved_entry(&mut self, operation: &AtomicOperation) {
        use keyglass_store::atomic::MutationKind::{Delete, Set};
        let shown = self.models.panel.key();
        let is_deleted = |key| {
            let mut mutations = operation.mutations.iter();
            mutations.any(|mutation| Some(&mutation.key) == key && matches!(mutation.kind, Delete))
        };
        let mut sets = operation
            .mutations
            .iter()
            .filter(|mutation| matches!(mutation.kind, Set { .. }));
        if let (Some(set), None) = (sets.next(), sets.next())
            && is_deleted(shown)
        {
            self.go_to(set.key.clone());
        }
    }
}

/// What a refused rename is told as.
pub(super) fn refusal(failed: &[FailedCheck]) -> &'static str {
    if failed.iter().any(|check| check.index != NEW_KEY_CHECK) {
        "Not renamed: the entry changed since it was shown"
    } else if failed.iter().any(|check| check.current.is_some()) {
        "Not renamed: another entry stands under the new key"
    } else {
        "Not renamed: what stood under the new key is gone, so it can be renamed without overwriting"
    }
}
