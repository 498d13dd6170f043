//! What is done with the earlier versions of the entry that is shown.

use crate::action::HistoryAction;
use crate::app::App;
use crate::model::database_id::DatabaseId;

impl App {
    /// Does something with the history of an entry.
    pub(super) fn execute_on_history(&mut self, id: DatabaseId, action: HistoryAction, now: i64) {
        let Some(session) = self.sessions.get_mut(id) else {
            return;
        };
        match action {
            HistoryAction::Toggle => {
                let shows = !(session.models.past.is_open() && self.state.show_entry);
                session.models.past.set_open(shows);
                self.state.show_entry = true;
            }
            HistoryAction::More => session.models.past.read_more(),
            HistoryAction::Open(moment) => session.models.past.open(moment),
            HistoryAction::CompareWithNow(with_now) => session.models.past.compare_with_now(with_now),
            HistoryAction::Restore(moment) => {
                if let Err(reason) = session.restore_version(moment, now) {
                    self.notices.error(format!("Not restored: {reason}"), now);
                }
            }
            HistoryAction::AddToTransaction(moment) => match session.add_version(moment, now) {
                Ok(()) => self.state.show_transaction = true,
                Err(reason) => self.notices.error(format!("Nothing was added: {reason}"), now),
            },
        }
    }
}
