//! The engine's journal files.

use std::ffi::OsStr;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use fjall::PersistMode;

use super::engine::{Engine, contain};
use super::layout::RESERVED_VERSION;

/// The engine begins a new journal when it flushes a memtable and the active one is longer than 64 MB.
pub(super) const LENGTH_OF_FULL: u64 = 64_100_000;
/// How long the engine may take to begin a new journal.
const RENEWAL_DEADLINE: Duration = Duration::from_secs(5);

/// A journal file and its number; the highest number is the active one's.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Journal {
    pub(super) number: u64,
    pub(super) path: PathBuf,
}

/// The journals of a folder, the active one last.
pub(super) fn journals(folder: &Path) -> std::io::Result<Vec<Journal>> {
    let mut journals = Vec::new();
    for file in std::fs::read_dir(folder)? {
        let path = file?.path();
        if path.extension() == Some(OsStr::new("jnl"))
            && let Some(number) = path.file_stem().and_then(OsStr::to_str)
            && let Ok(number) = number.parse()
        {
            journals.push(Journal { number, path });
        }
    }
    journals.sort();
    Ok(journals)
}

/// Has the engine begin a new journal. The one that it found when it was opened grows with each commit, so
/// that each sync must store its new length as well; a new one has its full length from the beginning, and
/// commits that wait for the disk are up to half as fast again.
///
/// The caller holds back commits. `reserved` is what row [`RESERVED_VERSION`] holds already: writing it again
/// changes nothing, whether a crash keeps or loses it. A crash in between leaves zeros behind the last batch,
/// where recovery cuts them off. If the engine does not do as expected, the journal gets back its length, and
/// commits go on in it.
pub(super) fn renew_journal(engine: &Engine, folder: &Path, reserved: u64) {
    let Ok(Some(active)) = journals(folder).map(|mut journals| journals.pop()) else {
        return;
    };
    let Ok(file) = File::options().write(true).open(&active.path) else {
        return;
    };
    let Ok(length) = file.metadata().map(|metadata| metadata.len()) else {
        return;
    };
    if length >= LENGTH_OF_FULL || file.set_len(LENGTH_OF_FULL).is_err() {
        return;
    }
    let is_renewed = || {
        let newest = journals(folder).ok().and_then(|mut journals| journals.pop());
        newest.is_some_and(|newest| newest.number > active.number)
    };
    let flushed = contain(|| {
        let mut batch = engine.database.batch().durability(Some(PersistMode::Buffer));
        batch.insert(&engine.aux, RESERVED_VERSION, reserved.to_be_bytes());
        batch.commit()?;
        engine.aux.rotate_memtable()?;
        let deadline = Instant::now() + RENEWAL_DEADLINE;
        while !is_renewed() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_micros(200));
        }
        Ok(())
    });
    if flushed.is_err() || !is_renewed() {
        // What follows a gap would be lost in a crash.
        let _grown_again_by_the_next_commit = file.set_len(length);
    }
}
