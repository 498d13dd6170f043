//! A clean close, which makes the next opening quick: an engine that is merely dropped replays its journal
//! each time it is opened, up to a second or two.
//!
//! Everything in memory is flushed into tables; only then, with the engine gone and its lock held, the
//! journals are emptied. Each step that does not go as planned ends the work there: a journal that stays is
//! replayed, and nothing is lost.

use std::fs::File;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use fjall::PersistMode;

use super::engine::{Engine, contain};
use super::journal::{self, Journal};
use super::layout::RESERVED_VERSION;

/// How long flushing may take.
const FLUSH_DEADLINE: Duration = Duration::from_secs(20);

/// Closes the engine; `version` is that of the newest commit.
pub(super) fn close(path: &Path, engine: Engine, version: u64) {
    if !flush(&engine, version) {
        return;
    }
    let Some(journals) = journals(path) else { return };
    drop(engine);
    // While anybody holds a snapshot, the engine lives on and keeps the lock.
    let Ok(lock) = File::options().write(true).open(path.join("lock")) else {
        return;
    };
    // Another process may have opened the store and gone again in the meantime; then the journals are its.
    if lock.try_lock().is_err() || self::journals(path).as_ref() != Some(&journals) {
        return;
    }
    for (journal, ..) in journals {
        if empty(&journal.path).is_err() {
            return;
        }
    }
}

/// Moves everything into tables; whether that succeeded.
fn flush(engine: &Engine, version: u64) -> bool {
    let flushed = contain(|| {
        let mut batch = engine.database.batch().durability(Some(PersistMode::SyncAll));
        // Versions that were reserved and not used are given back.
        batch.insert(&engine.aux, RESERVED_VERSION, version.to_be_bytes());
        batch.commit()?;
        let deadline = Instant::now() + FLUSH_DEADLINE;
        for keyspace in engine.keyspaces() {
            keyspace.rotate_memtable()?;
            while keyspace.sealed_memtable_count() > 0 {
                // Fails once flushing has failed, after which it would never end.
                engine.database.persist(PersistMode::Buffer)?;
                if Instant::now() > deadline {
                    return Ok(false);
                }
                std::thread::sleep(Duration::from_millis(1));
            }
        }
        Ok(true)
    });
    flushed.unwrap_or(false)
}

/// The journals of a folder, and of each its length and time, which would tell that somebody wrote to it.
fn journals(folder: &Path) -> Option<Vec<(Journal, u64, SystemTime)>> {
    let journals = journal::journals(folder).ok()?.into_iter();
    let with_facts = |journal: Journal| {
        let metadata = std::fs::metadata(&journal.path).ok()?;
        let modified = metadata.modified().ok()?;
        Some((journal, metadata.len(), modified))
    };
    journals.map(with_facts).collect()
}

fn empty(journal: &Path) -> std::io::Result<()> {
    let file = File::options().write(true).open(journal)?;
    file.set_len(0)?;
    file.sync_all()
}
