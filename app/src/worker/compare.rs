//! Compares a database with another one.

use std::sync::Arc;

use keyglass_store::transfer::compare::{CompareOptions, Difference, compare, side_of};
use keyglass_store::{Database, Entry, KeyRange};

use super::Answers;
use super::job::{JobProgress, spawn};
use crate::deletion::Step;
use crate::errand::{
    Answer, CompareChoice, ComparedDatabases, JobError, KEPT_BYTES, KEPT_DIFFERENCES, OpenDatabase,
};
use crate::model::comparison::DifferenceKind;

pub(super) fn spawn_comparison(
    database: &Arc<dyn Database>,
    answers: &Answers,
    job: u64,
    choice: CompareChoice,
    other: OpenDatabase,
) -> Arc<JobProgress> {
    spawn(
        "compare",
        database,
        answers,
        move |database, step| differences(database, &*other.0, &choice, step).map(Box::new),
        move |compared| Answer::DatabasesCompared { job, compared },
    )
}

fn differences(
    here: &dyn Database,
    there: &dyn Database,
    choice: &CompareChoice,
    step: Step<'_>,
) -> Result<ComparedDatabases, JobError> {
    let range = match choice.prefix.as_bytes() {
        [] => KeyRange::everything(),
        _ => KeyRange::below(&choice.prefix),
    };
    let tells_expiry = [here, there].map(|database| database.capabilities().expiry);
    let options = CompareOptions {
        now: here.clock().now(),
        expired: false,
        form: true,
        expiry: tells_expiry == [true; 2],
    };
    let (mut kept, mut bytes, mut expiry_only) = (Vec::new(), 0, 0);
    let report = compare(
        side_of(here, range.clone())?,
        side_of(there, range)?,
        &options,
        &mut |difference| {
            let size = size(&difference);
            expiry_only += u64::from(is_expiry_only(&difference));
            if kept.len() < KEPT_DIFFERENCES && bytes + size <= KEPT_BYTES {
                bytes += size;
                kept.push(Arc::new(difference));
            } else {
                // What is kept is the beginning, without gaps.
                bytes = KEPT_BYTES;
            }
            Ok(())
        },
        &mut |at| step(at.entries),
    )?;
    Ok(ComparedDatabases {
        report,
        expiry_only,
        differences: kept,
        tells_expiry,
    })
}

fn is_expiry_only(difference: &Difference) -> bool {
    DifferenceKind::of(difference) == DifferenceKind::Expiry
}

/// Bytes of keys and values.
fn size(difference: &Difference) -> usize {
    let of = |entry: &Entry| entry.key.as_bytes().len() + entry.value.bytes.len();
    match difference {
        Difference::Added(entry) | Difference::Removed(entry) => of(entry),
        Difference::Changed { before, after, .. } => of(before) + of(after),
    }
}
