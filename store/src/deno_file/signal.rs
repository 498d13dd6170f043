//! Noticing that another process has committed, without a look where nothing has happened.
//!
//! A commit in WAL mode writes to the `-wal`, so its size and time of change show that there may be something new;
//! asking for them takes some millionths of a second and disturbs nobody. Times of change are as coarse as the
//! system's clock tick, and a commit becomes visible only after what it wrote is on the disk, which may take as long as
//! the disk likes and shows nowhere. So after every difference further looks are due, at the next question and then at
//! ever longer distances for a quarter of a minute. What a look then finds tells exactly: a
//! commit makes the `-wal` longer by its own count of pages, or begins it anew with another number in its header.

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

/// What can be told of the file without a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum News {
    /// Nothing has happened since the last look.
    Nothing,
    /// A look is due: there may be commits.
    Perhaps,
    /// The path leads to another file now.
    AnotherFile,
    /// The path leads nowhere.
    Gone,
}

/// The question at which a look is due for the last time if nothing has changed since: of those 15 milliseconds apart,
/// after 15 seconds.
const LAST_LOOK: u32 = 1024;

/// Tells what happened to the file since it was last asked.
#[derive(Default)]
pub(super) struct Signal {
    seen: Option<Appearance>,
    /// How often it was asked since something changed.
    quiet: u32,
}

impl Signal {
    /// Asks. A look that begins after this sees whatever the answer speaks of.
    pub(super) fn ask(&mut self, home: &Connections) -> News {
        let Some(now) = home.appearance() else {
            self.seen = None;
            self.quiet = 0;
            return News::Gone;
        };
        let before = self.seen.replace(now);
        if before == Some(now) {
            self.quiet = self.quiet.saturating_add(1);
            let is_due = self.quiet.is_power_of_two() && self.quiet <= LAST_LOOK;
            return if is_due { News::Perhaps } else { News::Nothing };
        }
        self.quiet = 0;
        match before {
            Some(before) if before.identity != now.identity => News::AnotherFile,
            _ => News::Perhaps,
        }
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

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn looks_are_due_for_a_while_after_a_change_at_ever_longer_distances() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("kv");
        let connection = Connection::open(&path).unwrap();
        let tables = "CREATE TABLE migration_state (k, version); CREATE TABLE data_version (k, version);
                      CREATE TABLE kv (k primary key, v, v_encoding, version) without rowid";
        connection.execute_batch(tables).unwrap();
        drop(connection);
        let home = Connections::open(&path).unwrap();
        let mut signal = Signal::default();
        assert_eq!(signal.ask(&home), News::Perhaps);
        let due: Vec<u32> = (1..5000).filter(|_| signal.ask(&home) == News::Perhaps).collect();
        assert_eq!(due, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024]);
        fs::File::options()
            .append(true)
            .open(&path)
            .unwrap()
            .set_len(1 << 20)
            .unwrap();
        assert_eq!(signal.ask(&home), News::Perhaps);
        assert_eq!(signal.ask(&home), News::Perhaps);
        fs::remove_file(&path).unwrap();
        assert_eq!(signal.ask(&home), News::Gone);
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
