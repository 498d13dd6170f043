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
    /// A hidden sibling and the name that it will get.
    Sibling(NamedTempFile, PathBuf),
    /// A device or a pipe, which cannot be replaced.
    Direct(fs::File),
}

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
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            let mut builder = tempfile::Builder::new();
            builder.prefix(".keyglass-");
            let permissions = there.map(|there| there.permissions()).or_else(usual_permissions);
            if let Some(permissions) = permissions {
                builder.permissions(permissions);
            }
            Output::Sibling(builder.tempfile_in(folder.unwrap_or(Path::new(".")))?, path)
        };
        Ok(Self {
            writer: BufWriter::with_capacity(1 << 16, output),
        })
    }

    /// Gives the file its name, once everything is on the disk. Without that nothing is left of it.
    ///
    /// # Errors
    /// If the rest cannot be written, or the name cannot be given.
    pub fn finish(self) -> io::Result<()> {
        match self.writer.into_inner().map_err(io::IntoInnerError::into_error)? {
            Output::Direct(mut file) => file.flush(),
            Output::Sibling(file, path) => {
                file.as_file().sync_all()?;
                file.persist(path)?;
                Ok(())
            }
        }
    }
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
            Self::Sibling(file, _) => file.write(bytes),
            Self::Direct(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Sibling(file, _) => file.flush(),
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
