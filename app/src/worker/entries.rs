//! Gathers whole entries, of which rows of a transaction are made.

use std::sync::Arc;

use keyglass_store::key::KeyRange;
use keyglass_store::{Database, Entries, Entry};

use super::Answers;
use super::job::answer_from_thread;
use crate::errand::{Answer, EntriesError, ForEntries};

pub(super) fn spawn(
    database: &Arc<dyn Database>,
    answers: &Answers,
    ranges: Vec<KeyRange>,
    each: ForEntries,
    expired: bool,
) {
    let database = Arc::clone(database);
    answer_from_thread(
        "entries",
        answers,
        move |_| gather(&*database, ranges, expired),
        move |entries| Answer::Gathered { each, entries },
    );
}

fn gather(database: &dyn Database, ranges: Vec<KeyRange>, expired: bool) -> Result<Vec<Entry>, EntriesError> {
    let now = database.clock().now();
    let most = database.capabilities().limits.mutations;
    let snapshot = database.snapshot()?;
    let mut entries = Vec::new();
    for entry in Entries::of_snapshot(&*snapshot, ranges) {
        let entry = entry?;
        if entry.has_expired(now) && !expired {
            continue;
        }
        if entries.len() == most {
            return Err(EntriesError::TooMany(most));
        }
        entries.push(entry);
    }
    Ok(entries)
}
