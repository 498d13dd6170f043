//! `--token-file`: how a database on a server is opened, wherever a command takes a location.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use keyglass_store::Database;
use keyglass_store::connect::Token;
use keyglass_store::open::OpenOptions;

use super::error::CommandError;
use crate::tokens::{self, Keychain as _, SystemKeychain};

/// What opens a database on a server. A token is never an argument, which everybody sees who lists processes.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct Access {
    /// The file with the token of a database on a server; otherwise `DENO_KV_ACCESS_TOKEN` is taken, or what the window
    /// keeps in the system's keychain
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
}

impl Access {
    /// That of a second location, which may have a file of its own.
    pub(super) fn of_second(&self, file: Option<&PathBuf>) -> Self {
        Self {
            token_file: file.or(self.token_file.as_ref()).cloned(),
        }
    }

    /// Opens what stands at a location.
    ///
    /// # Errors
    /// If it cannot be opened, or nobody gives a token for a server.
    pub(super) fn open(
        &self,
        options: OpenOptions,
        location: &str,
    ) -> Result<Arc<dyn Database>, CommandError> {
        Ok(self.options(options, location)?.open(location)?)
    }

    /// The same, or makes a database where nothing is.
    ///
    /// # Errors
    /// The same.
    pub(super) fn open_or_create(
        &self,
        options: OpenOptions,
        location: &str,
    ) -> Result<(Arc<dyn Database>, bool), CommandError> {
        Ok(self.options(options, location)?.open_or_create(location)?)
    }

    fn options(&self, options: OpenOptions, location: &str) -> Result<OpenOptions, CommandError> {
        if !tokens::is_url(location) {
            return Ok(options);
        }
        if let Some(file) = &self.token_file {
            return Ok(options.token(Token::read_of_server(file)?));
        }
        if let Some(token) = tokens::of_variable()? {
            return Ok(options.token(token));
        }
        let url = tokens::location(location)?;
        match SystemKeychain.look(&url) {
            Ok(Some(token)) => Ok(options.token(token)),
            Ok(None) => Err(CommandError::NoToken { url, reason: None }),
            Err(error) => Err(CommandError::NoToken {
                url,
                reason: Some(error.to_string()),
            }),
        }
    }
}
