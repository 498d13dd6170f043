//! Commits made in the window: what they are for and how they end.

use keyglass_store::{
    AtomicOperation, CommitError, CommitOutcome, EncodedKey, Entry, FailedCheck, Versionstamp,
};

use super::Session;
use crate::content::row::LoadedEntry;
use crate::errand::{ReadError, States, Write};
use crate::format;
use crate::model::draft::{Conflict, Draft, EditError};
use crate::model::notices::{NoticeKind, Notices};
use crate::model::transaction::TransactionError;
use crate::model::undo;

/// Why a commit was made, to report it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Purpose {
    Save,
    Rename,
    Delete,
    Transaction,
    Messages,
    RestoreVersion,
}

/// A commit that runs.
#[derive(Debug)]
pub(super) struct PendingCommit {
    ticket: u64,
    purpose: Purpose,
    label: String,
    operation: AtomicOperation,
}

impl Session {
    pub(super) fn commit(&mut self, purpose: Purpose, label: String, operation: AtomicOperation) -> u64 {
        let ticket = self.number();
        let errand = Write::Commit {
            ticket,
            operation: operation.clone(),
        };
        self.pending.push(PendingCommit {
            ticket,
            purpose,
            label,
            operation,
        });
        self.worker.send(errand.into());
        ticket
    }

    /// Commits the edit that is shown. A refused edit stays where it is.
    ///
    /// # Errors
    /// Why it cannot be committed.
    pub fn save(&mut self, now: i64) -> Result<(), EditError> {
        let Some(draft) = self.models.panel.current() else {
            return Ok(());
        };
        if draft.saving.is_some() {
            return Ok(());
        }
        let operation = draft.operation(now)?;
        let existed = draft.seen().is_some();
        let Some(key) = operation.mutations.first().map(|mutation| mutation.key.clone()) else {
            return Ok(());
        };
        let label = if existed {
            format!("Saved {key}")
        } else {
            format!("Created {key}")
        };
        let ticket = self.commit(Purpose::Save, label, operation);
        if let Some(draft) = self.models.panel.current_mut() {
            draft.saving = Some(ticket);
        }
        Ok(())
    }

    /// Deletes an entry, if it is still as it was seen.
    pub fn delete(&mut self, key: EncodedKey, seen: Versionstamp) {
        let operation = AtomicOperation::new()
            .check(key.clone(), Some(seen))
            .delete(key.clone());
        self.commit(Purpose::Delete, format!("Deleted {key}"), operation);
    }

    /// Commits the transaction, or does so as soon as it is known what stands under its keys. What ends an expiry that nobody
    /// can see gets `expires_at`.
    ///
    /// # Errors
    /// Why it cannot be committed.
    pub fn commit_transaction(&mut self, expires_at: Option<i64>, now: i64) -> Result<(), TransactionError> {
        if self.models.transaction.is_committing() {
            return Ok(());
        }
        if !self.models.transaction.is_known() {
            self.models.transaction.wait();
            return Ok(());
        }
        let operation = self.models.transaction.operation(now)?;
        let operation = self.models.transaction.expiring(operation, expires_at);
        let label = format!(
            "Committed a transaction of {}",
            format::counted(self.models.transaction.rows.len() as u64, "row", "rows")
        );
        let ticket = self.commit(Purpose::Transaction, label, operation);
        self.models.transaction.begin_commit(ticket);
        Ok(())
    }

    /// Takes what stands under the keys of the transaction, and commits it if it waited for that.
    pub(super) fn apply_states(
        &mut self,
        states: Result<States, ReadError>,
        notices: &mut Notices,
        now: i64,
    ) {
        let committed = match states {
            Ok(states) => {
                self.models.transaction.apply_states(states);
                let ended = self.models.transaction.ends_waiting();
                let committed = ended.and_then(|ended| match ended {
                    true if self.models.transaction.unseen_expiries().is_some() => {
                        self.asks_to_commit = true;
                        Ok(())
                    }
                    true => self.commit_transaction(None, now),
                    false => Ok(()),
                });
                committed.map_err(|error| error.to_string())
            }
            Err(error) if self.models.transaction.give_up_waiting() => Err(error.to_string()),
            Err(error) => {
                notices.error(error.to_string(), now);
                Ok(())
            }
        };
        if let Err(reason) = committed {
            notices.error(format!("Not committed: {reason}"), now);
        }
    }

    pub(super) fn apply_commit(
        &mut self,
        ticket: u64,
        outcome: Result<CommitOutcome, CommitError>,
        before: Option<&States>,
        notices: &mut Notices,
        now: i64,
    ) {
        let Some(at) = self.pending.iter().position(|pending| pending.ticket == ticket) else {
            return;
        };
        let PendingCommit {
            purpose,
            label,
            operation,
            ..
        } = self.pending.remove(at);
        let outcome = match outcome {
            Ok(outcome) => outcome,
            Err(error) => {
                self.models.transaction.apply_failure(ticket);
                if let Some(draft) = self.models.panel.saving_mut(ticket) {
                    draft.saving = None;
                }
                if let Some(rename) = self.models.panel.renaming_mut(ticket) {
                    rename.saving = None;
                }
                let summary = error.not_done("committed");
                self.models.messages.end_commit(ticket, Some(&summary));
                notices.put(NoticeKind::Error, summary, Vec::new(), None, now);
                return;
            }
        };
        match &outcome {
            CommitOutcome::Committed(versionstamp) => {
                self.after_commit(ticket, &purpose, &operation, *versionstamp);
                if purpose == Purpose::Transaction {
                    self.models.transaction.apply_committed(ticket, *versionstamp);
                }
                let mut details = vec![format!("Versionstamp {versionstamp}")];
                details.extend(self.delivery_remark(&operation));
                let undo = match self.models.undo.committed(operation, before, *versionstamp, now) {
                    Ok(step) => Some(step),
                    Err(reason) => {
                        details.extend(reason.map(|reason| format!("It cannot be undone, because {reason}")));
                        None
                    }
                };
                notices.put(NoticeKind::Good, label, details, undo, now);
            }
            CommitOutcome::MessagesChanged(changed) => {
                let summary = undo::messages_changed("Nothing was done", changed.len());
                self.models.transaction.apply_failure(ticket);
                self.models.messages.end_commit(ticket, Some(&summary));
                notices.put(NoticeKind::Warning, summary, Vec::new(), None, now);
            }
            CommitOutcome::Conflict(failed) => {
                let mut details = undo::what_stands_there(&operation, failed);
                details.extend(self.changed_by(&operation, failed));
                let summary = match &purpose {
                    Purpose::Save if operation.checks.iter().any(|check| check.versionstamp.is_none()) => {
                        "Not created: an entry stands under this key already. Your text is kept"
                    }
                    Purpose::Save => "Not saved: the entry changed since you began. Your text is kept",
                    Purpose::Rename => super::rename::refusal(failed),
                    Purpose::Delete => "Not deleted: the entry changed since it was shown",
                    Purpose::Transaction => "Not committed: a check failed",
                    Purpose::RestoreVersion => "Not restored: the entry changed since its history was shown",
                    Purpose::Messages => "Not queued: the entry changed since it was shown",
                };
                self.models.messages.end_commit(ticket, Some(summary));
                notices.put(NoticeKind::Warning, summary.to_owned(), details, None, now);
                let current = failed.first().and_then(|check| check.current.clone());
                self.after_conflict(ticket, purpose, current, failed.clone());
            }
        }
    }

    /// The program that a key was changed by last, where requests are recorded or the timeline leads to one.
    #[must_use]
    pub fn client_of(&self, key: &EncodedKey, now: Option<&Entry>) -> Option<String> {
        let stamp = now.map(|entry| entry.versionstamp);
        let stamp = stamp.or_else(|| self.models.watch.last_commit_of(key))?;
        let client = &self.models.requests.client_of(stamp)?.client;
        Some(match client.name.as_str() {
            "" => "an unnamed program".to_owned(),
            name => name.to_owned(),
        })
    }

    /// By whom the keys of failed checks were changed, a sentence for each of which that is known.
    fn changed_by(&self, operation: &AtomicOperation, failed: &[FailedCheck]) -> Vec<String> {
        let sentence = |check: &FailedCheck| {
            let key = &operation.checks.get(check.index)?.key;
            let by = self.client_of(key, check.current.as_ref())?;
            Some(format!("{key} was changed by {by}"))
        };
        failed.iter().filter_map(sentence).collect()
    }

    fn after_commit(
        &mut self,
        ticket: u64,
        purpose: &Purpose,
        operation: &AtomicOperation,
        versionstamp: Versionstamp,
    ) {
        match purpose {
            Purpose::Save => self.after_save(ticket, operation),
            Purpose::Rename => self.after_rename(operation, versionstamp),
            Purpose::Messages => self.models.messages.end_commit(ticket, None),
            Purpose::Delete | Purpose::Transaction | Purpose::RestoreVersion => {}
        }
        // The panel need not wait for the change to come round through the feed.
        self.models.panel.read_again();
    }

    /// Whoever has gone on to something else meanwhile is not called back.
    fn after_save(&mut self, ticket: u64, operation: &AtomicOperation) {
        let is_own = |draft: &Draft| draft.saving == Some(ticket);
        let is_new = self.models.panel.new_entry.as_ref().is_some_and(is_own);
        self.models.panel.saved(ticket);
        if is_new && let Some(mutation) = operation.mutations.first() {
            self.go_to(mutation.key.clone());
        }
    }

    fn after_conflict(
        &mut self,
        ticket: u64,
        purpose: Purpose,
        current: Option<Entry>,
        failed: Vec<FailedCheck>,
    ) {
        match purpose {
            Purpose::Save => {
                if let Some(draft) = self.models.panel.saving_mut(ticket) {
                    draft.saving = None;
                    draft.outside = None;
                    draft.conflict = Some(Conflict {
                        theirs: current.map(|entry| Box::new(LoadedEntry::new(entry))),
                    });
                }
            }
            Purpose::Rename => self.after_refused_rename(ticket, &failed),
            Purpose::Transaction => self.models.transaction.apply_conflict(ticket, failed),
            Purpose::Delete | Purpose::Messages | Purpose::RestoreVersion => {}
        }
        self.models.panel.read_again();
    }
}
