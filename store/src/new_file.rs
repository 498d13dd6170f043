//! Files that appear whole or not at all, after a power failure, too.

use std::fs;
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// A file being written beside the place where it will stand.
pub struct NewFile {
    writer: BufWriter<Output>,
}

enum Output {
    /// A hidden sibling, the name that it will get, and whether that has to be free.
    Sibling(NamedTempFile, PathBuf, Name),
    /// A device or a pipe, which cannot be replaced.
    Direct(fs::File),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Name {
    Any,
    Free,
}

/// What the names of hidden siblings begin with.
pub(crate) const UNFINISHED: &str = ".keyglass-";

impl NewFile {
    /// Begins a file. What stands at `path` stays as it is until [`Self::finish`].
    ///
    /// # Errors
    /// If no file can be made beside it.
    pub fn create(path: &Path) -> io::Result<Self> {
        // A link keeps pointing where it points: the file behind it is replaced.
        let path = fs::canonicalize(path).unwrap_or_else(|_nothing_there| path.to_owned());
        let there = fs::metadata(&path).ok();
        let output = if there
            .as_ref()
            .is_some_and(|there| !there.is_file() && !there.is_dir())
        {
            Output::Direct(fs::File::options().write(true).open(&path)?)
        } else {
            let permissions = there.map(|there| there.permissions());
            Output::Sibling(sibling(&path, permissions)?, path, Name::Any)
        };
        Ok(Self::new(output))
    }

    /// Begins a file whose name is free, now and when it is finished. Its permissions, of which the process's mask is
    /// taken off, are those of any new file unless told.
    ///
    /// # Errors
    /// If something stands there, or no file can be made beside it.
    pub fn create_new(path: &Path, permissions: Option<fs::Permissions>) -> io::Result<Self> {
        if path.symlink_metadata().is_ok() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let sibling = sibling(path, permissions)?;
        Ok(Self::new(Output::Sibling(sibling, path.to_owned(), Name::Free)))
    }

    fn new(output: Output) -> Self {
        Self {
            writer: BufWriter::with_capacity(1 << 16, output),
        }
    }

    /// Where it stands until it is finished, for what writes files by their names; `None` for a device or a pipe.
    #[must_use]
    pub fn unfinished(&self) -> Option<&Path> {
        match self.writer.get_ref() {
            Output::Sibling(file, ..) => Some(file.path()),
            Output::Direct(_) => None,
        }
    }

    /// Gives the file its name, once everything is on the disk. Without that nothing is left of it.
    ///
    /// # Errors
    /// If the rest cannot be written, or the name cannot be given.
    pub fn finish(self) -> io::Result<()> {
        match self.writer.into_inner().map_err(io::IntoInnerError::into_error)? {
            Output::Direct(mut file) => file.flush(),
            Output::Sibling(file, path, name) => {
                file.as_file().sync_all()?;
                match name {
                    Name::Any => file.persist(&path)?,
                    Name::Free => file.persist_noclobber(&path)?,
                };
                // That the file has its name is on the disk only with the folder; not every system can be asked for that.
                let _synced = fs::File::open(folder(&path)).and_then(|folder| folder.sync_all());
                Ok(())
            }
        }
    }
}

/// The folder that a file stands in.
fn folder(path: &Path) -> &Path {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}

fn sibling(path: &Path, permissions: Option<fs::Permissions>) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(UNFINISHED);
    if let Some(permissions) = permissions.or_else(usual_permissions) {
        builder.permissions(permissions);
    }
    builder.tempfile_in(folder(path))
}

impl io::Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

impl io::Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Sibling(file, ..) => file.write(bytes),
            Self::Direct(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Sibling(file, ..) => file.flush(),
            Self::Direct(file) => file.flush(),
        }
    }
}

/// Permissions before the process's mask is taken off them, as for any new file; a temporary file would be
/// readable by its user only.
fn usual_permissions() -> Option<fs::Permissions> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        Some(fs::Permissions::from_mode(0o666))
    }
    #[cfg(not(unix))]
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_appears_whole_or_not_at_all() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, "old").unwrap();
        let mut file = NewFile::create(&path).unwrap();
        file.write_all(b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"old");
        drop(file);
        assert_eq!(names(folder.path()), ["file"]);
        let mut file = NewFile::create(&path).unwrap();
        file.write_all(b"new").unwrap();
        file.finish().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(names(folder.path()), ["file"]);
    }

    #[test]
    fn a_name_that_is_taken_meanwhile_stays_with_whoever_took_it() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("file");
        let file = NewFile::create_new(&path, None).unwrap();
        fs::write(file.unfinished().unwrap(), "ours").unwrap();
        fs::write(&path, "theirs").unwrap();
        let refused = file.finish().unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists);
        assert!(NewFile::create_new(&path, None).is_err());
        assert_eq!(fs::read(&path).unwrap(), b"theirs");
        assert_eq!(names(folder.path()), ["file"]);
        fs::remove_file(&path).unwrap();
        let file = NewFile::create_new(&path, None).unwrap();
        fs::write(file.unfinished().unwrap(), "ours").unwrap();
        file.finish().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"ours");
    }
}
