//! What stands where a store is opened or made.

use std::io;
use std::path::Path;

use super::marker::{self, Marker};
use crate::error::OpenError;

/// What stands at a path.
pub(super) enum Place {
    Nothing,
    EmptyFolder,
    OtherFolder,
    Store(Marker),
}

pub(super) fn look_at(path: &Path) -> Result<Place, OpenError> {
    let io_error = |source| OpenError::Io {
        source,
        path: path.to_owned(),
    };
    let metadata = match std::fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Place::Nothing),
        Err(error) => return Err(io_error(error)),
    };
    if !metadata.is_dir() {
        return Err(OpenError::NotOurFile {
            reason: "a Keyglass database is a folder".to_owned(),
            path: path.to_owned(),
        });
    }
    let marker = marker::read(path)?;
    if marker != Marker::Absent {
        return Ok(Place::Store(marker));
    }
    let mut files = std::fs::read_dir(path).map_err(io_error)?;
    // A marker that was not yet in place when its creation was interrupted is no content.
    let is_foreign = |file: io::Result<std::fs::DirEntry>| match file {
        Ok(file) => !file.file_name().to_str().is_some_and(marker::is_unfinished),
        Err(_unreadable) => true,
    };
    Ok(if files.any(is_foreign) {
        Place::OtherFolder
    } else {
        Place::EmptyFolder
    })
}

/// Whether a path is a folder that Keyglass made, whatever its format and state.
#[must_use]
pub fn is_database(path: impl AsRef<Path>) -> bool {
    marker::exists(path.as_ref())
}

/// Whether expired entries stay in a folder that Keyglass made; see [`OpenOptions::keep_expired`].
pub(crate) fn keeps_expired(path: &Path) -> bool {
    marker::keeps_expired(path)
}

/// Whether a path is a folder that Keyglass made, or has, of whatever format, and whose creation was not interrupted.
pub(crate) fn is_whole(path: &Path) -> bool {
    !matches!(marker::read(path), Ok(Marker::Absent | Marker::Incomplete))
}
