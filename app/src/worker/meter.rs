//! Tells what was asked of a server, and how that goes: retries and pauses come from no errand, so they are looked for.

use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use keyglass_store::Database;

use super::Answers;
use crate::errand::Answer;
use crate::threads::NoThread;

/// Between two looks, which read some numbers in memory.
const LOOK: Duration = Duration::from_millis(250);

/// Held as long as somebody wants to know.
pub(super) struct Meter {
    _held: Sender<()>,
}

/// Starts it, where the database counts what is asked of it.
pub(super) fn spawn(database: &Arc<dyn Database>, answers: &Answers) -> Result<Option<Meter>, NoThread> {
    if database.metered().is_none() {
        return Ok(None);
    }
    let (held, until) = bounded(0);
    let (database, told) = (Arc::downgrade(database), answers.clone());
    answers.spawn("meter", move || {
        let mut last = None;
        while let Some(database) = database.upgrade() {
            let metered = database.metered();
            drop(database);
            if let Some(metered) = &metered
                && last != Some(metered.clone())
            {
                told.progress(Answer::Metered(Box::new(metered.clone())));
            }
            last = metered;
            if has_ended(&until) {
                return;
            }
        }
    })?;
    Ok(Some(Meter { _held: held }))
}

/// Waits for the next look, or until nobody wants to know any more.
fn has_ended(until: &Receiver<()>) -> bool {
    !matches!(until.recv_timeout(LOOK), Err(RecvTimeoutError::Timeout))
}
