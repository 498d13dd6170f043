//! Undo of commits made here: each keeps its inverse, guarded by the versionstamps that it wrote.

use std::collections::BTreeMap;
use std::path::PathBuf;

use keyglass_store::atomic::{AtomicOperation, CommitOutcome, MutationKind};
use keyglass_store::key::EncodedKey;
use keyglass_store::{Entry, Versionstamp};

/// Commits that can be undone.
const UNDO_LIMIT: usize = 100;

/// A commit that can be undone.
#[derive(Debug, Clone, PartialEq)]
pub struct UndoStep {
    /// Names it.
    pub id: u64,
    /// What was done, such as `Saved ["users", "ada"]`.
    pub label: String,
    /// What undoes it.
    pub inverse: Inverse,
}

/// What undoes something.
#[derive(Debug, Clone, PartialEq)]
pub enum Inverse {
    /// A guarded commit.
    Commit(AtomicOperation),
    /// The import of a file that was written before; keys that exist again stay as they are.
    Import(PathBuf),
}

/// The commits of this run that can be undone, oldest first.
#[derive(Debug, Default)]
pub struct UndoList {
    steps: Vec<UndoStep>,
    next_id: u64,
}

impl UndoList {
    /// Notes a commit; its number, if it can be undone.
    pub fn push(&mut self, label: String, inverse: Option<Inverse>) -> Option<u64> {
        let inverse = inverse?;
        let id = self.next_id;
        self.next_id += 1;
        if self.steps.len() == UNDO_LIMIT {
            self.steps.remove(0);
        }
        self.steps.push(UndoStep { id, label, inverse });
        Some(id)
    }

    /// The newest commit that can be undone.
    #[must_use]
    pub fn newest(&self) -> Option<&UndoStep> {
        self.steps.last()
    }

    /// A commit by its number.
    #[must_use]
    pub fn step(&self, id: u64) -> Option<&UndoStep> {
        self.steps.iter().find(|step| step.id == id)
    }

    /// Forgets a commit that was undone, or that cannot be any more.
    pub fn remove(&mut self, id: u64) {
        self.steps.retain(|step| step.id != id);
    }
}

/// What undoes a commit, given what stood under its keys before. `None` if that is not known for every key.
#[must_use]
pub fn inverse(
    operation: &AtomicOperation,
    before: &[(EncodedKey, Option<Entry>)],
    outcome: &CommitOutcome,
) -> Option<AtomicOperation> {
    let CommitOutcome::Committed(versionstamp) = outcome else {
        return None;
    };
    // What the commit left under each key: its own stamp, or nothing.
    let mut left: BTreeMap<&EncodedKey, Option<Versionstamp>> = BTreeMap::new();
    for mutation in &operation.mutations {
        let stamp = match mutation.kind {
            MutationKind::Delete => None,
            MutationKind::SetSuffixVersionstampedKey { .. } => return None,
            _ => Some(*versionstamp),
        };
        left.insert(&mutation.key, stamp);
    }
    if left.is_empty() || !operation.enqueues.is_empty() {
        return None;
    }
    left.into_iter()
        .try_fold(AtomicOperation::new(), |inverse, (key, stamp)| {
            let (_, entry) = before.iter().find(|(known, _)| known == key)?;
            let inverse = inverse.check(key.clone(), stamp);
            Some(match entry {
                Some(entry) => inverse.set_expiring(key.clone(), entry.value.clone(), entry.expires_at),
                None => inverse.delete(key.clone()),
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::draft::{parse_key, parse_value};

    #[test]
    fn an_inverse_restores_value_and_expiry_and_is_guarded() {
        let (a, b) = (parse_key(r#"["a"]"#).unwrap(), parse_key(r#"["b"]"#).unwrap());
        let old = Entry {
            key: a.clone(),
            value: parse_value("1").unwrap(),
            versionstamp: Versionstamp::from_counter(3),
            expires_at: Some(50),
        };
        let operation = AtomicOperation::new()
            .delete(a.clone())
            .set(b.clone(), parse_value("2").unwrap());
        let stamp = Versionstamp::from_counter(4);
        let before = [(a.clone(), Some(old.clone())), (b.clone(), None)];
        let undone = inverse(&operation, &before, &CommitOutcome::Committed(stamp)).unwrap();
        let expected = AtomicOperation::new()
            .check(a.clone(), None)
            .check(b.clone(), Some(stamp))
            .set_expiring(a, old.value, Some(50))
            .delete(b);
        assert_eq!(undone.checks, expected.checks);
        assert_eq!(undone.mutations, expected.mutations);
        assert_eq!(
            inverse(&operation, &before[..1], &CommitOutcome::Committed(stamp)),
            None
        );
        assert_eq!(
            inverse(&operation, &before, &CommitOutcome::Conflict(Vec::new())),
            None
        );
    }
}
