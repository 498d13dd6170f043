//! Facts about a store that cost little to get.

use std::path::Path;

use fjall::Keyspace;

use super::{Durability, Shared};
use crate::database::{EngineFacts, FjallFacts, Statistics, TableFacts};
use crate::error::DatabaseError;
use crate::versionstamp::Versionstamp;

impl Shared {
    pub(super) fn statistics(&self, path: &Path) -> Result<Statistics, DatabaseError> {
        let (version, num_messages) = {
            let state = self.lock_commits()?;
            (state.version, state.num_messages)
        };
        let engine = &self.engine;
        let facts = FjallFacts {
            synced: match engine.picture {
                None => Some(self.durability == Durability::Sync),
                Some(_) => None,
            },
            entries: tables(&engine.kv),
            others: tables(&engine.aux),
            journals: engine.database.journal_count() as u64,
            unwritten_bytes: engine.database.write_buffer_size(),
            cached_bytes: engine.database.cache_size(),
            cache_bytes: engine.database.cache_capacity(),
            running_compactions: engine.database.active_compactions() as u64,
            done_compactions: engine.database.compactions_completed() as u64,
            lost: self.loss.map(|loss| loss.to_string()),
        };
        Ok(Statistics {
            versionstamp: (version != 0).then(|| Versionstamp::from_counter(version)),
            disk_bytes: Some(allocated_bytes(path)),
            approximate_entries: Some(engine.kv.approximate_len() as u64),
            next_expiry: None,
            queued_messages: Some(num_messages),
            engine: EngineFacts::Fjall(facts),
        })
    }
}

fn tables(keyspace: &Keyspace) -> TableFacts {
    TableFacts {
        bytes: keyspace.disk_space(),
        tables: keyspace.table_count() as u64,
        level_0: keyspace.l0_table_count() as u64,
        value_files: keyspace.blob_file_count() as u64,
    }
}

/// Bytes that a folder takes on disk; files that vanish meanwhile count nothing.
fn allocated_bytes(folder: &Path) -> u64 {
    let mut bytes = 0;
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for file in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            match file.metadata() {
                Ok(metadata) if metadata.is_dir() => folders.push(file.path()),
                Ok(metadata) => bytes += allocated(&metadata),
                Err(_vanished) => {}
            }
        }
    }
    bytes
}

/// Journals are files with holes, so the length of a file says too much.
#[cfg(unix)]
fn allocated(metadata: &std::fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::blocks(metadata) * 512
}

#[cfg(not(unix))]
fn allocated(metadata: &std::fs::Metadata) -> u64 {
    metadata.len()
}
