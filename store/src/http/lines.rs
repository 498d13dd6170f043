//! All connections to one server.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use hyper::Response;

use super::body::Incoming;
use super::dial::{Dialer, Fault, Heard};
use super::line::{Asked, Line, Protocol};
use super::url::Url;

/// A server may end connections that rest. One that has rested longer is not used for what must not be sent twice.
const FRESH: Duration = Duration::from_secs(1);
/// How long connections rest at most.
const REST: Duration = Duration::from_secs(20);
/// How many rest at most.
const RESTING: usize = 32;

/// All connections to one server: one where it takes several requests at a time, else as many as there are requests.
pub(crate) struct Lines {
    dialer: Arc<Dialer>,
    server: Url,
    known: Mutex<Known>,
    /// Held while a connection is made that others may share.
    dialing: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Known {
    protocol: Option<Protocol>,
    shared: Option<Line>,
    resting: Vec<(Line, Instant)>,
}

impl Lines {
    /// To the server of an address, none of them made yet.
    pub(crate) fn new(dialer: Arc<Dialer>, server: Url) -> Self {
        Self {
            dialer,
            server,
            known: Mutex::default(),
            dialing: tokio::sync::Mutex::default(),
        }
    }

    pub(crate) fn server(&self) -> &Url {
        &self.server
    }

    /// Asks, and waits for the beginning of the answer. What may be asked twice (`again`) may go by a connection that
    /// turns out to have ended meanwhile.
    pub(crate) async fn send(
        &self,
        asked: &Asked,
        again: bool,
        heard: Heard<'_>,
    ) -> Result<Response<Incoming>, Fault> {
        loop {
            let (mut line, is_new) = self.line(if again { REST } else { FRESH }, heard).await?;
            match line.send(asked, Some(self.dialer.patience)).await {
                Ok(response) => {
                    self.give_back(line);
                    return Ok(response);
                }
                // It had ended while it rested.
                Err(Fault::NotSent(_)) if !is_new => {}
                Err(fault) => return Err(fault),
            }
        }
    }

    /// A connection, and whether it is a new one.
    async fn line(&self, rested: Duration, heard: Heard<'_>) -> Result<(Line, bool), Fault> {
        if let Some(line) = self.take(rested) {
            return Ok((line, false));
        }
        let is_one = self.known().protocol == Some(Protocol::Http1);
        let _alone = match is_one {
            true => None,
            false => Some(self.dialing.lock().await),
        };
        if let Some(line) = self.take(rested) {
            return Ok((line, false));
        }
        let line = self.dialer.dial(&self.server, Protocol::Http1, heard).await?;
        let mut known = self.known();
        known.protocol = Some(line.protocol());
        known.shared = line.share();
        Ok((line, true))
    }

    fn take(&self, rested: Duration) -> Option<Line> {
        let mut known = self.known();
        if let Some(shared) = &known.shared {
            if !shared.is_closed() {
                return shared.share();
            }
            known.shared = None;
        }
        known
            .resting
            .retain(|(line, since)| !line.is_closed() && since.elapsed() < REST);
        let at = known
            .resting
            .iter()
            .rposition(|(line, since)| line.is_ready() && since.elapsed() < rested)?;
        Some(known.resting.swap_remove(at).0)
    }

    /// A connection whose answer may still be coming. It rests once that has come.
    fn give_back(&self, line: Line) {
        if line.protocol() == Protocol::Http1 {
            let mut known = self.known();
            if known.resting.len() >= RESTING {
                known.resting.remove(0);
            }
            known.resting.push((line, Instant::now()));
        }
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
