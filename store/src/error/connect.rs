//! What can go wrong between here and a server, as sentences.

/// What can go wrong between here and a server that has a database.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// The text is no address of a server.
    #[error("This is no URL of a database, because {reason}: {url}")]
    Url {
        /// What is wrong with it.
        reason: String,
        /// The text, without what may be secret in it.
        url: String,
    },
    /// Nobody gave a token.
    #[error("A database on a server is opened with a token, and there is none: {0}")]
    NoToken(String),
    /// The name of the server is not known.
    #[error(
        "The server's name is not known ({reason}); look whether it is spelled right, and whether this machine is online: {url}"
    )]
    Name {
        /// What the system said.
        reason: String,
        /// Which server.
        url: String,
    },
    /// Nothing answers there, or only after too long.
    #[error("The server cannot be reached ({reason}); look whether it is running: {url}")]
    Connection {
        /// What the system said.
        reason: String,
        /// Which server.
        url: String,
    },
    /// The proxy that the environment names does not bring there.
    #[error("{error}: {url}")]
    Proxy {
        /// What went wrong.
        error: super::ProxyError,
        /// Which server.
        url: String,
    },
    /// No secure connection.
    #[error("The server cannot be talked to securely ({reason}): {url}")]
    Security {
        /// What is wrong, such as a certificate of somebody unknown.
        reason: String,
        /// Which server.
        url: String,
    },
    /// The connection ended before the answer did.
    #[error("The connection to the server ended ({reason}): {url}")]
    Lost {
        /// How it ended.
        reason: String,
        /// Which server.
        url: String,
    },
    /// No answer in time.
    #[error("The server did not answer within {seconds} s: {url}")]
    Late {
        /// How long was waited.
        seconds: u64,
        /// Which server.
        url: String,
    },
    /// Status 401.
    #[error("The server does not know this token ({reason}); give it another one: {url}")]
    Unauthorised {
        /// The server's words.
        reason: String,
        /// Which server.
        url: String,
    },
    /// Status 403.
    #[error("This token does not open this database ({reason}): {url}")]
    Forbidden {
        /// The server's words.
        reason: String,
        /// Which server.
        url: String,
    },
    /// Status 404.
    #[error("The server has no database here ({reason}); look whether the URL is right: {url}")]
    NotFound {
        /// The server's words.
        reason: String,
        /// Which server.
        url: String,
    },
    /// What answers is no server of KV Connect.
    #[error("What answers is no server of KV Connect ({reason}): {url}")]
    Metadata {
        /// What is wrong with the answer to the metadata exchange.
        reason: String,
        /// Which server.
        url: String,
    },
    /// A version of the protocol that is not spoken here.
    #[error(
        "The server speaks {version} of KV Connect, and Keyglass speaks versions 1 to 3; look for a newer Keyglass: {url}"
    )]
    Version {
        /// What it says, such as `version 4`.
        version: String,
        /// Which server.
        url: String,
    },
    /// The server names no place that can be asked.
    #[error("The server names no endpoint that can be asked, but {reason}: {url}")]
    Endpoint {
        /// What it names.
        reason: String,
        /// Which server.
        url: String,
    },
    /// Status 429.
    #[error("The server takes no more requests for now; {}: {url}", wait_of(*seconds))]
    Throttled {
        /// How long it wants to be left alone, if it says so.
        seconds: Option<u64>,
        /// Which server.
        url: String,
    },
    /// Statuses 500 to 599.
    #[error("The server failed ({status}{}): {url}", after_colon(reason))]
    Server {
        /// The status.
        status: u16,
        /// The server's words.
        reason: String,
        /// Which server.
        url: String,
    },
    /// Any other status.
    #[error("The server refuses this ({status}{}): {url}", after_colon(reason))]
    Refused {
        /// The status.
        status: u16,
        /// The server's words.
        reason: String,
        /// Which server.
        url: String,
    },
    /// An answer that is none.
    #[error("The server's answer is not understood ({reason}): {url}")]
    Answer {
        /// What is wrong with it.
        reason: String,
        /// Which server.
        url: String,
    },
}

#[cfg(feature = "remote")]
impl ConnectError {
    /// The words in it that are others'.
    pub(crate) fn words_mut(&mut self) -> Option<&mut String> {
        match self {
            Self::Url { reason, .. }
            | Self::Name { reason, .. }
            | Self::Connection { reason, .. }
            | Self::Security { reason, .. }
            | Self::Lost { reason, .. }
            | Self::Unauthorised { reason, .. }
            | Self::Forbidden { reason, .. }
            | Self::NotFound { reason, .. }
            | Self::Metadata { reason, .. }
            | Self::Version { version: reason, .. }
            | Self::Endpoint { reason, .. }
            | Self::Server { reason, .. }
            | Self::Refused { reason, .. }
            | Self::Answer { reason, .. } => Some(reason),
            // A proxy's own words are not told.
            Self::NoToken(_) | Self::Proxy { .. } | Self::Late { .. } | Self::Throttled { .. } => None,
        }
    }
}

fn wait_of(seconds: Option<u64>) -> String {
    match seconds {
        Some(seconds) => format!("try it again in {seconds} s"),
        None => "try it again later".to_owned(),
    }
}

fn after_colon(reason: &str) -> String {
    match reason {
        "" => String::new(),
        reason => format!(": {reason}"),
    }
}
