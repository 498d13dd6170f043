//! How a file is left when nobody here looks at it any more.
//!
//! In SQLite's WAL mode the last connection that closes puts the `-wal` into the file and deletes it, if it can
//! write. A program that ends while a look is open is not the last, and the look, being read-only, cannot do it. So
//! the file is left as that program would have left it, by these rules:
//!
//! | what happened | the file afterwards |
//! | --- | --- |
//! | Deno closes while no look is open | Deno has tidied up by itself |
//! | Deno closes during a look | the end of the look puts the `-wal` into the file, as Deno would have |
//! | the last look ends while Deno runs | nothing is touched; Deno tidies up when it closes |
//! | Deno is killed while no look is open | its `-wal` stays untouched, as without Keyglass |
//! | Deno is killed during a look | as if it had closed: it cannot be told apart, and holds the same |
//! | Keyglass is killed while no look is open | nothing to see |
//! | Keyglass is killed during a look | Deno, or the next look, tidies up when it closes |
//! | Deno closes and then Keyglass is killed, both during one look | the `-wal` stays, as if Deno had been killed |
//! | nobody else has the file | what a look made beside it is deleted |
//! | Deno closes during a look, and Keyglass may not write there | the `-wal` stays, and is spoken of at closing |
//!
//! Whether a `-wal` belongs to somebody who closed during the look or was left by one that died before, the index in
//! the `-shm` tells: whoever opens a file that nobody has open builds it anew, with no commit counted. Everything is
//! done under SQLite's exclusive lock on the file, as SQLite itself does it, so nobody can come in between. While
//! another process has the file the lock is not given, and nothing happens.
//!
//! One gap of some microseconds is left, and SQLite has it among its own connections, too: two that try for the
//! exclusive lock at the same instant keep it from each other.

use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, MAIN_DB, OpenFlags};

use super::connections::beside;

/// Where the `-shm` counts the commits since it was built; see "The WAL-Index File Format" of SQLite.
const COMMITS_OFFSET: usize = 8;

/// The files of SQLite beside a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Companions {
    /// Length of the `-wal` in bytes.
    pub wal: Option<u64>,
    /// Whether there is a `-shm`.
    pub index: bool,
}

/// What happened when the last look ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Parting {
    /// The file is as it was found, or as the program that closed it meanwhile would have left it.
    InOrder,
    /// Another process has it and will tidy up.
    InUse,
    /// There is a `-wal` with changes, and nothing can be written here.
    NotWritable,
}

impl Companions {
    /// Looks at what lies beside a file.
    pub(super) fn beside(file: &Path) -> Self {
        // A link counts as what it is: SQLite follows none here.
        let length = |suffix| fs::symlink_metadata(beside(file, suffix)).map(|metadata| metadata.len());
        Self {
            wal: length("-wal").ok(),
            index: length("-shm").is_ok(),
        }
    }
}

/// Whether a program may have the file; where the system does not tell, it may.
pub(super) fn may_be_in_use(file: &Path) -> bool {
    #[cfg(target_os = "linux")]
    return crate::file_locks::may_be_held(file);
    #[cfg(not(target_os = "linux"))]
    return file.exists();
}

/// Leaves a file at which nobody here looks any more; `found` lay beside it before.
pub(super) fn leave(file: &Path, found: Companions) -> Parting {
    let now = Companions::beside(file);
    let nothing_made = now.wal.is_none() && (!now.index || found.index);
    if nothing_made || !file.exists() {
        return Parting::InOrder;
    }
    let has_changes = now.wal.is_some_and(|length| length > 0);
    match take_exclusively(file) {
        Exclusive::Taken(connection) => {
            tidy(file, found, has_changes, connection);
            Parting::InOrder
        }
        Exclusive::InUse => Parting::InUse,
        Exclusive::NotWritable if has_changes => Parting::NotWritable,
        Exclusive::NotWritable => Parting::InOrder,
    }
}

enum Exclusive {
    /// Nobody else has the file, and nobody can open it while this connection lives.
    Taken(Connection),
    InUse,
    NotWritable,
}

/// Takes the file for us alone if nobody has it. Exclusive connections keep the index in memory, so this neither
/// makes a `-shm` nor changes one.
fn take_exclusively(file: &Path) -> Exclusive {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let Ok(connection) = Connection::open_with_flags(file, flags) else {
        return Exclusive::NotWritable;
    };
    if connection.is_readonly(MAIN_DB).unwrap_or(true) {
        return Exclusive::NotWritable;
    }
    let taken = connection
        .busy_timeout(Duration::ZERO)
        .and_then(|()| connection.execute_batch("PRAGMA locking_mode = exclusive"))
        .and_then(|()| connection.query_row("PRAGMA schema_version", (), |row| row.get::<_, i64>(0)));
    match taken.map_err(|error| error.sqlite_error_code()) {
        // The lock comes first; what is read after that may be damaged.
        Ok(_) | Err(Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)) => {
            Exclusive::Taken(connection)
        }
        Err(Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)) => Exclusive::InUse,
        Err(_) => Exclusive::NotWritable,
    }
}

/// Puts the file in order, holding its lock until the connection closes.
fn tidy(file: &Path, found: Companions, has_changes: bool, connection: Connection) {
    let died_before =
        has_changes && found.wal.is_some() && commits_since_built(file).is_none_or(|number| number == 0);
    if died_before {
        let keep = connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
        if keep.is_ok() && !found.index {
            remove(file, "-shm");
        }
        return;
    }
    // An index that lay there without a -wal is nobody's.
    let index_alone = found.index && found.wal.is_none();
    if has_changes || !index_alone {
        remove(file, "-shm");
    }
    if !has_changes {
        remove(file, "-wal");
    }
    // Closing puts what the -wal holds into the file, and deletes the -wal.
    drop(connection);
}

/// How many commits were made since the index was built; `None` if there is none. Nobody has a lock on it that
/// reading it here could drop.
fn commits_since_built(file: &Path) -> Option<u32> {
    let mut header = [0; COMMITS_OFFSET + 4];
    fs::File::open(beside(file, "-shm"))
        .ok()?
        .read_exact(&mut header)
        .ok()?;
    let (_before, number) = header.split_last_chunk()?;
    Some(u32::from_ne_bytes(*number))
}

/// One that cannot be deleted holds nothing that anybody needs.
fn remove(file: &Path, suffix: &str) {
    let _removed = fs::remove_file(beside(file, suffix));
}
