//! Files that hold what was deleted together or replaced by an import, so that it can be put back: where they are and how
//! long they stay.

use std::fs::{File, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

const DAY: i64 = 24 * 3600 * 1000;
/// Files that stay in any case, also where the medium cannot say that somebody holds them.
const FRESH: i64 = DAY;
/// How long others stay.
const AGE: i64 = 30 * DAY;
/// The newest ones that stay at most.
const NUMBER: usize = 20;
/// Bytes that they may take together.
const BYTES: u64 = 1 << 30;

/// How long they stay, for a person to read.
pub const POLICY: &str = "Such files stay while a window can undo by them, and a day; the newest 20 of them stay 30 days, up to 1 GB together";

/// A file by which a deletion or an import can be undone. As long as this or a clone of it lives, no window removes the file.
#[derive(Debug, Clone)]
pub struct UndoFile {
    path: PathBuf,
    /// Locked as one of perhaps several readers; `None` on a medium without locks.
    _held: Option<Arc<File>>,
}

impl UndoFile {
    /// Holds a file that was written.
    ///
    /// # Errors
    /// If it cannot be opened or locked: then it might be gone when it is needed.
    pub fn hold(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let held = match file.lock_shared() {
            Ok(()) => Some(Arc::new(file)),
            Err(error) if error.kind() == ErrorKind::Unsupported => None,
            Err(error) => return Err(error),
        };
        Ok(Self {
            path: path.to_owned(),
            _held: held,
        })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl PartialEq for UndoFile {
    fn eq(&self, other: &Self) -> bool {
        self.path == other.path
    }
}

impl Eq for UndoFile {}

/// A file for a deletion or an import at this moment, which no other job of any program writes. Its name tells the moment,
/// so that how old it is goes by the clock of the database, whatever clock the disk has.
#[must_use]
pub fn new_path(folder: &Path, now: i64) -> PathBuf {
    static NUMBER: AtomicU64 = AtomicU64::new(1);
    let (process, number) = (std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
    folder.join(format!("{now}-{process}-{number}.ndjson"))
}

/// The moment that a file's name tells, in milliseconds since the Unix epoch; `None` of one that is none of ours.
fn moment(path: &Path) -> Option<i64> {
    let is_ours = path.extension().is_some_and(|ending| ending == "ndjson");
    let (moment, _number) = path.file_stem()?.to_str()?.split_once('-')?;
    is_ours.then(|| moment.parse().ok()).flatten()
}

/// Removes files of earlier deletions and imports that no window holds and that are no longer wanted, `now` being in milliseconds
/// since the Unix epoch by the clock that named them; how many. What cannot be locked or removed stays.
pub fn clean_up(folder: &Path, now: i64) -> usize {
    let mut files: Vec<(i64, u64, PathBuf)> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let path = entry.path();
            let metadata = entry.metadata().ok().filter(std::fs::Metadata::is_file)?;
            Some((moment(&path)?, metadata.len(), path))
        })
        .collect();
    files.sort_by(|one, other| other.cmp(one));
    let mut bytes = 0;
    let mut removed = 0;
    for (index, (made, size, path)) in files.into_iter().enumerate() {
        bytes += size;
        // A time in the future is as good as now.
        let age = now.saturating_sub(made);
        let stays = age < FRESH || (index < NUMBER && age < AGE && bytes <= BYTES);
        if !stays && remove(&path) {
            removed += 1;
        }
    }
    removed
}

/// Removes a file that nobody holds, in this window or another one; whether it is gone.
fn remove(path: &Path) -> bool {
    let Ok(file) = File::open(path) else { return false };
    match file.try_lock() {
        // It is unlocked as it is closed, after it is gone.
        Ok(()) => std::fs::remove_file(path).is_ok(),
        Err(TryLockError::WouldBlock | TryLockError::Error(_)) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-23 12:00:00 UTC.
    const NOW: i64 = 1_795_435_200_000;

    /// A file as one was made at this moment.
    fn make(folder: &Path, name: &str, moment: i64, size: u64) -> PathBuf {
        let path = folder.join(format!("{moment}-{name}.ndjson"));
        File::create(&path).unwrap().set_len(size).unwrap();
        path
    }

    /// What the files of a folder are called behind their moments.
    fn names(folder: &Path) -> Vec<String> {
        let files = std::fs::read_dir(folder).unwrap();
        let mut names: Vec<String> = files
            .map(|file| file.unwrap().path())
            .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
            .map(|name| {
                name.split_once('-')
                    .map_or(name.clone(), |(_, name)| name.to_owned())
            })
            .collect();
        names.sort();
        names
    }

    #[test]
    fn old_files_go_but_for_those_that_a_window_can_undo_by() {
        let folder = tempfile::tempdir().unwrap();
        make(folder.path(), "new", NOW - DAY / 2, 10);
        make(folder.path(), "month", NOW - 29 * DAY, 10);
        make(folder.path(), "old", NOW - 31 * DAY, 10);
        let wanted = make(folder.path(), "wanted", NOW - 32 * DAY, 10);
        for others in ["notes.txt", "own export.ndjson"] {
            File::create(folder.path().join(others)).unwrap();
        }
        // Two windows hold it, and each is as good as the other.
        let (one, other) = (UndoFile::hold(&wanted).unwrap(), UndoFile::hold(&wanted).unwrap());
        let kept = ["month", "new", "notes", "own export", "wanted"];
        assert_eq!(clean_up(folder.path(), NOW), 1);
        assert_eq!(names(folder.path()), kept);
        drop(one);
        assert_eq!(clean_up(folder.path(), NOW), 0);
        // The step that holds it is copied, and the original forgotten.
        let copy = other.clone();
        drop(other);
        assert_eq!(clean_up(folder.path(), NOW), 0);
        assert_eq!(names(folder.path()), kept);
        drop(copy);
        assert_eq!(clean_up(folder.path(), NOW), 1);
        assert_eq!(names(folder.path()), kept[..4]);
        assert_eq!(clean_up(&folder.path().join("none"), NOW), 0);
        assert!(UndoFile::hold(&wanted).is_err());
    }

    #[test]
    fn many_files_and_large_ones_go_before_their_time() {
        let folder = tempfile::tempdir().unwrap();
        for number in 0..25 {
            make(
                folder.path(),
                &format!("{number:02}"),
                NOW - DAY - number * DAY / 2,
                10,
            );
        }
        assert_eq!(clean_up(folder.path(), NOW), 5);
        assert_eq!(names(folder.path()).last().unwrap(), "19");
        make(folder.path(), "large", NOW - DAY - DAY / 4, BYTES);
        // Together with what is newer it is too much, and so is all that is older.
        assert_eq!(clean_up(folder.path(), NOW), 20);
        assert_eq!(names(folder.path()), ["00"]);
    }

    #[test]
    fn how_old_a_file_is_goes_by_its_name_and_not_by_the_clock_of_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        // The disk says of all of them that they were made just now, whenever that is.
        let far = NOW + 50_000 * DAY;
        let old = make(folder.path(), "old", far - 31 * DAY, 10);
        let new = new_path(folder.path(), far - DAY / 2);
        File::create(&new).unwrap();
        assert_ne!(new, new_path(folder.path(), far - DAY / 2));
        assert_eq!(clean_up(folder.path(), far), 1);
        assert_eq!((old.exists(), new.exists()), (false, true));
    }
}
