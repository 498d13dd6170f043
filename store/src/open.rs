//! Opening whatever stands at a location. The only module that knows all kinds of databases.

use std::path::Path;
use std::sync::Arc;

use crate::database::{Database, DatabaseKind};
use crate::embedded;
use crate::error::OpenError;

/// Which kind of database a location names, found out by looking and without opening it: a folder is one by its
/// marker, and any file may be one of Deno's. `None` if nothing is there, or something else.
#[must_use]
pub fn kind(location: &str) -> Option<DatabaseKind> {
    if is_url(location) {
        return Some(DatabaseKind::Remote);
    }
    let metadata = std::fs::metadata(location).ok()?;
    if metadata.is_file() {
        Some(DatabaseKind::DenoFile)
    } else {
        embedded::is_database(location).then_some(DatabaseKind::Embedded)
    }
}

/// Whoever opens whatever stands somewhere mostly looks, and reads little of it twice: less cache than a program's
/// own store has, so that a database of any size is opened in little memory.
fn folder_options() -> embedded::OpenOptions {
    embedded::OpenOptions::new().cache_bytes(64 << 20)
}

/// Opens the database at a path.
///
/// # Errors
/// If there is none, it cannot be opened, or this build does not know the kind.
pub fn open(location: &str) -> Result<Arc<dyn Database>, OpenError> {
    if is_url(location) {
        return Err(OpenError::Unsupported(location.to_owned()));
    }
    let path = Path::new(location);
    if path.is_file() {
        return open_file(path);
    }
    Ok(Arc::new(folder_options().open(path)?))
}

/// Opens the database at a path even if commits in its journal are damaged, without those; see
/// [`OpenOptions::accept_loss`](embedded::OpenOptions::accept_loss).
///
/// # Errors
/// As [`open`], but for [`OpenError::Damaged`].
pub fn open_accepting_loss(location: &str) -> Result<Arc<dyn Database>, OpenError> {
    let path = Path::new(location);
    if is_url(location) || path.is_file() {
        return open(location);
    }
    Ok(Arc::new(folder_options().accept_loss(true).open(path)?))
}

/// Makes a new, empty database in a folder that is empty or does not exist.
///
/// # Errors
/// If something else is there already, or the file system refuses.
pub fn create(path: &Path) -> Result<Arc<dyn Database>, OpenError> {
    Ok(Arc::new(folder_options().create(path)?))
}

/// Opens the database at a path, or makes one where nothing is but the folder that it shall stand in. The flag
/// says whether it was made.
///
/// # Errors
/// As [`open`] and [`create`].
pub fn open_or_create(location: &str) -> Result<(Arc<dyn Database>, bool), OpenError> {
    let path = Path::new(location);
    let beside = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let new = !is_url(location) && !path.exists() && beside.is_none_or(Path::is_dir);
    if new {
        create(path).map(|database| (database, true))
    } else {
        open(location).map(|database| (database, false))
    }
}

#[cfg(feature = "deno-file")]
fn open_file(path: &Path) -> Result<Arc<dyn Database>, OpenError> {
    Ok(Arc::new(crate::deno_file::DenoFile::open(path)?))
}

#[cfg(not(feature = "deno-file"))]
fn open_file(path: &Path) -> Result<Arc<dyn Database>, OpenError> {
    Err(OpenError::Unsupported(path.display().to_string()))
}

fn is_url(location: &str) -> bool {
    let begins = |scheme: &str| {
        location
            .get(..scheme.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    };
    begins("http://") || begins("https://")
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    #[test]
    fn what_stands_at_a_location_is_told_by_looking() {
        let folder = TempDir::new().unwrap();
        let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        drop(create(path("shop.kg").as_ref()).unwrap());
        std::fs::write(path("file"), "text").unwrap();
        assert_eq!(kind(&path("shop.kg")), Some(DatabaseKind::Embedded));
        assert_eq!(kind(&path("file")), Some(DatabaseKind::DenoFile));
        assert_eq!(kind(&path("")), None);
        assert_eq!(kind(&path("missing")), None);
        assert_eq!(kind("HTTPS://example.com"), Some(DatabaseKind::Remote));
        assert_eq!(kind("httpserver"), None);
    }

    #[test]
    fn a_missing_database_is_made_only_in_a_folder_that_exists() {
        let folder = TempDir::new().unwrap();
        let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let (database, made) = open_or_create(&path("new.kg")).unwrap();
        assert!(made);
        drop(database);
        let (database, made) = open_or_create(&path("new.kg")).unwrap();
        assert!(!made);
        drop(database);
        assert!(matches!(
            open_or_create(&path("no/new.kg")),
            Err(OpenError::NotFound(_))
        ));
        std::fs::create_dir(path("other")).unwrap();
        std::fs::write(path("other/file"), "text").unwrap();
        assert!(matches!(
            open_or_create(&path("other")),
            Err(OpenError::NotOurFolder(_))
        ));
        assert!(matches!(open(&path("missing")), Err(OpenError::NotFound(_))));
        assert!(matches!(
            open("http://127.0.0.1:1"),
            Err(OpenError::Unsupported(_))
        ));
        assert!(matches!(
            open_or_create("https://example.com"),
            Err(OpenError::Unsupported(_))
        ));
    }
}
