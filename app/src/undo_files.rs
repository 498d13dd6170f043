//! Files that hold what was deleted together, so that it can be put back: where they are and how long they stay.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Files that stay in any case: another window may still be able to undo by them.
const FRESH: Duration = Duration::from_secs(24 * 3600);
/// How long others stay.
const AGE: Duration = Duration::from_secs(30 * 24 * 3600);
/// The newest ones that stay at most.
const NUMBER: usize = 20;
/// Bytes that they may take together.
const BYTES: u64 = 1 << 30;

/// How long they stay, for a person to read.
pub const POLICY: &str = "Such files stay while this window can undo by them, and a day; the newest 20 of them stay 30 days, up to 1 GB together";

/// Removes files of earlier deletions that are no longer wanted; how many. What cannot be removed stays.
pub fn clean_up(folder: &Path, wanted: &[PathBuf], now: SystemTime) -> usize {
    let mut files: Vec<(SystemTime, u64, PathBuf)> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let path = entry.path();
            let metadata = entry.metadata().ok().filter(std::fs::Metadata::is_file)?;
            let is_ours = path.extension().is_some_and(|ending| ending == "ndjson");
            is_ours.then_some((metadata.modified().ok()?, metadata.len(), path))
        })
        .collect();
    files.sort_by(|one, other| other.cmp(one));
    let mut bytes = 0;
    let mut removed = 0;
    for (index, (modified, size, path)) in files.into_iter().enumerate() {
        bytes += size;
        // A time in the future is as good as now.
        let age = now.duration_since(modified).unwrap_or_default();
        let stays = age < FRESH || wanted.contains(&path) || (index < NUMBER && age < AGE && bytes <= BYTES);
        if !stays && std::fs::remove_file(path).is_ok() {
            removed += 1;
        }
    }
    removed
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_secs(24 * 3600);

    fn make(folder: &Path, name: &str, modified: SystemTime, size: u64) -> PathBuf {
        let path = folder.join(name);
        let file = std::fs::File::create(&path).unwrap();
        file.set_len(size).unwrap();
        file.set_modified(modified).unwrap();
        path
    }

    fn names(folder: &Path) -> Vec<String> {
        let files = std::fs::read_dir(folder).unwrap();
        let mut names: Vec<String> = files
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn old_files_go_but_for_those_that_can_be_undone_by() {
        let folder = tempfile::tempdir().unwrap();
        let now = SystemTime::now();
        make(folder.path(), "new.ndjson", now - DAY / 2, 10);
        make(folder.path(), "month.ndjson", now - 29 * DAY, 10);
        make(folder.path(), "old.ndjson", now - 31 * DAY, 10);
        let wanted = make(folder.path(), "wanted.ndjson", now - 32 * DAY, 10);
        make(folder.path(), "notes.txt", now - 99 * DAY, 10);
        assert_eq!(clean_up(folder.path(), &[wanted], now), 1);
        assert_eq!(
            names(folder.path()),
            ["month.ndjson", "new.ndjson", "notes.txt", "wanted.ndjson"]
        );
        assert_eq!(clean_up(&folder.path().join("none"), &[], now), 0);
    }

    #[test]
    fn many_files_and_large_ones_go_before_their_time() {
        let folder = tempfile::tempdir().unwrap();
        let now = SystemTime::now();
        for number in 0..25 {
            let day = u32::try_from(number).unwrap();
            make(
                folder.path(),
                &format!("{number:02}.ndjson"),
                now - DAY - day * DAY / 2,
                10,
            );
        }
        assert_eq!(clean_up(folder.path(), &[], now), 5);
        assert_eq!(names(folder.path()).last().unwrap(), "19.ndjson");
        make(folder.path(), "large.ndjson", now - DAY - DAY / 4, BYTES);
        // Together with what is newer it is too much, and so is all that is older.
        assert_eq!(clean_up(folder.path(), &[], now), 20);
        assert_eq!(names(folder.path()), ["00.ndjson"]);
    }
}
