//! Changes of the queue: each a commit that does nothing to a message which was delivered or changed meanwhile.

use keyglass_store::database::{DatabaseKind, QueueMessage};
use keyglass_store::{AtomicOperation, Enqueue};

use super::Session;
use super::commit::Purpose;
use crate::format;
use crate::model::messages::{MessageDraft, MessageError, MessagePurpose};

impl Session {
    /// Makes the selected messages due now.
    pub fn deliver_messages(&mut self, now: i64) {
        self.change_messages("Made due now:", |message| {
            let due = Enqueue {
                due_at: now,
                ..message.content()
            };
            Some(due)
        });
    }

    /// Takes the selected messages out of the queue.
    pub fn cancel_messages(&mut self) {
        self.change_messages("Cancelled", |_message| None);
    }

    fn change_messages(&mut self, verb: &str, becomes: impl Fn(&QueueMessage) -> Option<Enqueue>) {
        let messages = self.models.messages.selected();
        if messages.is_empty() {
            return;
        }
        let operation = messages
            .iter()
            .fold(AtomicOperation::new(), |operation, message| {
                operation.change_message(message.clone().into_change(becomes(message)))
            });
        let label = format!("{verb} {}", number(messages.len()));
        self.commit(Purpose::Messages, label, operation);
    }

    /// Commits what was written for the queue. It comes back if that fails.
    ///
    /// # Errors
    /// Why it cannot be committed.
    pub fn commit_message(
        &mut self,
        draft: MessageDraft,
        now: i64,
    ) -> Result<(), (Box<MessageDraft>, MessageError)> {
        let operation = match draft.operation(now) {
            Ok(operation) => operation,
            Err(reason) => return Err((Box::new(draft), reason)),
        };
        let label = match &draft.purpose {
            MessagePurpose::New => "Queued a message".to_owned(),
            MessagePurpose::Edit(_) => "Edited a message".to_owned(),
            MessagePurpose::PutOff(messages) => format!("Put off {}", number(messages.len())),
            MessagePurpose::Again(entry) => format!("Queued {} again", entry.key),
        };
        let ticket = self.commit(Purpose::Messages, label, operation);
        self.models.messages.begin_commit(ticket, draft);
        Ok(())
    }

    /// What a person has to know of messages that another program is to deliver.
    pub(super) fn delivery_remark(&self, operation: &AtomicOperation) -> Option<String> {
        let is_for_deno = self.models.facts.capabilities.kind == DatabaseKind::DenoFile;
        let changed = operation.message_changes.iter();
        let is_queued =
            !operation.enqueues.is_empty() || changed.into_iter().any(|change| change.becomes.is_some());
        (is_for_deno && is_queued).then(|| {
            "A Deno that runs looks once a minute for messages that it does not know of, and delivers them then".to_owned()
        })
    }
}

fn number(messages: usize) -> String {
    match messages {
        1 => "a message".to_owned(),
        _ => format::counted(messages as u64, "message", "messages"),
    }
}
