//! A server that speaks KV Connect, asked again and again: by what the metadata exchange tells, which is renewed when it
//! expires or is refused.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use hyper::header::{self, HeaderName, HeaderValue, InvalidHeaderValue};
use hyper::{Response, StatusCode};

use super::exchange::{self, Session};
use super::fault;
use super::meter::Meter;
use super::recent::Recent;
use crate::clock::Clock;
use crate::connect::Token;
use crate::error::ConnectError;
use crate::http::{Asked, Dialer, Heard, Incoming, Lines, Url};
use crate::versionstamp::Versionstamp;

/// How often something is asked at most.
const TRIES: u32 = 6;
/// The most that is waited before something is asked again.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// A server that wants to be left alone for longer is believed, and not waited for.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// The most bytes of an answer: a thousand of the longest entries, and what is around them.
const ANSWER_BYTES: usize = 72 << 20;
/// The fewest bytes of a secret that is looked for in what a server says.
const SECRET_BYTES: usize = 4;
/// The most bytes of a sentence of a server.
pub(super) const SENTENCE_BYTES: usize = 1000;

/// A server, and how it is asked.
pub(super) struct Server {
    pub(super) url: Url,
    pub(super) location: String,
    pub(super) token: Token,
    pub(super) dialer: Arc<Dialer>,
    pub(super) clock: Clock,
    pub(super) meter: Meter,
    /// Before something is asked again for the first time.
    pub(super) pause: Duration,
    lines: Mutex<Vec<Arc<Lines>>>,
    session: Mutex<Option<Arc<Session>>>,
    renewing: tokio::sync::Mutex<()>,
    /// The newest commit that was seen.
    newest: Mutex<Option<Versionstamp>>,
    /// What the newest exchange gave to ask by.
    secret: Mutex<String>,
    /// What was read last.
    pub(super) recent: Arc<Recent>,
    /// Whether the last that was asked was given up, because nobody was there.
    is_away: AtomicBool,
}

/// Whether something may be asked again although it may have been done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Nature {
    /// It changes nothing.
    Read,
    /// It must not be done twice.
    Write,
}

/// Something was not answered.
#[derive(Debug, Clone)]
pub(super) struct Unanswered {
    pub(super) error: ConnectError,
    /// What is known of it.
    pub(super) done: Done,
}

/// What is known of something that was not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Done {
    /// It was not sent, or refused.
    No,
    /// It was sent, and the connection ended: if it was not done by then, it most likely never is.
    Perhaps,
    /// It was sent, and may still be under way.
    Still,
}

impl Unanswered {
    pub(super) fn not_done(error: ConnectError) -> Self {
        Self {
            error,
            done: Done::No,
        }
    }
}

impl Server {
    pub(super) fn new(url: Url, token: Token, dialer: Dialer, clock: Clock, pause: Duration) -> Self {
        Self {
            location: url.to_string(),
            url,
            token,
            dialer: Arc::new(dialer),
            clock,
            meter: Meter::default(),
            pause,
            lines: Mutex::default(),
            session: Mutex::default(),
            renewing: tokio::sync::Mutex::default(),
            newest: Mutex::default(),
            secret: Mutex::default(),
            recent: Arc::default(),
            is_away: AtomicBool::new(false),
        }
    }

    /// The connections to the server of an address.
    pub(super) fn lines(&self, url: &Url) -> Arc<Lines> {
        let mut all = lock(&self.lines);
        if let Some(lines) = all.iter().find(|lines| lines.server().has_origin_of(url)) {
            return Arc::clone(lines);
        }
        let lines = Arc::new(Lines::new(Arc::clone(&self.dialer), url.clone()));
        all.push(Arc::clone(&lines));
        lines
    }

    /// What the last exchange told, if it is still good.
    pub(super) fn known_session(&self) -> Option<Arc<Session>> {
        let session = lock(&self.session).clone()?;
        (Instant::now() < session.renew_at).then_some(session)
    }

    /// What an exchange tells; another one than the one that was `refused`.
    pub(super) async fn session(&self, refused: Option<&Arc<Session>>) -> Result<Arc<Session>, ConnectError> {
        let is_other = |session: &Arc<Session>| refused.is_none_or(|refused| !Arc::ptr_eq(refused, session));
        if let Some(session) = self.known_session().filter(is_other) {
            return Ok(session);
        }
        let _alone = self.renewing.lock().await;
        if let Some(session) = self.known_session().filter(is_other) {
            return Ok(session);
        }
        let session = exchange::exchange(self, &|_, _| ()).await?;
        let session = Arc::new(session);
        self.keep(&session);
        Ok(session)
    }

    /// What a server says may repeat what it was asked by, which no sentence tells.
    pub(super) fn without_secrets(&self, mut error: ConnectError) -> ConnectError {
        if let Some(words) = error.words_mut() {
            for secret in [self.token.reveal(), lock(&self.secret).as_str()] {
                // A word of a letter or two would not be found in what it stands in, but everywhere.
                if secret.len() >= SECRET_BYTES && words.contains(secret) {
                    *words = words.replace(secret, "…");
                }
            }
        }
        error
    }

    pub(super) fn learn_secret(&self, secret: &str) {
        secret.clone_into(&mut lock(&self.secret));
    }

    pub(super) fn keep(&self, session: &Arc<Session>) {
        *lock(&self.session) = Some(Arc::clone(session));
    }

    /// Asks for an answer.
    pub(super) async fn ask(
        &self,
        method: &'static str,
        body: Bytes,
        nature: Nature,
    ) -> Result<Bytes, Unanswered> {
        let mut trying = Trying::new(self, nature);
        loop {
            let tried = self.try_once(&mut trying, method, &body).await;
            let tried = match tried {
                Ok(response) => self.whole(response).await,
                Err(unanswered) => Err(unanswered),
            };
            match tried {
                Ok(answer) => {
                    self.meter.received(answer.len());
                    self.is_there();
                    return Ok(answer);
                }
                Err(unanswered) => trying.wait(unanswered).await?,
            }
        }
    }

    /// Asks for a stream, once: who follows it asks again at its own pace.
    pub(super) async fn stream(&self, method: &'static str, body: Bytes) -> Result<Incoming, Unanswered> {
        let mut trying = Trying::new(self, Nature::Read);
        let response = loop {
            match self.try_once(&mut trying, method, &body).await {
                Ok(response) => break response,
                Err(unanswered) if trying.renews => drop(unanswered),
                Err(unanswered) => return Err(unanswered),
            }
        };
        self.is_there();
        Ok(response.into_body())
    }

    fn is_there(&self) {
        self.meter.is_well();
        self.is_away.store(false, Ordering::Release);
    }

    async fn whole(&self, response: Response<Incoming>) -> Result<Bytes, Unanswered> {
        let whole = response.into_body().whole(ANSWER_BYTES).await;
        whole.map_err(|fault| fault::unanswered(fault, &self.location))
    }

    /// Asks once, and reads why not if it is refused.
    async fn try_once(
        &self,
        trying: &mut Trying<'_>,
        method: &'static str,
        body: &Bytes,
    ) -> Result<Response<Incoming>, Unanswered> {
        trying.renews = false;
        let session = self.session(trying.refused.as_ref()).await;
        let session = session.map_err(Unanswered::not_done)?;
        let asked = Asked {
            url: session.endpoint.below(method),
            headers: session.headers.clone(),
            body: body.clone(),
        };
        self.meter.sent(body.len(), trying.tries > 0);
        let sent = self
            .lines(&asked.url)
            .send(&asked, trying.nature == Nature::Read, &|_, _| ())
            .await;
        let response = sent.map_err(|fault| fault::unanswered(fault, &self.location))?;
        if response.status() == StatusCode::OK {
            return Ok(response);
        }
        let mut refusal = refusal(response, self).await;
        refusal.error = self.without_secrets(refusal.error);
        // The token was not good any more, or the server has forgotten it.
        let is_of_token = matches!(
            &refusal.error,
            ConnectError::Unauthorised { .. } | ConnectError::Forbidden { .. }
        ) || matches!(&refusal.error, ConnectError::Refused { status: 400, reason, .. }
            if reason.to_ascii_lowercase().contains("authorization"));
        trying.renews = is_of_token && trying.refused.is_none();
        if trying.renews {
            trying.refused = Some(session);
        }
        Err(refusal)
    }

    /// Takes note of a commit that was seen.
    pub(super) fn saw(&self, versionstamp: Versionstamp) {
        let mut newest = lock(&self.newest);
        *newest = newest.max(Some(versionstamp));
    }

    /// The newest commit that was seen.
    pub(super) fn newest(&self) -> Option<Versionstamp> {
        *lock(&self.newest)
    }

    pub(super) fn post(
        &self,
        url: &Url,
        headers: Vec<(HeaderName, HeaderValue)>,
        body: Bytes,
    ) -> (Arc<Lines>, Asked) {
        let asked = Asked {
            url: url.clone(),
            headers,
            body,
        };
        (self.lines(url), asked)
    }

    /// Sends something by which nothing changes, once.
    pub(super) async fn send(
        &self,
        url: &Url,
        headers: Vec<(HeaderName, HeaderValue)>,
        body: Bytes,
        heard: Heard<'_>,
    ) -> Result<Response<Incoming>, ConnectError> {
        self.meter.sent(body.len(), false);
        let (lines, asked) = self.post(url, headers, body);
        let sent = lines.send(&asked, true, heard).await;
        sent.map_err(|fault| fault::unanswered(fault, &self.location).error)
    }
}

/// What each request says of who asks.
pub(super) fn common_headers(
    token: &str,
    content_type: &'static str,
) -> Result<Vec<(HeaderName, HeaderValue)>, InvalidHeaderValue> {
    let mut secret = HeaderValue::try_from(format!("Bearer {token}"))?;
    secret.set_sensitive(true);
    let program = concat!("Keyglass/", env!("CARGO_PKG_VERSION"));
    Ok(vec![
        (header::AUTHORIZATION, secret),
        (header::USER_AGENT, HeaderValue::from_static(program)),
        (header::CONTENT_TYPE, HeaderValue::from_static(content_type)),
    ])
}

/// Why a server refused.
pub(super) async fn refusal(response: Response<Incoming>, server: &Server) -> Unanswered {
    let status = response.status();
    let wait = fault::seconds_to_wait(response.headers(), server.clock.now());
    let sentence = response.into_body().beginning(SENTENCE_BYTES).await;
    fault::refused(status, wait, &sentence, &server.location)
}

/// Asking one thing until it is answered, or has to be given up.
struct Trying<'s> {
    server: &'s Server,
    nature: Nature,
    tries: u32,
    /// What the server did not accept any more.
    refused: Option<Arc<Session>>,
    /// Whether it is asked again at once, by a new exchange.
    renews: bool,
}

impl<'s> Trying<'s> {
    fn new(server: &'s Server, nature: Nature) -> Self {
        Self {
            server,
            nature,
            tries: 0,
            refused: None,
            renews: false,
        }
    }

    /// Waits until it may be asked again.
    ///
    /// # Errors
    /// If it must not be asked again.
    async fn wait(&mut self, unanswered: Unanswered) -> Result<(), Unanswered> {
        if std::mem::take(&mut self.renews) {
            return Ok(());
        }
        self.tries += 1;
        let may_be_done = self.nature == Nature::Write && unanswered.done != Done::No;
        let pause = self.pause(&unanswered.error);
        // While a server is known to be away, others need not wait for the same.
        let is_away = self.server.is_away.load(Ordering::Acquire);
        let tries = if is_away { 1 } else { TRIES };
        let Some(pause) = pause.filter(|_| !may_be_done && self.tries < tries) else {
            let is_gone = matches!(
                unanswered.error,
                ConnectError::Name { .. } | ConnectError::Connection { .. } | ConnectError::Lost { .. }
            );
            self.server.is_away.store(is_gone, Ordering::Release);
            self.server.meter.is_troubled(&unanswered.error, None);
            return Err(unanswered);
        };
        self.server.meter.is_troubled(&unanswered.error, Some(pause));
        tokio::time::sleep(pause).await;
        Ok(())
    }

    /// How long to wait where waiting may help.
    fn pause(&self, error: &ConnectError) -> Option<Duration> {
        let doubled = self.server.pause * (1 << (self.tries - 1).min(16));
        let usual = doubled.min(LONGEST_PAUSE);
        match error {
            ConnectError::Throttled { seconds, .. } => {
                let wanted = seconds.map_or(usual, Duration::from_secs);
                (wanted <= LONGEST_WAIT).then_some(wanted.max(usual))
            }
            // Whoever waits has waited long enough after the second time.
            ConnectError::Late { .. } => (self.tries < 2).then_some(usual),
            ConnectError::Name { .. }
            | ConnectError::Connection { .. }
            | ConnectError::Lost { .. }
            | ConnectError::Server { .. } => Some(usual),
            _ => None,
        }
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
