//! The transaction that is being composed.

mod meter;
mod row;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _};

use keyglass_store::atomic::AtomicOperation;
use keyglass_store::key::EncodedKey;
use keyglass_store::limits::Limits;
use keyglass_store::{Database, Entry, FailedCheck, StoredValue, Versionstamp};

pub use meter::Meter;
pub use row::{OperationKind, OperationRow};

use crate::errand::{Errand, ObservedChange, Read};
use crate::model::panel::PanelModel;
use crate::model::saved_session::{self, SavedSession};

/// Whether a check would hold now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckState {
    /// Not known yet.
    Unknown,
    /// It would.
    Passes,
    /// It would not.
    Fails,
}

/// A check as it was committed.
#[derive(Debug)]
struct SentCheck {
    row: u64,
    key: EncodedKey,
    versionstamp: Option<Versionstamp>,
}

/// A commit that runs.
#[derive(Debug)]
struct Committing {
    ticket: u64,
    /// In the order of the operation. The rows may be others by the time of the answer.
    checks: Vec<SentCheck>,
    written: Written,
}

/// Keys that a commit writes, and whether something stands there afterwards.
type Written = HashMap<EncodedKey, bool>;

/// A commit that was made. What it did is not done again before somebody wants that.
#[derive(Debug)]
struct Committed {
    versionstamp: Versionstamp,
    written: Written,
}

/// The transaction that is being composed.
#[derive(Debug, Default)]
pub struct TransactionDraft {
    /// The rows, in order.
    pub rows: Vec<OperationRow>,
    /// Rows whose check failed at the last commit.
    pub failed: Vec<u64>,
    committing: Option<Committing>,
    committed: Option<Committed>,
    /// It was to be committed at this revision, as soon as it is known what stands under its keys.
    waiting: Option<u64>,
    revision: u64,
    /// The row whose key gets the keyboard's focus.
    to_focus: Option<u64>,
    states: HashMap<EncodedKey, Option<Entry>>,
    next_id: u64,
    wants: Vec<Errand>,
    looks_again: bool,
    /// What the database takes.
    limits: Limits,
}

impl TransactionDraft {
    /// Adds a row at the end.
    pub fn add(&mut self, kind: OperationKind, key_text: String, value_text: String) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        let row = OperationRow::new(id, kind, key_text, value_text, &self.limits);
        self.rows.push(row);
        self.edited();
        id
    }

    /// Adds a row to be written, which gets the keyboard's focus.
    pub fn begin_row(&mut self, kind: OperationKind, key_text: String) {
        self.to_focus = Some(self.add(kind, key_text, String::new()));
    }

    /// Whether the key of this row shall get the keyboard's focus now; once.
    pub fn takes_focus(&mut self, id: u64) -> bool {
        self.to_focus.take_if(|wanted| *wanted == id).is_some()
    }

    /// Adds a check of what was seen.
    pub fn add_check(&mut self, key: &EncodedKey, versionstamp: Option<Versionstamp>) {
        self.add_row(OperationKind::Check, key.to_string(), String::new(), versionstamp);
    }

    /// Adds a row with what its check expects.
    pub fn add_row(
        &mut self,
        kind: OperationKind,
        key_text: String,
        value_text: String,
        versionstamp: Option<Versionstamp>,
    ) {
        let id = self.add(kind, key_text, value_text);
        if let Some(row) = self.rows.iter_mut().find(|row| row.id == id) {
            row.versionstamp = versionstamp;
        }
    }

    /// Removes a row.
    pub fn remove(&mut self, id: u64) {
        self.rows.retain(|row| row.id != id);
        self.failed.retain(|failed| *failed != id);
        self.edited();
    }

    /// Moves a row up or down by one.
    pub fn shift(&mut self, id: u64, down: bool) {
        let Some(at) = self.rows.iter().position(|row| row.id == id) else {
            return;
        };
        let other = if down { at + 1 } else { at.wrapping_sub(1) };
        if other < self.rows.len() {
            self.rows.swap(at, other);
            self.edited();
        }
    }

    /// Removes all rows.
    pub fn clear(&mut self) {
        self.rows.clear();
        self.failed.clear();
        self.edited();
    }

    /// Rows were added or changed: it is another transaction, and what was committed of it can be committed again.
    pub fn edited(&mut self) {
        self.revision += 1;
        self.arm();
        self.look();
    }

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
        for row in self
            .rows
            .iter_mut()
            .filter(|row| row.kind == OperationKind::Check)
        {
            if let Some(stands) = row.key().and_then(|key| written.get(key)) {
                row.versionstamp = stands.then_some(versionstamp);
            }
        }
    }

    /// What the worker shall do.
    pub fn take_wants(&mut self) -> Vec<Errand> {
        if std::mem::take(&mut self.looks_again) {
            self.look();
        }
        std::mem::take(&mut self.wants)
    }

    /// Asks what stands under the keys now.
    pub fn look(&mut self) {
        let mut keys: Vec<EncodedKey> = self.rows.iter().filter_map(|row| row.key().cloned()).collect();
        keys.sort();
        keys.dedup();
        if !keys.is_empty() {
            self.wants.push(Read::States { keys }.into());
        }
    }

    /// Takes what stands under the keys.
    pub fn apply_states(&mut self, states: Vec<(EncodedKey, Option<Entry>)>) {
        self.states = states.into_iter().collect();
    }

    /// Whether a change of this key matters to the transaction.
    fn concerns(&self, key: &EncodedKey) -> bool {
        self.rows.iter().any(|row| row.key() == Some(key))
    }

    /// What stands under a row's key; `None` if that is not known.
    #[must_use]
    pub fn state(&self, row: &OperationRow) -> Option<Option<&Entry>> {
        self.states.get(row.key()?).map(Option::as_ref)
    }

    /// Whether a check row would hold now.
    #[must_use]
    pub fn check_state(&self, row: &OperationRow) -> CheckState {
        match self.state(row) {
            None => CheckState::Unknown,
            Some(entry) if entry.map(|entry| entry.versionstamp) == row.versionstamp => CheckState::Passes,
            Some(_) => CheckState::Fails,
        }
    }

    /// Makes failing checks expect what stands there now.
    pub fn rebase(&mut self) {
        self.edited();
        let states = &self.states;
        for row in self
            .rows
            .iter_mut()
            .filter(|row| row.kind == OperationKind::Check)
        {
            if let Some(state) = row.key().and_then(|key| states.get(key)) {
                row.versionstamp = state.as_ref().map(|entry| entry.versionstamp);
            }
        }
        self.failed.clear();
    }

    /// What is wrong with each row: its texts, or a type that does not fit what stands under its key, or what the
    /// rows before it leave there. Of keys whose state is not known yet only the former is told.
    #[must_use]
    pub fn problems(&self) -> Vec<Option<String>> {
        let mut values: HashMap<&EncodedKey, Option<StoredValue>> = self
            .states
            .iter()
            .map(|(key, entry)| (key, entry.as_ref().map(|entry| entry.value.clone())))
            .collect();
        let rows = self.rows.iter().map(|row| {
            if let Some(problem) = row.problem() {
                return Some(problem.to_owned());
            }
            let (key, mutation) = (row.key()?, row.mutation(None)?);
            let is_blind = matches!(row.kind, OperationKind::Set | OperationKind::Delete);
            let stored = match values.get(key) {
                Some(stored) => stored.clone(),
                None if is_blind => None,
                None => return None,
            };
            match mutation.apply(stored) {
                Ok(value) => {
                    values.insert(key, value);
                    None
                }
                Err(error) => Some(error.to_string()),
            }
        });
        rows.collect()
    }

    /// Whether it is known what stands under every key that is set, which says what expiry stays.
    #[must_use]
    pub fn is_known(&self) -> bool {
        let sets = self.rows.iter().filter(|row| row.kind == OperationKind::Set);
        sets.filter(|row| row.key().is_some())
            .all(|row| self.state(row).is_some())
    }

    /// The operation to commit. A set keeps the expiry that the key has now.
    ///
    /// # Errors
    /// A sentence that names the first row that cannot be committed, or the limit that all of them exceed.
    pub fn operation(&self) -> Result<AtomicOperation, String> {
        let mut operation = AtomicOperation::new();
        for (index, (row, problem)) in self.rows.iter().zip(self.problems()).enumerate() {
            let of_row = |problem: &str| format!("Row {} ({}): {problem}", index + 1, row.kind.name());
            if let Some(problem) = problem {
                return Err(of_row(&problem));
            }
            let Some(key) = row.key().cloned() else { continue };
            let state = self.state(row);
            if row.kind == OperationKind::Set && state.is_none() {
                return Err(of_row(&format!(
                    "it is not known yet whether an entry with an expiry stands here, try again in a moment: {key}"
                )));
            }
            let expires_at = state.flatten().and_then(|entry| entry.expires_at);
            operation = match row.mutation(expires_at) {
                Some(mutation) => operation.mutate(key, mutation),
                None => operation.check(key, row.versionstamp),
            };
        }
        let fits = operation.validate(&self.limits);
        fits.map(|()| operation).map_err(|limit| limit.to_string())
    }

    /// It shall be committed as it is now, once it is known what stands under its keys.
    pub fn wait(&mut self) {
        self.waiting = Some(self.revision);
        self.look();
    }

    /// Whether it is to be committed now: it was to be when it would be known what stands under its keys.
    ///
    /// # Errors
    /// A sentence, if it is another one than what was to be committed.
    pub fn ends_waiting(&mut self) -> Result<bool, String> {
        match self.waiting {
            Some(revision) if revision != self.revision => {
                self.waiting = None;
                Err("the transaction was edited before it could be committed; commit it again".to_owned())
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
        let checks = self
            .rows
            .iter()
            .filter(|row| row.kind == OperationKind::Check)
            .filter_map(|row| {
                Some(SentCheck {
                    row: row.id,
                    key: row.key()?.clone(),
                    versionstamp: row.versionstamp,
                })
            });
        self.committing = Some(Committing {
            ticket,
            checks: checks.collect(),
            written: self.written(),
        });
    }

    fn written(&self) -> Written {
        let mutations = self.rows.iter().filter(|row| row.kind != OperationKind::Check);
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
                    && at.versionstamp == *versionstamp
            };
            if self.rows.iter().any(is_same) {
                self.failed.push(*row);
            }
            self.states.insert(key.clone(), current);
        }
    }

    /// Checks, mutations and bytes of the transaction against what the database takes.
    #[must_use]
    pub fn meter(&self) -> Meter {
        Meter::of(&self.rows, self.limits)
    }
}

impl PanelModel for TransactionDraft {
    fn of(database: &dyn Database) -> Self {
        Self {
            limits: database.capabilities().limits,
            ..Self::default()
        }
    }

    fn take_wants(&mut self) -> Vec<Errand> {
        Self::take_wants(self)
    }

    fn take_change(&mut self, change: &ObservedChange) {
        self.looks_again |= self.concerns(&change.key);
    }

    fn catch_up(&mut self, _now: i64) {
        self.looks_again = true;
    }

    fn refresh(&mut self) {
        self.looks_again = true;
    }

    fn keep(&self, saved: &mut SavedSession) {
        saved.transaction = saved_session::save_transaction(self);
        saved.committed = self.committed().map(|stamp| stamp.to_string());
    }

    fn restore(&mut self, saved: &SavedSession) -> Vec<String> {
        saved_session::restore_transaction(self, saved);
        Vec::new()
    }

    fn fingerprint(&self, hasher: &mut DefaultHasher) {
        for row in &self.rows {
            (row.kind, &row.key_text, &row.value_text, row.versionstamp).hash(hasher);
        }
        self.committed().hash(hasher);
    }
}
