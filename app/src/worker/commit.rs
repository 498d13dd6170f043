//! Commits, and finds out what stood under the keys before, so that the commit can be undone.

use keyglass_store::database::Database;
use keyglass_store::key::EncodedKey;
use keyglass_store::{AtomicOperation, CommitError, CommitOutcome, DatabaseError};

use crate::errand::States;

/// How often a commit is tried that others are faster than.
const ATTEMPTS: usize = 5;

/// Commits an operation. What stood under its keys is read first, and checked with the commit, so that it is what
/// the commit replaced; it is not told where that takes too many checks or tries.
pub(super) fn commit(
    database: &dyn Database,
    operation: AtomicOperation,
) -> (Result<CommitOutcome, CommitError>, Option<States>) {
    let mut keys: Vec<EncodedKey> = operation
        .mutations
        .iter()
        .map(|mutation| mutation.key.clone())
        .collect();
    keys.sort();
    keys.dedup();
    let num_own = operation.checks.len();
    for _ in 0..ATTEMPTS {
        let Some((guarded, before)) = guard(database, &operation, &keys) else {
            break;
        };
        match database.commit(guarded) {
            Ok(CommitOutcome::Conflict(mut failed)) => {
                let any = !failed.is_empty();
                failed.retain(|check| check.index < num_own);
                if !any || !failed.is_empty() {
                    return (Ok(CommitOutcome::Conflict(failed)), None);
                }
            }
            Ok(committed) => return (Ok(committed), Some(before)),
            // Nothing was tried, and the further checks may be what it is too large with.
            Err(CommitError::Refused(DatabaseError::Limit(_))) => break,
            Err(error) => return (Err(error), None),
        }
    }
    (database.commit(operation), None)
}

/// The operation with a check of what stands under each key that it does not check itself, and what that is.
fn guard(
    database: &dyn Database,
    operation: &AtomicOperation,
    keys: &[EncodedKey],
) -> Option<(AtomicOperation, States)> {
    let before = database.get_many(keys).ok()?;
    let mut guarded = operation.clone();
    for (key, entry) in keys.iter().zip(&before) {
        let stamp = entry.as_ref().map(|entry| entry.versionstamp);
        let own = operation.checks.iter().find(|check| check.key == *key);
        match own {
            None => guarded = guarded.check(key.clone(), stamp),
            // It fails, or what was read is of the past.
            Some(check) if check.versionstamp != stamp => return None,
            Some(_) => {}
        }
    }
    let fits = guarded.checks.len() <= database.capabilities().limits.checks;
    fits.then(|| (guarded, keys.iter().cloned().zip(before).collect()))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use keyglass_store::Entry;
    use keyglass_store::embedded::Store;

    use super::*;
    use crate::model::draft::{parse_key, parse_value};

    fn set(key: &str, value: &str) -> AtomicOperation {
        AtomicOperation::new().set(parse_key(key).unwrap(), parse_value(value).unwrap())
    }

    fn text(entry: &Option<Entry>) -> Option<String> {
        entry
            .as_ref()
            .map(|entry| entry.value.decode().unwrap().to_string())
    }

    #[test]
    fn a_commit_without_checks_tells_what_it_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::create(folder.path().join("test.kg")).unwrap();
        let (outcome, before) = commit(&store, set(r#"["a"]"#, "1"));
        assert!(matches!(outcome, Ok(CommitOutcome::Committed(_))));
        assert_eq!(before.unwrap()[0].1, None);
        let (_, before) = commit(
            &store,
            set(r#"["a"]"#, "2").delete(parse_key(r#"["b"]"#).unwrap()),
        );
        let before = before.unwrap();
        assert_eq!(text(&before[0].1).unwrap(), "1");
        assert_eq!(before[1].1, None);
    }

    #[test]
    fn a_check_that_fails_is_told_by_its_own_index() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::create(folder.path().join("test.kg")).unwrap();
        commit(&store, set(r#"["a"]"#, "1")).0.unwrap();
        let operation = set(r#"["b"]"#, "1").check(parse_key(r#"["a"]"#).unwrap(), None);
        let (outcome, before) = commit(&store, operation);
        let Ok(CommitOutcome::Conflict(failed)) = outcome else {
            panic!("{outcome:?}")
        };
        assert_eq!(failed.len(), 1);
        assert_eq!(failed[0].index, 0);
        assert_eq!(before, None);
    }

    #[test]
    fn what_is_told_is_what_was_replaced_also_while_others_write() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::create(folder.path().join("test.kg")).unwrap();
        let stopped = AtomicBool::new(false);
        let told = std::thread::scope(|scope| {
            scope.spawn(|| {
                while !stopped.load(Ordering::Relaxed) {
                    store.commit(set(r#"["a"]"#, "0")).unwrap();
                    std::thread::yield_now();
                }
            });
            let mut told = 0;
            for _ in 0..100 {
                let (outcome, before) = commit(&store, set(r#"["a"]"#, "1"));
                let Ok(CommitOutcome::Committed(mark)) = outcome else {
                    panic!("{outcome:?}")
                };
                // No commit lies between the one that is told and ours.
                if let Some((_, Some(entry))) = before.and_then(|mut before| before.pop()) {
                    assert_eq!(entry.versionstamp.counter() + 1, mark.counter());
                    told += 1;
                }
            }
            stopped.store(true, Ordering::Relaxed);
            told
        });
        assert!(told > 0);
    }
}
