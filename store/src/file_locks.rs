//! Who holds the locks on a file, which Linux tells in `/proc/locks`.

use std::fs;
use std::os::linux::fs::MetadataExt as _;
use std::path::Path;

use crate::error::LockOwner;

/// The process that holds the lock of `flock` on a file.
pub(crate) fn holder(file: &Path) -> Option<u32> {
    let metadata = fs::metadata(file).ok()?;
    let locks = fs::read_to_string("/proc/locks").ok()?;
    let holders = holders_of(&locks, "FLOCK", metadata.st_dev(), metadata.st_ino());
    let same = |holder: &&Holder| holder.is_same_device || has_open(holder.process, &metadata);
    Some(holders.iter().find(same)?.process)
}

/// A process by its number, with its program's name.
pub(crate) fn named(process: u32) -> LockOwner {
    let name = fs::read_to_string(format!("/proc/{process}/comm")).ok();
    LockOwner {
        process,
        name: name.map(|name| name.trim_end().to_owned()),
    }
}

/// The other process that most likely keeps us from writing to a database of SQLite: who writes in WAL mode locks one
/// byte of the `-shm`, and who writes otherwise, or has the database to himself, locks the file.
#[cfg(feature = "deno-file")]
pub(crate) fn writer_of_database(file: &Path) -> Option<LockOwner> {
    let locks = fs::read_to_string("/proc/locks").ok()?;
    let mut index = file.as_os_str().to_owned();
    index.push("-shm");
    let writer = |file: &Path, place: Option<u64>| {
        let metadata = fs::metadata(file).ok()?;
        let holders = holders_of(&locks, "POSIX", metadata.st_dev(), metadata.st_ino());
        let writes = |holder: &&Holder| {
            holder.writes
                && place.is_none_or(|place| holder.first_byte == place)
                && holder.process != std::process::id()
        };
        Some(holders.iter().find(writes)?.process)
    };
    writer(Path::new(&index), Some(WAL_WRITE_LOCK))
        .or_else(|| writer(file, None))
        .map(named)
}

/// Which byte of the `-shm` a writer locks; see "WAL-Mode File Format" of SQLite.
#[cfg(feature = "deno-file")]
const WAL_WRITE_LOCK: u64 = 120;

/// The processes that hold a lock of `fcntl` on a file, as SQLite takes them; `None` if that cannot be told.
#[cfg(feature = "deno-file")]
pub(crate) fn holders_of_database(file: &Path) -> Option<Vec<u32>> {
    let metadata = fs::metadata(file).ok()?;
    let locks = fs::read_to_string("/proc/locks").ok()?;
    let holders = holders_of(&locks, "POSIX", metadata.st_dev(), metadata.st_ino());
    Some(holders.into_iter().map(|holder| holder.process).collect())
}

/// A process that locks a file with the inode.
#[derive(Debug, PartialEq, Eq)]
struct Holder {
    process: u32,
    /// Some file systems, such as Btrfs, name another device for a file than for its lock.
    is_same_device: bool,
    /// Whether it keeps all others out.
    writes: bool,
    first_byte: u64,
}

/// Whether a process, as far as we may see it, has that very file open.
fn has_open(process: u32, file: &fs::Metadata) -> bool {
    let open = fs::read_dir(format!("/proc/{process}/fd")).into_iter();
    let mut open = open.flatten().flatten();
    open.any(|entry| {
        fs::metadata(entry.path())
            .is_ok_and(|open| (open.st_dev(), open.st_ino()) == (file.st_dev(), file.st_ino()))
    })
}

/// Who locks files with this inode, found among lines such as `1: FLOCK ADVISORY WRITE 1234 fe:00:5678 0 EOF`, which
/// name the process, then major and minor number of the device in hexadecimal digits, and the inode, and at last the
/// first and the last byte.
fn holders_of(locks: &str, kind: &str, device: u64, inode: u64) -> Vec<Holder> {
    // As in the C library's `gnu_dev_major` and `gnu_dev_minor`.
    let major = (device >> 8 & 0xfff) | (device >> 32 & !0xfff);
    let minor = (device & 0xff) | (device >> 12 & !0xff & 0xffff_ffff);
    let device = format!("{major:02x}:{minor:02x}");
    let holder = |line: &str| {
        let mut fields = line.split_whitespace().skip(1);
        let (its_kind, mode) = (fields.next()?, fields.nth(1)?);
        let process = fields.next()?;
        let (its_device, its_inode) = fields.next()?.rsplit_once(':')?;
        (its_kind == kind && its_inode.parse() == Ok(inode)).then_some(Holder {
            process: process.parse().ok()?,
            is_same_device: its_device == device,
            writes: mode == "WRITE",
            first_byte: fields.next()?.parse().ok()?,
        })
    };
    locks.lines().filter_map(holder).collect()
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use super::*;

    #[test]
    fn a_lock_is_that_of_the_same_inode_on_the_same_device() {
        let locks = "1: POSIX  ADVISORY  WRITE 11 fe:00:5678 0 EOF\n\
                     2: FLOCK  ADVISORY  WRITE 12 00:2b:5678 0 EOF\n\
                     2: -> FLOCK  ADVISORY  WRITE 15 fe:00:5678 0 EOF\n\
                     3: FLOCK  ADVISORY  WRITE 123 fe:00:5678 0 EOF\n";
        let holder = |process, is_same_device| Holder {
            process,
            is_same_device,
            writes: true,
            first_byte: 0,
        };
        assert_eq!(
            holders_of(locks, "FLOCK", 0xfe00, 5678),
            [holder(12, false), holder(123, true)]
        );
        assert_eq!(
            holders_of(locks, "FLOCK", 0x2b, 5678),
            [holder(12, true), holder(123, false)]
        );
        assert_eq!(holders_of(locks, "FLOCK", 0xfe00, 567), []);
        assert_eq!(holders_of(locks, "POSIX", 0xfe00, 5678), [holder(11, true)]);
        // Another file with the same inode is not ours, whoever locks it.
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let open = File::create(&path).unwrap();
        let metadata = fs::metadata(&path).unwrap();
        assert!(has_open(std::process::id(), &metadata));
        drop(open);
        assert!(!has_open(std::process::id(), &metadata));
    }
}
