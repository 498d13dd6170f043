//! Earlier versions of the entry that is shown, and how one comes back.

use keyglass_store::{AtomicOperation, EncodedKey};

use super::Session;
use super::commit::Purpose;
use crate::content::past_moments::MomentName;
use crate::errand::{SetRules, SetRulesError, Write};
use crate::format;
use crate::model::notices::{NoticeKind, Notices};
use crate::model::panel::PanelModel as _;

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

    /// Has other earlier versions kept.
    pub fn set_rules(&mut self, rules: Box<SetRules>) {
        self.worker.send(Write::SetRules(rules).into());
    }

    pub(super) fn apply_rules(
        &mut self,
        asked: &SetRules,
        result: Result<(), SetRulesError>,
        notices: &mut Notices,
        now: i64,
    ) {
        // What is shown may be gone, or is kept from now on.
        self.models.past.refresh();
        let place = place(&asked.prefix);
        match (result, asked.rule()) {
            (Ok(()), Some(rule)) => {
                let text = format!("{place} are kept from now on: {}", format::kept(rule));
                notices.tell(NoticeKind::Good, text, now);
            }
            (Ok(()), None) => {
                let text = format!("{place} nothing is kept any more by a rule of its own");
                notices.tell(NoticeKind::Good, text, now);
            }
            (Err(reason), _) => notices.error(format!("The history stays as it was: {reason}"), now),
        }
    }

    fn version_operation(&self, name: MomentName, now: i64) -> Result<AtomicOperation, RestoreVersionError> {
        let operation = self.models.past.restore(name, now);
        operation.ok_or(RestoreVersionError::Gone)
    }
}

/// Where a rule counts, at the beginning of a sentence.
fn place(prefix: &EncodedKey) -> String {
    match prefix.as_bytes() {
        [] => "In the whole database".to_owned(),
        _ => format!("Below {prefix}"),
    }
}
