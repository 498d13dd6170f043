//! Connections to one file: opened so that the file and the program using it notice nothing.
//!
//! Every connection is read-only. A database in SQLite's WAL mode still needs its `-wal` and `-shm` files
//! beside it, and SQLite makes them where they are missing; what was made for us is removed again when the last
//! connection goes. Where the folder cannot be written and no `-wal` is there, nobody can be using the file, and
//! it is read with SQLite's `immutable` flag, which needs neither.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::schema::Schema;
use crate::error::{DatabaseError, OpenError};

/// How long a read waits for a writer that is just recovering or closing the file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Idle connections that are kept for the next reads.
const KEPT: usize = 4;

/// How the file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// Beside other processes, seeing what they commit.
    Shared,
    /// As a file that nobody changes, because its folder cannot be written.
    Immutable,
}

/// The file, and connections to it that are not in use.
pub(super) struct Connections {
    /// The path as it was given, for messages.
    path: PathBuf,
    /// The file without symbolic links: SQLite puts the `-wal` beside this one.
    file: PathBuf,
    /// What the file can hold.
    schema: Schema,
    /// How the file was read when it was opened.
    mode: Mode,
    /// Whether the `-wal` beside the file came into being through us.
    made_wal: bool,
    idle: Mutex<Idle>,
}

#[derive(Default)]
struct Idle {
    connections: Vec<Connection>,
    identity: Option<Identity>,
}

/// Tells whether a path still leads to the same file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Identity(u64, u64);

impl Connections {
    /// Opens the file and recognises it.
    pub(super) fn open(path: &Path) -> Result<Self, OpenError> {
        let not_ours = |reason: &str| OpenError::NotOurFile {
            reason: reason.to_owned(),
            path: path.to_owned(),
        };
        let metadata = fs::metadata(path).map_err(|source| match source.kind() {
            std::io::ErrorKind::NotFound => OpenError::NotFound(path.to_owned()),
            _ => io_error(source, path),
        })?;
        if metadata.is_dir() {
            return Err(not_ours("it is a folder"));
        }
        if !metadata.is_file() {
            return Err(not_ours("it is not a regular file"));
        }
        if metadata.len() == 0 {
            return Err(not_ours("it is empty"));
        }
        let file = fs::canonicalize(path).map_err(|source| io_error(source, path))?;
        let had_wal = beside(&file, "-wal").exists();
        let (connection, schema, mode) = match recognise(&file, Mode::Shared) {
            Err(Refusal::CannotOpen(_)) if !had_wal => recognise(&file, Mode::Immutable)
                .map(|(connection, schema)| (connection, schema, Mode::Immutable)),
            answer => answer.map(|(connection, schema)| (connection, schema, Mode::Shared)),
        }
        .map_err(|refusal| refusal.explain(path, &file))?;
        let identity = Some(Identity::of(&metadata));
        let kept = if mode == Mode::Shared {
            vec![connection]
        } else {
            Vec::new()
        };
        Ok(Self {
            path: path.to_owned(),
            schema,
            mode,
            made_wal: !had_wal && beside(&file, "-wal").exists(),
            file,
            idle: Mutex::new(Idle {
                connections: kept,
                identity,
            }),
        })
    }

    /// The path as it was given.
    pub(super) fn location(&self) -> String {
        self.path.display().to_string()
    }

    /// What the file can hold.
    pub(super) fn schema(&self) -> &Schema {
        &self.schema
    }

    /// How the file is read.
    pub(super) fn mode(&self) -> Mode {
        self.mode
    }

    /// Sizes of the file itself, its `-wal` and its `-shm`, in bytes; 0 for one that is not there.
    pub(super) fn sizes(&self) -> [u64; 3] {
        ["", "-wal", "-shm"]
            .map(|suffix| fs::metadata(beside(&self.file, suffix)).map_or(0, |metadata| metadata.len()))
    }

    /// Which file the path leads to now; `None` if to none.
    pub(super) fn identity(&self) -> Option<Identity> {
        fs::metadata(&self.file)
            .ok()
            .map(|metadata| Identity::of(&metadata))
    }

    /// What shows that a file that is read as unchanging was changed after all.
    pub(super) fn appearance(&self) -> Option<(Identity, std::time::SystemTime, [u64; 3])> {
        let metadata = fs::metadata(&self.file).ok()?;
        Some((Identity::of(&metadata), metadata.modified().ok()?, self.sizes()))
    }

    /// A connection for one use; give it back with [`Self::give_back`]. When the path leads to another file than
    /// before, connections to the old one are dropped.
    pub(super) fn take(&self) -> Result<Connection, DatabaseError> {
        let identity = self.identity();
        let kept = {
            let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
            if idle.identity != identity {
                idle.connections.clear();
                idle.identity = identity;
            }
            idle.connections.pop()
        };
        if let Some(connection) = kept {
            return Ok(connection);
        }
        connect(&self.file, self.mode).map_err(|error| self.failed("opening the file again", &error))
    }

    /// Keeps a connection for the next use, unless it sees an unchanging file and would go stale.
    pub(super) fn give_back(&self, connection: Connection) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if self.mode == Mode::Shared && idle.connections.len() < KEPT && idle.identity == self.identity() {
            idle.connections.push(connection);
        }
    }

    /// SQLite's error as ours.
    pub(super) fn failed(&self, doing: &'static str, error: &rusqlite::Error) -> DatabaseError {
        DatabaseError::Engine {
            doing,
            reason: words(error),
            location: self.location(),
        }
    }
}

impl Drop for Connections {
    /// Removes the `-wal` and `-shm` that were made for us. SQLite does so when the last connection that could
    /// write closes, and only if no other process has the file open, so that is how we ask for it.
    fn drop(&mut self) {
        if let Ok(idle) = self.idle.get_mut() {
            idle.connections.clear();
        }
        if !self.made_wal || !beside(&self.file, "-wal").exists() {
            return;
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        if let Ok(connection) = Connection::open_with_flags(&self.file, flags) {
            // A read makes SQLite look at the WAL; if that fails the files stay, which harms nobody.
            let _seen = connection.query_row("SELECT count(*) FROM sqlite_schema", (), |row| {
                row.get::<_, i64>(0)
            });
        }
    }
}

impl Identity {
    #[cfg(unix)]
    fn of(metadata: &fs::Metadata) -> Self {
        use std::os::unix::fs::MetadataExt as _;
        Self(metadata.dev(), metadata.ino())
    }

    /// Elsewhere a file that is open cannot be replaced.
    #[cfg(not(unix))]
    fn of(_metadata: &fs::Metadata) -> Self {
        Self(0, 0)
    }
}

/// Why a file was not accepted.
enum Refusal {
    /// SQLite could not open the file, or the files that WAL mode needs.
    CannotOpen(rusqlite::Error),
    /// SQLite read it and found something else, for this reason.
    NotOurs(&'static str),
    /// A newer Deno wrote it, with this schema version.
    Newer(u32),
    /// SQLite failed otherwise.
    Failed(rusqlite::Error),
}

impl From<rusqlite::Error> for Refusal {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
                Self::CannotOpen(error)
            }
            Some(ErrorCode::NotADatabase) => Self::NotOurs("it is not a SQLite database, or it is encrypted"),
            _ => Self::Failed(error),
        }
    }
}

impl Refusal {
    fn explain(self, path: &Path, file: &Path) -> OpenError {
        let path = path.to_owned();
        match self {
            Self::NotOurs(reason) => OpenError::NotOurFile {
                reason: reason.to_owned(),
                path,
            },
            Self::Newer(found) => OpenError::NewerFormat {
                found,
                supported: super::schema::NEWEST,
                path,
            },
            Self::Failed(error) => OpenError::Engine {
                reason: words(&error),
                path,
            },
            // Opening the file ourselves is fine here: SQLite holds no lock on it that closing could drop.
            Self::CannotOpen(error) => match fs::File::open(file) {
                Err(source) => OpenError::Io { source, path },
                Ok(_) if beside(file, "-wal").exists() => OpenError::Engine {
                    reason: "changes wait in the -wal file beside it, and reading those needs a folder that can be \
                             written: copy both files to one"
                        .to_owned(),
                    path,
                },
                Ok(_) => OpenError::Engine {
                    reason: words(&error),
                    path,
                },
            },
        }
    }
}

fn recognise(file: &Path, mode: Mode) -> Result<(Connection, Schema), Refusal> {
    let connection = connect(file, mode)?;
    let Some(schema) = Schema::read(&connection)? else {
        return Err(Refusal::NotOurs(
            "it is a SQLite database without the tables of Deno KV",
        ));
    };
    if schema.version > super::schema::NEWEST {
        return Err(Refusal::Newer(schema.version));
    }
    Ok((connection, schema))
}

fn connect(file: &Path, mode: Mode) -> Result<Connection, rusqlite::Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = match mode {
        Mode::Shared => Connection::open_with_flags(file, flags)?,
        Mode::Immutable => {
            let uri = format!("{}?immutable=1", super::discover::file_url(file));
            Connection::open_with_flags(uri, flags | OpenFlags::SQLITE_OPEN_URI)?
        }
    };
    connection.busy_timeout(BUSY_TIMEOUT)?;
    Ok(connection)
}

/// The file with a suffix after its whole name.
fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn io_error(source: std::io::Error, path: &Path) -> OpenError {
    OpenError::Io {
        source,
        path: path.to_owned(),
    }
}

/// SQLite's own words, without the path that rusqlite adds.
fn words(error: &rusqlite::Error) -> String {
    match error {
        rusqlite::Error::SqliteFailure(failure, message) => {
            message.clone().unwrap_or_else(|| failure.to_string())
        }
        _ => error.to_string(),
    }
}

/// Shares the connections of a file between the database, its snapshots and its watcher.
pub(super) type SharedConnections = Arc<Connections>;
