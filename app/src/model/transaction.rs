//! The transaction that is being composed.

use std::collections::HashMap;

use keyglass_store::atomic::{AtomicOperation, MutationKind};
use keyglass_store::key::EncodedKey;
use keyglass_store::{Entry, FailedCheck, StoredValue, Versionstamp, limits};

use super::draft::{parse_key, parse_value};
use crate::worker::Request;

/// What one row of a transaction does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum OperationKind {
    /// The key must still have a versionstamp, or be absent.
    Check,
    /// Stores a value.
    Set,
    /// Removes the key.
    Delete,
    /// Adds to a `KvU64`, a bigint or a number.
    Sum,
    /// Keeps the smaller `KvU64`.
    Min,
    /// Keeps the larger `KvU64`.
    Max,
}

impl OperationKind {
    /// All of them, in the order offered.
    pub const ALL: [Self; 6] = [
        Self::Check,
        Self::Set,
        Self::Delete,
        Self::Sum,
        Self::Min,
        Self::Max,
    ];

    /// Its name in Deno KV.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::Set => "set",
            Self::Delete => "delete",
            Self::Sum => "sum",
            Self::Min => "min",
            Self::Max => "max",
        }
    }

    /// Whether it takes a value.
    #[must_use]
    pub fn has_value(self) -> bool {
        !matches!(self, Self::Check | Self::Delete)
    }
}

/// One row of a transaction, as typed.
#[derive(Debug, Clone, PartialEq)]
pub struct OperationRow {
    /// Names the row while it exists.
    pub id: u64,
    /// What it does.
    pub kind: OperationKind,
    /// The key's text.
    pub key_text: String,
    /// The value's text, where the kind takes one.
    pub value_text: String,
    /// What a check expects; `None` is absent.
    pub versionstamp: Option<Versionstamp>,
    key: Result<EncodedKey, String>,
    value: Result<StoredValue, String>,
}

impl OperationRow {
    /// Reads the texts again. To be called after an edit.
    pub fn parse(&mut self) {
        self.key = parse_key(&self.key_text);
        self.value = parse_value(&self.value_text).map_err(|failure| failure.to_string());
        if matches!(
            self.kind,
            OperationKind::Sum | OperationKind::Min | OperationKind::Max
        ) && let Ok(value) = &self.value
            && self.kind != OperationKind::Sum
            && value.encoding != keyglass_store::Encoding::Le64
        {
            self.value = Err(format!(
                "{} takes a KvU64, such as new Deno.KvU64(1n)",
                self.kind.name()
            ));
        }
    }

    /// The key, if its text is one.
    #[must_use]
    pub fn key(&self) -> Option<&EncodedKey> {
        self.key.as_ref().ok()
    }

    /// What is wrong with the row, if anything.
    #[must_use]
    pub fn problem(&self) -> Option<&str> {
        let value = if self.kind.has_value() {
            self.value.as_ref().err()
        } else {
            None
        };
        self.key.as_ref().err().or(value).map(String::as_str)
    }
}

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

/// The transaction that is being composed.
#[derive(Debug, Default)]
pub struct TransactionDraft {
    /// The rows, in order.
    pub rows: Vec<OperationRow>,
    /// The ticket of the commit, while it runs.
    pub committing: Option<u64>,
    /// Rows whose check failed at the last commit.
    pub failed: Vec<u64>,
    /// The versionstamp of the last commit.
    pub committed: Option<Versionstamp>,
    states: HashMap<EncodedKey, Option<Entry>>,
    next_id: u64,
    wants: Vec<Request>,
}

impl TransactionDraft {
    /// Adds a row at the end.
    pub fn add(&mut self, kind: OperationKind, key_text: String, value_text: String) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        let mut row = OperationRow {
            id,
            kind,
            key_text,
            value_text,
            versionstamp: None,
            key: Err(String::new()),
            value: Err(String::new()),
        };
        row.parse();
        self.rows.push(row);
        self.committed = None;
        self.look();
        id
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
    }

    /// Moves a row up or down by one.
    pub fn shift(&mut self, id: u64, down: bool) {
        let Some(at) = self.rows.iter().position(|row| row.id == id) else {
            return;
        };
        let other = if down { at + 1 } else { at.wrapping_sub(1) };
        if other < self.rows.len() {
            self.rows.swap(at, other);
        }
    }

    /// Removes all rows.
    pub fn clear(&mut self) {
        self.rows.clear();
        self.failed.clear();
        self.committed = None;
    }

    /// What the worker shall do.
    pub fn take_wants(&mut self) -> Vec<Request> {
        std::mem::take(&mut self.wants)
    }

    /// Asks what stands under the keys now.
    pub fn look(&mut self) {
        let mut keys: Vec<EncodedKey> = self.rows.iter().filter_map(|row| row.key().cloned()).collect();
        keys.sort();
        keys.dedup();
        if !keys.is_empty() {
            self.wants.push(Request::States { keys });
        }
    }

    /// Takes what stands under the keys.
    pub fn apply_states(&mut self, states: Vec<(EncodedKey, Option<Entry>)>) {
        self.states = states.into_iter().collect();
    }

    /// Whether a change of this key matters to the transaction.
    #[must_use]
    pub fn concerns(&self, key: &EncodedKey) -> bool {
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

    /// The operation to commit. A set keeps the expiry that the key has now.
    ///
    /// # Errors
    /// A sentence that names the first row that cannot be committed.
    pub fn operation(&self) -> Result<AtomicOperation, String> {
        let mut operation = AtomicOperation::new();
        for (index, row) in self.rows.iter().enumerate() {
            if let Some(problem) = row.problem() {
                return Err(format!("Row {} ({}): {problem}", index + 1, row.kind.name()));
            }
            let (Ok(key), value) = (&row.key, &row.value) else {
                continue;
            };
            let key = key.clone();
            let expires_at = self.state(row).flatten().and_then(|entry| entry.expires_at);
            operation = match (row.kind, value) {
                (OperationKind::Check, _) => operation.check(key, row.versionstamp),
                (OperationKind::Delete, _) => operation.delete(key),
                (OperationKind::Set, Ok(value)) => operation.set_expiring(key, value.clone(), expires_at),
                (OperationKind::Sum, Ok(operand)) => operation.mutate(
                    key,
                    MutationKind::Sum {
                        operand: operand.clone(),
                        min: None,
                        max: None,
                        clamp: false,
                    },
                ),
                (OperationKind::Min, Ok(operand)) => {
                    operation.mutate(key, MutationKind::Min(operand.clone()))
                }
                (OperationKind::Max, Ok(operand)) => {
                    operation.mutate(key, MutationKind::Max(operand.clone()))
                }
                (_, Err(_)) => operation,
            };
        }
        Ok(operation)
    }

    /// Takes the checks that failed: their rows are marked, and what stands there is known.
    pub fn apply_conflict(&mut self, failed: Vec<FailedCheck>) {
        let checks: Vec<(u64, Option<EncodedKey>)> = self
            .rows
            .iter()
            .filter(|row| row.kind == OperationKind::Check)
            .map(|row| (row.id, row.key().cloned()))
            .collect();
        self.failed.clear();
        for FailedCheck { index, current } in failed {
            if let Some((id, Some(key))) = checks.get(index) {
                self.failed.push(*id);
                self.states.insert(key.clone(), current);
            }
        }
    }

    /// Checks, mutations and bytes of the transaction against Deno's limits.
    #[must_use]
    pub fn meter(&self) -> Meter {
        let mut meter = Meter::default();
        for row in &self.rows {
            let key = row.key().map_or(0, |key| key.as_bytes().len());
            let value = row.value.as_ref().map_or(0, |value| value.bytes.len());
            match row.kind {
                OperationKind::Check => meter.checks += 1,
                _ => meter.mutations += 1,
            }
            meter.bytes += key;
            if row.kind.has_value() {
                // Deno counts the key of such a mutation twice.
                meter.bytes += key + value;
            }
        }
        meter
    }
}

/// How much of Deno's limits a transaction takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Meter {
    /// Of [`limits::CHECKS`].
    pub checks: usize,
    /// Of [`limits::MUTATIONS`].
    pub mutations: usize,
    /// Of [`limits::COMMIT_BYTES`].
    pub bytes: usize,
}

impl Meter {
    /// Whether it fits.
    #[must_use]
    pub fn fits(self) -> bool {
        self.checks <= limits::CHECKS
            && self.mutations <= limits::MUTATIONS
            && self.bytes <= limits::COMMIT_BYTES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(key: &str, counter: u64) -> Entry {
        Entry {
            key: parse_key(key).unwrap(),
            value: parse_value("1").unwrap(),
            versionstamp: Versionstamp::from_counter(counter),
            expires_at: Some(99),
        }
    }

    #[test]
    fn rows_become_an_operation_in_their_order_and_a_set_keeps_the_expiry() {
        let mut draft = TransactionDraft::default();
        let a = parse_key(r#"["a"]"#).unwrap();
        draft.add_check(&a, Some(Versionstamp::from_counter(4)));
        draft.add(OperationKind::Set, r#"["a"]"#.to_owned(), "{x: 1}".to_owned());
        draft.add(OperationKind::Delete, r#"["b"]"#.to_owned(), String::new());
        draft.apply_states(vec![(a.clone(), Some(entry(r#"["a"]"#, 4)))]);
        let expected = AtomicOperation::new()
            .check(a.clone(), Some(Versionstamp::from_counter(4)))
            .set_expiring(a, parse_value("{x: 1}").unwrap(), Some(99))
            .delete(parse_key(r#"["b"]"#).unwrap());
        assert_eq!(draft.operation(), Ok(expected));
        assert_eq!(draft.meter().checks, 1);
        assert_eq!(draft.meter().mutations, 2);
    }

    #[test]
    fn a_check_shows_whether_it_holds_and_can_be_rebased() {
        let mut draft = TransactionDraft::default();
        let a = parse_key(r#"["a"]"#).unwrap();
        draft.add_check(&a, Some(Versionstamp::from_counter(4)));
        assert_eq!(draft.check_state(&draft.rows[0]), CheckState::Unknown);
        assert!(matches!(&draft.take_wants()[..], [Request::States { keys }] if *keys == [a.clone()]));
        draft.apply_conflict(vec![FailedCheck {
            index: 0,
            current: Some(entry(r#"["a"]"#, 5)),
        }]);
        assert_eq!(draft.failed, [draft.rows[0].id]);
        assert_eq!(draft.check_state(&draft.rows[0]), CheckState::Fails);
        draft.rebase();
        assert_eq!(draft.check_state(&draft.rows[0]), CheckState::Passes);
        assert!(draft.failed.is_empty());
    }

    #[test]
    fn a_row_that_cannot_be_committed_is_named() {
        let mut draft = TransactionDraft::default();
        draft.add(OperationKind::Delete, r#"["a"]"#.to_owned(), String::new());
        draft.add(OperationKind::Min, r#"["a"]"#.to_owned(), "1".to_owned());
        assert_eq!(
            draft.operation(),
            Err("Row 2 (min): min takes a KvU64, such as new Deno.KvU64(1n)".to_owned())
        );
    }

    #[test]
    fn rows_move_and_go() {
        let mut draft = TransactionDraft::default();
        let first = draft.add(OperationKind::Delete, r#"["a"]"#.to_owned(), String::new());
        let second = draft.add(OperationKind::Delete, r#"["b"]"#.to_owned(), String::new());
        draft.shift(first, true);
        draft.shift(first, true);
        assert_eq!(
            draft.rows.iter().map(|row| row.id).collect::<Vec<_>>(),
            [second, first]
        );
        draft.remove(second);
        assert_eq!(draft.rows.len(), 1);
    }
}
