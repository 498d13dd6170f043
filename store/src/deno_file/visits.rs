//! Who in this process has a file open, however often it was opened here: the visits of one file are counted together,
//! and the last of them leaves the file in order, see `parting`.
//!
//! If each opened database counted for itself, one that begins a look while another one parts from the file would take
//! what that one is about to put in order for what had been there before.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use super::connections::Mode;
use super::parting::{self, Companions, Found, Parting};
use super::stray::Pairing;

/// The files that are open in this process, without symbolic links.
static OPEN: Mutex<BTreeMap<PathBuf, Weak<Visits>>> = Mutex::new(BTreeMap::new());

/// The visits of one file.
pub(super) struct Visits {
    /// The file without symbolic links.
    file: PathBuf,
    round: Mutex<Round>,
}

/// The visits from one that found nobody here to the last one that ends, and what is known from those before.
struct Round {
    /// How many are open.
    number: usize,
    /// Which file the `-wal` belongs to.
    pairing: Pairing,
    /// What lay beside the file before the first of them.
    found: Companions,
    /// Whether somebody else had the file when the first of them began, and nobody has told since whether he closed it
    /// before we were there.
    had_by_others: bool,
    /// Whether a program closed the file while the first of them began.
    closed_at_beginning: bool,
    /// How the file was read last.
    mode: Mode,
    /// What happened when the last of them ended.
    parting: Parting,
    /// Whether another program may have had the file when the first of them began. Asked only where it matters:
    /// where Keyglass may not write.
    others: bool,
    /// Whether a program closed the file during a look that could not put its `-wal` into the file.
    left_beside: bool,
}

/// Somebody here has the file open, or is about to. A connection is closed before its visit ends.
pub(super) struct Visit {
    visits: Arc<Visits>,
    /// What lies beside the file and belongs to it.
    pub found: Companions,
    /// How the file is to be read.
    pub mode: Mode,
    /// Whether a `-wal` lies beside the file that belongs to another one.
    pub is_stray: bool,
}

impl Visits {
    /// Those of a file, which is named without symbolic links.
    pub(super) fn of(file: &Path) -> Arc<Self> {
        let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(visits) = open.get(file).and_then(Weak::upgrade) {
            return visits;
        }
        open.retain(|_file, visits| visits.strong_count() > 0);
        let visits = Arc::new(Self {
            file: file.to_owned(),
            round: Mutex::new(Round {
                number: 0,
                pairing: Pairing::of(file),
                found: Companions::beside(file),
                had_by_others: false,
                closed_at_beginning: false,
                mode: Mode::Shared,
                parting: Parting::InOrder,
                others: false,
                left_beside: false,
            }),
        });
        open.insert(file.to_owned(), Arc::downgrade(&visits));
        visits
    }

    /// How the file was read last.
    pub(super) fn mode(&self) -> Mode {
        self.round().mode
    }

    /// Whether another program had the file when the last visit ended.
    pub(super) fn is_shared(&self) -> bool {
        self.round().parting == Parting::InUse
    }

    /// Whether a program closed the file during a look that could not put its `-wal` into the file, and nobody has
    /// done so since or has the file to do it.
    pub(super) fn leave_changes_beside(&self) -> bool {
        self.round().left_beside
            && Companions::beside(&self.file).has_changes()
            && !parting::may_be_in_use(&self.file)
    }

    fn round(&self) -> MutexGuard<'_, Round> {
        self.round.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Visit {
    /// Begins one.
    pub(super) fn begin(visits: &Arc<Visits>) -> Self {
        let file = &visits.file;
        let mut round = visits.round();
        let is_stray = round.pairing.is_stray(file);
        let now = Companions::beside(file);
        if round.number == 0 {
            round.found = now;
            round.closed_at_beginning = false;
            round.had_by_others = now.has_changes() && parting::is_in_use(file);
            round.others = round.parting == Parting::NotWritable && parting::may_be_in_use(file);
        }
        round.number += 1;
        drop(round);
        let (found, mode) = if is_stray {
            // SQLite leaves the -wal alone only beside a file that does not change.
            (Companions { wal: None, ..now }, Mode::Immutable)
        } else {
            (now, Mode::Shared)
        };
        Self {
            visits: Arc::clone(visits),
            found,
            mode,
            is_stray,
        }
    }

    /// Says that a connection has read, and how. While it is open nobody builds the index of the `-wal` anew.
    pub(super) fn connected(&self, mode: Mode) {
        let mut round = self.visits.round();
        if !self.is_stray {
            round.mode = mode;
        }
        if std::mem::take(&mut round.had_by_others) {
            round.closed_at_beginning = !parting::is_in_use_elsewhere(&self.visits.file);
        }
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        let file = &self.visits.file;
        // Others that want to look wait until the file is in order.
        let mut round = self.visits.round();
        round.number = round.number.saturating_sub(1);
        let is_stray = round.pairing.is_stray(file);
        if round.number == 0 && !is_stray {
            let found = Found {
                companions: round.found,
                closed_since: round.closed_at_beginning,
            };
            round.parting = parting::leave(file, found);
            round.left_beside = round.parting == Parting::NotWritable
                && (round.others || round.left_beside)
                && !parting::may_be_in_use(file);
        }
    }
}
