//! A copy of the file as it is at one moment, also while a program writes to it.

use std::io;
use std::path::Path;

use rusqlite::Connection;

use super::connections::{self, SharedConnections, Visit};
use crate::error::DatabaseError;

const COPYING: &str = "copying the file";

/// Copies the file under a name that is free; the copy comes there as a whole.
///
/// SQLite writes it in one look at the file, which keeps nobody from writing. Its backup interface, page by page, would
/// begin again with every commit that another process makes meanwhile.
pub(super) fn copy(home: &SharedConnections, to: &Path) -> Result<(), DatabaseError> {
    let not_made = |error: &io::Error| {
        DatabaseError::Unsupported(format!("The copy could not be made ({error}): {}", to.display()))
    };
    if to.symlink_metadata().is_ok() {
        return Err(not_made(&io::ErrorKind::AlreadyExists.into()));
    }
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut builder = tempfile::Builder::new();
    builder.prefix(".keyglass-copy-");
    #[cfg(unix)]
    if let Ok(metadata) = std::fs::metadata(home.file()) {
        builder.permissions(metadata.permissions());
    }
    let copy = builder
        .tempfile_in(folder.unwrap_or(Path::new(".")))
        .map_err(|error| not_made(&error))?;
    let visit = Visit::begin(home);
    let written = connections::open(home.file(), visit.mode)
        .and_then(|connection| write(&connection, copy.path()))
        .map_err(|error| home.failed(COPYING, &error));
    drop(visit);
    written?;
    copy.as_file()
        .sync_all()
        .and_then(|()| copy.persist_noclobber(to).map_err(|failure| failure.error))
        .map_err(|error| not_made(&error))?;
    Ok(())
}

fn write(connection: &Connection, to: &Path) -> Result<(), rusqlite::Error> {
    let mode: String = connection.query_row("PRAGMA journal_mode", (), |row| row.get(0))?;
    let name = to
        .to_str()
        .ok_or_else(|| rusqlite::Error::InvalidPath(to.to_owned()))?;
    connection.execute("VACUUM INTO ?1", [name])?;
    if mode == "wal" {
        // The copy comes in another mode than the file.
        let copy = Connection::open(to)?;
        copy.pragma_update(None, "journal_mode", "wal")?;
        copy.close().map_err(|(_connection, error)| error)?;
    }
    Ok(())
}
