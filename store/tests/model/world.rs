//! The model beside the database that it is compared with.

use std::any::Any;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use keyglass_store::Clock;
#[cfg(feature = "connect")]
use keyglass_store::attached::Attached;
use keyglass_store::deno_file::DenoFile;
use keyglass_store::embedded::{Durability, OpenOptions};
use keyglass_store::key::first_part_length;
use keyglass_store::{
    AtomicOperation, Child, CommitError, CommitOutcome, Database, DatabaseError, EncodedKey, Encoding,
    Enqueue, Entry, KeyRange, ReadRange, Snapshot, Versionstamp,
};
use proptest::prelude::*;
use tempfile::TempDir;

use crate::steps::{Change, CheckStep, KEYS, QueueStep, Step, bytes, key, mutation, number, step};

/// Where the entries are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Engine {
    Embedded,
    DenoFile,
    /// A folder that is used through whoever has it.
    #[cfg(feature = "connect")]
    Attached,
    /// A folder that is served, by the protocol alone: without expiries, views and messages.
    #[cfg(feature = "remote")]
    Remote,
}

impl Engine {
    /// The database, and who else has it.
    fn open(self, folder: &TempDir, clock: Clock) -> (Arc<dyn Database>, Option<Box<dyn Any>>) {
        match self {
            #[cfg(feature = "remote")]
            Self::Remote => {
                use keyglass_store::connect::ServeOptions;
                let options = OpenOptions::new()
                    .durability(Durability::Relaxed)
                    .clock(clock.clone());
                let owner = options.open_or_create(folder.path()).unwrap();
                let serving = ServeOptions::new().listen("127.0.0.1:0".parse().unwrap());
                let server = owner.serve(serving).unwrap();
                let database = keyglass_store::remote::RemoteOptions::new()
                    .clock(clock)
                    .plain()
                    .open(&server.url(), Some(server.token()))
                    .unwrap();
                (database, Some(Box::new((server, owner))))
            }
            Self::Embedded => {
                let options = OpenOptions::new()
                    .durability(Durability::Relaxed)
                    .cache_bytes(1 << 20)
                    .clock(clock);
                (Arc::new(options.open_or_create(folder.path()).unwrap()), None)
            }
            #[cfg(feature = "connect")]
            Self::Attached => {
                let options = OpenOptions::new()
                    .durability(Durability::Relaxed)
                    .clock(clock.clone())
                    .attachable();
                let owner = options.open_or_create(folder.path()).unwrap();
                let attached = Attached::to_folder(folder.path(), clock).unwrap();
                (Arc::new(attached), Some(Box::new(owner)))
            }
            Self::DenoFile => {
                let path = folder.path().join("kv.sqlite3");
                if !path.exists() {
                    drop(DenoFile::create(&path).unwrap());
                }
                let file = DenoFile::open_with_clock(&path, clock).unwrap();
                file.set_writable(true).unwrap();
                (Arc::new(file), None)
            }
        }
    }

    /// How a time is kept: in a file of Deno's an expiry before the epoch would mean never.
    pub fn time(self, time: i64) -> i64 {
        match self {
            Self::DenoFile => time.max(0),
            _ => time,
        }
    }

    /// Whether views of one moment, messages and expiries are seen.
    pub fn shows_all(self) -> bool {
        #[cfg(feature = "remote")]
        if self == Self::Remote {
            return false;
        }
        true
    }

    /// What a reader sees.
    fn visible(self, entries: &Entries, now: i64) -> Entries {
        let mut visible = entries.clone();
        if self != Self::DenoFile {
            visible.retain(|_, entry| entry.expires_at.is_none_or(|expires_at| expires_at > now));
        }
        visible
    }
}

type Entries = BTreeMap<EncodedKey, Entry>;

pub struct World {
    pub engine: Engine,
    store: Option<Arc<dyn Database>>,
    owner: Option<Box<dyn Any>>,
    snapshots: Vec<(Box<dyn Snapshot>, Entries)>,
    entries: Entries,
    /// Messages, each of another payload.
    pub messages: Vec<Enqueue>,
    pub num_payloads: u32,
    newest: Versionstamp,
    /// Every expiry that was ever set.
    expiries: Vec<i64>,
    time: Arc<AtomicI64>,
    folder: TempDir,
}

impl World {
    fn new(engine: Engine) -> Self {
        let mut world = Self {
            engine,
            store: None,
            owner: None,
            snapshots: Vec::new(),
            entries: BTreeMap::new(),
            messages: Vec::new(),
            num_payloads: 0,
            newest: Versionstamp::default(),
            expiries: Vec::new(),
            time: Arc::new(AtomicI64::new(1000)),
            folder: tempfile::tempdir().unwrap(),
        };
        world.reopen();
        world
    }

    pub fn store(&self) -> &dyn Database {
        self.store.as_deref().unwrap()
    }

    pub fn now(&self) -> i64 {
        self.time.load(Ordering::SeqCst)
    }

    fn reopen(&mut self) {
        self.snapshots.clear();
        self.store = None;
        self.owner = None;
        let time = self.time.clone();
        let clock = Clock::from_fn(move || time.load(Ordering::SeqCst));
        let (store, owner) = self.engine.open(&self.folder, clock);
        (self.store, self.owner) = (Some(store), owner);
    }

    /// Time may step back, but what the model has seen expired is gone for good in the store only once
    /// it was swept; so the model forgets it, and steps back are kept from reviving it.
    fn pass_time(&mut self, by: i64) {
        let now = self.now();
        let revived = |expires_at: &i64| *expires_at <= now && *expires_at > now + by;
        if !self.expiries.iter().any(revived) {
            self.time.store(now + by, Ordering::SeqCst);
        }
    }

    fn commit(&mut self, checks: &[CheckStep], changes: &[(usize, Change)], queue: &[QueueStep]) {
        let now = self.now();
        let visible = self.engine.visible(&self.entries, now);
        let mut operation = AtomicOperation::new();
        let mut failed = Vec::new();
        let shown = self.shown(&visible);
        for (index, step) in checks.iter().enumerate() {
            let (key, expected) = match step {
                CheckStep::Current(at) => (key(*at), visible.get(&key(*at)).map(|it| it.versionstamp)),
                CheckStep::Absent(at) => (key(*at), None),
                CheckStep::Other(at) => (key(*at), Some(Versionstamp::from_counter(u64::MAX))),
            };
            let current = shown.get(&key);
            if current.map(|entry| entry.versionstamp) != expected {
                failed.push((index, current.cloned()));
            }
            operation = operation.check(key, expected);
        }
        for (at, change) in changes {
            if let Change::Set(_, Some(expires_in)) = change {
                self.expiries.push(now + expires_in);
            }
            operation = operation.mutate(key(*at), mutation(change, now));
        }
        let (operation, messages, changed) = self.plan_queue(queue, operation);
        match self.store().commit(operation) {
            Ok(CommitOutcome::MessagesChanged(told)) => {
                assert!(failed.is_empty());
                assert_eq!(told, changed);
            }
            Ok(CommitOutcome::Conflict(conflicts)) => {
                let conflicts: Vec<_> = conflicts.into_iter().map(|it| (it.index, it.current)).collect();
                assert_eq!(conflicts, failed);
            }
            Ok(CommitOutcome::Committed(versionstamp)) => {
                assert!(failed.is_empty() && changed.is_empty());
                assert!(versionstamp > self.newest);
                self.newest = versionstamp;
                self.messages = messages;
                self.entries = self.apply(visible, changes, versionstamp, now).unwrap();
            }
            Err(error) => {
                assert!(failed.is_empty() && changed.is_empty());
                assert!(
                    matches!(error, CommitError::Refused(DatabaseError::Type(_))),
                    "{error}"
                );
                assert_eq!(self.apply(visible, changes, self.newest, now), None);
            }
        }
    }

    /// Entries as they are told.
    fn shown(&self, entries: &Entries) -> Entries {
        let mut shown = entries.clone();
        if !self.engine.shows_all() {
            shown.values_mut().for_each(|entry| entry.expires_at = None);
        }
        shown
    }

    fn compare(&self) {
        let now = self.now();
        let visible = self.shown(&self.engine.visible(&self.entries, now));
        compare_snapshot(&*self.store().snapshot().unwrap(), &visible);
        for (snapshot, entries) in &self.snapshots {
            compare_snapshot(&**snapshot, &self.engine.visible(entries, now));
        }
        if self.engine.shows_all() {
            self.compare_queue();
        }
        let keys: Vec<EncodedKey> = (0..KEYS.len()).map(key).collect();
        let found = self.store().get_many(&keys).unwrap();
        let expected: Vec<_> = keys.iter().map(|key| visible.get(key).cloned()).collect();
        assert_eq!(found, expected);
        for prefix in [EncodedKey::default(), key(0), key(1), key(7), key(11), key(13)] {
            assert_eq!(
                self.children(&prefix),
                children(&visible, &prefix),
                "below {prefix}"
            );
            let range = KeyRange::at_and_below(&prefix);
            let inside = || visible.values().filter(|entry| range.contains(&entry.key));
            let counted = self
                .store()
                .count(&range, &mut |_| ControlFlow::Continue(()))
                .unwrap();
            assert!(counted.complete);
            assert_eq!(counted.entries, inside().count() as u64);
            assert_eq!(counted.bytes, inside().map(Entry::size).sum::<u64>());
        }
    }

    /// The entries after the changes; `None` if one of them is of the wrong type.
    fn apply(
        &self,
        mut entries: Entries,
        changes: &[(usize, Change)],
        versionstamp: Versionstamp,
        now: i64,
    ) -> Option<Entries> {
        for (at, change) in changes {
            let mut key = key(*at);
            let mut expiry = None;
            let stored = |key: &EncodedKey| match entries.get(key) {
                None => Some(None),
                Some(entry) if entry.value.encoding == Encoding::Le64 => {
                    let number: [u8; 8] = entry.value.bytes.as_ref().try_into().unwrap();
                    Some(Some(u64::from_le_bytes(number)))
                }
                Some(_) => None,
            };
            let value = match change {
                Change::Set(value, expires_in) => {
                    expiry = expires_in.map(|expires_in| self.engine.time(now + expires_in));
                    bytes(*value)
                }
                Change::SetNumber(value) => number(*value),
                Change::Delete => {
                    entries.remove(&key);
                    continue;
                }
                Change::Sum(value) => number(stored(&key)?.unwrap_or(0).wrapping_add(*value)),
                Change::Min(value) => number(stored(&key)?.unwrap_or(*value).min(*value)),
                Change::Max(value) => number(stored(&key)?.unwrap_or(*value).max(*value)),
                Change::Stamped(value) => {
                    key = key.with_suffix(format!("\x02{versionstamp}\0").as_bytes());
                    bytes(*value)
                }
            };
            let entry = Entry {
                key: key.clone(),
                value,
                versionstamp,
                expires_at: expiry,
            };
            entries.insert(key, entry);
            entries = self.engine.visible(&entries, now);
        }
        Some(entries)
    }

    fn children(&self, prefix: &EncodedKey) -> Vec<Child> {
        let mut children: Vec<Child> = Vec::new();
        loop {
            let after = children.last().map(|child| child.prefix.clone());
            let page = self.store().children(prefix, after.as_ref(), 2).unwrap();
            children.extend(page.children);
            if !page.more {
                return children;
            }
        }
    }
}

fn compare_snapshot(snapshot: &dyn Snapshot, visible: &Entries) {
    let all: Vec<Entry> = visible.values().cloned().collect();
    let read = |range: KeyRange, limit, reverse| {
        snapshot
            .read(&ReadRange {
                range,
                limit,
                reverse,
            })
            .unwrap()
    };
    let everything = KeyRange {
        start: EncodedKey::default(),
        end: EncodedKey::from_bytes(&b"\xff\xff\xff"[..]),
    };
    assert_eq!(read(everything.clone(), usize::MAX, false), all);
    let last: Vec<Entry> = all.iter().rev().take(3).cloned().collect();
    assert_eq!(read(everything, 3, true), last);
    let middle = KeyRange {
        start: key(2),
        end: key(9),
    };
    let expected: Vec<Entry> = all
        .iter()
        .filter(|entry| middle.contains(&entry.key))
        .take(4)
        .cloned()
        .collect();
    assert_eq!(read(middle, 4, false), expected);
}

/// The children of a prefix, by looking at every key.
fn children(visible: &Entries, prefix: &EncodedKey) -> Vec<Child> {
    let level = prefix.part_ends().len();
    let mut children: Vec<Child> = Vec::new();
    for key in visible.keys() {
        // A key is below the prefix if the prefix is some of its parts, and all of them are whole.
        let ends = key.part_ends();
        let end_of_prefix = level
            .checked_sub(1)
            .map_or(Some(0), |last| ends.get(last).copied());
        let is_whole = first_part_length(prefix.as_bytes()).is_ok() || level == 0;
        if !is_whole || !key.is_at_or_below(prefix) || end_of_prefix != Some(prefix.as_bytes().len()) {
            continue;
        }
        let Some(end) = ends.get(level) else { continue };
        let child = key.truncated(*end);
        match children.last_mut() {
            Some(last) if last.prefix == child => last.has_children = true,
            _ => children.push(Child {
                is_entry: child == *key,
                has_children: child != *key,
                prefix: child,
            }),
        }
    }
    children
}

fn run(engine: Engine, steps: &[Step]) {
    let mut world = World::new(engine);
    for step in steps {
        match step {
            Step::Commit(checks, changes, queue) => world.commit(checks, changes, queue),
            Step::PassTime(by) => world.pass_time(*by),
            Step::Reopen => world.reopen(),
            Step::TakeSnapshot if !engine.shows_all() => {}
            Step::TakeSnapshot => {
                let snapshot = world.store().snapshot().unwrap();
                world.snapshots.push((snapshot, world.entries.clone()));
            }
        }
        world.compare();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn the_embedded_store_does_what_a_plain_map_does(steps in proptest::collection::vec(step(), 1..40)) {
        run(Engine::Embedded, &steps);
    }

    #[test]
    fn a_file_of_denos_does_what_a_plain_map_does(steps in proptest::collection::vec(step(), 1..40)) {
        run(Engine::DenoFile, &steps);
    }
}

#[cfg(feature = "connect")]
proptest! {
    // Each opens a store and attaches to it, which takes longer than all that follows.
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn a_store_does_through_its_owner_what_a_plain_map_does(steps in proptest::collection::vec(step(), 1..40)) {
        run(Engine::Attached, &steps);
    }
}

#[cfg(feature = "remote")]
proptest! {
    // Each serves a store and opens it by its server.
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]

    #[test]
    fn a_store_does_through_its_server_what_a_plain_map_does(steps in proptest::collection::vec(step(), 1..40)) {
        run(Engine::Remote, &steps);
    }
}
