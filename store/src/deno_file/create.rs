//! Making a new file exactly as the newest Deno makes one, so that Deno opens it without changing anything.

use std::path::Path;

use rusqlite::Connection;

use crate::error::OpenError;
use crate::new_file::NewFile;

/// The tables as a file of Deno 2.9 lists them; where Deno's migrations added columns, they stand where SQLite put them.
const TABLES: &str = "\
CREATE TABLE migration_state(
  k integer not null primary key,
  version integer not null
);
CREATE TABLE data_version (
  k integer primary key,
  version integer not null
, seq integer not null default 0);
CREATE TABLE kv (
  k blob primary key,
  v blob not null,
  v_encoding integer not null,
  version integer not null
, seq integer not null default 0, expiration_ms integer not null default -1) without rowid;
CREATE TABLE queue (
  ts integer not null,
  id text not null,
  data blob not null,
  backoff_schedule text not null,
  keys_if_undelivered blob not null,

  primary key (ts, id)
);
CREATE TABLE queue_running(
  deadline integer not null,
  id text not null,
  data blob not null,
  backoff_schedule text not null,
  keys_if_undelivered blob not null,

  primary key (deadline, id)
);
CREATE INDEX kv_expiration_ms_idx on kv (expiration_ms);
INSERT INTO migration_state (k, version) VALUES (0, 3);
INSERT INTO data_version (k, version) VALUES (0, 0);
";

/// Makes a file, closed, without anything beside it. It comes under its name as a whole.
///
/// # Errors
/// If something stands there already, or the system refuses.
pub(super) fn create(path: &Path) -> Result<(), OpenError> {
    let io_error = |source| OpenError::Io {
        source,
        path: path.to_owned(),
    };
    let file = NewFile::create_new(path, permissions()).map_err(io_error)?;
    if let Some(unfinished) = file.unfinished() {
        fill(unfinished).map_err(|error| OpenError::Engine {
            reason: super::refusal::words(&error),
            path: path.to_owned(),
        })?;
    }
    file.finish().map_err(io_error)
}

/// As SQLite makes its files; what the user takes away from that is taken away here, too.
#[cfg(unix)]
fn permissions() -> Option<std::fs::Permissions> {
    use std::os::unix::fs::PermissionsExt as _;
    Some(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn permissions() -> Option<std::fs::Permissions> {
    None
}

fn fill(file: &Path) -> Result<(), rusqlite::Error> {
    let mut connection = Connection::open(file)?;
    connection.pragma_update(None, "page_size", 4096)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    let transaction = connection.transaction()?;
    transaction.execute_batch(TABLES)?;
    transaction.commit()?;
    // Closing puts all of it into the file.
    connection.close().map_err(|(_connection, error)| error)
}
