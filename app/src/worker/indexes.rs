//! Looks at the secondary indexes of records.

use std::sync::Arc;

use keyglass_store::indexes::{self, records_of, set_with_indexes};
use keyglass_store::{AtomicOperation, Database, EncodedKey, StoredValue};

use super::Answers;
use super::job::{self, JobProgress, answer_from_thread};
use crate::deletion::Step;
use crate::errand::{Answer, CheckedIndexes, EntriesError, IndexedSet, JobError};

/// Works out which rows set a record with the entries of its indexes.
pub(super) fn spawn_rows(database: &Arc<dyn Database>, answers: &Answers, set: IndexedSet) {
    let database = Arc::clone(database);
    let key = set.key.clone();
    answer_from_thread(
        "indexes",
        answers,
        move |_| rows(&*database, &set),
        move |rows| Answer::IndexRows { key, rows },
    );
}

fn rows(database: &dyn Database, set: &IndexedSet) -> Result<(usize, AtomicOperation), EntriesError> {
    let IndexedSet {
        key,
        value,
        expires_at,
    } = set;
    let found = match records_of(key) {
        Some(records) => indexes::find(database, &records)?,
        None => Vec::new(),
    };
    let before = database.get(key)?;
    let of = |stored: &StoredValue| -> Vec<EncodedKey> {
        let entries = found.iter().filter_map(|index| index.entry_of(key, stored));
        entries.map(|(key, _)| key).collect()
    };
    // What stands under the keys is read in one go, now that it is known which ones matter.
    let mut keys = of(value);
    keys.extend(before.iter().flat_map(|entry| of(&entry.value)));
    let entries = database.get_many(&keys)?;
    let standing = |wanted: &EncodedKey| {
        if wanted == key {
            return before.clone();
        }
        let at = keys.iter().position(|known| known == wanted)?;
        entries.get(at).cloned().flatten()
    };
    let operation = set_with_indexes(&found, key, value, *expires_at, standing);
    Ok((found.len(), operation))
}

/// Goes through records and their indexes.
pub(super) fn check(
    database: &Arc<dyn Database>,
    answers: &Answers,
    job: u64,
    records: EncodedKey,
) -> Arc<JobProgress> {
    let of = records.clone();
    job::spawn(
        "check indexes",
        database,
        answers,
        move |database, step| look(database, &of, step),
        move |checked| Answer::IndexesChecked {
            job,
            records,
            checked,
        },
    )
}

fn look(database: &dyn Database, records: &EncodedKey, step: Step<'_>) -> Result<CheckedIndexes, JobError> {
    let found = indexes::find(database, records)?;
    let report = indexes::check(database, &found, step)?;
    Ok(CheckedIndexes {
        indexes: found,
        report,
    })
}
