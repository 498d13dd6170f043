//! A database that has trouble when a test wants it to: its commits fail, its reads take long or are paid for, and it has
//! something to say when it is closed.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::ThreadId;

use keyglass_store::database::{
    Capabilities, ChildrenPage, Counted, QueueMessage, QueuePlace, Reading, Snapshot,
};
use keyglass_store::embedded::{QueueListener, Store};
use keyglass_store::limits::Limits;
use keyglass_store::subscription::{self, FeedSender, Wakes};
use keyglass_store::{
    AtomicOperation, CommitError, CommitOutcome, Database, DatabaseError, EncodedKey, Entry, Feed, FeedEvent,
    KeyRange, ReadRange, Writing,
};

use crate::pass_through::{Alteration, Altered};

/// A database, and the trouble that it has.
pub struct Troubled {
    store: Store,
    pub trouble: Arc<Trouble>,
}

#[derive(Default)]
pub struct Trouble {
    /// Commits until one fails whose outcome nobody knows, beginning with 1; 0 is never.
    fails_at: AtomicU64,
    /// The end of the name of threads whose reads wait.
    held: Mutex<Option<&'static str>>,
    let_go: Condvar,
    /// The window's thread, and what it has asked of the database since it is watched.
    watched: Mutex<Option<(ThreadId, Vec<&'static str>)>>,
    /// Whatever is asked waits.
    is_stuck: Mutex<bool>,
    unstuck: Condvar,
    word: Mutex<Option<&'static str>>,
    asked_for_word: Mutex<Vec<ThreadId>>,
    /// Reading is paid for.
    is_metered: AtomicBool,
    /// What it takes, where that is less than the database behind it.
    limits: Mutex<Option<Limits>>,
    /// Entries that were read, counted or passed on the way to the children of a level.
    entries_read: AtomicU64,
    /// Messages of the queue that were read.
    messages_read: AtomicU64,
    /// A test tells all changes itself, through this once somebody follows them.
    is_told_for: AtomicBool,
    feed: Mutex<Option<FeedSender>>,
    /// The database without trouble.
    sound: Option<Store>,
}

impl Troubled {
    pub fn new(store: Store) -> Altered<Self> {
        let trouble = Arc::new(Trouble {
            sound: Some(store.clone()),
            ..Trouble::default()
        });
        Altered(Self { store, trouble })
    }
}

impl Trouble {
    /// Lets so many commits succeed, and then one fail.
    pub fn fail_after(&self, commits: u64) {
        self.fails_at.store(commits + 1, Ordering::SeqCst);
    }

    /// Lets reads of a worker's thread wait from now on.
    pub fn hold(&self, thread: &'static str) {
        *self.held.lock().unwrap() = Some(thread);
    }

    /// Lets them go on.
    pub fn let_go(&self) {
        *self.held.lock().unwrap() = None;
        self.let_go.notify_all();
    }

    /// Whatever another thread than this one asks waits from now on; what this one asks is noted.
    pub fn get_stuck(&self) {
        *self.watched.lock().unwrap() = Some((std::thread::current().id(), Vec::new()));
        *self.is_stuck.lock().unwrap() = true;
    }

    /// What waits goes on, and whatever is asked later waits no more.
    pub fn get_going(&self) {
        *self.is_stuck.lock().unwrap() = false;
        self.unstuck.notify_all();
    }

    /// Whether the database is locked, without asking it.
    pub fn is_locked(&self) -> bool {
        self.sound.as_ref().unwrap().capabilities().writing == Writing::Locked
    }

    /// What the thread that had it stuck has asked since then.
    pub fn asked_by_watched(&self) -> Vec<&'static str> {
        let watched = self.watched.lock().unwrap();
        watched.as_ref().unwrap().1.clone()
    }

    /// Somebody asks something of the database.
    fn ask(&self, what: &'static str) {
        if let Some((thread, asked)) = &mut *self.watched.lock().unwrap()
            && *thread == std::thread::current().id()
        {
            return asked.push(what);
        }
        if what == "set_writable" {
            // A database that does not answer is locked nevertheless.
            return;
        }
        let stuck = self.is_stuck.lock().unwrap();
        drop(self.unstuck.wait_while(stuck, |stuck| *stuck).unwrap());
    }

    /// What it says when it is closed.
    pub fn set_word(&self, word: &'static str) {
        *self.word.lock().unwrap() = Some(word);
    }

    /// The threads that asked for that.
    pub fn asked_for_word(&self) -> Vec<ThreadId> {
        self.asked_for_word.lock().unwrap().clone()
    }

    /// Has reads paid for, from before the database is opened.
    pub fn meter(&self) {
        self.is_metered.store(true, Ordering::SeqCst);
    }

    /// Takes no more than this, from before the database is opened.
    pub fn limit(&self, limits: Limits) {
        *self.limits.lock().unwrap() = Some(limits);
    }

    /// Entries that were read so far, in whatever way.
    pub fn entries_read(&self) -> u64 {
        self.entries_read.load(Ordering::SeqCst)
    }

    /// Tells no change but what [`Self::tell`] does, from before the database is opened.
    pub fn tell_for_it(&self) {
        self.is_told_for.store(true, Ordering::SeqCst);
    }

    /// Tells something to who follows the changes.
    pub fn tell(&self, event: FeedEvent) {
        let feed = self.feed.lock().unwrap();
        feed.as_ref().unwrap().send(event, &mut Wakes::default());
    }

    /// Takes messages of the queue, as a program does.
    pub fn listen(&self) -> QueueListener {
        self.sound.as_ref().unwrap().listen()
    }

    /// Messages of the queue that were read so far.
    pub fn messages_read(&self) -> u64 {
        self.messages_read.load(Ordering::SeqCst)
    }

    fn count_read(&self, entries: usize) {
        self.entries_read.fetch_add(entries as u64, Ordering::SeqCst);
    }

    fn pass(&self) {
        let name = std::thread::current().name().unwrap_or_default().to_owned();
        let held = self.held.lock().unwrap();
        let is_held = |held: &mut Option<&str>| held.is_some_and(|thread| name.ends_with(thread));
        drop(self.let_go.wait_while(held, |held| is_held(held)).unwrap());
    }
}

struct Slow {
    snapshot: Box<dyn Snapshot>,
    trouble: Arc<Trouble>,
}

impl Snapshot for Slow {
    fn read(&self, range: &ReadRange) -> Result<Vec<Entry>, DatabaseError> {
        self.trouble.ask("read");
        self.trouble.pass();
        let entries = self.snapshot.read(range)?;
        self.trouble.count_read(entries.len());
        Ok(entries)
    }

    fn get(&self, key: &EncodedKey) -> Result<Option<Entry>, DatabaseError> {
        self.trouble.ask("get");
        self.trouble.pass();
        self.trouble.count_read(1);
        self.snapshot.get(key)
    }

    fn versionstamp(&self) -> Option<keyglass_store::Versionstamp> {
        self.trouble.ask("versionstamp");
        self.snapshot.versionstamp()
    }
}

impl Alteration for Troubled {
    fn behind(&self) -> &dyn Database {
        &self.store
    }

    fn asked(&self, what: &'static str) {
        self.trouble.ask(what);
    }

    fn commit(&self, operation: AtomicOperation) -> Result<CommitOutcome, CommitError> {
        operation.validate(&self.capabilities().limits)?;
        let left = &self.trouble.fails_at;
        let fails = |left: u64| Some(left.saturating_sub(1));
        let left = left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, fails);
        if left == Ok(1) {
            return Err(CommitError::Unknown {
                reason: "no space left on device".to_owned(),
                location: self.store.location(),
            });
        }
        self.store.commit(operation)
    }

    fn snapshot(&self) -> Result<Box<dyn Snapshot>, DatabaseError> {
        Ok(Box::new(Slow {
            snapshot: self.store.snapshot()?,
            trouble: Arc::clone(&self.trouble),
        }))
    }

    fn parting_word(&self) -> Option<String> {
        let asking = std::thread::current().id();
        self.trouble.asked_for_word.lock().unwrap().push(asking);
        self.trouble.word.lock().unwrap().map(str::to_owned)
    }

    fn capabilities(&self) -> Capabilities {
        let mut capabilities = self.store.capabilities();
        if self.trouble.is_metered.load(Ordering::SeqCst) {
            capabilities.reading = Reading::Metered;
        }
        if let Some(limits) = *self.trouble.limits.lock().unwrap() {
            capabilities.limits = limits;
        }
        capabilities
    }

    fn changes(&self, ranges: Vec<KeyRange>) -> Result<Feed, DatabaseError> {
        if !self.trouble.is_told_for.load(Ordering::SeqCst) {
            return self.store.changes(ranges);
        }
        let (sender, feed) = subscription::feed(|| {});
        *self.trouble.feed.lock().unwrap() = Some(sender);
        Ok(feed)
    }

    fn children(
        &self,
        prefix: &EncodedKey,
        after: Option<&EncodedKey>,
        limit: usize,
    ) -> Result<ChildrenPage, DatabaseError> {
        let page = self.store.children(prefix, after, limit)?;
        self.trouble.count_read(page.children.len());
        Ok(page)
    }

    fn count(
        &self,
        range: &KeyRange,
        progress: &mut dyn FnMut(Counted) -> ControlFlow<()>,
    ) -> Result<Counted, DatabaseError> {
        let counted = self.store.count(range, progress)?;
        self.trouble.count_read(counted.entries as usize);
        Ok(counted)
    }

    fn queue_page(
        &self,
        after: Option<&QueuePlace>,
        limit: usize,
    ) -> Result<Vec<QueueMessage>, DatabaseError> {
        let messages = self.store.queue_page(after, limit)?;
        let read = messages.len() as u64;
        self.trouble.messages_read.fetch_add(read, Ordering::SeqCst);
        Ok(messages)
    }
}
