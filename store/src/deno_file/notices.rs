//! What the system itself says of a file: that it, or its `-wal`, was written, made, moved or deleted.
//!
//! The folder is asked about, not the file: SQLite makes and deletes the `-wal`, and another file may take the place of
//! this one. Nothing is opened for it, because closing a file drops the locks that SQLite holds on it for this process.
//! The system tells nothing of what another computer does to a network drive, watches only so many folders, and may be
//! late, so nobody relies on it alone; see `agenda`.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};

use super::connections::beside;

/// Rings when something happens to a file, until this is dropped.
pub(super) struct Notices {
    rung: Arc<AtomicBool>,
    _watcher: RecommendedWatcher,
}

impl Notices {
    /// Calls `ring`, and not again until [`Self::silence`] is called. `None` where the system does not tell.
    pub(super) fn of(file: &Path, ring: impl Fn() + Send + 'static) -> Option<Self> {
        let place = Place::of(file)?;
        let folder = place.folder.clone();
        let rung = Arc::new(AtomicBool::new(false));
        let is_ringing = Arc::clone(&rung);
        let told = move |told: notify::Result<Event>| {
            // After an error something may have been missed.
            if told.is_ok_and(|event| !place.is_concerned(&event)) {
                return;
            }
            if !is_ringing.swap(true, Ordering::AcqRel) {
                ring();
            }
        };
        let mut watcher = notify::recommended_watcher(told).ok()?;
        watcher.watch(&folder, RecursiveMode::NonRecursive).ok()?;
        Some(Self {
            rung,
            _watcher: watcher,
        })
    }

    /// Whether it rang since the last call; it may ring again.
    pub(super) fn silence(&self) -> bool {
        self.rung.swap(false, Ordering::AcqRel)
    }
}

/// Where a file stands, and what it and its `-wal` are called.
struct Place {
    folder: PathBuf,
    names: [PathBuf; 2],
}

impl Place {
    fn of(file: &Path) -> Option<Self> {
        Some(Self {
            folder: file.parent()?.to_owned(),
            names: [file.file_name()?.into(), beside(file, "-wal").file_name()?.into()],
        })
    }

    /// Whether something may have happened to the file. Our own looks open it, too, and make its `-shm`.
    fn is_concerned(&self, event: &Event) -> bool {
        if event.need_rescan() {
            return true;
        }
        let is_ours = |path: &PathBuf| {
            path.file_name()
                .is_some_and(|name| self.names.iter().any(|ours| ours.as_os_str() == name))
                || path.as_os_str() == OsStr::new(&self.folder)
        };
        !matches!(event.kind, EventKind::Access(_)) && event.paths.iter().any(is_ours)
    }
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::fs;
    use std::time::Duration;

    use crossbeam_channel::{Receiver, bounded};

    use super::*;

    const SOON: Duration = Duration::from_secs(30);

    fn notices(file: &Path) -> (Notices, Receiver<()>) {
        let (sender, rung) = bounded(100);
        (
            Notices::of(file, move || sender.try_send(()).unwrap()).unwrap(),
            rung,
        )
    }

    #[test]
    fn what_is_written_made_moved_and_deleted_rings_once_until_it_is_heard() {
        let folder = tempfile::TempDir::new().unwrap();
        let file = folder.path().join("kv.sqlite3");
        fs::write(&file, "1").unwrap();
        let log = beside(&file, "-wal");
        let (notices, rung) = notices(&file);
        let other = folder.path().join("other");
        let acts: [&dyn Fn(); 6] = [
            &|| fs::write(&file, "2").unwrap(),
            &|| fs::write(&log, "1").unwrap(),
            &|| fs::write(&log, "22").unwrap(),
            &|| fs::remove_file(&log).unwrap(),
            &|| fs::rename(&file, &other).unwrap(),
            &|| fs::rename(&other, &file).unwrap(),
        ];
        for act in acts {
            act();
            rung.recv_timeout(SOON).unwrap();
            // Further events of the same act may come later.
            while notices.silence() {
                let _later = rung.recv_timeout(Duration::from_millis(20));
            }
        }
        fs::remove_dir_all(folder.path()).unwrap();
        rung.recv_timeout(SOON).unwrap();
        assert!(notices.silence());
    }

    #[test]
    fn what_others_do_beside_it_and_who_only_reads_does_not_ring() {
        let folder = tempfile::TempDir::new().unwrap();
        let file = folder.path().join("kv.sqlite3");
        fs::write(&file, "1").unwrap();
        let (notices, rung) = notices(&file);
        for name in ["kv.sqlite3-shm", "kv.sqlite3-wal2", "kv.sqlite"] {
            fs::write(folder.path().join(name), "1").unwrap();
        }
        fs::read(&file).unwrap();
        assert!(!notices.silence() && rung.is_empty());
        // What is told comes in order, so nothing of that was on its way.
        fs::write(&file, "2").unwrap();
        rung.recv_timeout(SOON).unwrap();
        assert!(rung.is_empty());
    }

    #[test]
    fn where_there_is_no_folder_nothing_is_told() {
        assert!(Notices::of(Path::new("/nowhere/at/all"), || ()).is_none());
    }
}
