//! A transaction on its way into the database.

use std::collections::{HashMap, HashSet};

use keyglass_store::atomic::{Mutation, MutationKind};
use keyglass_store::key::EncodedKey;
use keyglass_store::{AtomicOperation, FailedCheck, Versionstamp};

use super::TransactionDraft;
use super::{OperationKind, OperationRow, TransactionError};
use crate::model::expiry::UnseenExpiries;

/// A check as it was committed.
#[derive(Debug)]
struct SentCheck {
    row: u64,
    key: EncodedKey,
    versionstamp: Option<Versionstamp>,
}

/// A commit that runs.
#[derive(Debug)]
pub(super) struct Committing {
    ticket: u64,
    /// In the order of the operation. The rows may be others by the time of the answer.
    checks: Vec<SentCheck>,
    written: Written,
}

/// Keys that a commit writes, and whether something stands there afterwards.
type Written = HashMap<EncodedKey, bool>;

/// A commit that was made. What it did is not done again before somebody wants that.
#[derive(Debug)]
pub(super) struct Committed {
    versionstamp: Versionstamp,
    written: Written,
}

impl TransactionDraft {
    /// Makes a transaction that was committed ready to be committed once more. Checks of what it wrote itself expect
    /// what it left there.
    pub fn arm(&mut self) {
        let Some(Committed {
            versionstamp,
            written,
        }) = self.committed.take()
        else {
            return;
        };
        let limits = self.limits;
        for row in self
            .rows
            .iter_mut()
            .filter(|row| row.kind == OperationKind::Check)
        {
            if let Some(stands) = row.key().and_then(|key| written.get(key)) {
                row.choices.versionstamp = stands.then_some(versionstamp);
                row.parse(&limits);
            }
        }
        self.revision += 1;
        self.history.edited(&self.rows, None);
    }

    /// What a commit would do to expiries that nobody can see; `None` if nothing, or if they can be seen.
    #[must_use]
    pub fn unseen_expiries(&self) -> Option<UnseenExpiries> {
        if !self.hides_expiry {
            return None;
        }
        let operation = self.operation(0).ok()?;
        let ending = operation.mutations.iter().filter(|mutation| self.ends(mutation));
        let ending: Vec<&Mutation> = ending.collect();
        let keys: HashSet<&EncodedKey> = ending.iter().map(|mutation| &mutation.key).collect();
        let is_set = |mutation: &&Mutation| matches!(mutation.kind, MutationKind::Set { .. });
        (!keys.is_empty()).then_some(UnseenExpiries {
            verb: "Commit",
            entries: Some(keys.len() as u64),
            can_set: ending.iter().any(is_set),
        })
    }

    /// Whether an entry stands under the key, which does not expire afterwards.
    fn ends(&self, mutation: &Mutation) -> bool {
        mutation.kind.ends_expiry() && matches!(self.states.get(&mutation.key), Some(Some(_)))
    }

    /// The operation, whose sets over entries that stand there have an expiry, if one is given.
    #[must_use]
    pub fn expiring(&self, mut operation: AtomicOperation, expiry: Option<i64>) -> AtomicOperation {
        if expiry.is_some() {
            for mutation in &mut operation.mutations {
                let ends = self.ends(mutation);
                if let MutationKind::Set { expires_at, .. } = &mut mutation.kind
                    && ends
                {
                    *expires_at = expiry;
                }
            }
        }
        operation
    }

    /// It shall be committed as it is now, once it is known what stands under its keys.
    pub fn wait(&mut self) {
        self.waiting = Some(self.revision);
        self.look();
    }

    /// Whether it is to be committed now: it was to be when it would be known what stands under its keys.
    ///
    /// # Errors
    /// If it is another one than what was to be committed.
    pub fn ends_waiting(&mut self) -> Result<bool, TransactionError> {
        match self.waiting {
            Some(revision) if revision != self.revision => {
                self.waiting = None;
                Err(TransactionError::Edited)
            }
            Some(_) if self.is_known() => {
                self.waiting = None;
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// What was to be committed is not.
    pub fn give_up_waiting(&mut self) -> bool {
        self.waiting.take().is_some()
    }

    /// Whether a commit runs, or is to.
    #[must_use]
    pub fn is_committing(&self) -> bool {
        self.committing.is_some() || self.waiting.is_some()
    }

    /// The commit of the rows as they are now has begun.
    pub fn begin_commit(&mut self, ticket: u64) {
        let checks = self.live().filter(|row| row.kind == OperationKind::Check);
        let checks = checks.filter_map(|row| {
            Some(SentCheck {
                row: row.id,
                key: row.key()?.clone(),
                versionstamp: row.choices.versionstamp,
            })
        });
        self.committing = Some(Committing {
            ticket,
            checks: checks.collect(),
            written: self.written(),
        });
    }

    fn live(&self) -> impl Iterator<Item = &OperationRow> {
        self.rows.iter().filter(|row| !row.choices.is_off)
    }

    fn written(&self) -> Written {
        let mutations = self.live().filter(|row| row.kind.is_mutation());
        // A key that ends in the versionstamp is another one than that of its row.
        let mutations = mutations.filter(|row| !row.choices.is_versionstamped);
        mutations
            .filter_map(|row| Some((row.key()?.clone(), row.kind != OperationKind::Delete)))
            .collect()
    }

    fn end_commit(&mut self, ticket: u64) -> Option<Committing> {
        self.committing.take_if(|committing| committing.ticket == ticket)
    }

    /// The commit failed; whether something is stored is told elsewhere.
    pub fn apply_failure(&mut self, ticket: u64) {
        self.end_commit(ticket);
    }

    /// All of it is stored.
    pub fn apply_committed(&mut self, ticket: u64, versionstamp: Versionstamp) {
        if let Some(Committing { written, .. }) = self.end_commit(ticket) {
            self.committed = Some(Committed {
                versionstamp,
                written,
            });
            self.failed.clear();
            self.look();
        }
    }

    /// The versionstamp of the commit that was made of these rows.
    #[must_use]
    pub fn committed(&self) -> Option<Versionstamp> {
        self.committed.as_ref().map(|committed| committed.versionstamp)
    }

    /// Says that these rows were committed, in an earlier run.
    pub fn restore_committed(&mut self, versionstamp: Versionstamp) {
        if !self.rows.is_empty() {
            let written = self.written();
            self.committed = Some(Committed {
                versionstamp,
                written,
            });
        }
    }

    /// Takes the checks that failed: their rows are marked, unless they check something else by now, and what stands
    /// there is known.
    pub fn apply_conflict(&mut self, ticket: u64, failed: Vec<FailedCheck>) {
        let Some(Committing { checks, .. }) = self.end_commit(ticket) else {
            return;
        };
        self.failed.clear();
        for FailedCheck { index, current } in failed {
            let Some(SentCheck {
                row,
                key,
                versionstamp,
            }) = checks.get(index)
            else {
                continue;
            };
            let is_same = |at: &OperationRow| {
                at.id == *row
                    && at.kind == OperationKind::Check
                    && at.key() == Some(key)
                    && at.choices.versionstamp == *versionstamp
            };
            if self.rows.iter().any(is_same) {
                self.failed.push(*row);
            }
            self.states.insert(key.clone(), current);
        }
        self.looked += 1;
    }
}
