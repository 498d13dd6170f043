//! Deno KV's limits, with Deno's messages (measured on Deno 2.9).

/// The longest encoded key that can be written, in bytes.
pub const KEY_BYTES: usize = 2048;
/// The longest encoded bound of a read, in bytes.
pub const READ_KEY_BYTES: usize = 2049;
/// The longest value, in bytes as stored.
pub const VALUE_BYTES: usize = 65_536;
/// The most checks of one commit.
pub const CHECKS: usize = 100;
/// The most mutations and enqueues of one commit together.
pub const MUTATIONS: usize = 1000;
/// The most bytes of one commit: keys and values, with keys of mutations that have a value counted twice.
pub const COMMIT_BYTES: usize = 819_200;
/// The most bytes of keys of mutations that have a value.
pub const COMMIT_KEY_BYTES: usize = 81_920;
/// The most ranges of one read.
pub const RANGES: usize = 10;
/// The most entries of one read.
pub const READ_ENTRIES: usize = 1000;
/// The most keys of one watch.
pub const WATCHED_KEYS: usize = 10;
/// The longest message of the queue, in bytes.
pub const MESSAGE_BYTES: usize = 65_536;
/// The most intervals of a backoff schedule.
pub const BACKOFF_INTERVALS: usize = 5;
/// The longest interval of a backoff schedule, in milliseconds.
pub const BACKOFF_MILLISECONDS: u32 = 3_600_000;
/// The longest delay of a message, in milliseconds.
pub const DELAY_MILLISECONDS: i64 = 2_592_000_000;

/// What one database takes. Most take what Deno takes; whoever divides work into commits, reads and watches asks the
/// database ([`crate::Capabilities::limits`]) and not the constants above.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most checks of one commit.
    pub checks: usize,
    /// The most mutations and enqueues of one commit together.
    pub mutations: usize,
    /// The longest encoded key that can be written, in bytes.
    pub key_bytes: usize,
    /// The longest encoded bound of a read, in bytes.
    pub read_key_bytes: usize,
    /// The longest value, in bytes as stored.
    pub value_bytes: usize,
    /// The most bytes of one commit, counted as [`crate::AtomicOperation::size`] does.
    pub commit_bytes: usize,
    /// The most bytes of keys of mutations that have a value, in one commit.
    pub commit_key_bytes: usize,
    /// The most ranges of one [`crate::Database::read`].
    pub ranges: usize,
    /// The most entries of one read, of all its ranges together.
    pub read_entries: usize,
    /// The most keys of one watch.
    pub watched_keys: usize,
    /// The longest message of the queue, in bytes.
    pub message_bytes: usize,
}

impl Limits {
    /// Those of Deno itself, for its own files and for Keyglass folders. Reads of more ranges and entries are left to
    /// whoever can hold them, because a process that reads its own disk has no request to keep short.
    pub const DENO: Self = Self {
        checks: CHECKS,
        mutations: MUTATIONS,
        key_bytes: KEY_BYTES,
        read_key_bytes: READ_KEY_BYTES,
        value_bytes: VALUE_BYTES,
        commit_bytes: COMMIT_BYTES,
        commit_key_bytes: COMMIT_KEY_BYTES,
        ranges: usize::MAX,
        read_entries: usize::MAX,
        watched_keys: WATCHED_KEYS,
        message_bytes: MESSAGE_BYTES,
    };

    /// Those of the official server of KV Connect, `denokv`, which takes 10 checks where Deno takes 100 (denokv 0.14).
    pub const KV_CONNECT: Self = Self {
        checks: 10,
        commit_key_bytes: COMMIT_BYTES,
        ranges: RANGES,
        read_entries: READ_ENTRIES,
        ..Self::DENO
    };
}

impl Default for Limits {
    /// [`Self::DENO`].
    fn default() -> Self {
        Self::DENO
    }
}

impl Limits {
    /// Whether a key of so many encoded bytes can be written.
    ///
    /// # Errors
    /// If it is empty or too long.
    pub fn check_key(&self, bytes: usize) -> Result<(), LimitError> {
        match bytes {
            0 => Err(LimitError::EmptyKey),
            _ if bytes > self.key_bytes => Err(LimitError::KeyForWrite(self.key_bytes)),
            _ => Ok(()),
        }
    }

    /// Whether a value of so many bytes can be stored.
    ///
    /// # Errors
    /// If it is too long.
    pub fn check_value(&self, bytes: usize) -> Result<(), LimitError> {
        match bytes > self.value_bytes {
            true => Err(LimitError::Value(self.value_bytes)),
            false => Ok(()),
        }
    }

    /// Whether keys of so many encoded bytes can be watched together.
    ///
    /// # Errors
    /// If there are too many, or one is too long.
    pub fn check_watch(&self, mut keys: impl ExactSizeIterator<Item = usize>) -> Result<(), LimitError> {
        if keys.len() > self.watched_keys {
            return Err(LimitError::WatchedKeys(self.watched_keys));
        }
        match keys.any(|bytes| bytes > self.read_key_bytes) {
            true => Err(LimitError::KeyForRead(self.read_key_bytes)),
            false => Ok(()),
        }
    }
}

/// A limit was exceeded, mostly with what the database takes; each message is Deno's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LimitError {
    /// A write of the empty key.
    #[error("key cannot be empty")]
    EmptyKey,
    /// [`Limits::key_bytes`].
    #[error("Key too large for write (max {0} bytes)")]
    KeyForWrite(usize),
    /// [`Limits::read_key_bytes`].
    #[error("Key too large for read (max {0} bytes)")]
    KeyForRead(usize),
    /// [`Limits::value_bytes`].
    #[error("Value too large (max {0} bytes)")]
    Value(usize),
    /// [`Limits::checks`].
    #[error("Too many checks (max {0})")]
    Checks(usize),
    /// [`Limits::mutations`].
    #[error("Too many mutations (max {0})")]
    Mutations(usize),
    /// [`Limits::commit_bytes`].
    #[error("Total mutation size too large (max {0} bytes)")]
    CommitBytes(usize),
    /// [`Limits::commit_key_bytes`].
    #[error("Total key size too large (max {0} bytes)")]
    CommitKeyBytes(usize),
    /// [`Limits::ranges`].
    #[error("Too many ranges (max {0})")]
    Ranges(usize),
    /// [`Limits::read_entries`].
    #[error("Too many entries (max {0})")]
    ReadEntries(usize),
    /// [`Limits::watched_keys`].
    #[error("Too many keys (max {0})")]
    WatchedKeys(usize),
    /// [`Limits::message_bytes`].
    #[error("enqueue payload too large (max {0} bytes)")]
    Message(usize),
    /// [`BACKOFF_INTERVALS`].
    #[error("Invalid backoffSchedule, max {BACKOFF_INTERVALS} intervals allowed")]
    BackoffIntervals,
    /// [`BACKOFF_MILLISECONDS`].
    #[error("Invalid backoffSchedule, interval at index {0} is invalid")]
    BackoffInterval(usize),
}
