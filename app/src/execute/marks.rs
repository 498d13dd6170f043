//! What databases are marked with.

use crate::app::App;
use crate::dialog::Dialog;
use crate::model::database_id::DatabaseId;
use crate::model::mark::{Mark, MarkDraft};

impl App {
    /// Asks what to mark a database with.
    pub(super) fn ask_mark(&mut self, id: DatabaseId) {
        let Some(session) = self.sessions.get(id) else {
            return;
        };
        let facts = &session.models.facts;
        let mark = facts.mark().cloned();
        self.dialog = Some(Dialog::Mark(Box::new(MarkDraft {
            database: id,
            own_name: facts.own_name().to_owned(),
            has_mark: mark.is_some(),
            mark: mark.unwrap_or_default(),
        })));
    }

    /// Marks a database, or takes its mark off.
    pub(super) fn mark(&mut self, id: DatabaseId, mark: Option<Mark>) {
        self.dialog = None;
        if let Some(session) = self.sessions.get_mut(id) {
            let facts = &mut session.models.facts;
            self.state
                .marks
                .set(facts.id.as_ref(), &facts.location, mark.clone());
            facts.set_mark(mark);
        }
    }
}
