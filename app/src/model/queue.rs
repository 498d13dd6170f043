//! Messages of the queue.

use keyglass_store::database::{Database, QueueMessage};

use super::middle::Middle;
use super::panel::{PanelModel, Telling};
use crate::errand::{Answer, Errand, ObservedChange, Read};

/// The messages as they were read last.
#[derive(Debug, Default)]
pub struct QueueModel {
    /// In the order of their times.
    pub messages: Vec<QueueMessage>,
    /// Why they cannot be read.
    pub error: Option<String>,
    /// Whether the database has a queue that can be read.
    is_known: bool,
    is_shown: bool,
    is_outdated: bool,
}

impl QueueModel {
    /// Asks for the messages of a database, if its queue can be read.
    fn new(is_known: bool) -> Self {
        Self {
            is_known,
            is_outdated: true,
            ..Self::default()
        }
    }
}

impl PanelModel for QueueModel {
    fn of(database: &dyn Database) -> Self {
        Self::new(database.capabilities().queue)
    }

    fn take_wants(&mut self) -> Vec<Errand> {
        match std::mem::take(&mut self.is_outdated) && self.is_known {
            true => vec![Read::Queue.into()],
            false => Vec::new(),
        }
    }

    fn take_answer(&mut self, answer: Answer, _telling: &mut Telling<'_>) -> Option<Answer> {
        match answer {
            Answer::Queue(Ok(messages)) => {
                self.messages = messages;
                self.error = None;
            }
            Answer::Queue(Err(error)) => self.error = Some(error.to_string()),
            other => return Some(other),
        }
        None
    }

    fn take_change(&mut self, _change: &ObservedChange) {
        self.is_outdated |= self.is_shown;
    }

    fn catch_up(&mut self, _now: i64) {
        self.is_outdated = true;
    }

    fn refresh(&mut self) {
        self.is_outdated = true;
    }

    fn set_shown(&mut self, shown: Middle) {
        self.is_shown = shown == Middle::Queue;
        self.is_outdated |= self.is_shown;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_queue_is_read_when_it_is_shown_and_not_from_a_database_that_cannot_tell() {
        let mut queue = QueueModel::new(true);
        assert_eq!(queue.take_wants().len(), 1);
        assert!(queue.take_wants().is_empty());
        queue.set_shown(Middle::Queue);
        assert_eq!(queue.take_wants().len(), 1);
        let mut unknown = QueueModel::new(false);
        unknown.refresh();
        assert!(unknown.take_wants().is_empty());
    }
}
