//! The embedded store against a plain map, through random operations.

#[cfg(test)]
mod model {
    use std::collections::BTreeMap;
    use std::ops::ControlFlow;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, Ordering};

    use keyglass_store::Clock;
    use keyglass_store::embedded::{Durability, OpenOptions, Store};
    use keyglass_store::key::first_part_length;
    use keyglass_store::{
        AtomicOperation, Child, CommitError, CommitOutcome, Database, DatabaseError, EncodedKey, Encoding,
        Entry, KeyRange, MutationKind, ReadRange, Snapshot, StoredValue, Versionstamp,
    };
    use proptest::prelude::*;
    use tempfile::TempDir;

    /// What a step does.
    #[derive(Debug, Clone)]
    enum Step {
        Commit(Vec<CheckStep>, Vec<(usize, Change)>),
        PassTime(i64),
        Reopen,
        TakeSnapshot,
    }

    /// A check of the key of this number.
    #[derive(Debug, Clone)]
    enum CheckStep {
        Current(usize),
        Absent(usize),
        Other(usize),
    }

    #[derive(Debug, Clone)]
    enum Change {
        Set(u8, Option<i64>),
        SetNumber(u64),
        Delete,
        Sum(u64),
        Min(u64),
        Max(u64),
        Stamped(u8),
    }

    /// Keys with shared prefixes, escapes, broken tails, and one that is also a prefix.
    const KEYS: [&[u8]; 16] = [
        b"\x02a\0",
        b"\x02a\0\x02x\0",
        b"\x02a\0\x02x\0\x15\x05",
        b"\x02a\0\x02x\0\x15\xff",
        b"\x02a\0\x02y\0",
        b"\x02a\0\xffb\0",
        b"\x02a\0\xffb\0\x27",
        b"\x02b\0\x15\xff",
        b"\x02b\0\x15\xff\x27",
        b"\x02b\0\x15\xff\xff",
        b"\x02b\0\x26",
        b"\x02broken",
        b"\x14",
        b"\x27",
        b"\x27\xff\xff",
        b"\xff\xff",
    ];

    fn check() -> impl Strategy<Value = CheckStep> {
        let key = 0..KEYS.len();
        prop_oneof![
            4 => key.clone().prop_map(CheckStep::Current),
            1 => key.clone().prop_map(CheckStep::Absent),
            1 => key.prop_map(CheckStep::Other),
        ]
    }

    fn change() -> impl Strategy<Value = Change> {
        let expiry = prop_oneof![2 => Just(None), 1 => (-10_i64..400).prop_map(Some)];
        prop_oneof![
            6 => (any::<u8>(), expiry).prop_map(|(value, expiry)| Change::Set(value, expiry)),
            3 => any::<u64>().prop_map(Change::SetNumber),
            3 => Just(Change::Delete),
            1 => any::<u64>().prop_map(Change::Sum),
            1 => any::<u64>().prop_map(Change::Min),
            1 => any::<u64>().prop_map(Change::Max),
            1 => any::<u8>().prop_map(Change::Stamped),
        ]
    }

    fn step() -> impl Strategy<Value = Step> {
        let checks = proptest::collection::vec(check(), 0..3);
        let changes = proptest::collection::vec((0..KEYS.len(), change()), 0..6);
        prop_oneof![
            20 => (checks, changes).prop_map(|(checks, changes)| Step::Commit(checks, changes)),
            4 => (-50_i64..200).prop_map(Step::PassTime),
            1 => Just(Step::Reopen),
            2 => Just(Step::TakeSnapshot),
        ]
    }

    type Entries = BTreeMap<EncodedKey, Entry>;

    struct World {
        store: Option<Store>,
        snapshots: Vec<(Box<dyn Snapshot>, Entries)>,
        entries: Entries,
        newest: Versionstamp,
        /// Every expiry that was ever set.
        expiries: Vec<i64>,
        time: Arc<AtomicI64>,
        folder: TempDir,
    }

    fn key(index: usize) -> EncodedKey {
        EncodedKey::from_bytes(KEYS[index])
    }

    fn number(value: u64) -> StoredValue {
        StoredValue {
            encoding: Encoding::Le64,
            bytes: value.to_le_bytes().to_vec().into(),
        }
    }

    /// Values from empty to larger than what the engine keeps in its tables.
    fn bytes(value: u8) -> StoredValue {
        StoredValue {
            encoding: Encoding::Bytes,
            bytes: vec![value; usize::from(value) * 25].into(),
        }
    }

    fn visible(entries: &Entries, now: i64) -> Entries {
        let mut visible = entries.clone();
        visible.retain(|_, entry| entry.expires_at.is_none_or(|expires_at| expires_at > now));
        visible
    }

    impl World {
        fn new() -> Self {
            let mut world = Self {
                store: None,
                snapshots: Vec::new(),
                entries: BTreeMap::new(),
                newest: Versionstamp::default(),
                expiries: Vec::new(),
                time: Arc::new(AtomicI64::new(1000)),
                folder: tempfile::tempdir().unwrap(),
            };
            world.reopen();
            world
        }

        fn store(&self) -> &Store {
            self.store.as_ref().unwrap()
        }

        fn now(&self) -> i64 {
            self.time.load(Ordering::SeqCst)
        }

        fn reopen(&mut self) {
            self.snapshots.clear();
            self.store = None;
            let time = self.time.clone();
            let options = OpenOptions::new()
                .durability(Durability::Relaxed)
                .cache_bytes(1 << 20)
                .clock(Clock::from_fn(move || time.load(Ordering::SeqCst)));
            self.store = Some(options.open_or_create(self.folder.path()).unwrap());
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

        fn commit(&mut self, checks: &[CheckStep], changes: &[(usize, Change)]) {
            let now = self.now();
            let visible = visible(&self.entries, now);
            let mut operation = AtomicOperation::new();
            let mut failed = Vec::new();
            for (index, step) in checks.iter().enumerate() {
                let (key, expected) = match step {
                    CheckStep::Current(at) => (key(*at), visible.get(&key(*at)).map(|it| it.versionstamp)),
                    CheckStep::Absent(at) => (key(*at), None),
                    CheckStep::Other(at) => (key(*at), Some(Versionstamp::from_counter(u64::MAX))),
                };
                let current = visible.get(&key);
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
            match self.store().commit(operation) {
                Ok(CommitOutcome::Conflict(conflicts)) => {
                    let conflicts: Vec<_> = conflicts.into_iter().map(|it| (it.index, it.current)).collect();
                    assert_eq!(conflicts, failed);
                }
                Ok(CommitOutcome::Committed(versionstamp)) => {
                    assert!(failed.is_empty());
                    assert!(versionstamp > self.newest);
                    self.newest = versionstamp;
                    self.entries = apply(visible, changes, versionstamp, now).unwrap();
                }
                Err(error) => {
                    assert!(failed.is_empty());
                    assert!(
                        matches!(error, CommitError::Refused(DatabaseError::Type(_))),
                        "{error}"
                    );
                    assert_eq!(apply(visible, changes, self.newest, now), None);
                }
            }
        }

        fn compare(&self) {
            let now = self.now();
            let visible = visible(&self.entries, now);
            compare_snapshot(&*self.store().snapshot().unwrap(), &visible);
            for (snapshot, entries) in &self.snapshots {
                compare_snapshot(&**snapshot, &self::visible(entries, now));
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

    fn mutation(change: &Change, now: i64) -> MutationKind {
        match change {
            Change::Set(value, expiry) => MutationKind::Set {
                value: bytes(*value),
                expires_at: expiry.map(|expiry| now + expiry),
            },
            Change::SetNumber(value) => MutationKind::Set {
                value: number(*value),
                expires_at: None,
            },
            Change::Delete => MutationKind::Delete,
            Change::Sum(value) => MutationKind::Sum {
                operand: number(*value),
                min: None,
                max: None,
                clamp: false,
            },
            Change::Min(value) => MutationKind::Min(number(*value)),
            Change::Max(value) => MutationKind::Max(number(*value)),
            Change::Stamped(value) => MutationKind::SetSuffixVersionstampedKey {
                value: bytes(*value),
                expires_at: None,
            },
        }
    }

    /// The entries after the changes; `None` if one of them is of the wrong type.
    fn apply(
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
                    expiry = expires_in.map(|expires_in| now + expires_in);
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
            entries = visible(&entries, now);
        }
        Some(entries)
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

    proptest! {
        #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

        #[test]
        fn the_store_does_what_a_plain_map_does(steps in proptest::collection::vec(step(), 1..40)) {
            let mut world = World::new();
            for step in steps {
                match &step {
                    Step::Commit(checks, changes) => world.commit(checks, changes),
                    Step::PassTime(by) => world.pass_time(*by),
                    Step::Reopen => world.reopen(),
                    Step::TakeSnapshot => {
                        let snapshot = world.store().snapshot().unwrap();
                        world.snapshots.push((snapshot, world.entries.clone()));
                    }
                }
                world.compare();
            }
        }
    }
}
