//! What the server of a database is asked, and what it answers.

use std::path::PathBuf;

use keyglass_store::connect::{DEFAULT_ADDRESS, Monitor, Token};

/// Something for the server.
#[derive(Debug, Clone)]
pub enum Serve {
    /// Begins to serve.
    Start(ServeChoice),
    /// Ends: what is in flight is done or refused, and streams end.
    Stop,
}

/// How a database is served to programs of this machine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServeChoice {
    /// The port; without one the usual one, or any that is free where that is taken.
    pub port: Option<u16>,
    /// Whether programs may only read.
    pub read_only: bool,
    /// Where the token is kept; without it there is a new one each time.
    pub token_file: Option<PathBuf>,
}

impl ServeChoice {
    /// The port that is taken unless another one is named.
    pub const USUAL_PORT: u16 = DEFAULT_ADDRESS.port();
}

/// A database that is served.
#[derive(Debug, Clone)]
pub struct Served {
    /// What programs open.
    pub url: String,
    /// What they must send.
    pub token: Token,
    /// Where it is kept.
    pub token_file: Option<PathBuf>,
    /// Whether they may only read.
    pub read_only: bool,
    /// Whether the usual port was taken, so that it is another one.
    pub is_other_port: bool,
    /// Who is there, and what they do.
    pub monitor: Monitor,
}
