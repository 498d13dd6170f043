//! One connection to a server with the extension, over HTTP/2: as many requests and streams at the same time as are
//! wanted, and when it ends all of them know at once that the other side has gone.

use std::marker::PhantomData;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use bytes::Bytes;
use hyper::header::{self, HeaderName, HeaderValue, InvalidHeaderValue};
use hyper::{Response, StatusCode};
use prost::Message;
use tokio::time::timeout;

use super::counts::Counts;
use crate::connect::Token;
use crate::connect::exchanged::{self, Exchanged, NotExchanged};
use crate::connect::extension::wire::{self, Failure, Frames, Malformed, method};
use crate::error::DatabaseError;
use crate::http::{self, Asked, Dialer, Incoming, Line, Protocol, Url};

/// How long connecting and the first words may take.
pub(super) const CONNECTING: Duration = Duration::from_secs(5);
/// The most bytes of an answer. One of the extension is far from it.
const ANSWER_BYTES: usize = 256 << 20;

/// Why something was not answered.
#[derive(Debug)]
pub(super) enum Fault {
    /// It was not sent.
    NotSent(String),
    /// It was sent, and then the connection ended.
    Lost(String),
    /// The server refuses the request, with this sentence.
    Refused(StatusCode, String),
    /// The database refused it or failed.
    Failure(Failure),
    /// The answer is none.
    Malformed(String),
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotSent(reason)
            | Self::Lost(reason)
            | Self::Refused(_, reason)
            | Self::Malformed(reason) => f.write_str(reason),
            Self::Failure(failure) => match DatabaseError::try_from(failure.clone()) {
                Ok(error) => error.fmt(f),
                Err(malformed) => malformed.fmt(f),
            },
        }
    }
}

impl From<Malformed> for Fault {
    fn from(malformed: Malformed) -> Self {
        Self::Malformed(malformed.to_string())
    }
}

impl From<http::Fault> for Fault {
    fn from(fault: http::Fault) -> Self {
        match fault {
            http::Fault::Large(_) => Self::Malformed(fault.to_string()),
            fault if fault.was_sent() => Self::Lost(fault.to_string()),
            fault => Self::NotSent(fault.to_string()),
        }
    }
}

/// Where a server is, and how it is asked.
#[derive(Clone)]
pub(crate) struct Way {
    pub(crate) url: Url,
    pub(crate) token: Token,
    pub(crate) dialer: Arc<Dialer>,
    pub(crate) counts: Arc<Counts>,
}

/// A connection to a server that knows our token.
pub(super) struct Connection {
    line: Line,
    /// Where its extension is.
    url: Url,
    headers: Vec<(HeaderName, HeaderValue)>,
    pub(super) counts: Arc<Counts>,
}

impl Connection {
    /// Connects and asks what there is.
    pub(super) async fn open(way: &Way) -> Result<Self, Fault> {
        match timeout(way.dialer.patience, Self::begin(way)).await {
            Ok(opened) => opened,
            Err(_elapsed) => Err(Fault::NotSent(format!("{} does not answer", way.url))),
        }
    }

    async fn begin(way: &Way) -> Result<Self, Fault> {
        let line = way.dialer.dial(&way.url, Protocol::Http2, &|_, _| ()).await?;
        if line.share().is_none() {
            return Err(Fault::Malformed("it does not speak HTTP/2".to_owned()));
        }
        let mut connection = Self {
            line,
            url: way.url.clone(),
            headers: headers(&way.token).map_err(|error| Fault::NotSent(error.to_string()))?,
            counts: Arc::clone(&way.counts),
        };
        let request = Bytes::from_static(exchanged::REQUEST);
        let url = connection.url.clone();
        let answer = body(connection.send(url, "application/json", request).await?).await?;
        let answer = match Exchanged::parse(&answer) {
            Ok(answer) => answer,
            Err(NotExchanged::Version(_)) => {
                return Err(Fault::Malformed(exchanged::NoExtension::Other.to_string()));
            }
            Err(_other) => return Err(Fault::Malformed("it is no server of KV Connect".to_owned())),
        };
        let path = answer
            .extension
            .map_err(|none| Fault::Malformed(none.to_string()))?;
        let place = connection.url.join(&path);
        connection.url = place.map_err(|error| Fault::Malformed(error.to_string()))?;
        let id = HeaderValue::from_str(&answer.database_id);
        let id = id.map_err(|error| Fault::Malformed(error.to_string()))?;
        connection
            .headers
            .push((HeaderName::from_static("x-denokv-database-id"), id));
        Ok(connection)
    }

    /// Asks for one answer.
    pub(super) async fn ask<A: Message + Default>(&self, method: &str, request: Bytes) -> Result<A, Fault> {
        let answer = body(self.post(method, request).await?).await?;
        self.counts.received(answer.len());
        Ok(A::decode(answer).map_err(Malformed::from)?)
    }

    /// Asks for a stream.
    pub(super) async fn stream<M: Message + Default>(
        &self,
        method: &str,
        request: Bytes,
    ) -> Result<Stream<M>, Fault> {
        Ok(Stream {
            body: self.post(method, request).await?.into_body(),
            frames: Frames::default(),
            counts: Arc::clone(&self.counts),
            of: PhantomData,
        })
    }

    async fn post(&self, method: &str, request: Bytes) -> Result<Response<Incoming>, Fault> {
        self.send(self.url.below(method), "application/x-protobuf", request)
            .await
    }

    async fn send(
        &self,
        url: Url,
        content_type: &'static str,
        body: Bytes,
    ) -> Result<Response<Incoming>, Fault> {
        let mut headers = self.headers.clone();
        headers.push((header::CONTENT_TYPE, HeaderValue::from_static(content_type)));
        self.counts.sent(body.len());
        let asked = Asked { url, headers, body };
        let Some(mut line) = self.line.share() else {
            return Err(Fault::NotSent(String::new()));
        };
        // It takes as long as the owner takes; that this one has gone shows on the connection.
        let response = line.send(&asked, None).await?;
        match response.status() {
            StatusCode::OK => Ok(response),
            StatusCode::UNPROCESSABLE_ENTITY => {
                let failure = self::body(response).await?;
                Err(Fault::Failure(Failure::decode(failure).map_err(Malformed::from)?))
            }
            status => {
                let sentence = self::body(response).await?;
                let sentence = String::from_utf8_lossy(&sentence).into_owned();
                Err(Fault::Refused(status, sentence))
            }
        }
    }
}

/// As the owner names us among its clients: `Keyglass/0.9.0 (shop, process 4711)`.
fn own_name() -> &'static str {
    static NAME: LazyLock<String> = LazyLock::new(|| {
        let program = std::env::current_exe().ok();
        let program = program.and_then(|path| Some(path.file_name()?.to_string_lossy().into_owned()));
        let mut program = program.unwrap_or_default();
        // A header takes no other characters.
        program.retain(|character| character.is_ascii_graphic());
        let process = std::process::id();
        format!(
            "Keyglass/{} ({program}, process {process})",
            env!("CARGO_PKG_VERSION")
        )
    });
    &NAME
}

/// What each request says of who asks.
fn headers(token: &Token) -> Result<Vec<(HeaderName, HeaderValue)>, InvalidHeaderValue> {
    let mut secret = HeaderValue::try_from(format!("Bearer {}", token.reveal()))?;
    secret.set_sensitive(true);
    Ok(vec![
        (header::AUTHORIZATION, secret),
        (header::USER_AGENT, HeaderValue::from_static(own_name())),
        (
            HeaderName::from_static("x-denokv-version"),
            HeaderValue::from_static("3"),
        ),
    ])
}

async fn body(response: Response<Incoming>) -> Result<Bytes, Fault> {
    match response.into_body().whole(ANSWER_BYTES).await {
        Err(http::Fault::Large(_)) => Err(Fault::Malformed("the answer has no end".to_owned())),
        whole => Ok(whole?),
    }
}

/// A stream of messages. It ends on the other side when it is dropped.
pub(super) struct Stream<M> {
    body: Incoming,
    frames: Frames,
    counts: Arc<Counts>,
    of: PhantomData<fn() -> M>,
}

impl<M: Message + Default> Stream<M> {
    /// The next message; `None` at the end.
    pub(super) async fn next(&mut self) -> Result<Option<M>, Fault> {
        loop {
            if let Some(message) = self.frames.next()? {
                return Ok(Some(message));
            }
            match self.body.next().await? {
                Some(data) => {
                    self.counts.received(data.len());
                    self.frames.push(&data);
                }
                None => return Ok(None),
            }
        }
    }
}

impl Connection {
    /// Asks for what the database says of itself, now and whenever that changes, while we are attached.
    pub(super) async fn attach(&self) -> Result<Stream<wire::Description>, Fault> {
        self.stream(method::ATTACH, Bytes::new()).await
    }
}
