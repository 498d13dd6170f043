//! Facts about a whole database that are cheap to get.

use crate::versionstamp::Versionstamp;

/// Facts about a whole database.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Statistics {
    /// The newest commit.
    pub versionstamp: Option<Versionstamp>,
    /// Bytes on disk.
    pub disk_bytes: Option<u64>,
    /// Entries, roughly, where the engine knows without counting.
    pub approximate_entries: Option<u64>,
    /// When the next entry expires and stays to be read, in milliseconds since the Unix epoch; `None` where
    /// what expires is hidden at once.
    pub next_expiry: Option<i64>,
    /// Messages in the queue.
    pub queued_messages: Option<u64>,
    /// What the engine says of itself.
    pub engine: EngineFacts,
}

/// Facts of one engine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum EngineFacts {
    /// It says nothing.
    #[default]
    None,
    /// A Keyglass folder's.
    Fjall(FjallFacts),
    /// A Deno file's.
    Sqlite(SqliteFacts),
}

/// Facts of the engine of a Keyglass folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FjallFacts {
    /// Whether commits survive a power cut, and not the end of the process alone; `None` where the folder is open for
    /// reading, as it was when it was opened.
    pub synced: Option<bool>,
    /// Tables of entries.
    pub entries: TableFacts,
    /// Tables of what belongs to them: the index of expiries, and the queue.
    pub others: TableFacts,
    /// Journals of commits that are not in tables yet.
    pub journals: u64,
    /// Bytes in memory that are not in tables yet.
    pub unwritten_bytes: u64,
    /// Bytes of blocks that are kept in memory, and how many may be.
    pub cached_bytes: u64,
    /// The most bytes of blocks that are kept in memory.
    pub cache_bytes: u64,
    /// Compactions that are being done.
    pub running_compactions: u64,
    /// Compactions that were done since the folder was opened.
    pub done_compactions: u64,
    /// What a damaged journal had lost when the folder was opened, as a sentence.
    pub lost: Option<String>,
}

/// What was asked of a server since the database was opened, which somebody may have to pay for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Metered {
    /// Requests that were sent, with those that were sent again.
    pub requests: u64,
    /// Requests that were sent again, because the first was not answered.
    pub repeated: u64,
    /// Entries that came in answers.
    pub entries_read: u64,
    /// Commits that were sent.
    pub commits: u64,
    /// Bytes of the bodies of answers.
    pub bytes_received: u64,
    /// Bytes of the bodies of requests.
    pub bytes_sent: u64,
    /// What is wrong now, as a sentence; `None` while requests are answered.
    pub trouble: Option<String>,
}

/// Tables of a keyspace on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableFacts {
    /// Bytes on disk.
    pub bytes: u64,
    /// How many there are.
    pub tables: u64,
    /// How many of them are in level 0, which reads have to merge.
    pub level_0: u64,
    /// Files of large values.
    pub value_files: u64,
}

/// Facts of a SQLite file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqliteFacts {
    /// SQLite's version.
    pub library: String,
    /// Whether it is read beside other processes; otherwise as a file that nobody changes, because its folder cannot be
    /// written.
    pub shared: bool,
    /// The version of Deno's schema.
    pub schema: u32,
    /// Bytes of a page.
    pub page_bytes: u64,
    /// Pages of the file.
    pub pages: u64,
    /// Pages of the file that hold nothing.
    pub free_pages: u64,
    /// Bytes of the `-wal`.
    pub wal_bytes: u64,
}
