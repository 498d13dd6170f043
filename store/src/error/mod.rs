//! What can go wrong with a database, as sentences.

mod connect;
mod proxy;

use std::path::PathBuf;

pub use connect::ConnectError;
pub use proxy::{ProxyError, ProxyUrlError};

use crate::limits::LimitError;

/// A database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Nothing is there.
    #[error("There is no database here, because the path does not exist: {0}")]
    NotFound(PathBuf),
    /// A folder of something else.
    #[error("This folder is not a Keyglass database, so it was left untouched: {0}")]
    NotOurFolder(PathBuf),
    /// A file of something else.
    #[error("This file is not a Deno KV database ({reason}): {path}")]
    NotOurFile {
        /// How it was recognised.
        reason: String,
        /// The file.
        path: PathBuf,
    },
    /// A file of SQLite whose contents are in a `-wal` that is not there.
    #[error(
        "This file holds nothing by itself: if Deno was using it when it was copied, its contents are in its -wal, which must lie beside it ({}): {}", wal.display(), path.display()
    )]
    MissingWal {
        /// Where the `-wal` would have to lie.
        wal: PathBuf,
        /// The file.
        path: PathBuf,
    },
    /// A `-wal` whose database is not there.
    #[error(
        "Only the -wal of this database is here ({}), and it cannot be read without the database's main file: {}", wal.display(), path.display()
    )]
    MissingMainFile {
        /// The `-wal`.
        wal: PathBuf,
        /// Where the main file would have to lie.
        path: PathBuf,
    },
    /// Something already stands where a new database should be made.
    #[error("A new database needs an empty or new folder, and this one holds other files: {0}")]
    NotEmpty(PathBuf),
    /// Another process has it.
    #[error("{} has this database open; {}: {path}", owner_name(owner.as_ref()), owner_remedy(owner.as_ref()))]
    Locked {
        /// Which process, where the system tells.
        owner: Option<LockOwner>,
        /// The folder.
        path: PathBuf,
    },
    /// Another process has it and says that others may attach, which failed.
    #[error("{} has this database open, and attaching to it failed, because {reason}; close it there or try again: {path}", owner_name(owner.as_ref()))]
    Attach {
        /// Which process, where the system tells.
        owner: Option<LockOwner>,
        /// What the system or the owner said.
        reason: String,
        /// The folder.
        path: PathBuf,
    },
    /// Written by a newer Keyglass.
    #[error(
        "This database has format {found}, and this Keyglass reads up to format {supported}; update Keyglass to open it: {path}"
    )]
    NewerFormat {
        /// What the folder says.
        found: u32,
        /// The newest that this build reads.
        supported: u32,
        /// The folder.
        path: PathBuf,
    },
    /// Opening it would lose commits; see [`OpenOptions::accept_loss`](crate::embedded::OpenOptions::accept_loss).
    #[error(
        "The database was not opened, because {reason}; restore a backup, or copy the folder and accept the loss: {path}"
    )]
    Damaged {
        /// What would be lost.
        reason: String,
        /// The folder.
        path: PathBuf,
    },
    /// One of Deno's files is damaged.
    #[error(
        "This file is damaged ({reason}); keyglass recover reads what is left of it into a new database: {path}"
    )]
    DamagedFile {
        /// How it shows.
        reason: String,
        /// The file.
        path: PathBuf,
    },
    /// The engine found damage, or failed.
    #[error("The database could not be opened ({reason}): {path}")]
    Engine {
        /// The engine's words.
        reason: String,
        /// The folder or file.
        path: PathBuf,
    },
    /// The file system refused.
    #[error("The database could not be opened ({source}): {path}")]
    Io {
        /// What the system said.
        source: std::io::Error,
        /// The folder or file.
        path: PathBuf,
    },
    /// A server was not reached, or did not let in.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// A location of a kind that this build cannot open.
    #[error("Keyglass cannot open this kind of location: {0}")]
    Unsupported(String),
}

/// The process that has a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockOwner {
    /// Its number.
    pub process: u32,
    /// Its program's name, where the system tells.
    pub name: Option<String>,
}

fn owner_name(owner: Option<&LockOwner>) -> String {
    match owner {
        Some(LockOwner {
            process,
            name: Some(name),
        }) => format!("{name} (process {process})"),
        Some(LockOwner { process, name: None }) => format!("Another process ({process})"),
        None => "Another process".to_owned(),
    }
}

/// Only one process has a folder, and others attach to it if that one lets them. The window and commands that go on for
/// long do.
fn owner_remedy(owner: Option<&LockOwner>) -> &'static str {
    let name = owner.and_then(|owner| owner.name.as_deref());
    if name.is_some_and(|name| name.starts_with("keyglass")) {
        "wait until it is done, or close it there, and try again"
    } else {
        "close it there and try again, or have it open the store with OpenOptions::new().attachable(), so that others can attach"
    }
}

/// An operation on an open database failed.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// A limit of Deno KV; the message is Deno's.
    #[error(transparent)]
    Limit(#[from] LimitError),
    /// The operation does not fit the stored value's type; the message is Deno's.
    #[error("{0}")]
    Type(String),
    /// The database is read-only.
    #[error("The database is read-only: {0}")]
    ReadOnly(String),
    /// The database cannot do this.
    #[error("{0}")]
    Unsupported(String),
    /// The database was deleted or moved away while it was open, or what is no database took its place.
    #[error("The database is not there any more; it is read again as soon as it is back: {0}")]
    Gone(String),
    /// Another process holds the database.
    #[error("{} holds this database and has not let it go within {seconds} seconds; try it again: {location}", owner_name(owner.as_ref()))]
    Busy {
        /// Which process most likely, where the system tells.
        owner: Option<LockOwner>,
        /// How long it was waited for.
        seconds: u64,
        /// Which database.
        location: String,
    },
    /// No room is left for what is to be written.
    #[error("The disk is full; make room and try it again: {0}")]
    DiskFull(String),
    /// A server did not answer, or could not be asked. Asking again later may go well.
    #[error("The database cannot be reached ({reason}): {location}")]
    Unreachable {
        /// What the system or the server said.
        reason: String,
        /// Which database.
        location: String,
    },
    /// A server knows neither the token nor the person.
    #[error("The database does not let you in ({reason}); open it with another token: {location}")]
    Unauthorised {
        /// What the server said.
        reason: String,
        /// Which database.
        location: String,
    },
    /// One of Deno's files is damaged, which showed while it was read or written.
    #[error(
        "This file is damaged, which showed while {doing} ({reason}); keyglass recover reads what is left of it into a new database: {location}"
    )]
    Damaged {
        /// What it was doing, such as `reading a range`.
        doing: &'static str,
        /// The engine's words.
        reason: String,
        /// Which file.
        location: String,
    },
    /// The engine failed; further writes are refused where they could lose data.
    #[error("The database failed while {doing} ({reason}); close and open it again: {location}")]
    Engine {
        /// What it was doing, such as `reading a range`.
        doing: &'static str,
        /// The engine's words.
        reason: String,
        /// Which database.
        location: String,
    },
}

/// A commit failed. What is known of its operation differs; of all but [`Self::Unknown`] nothing is stored, so that what
/// a person typed can be kept and committed again.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// The operation was refused as it is: nothing of it was stored, and another operation may go well.
    #[error(transparent)]
    Refused(DatabaseError),
    /// The database failed before it wrote anything: nothing of the operation was stored.
    #[error("Nothing was stored: {0}")]
    Failed(DatabaseError),
    /// The database could not be reached, and the operation had not been sent: nothing of it was stored, and the same
    /// operation may go well later. One that was sent and not answered is [`Self::Unknown`].
    #[error("Nothing was stored: {0}")]
    Unreachable(DatabaseError),
    /// The database does not let this person write: nothing of it was stored, and nothing will be with this token.
    #[error("Nothing was stored: {0}")]
    Unauthorised(DatabaseError),
    /// The database failed while it wrote. Nobody sees the operation now, but opening the database again may bring it
    /// back, as a whole.
    #[error(
        "Writing failed ({reason}), and it is not known whether this is stored: it may be there after the database is opened again; close and open it, and look: {location}"
    )]
    Unknown {
        /// The engine's words.
        reason: String,
        /// Which database.
        location: String,
    },
}

/// A bulk load failed. What it had stored before stays.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// An entry was refused as it is; the load may go on without it.
    #[error(transparent)]
    Refused(DatabaseError),
    /// Entries that had been gathered could not be written, which ends the load.
    #[error("{}", with_stored(*stored, *unknown, source.cause()))]
    Write {
        /// Entries that are stored.
        stored: u64,
        /// Entries of which it is not known; see [`CommitError::Unknown`].
        unknown: u64,
        /// What failed.
        source: CommitError,
    },
}

/// A failure on the way with what had been stored by then; of what stored nothing the failure says enough.
pub(crate) fn with_stored(stored: u64, unknown: u64, failure: &dyn std::fmt::Display) -> String {
    let entries = |number: u64| if number == 1 { "entry" } else { "entries" };
    let done = format!("Stopped after {stored} {} had been stored", entries(stored));
    match (stored, unknown) {
        (0, 0) => failure.to_string(),
        (_, 0) => format!("{done}: {failure}"),
        _ => format!("{done}, and perhaps {unknown} more: {failure}"),
    }
}

impl CommitError {
    /// What failed, without the word that nothing was stored: for a sentence that tells what was.
    pub(crate) fn cause(&self) -> &dyn std::fmt::Display {
        match self {
            Self::Failed(error) | Self::Unreachable(error) | Self::Unauthorised(error) => error,
            Self::Refused(_) | Self::Unknown { .. } => self,
        }
    }

    /// A sentence that says of `what`, such as `committed`, that it was not done, or that this is not known.
    #[must_use]
    pub fn not_done(&self, what: &str) -> String {
        match self {
            Self::Refused(error)
            | Self::Failed(error)
            | Self::Unreachable(error)
            | Self::Unauthorised(error) => format!("Not {what}: {error}"),
            Self::Unknown { .. } => self.to_string(),
        }
    }
}

impl From<DatabaseError> for CommitError {
    fn from(error: DatabaseError) -> Self {
        match error {
            DatabaseError::Engine { .. } | DatabaseError::Busy { .. } | DatabaseError::DiskFull(_) => {
                Self::Failed(error)
            }
            DatabaseError::Unreachable { .. } => Self::Unreachable(error),
            DatabaseError::Unauthorised { .. } => Self::Unauthorised(error),
            _ => Self::Refused(error),
        }
    }
}

impl From<LimitError> for CommitError {
    fn from(error: LimitError) -> Self {
        Self::Refused(error.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_commit_says_what_is_known_of_it() {
        let unreachable = DatabaseError::Unreachable {
            reason: "connection refused".to_owned(),
            location: "https://kv.example".to_owned(),
        };
        let error = CommitError::from(unreachable);
        assert!(matches!(error, CommitError::Unreachable(_)));
        assert_eq!(
            error.not_done("committed"),
            "Not committed: The database cannot be reached (connection refused): https://kv.example"
        );
        let unauthorised = DatabaseError::Unauthorised {
            reason: "401".to_owned(),
            location: "https://kv.example".to_owned(),
        };
        assert!(matches!(
            CommitError::from(unauthorised),
            CommitError::Unauthorised(_)
        ));
        let refused = CommitError::from(DatabaseError::ReadOnly("kv".to_owned()));
        assert!(matches!(refused, CommitError::Refused(_)));
        let unknown = CommitError::Unknown {
            reason: "no space left".to_owned(),
            location: "kv".to_owned(),
        };
        assert!(unknown.not_done("committed").contains("it is not known"));
    }
}
