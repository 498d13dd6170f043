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
//! the `-shm` tells: whoever opens a file that nobody has open builds it anew, with no commit counted. That includes a
//! look which begins at the very moment at which a program closes the file: that one had it is seen by its lock, where
//! the system tells of those. Everything is done under SQLite's exclusive lock on the file, as SQLite itself does it, so
//! nobody can come in between. While another process has the file the lock is not given, and nothing happens.
//!
//! Two that try for the exclusive lock at the same instant keep it from each other, among SQLite's own connections, too.
//! Here that is noticed, and tried again, if nobody has the file afterwards. A gap of some microseconds is left where a
//! program that closes is kept from it so, and holds its lock just long enough to be seen.

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

/// What a file was like when the first look began.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    /// What lay beside it.
    pub companions: Companions,
    /// Whether somebody had the file then who closed it before the look could see that in the index.
    pub closed_since: bool,
}

/// How often the file is taken at most if somebody else tries at the same time.
const ATTEMPTS: usize = 20;

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

    /// Whether the `-wal` holds anything.
    pub(super) fn has_changes(&self) -> bool {
        self.wal.is_some_and(|length| length > 0)
    }
}

/// Whether a program may have the file; where the system does not tell, it may.
pub(super) fn may_be_in_use(file: &Path) -> bool {
    holders(file).map_or_else(|| file.exists(), |holders| !holders.is_empty())
}

/// Whether a program is known to have the file.
pub(super) fn is_in_use(file: &Path) -> bool {
    holders(file).is_some_and(|holders| !holders.is_empty())
}

/// Whether another process than this one is known to have the file.
pub(super) fn is_in_use_elsewhere(file: &Path) -> bool {
    let own = std::process::id();
    holders(file).is_some_and(|holders| holders.iter().any(|process| *process != own))
}

/// The processes that have the file; `None` if the system does not tell.
fn holders(file: &Path) -> Option<Vec<u32>> {
    #[cfg(target_os = "linux")]
    return crate::file_locks::holders_of_database(file);
    #[cfg(not(target_os = "linux"))]
    return None.filter(|_: &Vec<u32>| file.exists());
}

/// Leaves a file at which nobody here looks any more.
pub(super) fn leave(file: &Path, found: Found) -> Parting {
    for _ in 0..ATTEMPTS {
        let now = Companions::beside(file);
        let nothing_made = now.wal.is_none() && (!now.index || found.companions.index);
        if nothing_made || !file.exists() {
            return Parting::InOrder;
        }
        match take_exclusively(file) {
            Exclusive::Taken(connection) => {
                tidy(file, found, now.has_changes(), connection);
                return Parting::InOrder;
            }
            Exclusive::InUse if holders(file).is_some_and(|holders| holders.is_empty()) => {}
            Exclusive::InUse => return Parting::InUse,
            Exclusive::NotWritable if now.has_changes() => return Parting::NotWritable,
            Exclusive::NotWritable => return Parting::InOrder,
        }
    }
    Parting::InUse
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
fn tidy(file: &Path, found: Found, has_changes: bool, connection: Connection) {
    let Found {
        companions: found,
        closed_since,
    } = found;
    let died_before = has_changes
        && found.wal.is_some()
        && !closed_since
        && commits_since_built(file).is_none_or(|number| number == 0);
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

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::super::connections::{Mode, open};
    use super::*;

    /// A closed file in WAL mode.
    fn closed_file(folder: &tempfile::TempDir) -> PathBuf {
        let path = folder.path().join("kv");
        let connection = Connection::open(&path).unwrap();
        let table = "PRAGMA journal_mode = wal; CREATE TABLE kv (k primary key)";
        connection.execute_batch(table).unwrap();
        path
    }

    fn look(path: &Path) -> Connection {
        let connection = open(path, Mode::Shared).unwrap();
        let read = connection.query_row("SELECT count(*) FROM kv", (), |row| row.get::<_, i64>(0));
        read.unwrap();
        connection
    }

    fn found(path: &Path, closed_since: bool) -> Found {
        Found {
            companions: Companions::beside(path),
            closed_since,
        }
    }

    #[test]
    fn a_wal_of_who_closed_as_the_look_began_is_put_into_the_file_and_that_of_who_died_before_stays() {
        for closed_since in [false, true] {
            let folder = tempfile::TempDir::new().unwrap();
            let path = closed_file(&folder);
            let writer = Connection::open(&path).unwrap();
            let keep = DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE;
            writer.set_db_config(keep, true).unwrap();
            writer.execute_batch("INSERT INTO kv VALUES (1)").unwrap();
            // Whether it closed or died, a look that opens the index only now builds it anew.
            drop(writer);
            let found = found(&path, closed_since);
            drop(look(&path));
            assert_eq!(leave(&path, found), Parting::InOrder);
            assert_eq!(Companions::beside(&path).has_changes(), !closed_since);
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn of_two_that_part_from_a_file_at_once_one_puts_it_in_order() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = closed_file(&folder);
        let found = found(&path, false);
        let start = std::sync::Barrier::new(2);
        let visit = || {
            let connection = look(&path);
            start.wait();
            drop(connection);
            leave(&path, found);
        };
        for _ in 0..200 {
            std::thread::scope(|scope| {
                scope.spawn(visit);
                visit();
            });
            assert_eq!(Companions::beside(&path), found.companions);
        }
    }
}
