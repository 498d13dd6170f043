//! A `-wal` that lies beside a file without being its own, because another file took the place of the one it belongs to.
//!
//! Nothing in a database names its `-wal`, so whoever opens the new file has to take the pages that the old one's
//! `-wal` holds for its newest. Here it is known which file the `-wal` was seen with: it is neither read with another
//! one nor put into it. As soon as a program has the new file, the `-wal` counts as that file's all the same, because
//! the program takes it for that. Where the system does not tell who has a file, every `-wal` counts.

use std::fs;
use std::path::Path;

use super::connections::beside;
use super::parting::may_be_in_use;
use super::signal::Identity;

/// Which file a path leads to, and which `-wal` with anything in it lies beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Pair {
    file: Option<Identity>,
    wal: Option<Identity>,
}

/// Remembers which file the `-wal` belongs to.
#[derive(Debug)]
pub(super) struct Pairing {
    last: Pair,
    stray: bool,
}

impl Pair {
    fn at(file: &Path) -> Self {
        let wal = fs::metadata(beside(file, "-wal")).ok();
        Self {
            file: Identity::at(file),
            // An empty one is anybody's.
            wal: wal
                .filter(|metadata| metadata.len() > 0)
                .map(|metadata| Identity::of(&metadata)),
        }
    }
}

impl Pairing {
    /// What lies there now belongs together.
    pub(super) fn of(file: &Path) -> Self {
        Self {
            last: Pair::at(file),
            stray: false,
        }
    }

    /// Whether the `-wal` that lies there now belongs to a file that was in this place before.
    pub(super) fn is_stray(&mut self, file: &Path) -> bool {
        let now = Pair::at(file);
        // While there is no file, nothing belongs to another one.
        if now.file.is_none() {
            return self.stray;
        }
        let last = std::mem::replace(&mut self.last, now);
        self.stray = now.wal.is_some()
            && now.wal == last.wal
            && (self.stray || now.file != last.file)
            && !may_be_in_use(file);
        self.stray
    }
}
