//! Noticing that another process has committed, without reading any data.

use std::time::SystemTime;

use rusqlite::Connection;

use super::connections::{Identity, Mode, SharedConnections};

/// What happened to the file since the last look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum News {
    /// Nothing.
    Nothing,
    /// Somebody has committed.
    Commits,
    /// The path leads to another file now, or to one that was taken for unchanging and was changed.
    AnotherFile,
}

/// Tells what happened to the file since it was last asked.
#[derive(Default)]
pub(super) struct Signal {
    /// SQLite's `data_version` can only be compared within one connection.
    connection: Option<Connection>,
    identity: Option<Identity>,
    data_version: Option<i64>,
    appearance: Option<(Identity, SystemTime, [u64; 3])>,
}

impl Signal {
    /// Asks. The first answer is always [`News::Nothing`].
    pub(super) fn ask(&mut self, home: &SharedConnections) -> News {
        match home.mode() {
            Mode::Shared => self.ask_shared(home),
            Mode::Immutable => {
                let appearance = home.appearance();
                let before = std::mem::replace(&mut self.appearance, appearance);
                if before.is_none() || before == appearance {
                    News::Nothing
                } else {
                    News::AnotherFile
                }
            }
        }
    }

    fn ask_shared(&mut self, home: &SharedConnections) -> News {
        let identity = home.identity();
        let another = self.identity != identity;
        let kept = self.connection.take().filter(|_| !another);
        let reconnected = kept.is_none();
        let Some(connection) = kept.or_else(|| home.take().ok()) else {
            return News::Nothing;
        };
        let Ok(data_version) = connection.query_row("PRAGMA data_version", (), |row| row.get(0)) else {
            return News::Nothing;
        };
        // Noted only now, so that a file that cannot be read yet is news once it can.
        self.identity = identity;
        self.connection = Some(connection);
        match self.data_version.replace(data_version) {
            None => News::Nothing,
            Some(_) if another => News::AnotherFile,
            Some(before) if reconnected || before != data_version => News::Commits,
            Some(_) => News::Nothing,
        }
    }
}
