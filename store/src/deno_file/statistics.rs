//! Facts about a whole file.

use super::connections::Mode;
use super::read::FileSnapshot;
use crate::database::{EngineFacts, Snapshot as _, SqliteFacts, Statistics};
use crate::error::DatabaseError;

impl FileSnapshot {
    /// See [`crate::Database::statistics`].
    pub(super) fn statistics(&self, now: i64) -> Result<Statistics, DatabaseError> {
        let [main, wal] = self.home().sizes();
        let page_size = self.number("PRAGMA page_size")?;
        let pages = self.number("PRAGMA page_count")?;
        let free_pages = self.number("PRAGMA freelist_count")?;
        let number = |number: i64| u64::try_from(number).unwrap_or(0);
        let facts = SqliteFacts {
            library: rusqlite::version().to_owned(),
            shared: self.home().mode() == Mode::Shared,
            schema: self.home().schema().version,
            page_bytes: number(page_size),
            pages: number(pages),
            free_pages: number(free_pages),
            wal_bytes: wal,
        };
        Ok(Statistics {
            versionstamp: self.versionstamp(),
            disk_bytes: Some(main + wal),
            approximate_entries: None,
            next_expiry: self.next_expiry(now)?,
            queued_messages: Some(self.queue_length()?),
            engine: EngineFacts::Sqlite(facts),
        })
    }
}
