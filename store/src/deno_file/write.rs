//! Commits to Deno's file, beside the Deno that uses it.
//!
//! While a file is being written to, a Deno that has it waits, and a commit of its own with checks even fails, with
//! "database is locked": it reads the checks first, and SQLite lets nobody wait who has read (measured on Deno 2.9,
//! where two Denos do the same to each other). So a file is held for as short a time as can be, some ten thousandths of
//! a second: everything is got ready and read once before, then the file is taken, changed and let go in one go, and
//! only after that the disk is waited for, which is before anybody is told that it is committed.
//!
//! A connection lives for one commit: it never checkpoints while others have the file, and changes nothing but the rows
//! of the operation. After a commit it closes as Deno's does: if nobody else has the file, SQLite puts the `-wal` into it
//! before anybody can come in between. After anything else the file is left as `parting` tells.
//!
//! A file that another process holds is waited for two seconds, and nothing is tried again after that.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use std::{fs, io};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, MAIN_DB, OpenFlags};

use super::connections::{Connections, Mode, SharedConnections, beside};
use super::lock::{Lock, Permission};
use super::pace::Pace;
use super::records::TransactionRecords;
use super::refusal::words;
use super::schema::{NEWEST, Schema};
use super::signal::Identity;
use super::visits::Visit;
use crate::atomic::{AtomicOperation, CommitOutcome, Evaluation, evaluate};
use crate::database::Writing;
use crate::error::{CommitError, DatabaseError};

const COMMITTING: &str = "committing";
/// How long a commit waits for others that hold the file.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often an operation is prepared anew because somebody changed the tables just then.
const ATTEMPTS: usize = 3;

/// Writes to a file, one commit at a time.
#[derive(Debug, Default)]
pub(super) struct Writer {
    lock: Lock,
    pace: Mutex<Pace>,
}

impl Writer {
    /// Whether the file can be written.
    pub(super) fn writing(&self, home: &Connections) -> Writing {
        match home.unwritable() {
            Some(reason) => Writing::Impossible(reason),
            None if self.lock.permission(Identity::at(home.file())) == Permission::Given => Writing::Allowed,
            None => Writing::Locked,
        }
    }

    /// Allows writing to the file that is there now.
    pub(super) fn allow(&self, home: &Connections) -> Result<(), DatabaseError> {
        if let Some(reason) = home.unwritable() {
            return Err(unsupported(home, &reason));
        }
        let identity = Identity::at(home.file()).ok_or_else(|| DatabaseError::Gone(home.location()))?;
        self.lock.allow(identity);
        Ok(())
    }

    /// Forbids writing, at once.
    pub(super) fn forbid(&self) {
        self.lock.forbid();
    }

    /// Commits an operation that is within the limits.
    pub(super) fn commit(
        &self,
        home: &SharedConnections,
        operation: &AtomicOperation,
    ) -> Result<CommitOutcome, CommitError> {
        let mut pace = self.pace.lock().unwrap_or_else(PoisonError::into_inner);
        let identity = self.permitted(home)?;
        std::thread::sleep(pace.pause(Instant::now()));
        let visit = Visit::begin(home.visits());
        if visit.is_stray {
            return Err(unsupported(
                home,
                "Nothing was stored, because the -wal beside this file belongs to another one that stood in its place; \
                 put it beside its own file",
            )
            .into());
        }
        let mut held = Duration::ZERO;
        let outcome = self.commit_to(home, &visit, identity, operation, &mut held);
        let ended = Instant::now();
        drop(visit);
        pace.held(held, ended, home.is_shared());
        outcome
    }

    /// Which file is there, if it may be written.
    fn permitted(&self, home: &Connections) -> Result<Identity, DatabaseError> {
        let identity = Identity::at(home.file()).ok_or_else(|| DatabaseError::Gone(home.location()))?;
        match self.lock.permission(Some(identity)) {
            Permission::Given => Ok(identity),
            missing => Err(match home.unwritable() {
                Some(reason) => unsupported(home, &reason),
                None => forbidden(home, missing),
            }),
        }
    }

    /// Commits during a visit. `held` becomes the time that others could not write.
    fn commit_to(
        &self,
        home: &Connections,
        visit: &Visit,
        identity: Identity,
        operation: &AtomicOperation,
        held: &mut Duration,
    ) -> Result<CommitOutcome, CommitError> {
        let deadline = Instant::now() + PATIENCE;
        let connection = open(home).map_err(|error| before_commit(home, &error))?;
        if connection.is_readonly(MAIN_DB).unwrap_or(true) {
            let reason =
                "Nothing was stored, because this file cannot be written: it, or where it lies, is read-only";
            return Err(unsupported(home, reason).into());
        }
        let failed = |error: rusqlite::Error| before_commit(home, &error);
        for _ in 0..ATTEMPTS {
            // One look for all that is read before.
            connection.execute_batch("BEGIN").map_err(failed)?;
            let tables = tables(&connection).map_err(failed)?;
            visit.connected(Mode::Shared);
            let schema = schema(home, &connection)?;
            let mut records = TransactionRecords::prepare(home, &connection, schema, operation)?;
            connection.execute_batch("COMMIT").map_err(failed)?;
            let syncs_itself = synchronize(&connection).map_err(failed)?;
            let patience = deadline.saturating_duration_since(Instant::now());
            connection.busy_timeout(patience).map_err(failed)?;
            connection.execute_batch("BEGIN IMMEDIATE").map_err(failed)?;
            let begun = Instant::now();
            if self::tables(&connection).map_err(failed)? != tables {
                // A newer Deno has opened it just now.
                connection.execute_batch("ROLLBACK").map_err(failed)?;
                continue;
            }
            let evaluation = evaluate(operation, &mut records);
            let outcome = match evaluation {
                Ok(Evaluation::Applied(versionstamp)) => self
                    .finish(home, identity, &connection)
                    .map(|()| CommitOutcome::Committed(versionstamp)),
                Ok(Evaluation::Conflict(failed)) => Ok(CommitOutcome::Conflict(failed)),
                Ok(Evaluation::MessagesChanged(changed)) => Ok(CommitOutcome::MessagesChanged(changed)),
                Err(error) => Err(error.into()),
            };
            if !connection.is_autocommit() {
                // Closing the connection does the same if this fails.
                let _rolled_back = connection.execute_batch("ROLLBACK");
            }
            *held = begun.elapsed();
            if matches!(outcome, Ok(CommitOutcome::Committed(_))) {
                if !syncs_itself {
                    reach_disk(home, identity)?;
                }
                // It is committed, whatever comes of this; who does not close so leaves it to the parting.
                let _closes = connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false);
            }
            return outcome;
        }
        Err(DatabaseError::Engine {
            doing: COMMITTING,
            reason: "its tables are being changed by another program".to_owned(),
            location: home.location(),
        }
        .into())
    }

    /// Commits what the transaction has written, if that may still be done.
    fn finish(
        &self,
        home: &Connections,
        identity: Identity,
        connection: &Connection,
    ) -> Result<(), CommitError> {
        let now = Identity::at(home.file());
        if now.is_none() {
            return Err(DatabaseError::Gone(home.location()).into());
        }
        let committed = self
            .lock
            .while_allowed(now.filter(|now| *now == identity), || {
                connection.execute_batch("COMMIT")
            })
            .map_err(|missing| match now {
                Some(now) if now != identity => forbidden(home, Permission::OfAnotherFile),
                _ => forbidden(home, missing),
            })?;
        committed.map_err(|error| during_commit(home, &error))
    }
}

/// Waits until what was committed is on the disk, so that it stays also after a power cut, as Deno's own commits do.
fn reach_disk(home: &Connections, identity: Identity) -> Result<(), CommitError> {
    let unknown = |reason: String| CommitError::Unknown {
        reason,
        location: home.location(),
    };
    // SQLite holds no locks on a -wal that closing it could drop.
    let log = fs::OpenOptions::new()
        .write(true)
        .open(beside(home.file(), "-wal"));
    match log.and_then(|log| log.sync_data()) {
        Ok(()) => {}
        // Somebody has put it into the file meanwhile, for which it has to reach the disk.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(unknown(error.to_string())),
    }
    if Identity::at(home.file()) != Some(identity) {
        return Err(unknown(
            "the file was replaced or deleted at this very moment".to_owned(),
        ));
    }
    Ok(())
}

/// Has SQLite wait for the disk at commits where that is not to be done after them: in another mode than WAL. Whether it
/// does.
fn synchronize(connection: &Connection) -> Result<bool, rusqlite::Error> {
    let mode: String = connection.query_row("PRAGMA journal_mode", (), |row| row.get(0))?;
    let syncs_itself = mode != "wal";
    connection.execute_batch(if syncs_itself {
        "PRAGMA synchronous = full"
    } else {
        "PRAGMA synchronous = normal"
    })?;
    Ok(syncs_itself)
}

/// A connection that writes, and leaves everything but the rows of its operation to Deno.
fn open(home: &Connections) -> Result<Connection, rusqlite::Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(home.file(), flags)?;
    connection.busy_timeout(PATIENCE)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    connection.execute_batch("PRAGMA wal_autocheckpoint = 0")?;
    Ok(connection)
}

/// A number that changes with the tables.
fn tables(connection: &Connection) -> Result<i64, rusqlite::Error> {
    connection
        .prepare_cached("PRAGMA schema_version")?
        .query_row((), |row| row.get(0))
}

/// What the file can hold now, as far as this build knows it.
fn schema(home: &Connections, connection: &Connection) -> Result<Schema, CommitError> {
    let schema = Schema::read(connection).map_err(|error| before_commit(home, &error))?;
    match schema {
        Some(schema) if schema.version > NEWEST => Err(unsupported(
            home,
            &format!(
                "Nothing was stored, because a newer Deno has brought this file to schema version {}, and this \
                 Keyglass writes up to {NEWEST}; update Keyglass to change it",
                schema.version
            ),
        )
        .into()),
        Some(schema) => Ok(schema),
        None => Err(home.replaced().into()),
    }
}

fn unsupported(home: &Connections, sentence: &str) -> DatabaseError {
    DatabaseError::Unsupported(format!("{sentence}: {}", home.location()))
}

fn forbidden(home: &Connections, missing: Permission) -> DatabaseError {
    match missing {
        Permission::OfAnotherFile => unsupported(
            home,
            "Nothing was stored, because another file took the place of the one that was unlocked; unlock this one to \
             change it",
        ),
        Permission::Given | Permission::Missing => DatabaseError::ReadOnly(home.location()),
    }
}

/// SQLite failed before anything was committed.
fn before_commit(home: &Connections, error: &rusqlite::Error) -> CommitError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => busy(home),
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen)
            if home.file().exists() =>
        {
            let reason =
                "Nothing was stored, because this file cannot be written: it, or where it lies, is read-only";
            unsupported(home, reason).into()
        }
        _ => home.failed(COMMITTING, error).into(),
    }
}

/// SQLite failed at the commit itself. A disk that is full, or that refused a page, has no whole commit; of one that
/// failed later it cannot be told.
fn during_commit(home: &Connections, error: &rusqlite::Error) -> CommitError {
    let extended = error.sqlite_error().map(|failure| failure.extended_code);
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy) => busy(home),
        Some(ErrorCode::DiskFull) => home.failed(COMMITTING, error).into(),
        _ if extended == Some(rusqlite::ffi::SQLITE_IOERR_WRITE) => home.failed(COMMITTING, error).into(),
        _ => CommitError::Unknown {
            reason: words(error),
            location: home.location(),
        },
    }
}

fn busy(home: &Connections) -> CommitError {
    #[cfg(target_os = "linux")]
    let owner = crate::file_locks::writer_of_database(home.file());
    #[cfg(not(target_os = "linux"))]
    let owner = None;
    CommitError::Failed(DatabaseError::Busy {
        owner,
        seconds: PATIENCE.as_secs(),
        location: home.location(),
    })
}
