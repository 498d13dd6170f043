//! Messages that are selected in the queue, and what is being written for the queue.

mod draft;

use std::ops::RangeInclusive;

use keyglass_store::database::{Database, QueueMessage, QueuePlace};
use keyglass_store::limits;

use super::panel::PanelModel;
pub use draft::{MessageDraft, MessageError, MessagePurpose};

/// Messages that are selected at most: as many as one commit changes.
const MOST: usize = limits::MUTATIONS;
/// Texts that are kept at most of dialogs that were closed; the oldest go first.
const KEPT: usize = 20;

/// The messages that commands are about, as they were shown last, and texts that wait.
#[derive(Debug, Default)]
pub struct MessagesModel {
    /// In the order of the queue.
    selected: Vec<QueueMessage>,
    /// What was being written when its dialog was closed.
    kept: Vec<MessageDraft>,
    /// What is being committed, by tickets.
    committing: Vec<(u64, MessageDraft)>,
    /// What could not be committed, to be shown again.
    returned: Vec<MessageDraft>,
}

impl MessagesModel {
    /// The selected messages, as they were shown last.
    #[must_use]
    pub fn selected(&self) -> &[QueueMessage] {
        &self.selected
    }

    /// Whether a message is selected.
    #[must_use]
    pub fn is_selected(&self, message: &QueueMessage) -> bool {
        self.selected.iter().any(|selected| selected.id == message.id)
    }

    /// Selects one message and no other.
    pub fn select(&mut self, message: QueueMessage) {
        self.selected = vec![message];
    }

    /// Selects messages besides those that are.
    pub fn select_too(&mut self, messages: impl IntoIterator<Item = QueueMessage>) {
        for message in messages {
            if !self.is_selected(&message) && self.selected.len() < MOST {
                self.selected.push(message);
            }
        }
        self.selected.sort_by_key(QueueMessage::place);
    }

    /// Selects a message, or not any more.
    pub fn toggle(&mut self, message: QueueMessage) {
        if self.is_selected(&message) {
            self.selected.retain(|selected| selected.id != message.id);
        } else {
            self.select_too([message]);
        }
    }

    /// Selects nothing.
    pub fn deselect(&mut self) {
        self.selected.clear();
    }

    /// Takes what is shown of the queue: these messages stand between these places, and no others. So a command is
    /// about what a person sees, and about none that is gone.
    pub fn see(&mut self, shown: &[&QueueMessage], between: &RangeInclusive<QueuePlace>) {
        for selected in &mut self.selected {
            if let Some(now) = shown.iter().find(|message| message.id == selected.id)
                && *selected != **now
            {
                selected.clone_from(now);
            }
        }
        self.selected.retain(|selected| {
            !between.contains(&selected.place()) || shown.iter().any(|message| message.id == selected.id)
        });
    }

    /// What was written for this before, and is not committed.
    pub fn take_kept(&mut self, purpose: &MessagePurpose) -> Option<MessageDraft> {
        let at = self.kept.iter().position(|kept| kept.purpose.is_same(purpose))?;
        Some(self.kept.remove(at))
    }

    /// Keeps what is being written while its dialog is closed.
    pub fn keep(&mut self, draft: MessageDraft) {
        self.kept.retain(|kept| !kept.purpose.is_same(&draft.purpose));
        if draft.is_edited() {
            self.kept.push(draft);
        }
        if self.kept.len() > KEPT {
            self.kept.remove(0);
        }
    }

    /// What was written is being committed.
    pub fn begin_commit(&mut self, ticket: u64, draft: MessageDraft) {
        self.committing.push((ticket, draft));
    }

    /// A commit has ended; without success what was written comes back.
    pub fn end_commit(&mut self, ticket: u64, refused: Option<&str>) {
        let Some(at) = self.committing.iter().position(|(running, _)| *running == ticket) else {
            return;
        };
        let (_, mut draft) = self.committing.remove(at);
        if let Some(reason) = refused {
            draft.refused = Some(reason.to_owned());
            self.returned.push(draft);
        }
    }

    /// What could not be committed, once.
    pub fn take_returned(&mut self) -> Option<MessageDraft> {
        self.returned.pop()
    }
}

impl PanelModel for MessagesModel {
    fn of(_database: &dyn Database) -> Self {
        Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(id: &str, due_at: i64) -> QueueMessage {
        QueueMessage {
            id: id.to_owned(),
            payload: Vec::new().into(),
            due_at,
            running: false,
            keys_if_undelivered: Vec::new(),
            backoff_schedule: Vec::new(),
        }
    }

    fn ids(model: &MessagesModel) -> Vec<&str> {
        model
            .selected()
            .iter()
            .map(|message| message.id.as_str())
            .collect()
    }

    #[test]
    fn what_is_selected_is_as_it_is_shown_and_goes_with_what_is_gone() {
        let mut model = MessagesModel::default();
        model.select(message("b", 2));
        model.select_too([message("a", 1), message("far", 9)]);
        assert_eq!(ids(&model), ["a", "b", "far"]);
        let (moved, other) = (message("b", 3), message("c", 4));
        let between = message("0", 0).place()..=other.place();
        model.see(&[&moved, &other], &between);
        assert_eq!(ids(&model), ["b", "far"]);
        assert_eq!(model.selected()[0].due_at, 3);
        model.toggle(moved);
        model.toggle(other);
        assert_eq!(ids(&model), ["c", "far"]);
    }

    #[test]
    fn no_more_is_selected_than_one_commit_changes() {
        let mut model = MessagesModel::default();
        model.select_too((0..1200).map(|number| message(&number.to_string(), number)));
        assert_eq!(model.selected().len(), MOST);
    }
}
