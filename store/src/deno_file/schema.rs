//! The tables of Deno's SQLite files, and which of their columns a file has.
//!
//! Deno counts its migrations in `migration_state`: 1 has `kv` and `data_version`, 2 adds the queue, 3 adds
//! `expiration_ms`. Files are read as they are and never migrated. A Deno that migrates one while it is open here is
//! followed.

use rusqlite::{Connection, OptionalExtension as _};

/// The newest schema version that is read, Deno 2.9's.
pub(super) const NEWEST: u32 = 3;

/// What a file can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Schema {
    /// Deno's migration count.
    pub version: u32,
    /// Whether entries can expire.
    pub expiry: bool,
    /// Whether there is a queue.
    pub queue: bool,
}

/// Tells, at little cost, whether the tables are still those that a schema was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tables {
    /// SQLite's count of changes of the tables.
    changes: i64,
    /// Deno's migration count.
    migrations: Option<u32>,
}

impl Tables {
    pub(super) fn of(connection: &Connection) -> Result<Self, rusqlite::Error> {
        Ok(Self {
            changes: connection.query_row("PRAGMA schema_version", (), |row| row.get(0))?,
            migrations: migrations(connection)?,
        })
    }
}

/// Deno's migration count; `None` if there is none.
fn migrations(connection: &Connection) -> Result<Option<u32>, rusqlite::Error> {
    connection
        .query_row("SELECT version FROM migration_state WHERE k = 0", (), |row| {
            row.get(0)
        })
        .optional()
}

impl Schema {
    /// Reads the schema; `None` if this is no Deno KV database. Of one that a newer Deno has made nothing is expected but
    /// its migration count.
    pub(super) fn read(connection: &Connection) -> Result<Option<Self>, rusqlite::Error> {
        let has_columns = |table: &str, columns: &[&str]| {
            let mut statement = connection.prepare("SELECT name FROM pragma_table_info(?1)")?;
            let found = statement
                .query_map([table], |row| row.get::<_, String>(0))?
                .collect::<Result<Vec<_>, _>>()?;
            Ok::<bool, rusqlite::Error>(
                columns
                    .iter()
                    .all(|column| found.iter().any(|name| name == column)),
            )
        };
        if !has_columns("migration_state", &["k", "version"])? {
            return Ok(None);
        }
        let version = migrations(connection)?.unwrap_or(0);
        let has_entries = has_columns("kv", &["k", "v", "v_encoding", "version"])?
            && has_columns("data_version", &["k", "version"])?;
        if !has_entries && version <= NEWEST {
            return Ok(None);
        }
        let queue_columns = ["id", "data", "backoff_schedule", "keys_if_undelivered"];
        Ok(Some(Self {
            version,
            expiry: has_columns("kv", &["expiration_ms"])?,
            queue: has_columns("queue", &queue_columns)? && has_columns("queue_running", &queue_columns)?,
        }))
    }

    /// The columns of an entry, for a `SELECT` that `super::read::entry` takes apart.
    pub(super) fn entry_columns(self) -> &'static str {
        if self.expiry {
            "k, v, v_encoding, version, expiration_ms"
        } else {
            "k, v, v_encoding, version, -1"
        }
    }

    /// The column that says when an entry goes.
    pub(super) fn expiry_column(self) -> &'static str {
        if self.expiry { "expiration_ms" } else { "-1" }
    }
}
