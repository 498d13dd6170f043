//! The file `keyglass.json`, by which a folder is known to be a Keyglass database.
//!
//! It is written first, with `"complete": false`, and again when the engine's files stand, so that a folder
//! whose creation was interrupted is known too: nothing was ever committed to it.

use std::io::{self, Write as _};
use std::path::Path;

use serde_json::{Map, Value as Json, json};

use super::layout::FORMAT;
use crate::database::LastingId;
use crate::error::OpenError;
use crate::new_file::{NewFile, UNFINISHED};

pub(super) const NAME: &str = "keyglass.json";
/// The member that holds the database's id.
const ID: &str = "id";
/// The member that says that expired entries are not swept.
const KEEPS_EXPIRED: &str = "keepsExpired";

/// What the marker of a folder says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Marker {
    /// There is none.
    Absent,
    /// The creation of the database was interrupted.
    Incomplete,
    /// A database of the current format.
    Complete,
}

/// Whether the folder has a marker at all.
pub(super) fn exists(folder: &Path) -> bool {
    folder.join(NAME).is_file()
}

/// Reads the marker of a folder.
///
/// # Errors
/// If the format is newer than this build, or the marker is damaged or unreadable.
pub(super) fn read(folder: &Path) -> Result<Marker, OpenError> {
    let text = match std::fs::read(folder.join(NAME)) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Marker::Absent),
        Err(source) => {
            return Err(OpenError::Io {
                source,
                path: folder.to_owned(),
            });
        }
    };
    let marker: Option<Json> = serde_json::from_slice(&text).ok();
    let format = marker
        .as_ref()
        .and_then(|marker| marker.get("format")?.as_u64())
        .and_then(|format| u32::try_from(format).ok());
    let complete = marker
        .as_ref()
        .and_then(|marker| marker.get("complete")?.as_bool());
    match (format, complete) {
        (Some(found), _) if found > FORMAT => Err(OpenError::NewerFormat {
            found,
            supported: FORMAT,
            path: folder.to_owned(),
        }),
        (Some(FORMAT), Some(true)) => Ok(Marker::Complete),
        (Some(FORMAT), Some(false)) => Ok(Marker::Incomplete),
        _ => Err(OpenError::Engine {
            reason: format!("its file {NAME} is damaged"),
            path: folder.to_owned(),
        }),
    }
}

/// Writes the marker so that a crash leaves the old one or the new one. What else stands in it stays.
pub(super) fn write(folder: &Path, complete: bool) -> io::Result<()> {
    let mut members = members(folder);
    members.insert("format".to_owned(), json!(FORMAT));
    members.insert("complete".to_owned(), json!(complete));
    write_members(folder, &members)
}

/// Whether entries that have expired stay in the folder, where no reader sees them.
pub(super) fn keeps_expired(folder: &Path) -> bool {
    members(folder).get(KEEPS_EXPIRED) == Some(&Json::Bool(true))
}

/// Has entries that have expired stay in the folder from the next opening on.
pub(super) fn keep_expired(folder: &Path) -> io::Result<()> {
    let mut members = members(folder);
    members.insert(KEEPS_EXPIRED.to_owned(), json!(true));
    write_members(folder, &members)
}

/// The database's id, if its folder has one.
pub(super) fn id(folder: &Path) -> Option<LastingId> {
    LastingId::parse(members(folder).get(ID)?.as_str()?)
}

/// The database's id, which is made if its folder has none, as those of earlier versions. A folder that takes none is
/// no worse for it; neither is one whose id is of another form, which is left as it is.
pub(super) fn ensure_id(folder: &Path) -> Option<LastingId> {
    let mut members = members(folder);
    if members.contains_key(ID) {
        return id(folder);
    }
    let id = LastingId::random();
    members.insert(ID.to_owned(), json!(id.to_string()));
    write_members(folder, &members).ok().map(|()| id)
}

/// What the marker says; nothing where it cannot be read.
fn members(folder: &Path) -> Map<String, Json> {
    let text = std::fs::read(folder.join(NAME)).unwrap_or_default();
    serde_json::from_slice(&text).unwrap_or_default()
}

fn write_members(folder: &Path, members: &Map<String, Json>) -> io::Result<()> {
    let mut file = NewFile::create(&folder.join(NAME))?;
    writeln!(file, "{:#}", json!(members))?;
    file.finish()
}

/// Whether a file of this name in a folder is what a marker leaves whose writing was interrupted; earlier versions gave
/// it the ending `.new`.
pub(super) fn is_unfinished(name: &str) -> bool {
    name.starts_with(UNFINISHED) || name.strip_prefix(NAME) == Some(".new")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_marker_gets_an_id_once_and_keeps_what_it_said() {
        let folder = tempfile::TempDir::new().unwrap();
        let folder = folder.path();
        let text = r#"{"format": 1, "complete": true, "later": [1]}"#;
        std::fs::write(folder.join(NAME), text).unwrap();
        assert_eq!(id(folder), None);
        let made = ensure_id(folder);
        assert!(made.is_some());
        assert_eq!((ensure_id(folder), id(folder)), (made.clone(), made.clone()));
        write(folder, true).unwrap();
        assert_eq!(read(folder).unwrap(), Marker::Complete);
        assert_eq!(
            (id(folder), members(folder).get("later")),
            (made, Some(&json!([1])))
        );
    }

    #[test]
    fn an_id_of_another_form_is_no_damage_and_left_as_it_is() {
        let folder = tempfile::TempDir::new().unwrap();
        let folder = folder.path();
        let text = r#"{"format": 1, "complete": true, "id": 7}"#;
        std::fs::write(folder.join(NAME), text).unwrap();
        assert_eq!(read(folder).unwrap(), Marker::Complete);
        assert_eq!(ensure_id(folder), None);
        assert_eq!(std::fs::read_to_string(folder.join(NAME)).unwrap(), text);
    }
}
