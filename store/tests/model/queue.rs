//! The queue of the model.

use keyglass_store::{AtomicOperation, Enqueue, QueueMessage};

use crate::steps::{Fate, QueueStep, Seen, key};
use crate::world::World;

impl World {
    /// A message that differs from all others.
    pub fn message(&mut self, due_in: i64) -> Enqueue {
        self.num_payloads += 1;
        let number = self.num_payloads;
        Enqueue {
            payload: number.to_le_bytes().to_vec().into(),
            due_at: self.engine.time(self.now() + due_in),
            keys_if_undelivered: (0..number as usize % 3).map(key).collect(),
            backoff_schedule: Some((0..number % 6).collect()),
        }
    }

    /// Adds what is to become of the queue to an operation; the messages afterwards, and which changes fail.
    pub fn plan_queue(
        &mut self,
        steps: &[QueueStep],
        mut operation: AtomicOperation,
    ) -> (AtomicOperation, Vec<Enqueue>, Vec<usize>) {
        if !self.engine.shows_all() {
            return (operation, Vec::new(), Vec::new());
        }
        let there = self.store().queue(usize::MAX).unwrap();
        let mut messages = self.messages.clone();
        let mut failed = Vec::new();
        let mut queued = Vec::new();
        for step in steps {
            match step {
                QueueStep::Enqueue(due_in) => queued.push(self.message(*due_in)),
                QueueStep::Change(at, seen, fate) => {
                    let Some(message) = there.get(at % there.len().max(1)) else {
                        continue;
                    };
                    let becomes = match fate {
                        Fate::Gone => None,
                        Fate::Due(due_in) => Some(Enqueue {
                            due_at: self.engine.time(self.now() + due_in),
                            ..message.content()
                        }),
                        Fate::Edited => Some(self.message(7)),
                    };
                    let mut change = message.clone().into_change(becomes);
                    match seen {
                        Seen::Named => {}
                        Seen::Nameless => change.id = None,
                        Seen::Otherwise => change.seen.payload = vec![255; 5].into(),
                    }
                    match messages.iter().position(|message| *message == change.seen) {
                        Some(at) => {
                            messages.remove(at);
                            messages.extend(change.becomes.clone());
                        }
                        None => failed.push(operation.message_changes.len()),
                    }
                    operation = operation.change_message(change);
                }
            }
        }
        messages.extend(queued.iter().cloned());
        operation = queued.into_iter().fold(operation, AtomicOperation::enqueue);
        (operation, messages, failed)
    }

    pub fn compare_queue(&self) {
        let found = self.store().queue(usize::MAX).unwrap();
        assert!(found.is_sorted_by_key(QueueMessage::place));
        let by_payload = |messages: &mut Vec<Enqueue>| messages.sort_by_key(|it| it.payload.clone());
        let mut contents: Vec<_> = found.iter().map(QueueMessage::content).collect();
        let mut expected = self.messages.clone();
        by_payload(&mut contents);
        by_payload(&mut expected);
        assert_eq!(contents, expected);
        let mut paged: Vec<QueueMessage> = Vec::new();
        loop {
            let place = paged.last().map(QueueMessage::place);
            let page = self.store().queue_page(place.as_ref(), 3).unwrap();
            let is_last = page.len() < 3;
            paged.extend(page);
            if is_last {
                break;
            }
        }
        assert_eq!(paged, found);
        let statistics = self.store().statistics().unwrap();
        assert_eq!(statistics.queued_messages, Some(found.len() as u64));
    }
}
