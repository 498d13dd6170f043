//! The engine's ends of subscriptions. An engine never waits for a reader.
//!
//! Of states only the newest waits for it ([`StateSender`]). Of a feed so many events and so many bytes wait; who is
//! slower hears that changes were missed, and how many ([`FeedSender`]).

use super::{Feed, Sender, State, Subscription, Wakes, channel};
use crate::change::{Before, Change, FeedEvent};
use crate::entry::Entry;

/// Events of a feed that wait for a slow reader.
const EVENTS: usize = 1024;
/// Bytes of keys and values that wait for a slow reader; one event alone may be larger.
const BYTES: usize = 64 << 20;

/// A feed: the engine's end and the reader's. `dropped` is called once, when the reader drops its end, and without any
/// lock of this module; the engine forgets the feed then.
pub fn feed(dropped: impl FnOnce() + Send + Sync + 'static) -> (FeedSender, Feed) {
    let (sender, reader) = channel(dropped);
    (FeedSender(sender), reader)
}

/// A subscription to states of which only the newest counts; otherwise as [`feed`].
pub fn states<T>(dropped: impl FnOnce() + Send + Sync + 'static) -> (StateSender<T>, Subscription<T>) {
    let (sender, reader) = channel(dropped);
    (StateSender(sender), reader)
}

/// The engine's end of states; dropping it ends the subscription.
pub struct StateSender<T>(pub(super) Sender<T>);

impl<T> StateSender<T> {
    /// Tells a state, in place of one that the reader has not taken.
    pub fn send(&self, state: T, wakes: &mut Wakes) {
        self.0.change(wakes, |channel| {
            channel.waiting.clear();
            channel.push(state, 0);
        });
    }

    /// Whether somebody reads.
    #[must_use]
    pub fn has_reader(&self) -> bool {
        self.0.has_reader()
    }
}

/// The engine's end of a feed; dropping it ends the subscription.
pub struct FeedSender(Sender<FeedEvent>);

impl FeedSender {
    /// Tells an event; never blocks. Changes for which there is no room are counted, and so are those that come until
    /// the reader has heard that it missed some, because it reads everything again after that. No changes at all are no
    /// event.
    pub fn send(&self, event: FeedEvent, wakes: &mut Wakes) {
        self.0.change(wakes, |state| match event {
            FeedEvent::Changes(changes) => state.changes(changes),
            FeedEvent::Lagged { missed } => state.miss(missed),
            FeedEvent::Gone => state.lose(),
        });
    }

    /// Whether somebody reads.
    #[must_use]
    pub fn has_reader(&self) -> bool {
        self.0.has_reader()
    }
}

impl State<FeedEvent> {
    fn changes(&mut self, changes: Vec<Change>) {
        if changes.is_empty() {
            return;
        }
        let size = changes.iter().map(change_size).sum();
        let is_missing = matches!(self.waiting.back(), Some((FeedEvent::Lagged { .. }, _)));
        let too_much = !self.waiting.is_empty() && self.bytes.saturating_add(size) > BYTES;
        if is_missing || too_much || self.waiting.len() >= EVENTS {
            self.miss(Some(changes.len() as u64));
        } else {
            self.push(FeedEvent::Changes(changes), size);
        }
    }

    fn miss(&mut self, more: Option<u64>) {
        if let Some((FeedEvent::Lagged { missed }, _)) = self.waiting.back_mut() {
            *missed = missed.zip(more).map(|(missed, more)| missed.saturating_add(more));
        } else {
            self.push(FeedEvent::Lagged { missed: more }, 0);
        }
    }

    fn lose(&mut self) {
        // That one has come and gone in between is nothing to a reader who has not heard that the one before is gone.
        let last_two = self.waiting.iter().rev().take(2).map(|(event, _)| event);
        match last_two.collect::<Vec<_>>().as_slice() {
            [FeedEvent::Gone, ..] => {}
            [FeedEvent::Lagged { .. }, FeedEvent::Gone] => {
                self.waiting.pop_back();
            }
            _ => self.push(FeedEvent::Gone, 0),
        }
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
        let versionstamp = Versionstamp::from_counter(1);
        let entry = Entry {
            key: key.clone(),
            value: StoredValue {
                encoding: Encoding::Bytes,
                bytes: vec![0; bytes].into(),
            },
            versionstamp,
            expires_at: None,
        };
        FeedEvent::Changes(vec![Change {
            key,
            versionstamp,
            before: Before::Absent,
            after: Some(entry),
        }])
    }

    fn send(feed: &FeedSender, event: FeedEvent) {
        feed.send(event, &mut Wakes::default());
    }

    #[test]
    fn a_feed_holds_so_many_events_and_then_counts_what_is_missed() {
        let (feed, reader) = feed(|| ());
        for _ in 0..EVENTS + 3 {
            send(&feed, changes(1));
        }
        send(&feed, FeedEvent::Lagged { missed: Some(5) });
        // What comes before that was read is covered by it; that the database is gone is not.
        send(&feed, FeedEvent::Gone);
        assert_eq!(
            reader.try_iter().filter(|event| *event == changes(1)).count(),
            EVENTS
        );
        send(&feed, changes(2));
        assert_eq!(reader.try_recv(), Ok(changes(2)));
        for _ in 0..=EVENTS {
            send(&feed, changes(1));
        }
        send(&feed, FeedEvent::Lagged { missed: Some(5) });
        send(&feed, FeedEvent::Gone);
        let rest: Vec<_> = reader.try_iter().skip(EVENTS).collect();
        assert_eq!(rest, [FeedEvent::Lagged { missed: Some(6) }, FeedEvent::Gone]);
    }

    #[test]
    fn what_is_missed_and_cannot_be_counted_has_no_number() {
        let (feed, reader) = feed(|| ());
        send(&feed, FeedEvent::Lagged { missed: Some(1) });
        send(&feed, changes(1));
        send(&feed, FeedEvent::Lagged { missed: None });
        send(&feed, changes(1));
        assert_eq!(reader.recv(), Ok(FeedEvent::Lagged { missed: None }));
        send(&feed, changes(2));
        send(&feed, FeedEvent::Changes(Vec::new()));
        assert!(reader.try_iter().eq([changes(2)]));
    }

    #[test]
    fn however_often_a_database_goes_and_comes_back_an_unread_feed_stays_small() {
        let (feed, reader) = feed(|| ());
        for _ in 0..10 {
            send(&feed, FeedEvent::Gone);
            send(&feed, FeedEvent::Lagged { missed: None });
        }
        assert!(
            reader
                .try_iter()
                .eq([FeedEvent::Gone, FeedEvent::Lagged { missed: None }])
        );
    }

    #[test]
    fn a_feed_holds_so_many_bytes_and_one_event_of_any_size() {
        let (feed, reader) = feed(|| ());
        let missed = |number| FeedEvent::Lagged { missed: Some(number) };
        send(&feed, changes(BYTES));
        send(&feed, changes(1));
        drop(reader.try_recv());
        assert!(reader.try_iter().eq([missed(1)]));
        for _ in 0..2 {
            send(&feed, changes(BYTES / 2 - 3));
        }
        // What was taken makes room.
        drop(reader.try_recv());
        send(&feed, changes(1));
        send(&feed, changes(BYTES));
        send(&feed, changes(1));
        assert!(reader.try_iter().skip(1).eq([changes(1), missed(2)]));
    }
}
