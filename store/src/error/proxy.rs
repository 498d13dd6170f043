//! What can go wrong with a proxy before a server, as sentences.

/// What can go wrong with a proxy before a server. The proxy is named as it is reached, without who asks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProxyError {
    /// A variable of the environment names none that can be used.
    #[error("{variable} names no proxy that can be used, because {reason}")]
    Setting {
        /// Which variable.
        variable: &'static str,
        /// What is wrong with what it holds.
        reason: ProxyUrlError,
    },
    /// The name of the proxy is not known.
    #[error(
        "The name of the proxy {proxy} is not known ({reason}); look whether HTTPS_PROXY, HTTP_PROXY or ALL_PROXY has it right, and whether this machine is online"
    )]
    Name {
        /// Which proxy.
        proxy: String,
        /// What the system said.
        reason: String,
    },
    /// Nothing answers there, or only after too long.
    #[error(
        "The proxy {proxy} cannot be reached ({reason}); look whether it is running, and at HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY"
    )]
    Connection {
        /// Which proxy.
        proxy: String,
        /// What the system said.
        reason: String,
    },
    /// It wants to know who asks.
    #[error(
        "The proxy {proxy} wants a name and a password ({reason}); write them into the variable that names it, as SCHEME://NAME:PASSWORD@HOST"
    )]
    Password {
        /// Which proxy.
        proxy: String,
        /// What it says of those that it got, or that it got none.
        reason: String,
    },
    /// No secure connection to the proxy itself.
    #[error("The proxy {proxy} cannot be talked to securely ({reason})")]
    Security {
        /// Which proxy.
        proxy: String,
        /// What is wrong, such as a certificate of somebody unknown.
        reason: String,
    },
    /// The proxy was reached, and does not get to the server.
    #[error("The proxy {proxy} does not reach the server ({reason}); look whether the server is running")]
    Unreachable {
        /// Which proxy.
        proxy: String,
        /// What it says.
        reason: String,
    },
    /// The proxy does not want to let through.
    #[error(
        "The proxy {proxy} does not let through to the server ({reason}); see HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY"
    )]
    Refused {
        /// Which proxy.
        proxy: String,
        /// What it says.
        reason: String,
    },
    /// What answers is no proxy of this kind, or went away.
    #[error("What answers as the proxy {proxy} is none of its kind ({reason})")]
    Answer {
        /// Which proxy.
        proxy: String,
        /// What is wrong with what it says.
        reason: String,
    },
}

/// Why a text names no proxy that can be used. It tells nothing of the text that may be a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProxyUrlError {
    /// Another way to a proxy than those that are known.
    #[error(
        "only those that are reached by http://, https://, socks5:// and socks5h:// are, and it begins with {0}://"
    )]
    Scheme(String),
    /// What stands before `://` is no scheme at all.
    #[error("it begins with no scheme such as http:// or socks5://")]
    NoScheme,
    /// It names no place.
    #[error("it is no address of a proxy: {0}")]
    Address(String),
    /// Longer than SOCKS has room for.
    #[error("a name or a password for SOCKS has at most 255 bytes")]
    LongSecret,
}
