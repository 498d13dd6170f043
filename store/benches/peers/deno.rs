//! `denokv_sqlite` as Deno configures it: one worker thread, no batching, a write-ahead log and otherwise
//! SQLite's defaults, which sync each commit.

use std::num::NonZeroU32;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use denokv_proto::{
    AtomicWrite, AtomicWriteOutcome, Consistency, KvValue, Mutation, MutationKind, ReadRange,
    SnapshotReadOptions,
};
use denokv_sqlite::{Sqlite, SqliteConfig, SqliteNotifier};
use rand::SeedableRng as _;
use tokio::runtime::Runtime;

use crate::data::{self, Row};
use crate::measure::Peer;

/// Rows of one commit of a load, which is Deno's limit.
const LOADED_TOGETHER: usize = 1000;

pub struct Deno {
    runtime: Runtime,
    sqlite: Sqlite,
}

static NEXT: AtomicU64 = AtomicU64::new(1 << 33);

pub fn database_file(folder: &Path) -> std::path::PathBuf {
    folder.join("kv.sqlite3")
}

fn write_of(rows: impl Iterator<Item = Row>) -> AtomicWrite {
    AtomicWrite {
        checks: Vec::new(),
        mutations: rows
            .map(|(key, value)| Mutation {
                key,
                kind: MutationKind::Set(KvValue::Bytes(value)),
                expire_at: None,
            })
            .collect(),
        enqueues: Vec::new(),
    }
}

impl Deno {
    async fn write(&self, write: AtomicWrite) {
        let outcome = self.sqlite.atomic_write(write).await.expect("it commits");
        assert!(matches!(outcome, AtomicWriteOutcome::Committed(_)));
    }

    fn read(&self, ranges: Vec<ReadRange>) -> Vec<Vec<Vec<u8>>> {
        let options = SnapshotReadOptions {
            consistency: Consistency::Strong,
        };
        let outputs = self
            .runtime
            .block_on(self.sqlite.snapshot_read(ranges, options))
            .expect("it reads");
        outputs
            .into_iter()
            .map(|output| output.entries.into_iter().map(|entry| entry.key).collect())
            .collect()
    }
}

/// The range that Deno's `get` reads.
fn point(key: &[u8]) -> ReadRange {
    let mut end = key.to_vec();
    end.push(0);
    ReadRange {
        start: key.to_vec(),
        end,
        limit: NonZeroU32::MIN,
        reverse: false,
    }
}

impl Peer for Deno {
    /// Deno has no choice of durability.
    fn open(folder: &Path, _relaxed: bool) -> Self {
        std::fs::create_dir_all(folder).expect("a folder");
        let file = database_file(folder);
        let config = SqliteConfig {
            num_workers: 1,
            batch_timeout: None,
        };
        let open = || {
            let connection = rusqlite::Connection::open(&file).expect("it opens");
            connection
                .pragma_update(None, "journal_mode", "wal")
                .expect("it opens");
            let random: Box<dyn rand::RngCore + Send> = Box::new(rand::rngs::StdRng::seed_from_u64(1));
            Ok((connection, random))
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        Self {
            runtime: runtime.expect("a runtime"),
            sqlite: Sqlite::new(open, SqliteNotifier::default(), config).expect("it opens"),
        }
    }

    /// Callers are tasks of one thread, as they are in Deno.
    fn commit(&self, callers: u64, rows: u64, time: Duration) -> Vec<Duration> {
        let caller = || async move {
            let mut times = Vec::new();
            let end = tokio::time::Instant::now() + time;
            let mut before = std::time::Instant::now();
            while before < end.into_std() {
                let numbers = (0..rows).map(|_| NEXT.fetch_add(1, Ordering::Relaxed));
                self.write(write_of(
                    numbers.map(|number| (data::key(number), data::prepared_value(number))),
                ))
                .await;
                let after = std::time::Instant::now();
                times.push(after - before);
                before = after;
            }
            times
        };
        self.runtime
            .block_on(futures::future::join_all((0..callers).map(|_| caller())))
            .concat()
    }

    fn get(&self, key: &[u8]) -> bool {
        !self.read(vec![point(key)]).concat().is_empty()
    }

    fn get_many(&self, keys: &[Vec<u8>]) -> usize {
        self.read(keys.iter().map(|key| point(key)).collect())
            .concat()
            .len()
    }

    fn list(&self, start: &[u8], end: &[u8], limit: u32, reverse: bool) -> (usize, Option<Vec<u8>>) {
        let range = ReadRange {
            start: start.to_vec(),
            end: end.to_vec(),
            limit: NonZeroU32::new(limit).expect("a limit"),
            reverse,
        };
        let mut keys = self.read(vec![range]).concat();
        (keys.len(), keys.pop())
    }

    fn load(&self, rows: &[Row]) {
        for rows in rows.chunks(LOADED_TOGETHER) {
            self.runtime.block_on(self.write(write_of(rows.iter().cloned())));
        }
    }

    fn close(self) {
        self.sqlite.close();
    }
}
