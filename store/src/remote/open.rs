//! Opening a database on a server.

use std::sync::Arc;
use std::time::Duration;

use super::database::Remote;
use super::exchange;
use super::server::Server;
use super::trial::{self, Step};
use crate::attached::{Attached, Counts, Way};
use crate::clock::Clock;
use crate::connect::Token;
use crate::database::Database;
use crate::error::{ConnectError, OpenError};
use crate::http::{Background, Dialer, Proxies, SILENCE, Trust, Url, wait_on};

/// How long each step of connecting may take, and an answer to begin or go on.
const PATIENCE: Duration = Duration::from_secs(30);
/// Before something is asked again for the first time; then twice as long, and so on.
const PAUSE: Duration = Duration::from_millis(200);

/// How databases on servers are opened.
#[derive(Debug, Clone)]
pub struct RemoteOptions {
    clock: Clock,
    patience: Duration,
    pause: Duration,
    proxies: Proxies,
    trust: Trust,
    plain: bool,
}

impl Default for RemoteOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl RemoteOptions {
    /// The system's clock, the certificates that the system trusts, and the proxies that the environment names.
    #[must_use]
    pub fn new() -> Self {
        Self {
            clock: Clock::system(),
            patience: PATIENCE,
            pause: PAUSE,
            proxies: Proxies::of_environment(),
            trust: Trust::default(),
            plain: false,
        }
    }

    /// Where the time comes from.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// How long each step of connecting may take, and an answer to begin or go on; 30 seconds unless told otherwise.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// How long is waited before something is asked again for the first time, and then twice as long each time, up to
    /// five seconds; 200 milliseconds unless told otherwise.
    #[must_use]
    pub fn pause(mut self, pause: Duration) -> Self {
        self.pause = pause;
        self
    }

    /// Takes this one's word, too, for who a server is: a certificate as DER, such as one that a server has signed for
    /// itself.
    #[must_use]
    pub fn trust(mut self, certificate: Vec<u8>) -> Self {
        self.trust = self.trust.with(certificate);
        self
    }

    /// Asks by the protocol alone, also where the server is a Keyglass.
    #[must_use]
    pub fn plain(mut self) -> Self {
        self.plain = true;
        self
    }

    /// Proxies as these variables name them, in place of the environment's.
    #[must_use]
    pub fn proxies(mut self, variable: impl Fn(&str) -> Option<String>) -> Self {
        self.proxies = Proxies::of(variable);
        self
    }

    /// Opens the database at a URL of KV Connect. One that Keyglass serves shows all that its owner sees; see
    /// [`crate::attached`].
    ///
    /// # Errors
    /// [`OpenError::Connect`] tells what stands in between.
    pub fn open(&self, url: &str, token: Option<&Token>) -> Result<Arc<dyn Database>, OpenError> {
        let server = Arc::new(self.server(url, token)?);
        let lost = |reason: &dyn std::fmt::Display| ConnectError::Lost {
            reason: reason.to_string(),
            url: server.location.clone(),
        };
        let background = Background::start("keyglass remote").map_err(|error| lost(&error))?;
        let asked = Arc::clone(&server);
        let exchanged = wait_on(&background.handle(), async move {
            exchange::exchange(&asked, &|_, _| ()).await
        });
        let session = Arc::new(exchanged.map_err(|ended| lost(&ended))??);
        if session.extension.is_ok() && !self.plain {
            let way = Way {
                url: server.url.clone(),
                token: server.token.clone(),
                dialer: Arc::clone(&server.dialer),
                counts: Arc::<Counts>::default(),
            };
            // Where the way there does not carry what the extension needs, the protocol goes everywhere.
            if let Ok(attached) = Attached::to_url(way, self.clock.clone()) {
                return Ok(Arc::new(attached));
            }
        }
        server.keep(&session);
        Ok(Arc::new(Remote::new(server, &session, background)))
    }

    /// Tries whether a database can be opened; each step is told as it is done, within seconds.
    ///
    /// # Errors
    /// That of the step that failed.
    pub fn test(
        &self,
        url: &str,
        token: Option<&Token>,
        hear: &mut dyn FnMut(Step),
    ) -> Result<(), ConnectError> {
        trial::test(self, url, token, hear)
    }

    pub(super) fn server(&self, url: &str, token: Option<&Token>) -> Result<Server, ConnectError> {
        let parsed = parse(url)?;
        let token = token.ok_or_else(|| ConnectError::NoToken(parsed.to_string()))?;
        let dialer = Dialer {
            proxies: self.proxies.clone(),
            trust: self.trust.clone(),
            patience: self.patience,
            silence: SILENCE,
        };
        Ok(Server::new(
            parsed,
            token.clone(),
            dialer,
            self.clock.clone(),
            self.pause,
        ))
    }
}

/// An address as the database there gives it as its location, so that one is known again however it was written.
///
/// # Errors
/// If it is none.
pub fn location(url: &str) -> Result<String, ConnectError> {
    parse(url).map(|url| url.to_string())
}

fn parse(url: &str) -> Result<Url, ConnectError> {
    Url::parse(url).map_err(|error| ConnectError::Url {
        reason: error.to_string(),
        url: without_secrets(url),
    })
}

/// A text that should have been an address, without the name and password that may stand in it.
fn without_secrets(text: &str) -> String {
    match text.rsplit_once('@') {
        Some((before, host)) => {
            let scheme = before.split_once("://").map_or("", |(scheme, _)| scheme);
            format!("{scheme}://{host}")
        }
        None => text.to_owned(),
    }
}
