//! Asks the database what it can do, and locks it. Nothing else keeps this thread, so that it is locked at once.

use std::sync::Arc;

use crossbeam_channel::Receiver;
use keyglass_store::Database;

use super::lane::spawn_lane;
use super::{Answers, Asked};
use crate::errand::{Access, Answer};
use crate::threads::NoThread;

pub(super) fn spawn(
    database: Arc<dyn Database>,
    asked: Receiver<Asked<Access>>,
    answers: Answers,
) -> Result<(), NoThread> {
    spawn_lane(&answers.clone(), "gatekeeper", asked, move |errand| {
        let result = match errand {
            Access::Look => Ok(()),
            Access::Lock => database.set_writable(false),
        };
        let capabilities = Box::new(database.capabilities());
        answers.answer(Answer::Access {
            capabilities,
            owner: database.owner(),
            result,
        });
    })
}
