//! Facts about a whole file.

use super::connections::Mode;
use super::read::FileSnapshot;
use crate::database::{Snapshot as _, Statistics};
use crate::error::DatabaseError;

impl FileSnapshot {
    /// See [`crate::Database::statistics`].
    pub(super) fn statistics(&self, now: i64) -> Result<Statistics, DatabaseError> {
        let [main, wal] = self.home().sizes();
        let page_size = self.number("PRAGMA page_size")?;
        let pages = self.number("PRAGMA page_count")?;
        let free_pages = self.number("PRAGMA freelist_count")?;
        let how = match self.home().mode() {
            Mode::Shared => "Read-only, beside other processes",
            Mode::Immutable => "Read-only, as an unchanging file: its folder cannot be written",
        };
        let fact = |name: &str, text: String| (name.to_owned(), text);
        let engine = vec![
            fact("Engine", format!("SQLite {}", rusqlite::version())),
            fact("Opened", how.to_owned()),
            fact("Schema version", self.home().schema().version.to_string()),
            fact("Page size", format!("{page_size} bytes")),
            fact("Pages", pages.to_string()),
            fact("Free pages", free_pages.to_string()),
            fact("Write-ahead log", format!("{wal} bytes")),
        ];
        Ok(Statistics {
            versionstamp: self.versionstamp(),
            disk_bytes: Some(main + wal),
            approximate_entries: None,
            next_expiry: self.next_expiry(now)?,
            queued_messages: Some(self.queue_length()?),
            engine,
        })
    }
}
