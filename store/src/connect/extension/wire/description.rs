//! What a database says of itself when somebody attaches.

use prost::Message;

use super::{Malformed, size};
use crate::database::{Capabilities, Changes, Database, DatabaseKind, LastingId, Reading, Writing};
use crate::error::LockOwner;
use crate::limits;

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Description {
    /// Where its owner has it.
    #[prost(string, tag = "1")]
    location: String,
    #[prost(string, optional, tag = "2")]
    id: Option<String>,
    #[prost(message, optional, tag = "3")]
    capabilities: Option<Stated>,
    /// By its clock, in milliseconds since the Unix epoch.
    #[prost(sint64, tag = "4")]
    now: i64,
    /// The owner's.
    #[prost(uint32, tag = "5")]
    process: u32,
    #[prost(string, optional, tag = "6")]
    program: Option<String>,
}

#[derive(Clone, PartialEq, Message)]
struct Stated {
    #[prost(int32, tag = "1")]
    kind: i32,
    #[prost(int32, tag = "2")]
    writing: i32,
    /// Why it cannot be written.
    #[prost(string, tag = "3")]
    reason: String,
    #[prost(int32, tag = "4")]
    reading: i32,
    #[prost(int32, tag = "5")]
    changes: i32,
    #[prost(bool, tag = "6")]
    history: bool,
    #[prost(bool, tag = "7")]
    expiry: bool,
    #[prost(bool, tag = "8")]
    consistent_snapshots: bool,
    #[prost(bool, tag = "9")]
    queue: bool,
    #[prost(message, optional, tag = "10")]
    limits: Option<Limits>,
    #[prost(bool, tag = "11")]
    past_versions: bool,
}

/// In bytes, or as many.
#[derive(Clone, PartialEq, Message)]
struct Limits {
    #[prost(uint64, tag = "1")]
    checks: u64,
    #[prost(uint64, tag = "2")]
    mutations: u64,
    #[prost(uint64, tag = "3")]
    key_bytes: u64,
    #[prost(uint64, tag = "4")]
    read_key_bytes: u64,
    #[prost(uint64, tag = "5")]
    value_bytes: u64,
    #[prost(uint64, tag = "6")]
    commit_bytes: u64,
    #[prost(uint64, tag = "7")]
    commit_key_bytes: u64,
    #[prost(uint64, tag = "8")]
    ranges: u64,
    #[prost(uint64, tag = "9")]
    read_entries: u64,
    #[prost(uint64, tag = "10")]
    watched_keys: u64,
    #[prost(uint64, tag = "11")]
    message_bytes: u64,
}

/// What is known of a database that somebody else has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) location: String,
    pub(crate) id: Option<LastingId>,
    pub(crate) capabilities: Capabilities,
    pub(crate) now: i64,
    pub(crate) owner: LockOwner,
}

impl Description {
    /// That of a database which this process has.
    pub(crate) fn of(database: &dyn Database) -> Self {
        let program = std::env::current_exe().ok();
        let program = program.and_then(|path| Some(path.file_name()?.to_string_lossy().into_owned()));
        // One that this process itself is attached to is its owner's.
        let owner = database.owner().unwrap_or(LockOwner {
            process: std::process::id(),
            name: program,
        });
        Self {
            location: database.location(),
            id: database.id().map(|id| id.to_string()),
            capabilities: Some(database.capabilities().into()),
            now: database.clock().now(),
            process: owner.process,
            program: owner.name,
        }
    }

    /// Whether both say the same, but for the time.
    pub(crate) fn is_same_as(&self, other: &Self) -> bool {
        self.capabilities == other.capabilities && self.location == other.location
    }
}

impl TryFrom<Description> for Known {
    type Error = Malformed;

    fn try_from(description: Description) -> Result<Self, Malformed> {
        let capabilities = description.capabilities;
        Ok(Self {
            location: description.location,
            id: description.id.as_deref().and_then(LastingId::parse),
            capabilities: capabilities
                .ok_or(Malformed::Missing("capabilities"))?
                .try_into()?,
            now: description.now,
            owner: LockOwner {
                process: description.process,
                name: description.program,
            },
        })
    }
}

impl From<Capabilities> for Stated {
    fn from(capabilities: Capabilities) -> Self {
        let (writing, reason) = match capabilities.writing {
            Writing::Allowed => (1, String::new()),
            Writing::Locked => (2, String::new()),
            Writing::Impossible(reason) => (3, reason),
        };
        Self {
            kind: match capabilities.kind {
                DatabaseKind::Embedded => 1,
                DatabaseKind::DenoFile => 2,
                DatabaseKind::Remote => 3,
            },
            writing,
            reason,
            reading: match capabilities.reading {
                Reading::Cheap => 1,
                Reading::Metered => 2,
            },
            changes: match capabilities.changes {
                Changes::Never => 1,
                Changes::WatchedKeys => 2,
                Changes::Compared => 3,
                Changes::EveryCommit => 4,
            },
            history: capabilities.history,
            past_versions: capabilities.past_versions,
            expiry: capabilities.expiry,
            consistent_snapshots: capabilities.consistent_snapshots,
            queue: capabilities.queue,
            limits: Some(capabilities.limits.into()),
        }
    }
}

impl TryFrom<Stated> for Capabilities {
    type Error = Malformed;

    fn try_from(stated: Stated) -> Result<Self, Malformed> {
        let unknown = |what, number: i32| Malformed::Unknown {
            what,
            number: number.into(),
        };
        Ok(Self {
            kind: match stated.kind {
                1 => DatabaseKind::Embedded,
                2 => DatabaseKind::DenoFile,
                3 => DatabaseKind::Remote,
                number => return Err(unknown("kind of database", number)),
            },
            writing: match stated.writing {
                1 => Writing::Allowed,
                2 => Writing::Locked,
                3 => Writing::Impossible(stated.reason),
                number => return Err(unknown("way of writing", number)),
            },
            reading: match stated.reading {
                1 => Reading::Cheap,
                2 => Reading::Metered,
                number => return Err(unknown("way of reading", number)),
            },
            changes: match stated.changes {
                1 => Changes::Never,
                2 => Changes::WatchedKeys,
                3 => Changes::Compared,
                4 => Changes::EveryCommit,
                number => return Err(unknown("way of telling changes", number)),
            },
            history: stated.history,
            past_versions: stated.past_versions,
            expiry: stated.expiry,
            consistent_snapshots: stated.consistent_snapshots,
            queue: stated.queue,
            limits: stated.limits.ok_or(Malformed::Missing("limits"))?.into(),
        })
    }
}

impl From<limits::Limits> for Limits {
    fn from(limits: limits::Limits) -> Self {
        Self {
            checks: limits.checks as u64,
            mutations: limits.mutations as u64,
            key_bytes: limits.key_bytes as u64,
            read_key_bytes: limits.read_key_bytes as u64,
            value_bytes: limits.value_bytes as u64,
            commit_bytes: limits.commit_bytes as u64,
            commit_key_bytes: limits.commit_key_bytes as u64,
            ranges: limits.ranges as u64,
            read_entries: limits.read_entries as u64,
            watched_keys: limits.watched_keys as u64,
            message_bytes: limits.message_bytes as u64,
        }
    }
}

impl From<Limits> for limits::Limits {
    fn from(limits: Limits) -> Self {
        Self {
            checks: size(limits.checks),
            mutations: size(limits.mutations),
            key_bytes: size(limits.key_bytes),
            read_key_bytes: size(limits.read_key_bytes),
            value_bytes: size(limits.value_bytes),
            commit_bytes: size(limits.commit_bytes),
            commit_key_bytes: size(limits.commit_key_bytes),
            ranges: size(limits.ranges),
            read_entries: size(limits.read_entries),
            watched_keys: size(limits.watched_keys),
            message_bytes: size(limits.message_bytes),
        }
    }
}
