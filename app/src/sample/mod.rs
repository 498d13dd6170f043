//! The sample database: what a small bookshop on Deno KV would keep, made in code.
//!
//! It is there for a first look, so it shows every kind of key part and of value, entries that expire while
//! one watches, counters, indexes, pictures, long texts and versionstamped keys. Keys and values are the same
//! every time; only expiry times follow the clock.

mod collector;
mod people;
mod picture;
mod random;
mod running;
mod shelves;
mod site;
mod types;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use keyglass_store::open::OpenOptions;
use keyglass_store::{
    AtomicOperation, CommitError, CommitOutcome, Database, EncodedKey, Mutation, MutationKind, OpenError,
    StoredValue, limits,
};

use crate::window_lock;
use collector::Collector;

/// The sample could not be made.
#[derive(Debug, thiserror::Error)]
pub enum SampleError {
    /// The database refused.
    #[error(transparent)]
    Database(#[from] CommitError),
    /// A commit without checks did not go through.
    #[error("The sample database could not be filled, because a commit was refused as a conflict")]
    Conflict,
    /// The generator wrote something that Keyglass cannot read.
    #[error("The sample holds a key or value that Keyglass cannot read ({reason}): {text}")]
    Unreadable {
        /// What the parser said.
        reason: String,
        /// The JavaScript text.
        text: String,
    },
    /// The system refused its folder.
    #[error("The sample database could not be made ({source}): {path}", path = path.display())]
    Folder {
        /// What the system said.
        source: std::io::Error,
        /// The folder.
        path: PathBuf,
    },
    /// It is there or was made, and cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
}

/// One entry of the sample, not stored yet.
#[derive(Debug, Clone, PartialEq)]
struct SampleEntry {
    key: EncodedKey,
    value: StoredValue,
    /// Milliseconds since the Unix epoch.
    expires_at: Option<i64>,
}

/// The whole sample.
struct Sample {
    entries: Vec<SampleEntry>,
    /// Stored one commit each, under a key that ends in the commit's versionstamp.
    versionstamped: Vec<SampleEntry>,
}

/// Fills a database with the sample, whose expiry times follow the database's clock. Entries that are there
/// stay, unless they have a key of the sample. Returns how many entries were written.
///
/// # Errors
/// If the database cannot be written. What was committed before stays.
pub fn fill(database: &dyn Database) -> Result<usize, SampleError> {
    let sample = make(database.clock().now())?;
    let count = sample.entries.len() + sample.versionstamped.len();
    let mut batch = Batch::default();
    for entry in sample.entries {
        if !batch.has_room_for(&entry) {
            commit(database, std::mem::take(&mut batch).operation)?;
        }
        batch.add(entry);
    }
    commit(database, batch.operation)?;
    for SampleEntry {
        key,
        value,
        expires_at,
    } in sample.versionstamped
    {
        let kind = MutationKind::SetSuffixVersionstampedKey { value, expires_at };
        commit(database, AtomicOperation::new().mutate(key, kind))?;
    }
    Ok(count)
}

/// Opens the sample database, which is made in a new folder if it is not there. It appears under its name only when it is
/// whole, and of several windows at the same time one makes it.
///
/// # Errors
/// If the folder cannot be made or written, or another window has it.
pub fn open_or_create(path: &Path, options: &OpenOptions) -> Result<Arc<dyn Database>, SampleError> {
    let refused = |source| SampleError::Folder {
        source,
        path: path.to_owned(),
    };
    let locked = window_lock::wait_for(path).map_err(refused)?;
    if !path.exists() {
        let unfinished = path.with_extension("new");
        if unfinished.exists() {
            // Nobody makes it now, so whoever began it was interrupted.
            std::fs::remove_dir_all(&unfinished).map_err(refused)?;
        }
        let database = options.create(&unfinished)?;
        fill(&*database)?;
        drop(database);
        std::fs::rename(&unfinished, path).map_err(refused)?;
    }
    drop(locked);
    Ok(options.open(&path.to_string_lossy())?)
}

fn commit(database: &dyn Database, operation: AtomicOperation) -> Result<(), SampleError> {
    match database.commit(operation)? {
        CommitOutcome::Committed(_) => Ok(()),
        CommitOutcome::Conflict(_) | CommitOutcome::MessagesChanged(_) => Err(SampleError::Conflict),
    }
}

fn make(now: i64) -> Result<Sample, SampleError> {
    let mut sample = Collector::new(now);
    let users = people::put_users(&mut sample)?;
    let books = shelves::put_books(&mut sample)?;
    people::put_orders(&mut sample, &users, &books)?;
    people::put_visits(&mut sample, &users, &books)?;
    running::put_measurements(&mut sample)?;
    running::put_logs(&mut sample, &users)?;
    site::put_settings(&mut sample)?;
    site::put_documents(&mut sample)?;
    types::put_key_parts(&mut sample)?;
    types::put_values(&mut sample)?;
    Ok(sample.finish())
}

/// Entries of one commit, kept well within Deno's limits.
#[derive(Default)]
struct Batch {
    operation: AtomicOperation,
    key_bytes: usize,
    /// As Deno counts a commit: keys twice, values once.
    bytes: usize,
}

impl Batch {
    fn has_room_for(&self, entry: &SampleEntry) -> bool {
        let (key_bytes, bytes) = Self::cost(entry);
        self.operation.mutations.len() < limits::MUTATIONS / 2
            && self.key_bytes + key_bytes <= limits::COMMIT_KEY_BYTES
            && self.bytes + bytes <= limits::COMMIT_BYTES
    }

    fn add(&mut self, entry: SampleEntry) {
        let (key_bytes, bytes) = Self::cost(&entry);
        self.key_bytes += key_bytes;
        self.bytes += bytes;
        self.operation.mutations.push(Mutation {
            key: entry.key,
            kind: MutationKind::Set {
                value: entry.value,
                expires_at: entry.expires_at,
            },
        });
    }

    fn cost(entry: &SampleEntry) -> (usize, usize) {
        let key_bytes = entry.key.as_bytes().len();
        (key_bytes, 2 * key_bytes + entry.value.bytes.len())
    }
}
