//! `--write`: whether a command may write to one of Deno's files or to a server.

use clap::Args;
use keyglass_store::open::OpenOptions;
use keyglass_store::{Database, DatabaseKind, Writing};

use super::error::CommandError;

/// What a command that writes is told about it.
#[derive(Debug, Args)]
pub(super) struct Write {
    /// Allow writing to one of Deno's files, or to a server; a program that runs on the file reads it at its next read, but
    /// its watches do not hear
    #[arg(long)]
    write: bool,
}

impl Write {
    /// How the database is opened that is to be written.
    pub(super) fn options(&self) -> OpenOptions {
        OpenOptions::new().write_files(self.write)
    }

    /// # Errors
    /// If the database is not to be written, or cannot be.
    pub(super) fn check(database: &dyn Database) -> Result<(), CommandError> {
        let location = database.location();
        match database.capabilities().writing {
            Writing::Allowed => Ok(()),
            Writing::Locked if database.capabilities().kind == DatabaseKind::Remote => {
                Err(CommandError::LockedServer(location))
            }
            Writing::Locked => Err(CommandError::Locked(location)),
            Writing::Impossible(reason) => Err(CommandError::Unwritable { reason, location }),
        }
    }
}
