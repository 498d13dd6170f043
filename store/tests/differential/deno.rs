//! The engine inside Deno, behind our own types.

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use denokv_proto::{AtomicWriteOutcome, Consistency, KvValue, SnapshotReadOptions};
use denokv_sqlite::{Sqlite, SqliteConfig, SqliteNotifier};
use keyglass_store::{AtomicOperation, Encoding, Enqueue, MutationKind, ReadRange, StoredValue};
use rand::rngs::StdRng;
use rand::{RngCore, SeedableRng};
use tokio::runtime::Runtime;

/// `denokv_sqlite` in a file.
pub struct Deno {
    runtime: Runtime,
    pub sqlite: Sqlite,
    pub file: PathBuf,
}

impl Deno {
    pub fn open(folder: &Path) -> Self {
        let file = folder.join("kv.sqlite3");
        let open = {
            let file = file.clone();
            move || {
                let connection = rusqlite::Connection::open(&file).unwrap();
                connection.pragma_update(None, "journal_mode", "wal").unwrap();
                // Nothing here survives a power cut anyway.
                connection.pragma_update(None, "synchronous", "off").unwrap();
                let random: Box<dyn RngCore + Send> = Box::new(StdRng::seed_from_u64(1));
                Ok((connection, random))
            }
        };
        let config = SqliteConfig {
            num_workers: 1,
            batch_timeout: None,
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        Self {
            runtime: runtime.unwrap(),
            sqlite: Sqlite::new(open, SqliteNotifier::default(), config).unwrap(),
            file,
        }
    }

    pub fn commit(&self, operation: &AtomicOperation) -> Result<AtomicWriteOutcome, String> {
        let write = denokv_proto::AtomicWrite {
            checks: operation.checks.iter().map(to_check).collect(),
            mutations: operation.mutations.iter().map(to_mutation).collect(),
            enqueues: operation.enqueues.iter().map(to_enqueue).collect(),
        };
        let outcome = self.runtime.block_on(self.sqlite.atomic_write(write));
        outcome.map_err(|error| error.to_string())
    }

    pub fn read(&self, range: &ReadRange) -> Vec<denokv_proto::KvEntry> {
        let range = denokv_proto::ReadRange {
            start: range.range.start.as_bytes().to_vec(),
            end: range.range.end.as_bytes().to_vec(),
            limit: NonZeroU32::new(u32::try_from(range.limit).unwrap()).unwrap(),
            reverse: range.reverse,
        };
        let options = SnapshotReadOptions {
            consistency: Consistency::Strong,
        };
        let outputs = self
            .runtime
            .block_on(self.sqlite.snapshot_read(vec![range], options));
        outputs.unwrap().pop().unwrap().entries
    }
}

fn to_check(check: &keyglass_store::Check) -> denokv_proto::Check {
    denokv_proto::Check {
        key: check.key.as_bytes().to_vec(),
        versionstamp: check.versionstamp.map(|versionstamp| versionstamp.0),
    }
}

fn to_value(value: &StoredValue) -> KvValue {
    let bytes = value.bytes.to_vec();
    match value.encoding {
        Encoding::V8 => KvValue::V8(bytes),
        Encoding::Bytes => KvValue::Bytes(bytes),
        Encoding::Le64 => KvValue::U64(u64::from_le_bytes(bytes.try_into().unwrap())),
        Encoding::Unknown(_) => panic!("no test stores such a value"),
    }
}

fn to_mutation(mutation: &keyglass_store::Mutation) -> denokv_proto::Mutation {
    use denokv_proto::MutationKind as Kind;
    let mut expires = None;
    let kind = match &mutation.kind {
        MutationKind::Set { value, expires_at } => {
            expires = *expires_at;
            Kind::Set(to_value(value))
        }
        MutationKind::SetSuffixVersionstampedKey { value, expires_at } => {
            expires = *expires_at;
            Kind::SetSuffixVersionstampedKey(to_value(value))
        }
        MutationKind::Delete => Kind::Delete,
        MutationKind::Sum {
            operand,
            min,
            max,
            clamp,
        } => Kind::Sum {
            value: to_value(operand),
            min_v8: min.as_deref().unwrap_or_default().to_vec(),
            max_v8: max.as_deref().unwrap_or_default().to_vec(),
            clamp: *clamp,
        },
        MutationKind::Min(operand) => Kind::Min(to_value(operand)),
        MutationKind::Max(operand) => Kind::Max(to_value(operand)),
    };
    denokv_proto::Mutation {
        key: mutation.key.as_bytes().to_vec(),
        kind,
        expire_at: expires.map(|time| time_of(time).into()),
    }
}

fn time_of(milliseconds: i64) -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(milliseconds.unsigned_abs())
}

fn to_enqueue(enqueue: &Enqueue) -> denokv_proto::Enqueue {
    let keys = enqueue.keys_if_undelivered.iter();
    denokv_proto::Enqueue {
        payload: enqueue.payload.to_vec(),
        deadline: time_of(enqueue.due_at).into(),
        keys_if_undelivered: keys.map(|key| key.as_bytes().to_vec()).collect(),
        backoff_schedule: enqueue.backoff_schedule.clone(),
    }
}
