//! A database that is worked out instead of stored, so that any number of keys is there at once.

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, PoisonError};

use keyglass_store::database::{
    Capabilities, Changes, Child, ChildrenPage, Counted, DatabaseKind, QueueMessage, QueuePlace, ReadRange,
    Reading, Snapshot, Statistics, WatchedState, Writing,
};
use keyglass_store::key::{EncodedKey, Key, KeyPart, KeyRange};
use keyglass_store::subscription::{feed, states};
use keyglass_store::value::StoredValue;
use keyglass_store::{
    AtomicOperation, Clock, CommitError, CommitOutcome, Database, DatabaseError, Entry, Feed, Limits,
    Subscription, Versionstamp,
};

/// Entries `["items", n]`, or `["sets", n, m]` if they are grouped, with one large value under `["a large value"]`
/// before them.
#[derive(Clone)]
pub struct Synthetic {
    pub clock: Clock,
    numbers: u64,
    /// Entries of each folder, if they lie in folders.
    group: Option<u64>,
    prefix: Vec<u8>,
    large_key: EncodedKey,
    large: StoredValue,
    values: Vec<StoredValue>,
    /// What nothing is ever told through.
    ends: Arc<Mutex<Vec<Box<dyn Send>>>>,
}

fn encoded(parts: Vec<KeyPart>) -> EncodedKey {
    Key(parts).encode().unwrap_or_default()
}

/// A number as a key part.
fn number(number: u64, bytes: &mut Vec<u8>) {
    // Appending a number to a key cannot fail.
    let _encoded = KeyPart::Number(number as f64).encode_into(bytes);
}

impl Synthetic {
    pub fn new(entries: u64, group: Option<u64>, large: StoredValue, values: Vec<StoredValue>) -> Self {
        let name = if group.is_some() { "sets" } else { "items" };
        Self {
            clock: Clock::system(),
            numbers: entries,
            group,
            prefix: encoded(vec![KeyPart::String(name.to_owned())])
                .as_bytes()
                .to_vec(),
            large_key: encoded(vec![KeyPart::String("a large value".to_owned())]),
            large,
            values,
            ends: Arc::default(),
        }
    }

    /// Keeps the sender, so that the subscription does not end.
    fn never_ending<T>(&self, sender: impl Send + 'static, subscription: T) -> T {
        let mut ends = self.ends.lock().unwrap_or_else(PoisonError::into_inner);
        ends.push(Box::new(sender));
        subscription
    }

    pub fn large_key(&self) -> &EncodedKey {
        &self.large_key
    }

    pub fn prefix(&self) -> EncodedKey {
        EncodedKey::from_bytes(self.prefix.clone())
    }

    /// The key of an entry: the large one first.
    fn key(&self, at: u64) -> EncodedKey {
        let Some(at) = at.checked_sub(1) else {
            return self.large_key.clone();
        };
        let mut bytes = self.prefix.clone();
        match self.group {
            Some(group) => {
                number(at / group, &mut bytes);
                number(at % group, &mut bytes);
            }
            None => number(at, &mut bytes),
        }
        EncodedKey::from_bytes(bytes)
    }

    fn entry(&self, at: u64) -> Entry {
        let value = match at.checked_sub(1) {
            None => Some(&self.large),
            Some(at) => self
                .values
                .get(usize::try_from(at).unwrap_or(0) % self.values.len()),
        };
        Entry {
            key: self.key(at),
            value: value.unwrap_or(&self.large).clone(),
            versionstamp: Versionstamp::from_counter(at + 1),
            expires_at: at.is_multiple_of(5).then_some(i64::MAX / 2),
        }
    }

    /// The first entry whose key is not below this one.
    fn place(&self, key: &EncodedKey) -> u64 {
        let (mut low, mut high) = (0, self.numbers + 1);
        while low < high {
            let middle = u64::midpoint(low, high);
            if self.key(middle) < *key {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }
}

impl Snapshot for Synthetic {
    fn read(&self, range: &ReadRange) -> Result<Vec<Entry>, DatabaseError> {
        let (start, end) = (self.place(&range.range.start), self.place(&range.range.end));
        let entries = start..end.max(start);
        Ok(if range.reverse {
            let entries = entries.rev().take(range.limit);
            entries.map(|at| self.entry(at)).collect()
        } else {
            entries.take(range.limit).map(|at| self.entry(at)).collect()
        })
    }

    fn get(&self, key: &EncodedKey) -> Result<Option<Entry>, DatabaseError> {
        let at = self.place(key);
        Ok((at <= self.numbers && self.key(at) == *key).then(|| self.entry(at)))
    }

    fn versionstamp(&self) -> Option<Versionstamp> {
        None
    }
}

impl Database for Synthetic {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            kind: DatabaseKind::Embedded,
            writing: Writing::Allowed,
            reading: Reading::Cheap,
            changes: Changes::EveryCommit,
            history: true,
            past_versions: false,
            expiry: true,
            consistent_snapshots: true,
            queue: false,
            limits: Limits::DENO,
        }
    }

    fn location(&self) -> String {
        "synthetic".to_owned()
    }

    fn clock(&self) -> Clock {
        self.clock.clone()
    }

    fn snapshot(&self) -> Result<Box<dyn Snapshot>, DatabaseError> {
        Ok(Box::new(self.clone()))
    }

    fn commit(&self, _operation: AtomicOperation) -> Result<CommitOutcome, CommitError> {
        Ok(CommitOutcome::Conflict(Vec::new()))
    }

    fn watch(&self, _keys: Vec<EncodedKey>) -> Result<Subscription<WatchedState>, DatabaseError> {
        let (sender, watch) = states(|| ());
        Ok(self.never_ending(sender, watch))
    }

    fn changes(&self, _ranges: Vec<KeyRange>) -> Result<Feed, DatabaseError> {
        let (sender, changes) = feed(|| ());
        Ok(self.never_ending(sender, changes))
    }

    fn children(
        &self,
        prefix: &EncodedKey,
        after: Option<&EncodedKey>,
        limit: usize,
    ) -> Result<ChildrenPage, DatabaseError> {
        let start = after.map_or_else(|| prefix.with_suffix(&[0]), |after| after.with_suffix(&[0xff]));
        let end = prefix.with_suffix(&[0xff]);
        let mut page = ChildrenPage::default();
        let mut at = self.place(&start);
        while at <= self.numbers {
            let key = self.key(at);
            if key >= end {
                break;
            }
            if page.children.len() == limit {
                page.more = true;
                break;
            }
            let part_end = key
                .part_ends()
                .into_iter()
                .find(|end| *end > prefix.as_bytes().len());
            let child = key.truncated(part_end.unwrap_or(usize::MAX));
            let is_entry = child == key;
            at = if is_entry {
                at + 1
            } else {
                self.place(&child.with_suffix(&[0xff]))
            };
            page.children.push(Child {
                prefix: child,
                is_entry,
                has_children: !is_entry,
            });
        }
        Ok(page)
    }

    fn count(
        &self,
        range: &KeyRange,
        _progress: &mut dyn FnMut(Counted) -> ControlFlow<()>,
    ) -> Result<Counted, DatabaseError> {
        let entries = self.place(&range.end).saturating_sub(self.place(&range.start));
        Ok(Counted {
            entries,
            bytes: entries * 90,
            expired: 0,
            complete: true,
        })
    }

    fn watch_queue(&self) -> Result<Subscription<u64>, DatabaseError> {
        let (sender, queue) = states(|| ());
        Ok(self.never_ending(sender, queue))
    }

    fn queue_page(
        &self,
        _after: Option<&QueuePlace>,
        _limit: usize,
    ) -> Result<Vec<QueueMessage>, DatabaseError> {
        Ok(Vec::new())
    }

    fn statistics(&self) -> Result<Statistics, DatabaseError> {
        Ok(Statistics::default())
    }

    fn set_writable(&self, _writable: bool) -> Result<(), DatabaseError> {
        Ok(())
    }
}
