//! Reading a folder that cannot be written.
//!
//! The engine writes when it opens: it locks, cuts off what a crash left in a journal, clears away what no version
//! refers to. So that nothing of that reaches a folder which belongs to another user or lies on a read-only medium, it
//! opens a picture of it: a private folder among the system's temporary ones, with links to the tables and the files of
//! large values, which are never written again once they are made, and copies of all that is small. The engine opens
//! those files for reading only, makes new ones under new names, and where it removes one only the link goes.
//!
//! A picture is taken under a shared lock, so that no owner writes meanwhile, and it shows what was there then. The
//! lock is let go as soon as the engine stands: nobody is kept from opening his own database by somebody who looks at it.
//! Should the owner remove a table later, reading it is an error.

use std::ffi::OsStr;
use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use tempfile::TempDir;

use super::damage::without_zeros_behind;
use super::journal::journals;
use super::marker;

/// How often a picture is taken again because the folder changed meanwhile.
const ATTEMPTS: usize = 5;
/// How the names of the private folders begin.
const PREFIX: &str = "keyglass-picture-";
/// A file in the private folder that is locked for as long as anybody uses it.
const IN_USE: &str = "in-use";
const FILES: &str = "files";

/// The private folder of a store that is open for reading. It goes with the last who holds it.
#[derive(Debug)]
pub(super) struct Picture {
    folder: TempDir,
    _in_use: File,
}

/// Why there is no picture.
#[derive(Debug)]
pub(super) enum NoPicture {
    /// Another process has the store open.
    Locked,
    /// It was changed whenever it was looked at.
    Changing,
    Io(io::Error),
}

impl From<io::Error> for NoPicture {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// The lock on the folder that a picture is taken of, as far as there is one.
pub(super) type Held = Option<File>;

impl Picture {
    /// Takes a picture of a folder. The lock is to be held until the engine has opened it.
    pub(super) fn take(of: &Path) -> Result<(Self, Held), NoPicture> {
        let of = of.canonicalize()?;
        let held = hold(&of.join("lock"))?;
        let temporary = std::env::temp_dir();
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir_in(&temporary)?;
        remove_left_over(&temporary, folder.path());
        // Under its name only when it is locked, so that nobody takes the folder for one that was left over.
        let in_use = File::create_new(folder.path().join("new"))?;
        in_use.lock()?;
        std::fs::rename(folder.path().join("new"), folder.path().join(IN_USE))?;
        let picture = Self {
            folder,
            _in_use: in_use,
        };
        for _ in 0..ATTEMPTS {
            let before = seen(&of)?;
            let copied = copy(&of, &picture.files());
            // What vanishes between listing and copying is a change like any other.
            let vanished = matches!(&copied, Err(error) if error.kind() == io::ErrorKind::NotFound);
            if !vanished {
                copied?;
                if seen(&of)? == before {
                    return Ok((picture, held));
                }
            }
            std::fs::remove_dir_all(picture.files())?;
        }
        Err(NoPicture::Changing)
    }

    /// Where the engine finds its files.
    pub(super) fn files(&self) -> PathBuf {
        self.folder.path().join(FILES)
    }
}

/// Locks the folder's owner out for a moment. A lock that this user may not even read, or a file system without locks,
/// is no reason not to look: whether anything changed is seen from the files.
fn hold(lock: &Path) -> Result<Held, NoPicture> {
    let Ok(lock) = File::open(lock) else {
        return Ok(None);
    };
    match lock.try_lock_shared() {
        Ok(()) => Ok(Some(lock)),
        Err(TryLockError::WouldBlock) => Err(NoPicture::Locked),
        Err(TryLockError::Error(_)) => Ok(None),
    }
}

/// A file and what would tell that it was written.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Seen {
    path: PathBuf,
    length: u64,
    modified: SystemTime,
}

/// The files of a store's folder, as they are now.
fn seen(folder: &Path) -> io::Result<Vec<Seen>> {
    let mut seen = Vec::new();
    let mut see = |path: PathBuf| -> io::Result<()> {
        let metadata = match std::fs::metadata(&path) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        seen.push(Seen {
            length: metadata.len(),
            modified: metadata.modified()?,
            path,
        });
        Ok(())
    };
    for path in files_in(folder)? {
        see(path)?;
    }
    for keyspace in folders_in(&folder.join("keyspaces"))? {
        for path in files_in(&keyspace)? {
            see(path)?;
        }
        for part in folders_in(&keyspace)? {
            for path in files_in(&part)? {
                see(path)?;
            }
        }
    }
    seen.sort();
    Ok(seen)
}

/// Puts the files of a store into a new folder: those that are never written again as links, the others as copies.
fn copy(of: &Path, to: &Path) -> io::Result<()> {
    std::fs::create_dir(to)?;
    for name in [marker::NAME, "version"] {
        copy_file(&of.join(name), &to.join(name)).or_else(|error| match error.kind() {
            io::ErrorKind::NotFound => Ok(()),
            _ => Err(error),
        })?;
    }
    if of.join("lock").exists() {
        File::create_new(to.join("lock"))?;
    }
    for journal in journals(of)? {
        // The space that it keeps for what is to come need not be copied: nothing comes.
        let bytes = std::fs::read(&journal.path)?;
        std::fs::write(to.join(name_of(&journal.path)), without_zeros_behind(&bytes))?;
    }
    if !of.join("keyspaces").is_dir() {
        return Ok(());
    }
    let keyspaces = to.join("keyspaces");
    std::fs::create_dir(&keyspaces)?;
    for keyspace in folders_in(&of.join("keyspaces"))? {
        let into = keyspaces.join(name_of(&keyspace));
        std::fs::create_dir(&into)?;
        for file in files_in(&keyspace)? {
            copy_file(&file, &into.join(name_of(&file)))?;
        }
        for part in folders_in(&keyspace)? {
            let into = into.join(name_of(&part));
            std::fs::create_dir(&into)?;
            for file in files_in(&part)? {
                link(&file, &into.join(name_of(&file)))?;
            }
        }
    }
    Ok(())
}

/// Copies what is in a file, but not its permissions, with which the engine might not be able to write the copy.
fn copy_file(from: &Path, to: &Path) -> io::Result<()> {
    std::fs::write(to, std::fs::read(from)?)
}

/// A file that the engine opens for reading only. Links need no common device, unlike other names of the same file.
#[cfg(unix)]
fn link(from: &Path, to: &Path) -> io::Result<()> {
    // Whether it can be read is told now and not in the middle of a list.
    File::open(from)?;
    std::os::unix::fs::symlink(from, to)
}

/// Links need a privilege here.
#[cfg(not(unix))]
fn link(from: &Path, to: &Path) -> io::Result<()> {
    copy_file(from, to)
}

fn name_of(path: &Path) -> &OsStr {
    path.file_name().unwrap_or_default()
}

fn files_in(folder: &Path) -> io::Result<Vec<PathBuf>> {
    paths_in(folder, Path::is_file)
}

fn folders_in(folder: &Path) -> io::Result<Vec<PathBuf>> {
    paths_in(folder, Path::is_dir)
}

fn paths_in(folder: &Path, wanted: fn(&Path) -> bool) -> io::Result<Vec<PathBuf>> {
    let listed = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        listed => listed?,
    };
    let mut paths = Vec::new();
    for file in listed {
        let path = file?.path();
        if wanted(&path) {
            paths.push(path);
        }
    }
    Ok(paths)
}

/// Removes the pictures of processes that were killed: nobody holds their lock any more. `own` is one of this user's.
fn remove_left_over(temporary: &Path, own: &Path) {
    for folder in folders_in(temporary).unwrap_or_default() {
        let is_picture = name_of(&folder)
            .to_str()
            .is_some_and(|name| name.starts_with(PREFIX));
        if is_picture
            && is_of_same_owner(&folder, own)
            && let Ok(in_use) = File::options().write(true).open(folder.join(IN_USE))
            && in_use.try_lock().is_ok()
        {
            let _removed_by_another_meanwhile = std::fs::remove_dir_all(&folder);
        }
    }
}

/// Other users' folders among the temporary ones are not even opened.
#[cfg(unix)]
fn is_of_same_owner(folder: &Path, own: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let of = |path: &Path| std::fs::symlink_metadata(path).ok();
    matches!((of(folder), of(own)), (Some(it), Some(own)) if it.is_dir() && it.uid() == own.uid())
}

/// The temporary folders are each user's own here.
#[cfg(not(unix))]
fn is_of_same_owner(folder: &Path, _own: &Path) -> bool {
    std::fs::symlink_metadata(folder).is_ok_and(|metadata| metadata.is_dir())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_process_left_goes_and_what_is_in_use_stays() {
        let temporary = tempfile::tempdir().unwrap();
        let picture = |name: &str| {
            let folder = temporary.path().join(format!("{PREFIX}{name}"));
            std::fs::create_dir(&folder).unwrap();
            let in_use = File::create_new(folder.join(IN_USE)).unwrap();
            (folder, in_use)
        };
        let (left, closed) = picture("left");
        drop(closed);
        let (used, in_use) = picture("used");
        in_use.lock().unwrap();
        let other = temporary.path().join("other");
        std::fs::create_dir(&other).unwrap();
        remove_left_over(temporary.path(), temporary.path());
        assert!(!left.exists());
        assert!(used.exists());
        assert!(other.exists());
    }
}
