//! Commits made in the window: what they are for, how they end, and how they are undone.

use keyglass_store::key::EncodedKey;
use keyglass_store::transfer::ImportOptions;
use keyglass_store::{AtomicOperation, CommitOutcome, Entry};

use super::Session;
use crate::model::draft::Conflict;
use crate::model::format;
use crate::model::notices::{NoticeKind, Notices};
use crate::model::row::LoadedEntry;
use crate::model::undo::{self, Inverse};
use crate::worker::Request;

/// Why a commit was made, to report and to undo it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Purpose {
    Save,
    Delete,
    Transaction,
    Undo(u64),
}

/// A commit that runs.
#[derive(Debug)]
pub(super) struct PendingCommit {
    ticket: u64,
    purpose: Purpose,
    label: String,
    operation: AtomicOperation,
    before: Vec<(EncodedKey, Option<Entry>)>,
}

impl Session {
    fn commit(
        &mut self,
        purpose: Purpose,
        label: String,
        operation: AtomicOperation,
        before: Vec<(EncodedKey, Option<Entry>)>,
    ) -> u64 {
        let ticket = self.number();
        let request = Request::Commit {
            ticket,
            operation: operation.clone(),
        };
        self.pending.push(PendingCommit {
            ticket,
            purpose,
            label,
            operation,
            before,
        });
        self.worker.send(request);
        ticket
    }

    /// Commits the edit that is shown. A refused edit stays where it is.
    ///
    /// # Errors
    /// Why it cannot be committed.
    pub fn save(&mut self, now: i64) -> Result<(), String> {
        let Some(draft) = self.panel.current() else {
            return Ok(());
        };
        if draft.saving.is_some() {
            return Ok(());
        }
        let operation = draft.operation(now)?;
        let before = draft.seen().map(|seen| seen.entry.clone());
        let Some(key) = operation.mutations.first().map(|mutation| mutation.key.clone()) else {
            return Ok(());
        };
        let label = if before.is_some() {
            format!("Saved {key}")
        } else {
            format!("Created {key}")
        };
        let ticket = self.commit(Purpose::Save, label, operation, vec![(key, before)]);
        if let Some(draft) = self.panel.current_mut() {
            draft.saving = Some(ticket);
        }
        Ok(())
    }

    /// Deletes the entry that is shown, if it is still as it is shown.
    pub fn delete_shown(&mut self) {
        let Some(entry) = self.panel.entry().cloned() else {
            return;
        };
        let key = entry.key.clone();
        let operation = AtomicOperation::new()
            .check(key.clone(), Some(entry.versionstamp))
            .delete(key.clone());
        self.commit(
            Purpose::Delete,
            format!("Deleted {key}"),
            operation,
            vec![(key, Some(entry))],
        );
    }

    /// Commits the transaction.
    ///
    /// # Errors
    /// Why it cannot be committed.
    pub fn commit_transaction(&mut self) -> Result<(), String> {
        if self.transaction.committing.is_some() {
            return Ok(());
        }
        let operation = self.transaction.operation()?;
        let before = self
            .transaction
            .rows
            .iter()
            .filter_map(|row| Some((row.key()?.clone(), self.transaction.state(row)?.cloned())))
            .collect();
        let label = format!(
            "Committed a transaction of {}",
            format::counted(self.transaction.rows.len() as u64, "row", "rows")
        );
        let ticket = self.commit(Purpose::Transaction, label, operation, before);
        self.transaction.committing = Some(ticket);
        Ok(())
    }

    /// Undoes a commit made here, if nothing changed since.
    pub fn undo_commit(&mut self, step: u64, now: i64) {
        let Some(step) = self.undo.step(step).cloned() else {
            return;
        };
        match step.inverse {
            Inverse::Commit(operation) => {
                let label = format!("Undid: {}", step.label);
                self.commit(Purpose::Undo(step.id), label, operation, Vec::new());
            }
            Inverse::Import(path) => {
                self.undo.remove(step.id);
                let options = ImportOptions {
                    now,
                    ..ImportOptions::default()
                };
                let label = format!("Undoing: {}", step.label);
                self.start_job(label, |job| Request::Import { job, options, path });
            }
        }
    }

    pub(super) fn apply_commit(
        &mut self,
        ticket: u64,
        outcome: Result<CommitOutcome, String>,
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
            before,
            ..
        } = self.pending.remove(at);
        if purpose == Purpose::Transaction {
            self.transaction.committing = None;
        }
        let outcome = match outcome {
            Ok(outcome) => outcome,
            Err(error) => {
                if let Some(draft) = self.panel.saving_mut(ticket) {
                    draft.saving = None;
                }
                notices.put(
                    NoticeKind::Error,
                    format!("Not committed: {error}"),
                    Vec::new(),
                    None,
                    now,
                );
                return;
            }
        };
        match &outcome {
            CommitOutcome::Committed(versionstamp) => {
                self.after_commit(ticket, &purpose, &operation);
                if purpose == Purpose::Transaction {
                    self.transaction.committed = Some(*versionstamp);
                    self.transaction.failed.clear();
                    self.transaction.look();
                }
                let undo = if matches!(purpose, Purpose::Undo(_)) {
                    None
                } else {
                    self.undo.push(
                        label.clone(),
                        undo::inverse(&operation, &before, &outcome).map(Inverse::Commit),
                    )
                };
                let details = vec![format!("Versionstamp {versionstamp}")];
                notices.put(NoticeKind::Good, label, details, undo, now);
            }
            CommitOutcome::Conflict(failed) => {
                let details = failed.iter().filter_map(|check| {
                    let key = &operation.checks.get(check.index)?.key;
                    Some(match &check.current {
                        Some(entry) => format!("{key} now has versionstamp {}", entry.versionstamp),
                        None => format!("{key} is absent now"),
                    })
                });
                let details = details.collect();
                let summary = match &purpose {
                    Purpose::Save => "Not saved: the entry changed since you began. Your text is kept",
                    Purpose::Delete => "Not deleted: the entry changed since it was shown",
                    Purpose::Transaction => "Not committed: a check failed",
                    Purpose::Undo(_) => "Not undone: the entry changed since the commit",
                };
                notices.put(NoticeKind::Warning, summary.to_owned(), details, None, now);
                let current = failed.first().and_then(|check| check.current.clone());
                self.after_conflict(ticket, purpose, current, failed.clone());
            }
        }
    }

    fn after_commit(&mut self, ticket: u64, purpose: &Purpose, operation: &AtomicOperation) {
        match purpose {
            Purpose::Save => {
                self.panel.saved(ticket);
                if let Some(mutation) = operation.mutations.first() {
                    self.go_to(mutation.key.clone());
                }
            }
            Purpose::Undo(step) => self.undo.remove(*step),
            Purpose::Delete | Purpose::Transaction => {}
        }
        // The panel need not wait for the change to come round through the feed.
        if let Some(key) = self.panel.key().cloned() {
            self.worker.send(Request::Entry { key });
        }
    }

    fn after_conflict(
        &mut self,
        ticket: u64,
        purpose: Purpose,
        current: Option<Entry>,
        failed: Vec<keyglass_store::FailedCheck>,
    ) {
        match purpose {
            Purpose::Save => {
                if let Some(draft) = self.panel.saving_mut(ticket) {
                    draft.saving = None;
                    draft.outside = None;
                    draft.conflict = Some(Conflict {
                        theirs: current.map(|entry| Box::new(LoadedEntry::new(entry))),
                    });
                }
            }
            Purpose::Transaction => self.transaction.apply_conflict(failed),
            Purpose::Undo(step) => self.undo.remove(step),
            Purpose::Delete => {}
        }
        if let Some(key) = self.panel.key().cloned() {
            self.worker.send(Request::Entry { key });
        }
    }
}
