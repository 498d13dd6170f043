//! The random steps, and what they change.

use keyglass_store::{EncodedKey, Encoding, MutationKind, StoredValue};
use proptest::prelude::*;

/// What a step does.
#[derive(Debug, Clone)]
pub enum Step {
    Commit(Vec<CheckStep>, Vec<(usize, Change)>, Vec<QueueStep>),
    PassTime(i64),
    Reopen,
    TakeSnapshot,
}

/// A check of the key of this number.
#[derive(Debug, Clone)]
pub enum CheckStep {
    Current(usize),
    Absent(usize),
    Other(usize),
}

#[derive(Debug, Clone)]
pub enum Change {
    Set(u8, Option<i64>),
    SetNumber(u64),
    Delete,
    Sum(u64),
    Min(u64),
    Max(u64),
    Stamped(u8),
}

/// Something about the queue, in a commit.
#[derive(Debug, Clone)]
pub enum QueueStep {
    /// A message that is due in so many milliseconds.
    Enqueue(i64),
    /// A change of the message of this number, among those that are there.
    Change(usize, Seen, Fate),
}

/// As what a message is said to have been seen.
#[derive(Debug, Clone)]
pub enum Seen {
    Named,
    Nameless,
    Otherwise,
}

/// What becomes of a message.
#[derive(Debug, Clone)]
pub enum Fate {
    Gone,
    Due(i64),
    Edited,
}

/// Keys with shared prefixes, escapes, broken tails, and one that is also a prefix.
pub const KEYS: [&[u8]; 16] = [
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

pub fn check() -> impl Strategy<Value = CheckStep> {
    let key = 0..KEYS.len();
    prop_oneof![
        4 => key.clone().prop_map(CheckStep::Current),
        1 => key.clone().prop_map(CheckStep::Absent),
        1 => key.prop_map(CheckStep::Other),
    ]
}

pub fn change() -> impl Strategy<Value = Change> {
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

pub fn queue_step() -> impl Strategy<Value = QueueStep> {
    let seen = prop_oneof![4 => Just(Seen::Named), 3 => Just(Seen::Nameless), 1 => Just(Seen::Otherwise)];
    let fate = prop_oneof![
        2 => Just(Fate::Gone),
        2 => (-50_i64..400).prop_map(Fate::Due),
        1 => Just(Fate::Edited),
    ];
    prop_oneof![
        1 => (-50_i64..400).prop_map(QueueStep::Enqueue),
        1 => (0_usize..8, seen, fate).prop_map(|(at, seen, fate)| QueueStep::Change(at, seen, fate)),
    ]
}

pub fn step() -> impl Strategy<Value = Step> {
    let checks = proptest::collection::vec(check(), 0..3);
    let changes = proptest::collection::vec((0..KEYS.len(), change()), 0..6);
    let queue = proptest::collection::vec(queue_step(), 0..4);
    prop_oneof![
        20 => (checks, changes, queue)
            .prop_map(|(checks, changes, queue)| Step::Commit(checks, changes, queue)),
        4 => (-50_i64..200).prop_map(Step::PassTime),
        1 => Just(Step::Reopen),
        2 => Just(Step::TakeSnapshot),
    ]
}

pub fn key(index: usize) -> EncodedKey {
    EncodedKey::from_bytes(KEYS[index])
}

pub fn number(value: u64) -> StoredValue {
    StoredValue {
        encoding: Encoding::Le64,
        bytes: value.to_le_bytes().to_vec().into(),
    }
}

/// Values from empty to larger than what the engine keeps in its tables.
pub fn bytes(value: u8) -> StoredValue {
    StoredValue {
        encoding: Encoding::Bytes,
        bytes: vec![value; usize::from(value) * 25].into(),
    }
}

pub fn mutation(change: &Change, now: i64) -> MutationKind {
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
