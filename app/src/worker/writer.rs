//! Commits, one after the other, and allows or forbids that.

use std::sync::Arc;

use crossbeam_channel::Receiver;
use keyglass_store::Database;

use super::lane::spawn_lane;
use super::{Answers, Asked, commit};
use crate::errand::{Answer, SetRules, SetRulesError, Write};
use crate::threads::NoThread;

pub(super) fn spawn(
    database: Arc<dyn Database>,
    asked: Receiver<Asked<Write>>,
    answers: Answers,
) -> Result<(), NoThread> {
    spawn_lane(&answers.clone(), "writer", asked, move |errand| match errand {
        Write::Commit { ticket, operation } => {
            let (outcome, before) = commit::commit(&*database, operation);
            answers.answer(Answer::Committed {
                ticket,
                outcome,
                before,
            });
        }
        Write::SetRules(asked) => {
            let result = set_rules(&*database, &asked);
            answers.answer(Answer::RulesSet { asked, result });
        }
        Write::Unlock { copy_to } => {
            let copied = copy_to.as_ref().map_or(Ok(()), |path| database.back_up(path));
            let result = copied.and_then(|()| database.set_writable(true));
            answers.answer(Answer::Unlocked { copy_to, result });
        }
    })
}

/// Sets other rules of the history, if the database has those that were seen.
fn set_rules(database: &dyn Database, asked: &SetRules) -> Result<(), SetRulesError> {
    if database.history()? != asked.seen {
        return Err(SetRulesError::Changed);
    }
    Ok(database.set_history(asked.chosen.clone())?)
}
