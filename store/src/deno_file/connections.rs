//! Looks at one file: each a connection of its own, open only for as long as it reads.
//!
//! Every connection that reads is read-only. In SQLite's WAL mode one that is open still keeps the program that
//! writes from tidying up when it ends, so none is kept between two looks; what a look leaves is put in order when
//! the last one ends, see `visits` and `parting`. Where nothing can be made beside the file and no `-wal` is there, nobody can be
//! using it, and it is read with SQLite's `immutable` flag, which needs neither `-wal` nor `-shm`.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, MAIN_DB, OpenFlags};

use super::parting;
use super::refusal::{Refusal, words};
use super::schema::{NEWEST, Schema, Tables};
use super::signal::{Appearance, Identity, Mark};
use super::visits::{Visit, Visits};
use crate::database::LastingId;
use crate::error::{DatabaseError, OpenError};

/// How long a read waits for a writer that is just recovering or closing the file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How often, and after how long, a file is tried again that another look of this process may have for a moment.
const OTHER_LOOKS: u32 = 10;
const OTHER_LOOK: Duration = Duration::from_millis(10);

/// How the file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// Beside other processes, seeing what they commit.
    Shared,
    /// As a file that nobody changes, because nothing can be written beside it.
    Immutable,
}

/// A file, and who is looking at it now.
pub(super) struct Connections {
    /// The path as it was given, for messages.
    path: PathBuf,
    /// The file without symbolic links: SQLite puts the `-wal` beside this one.
    file: PathBuf,
    visits: Arc<Visits>,
    known: Mutex<Known>,
}

/// What was read of a file.
#[derive(Clone, Copy)]
struct Known {
    /// Which file it was read from.
    identity: Option<Identity>,
    /// Which of its tables.
    tables: Tables,
    /// What the file can hold.
    schema: Schema,
}

/// A look at the file: a connection in a read transaction, which is a snapshot and keeps nobody from writing.
pub(super) struct Look {
    connection: Connection,
    mark: Option<Mark>,
    home: SharedConnections,
    /// The last field, because it ends when the connection is closed.
    _visit: Visit,
}

impl Connections {
    /// Opens the file and recognises it.
    pub(super) fn open(path: &Path) -> Result<Self, OpenError> {
        let file = regular_file(path)?;
        let identity = Identity::at(&file);
        let visits = Visits::of(&file);
        // Whatever comes of it, the folder is left as it was found.
        let recognised = recognise(&file, &Visit::begin(&visits));
        let (tables, schema) = recognised.map_err(|refusal| refusal.explain(path, &file))?;
        Ok(Self {
            path: path.to_owned(),
            file,
            visits,
            known: Mutex::new(Known {
                identity,
                tables,
                schema,
            }),
        })
    }

    /// The path as it was given.
    pub(super) fn id(&self) -> LastingId {
        let path = self.file.canonicalize();
        let path = path.as_ref().unwrap_or(&self.file);
        LastingId::derived(path.as_os_str().as_encoded_bytes())
    }

    pub(super) fn location(&self) -> String {
        self.path.display().to_string()
    }

    /// What the file can hold.
    pub(super) fn schema(&self) -> Schema {
        self.known().schema
    }

    /// How the file was read last.
    pub(super) fn mode(&self) -> Mode {
        self.visits.mode()
    }

    /// Bytes of the file itself and of its `-wal`; 0 for one that is not there.
    pub(super) fn sizes(&self) -> [u64; 2] {
        ["", "-wal"]
            .map(|suffix| fs::metadata(beside(&self.file, suffix)).map_or(0, |metadata| metadata.len()))
    }

    /// How the file appears without a look; `None` if it is gone.
    pub(super) fn appearance(&self) -> Option<Appearance> {
        Appearance::of(&self.file)
    }

    /// Whether a program closed the file during a look that could not put its `-wal` into the file, and nobody has
    /// done so since or has the file to do it.
    pub(super) fn leaves_changes_beside(&self) -> bool {
        self.visits.leave_changes_beside()
    }

    /// Those who have the file open in this process.
    pub(super) fn visits(&self) -> &Arc<Visits> {
        &self.visits
    }

    /// The file without symbolic links.
    pub(super) fn file(&self) -> &Path {
        &self.file
    }

    /// Why the file can never be written, as a sentence without its end; `None` if it may be possible.
    pub(super) fn unwritable(&self) -> Option<String> {
        let Schema { version, .. } = self.schema();
        if version > NEWEST {
            Some(format!(
                "A newer Deno has brought this file to schema version {version}, and this Keyglass writes up to \
                 {NEWEST}; update Keyglass to change it"
            ))
        } else if self.mode() == Mode::Immutable {
            let reason =
                "The folder of this file cannot be written, so it is read as a file that nobody changes";
            Some(reason.to_owned())
        } else if !is_writable(&self.file) {
            let reason = "This file cannot be written, because it is read-only or belongs to another user";
            Some(reason.to_owned())
        } else {
            None
        }
    }

    /// Whether another program had the file when the last of our visits ended.
    pub(super) fn is_shared(&self) -> bool {
        self.visits.is_shared()
    }

    /// The error that nobody can be told of changes.
    pub(super) fn cannot_follow(&self, reason: String) -> DatabaseError {
        DatabaseError::Engine {
            doing: "following its changes",
            reason,
            location: self.location(),
        }
    }

    /// SQLite's error as ours.
    pub(super) fn failed(&self, doing: &'static str, error: &rusqlite::Error) -> DatabaseError {
        if !self.file.exists() || is_no_database(error) {
            return DatabaseError::Gone(self.location());
        }
        if error.sqlite_error_code() == Some(ErrorCode::DatabaseCorrupt) {
            return DatabaseError::Damaged {
                doing,
                reason: words(error),
                location: self.location(),
            };
        }
        if is_full(error) {
            return DatabaseError::DiskFull(self.location());
        }
        DatabaseError::Engine {
            doing,
            reason: words(error),
            location: self.location(),
        }
    }

    /// Something took the file's place that is no Deno KV database.
    pub(super) fn replaced(&self) -> DatabaseError {
        DatabaseError::Gone(self.location())
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Look {
    /// Looks at what is committed now.
    pub(super) fn begin(home: &SharedConnections) -> Result<Self, DatabaseError> {
        Self::start(home, |_connection| None)
    }

    /// Looks at what is committed now, and tells which commit that is.
    pub(super) fn begin_marked(home: &SharedConnections) -> Result<Self, DatabaseError> {
        Self::start(home, |connection| Mark::of(&home.file, connection))
    }

    fn start(
        home: &SharedConnections,
        before_reading: impl Fn(&Connection) -> Option<Mark>,
    ) -> Result<Self, DatabaseError> {
        let identity = Identity::at(&home.file);
        let visit = Visit::begin(&home.visits);
        let mut mark = None;
        let (connection, _mode) = connect(&home.file, &visit, |connection| {
            mark = before_reading(connection);
        })
        .map_err(|error| home.failed("beginning to read", &error))?;
        let look = Self {
            connection,
            mark,
            home: Arc::clone(home),
            _visit: visit,
        };
        let failed = |error| home.failed("opening the file again", &error);
        let tables = Tables::of(look.connection());
        let mut known = home.known();
        if known.identity != identity || tables.as_ref().ok() != Some(&known.tables) {
            // Another file took its place, or another Deno has migrated it.
            let schema = Schema::read(look.connection()).map_err(failed)?;
            known.schema = schema.ok_or_else(|| home.replaced())?;
            known.tables = tables.map_err(failed)?;
            known.identity = identity;
        }
        drop(known);
        Ok(look)
    }

    /// The file.
    pub(super) fn home(&self) -> &Connections {
        &self.home
    }

    /// Which commit it sees; `None` if it was not asked for, or cannot be told.
    pub(super) fn mark(&self) -> Option<&Mark> {
        self.mark.as_ref()
    }

    /// The connection.
    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }
}

/// Whether what stands at the file's place now, also if it is the same file, is no Deno KV database; not if that cannot be
/// told.
pub(super) fn is_displaced(home: &SharedConnections) -> bool {
    let visit = Visit::begin(&home.visits);
    let read =
        connect(&home.file, &visit, |_connection| {}).and_then(|(connection, _)| Schema::read(&connection));
    match read {
        Ok(schema) => schema.is_none(),
        Err(error) => is_no_database(&error),
    }
}

/// Whether there was no room on the disk: for a page, or for what processes share beside the file.
pub(super) fn is_full(error: &rusqlite::Error) -> bool {
    let extended = error.sqlite_error().map(|failure| failure.extended_code);
    error.sqlite_error_code() == Some(ErrorCode::DiskFull)
        || extended == Some(rusqlite::ffi::SQLITE_IOERR_SHMSIZE)
}

fn is_no_database(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::NotADatabase)
}

/// The file that a path leads to, without symbolic links.
pub(super) fn regular_file(path: &Path) -> Result<PathBuf, OpenError> {
    let not_ours = |reason: &str| OpenError::NotOurFile {
        reason: reason.to_owned(),
        path: path.to_owned(),
    };
    let io_error = |source| OpenError::Io {
        source,
        path: path.to_owned(),
    };
    let metadata = fs::metadata(path).map_err(|source| match source.kind() {
        std::io::ErrorKind::NotFound => {
            let wal = beside(path, "-wal");
            if wal.exists() {
                OpenError::MissingMainFile {
                    wal,
                    path: path.to_owned(),
                }
            } else {
                OpenError::NotFound(path.to_owned())
            }
        }
        _ => io_error(source),
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
    fs::canonicalize(path).map_err(io_error)
}

fn recognise(file: &Path, visit: &Visit) -> Result<(Tables, Schema), Refusal> {
    let (connection, mode) = connect(file, visit, |_connection| {})?;
    let Some(schema) = Schema::read(&connection)? else {
        let blank = visit.found.wal.is_none() && is_blank(&connection, mode)?;
        return Err(if blank {
            Refusal::Blank
        } else {
            Refusal::WithoutTables
        });
    };
    if schema.version > NEWEST {
        return Err(Refusal::Newer(schema.version));
    }
    Ok((Tables::of(&connection)?, schema))
}

/// Whether a database holds nothing and is in WAL mode, which is how Deno's looks before anything in its `-wal`
/// was put into it.
fn is_blank(connection: &Connection, mode: Mode) -> Result<bool, rusqlite::Error> {
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", (), |row| row.get(0))?;
    // SQLite does not tell it of a file that it reads as unchanging.
    let journal: String = connection.query_row("PRAGMA journal_mode", (), |row| row.get(0))?;
    Ok(tables == 0 && (mode == Mode::Immutable || journal == "wal"))
}

/// A connection in a read transaction, for somebody who visits the file. Without changes in a `-wal` the file is read as
/// unchanging if nothing can be made beside it.
pub(super) fn connect(
    file: &Path,
    visit: &Visit,
    mut before_reading: impl FnMut(&Connection),
) -> Result<(Connection, Mode), rusqlite::Error> {
    let mut read = |mode| {
        let connection = open(file, mode)?;
        before_reading(&connection);
        connection.execute_batch("BEGIN DEFERRED")?;
        // The first read takes the snapshot, not BEGIN.
        let _taken: i64 = connection.query_row("PRAGMA schema_version", (), |row| row.get(0))?;
        visit.connected(mode);
        Ok((connection, mode))
    };
    let wal = visit.found.wal;
    if wal.is_none() && (visit.mode == Mode::Immutable || !is_writable(file)) {
        return read(Mode::Immutable);
    }
    let mut wal = wal;
    for _ in 0..OTHER_LOOKS {
        match read(Mode::Shared) {
            Err(error) if Refusal::is_of_the_folder(&error) => match wal {
                None => return read(Mode::Immutable),
                // An empty -wal may be all that could be made by another look, which has the file for a moment.
                Some(0) if !parting::may_be_in_use(file) => return read(Mode::Immutable),
                Some(0) => {
                    std::thread::sleep(OTHER_LOOK);
                    wal = parting::Companions::beside(file).wal;
                }
                Some(_) => return Err(error),
            },
            answer => return answer,
        }
    }
    read(Mode::Shared)
}

pub(super) fn open(file: &Path, mode: Mode) -> Result<Connection, rusqlite::Error> {
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

/// Whether the file can be written, found out by SQLite: to open the file in any other way would drop the locks
/// that SQLite holds for this process when it is closed again.
fn is_writable(file: &Path) -> bool {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(file, flags)
        .and_then(|connection| connection.is_readonly(MAIN_DB))
        .is_ok_and(|readonly| !readonly)
}

/// The file with a suffix after its whole name.
pub(super) fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Shares a file between the database, its snapshots and its watcher.
pub(super) type SharedConnections = Arc<Connections>;
