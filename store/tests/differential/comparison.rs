//! Random operations on both, and what they answer.

use std::collections::{BTreeMap, HashMap};

use denokv_proto::{AtomicWriteOutcome, KvValue};
use keyglass_store::embedded::{Durability, OpenOptions, Store};
use keyglass_store::value::Node;
use keyglass_store::value::canonical::canonical;
use keyglass_store::{
    AtomicOperation, CommitOutcome, Database, EncodedKey, Encoding, Enqueue, KeyRange, MutationKind,
    ReadRange, StoredValue, Value, Versionstamp,
};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use crate::deno::Deno;

/// Far behind the end of any test, so that time decides nothing.
const FAR_FUTURE: i64 = 4_000_000_000_000;
const OPERATIONS: usize = 400;

/// Keys of which some begin with others, with escapes.
const KEYS: [&[u8]; 10] = [
    b"\x02a\0",
    b"\x02a\0\x02x\0",
    b"\x02a\0\x02x\0\x15\x05",
    b"\x02a\0\x02y\0",
    b"\x02a\0\xffb\0",
    b"\x02b\0\x15\xff",
    b"\x02b\0\x26",
    b"\x14",
    b"\x21\x80\0\0\0\0\0\0\0",
    b"\x27",
];

/// An entry as both must show it: key, encoding, value, and the number of the commit that wrote it.
type Shown = (Vec<u8>, u8, String, usize);

/// The two databases, and which commit each of their versionstamps names.
struct World {
    ours: Store,
    deno: Deno,
    our_commits: HashMap<Versionstamp, usize>,
    deno_commits: HashMap<Versionstamp, usize>,
    num_commits: usize,
    num_conflicts: usize,
    num_failures: usize,
    random: StdRng,
    folder: tempfile::TempDir,
}

impl World {
    fn new(seed: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = OpenOptions::new().durability(Durability::Relaxed);
        Self {
            ours: options.create(folder.path().join("store")).unwrap(),
            deno: Deno::open(folder.path()),
            our_commits: HashMap::new(),
            deno_commits: HashMap::new(),
            num_commits: 0,
            num_conflicts: 0,
            num_failures: 0,
            random: StdRng::seed_from_u64(seed),
            folder,
        }
    }

    fn our_state(&self, range: &ReadRange) -> Vec<Shown> {
        let entries = self.ours.snapshot().unwrap().read(range).unwrap();
        let shown = entries.iter().map(|entry| {
            show(
                entry.key.as_bytes(),
                &entry.value,
                entry.versionstamp,
                &self.our_commits,
            )
        });
        shown.collect()
    }

    fn deno_state(&self, range: &ReadRange) -> Vec<Shown> {
        let entries = self.deno.read(range);
        let shown = entries.into_iter().map(|entry| {
            let value = match entry.value {
                KvValue::V8(bytes) => stored(Encoding::V8, bytes),
                KvValue::Bytes(bytes) => stored(Encoding::Bytes, bytes),
                KvValue::U64(number) => number_value(number),
            };
            show(
                &entry.key,
                &value,
                Versionstamp(entry.versionstamp),
                &self.deno_commits,
            )
        });
        shown.collect()
    }

    fn step(&mut self) {
        let (our_operation, deno_operation) = self.operation();
        let ours = self.ours.commit(our_operation);
        let deno = self.deno.commit(&deno_operation);
        match (ours, deno) {
            (Ok(CommitOutcome::Committed(our)), Ok(AtomicWriteOutcome::Committed(deno))) => {
                self.name_commit(our, Versionstamp(deno.versionstamp));
            }
            (Ok(CommitOutcome::Conflict(failed)), Ok(AtomicWriteOutcome::CheckFailed { failed_checks })) => {
                let failed: Vec<u32> = failed.iter().map(|it| u32::try_from(it.index).unwrap()).collect();
                assert_eq!(failed, failed_checks);
                self.num_conflicts += 1;
            }
            (Err(our), Err(deno)) => {
                assert_eq!(our.to_string(), deno);
                self.take_back(&deno_operation);
                self.num_failures += 1;
            }
            (our, deno) => panic!("{deno_operation:?}: {our:?} here and {deno:?} there"),
        }
    }

    fn name_commit(&mut self, our: Versionstamp, deno: Versionstamp) {
        self.num_commits += 1;
        self.our_commits.insert(our, self.num_commits);
        self.deno_commits.insert(deno, self.num_commits);
    }

    /// Difference 2: undoes what Deno kept of an operation that failed. Nothing but keys of the operation may
    /// differ.
    fn take_back(&mut self, operation: &AtomicOperation) {
        let index = |state: Vec<Shown>| -> BTreeMap<Vec<u8>, Shown> {
            state.into_iter().map(|shown| (shown.0.clone(), shown)).collect()
        };
        let ours = index(self.our_state(&everything()));
        // Entries of the failed commit have stamps without a name yet.
        for entry in self.deno.read(&everything()) {
            let next = self.num_commits + 1;
            self.deno_commits
                .entry(Versionstamp(entry.versionstamp))
                .or_insert(next);
        }
        self.num_commits += 1;
        let stored: HashMap<Vec<u8>, StoredValue> = self
            .ours
            .snapshot()
            .unwrap()
            .read(&everything())
            .unwrap()
            .into_iter()
            .map(|entry| {
                let key = named_key(entry.key.as_bytes(), &self.our_commits);
                (key, entry.value)
            })
            .collect();
        let theirs = self.deno.read(&everything());
        let mut by_name: HashMap<Vec<u8>, Vec<u8>> = HashMap::new();
        for entry in &theirs {
            by_name.insert(named_key(&entry.key, &self.deno_commits), entry.key.clone());
        }
        let theirs = index(self.deno_state(&everything()));
        let names: Vec<Vec<u8>> = ours.keys().chain(theirs.keys()).cloned().collect();
        for name in names {
            let (our, their) = (ours.get(&name), theirs.get(&name));
            if our == their {
                continue;
            }
            let touched = |mutation: &keyglass_store::Mutation| name.starts_with(mutation.key.as_bytes());
            assert!(
                operation.mutations.iter().any(touched),
                "{name:?} was not part of it"
            );
            let key = EncodedKey::from_bytes(by_name.get(&name).cloned().unwrap_or_else(|| name.clone()));
            let repair = match stored.get(&name) {
                Some(value) => AtomicOperation::new().set(key, value.clone()),
                None => AtomicOperation::new().delete(key),
            };
            let Ok(AtomicWriteOutcome::Committed(commit)) = self.deno.commit(&repair) else {
                panic!("it could not be undone")
            };
            if let Some(our) = our {
                self.deno_commits.insert(Versionstamp(commit.versionstamp), our.3);
            }
        }
    }

    /// A random operation, with the versionstamps of each side in its checks.
    fn operation(&mut self) -> (AtomicOperation, AtomicOperation) {
        let (mut ours, mut deno) = (AtomicOperation::new(), AtomicOperation::new());
        for _ in 0..self.random.gen_range(0..3) {
            let key = self.key();
            let (mut our, mut their) = (None, None);
            if self.random.gen_bool(0.8) {
                our = self.ours.get(&key).unwrap().map(|entry| entry.versionstamp);
                let range = KeyRange::only(&key);
                let entries = self.deno.read(&ReadRange {
                    range,
                    limit: 1,
                    reverse: false,
                });
                their = entries.first().map(|entry| Versionstamp(entry.versionstamp));
            } else if self.random.gen_bool(0.5) {
                our = Some(Versionstamp([0xee; 10]));
                their = our;
            }
            ours = ours.check(key.clone(), our);
            deno = deno.check(key, their);
        }
        for _ in 0..self.random.gen_range(0..5) {
            let (key, kind) = (self.key(), self.mutation());
            ours = ours.mutate(key.clone(), kind.clone());
            deno = deno.mutate(key, kind);
        }
        if self.random.gen_bool(0.1) {
            let schedule = [None, Some(vec![]), Some(vec![5, 70_000])];
            let message = Enqueue {
                payload: v8(Node::Number(f64::from(self.random.gen_range(0..1000)))).bytes,
                due_at: FAR_FUTURE + self.random.gen_range(0..100),
                keys_if_undelivered: (0..self.random.gen_range(0..3)).map(|_| self.key()).collect(),
                backoff_schedule: schedule[self.random.gen_range(0..3)].clone(),
            };
            ours = ours.enqueue(message.clone());
            deno = deno.enqueue(message);
        }
        (ours, deno)
    }

    fn key(&mut self) -> EncodedKey {
        EncodedKey::from_bytes(KEYS[self.random.gen_range(0..KEYS.len())])
    }

    fn mutation(&mut self) -> MutationKind {
        let expires_at = self.random.gen_bool(0.3).then_some(FAR_FUTURE);
        match self.random.gen_range(0..20) {
            0..8 => MutationKind::Set {
                value: self.value(),
                expires_at,
            },
            8..11 => MutationKind::Delete,
            11..14 => MutationKind::Sum {
                operand: self.number(),
                min: None,
                max: None,
                clamp: false,
            },
            14..16 => {
                let bound = self.number();
                MutationKind::Sum {
                    operand: self.number(),
                    min: self.random.gen_bool(0.4).then(|| bound.bytes.clone()),
                    max: self.random.gen_bool(0.4).then(|| bound.bytes.clone()),
                    clamp: self.random.r#gen(),
                }
            }
            16 => MutationKind::Min(self.number()),
            17 => MutationKind::Max(self.number()),
            _ => MutationKind::SetSuffixVersionstampedKey {
                value: self.value(),
                expires_at,
            },
        }
    }

    fn value(&mut self) -> StoredValue {
        match self.random.gen_range(0..6) {
            0 => stored(Encoding::Bytes, vec![7; self.random.gen_range(0..5000)]),
            1 => v8(Node::String("text".into())),
            _ => self.number(),
        }
    }

    fn number(&mut self) -> StoredValue {
        let small = self.random.gen_range(-50_i64..50);
        match self.random.gen_range(0..10) {
            0 => v8(Node::String("no number".into())),
            1..4 => v8(Node::BigInt(small.into())),
            4..6 => v8(Node::Number(small as f64)),
            6 => v8(Node::Number(small as f64 / 7.0)),
            7 => number_value(self.random.r#gen()),
            _ => number_value(small.unsigned_abs()),
        }
    }

    fn compare(&mut self) {
        assert_eq!(self.our_state(&everything()), self.deno_state(&everything()));
        for _ in 0..3 {
            let range = ReadRange {
                range: KeyRange {
                    start: self.key(),
                    end: self.key(),
                },
                limit: self.random.gen_range(1..8),
                reverse: self.random.r#gen(),
            };
            assert_eq!(self.our_state(&range), self.deno_state(&range), "{range:?}");
        }
    }

    /// Expiries and the queue, which Deno shows only in its file.
    fn compare_files(self) {
        let ours = self.ours.snapshot().unwrap().read(&everything()).unwrap();
        let mut expiries: Vec<_> = ours
            .iter()
            .map(|entry| {
                let key = named_key(entry.key.as_bytes(), &self.our_commits);
                (key, entry.expires_at.unwrap_or(-1))
            })
            .collect();
        let mut messages: Vec<_> = self.ours.queue(usize::MAX).unwrap();
        messages.sort_by_key(|message| (message.due_at, message.payload.clone()));
        self.deno.sqlite.close();
        let connection = rusqlite::Connection::open(&self.deno.file).unwrap();
        let mut statement = connection.prepare("select k, expiration_ms from kv").unwrap();
        let rows = statement.query_map([], |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get(1)?)));
        let mut theirs: Vec<(Vec<u8>, i64)> = rows
            .unwrap()
            .map(|row| {
                let (key, expiry) = row.unwrap();
                (named_key(&key, &self.deno_commits), expiry)
            })
            .collect();
        expiries.sort();
        theirs.sort();
        let repaired: Vec<_> = expiries.iter().zip(&theirs).filter(|(a, b)| a != b).collect();
        // An entry that was put back (difference 2) was put back without its expiry.
        assert!(
            repaired
                .iter()
                .all(|(our, their)| our.0 == their.0 && their.1 == -1)
        );
        assert_eq!(expiries.len(), theirs.len());

        let mut statement = connection
            .prepare("select ts, data, backoff_schedule, keys_if_undelivered from queue order by ts, data")
            .unwrap();
        let rows = statement.query_map([], |row| {
            let keys: String = row.get(3)?;
            Ok((
                row.get::<_, i64>(0)?,
                row.get::<_, Vec<u8>>(1)?,
                row.get::<_, String>(2)?,
                keys,
            ))
        });
        let theirs: Vec<_> = rows.unwrap().map(Result::unwrap).collect();
        let ours: Vec<_> = messages
            .iter()
            .map(|message| {
                let keys = message.keys_if_undelivered.iter();
                let keys: Vec<_> = keys.map(|key| key.as_bytes().to_vec()).collect();
                (
                    message.due_at,
                    message.payload.to_vec(),
                    serde_json::to_string(&message.backoff_schedule).unwrap(),
                    serde_json::to_string(&keys).unwrap(),
                )
            })
            .collect();
        assert_eq!(sorted(ours), sorted(theirs));
        drop(self.folder);
    }
}

fn sorted<T: Ord>(mut items: Vec<T>) -> Vec<T> {
    items.sort();
    items
}

fn everything() -> ReadRange {
    ReadRange {
        range: KeyRange {
            start: EncodedKey::default(),
            end: EncodedKey::from_bytes(&b"\xff"[..]),
        },
        limit: 1000,
        reverse: false,
    }
}

fn stored(encoding: Encoding, bytes: Vec<u8>) -> StoredValue {
    StoredValue {
        encoding,
        bytes: bytes.into(),
    }
}

fn v8(node: Node) -> StoredValue {
    StoredValue::from_value(&Value::primitive(node)).unwrap()
}

fn number_value(number: u64) -> StoredValue {
    stored(Encoding::Le64, number.to_le_bytes().to_vec())
}

fn show(
    key: &[u8],
    value: &StoredValue,
    versionstamp: Versionstamp,
    commits: &HashMap<Versionstamp, usize>,
) -> Shown {
    (
        named_key(key, commits),
        value.encoding.to_byte().unwrap(),
        canonical(&value.decode().unwrap()),
        commits.get(&versionstamp).copied().unwrap_or(0),
    )
}

/// The key, but with the number of the commit where it ends in a versionstamp.
fn named_key(key: &[u8], commits: &HashMap<Versionstamp, usize>) -> Vec<u8> {
    let Some((head, tail)) = key.len().checked_sub(22).map(|at| key.split_at(at)) else {
        return key.to_vec();
    };
    let stamp = std::str::from_utf8(&tail[1..21])
        .ok()
        .and_then(|text| text.parse().ok());
    match stamp.and_then(|stamp| commits.get(&stamp)) {
        Some(commit) => [head, format!("\u{2}commit {commit:08}\0").as_bytes()].concat(),
        None => key.to_vec(),
    }
}

#[test]
fn the_store_answers_as_the_engine_inside_deno_does() {
    for seed in 1..=3 {
        let mut world = World::new(seed);
        for _ in 0..OPERATIONS {
            world.step();
            world.compare();
        }
        // Each kind of answer was compared often.
        let few = [world.num_commits, world.num_conflicts, world.num_failures];
        assert!(few.iter().all(|times| *times > 20), "{few:?}");
        world.compare_files();
    }
}

#[test]
fn an_entry_whose_expiry_has_passed_is_gone_here_and_waits_for_the_sweep_there() {
    let mut world = World::new(1);
    let key = EncodedKey::from_bytes(KEYS[0]);
    let operation = AtomicOperation::new().set_expiring(key, number_value(1), Some(1000));
    world.ours.commit(operation.clone()).unwrap();
    let outcome = world.deno.commit(&operation).unwrap();
    assert!(matches!(outcome, AtomicWriteOutcome::Committed(_)));
    assert_eq!(world.our_state(&everything()).len(), 0);
    world.num_commits += 1;
    assert_eq!(world.deno_state(&everything()).len(), 1);
}
