//! The embedded store.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use keyglass_store::embedded::{Durability, OpenOptions, Store};
use keyglass_store::{
    AtomicOperation, CommitOutcome, Database, EncodedKey, Encoding, KeyRange, ReadRange, StoredValue,
};

use crate::data::{self, Row};
use crate::measure::{Peer, repeat};

pub struct Embedded(Store);

static NEXT: AtomicU64 = AtomicU64::new(1 << 32);

fn stored(bytes: Vec<u8>) -> StoredValue {
    StoredValue {
        encoding: Encoding::Bytes,
        bytes: bytes.into(),
    }
}

impl Embedded {
    /// Commits this many rows one by one.
    pub fn commit_number(&self, count: u64) {
        for _ in 0..count {
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            let key = EncodedKey::from_bytes(data::key(number));
            let operation = AtomicOperation::new().set(key, stored(data::prepared_value(number)));
            self.0.commit(operation).expect("it commits");
        }
    }
}

impl Peer for Embedded {
    fn open(folder: &Path, relaxed: bool) -> Self {
        let durability = if relaxed {
            Durability::Relaxed
        } else {
            Durability::Sync
        };
        Self(
            OpenOptions::new()
                .durability(durability)
                .open_or_create(folder)
                .expect("it opens"),
        )
    }

    fn commit(&self, callers: u64, rows: u64, time: Duration) -> Vec<Duration> {
        std::thread::scope(|scope| {
            let callers: Vec<_> = (0..callers)
                .map(|_| {
                    scope.spawn(|| {
                        repeat(time, || {
                            let operation = (0..rows).fold(AtomicOperation::new(), |operation, _| {
                                let number = NEXT.fetch_add(1, Ordering::Relaxed);
                                let key = EncodedKey::from_bytes(data::key(number));
                                operation.set(key, stored(data::prepared_value(number)))
                            });
                            let outcome = self.0.commit(operation).expect("it commits");
                            assert!(matches!(outcome, CommitOutcome::Committed(_)));
                        })
                    })
                })
                .collect();
            callers
                .into_iter()
                .flat_map(|caller| caller.join().expect("it ends"))
                .collect()
        })
    }

    fn get(&self, key: &[u8]) -> bool {
        let key = EncodedKey::from_bytes(key.to_vec());
        self.0.get(&key).expect("it reads").is_some()
    }

    fn get_many(&self, keys: &[Vec<u8>]) -> usize {
        let keys: Vec<_> = keys
            .iter()
            .map(|key| EncodedKey::from_bytes(key.clone()))
            .collect();
        self.0.get_many(&keys).expect("it reads").iter().flatten().count()
    }

    fn list(&self, start: &[u8], end: &[u8], limit: u32, reverse: bool) -> (usize, Option<Vec<u8>>) {
        let range = ReadRange {
            range: KeyRange {
                start: EncodedKey::from_bytes(start.to_vec()),
                end: EncodedKey::from_bytes(end.to_vec()),
            },
            limit: limit as usize,
            reverse,
        };
        let entries = self.0.read(&[range]).expect("it reads").pop().unwrap_or_default();
        let last = entries.last().map(|entry| entry.key.as_bytes().to_vec());
        (entries.len(), last)
    }

    fn load(&self, rows: &[Row]) {
        let mut load = self.0.bulk_load();
        for (key, value) in rows {
            load.add(EncodedKey::from_bytes(key.clone()), stored(value.clone()), None)
                .expect("it loads");
        }
        load.finish().expect("it loads");
    }

    fn close(self) {}
}
