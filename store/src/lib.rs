#![doc = include_str!("../README.md")]

#[cfg(test)]
extern crate self as keyglass_store;

pub mod atomic;
#[cfg(feature = "connect")]
pub mod attached;
pub mod backup;
pub mod change;
pub mod clock;
#[cfg(feature = "connect")]
pub mod connect;
pub mod database;
#[cfg(feature = "deno-file")]
pub mod deno_file;
pub mod draft;
pub mod dry_run;
pub mod embedded;
pub mod entries;
pub mod entry;
pub mod error;
#[cfg(target_os = "linux")]
mod file_locks;
pub mod history;
#[cfg(feature = "connect")]
#[cfg_attr(
    not(feature = "remote"),
    allow(dead_code, reason = "attaching to this machine's owners needs less of it")
)]
mod http;
pub mod indexes;
mod javascript;
pub mod key;
pub mod kv;
mod lasting_id;
pub mod limits;
pub mod new_file;
pub mod open;
#[cfg(feature = "connect")]
mod process;
pub mod read_only;
#[cfg(feature = "remote")]
pub mod remote;
pub mod requests;
#[cfg(any(feature = "deno-file", fuzzing))]
mod sqlite_pages;
mod statistics;
pub mod subscription;
pub mod survey;
pub mod transfer;
pub mod value;
pub mod versionstamp;

pub use atomic::{
    AtomicOperation, Check, CommitOutcome, Effect, Enqueue, FailedCheck, MessageChange, Mutation,
    MutationKind, Rehearsal, Standing,
};
pub use clock::Clock;
pub use database::{
    Before, Capabilities, Change, Changes, Child, ChildrenPage, Counted, Database, DatabaseKind, EngineFacts,
    FeedEvent, LastingId, Metered, QueueMessage, QueuePlace, ReadRange, Reading, Snapshot, Statistics,
    WatchedState, Writing,
};
pub use entries::{Entries, Pager, Seen};
pub use entry::Entry;
pub use error::{
    CommitError, ConnectError, DatabaseError, LoadError, LockOwner, OpenError, ProxyError, ProxyUrlError,
};
pub use history::{DeletedPage, Ended, HistoryRule, HistoryRules, PastVersion};
pub use key::{Cursor, EncodedKey, Key, KeyPart, KeyRange, Selector};
pub use kv::{Kv, KvEntry, KvError, Message};
pub use limits::Limits;
pub use read_only::ReadOnly;
#[cfg(fuzzing)]
pub use sqlite_pages::read_wreck;
pub use subscription::{Feed, Subscription};
pub use value::{Encoding, StoredValue, Value, ValueError};
pub use versionstamp::{Versionstamp, VersionstampParseError};
