//! Facts about a whole database.

use bytes::Bytes;
use prost::{Message, Oneof};

use super::{Malformed, stamp_bytes, versionstamp};
use crate::statistics::{self, EngineFacts, FjallFacts, SqliteFacts, TableFacts};

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Statistics {
    #[prost(bytes = "bytes", optional, tag = "1")]
    versionstamp: Option<Bytes>,
    #[prost(uint64, optional, tag = "2")]
    disk_bytes: Option<u64>,
    #[prost(uint64, optional, tag = "3")]
    approximate_entries: Option<u64>,
    #[prost(sint64, optional, tag = "4")]
    next_expiry: Option<i64>,
    #[prost(uint64, optional, tag = "5")]
    queued_messages: Option<u64>,
    #[prost(oneof = "Facts", tags = "6, 7")]
    engine: Option<Facts>,
}

#[derive(Clone, PartialEq, Oneof)]
enum Facts {
    #[prost(message, tag = "6")]
    Fjall(Fjall),
    #[prost(message, tag = "7")]
    Sqlite(Sqlite),
}

#[derive(Clone, PartialEq, Message)]
struct Fjall {
    #[prost(bool, optional, tag = "1")]
    synced: Option<bool>,
    #[prost(message, required, tag = "2")]
    entries: Tables,
    #[prost(message, required, tag = "3")]
    others: Tables,
    #[prost(uint64, tag = "4")]
    journals: u64,
    #[prost(uint64, tag = "5")]
    unwritten_bytes: u64,
    #[prost(uint64, tag = "6")]
    cached_bytes: u64,
    #[prost(uint64, tag = "7")]
    cache_bytes: u64,
    #[prost(uint64, tag = "8")]
    running_compactions: u64,
    #[prost(uint64, tag = "9")]
    done_compactions: u64,
    #[prost(string, optional, tag = "10")]
    lost: Option<String>,
}

#[derive(Clone, PartialEq, Message)]
struct Tables {
    #[prost(uint64, tag = "1")]
    bytes: u64,
    #[prost(uint64, tag = "2")]
    tables: u64,
    #[prost(uint64, tag = "3")]
    level_0: u64,
    #[prost(uint64, tag = "4")]
    value_files: u64,
}

#[derive(Clone, PartialEq, Message)]
struct Sqlite {
    #[prost(string, tag = "1")]
    library: String,
    #[prost(bool, tag = "2")]
    shared: bool,
    #[prost(uint32, tag = "3")]
    schema: u32,
    #[prost(uint64, tag = "4")]
    page_bytes: u64,
    #[prost(uint64, tag = "5")]
    pages: u64,
    #[prost(uint64, tag = "6")]
    free_pages: u64,
    #[prost(uint64, tag = "7")]
    wal_bytes: u64,
}

same_fields!(
    Fjall,
    FjallFacts {
        synced,
        entries,
        others,
        journals,
        unwritten_bytes,
        cached_bytes,
        cache_bytes,
        running_compactions,
        done_compactions,
        lost,
    }
);
same_fields!(
    Tables,
    TableFacts {
        bytes,
        tables,
        level_0,
        value_files,
    }
);
same_fields!(
    Sqlite,
    SqliteFacts {
        library,
        shared,
        schema,
        page_bytes,
        pages,
        free_pages,
        wal_bytes,
    }
);

impl From<statistics::Statistics> for Statistics {
    fn from(statistics: statistics::Statistics) -> Self {
        Self {
            versionstamp: statistics.versionstamp.map(stamp_bytes),
            disk_bytes: statistics.disk_bytes,
            approximate_entries: statistics.approximate_entries,
            next_expiry: statistics.next_expiry,
            queued_messages: statistics.queued_messages,
            engine: match statistics.engine {
                EngineFacts::None => None,
                EngineFacts::Fjall(facts) => Some(Facts::Fjall(facts.into())),
                EngineFacts::Sqlite(facts) => Some(Facts::Sqlite(facts.into())),
            },
        }
    }
}

impl TryFrom<Statistics> for statistics::Statistics {
    type Error = Malformed;

    fn try_from(statistics: Statistics) -> Result<Self, Malformed> {
        Ok(Self {
            versionstamp: statistics.versionstamp.as_deref().map(versionstamp).transpose()?,
            disk_bytes: statistics.disk_bytes,
            approximate_entries: statistics.approximate_entries,
            next_expiry: statistics.next_expiry,
            queued_messages: statistics.queued_messages,
            engine: match statistics.engine {
                None => EngineFacts::None,
                Some(Facts::Fjall(facts)) => EngineFacts::Fjall(facts.into()),
                Some(Facts::Sqlite(facts)) => EngineFacts::Sqlite(facts.into()),
            },
        })
    }
}
