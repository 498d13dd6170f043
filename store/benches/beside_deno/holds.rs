//! How long a process keeps others from writing to a file, seen from outside: Linux tells in `/proc/locks` who holds the
//! lock of writers, so that nobody has to try for it and be in the way.

use std::os::linux::fs::MetadataExt as _;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Which byte of the `-shm` a writer locks; see "WAL-Mode File Format" of SQLite.
const WRITE_LOCK: &str = "120";
/// Between two questions: what is shorter is mostly not seen.
const PAUSE: Duration = Duration::from_micros(100);

/// Looks until it is told to stop; how long this process held the file, each time.
pub fn watch(file: &Path, stop: &AtomicBool) -> Vec<Duration> {
    let mut index = file.as_os_str().to_owned();
    index.push("-shm");
    let process = std::process::id().to_string();
    let (mut holds, mut since) = (Vec::new(), None::<Instant>);
    while !stop.load(Ordering::Relaxed) {
        let now = Instant::now();
        match (is_held(Path::new(&index), &process), since) {
            (true, None) => since = Some(now),
            (false, Some(begun)) => {
                holds.push(now.duration_since(begun));
                since = None;
            }
            _ => {}
        }
        std::thread::sleep(PAUSE);
    }
    holds.sort_unstable();
    holds
}

/// A line is `1: POSIX ADVISORY WRITE 4321 fd:00:1234 120 120`.
fn is_held(index: &Path, process: &str) -> bool {
    let (Ok(metadata), Ok(locks)) = (index.metadata(), std::fs::read_to_string("/proc/locks")) else {
        return false;
    };
    let inode = format!(":{}", metadata.st_ino());
    locks.lines().any(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        matches!(words.as_slice(), [_, "POSIX", _, "WRITE", holder, place, WRITE_LOCK, ..]
            if *holder == process && place.ends_with(&inode))
    })
}
