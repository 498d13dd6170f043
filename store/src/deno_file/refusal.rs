//! Why a file is not opened, as a sentence.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

use super::connections::beside;
use super::recovery::is_wreck;
use crate::error::OpenError;

/// Why a file was not accepted.
pub(super) enum Refusal {
    /// SQLite could not open the file, or the files that WAL mode needs.
    CannotOpen(rusqlite::Error),
    /// It holds something else than a SQLite database.
    NotSqlite,
    /// It is a SQLite database, and not one of Deno KV.
    WithoutTables,
    /// It is a SQLite database in WAL mode without any table, and no `-wal` lies beside it.
    Blank,
    /// A newer Deno wrote it, with this schema version.
    Newer(u32),
    /// It is damaged.
    Damaged(rusqlite::Error),
    /// SQLite failed otherwise.
    Failed(rusqlite::Error),
}

impl From<rusqlite::Error> for Refusal {
    fn from(error: rusqlite::Error) -> Self {
        if Self::is_of_the_folder(&error) {
            return Self::CannotOpen(error);
        }
        match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => Self::NotSqlite,
            Some(ErrorCode::DatabaseCorrupt) => Self::Damaged(error),
            _ => Self::Failed(error),
        }
    }
}

impl Refusal {
    /// Whether SQLite failed because it could not open a file, or make one beside it.
    pub(super) fn is_of_the_folder(error: &rusqlite::Error) -> bool {
        matches!(
            error.sqlite_error_code(),
            Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied)
        )
    }

    /// The sentence; `path` is the file as it was given.
    pub(super) fn explain(self, path: &Path, file: &Path) -> OpenError {
        let path = path.to_owned();
        let wal = beside(file, "-wal");
        match self {
            Self::NotSqlite => match owner_of_wal(file) {
                Some(main) if main.exists() => not_ours(
                    &format!("it is the -wal of a database; open that instead, {}", main.display()),
                    path,
                ),
                Some(main) => OpenError::MissingMainFile { wal: path, path: main },
                None if is_wreck(file) => OpenError::DamagedFile {
                    reason: "its beginning is lost".to_owned(),
                    path,
                },
                None => not_ours("it is not a SQLite database, or it is encrypted", path),
            },
            Self::Blank => OpenError::MissingWal { wal, path },
            Self::WithoutTables => not_ours("it is a SQLite database without the tables of Deno KV", path),
            Self::Newer(found) => OpenError::NewerFormat {
                found,
                supported: super::schema::NEWEST,
                path,
            },
            Self::Damaged(error) => OpenError::DamagedFile {
                reason: words(&error),
                path,
            },
            Self::Failed(error) => OpenError::Engine {
                reason: words(&error),
                path,
            },
            // Opening the file ourselves is fine here: nobody in this process can look at it, so SQLite holds no
            // lock on it that closing could drop.
            Self::CannotOpen(error) => match fs::File::open(file) {
                Err(source) => OpenError::Io { source, path },
                Ok(_) if wal.exists() => OpenError::Engine {
                    reason: "changes wait in the -wal file beside it, and reading those needs a folder that can be \
                             written: copy both files to one"
                        .to_owned(),
                    path,
                },
                Ok(_) => OpenError::Engine {
                    reason: words(&error),
                    path,
                },
            },
        }
    }
}

/// The database that a file is the `-wal` of, by its name.
fn owner_of_wal(file: &Path) -> Option<PathBuf> {
    let name = file.file_name()?.to_str()?.strip_suffix("-wal")?;
    (!name.is_empty()).then(|| file.with_file_name(name))
}

/// SQLite's own words, without the path that rusqlite adds.
pub(super) fn words(error: &rusqlite::Error) -> String {
    match error {
        rusqlite::Error::SqliteFailure(failure, message) => {
            message.clone().unwrap_or_else(|| failure.to_string())
        }
        _ => error.to_string(),
    }
}

fn not_ours(reason: &str, path: PathBuf) -> OpenError {
    OpenError::NotOurFile {
        reason: reason.to_owned(),
        path,
    }
}
