//! Counts what is selected or asked about, each on a thread of its own until it is cancelled.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use keyglass_store::DatabaseError;
use keyglass_store::database::{Counted, Database};
use keyglass_store::key::KeyRange;

use super::Answers;
use crate::errand::{Answer, ReadError};

/// How often a count that goes on says how far it is.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(100);

/// Begins a count. It ends when `cancelled` or `stopped` is set.
pub(super) fn spawn(
    database: &Arc<dyn Database>,
    answers: &Answers,
    stopped: &Arc<AtomicBool>,
    ticket: u64,
    ranges: Vec<KeyRange>,
    cancelled: Arc<AtomicBool>,
) {
    let (database, told, stopped) = (Arc::clone(database), answers.clone(), Arc::clone(stopped));
    let started = answers.spawn("tally", move || {
        let is_over = || stopped.load(Ordering::Acquire) || cancelled.load(Ordering::Acquire);
        let mut told_at = Instant::now();
        let counted = count(&*database, &ranges, &mut |counted| {
            if is_over() {
                return ControlFlow::Break(());
            }
            if told_at.elapsed() >= PROGRESS_INTERVAL {
                told_at = Instant::now();
                told.progress(Answer::Tallied {
                    ticket,
                    counted: Ok(counted),
                });
            }
            ControlFlow::Continue(())
        });
        if !is_over() {
            let counted = counted.map_err(ReadError::from);
            told.answer(Answer::Tallied { ticket, counted });
        }
    });
    if let Err(error) = started {
        answers.answer(Answer::Tallied {
            ticket,
            counted: Err(error.into()),
        });
    }
}

fn count(
    database: &dyn Database,
    ranges: &[KeyRange],
    progress: &mut dyn FnMut(Counted) -> ControlFlow<()>,
) -> Result<Counted, DatabaseError> {
    let mut sum = Counted::default();
    for range in ranges {
        let with = |counted: Counted| Counted {
            entries: sum.entries + counted.entries,
            expired: sum.expired + counted.expired,
            bytes: sum.bytes + counted.bytes,
            complete: false,
        };
        let counted = database.count(range, &mut |counted| progress(with(counted)))?;
        sum = with(counted);
        if !counted.complete || progress(sum).is_break() {
            return Ok(sum);
        }
    }
    sum.complete = true;
    Ok(sum)
}
