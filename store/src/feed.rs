//! A change feed's way to its reader, which holds a bounded number of events and of bytes.
//!
//! An engine never waits for a reader. One that is slow hears that it lagged instead of what there was no room for, and
//! nothing more until it has heard that: then it reads everything again.

use std::collections::VecDeque;

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};

use crate::database::{Before, Change, FeedEvent};
use crate::entry::Entry;

/// Events that wait for a slow reader.
const EVENTS: usize = 1024;
/// Bytes of keys and values that wait for a slow reader; one event alone may be larger.
const BYTES: usize = 64 << 20;

/// The engine's end of a feed.
pub(crate) struct FeedSender {
    sender: Sender<FeedEvent>,
    /// How many events were sent after the one that says that the reader lagged, if it was told so.
    since_lagged: Option<usize>,
    /// Bytes of each event that the reader has not taken.
    waiting_sizes: VecDeque<usize>,
    waiting_bytes: usize,
}

/// What became of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sent {
    /// The reader hears of it, if only by having lagged.
    Told,
    /// There was no room, and the reader does not know.
    Full,
    /// Nobody reads any more.
    Gone,
}

/// A feed, and the reader's end.
pub(crate) fn feed() -> (FeedSender, Receiver<FeedEvent>) {
    // One place more than changes are sent, so that the news of having lagged fits.
    let (sender, receiver) = bounded(EVENTS + 1);
    let feed = FeedSender {
        sender,
        since_lagged: None,
        waiting_sizes: VecDeque::new(),
        waiting_bytes: 0,
    };
    (feed, receiver)
}

impl FeedSender {
    /// Sends an event, if there is room for it.
    pub(crate) fn send(&mut self, event: FeedEvent) -> Sent {
        let num_waiting = self.sender.len();
        while self.waiting_sizes.len() > num_waiting {
            self.waiting_bytes -= self.waiting_sizes.pop_front().unwrap_or(0);
        }
        self.since_lagged = self.since_lagged.filter(|since| num_waiting > *since);
        if self.since_lagged.is_some() && event != FeedEvent::Gone {
            // The reader has yet to hear that it lagged, and reads everything again after that. Nothing but sending
            // something tells whether it is still there.
            return match self.put(FeedEvent::Changes(Vec::new()), 0) {
                Sent::Told | Sent::Full => Sent::Told,
                Sent::Gone => Sent::Gone,
            };
        }
        let size = size(&event);
        let is_change = matches!(event, FeedEvent::Changes(_));
        let too_much = num_waiting > 0 && self.waiting_bytes.saturating_add(size) > BYTES;
        // Whether anybody is there turns out as the reader is told that it lagged.
        if is_change && (num_waiting >= EVENTS || too_much) {
            return Sent::Full;
        }
        let lagged = event == FeedEvent::Lagged;
        let sent = self.put(event, size);
        if sent == Sent::Told {
            self.since_lagged = lagged.then_some(0);
        }
        sent
    }

    fn put(&mut self, event: FeedEvent, size: usize) -> Sent {
        match self.sender.try_send(event) {
            Ok(()) => {
                self.waiting_sizes.push_back(size);
                self.waiting_bytes += size;
                self.since_lagged = self.since_lagged.map(|since| since + 1);
                Sent::Told
            }
            Err(TrySendError::Full(_)) => Sent::Full,
            Err(TrySendError::Disconnected(_)) => Sent::Gone,
        }
    }
}

/// Bytes of the keys and values of an event.
fn size(event: &FeedEvent) -> usize {
    match event {
        FeedEvent::Changes(changes) => changes.iter().map(change_size).sum(),
        FeedEvent::Lagged | FeedEvent::Gone => 0,
    }
}

fn change_size(change: &Change) -> usize {
    let entry_size = |entry: &Entry| entry.key.as_bytes().len() + entry.value.bytes.len();
    let before = match &change.before {
        Before::Entry(entry) => entry_size(entry),
        Before::Unknown | Before::Absent => 0,
    };
    change.key.as_bytes().len() + before + change.after.as_ref().map_or(0, entry_size)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::EncodedKey;
    use crate::value::{Encoding, StoredValue};
    use crate::versionstamp::Versionstamp;

    fn changes(bytes: usize) -> FeedEvent {
        let key = EncodedKey::from_bytes(vec![0x27]);
        let entry = Entry {
            key: key.clone(),
            value: StoredValue {
                encoding: Encoding::Bytes,
                bytes: vec![0; bytes].into(),
            },
            versionstamp: Versionstamp::from_counter(1),
            expires_at: None,
        };
        FeedEvent::Changes(vec![Change {
            key,
            before: Before::Absent,
            after: Some(entry),
        }])
    }

    #[test]
    fn a_feed_holds_so_many_events_and_the_news_of_having_lagged() {
        let (mut feed, reader) = feed();
        for _ in 0..EVENTS {
            assert_eq!(feed.send(changes(1)), Sent::Told);
        }
        assert_eq!(feed.send(changes(1)), Sent::Full);
        assert_eq!(feed.send(FeedEvent::Lagged), Sent::Told);
        // What comes before that was read is covered by it; that the database is gone is not.
        assert_eq!(feed.send(changes(1)), Sent::Told);
        assert_eq!(feed.send(FeedEvent::Gone), Sent::Full);
        assert_eq!(reader.try_iter().count(), EVENTS + 1);
        assert_eq!(feed.send(changes(1)), Sent::Told);
        assert_eq!(reader.try_iter().count(), 1);
        for _ in 0..EVENTS {
            feed.send(changes(1));
        }
        feed.send(FeedEvent::Lagged);
        drop(reader);
        assert_eq!(feed.send(changes(1)), Sent::Gone);
    }

    #[test]
    fn what_comes_after_a_reader_has_heard_that_it_lagged_is_told() {
        let (mut feed, reader) = feed();
        feed.send(FeedEvent::Lagged);
        // It finds out whether the reader is still there.
        assert_eq!(feed.send(changes(1)), Sent::Told);
        assert_eq!(reader.recv(), Ok(FeedEvent::Lagged));
        assert_eq!(feed.send(changes(2)), Sent::Told);
        assert!(reader.try_iter().eq([FeedEvent::Changes(Vec::new()), changes(2)]));
    }

    #[test]
    fn a_feed_holds_so_many_bytes_and_one_event_of_any_size() {
        let (mut feed, reader) = feed();
        assert_eq!(feed.send(changes(BYTES)), Sent::Told);
        assert_eq!(feed.send(changes(1)), Sent::Full);
        drop(reader.try_recv());
        for _ in 0..2 {
            assert_eq!(feed.send(changes(BYTES / 2 - 3)), Sent::Told);
        }
        assert_eq!(feed.send(changes(1)), Sent::Full);
        // What was taken makes room.
        drop(reader.try_recv());
        assert_eq!(feed.send(changes(1)), Sent::Told);
        assert_eq!(feed.send(FeedEvent::Lagged), Sent::Told);
        assert_eq!(feed.send(FeedEvent::Gone), Sent::Told);
        assert_eq!(feed.send(changes(1)), Sent::Told);
        drop(reader);
        assert_eq!(feed.send(changes(1)), Sent::Gone);
    }
}
