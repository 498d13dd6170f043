//! What is done to messages of the queue.

use crate::app::App;
use crate::dialog::Dialog;
use crate::errand::ForEntries;
use crate::model::database_id::DatabaseId;
use crate::model::messages::{MessageDraft, MessagePurpose};
use crate::model::middle::Middle;
use crate::model::subject::Subject;
use crate::model::target::Target;

impl App {
    /// Asks for a message, or when messages shall be due.
    pub(super) fn ask_message(&mut self, id: DatabaseId, purpose: MessagePurpose) {
        let Some(session) = self.sessions.get_mut(id) else {
            return;
        };
        let limits = session.models.facts.capabilities.limits;
        let kept = session.models.messages.take_kept(&purpose);
        let draft = MessageDraft::new(id, purpose, limits);
        let draft = match kept {
            Some(kept) => draft.resumed(kept),
            None => draft,
        };
        self.dialog = Some(Dialog::Message(Box::new(draft)));
    }

    /// Asks for what becomes of the message that is selected.
    pub(super) fn edit_message(&mut self, id: DatabaseId) {
        let session = self.sessions.get(id);
        if let Some([message]) = session.map(|session| session.models.messages.selected()) {
            let purpose = MessagePurpose::Edit(Box::new(message.clone()));
            self.ask_message(id, purpose);
        }
    }

    /// Asks when the selected messages shall be due.
    pub(super) fn put_off_messages(&mut self, id: DatabaseId) {
        if let Some(session) = self.sessions.get(id) {
            let messages = session.models.messages.selected().to_vec();
            self.ask_message(id, MessagePurpose::PutOff(messages));
        }
    }

    /// Asks how to queue the entry that is shown as a message again; several that are selected come into the transaction.
    pub(super) fn queue_again(&mut self, id: DatabaseId) {
        if let Some(session) = self.sessions.get_mut(id)
            && let Subject::Rows { keys, .. } = session.subject()
        {
            session.gather_rows(&Target::Selected(keys), ForEntries::Queue);
            self.state.show_transaction = true;
            return;
        }
        let entry = self
            .sessions
            .get(id)
            .and_then(|session| session.models.panel.entry().cloned());
        if let Some(entry) = entry {
            self.ask_message(id, MessagePurpose::Again(Box::new(entry)));
        }
    }

    /// Commits what was written; the dialog stays if it is wrong.
    pub(super) fn commit_message(&mut self, id: DatabaseId, draft: MessageDraft, now: i64) {
        self.dialog = None;
        let Some(session) = self.sessions.get_mut(id) else {
            return;
        };
        let is_new = matches!(draft.purpose, MessagePurpose::New | MessagePurpose::Again(_));
        match session.commit_message(draft, now) {
            Ok(()) if is_new => session.models.show(Middle::Queue),
            Ok(()) => {}
            Err((mut draft, reason)) => {
                draft.refused = Some(reason.to_string());
                self.dialog = Some(Dialog::Message(draft));
            }
        }
    }

    /// Closes the dialog and keeps what was written in it.
    pub(super) fn keep_message(&mut self, id: DatabaseId, draft: MessageDraft) {
        self.dialog = None;
        if let Some(session) = self.sessions.get_mut(id) {
            session.models.messages.keep(draft);
        }
    }

    /// Shows again what could not be committed.
    pub(crate) fn show_returned_messages(&mut self) {
        let returned = self
            .sessions
            .iter_mut()
            .filter_map(|session| session.models.messages.take_returned());
        let returned: Vec<MessageDraft> = returned.collect();
        for draft in returned {
            self.show_or_wait(Dialog::Message(Box::new(draft)));
        }
    }
}
