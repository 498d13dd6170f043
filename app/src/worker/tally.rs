//! Counts what is selected, one request after the other, each until it is cancelled.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;
use keyglass_store::database::{Counted, Database};
use keyglass_store::key::KeyRange;

use super::{Replies, Reply, Request};

/// How often a count that goes on says how far it is.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(100);

pub(super) fn spawn(
    database: Arc<dyn Database>,
    requests: Receiver<Request>,
    replies: Replies,
    stopped: Arc<AtomicBool>,
) -> Result<(), String> {
    super::spawn("tally", move || {
        for request in requests {
            let Request::Tally {
                ticket,
                ranges,
                cancelled,
            } = request
            else {
                continue;
            };
            let is_over = || stopped.load(Ordering::Acquire) || cancelled.load(Ordering::Acquire);
            let mut told = Instant::now();
            let counted = count(&*database, &ranges, &mut |counted| {
                if is_over() {
                    return ControlFlow::Break(());
                }
                if told.elapsed() >= PROGRESS_INTERVAL {
                    told = Instant::now();
                    replies.progress(Reply::Tallied {
                        ticket,
                        counted: Ok(counted),
                    });
                }
                ControlFlow::Continue(())
            });
            if !is_over() {
                replies.answer(Reply::Tallied { ticket, counted });
            }
        }
    })
}

fn count(
    database: &dyn Database,
    ranges: &[KeyRange],
    progress: &mut dyn FnMut(Counted) -> ControlFlow<()>,
) -> Result<Counted, String> {
    let mut sum = Counted::default();
    for range in ranges {
        let with = |counted: Counted| Counted {
            entries: sum.entries + counted.entries,
            bytes: sum.bytes + counted.bytes,
            complete: false,
        };
        let counted = database
            .count(range, &mut |counted| progress(with(counted)))
            .map_err(|error| error.to_string())?;
        sum = with(counted);
        if !counted.complete || progress(sum).is_break() {
            return Ok(sum);
        }
    }
    sum.complete = true;
    Ok(sum)
}
