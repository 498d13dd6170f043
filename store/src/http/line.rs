//! A connection that speaks HTTP, and all of those to one server.

use std::time::Duration;

use bytes::Bytes;
use hyper::client::conn::{TrySendError, http1, http2};
use hyper::header::{HeaderName, HeaderValue};
use hyper::{Request, Response, StatusCode, Uri, body, header};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;

use super::body::Incoming;
use super::dial::Fault;
use super::url::Url;
use crate::connect::body::AnswerBody;

/// After so long without a word the other side is asked whether it is there, unless told otherwise.
pub(crate) const SILENCE: Duration = Duration::from_secs(10);
/// Bytes of one stream, and of all together, that may be on their way.
const STREAM_WINDOW: u32 = 4 << 20;
const WINDOW: u32 = 16 << 20;

/// Which version is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// One request after the other.
    Http1,
    /// As many at the same time as are wanted.
    Http2,
}

/// What is asked: always a `POST` with a whole body.
#[derive(Clone)]
pub(crate) struct Asked {
    pub(crate) url: Url,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) body: Bytes,
}

/// A proxy that reads where each request goes.
#[cfg(feature = "remote")]
pub(crate) use super::proxy::Proxy as ByProxy;
/// There is none without the feature `remote`.
#[cfg(not(feature = "remote"))]
pub(crate) enum ByProxy {}

#[cfg(not(feature = "remote"))]
impl ByProxy {
    fn authorization(&self) -> Option<HeaderValue> {
        match *self {}
    }
}

/// A connection that speaks HTTP.
pub(crate) enum Line {
    One {
        sender: http1::SendRequest<AnswerBody>,
        /// A proxy at its end that reads where each request goes.
        by_proxy: Option<ByProxy>,
    },
    Many(http2::SendRequest<AnswerBody>),
}

impl Line {
    /// Speaks a protocol on a connection.
    pub(super) async fn begin<S>(
        stream: S,
        protocol: Protocol,
        by_proxy: Option<ByProxy>,
        silence: Duration,
    ) -> Result<Self, Fault>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let not_sent = |error: hyper::Error| Fault::NotSent(error.to_string());
        let stream = TokioIo::new(stream);
        match protocol {
            Protocol::Http1 => {
                let (sender, connection) = http1::handshake(stream).await.map_err(not_sent)?;
                tokio::spawn(connection);
                Ok(Self::One { sender, by_proxy })
            }
            Protocol::Http2 => {
                let (sender, connection) = http2::Builder::new(TokioExecutor::new())
                    .timer(TokioTimer::new())
                    .keep_alive_interval(silence)
                    .keep_alive_timeout(silence)
                    .initial_stream_window_size(STREAM_WINDOW)
                    .initial_connection_window_size(WINDOW)
                    .handshake(stream)
                    .await
                    .map_err(not_sent)?;
                tokio::spawn(connection);
                Ok(Self::Many(sender))
            }
        }
    }

    pub(crate) fn protocol(&self) -> Protocol {
        match self {
            Self::One { .. } => Protocol::Http1,
            Self::Many(_) => Protocol::Http2,
        }
    }

    /// Another hold on the same connection, where it takes several requests at a time.
    pub(crate) fn share(&self) -> Option<Self> {
        match self {
            Self::One { .. } => None,
            Self::Many(sender) => Some(Self::Many(sender.clone())),
        }
    }

    /// Whether a request could be sent at once.
    #[cfg(feature = "remote")]
    pub(super) fn is_ready(&self) -> bool {
        match self {
            Self::One { sender, .. } => sender.is_ready(),
            Self::Many(sender) => sender.is_ready(),
        }
    }

    #[cfg(feature = "remote")]
    pub(super) fn is_closed(&self) -> bool {
        match self {
            Self::One { sender, .. } => sender.is_closed(),
            Self::Many(sender) => sender.is_closed(),
        }
    }

    /// Asks, and waits for the beginning of the answer: as long as it takes, if there is no `patience`.
    pub(crate) async fn send(
        &mut self,
        asked: &Asked,
        patience: Option<Duration>,
    ) -> Result<Response<Incoming>, Fault> {
        let request = self.request(asked)?;
        let is_ready = self.ready();
        in_time(patience, is_ready)
            .await
            .ok_or_else(|| Fault::NotSent("it takes no more requests".to_owned()))?
            .map_err(|error| Fault::NotSent(error.to_string()))?;
        let sent = async {
            match self {
                Self::One { sender, .. } => sender.try_send_request(request).await.map_err(unanswered),
                Self::Many(sender) => sender.try_send_request(request).await.map_err(unanswered),
            }
        };
        let Some(answered) = in_time(patience, sent).await else {
            return Err(Fault::late(patience.unwrap_or_default()));
        };
        let answered = answered?;
        self.refused_by_proxy(answered.status())?;
        Ok(answered.map(|body: body::Incoming| Incoming::new(body, patience)))
    }

    /// Whether a proxy at its end refuses to hand on anything: that no server says.
    fn refused_by_proxy(&self, status: StatusCode) -> Result<(), Fault> {
        #[cfg(feature = "remote")]
        if status == StatusCode::PROXY_AUTHENTICATION_REQUIRED
            && let Self::One {
                by_proxy: Some(by_proxy),
                ..
            } = self
        {
            return Err(Fault::Proxy(super::tunnel::refusal(status, by_proxy)));
        }
        let _of_server = status;
        Ok(())
    }

    async fn ready(&mut self) -> Result<(), hyper::Error> {
        match self {
            Self::One { sender, .. } => sender.ready().await,
            Self::Many(sender) => sender.ready().await,
        }
    }

    fn request(&self, asked: &Asked) -> Result<Request<AnswerBody>, Fault> {
        let url = &asked.url;
        let not_sent = |error: hyper::http::Error| Fault::NotSent(error.to_string());
        let is_whole = match self {
            Self::One { by_proxy, .. } => by_proxy.is_some(),
            Self::Many(_) => true,
        };
        let uri = match is_whole {
            true => Uri::builder()
                .scheme(if url.is_secure() { "https" } else { "http" })
                .authority(url.authority())
                .path_and_query(url.target())
                .build(),
            false => Uri::builder().path_and_query(url.target()).build(),
        };
        let mut request = Request::post(uri.map_err(not_sent)?);
        if let Self::One { by_proxy, .. } = self {
            request = request.header(header::HOST, url.authority());
            if let Some(authorization) = by_proxy.as_ref().and_then(ByProxy::authorization) {
                request = request.header(header::PROXY_AUTHORIZATION, authorization);
            }
        }
        for (name, value) in &asked.headers {
            request = request.header(name, value);
        }
        request
            .body(AnswerBody::whole(asked.body.clone()))
            .map_err(not_sent)
    }
}

async fn in_time<T>(patience: Option<Duration>, work: impl Future<Output = T>) -> Option<T> {
    match patience {
        Some(patience) => timeout(patience, work).await.ok(),
        None => Some(work.await),
    }
}

/// A request that comes back was not sent.
fn unanswered(mut error: TrySendError<Request<AnswerBody>>) -> Fault {
    let was_sent = error.take_message().is_none();
    let reason = with_causes(&error.into_error());
    match was_sent {
        true => Fault::Lost(reason),
        false => Fault::NotSent(reason),
    }
}

/// What failed, and what of it.
pub(super) fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text.push_str(", ");
            text.push_str(&more);
        }
        cause = error.source();
    }
    text
}
