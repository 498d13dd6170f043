//! Facts about a store that cost little to get.

use std::path::Path;

use fjall::Keyspace;

use super::Shared;
use crate::database::Statistics;
use crate::error::DatabaseError;
use crate::versionstamp::Versionstamp;

impl Shared {
    pub(super) fn statistics(&self, path: &Path) -> Result<Statistics, DatabaseError> {
        let (version, num_messages) = {
            let state = self.lock_commits()?;
            (state.version, state.num_messages)
        };
        let engine = &self.engine;
        let (name, text) = match engine.picture {
            None => ("Durability", self.durability.describe()),
            Some(_) => ("Access", "Read-only, as it was when it was opened"),
        };
        let lost = self.loss.map(|loss| ("Lost".to_owned(), loss.to_string()));
        Ok(Statistics {
            versionstamp: (version != 0).then(|| Versionstamp::from_counter(version)),
            disk_bytes: Some(allocated_bytes(path)),
            approximate_entries: Some(engine.kv.approximate_len() as u64),
            next_expiry: None,
            queued_messages: Some(num_messages),
            engine: vec![
                (
                    "Engine".to_owned(),
                    "fjall 3 (log-structured merge tree)".to_owned(),
                ),
                (name.to_owned(), text.to_owned()),
                ("Entries on disk".to_owned(), tables(&engine.kv)),
                ("Index and queue on disk".to_owned(), tables(&engine.aux)),
                ("Journals".to_owned(), engine.database.journal_count().to_string()),
                (
                    "Bytes not yet in tables".to_owned(),
                    engine.database.write_buffer_size().to_string(),
                ),
                (
                    "Block cache".to_owned(),
                    format!(
                        "{} of {} bytes",
                        engine.database.cache_size(),
                        engine.database.cache_capacity()
                    ),
                ),
                (
                    "Compactions".to_owned(),
                    format!(
                        "{} running, {} done since it was opened",
                        engine.database.active_compactions(),
                        engine.database.compactions_completed()
                    ),
                ),
            ]
            .into_iter()
            .chain(lost)
            .collect(),
        })
    }
}

fn tables(keyspace: &Keyspace) -> String {
    format!(
        "{} bytes in {} tables, {} of them in level 0, and {} files of large values",
        keyspace.disk_space(),
        keyspace.table_count(),
        keyspace.l0_table_count(),
        keyspace.blob_file_count()
    )
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
