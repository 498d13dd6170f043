//! Noticing that another process has committed, without a look where nothing has happened.
//!
//! A commit in WAL mode writes to the `-wal`, so its size and time of change show that there may be something new;
//! asking for them takes some millionths of a second and disturbs nobody. Times of change are as coarse as the
//! system's clock tick, so after every difference one more look is due. What a look then finds tells exactly: a
//! commit makes the `-wal` longer by its own count of pages, or begins it anew with another number in its header.

use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::time::SystemTime;

use rusqlite::Connection;

use super::connections::{Connections, beside};

/// Tells whether a path still leads to the same file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Identity(u64, u64);

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

/// Tells what happened to the file since it was last asked.
#[derive(Default)]
pub(super) struct Signal {
    seen: Option<Appearance>,
    /// Whether nothing can have been committed between the last look and what was seen then.
    settled: bool,
}

impl Signal {
    /// Asks. A look that begins after this sees whatever the answer speaks of.
    pub(super) fn ask(&mut self, home: &Connections) -> News {
        let Some(now) = home.appearance() else {
            self.seen = None;
            self.settled = false;
            return News::Gone;
        };
        let before = self.seen.replace(now);
        let unchanged = before == Some(now);
        if unchanged && self.settled {
            return News::Nothing;
        }
        self.settled = unchanged;
        match before {
            Some(before) if before.identity != now.identity => News::AnotherFile,
            _ => News::Perhaps,
        }
    }
}

impl Appearance {
    /// Which file it is.
    pub(super) fn identity(&self) -> Identity {
        self.identity
    }

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
        Self(metadata.dev(), metadata.ino())
    }

    /// Elsewhere a file that is open cannot be replaced.
    #[cfg(not(unix))]
    pub(super) fn of(_metadata: &fs::Metadata) -> Self {
        Self(0, 0)
    }
}
