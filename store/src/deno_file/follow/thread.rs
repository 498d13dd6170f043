//! The thread that follows a file for those who subscribed.

use std::time::Instant;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};

use super::{Arrival, KeySubscriber, QueueSubscriber, Subscriber};
use crate::database::{FeedEvent, Snapshot as _, WatchedState};
use crate::deno_file::agenda::{Agenda, Known};
use crate::deno_file::budget::Budget;
use crate::deno_file::connections::{Look, SharedConnections, is_displaced};
use crate::deno_file::notices::Notices;
use crate::deno_file::read::FileSnapshot;
use crate::deno_file::schema::Schema;
use crate::deno_file::shadows::{RangeSubscriber, Shadows};
use crate::deno_file::signal::{Mark, News, Signal};
use crate::error::DatabaseError;
use crate::key::EncodedKey;
use crate::subscription::Wakes;

/// What the thread knows: who subscribed, and how far it has followed the file for them.
#[derive(Default)]
pub(super) struct Thread {
    keys: Vec<KeySubscriber>,
    queue: Vec<QueueSubscriber>,
    ranges: Shadows,
    /// `None` where the system does not tell.
    notices: Option<Notices>,
    signal: Signal,
    agenda: Agenda,
    /// The commit that every subscriber knows of; `None` if that cannot be told, or one could not be brought there.
    mark: Option<Mark>,
    /// What the file could hold when it was looked at last.
    schema: Option<Schema>,
    /// Whether a subscriber has yet to be brought up to date, because the file could not be read.
    behind: bool,
    /// Whether there is no file.
    gone: bool,
}

impl Thread {
    /// Waits for subscribers, then follows the file until the last of them has gone, and so on until the file is
    /// closed.
    pub(super) fn follow(
        &mut self,
        home: &SharedConnections,
        arrivals: &Receiver<Arrival>,
        bell: &Sender<Arrival>,
    ) {
        let mut budget = Budget::new(Instant::now());
        loop {
            let arrived = if self.is_idle() {
                *self = Self::default();
                arrivals.recv().map_err(|_ended| RecvTimeoutError::Disconnected)
            } else {
                let now = Instant::now();
                arrivals.recv_timeout(self.agenda.rest(now).max(budget.rest(now)))
            };
            let arrived = match arrived {
                Ok(Arrival::Subscriber(subscriber, answer)) => {
                    if self.is_idle() {
                        self.listen(home, bell);
                    }
                    Some((subscriber, answer))
                }
                Ok(Arrival::Left) => {
                    self.dismiss();
                    continue;
                }
                Ok(Arrival::Commit) => {
                    self.expect_changes();
                    if self.is_idle() || !budget.rest(Instant::now()).is_zero() {
                        continue;
                    }
                    None
                }
                Ok(Arrival::Notice) => {
                    self.hear(home);
                    continue;
                }
                Err(RecvTimeoutError::Timeout) => None,
                Ok(Arrival::Stop) | Err(RecvTimeoutError::Disconnected) => return,
                #[cfg(test)]
                Ok(Arrival::Asked(answer)) => {
                    let remembered = self.keys.len() + self.queue.len() + self.ranges.num_keys();
                    answer.send(remembered).unwrap();
                    continue;
                }
            };
            let begun = Instant::now();
            let is_net = self.agenda.is_net(begun);
            let was_told = self.silence();
            // Woken when this round is over.
            let mut wakes = Wakes::default();
            let news = self.look(home, &mut wakes);
            let is_untold = matches!(news, News::Perhaps | News::AnotherFile) && is_net && !was_told;
            if is_untold && self.agenda.is_relied_upon() {
                // The folder may be another one by now.
                self.listen(home, bell);
                self.agenda.rely(false);
            }
            if let Some((subscriber, answer)) = arrived {
                let welcomed = self.welcome(home, subscriber, &mut wakes);
                let _waits_for_it = answer.send(welcomed);
            }
            budget.spend(begun.elapsed());
        }
    }

    /// Has the system tell what happens to the file, if it can.
    fn listen(&mut self, home: &SharedConnections, bell: &Sender<Arrival>) {
        let bell = bell.clone();
        self.notices = Notices::of(home.file(), move || {
            let _thread_is_there = bell.send(Arrival::Notice);
        });
        self.agenda.rely(self.notices.is_some());
    }

    fn is_idle(&self) -> bool {
        self.keys.is_empty() && self.queue.is_empty() && self.ranges.is_empty()
    }

    /// Forgets those who have gone, and what was remembered for them alone.
    fn dismiss(&mut self) {
        self.keys.retain(|subscriber| subscriber.sender.has_reader());
        self.queue.retain(|subscriber| subscriber.sender.has_reader());
        self.ranges.dismiss();
    }

    /// Takes note of a notice.
    fn hear(&mut self, home: &SharedConnections) {
        self.agenda.rely(self.notices.is_some());
        // While a look is due anyway, no other notice is needed before that.
        if !self.agenda.is_look_due_soon(Instant::now()) {
            self.silence();
            self.ask(home, Known::Told, &mut Wakes::default());
        }
    }

    /// Has the next notice come, too. Whether there was one.
    fn silence(&self) -> bool {
        self.notices.as_ref().is_some_and(Notices::silence)
    }

    /// Asks what happened to the file, and has looks come if there may be commits.
    fn ask(&mut self, home: &SharedConnections, known: Known, wakes: &mut Wakes) -> News {
        let now = Instant::now();
        self.agenda.asked(now);
        let news = self.signal.ask(home);
        match news {
            News::Nothing => {}
            News::Perhaps => self.agenda.happened(known, now),
            News::AnotherFile => {
                self.forget();
                self.agenda.happened(Known::Found, now);
            }
            News::Gone => {
                self.agenda.looked(true, now);
                self.lose(wakes);
            }
        }
        news
    }

    /// Asks what happened to the file, and brings all subscribers up to date if a look is due.
    fn look(&mut self, home: &SharedConnections, wakes: &mut Wakes) -> News {
        // Asked before reading: what is committed while reading shows up as a change next time.
        let news = self.ask(home, Known::Found, wakes);
        if news != News::Gone && (self.behind || self.agenda.is_look_due(Instant::now())) {
            self.update(home, wakes);
        }
        news
    }

    /// Brings all subscribers up to date.
    fn update(&mut self, home: &SharedConnections, wakes: &mut Wakes) {
        if self.is_idle() {
            self.behind = false;
            return;
        }
        let snapshot = Look::begin_marked(home).and_then(FileSnapshot::new);
        // One that cannot be read now, as while Deno makes it, is tried again soon.
        let Ok(snapshot) = snapshot else {
            return self.fail(home, wakes);
        };
        self.gone = false;
        self.follow_schema(home);
        let is_complete = snapshot.mark().is_some_and(|mark| self.signal.is_complete(mark));
        self.agenda.looked(is_complete, Instant::now());
        if !self.behind && self.mark.is_some() && self.mark.as_ref() == snapshot.mark() {
            return;
        }
        // Nothing is compared for those who have gone.
        self.dismiss();
        let mut all = self.ranges.update(&snapshot, wakes).is_ok();
        for subscriber in &mut self.keys {
            all &= subscriber.update(&snapshot, wakes).is_ok();
        }
        if !self.queue.is_empty() {
            all &= self.update_queue(&snapshot, wakes).is_ok();
        }
        self.behind = !all;
        self.mark = snapshot.mark().copied();
        if !all {
            drop(snapshot);
            self.fail(home, wakes);
        }
    }

    /// Has subscribers told that all is to be read again if a Deno has migrated the file.
    fn follow_schema(&mut self, home: &SharedConnections) {
        let schema = home.schema();
        if self.schema.replace(schema).is_some_and(|before| before != schema) {
            self.forget();
        }
    }

    /// Takes note that the file could not be read, and tells if what stands in its place is no database. It is tried
    /// again soon, and where it is no database when that has changed.
    fn fail(&mut self, home: &SharedConnections, wakes: &mut Wakes) {
        self.behind = true;
        if !self.gone && is_displaced(home) {
            self.lose(wakes);
        }
        self.agenda.looked(false, Instant::now());
        if !self.gone {
            self.agenda.try_again(Instant::now());
        }
    }

    /// Tells that there is no database, once.
    fn lose(&mut self, wakes: &mut Wakes) {
        if !std::mem::replace(&mut self.gone, true) {
            self.forget();
            self.ranges.tell(&FeedEvent::Gone, wakes);
        }
    }

    /// Has the next look compare, whatever the file's times say: those of our own commits follow each other faster than
    /// the system's clock ticks.
    fn expect_changes(&mut self) {
        self.mark = None;
        self.behind = true;
        self.agenda.happened(Known::Found, Instant::now());
    }

    /// Takes up a subscriber. What is committed after this is told, because the file is at least as old now as it is
    /// when it is next compared with.
    fn welcome(
        &mut self,
        home: &SharedConnections,
        subscriber: Subscriber,
        wakes: &mut Wakes,
    ) -> Result<(), DatabaseError> {
        let snapshot = Look::begin_marked(home).and_then(FileSnapshot::new)?;
        if self.is_idle() {
            self.mark = snapshot.mark().copied();
            self.schema = Some(home.schema());
        }
        match subscriber {
            Subscriber::Keys(mut subscriber) => {
                subscriber.state = read_keys(&subscriber.keys, &snapshot)?;
                subscriber.sender.send(subscriber.state.clone(), wakes);
                // Nothing happens to no key.
                if !subscriber.keys.is_empty() {
                    self.keys.push(subscriber);
                }
            }
            Subscriber::Ranges(ranges, sender) => {
                self.ranges.add(RangeSubscriber { ranges, sender }, &snapshot)?;
            }
            Subscriber::Queue(subscriber) => {
                self.queue.push(subscriber);
                self.update_queue(&snapshot, wakes)?;
            }
        }
        Ok(())
    }

    fn update_queue(&mut self, snapshot: &FileSnapshot, wakes: &mut Wakes) -> Result<(), DatabaseError> {
        let (messages, seen) = snapshot.queue_state()?;
        for subscriber in &mut self.queue {
            if subscriber.seen.replace(seen) != Some(seen) {
                subscriber.sender.send(messages, wakes);
            }
        }
        Ok(())
    }

    fn forget(&mut self) {
        self.mark = None;
        self.behind = true;
        self.ranges.forget();
    }
}

fn read_keys(keys: &[EncodedKey], snapshot: &FileSnapshot) -> Result<WatchedState, DatabaseError> {
    keys.iter().map(|key| snapshot.get(key)).collect()
}

impl KeySubscriber {
    fn update(&mut self, snapshot: &FileSnapshot, wakes: &mut Wakes) -> Result<(), DatabaseError> {
        let state = read_keys(&self.keys, snapshot)?;
        if state != self.state {
            self.state = state;
            self.sender.send(self.state.clone(), wakes);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::deno_file::connections::Connections;
    use crate::key::KeyRange;
    use crate::subscription::{Feed, feed};

    /// A thread's knowledge of a new file, and what writes to that.
    fn thread() -> (tempfile::TempDir, SharedConnections, rusqlite::Connection, Thread) {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("kv.sqlite3");
        let writer = rusqlite::Connection::open(&path).unwrap();
        writer
            .execute_batch(
                "PRAGMA journal_mode = wal;
                 CREATE TABLE migration_state (k integer primary key, version integer);
                 CREATE TABLE data_version (k integer primary key, version integer);
                 CREATE TABLE kv (k blob primary key, v blob, v_encoding integer, version integer);
                 INSERT INTO kv VALUES (x'026100', x'01', 3, 1), (x'026200', x'01', 3, 1), (x'026300', x'01', 3, 1);",
            )
            .unwrap();
        let home = Arc::new(Connections::open(&path).unwrap());
        (folder, home, writer, Thread::default())
    }

    fn key(name: u8) -> EncodedKey {
        EncodedKey::from_bytes(vec![2, name, 0])
    }

    fn subscribe(thread: &mut Thread, home: &SharedConnections, ranges: &[KeyRange]) -> Feed {
        let (sender, feed) = feed(|| ());
        let subscriber = Subscriber::Ranges(ranges.to_vec(), sender);
        thread.welcome(home, subscriber, &mut Wakes::default()).unwrap();
        feed
    }

    #[test]
    fn a_file_is_remembered_once_for_all_its_subscribers_and_only_what_they_care_about() {
        let (_folder, home, writer, mut thread) = thread();
        let of_a = subscribe(&mut thread, &home, &[KeyRange::only(&key(b'a'))]);
        assert_eq!(thread.ranges.num_keys(), 1);
        let all = subscribe(&mut thread, &home, &[KeyRange::everything()]);
        let of_two = subscribe(
            &mut thread,
            &home,
            &[KeyRange::only(&key(b'a')), KeyRange::only(&key(b'c'))],
        );
        assert_eq!(thread.ranges.num_keys(), 3);
        writer
            .execute_batch(
                "UPDATE kv SET version = 2 WHERE k <> x'026200'; DELETE FROM kv WHERE k = x'026200'",
            )
            .unwrap();
        thread.look(&home, &mut Wakes::default());
        let told = |feed: &Feed| -> Vec<EncodedKey> {
            let changes = feed.try_iter().flat_map(|event| match event {
                FeedEvent::Changes(changes) => changes,
                other => panic!("{other:?}"),
            });
            changes.map(|change| change.key).collect()
        };
        assert_eq!(told(&of_a), [key(b'a')]);
        assert_eq!(told(&of_two), [key(b'a'), key(b'c')]);
        assert_eq!(told(&all), [key(b'a'), key(b'c'), key(b'b')]);
        drop(all);
        thread.dismiss();
        assert_eq!(thread.ranges.num_keys(), 2);
        writer.execute_batch("UPDATE kv SET version = 3").unwrap();
        thread.look(&home, &mut Wakes::default());
        assert_eq!(
            (told(&of_a), told(&of_two)),
            (vec![key(b'a')], vec![key(b'a'), key(b'c')])
        );
    }
}
