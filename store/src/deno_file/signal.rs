//! What happened to a file, without a look at it.
//!
//! A commit in WAL mode writes to the `-wal`, so its size and time of change show that there may be something new;
//! asking for them takes some millionths of a second and disturbs nobody. Times of change are as coarse as the
//! system's clock tick, and a commit becomes visible some time after it was written, so that after every difference
//! several looks are due (`agenda`). What a look then finds tells exactly: a commit makes the `-wal` longer by its own
//! count of pages, or begins it anew with another number in its header.

use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::time::SystemTime;

use rusqlite::Connection;

use super::connections::{Connections, beside};

/// Tells whether a path still leads to the same file: device, inode, and when it was made where the medium says so, since
/// the next file may get the inode of one that was deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Identity(u64, u64, Option<SystemTime>);

/// Length and time of change.
type Stamp = (u64, Option<SystemTime>);

/// How a file appears from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Appearance {
    identity: Identity,
    main: Stamp,
    /// `None` also for an empty one, which holds nothing and may be our own.
    wal: Option<Stamp>,
}

/// Which commit a file is at. Equal marks mean equal contents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// Everything is in the main file.
    Main(Identity, Stamp),
    /// The header of the `-wal`, and how many of its pages count.
    Wal(Identity, [u8; WAL_HEADER], i64),
}

/// Length of a `-wal`'s header, in bytes; it holds a number that is new whenever the `-wal` begins anew.
const WAL_HEADER: usize = 32;
/// Where the header has the size of a page; see "The WAL File Format" of SQLite.
const PAGE_SIZE_OFFSET: usize = 8;
/// Length of what stands before each page in the `-wal`, in bytes.
const FRAME_HEADER: u64 = 24;

/// What can be told of the file without a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum News {
    /// Nothing has happened since the last question.
    Nothing,
    /// There may be commits.
    Perhaps,
    /// The path leads to another file now.
    AnotherFile,
    /// The path leads nowhere.
    Gone,
}

/// Tells what happened to the file since it was last asked.
#[derive(Default)]
pub(super) struct Signal {
    seen: Option<Appearance>,
}

impl Signal {
    /// Asks. A look that begins after this sees whatever the answer speaks of.
    pub(super) fn ask(&mut self, home: &Connections) -> News {
        let Some(now) = home.appearance() else {
            self.seen = None;
            return News::Gone;
        };
        match self.seen.replace(now) {
            Some(before) if before == now => News::Nothing,
            Some(before) if before.identity != now.identity => News::AnotherFile,
            _ => News::Perhaps,
        }
    }

    /// Whether a look that found this mark has seen all that was written before the last question.
    pub(super) fn is_complete(&self, mark: &Mark) -> bool {
        let length = self.seen.and_then(|seen| seen.wal).map(|(length, _)| length);
        matches!(mark, Mark::Wal(..)) && length.is_some() && length == mark.wal_length()
    }
}

impl Appearance {
    /// `None` if there is no such file.
    pub(super) fn of(file: &Path) -> Option<Self> {
        let metadata = fs::metadata(file).ok()?;
        let wal = fs::metadata(beside(file, "-wal")).ok();
        Some(Self {
            identity: Identity::of(&metadata),
            main: stamp(&metadata),
            wal: wal
                .map(|metadata| stamp(&metadata))
                .filter(|(length, _)| *length > 0),
        })
    }
}

impl Mark {
    /// The mark of a file to which a connection is open that has not begun to read. What is committed between this
    /// and the connection's first read is told again by the next mark. `None` if it cannot be told.
    pub(super) fn of(file: &Path, connection: &Connection) -> Option<Self> {
        let appearance = Appearance::of(file)?;
        // Does nothing but tell: whether it was busy, pages in the -wal, and how many of them are in the file too.
        let pages: i64 = connection
            .query_row("PRAGMA wal_checkpoint(NOOP)", (), |row| row.get(1))
            .ok()?;
        if pages <= 0 {
            return Some(Self::Main(appearance.identity, appearance.main));
        }
        // Unlike the other two files, SQLite holds no locks on the -wal that closing it could drop.
        let mut header = [0; WAL_HEADER];
        fs::File::open(beside(file, "-wal"))
            .ok()?
            .read_exact(&mut header)
            .ok()?;
        Some(Self::Wal(appearance.identity, header, pages))
    }
}

impl Mark {
    /// How long a `-wal` is that holds nothing beyond this commit, in bytes. One that was begun anew stays as long as
    /// it was.
    fn wal_length(&self) -> Option<u64> {
        let Self::Wal(_, header, pages) = self else {
            return None;
        };
        let size = header.get(PAGE_SIZE_OFFSET..)?.first_chunk()?;
        let frame = FRAME_HEADER + u64::from(u32::from_be_bytes(*size));
        let frames = u64::try_from(*pages).ok()?.checked_mul(frame)?;
        frames.checked_add(WAL_HEADER as u64)
    }
}

fn stamp(metadata: &fs::Metadata) -> Stamp {
    (metadata.len(), metadata.modified().ok())
}

impl Identity {
    /// Which file a path leads to now; `None` if to none.
    pub(super) fn at(file: &Path) -> Option<Self> {
        fs::metadata(file).ok().map(|metadata| Self::of(&metadata))
    }

    #[cfg(unix)]
    pub(super) fn of(metadata: &fs::Metadata) -> Self {
        use std::os::unix::fs::MetadataExt as _;
        Self(metadata.dev(), metadata.ino(), metadata.created().ok())
    }

    /// Elsewhere a file that is open cannot be replaced.
    #[cfg(not(unix))]
    pub(super) fn of(_metadata: &fs::Metadata) -> Self {
        Self(0, 0, None)
    }
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;

    /// A new file of Deno's kind, and the connection that made it.
    fn new_file(folder: &tempfile::TempDir) -> (std::path::PathBuf, Connection) {
        let path = folder.path().join("kv");
        let connection = Connection::open(&path).unwrap();
        let tables = "PRAGMA journal_mode = wal;
                      CREATE TABLE migration_state (k, version); CREATE TABLE data_version (k, version);
                      CREATE TABLE kv (k primary key, v, v_encoding, version) without rowid";
        connection.execute_batch(tables).unwrap();
        (path, connection)
    }

    #[test]
    fn what_is_written_and_deleted_is_told_once() {
        let folder = tempfile::TempDir::new().unwrap();
        let (path, connection) = new_file(&folder);
        let home = Connections::open(&path).unwrap();
        let mut signal = Signal::default();
        assert_eq!(signal.ask(&home), News::Perhaps);
        assert_eq!(signal.ask(&home), News::Nothing);
        connection
            .execute_batch("INSERT INTO kv VALUES (1, 1, 1, 1)")
            .unwrap();
        assert_eq!(signal.ask(&home), News::Perhaps);
        assert_eq!(signal.ask(&home), News::Nothing);
        fs::remove_file(&path).unwrap();
        assert_eq!(signal.ask(&home), News::Gone);
        assert_eq!(signal.ask(&home), News::Gone);
    }

    #[test]
    fn a_look_is_complete_when_it_has_seen_the_wal_to_its_end() {
        let folder = tempfile::TempDir::new().unwrap();
        let (path, connection) = new_file(&folder);
        let home = Connections::open(&path).unwrap();
        let mut signal = Signal::default();
        let mut is_complete = || {
            signal.ask(&home);
            let look = super::super::connections::open(&path, super::super::connections::Mode::Shared);
            signal.is_complete(&Mark::of(&path, &look.unwrap()).unwrap())
        };
        let insert = |key: u32| {
            let sql = format!("INSERT INTO kv VALUES ({key}, 1, 1, 1)");
            connection.execute_batch(&sql).unwrap();
        };
        insert(1);
        assert!(is_complete());
        insert(2);
        assert!(is_complete());
        // Written, and not yet a commit that anybody sees.
        let log = fs::File::options().append(true).open(beside(&path, "-wal"));
        log.and_then(|log| log.set_len(1 << 20)).unwrap();
        assert!(!is_complete());
        // All of it is in the file now, and the -wal begins anew at its next commit, as long as it is.
        connection
            .query_row("PRAGMA wal_checkpoint(RESTART)", (), |_row| Ok(()))
            .unwrap();
        insert(3);
        assert!(!is_complete());
    }

    #[test]
    fn a_file_that_gets_the_inode_of_a_deleted_one_is_another_one() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("kv");
        fs::write(&path, "1").unwrap();
        if fs::metadata(&path).unwrap().created().is_err() {
            // This medium does not say when a file was made.
            return;
        }
        let first = Identity::at(&path).unwrap();
        assert_eq!(Identity::at(&path), Some(first));
        // Until the clock that times of files come from has gone on, or no inode is used again.
        for _ in 0..100_000 {
            fs::remove_file(&path).unwrap();
            fs::write(&path, "2").unwrap();
            let now = Identity::at(&path).unwrap();
            let is_same_inode = (now.0, now.1) == (first.0, first.1);
            if is_same_inode && now != first {
                return;
            }
        }
        assert_ne!(Identity::at(&path), Some(first));
    }
}
