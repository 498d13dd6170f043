//! Why a command failed, as the sentence that it prints.

use std::io;
use std::process::ExitCode;

use keyglass_store::backup::BackupError;
use keyglass_store::connect::{ServeError, TokenError};
use keyglass_store::deno_file::RecoveryError;
use keyglass_store::draft::DraftError;
use keyglass_store::draft::file::DraftFileError;
use keyglass_store::key::{CursorError, KeyEncodeError, SelectorError};
use keyglass_store::transfer::TransferError;
use keyglass_store::{
    CommitError, ConnectError, DatabaseError, EncodedKey, OpenError, ValueError, Versionstamp,
};

use super::text;
use crate::errand::JobError;
use crate::home::NoHome;
use crate::threads::NoThread;
use crate::tokens::VARIABLE;
use crate::window::WindowError;

/// A command failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum CommandError {
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Connect(#[from] ConnectError),
    #[error(transparent)]
    Database(#[from] DatabaseError),
    #[error(transparent)]
    Commit(#[from] CommitError),
    #[error(transparent)]
    Transfer(#[from] TransferError),
    #[error(transparent)]
    Selector(#[from] SelectorError),
    #[error(transparent)]
    Cursor(#[from] CursorError),
    #[error(transparent)]
    Key(#[from] KeyEncodeError),
    #[error(transparent)]
    Value(#[from] ValueError),
    #[error("The output could not be written ({0})")]
    Output(#[source] io::Error),
    #[error("The system refused to start a thread to read stdin ({})", .0.0)]
    Stdin(#[source] NoThread),
    #[error("The command line could not be run ({0})")]
    Exec(#[source] io::Error),
    #[error("The input could not be read ({source}): {name}")]
    Input { source: io::Error, name: String },
    #[error("The system refused a temporary folder, which a dry run to a new place needs ({0})")]
    Temporary(#[source] io::Error),
    #[error(
        "The folder cannot be written, so the database is read as it is now, and there is nothing to watch: {0}"
    )]
    Still(String),
    #[error("The database was closed before what was waited for came: {0}")]
    NotMet(String),
    #[error("This is one of Deno's files, which are written only with --write; nothing was stored: {0}")]
    Locked(String),
    #[error("This database is on a server, which is written to only with --write; nothing was stored: {0}")]
    LockedServer(String),
    #[error(
        "This database is on a server and needs a token: name its file with --token-file, set {VARIABLE}, or connect once in the window, which keeps it in the system's keychain{}: {url}",
        reason.as_ref().map(|reason| format!(" (which could not be asked: {reason})")).unwrap_or_default()
    )]
    NoToken { url: String, reason: Option<String> },
    #[error("{reason}; nothing was stored: {location}")]
    Unwritable { reason: String, location: String },
    #[error("The value is no JavaScript literal ({0})")]
    Literal(String),
    #[error("No calendar reaches so far as this entry shall stay; nothing was stored")]
    TooLate,
    #[error("{error}; nothing was stored: {name}")]
    DraftFile { error: DraftFileError, name: String },
    #[error("{error}; nothing was stored: {name}")]
    Draft { error: DraftError, name: String },
    #[error("Nothing was stored, because {}: the report on stdout tells which", text::counted(*.0, "check does not hold", "checks do not hold"))]
    ChecksFailed(u64),
    #[error("This would be refused, because of row {row} ({reason})")]
    WouldBeRefused { row: usize, reason: DatabaseError },
    #[error("There is no entry under this key: {0}")]
    NoEntry(EncodedKey),
    #[error("There is no entry under {missing} of the {asked} keys")]
    NoEntries { missing: usize, asked: usize },
    #[error("Nothing was stored, because there is no entry under this key any more: {0}")]
    Gone(EncodedKey),
    #[error("Nothing was stored, because there is an entry of version {found} under this key: {key}")]
    Changed { found: Versionstamp, key: EncodedKey },
    #[error(
        "Nothing was stored, because the server does not tell whether what would be replaced expires; set an expiry with --expire-in, or let it stay with --no-expiry: {0}"
    )]
    UnseenExpiry(String),
    #[error("No version {stamp} of this entry is kept: {key}")]
    NoVersion { stamp: Versionstamp, key: EncodedKey },
    #[error("There is no rule for this prefix, so there is nothing to turn off: {0}")]
    NoHistory(EncodedKey),
    #[error("This would drop earlier versions that are kept; repeat it with --yes to do so: {0}")]
    UnconfirmedHistory(String),
    #[error("This would delete {0} entries; repeat it with --yes to do so")]
    Unconfirmed(u64),
    #[error("{} could not be imported; the report on stdout tells why", text::counted(*.0, "line", "lines"))]
    BadLines(u64),
    #[error("{} could not be copied; the report on stdout tells why", text::entries(*.0))]
    NotCopied(u64),
    #[error("{} could not be deleted; the report on stdout tells why", text::entries(*.0))]
    NotDeleted(u64),
    #[error(transparent)]
    Deletion(#[from] JobError),
    #[error(
        "The copy is not the same below {0} of the first parts of keys; the report on stdout tells which"
    )]
    NotTheSame(u64),
    #[error("A mirror would mean {plan}; repeat it with --yes to do so: {location}")]
    UnconfirmedMirror { plan: String, location: String },
    #[error(transparent)]
    Backup(#[from] BackupError),
    #[error("{} could not be backed up; the report on stdout tells why", text::entries(*.0))]
    NotBackedUp(u64),
    #[error(
        "{} changed whenever the database was read, so the backup is not all of one moment; the report on stdout tells which",
        text::counted(*.0, "key", "keys")
    )]
    Unsettled(u64),
    #[error("The backup is not as it was written; the report on stdout tells how: {0}")]
    NotSound(String),
    #[error("A restore would mean {plan}; repeat it with --yes to do so: {location}")]
    UnconfirmedRestore { plan: String, location: String },
    #[error("{} could not be restored; the report on stdout tells why", text::entries(*.0))]
    NotRestored(u64),
    #[error("This folder is a backup, which nothing is restored into: {0}")]
    IntoBackup(String),
    #[error("No moment was recognised, such as 2026-11-23, 2026-11-23T12:00 or 2026-11-23T12:00+01:00: {0}")]
    NoMoment(String),
    #[error(transparent)]
    Recovery(#[from] RecoveryError),
    #[error("Not everything could be read; the report on stdout tells what is missing")]
    NotWhole,
    /// A comparison failed, which ends with another code than to find differences.
    #[error(transparent)]
    NotCompared(Box<Self>),
    #[error("Stopped; {0}")]
    Interrupted(String),
    #[error(transparent)]
    Serve(#[from] ServeError),
    #[error(transparent)]
    Token(#[from] TokenError),
    #[error(transparent)]
    Serving(#[from] NoHome),
    #[error(transparent)]
    Window(#[from] WindowError),
}

impl CommandError {
    /// What the process ends with; of what a signal stopped, what shells expect.
    pub(super) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Interrupted(_) => ExitCode::from(130),
            Self::Unsettled(_) => ExitCode::from(3),
            Self::NotCompared(error) if matches!(**error, Self::Interrupted(_)) => error.exit_code(),
            Self::NotCompared(_) => ExitCode::from(2),
            Self::ChecksFailed(_) => ExitCode::from(3),
            _ => ExitCode::FAILURE,
        }
    }

    /// Whether the reader of stdout has gone, which ends a command but is no failure.
    pub(super) fn is_closed_pipe(&self) -> bool {
        match self {
            Self::Output(error) | Self::Transfer(TransferError::Write(error)) => {
                error.kind() == io::ErrorKind::BrokenPipe
            }
            Self::NotCompared(error) => error.is_closed_pipe(),
            _ => false,
        }
    }
}
