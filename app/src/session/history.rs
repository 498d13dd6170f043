//! Earlier versions of the entry that is shown, and how one comes back.

use keyglass_store::AtomicOperation;

use super::Session;
use super::commit::Purpose;
use crate::content::past_moments::MomentName;

/// Why a version does not come back.
#[derive(Debug, thiserror::Error)]
pub enum RestoreVersionError {
    /// It went meanwhile.
    #[error("This version is not kept any more")]
    Gone,
}

impl Session {
    /// Brings a version back, if what stands there is still what was shown.
    ///
    /// # Errors
    /// If the version is not shown any more.
    pub fn restore_version(&mut self, name: MomentName, now: i64) -> Result<(), RestoreVersionError> {
        let operation = self.version_operation(name, now)?;
        let key = operation.checks.first().map(|check| check.key.to_string());
        let mut label = format!(
            "Restored {} as it was at versionstamp {}",
            key.unwrap_or_default(),
            name.versionstamp
        );
        if self.models.past.has_expired(name, now) {
            label.push_str("; its expiry had passed, so it stays now");
        }
        self.commit(Purpose::RestoreVersion, label, operation);
        Ok(())
    }

    /// Adds rows to the transaction that bring a version back.
    ///
    /// # Errors
    /// If the version is not shown any more.
    pub fn add_version(&mut self, name: MomentName, now: i64) -> Result<(), RestoreVersionError> {
        let operation = self.version_operation(name, now)?;
        self.models.transaction.add_operation(&operation);
        Ok(())
    }

    fn version_operation(&self, name: MomentName, now: i64) -> Result<AtomicOperation, RestoreVersionError> {
        let operation = self.models.past.restore(name, now);
        operation.ok_or(RestoreVersionError::Gone)
    }
}
