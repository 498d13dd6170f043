//! One connection to a server with the extension, over HTTP/2: as many requests and streams at the same time as are
//! wanted, and when it ends all of them know at once that the other side has gone.

use std::future::poll_fn;
use std::marker::PhantomData;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::LazyLock;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use hyper::body::{Body as _, Incoming};
use hyper::client::conn::http2;
use hyper::{Request, Response, StatusCode, header};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use prost::Message;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::connect::Token;
use crate::connect::body::AnswerBody;
use crate::connect::extension::wire::{self, Failure, Frames, Malformed, method};

/// How long connecting and the first words may take.
const CONNECTING: Duration = Duration::from_secs(5);
/// After so long without a word the other side is asked whether it is there, and has as long to answer.
const SILENCE: Duration = Duration::from_secs(10);
/// Bytes of one stream, and of all together, that may be on their way.
const STREAM_WINDOW: u32 = 4 << 20;
const WINDOW: u32 = 16 << 20;
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

impl From<Malformed> for Fault {
    fn from(malformed: Malformed) -> Self {
        Self::Malformed(malformed.to_string())
    }
}

/// A connection to a server that knows our token.
pub(super) struct Connection {
    sender: http2::SendRequest<AnswerBody>,
    address: SocketAddr,
    /// Which database it has, and where its extension is.
    database_id: String,
    path: String,
    token: Token,
}

impl Connection {
    /// Connects and asks what there is.
    pub(super) async fn open(address: SocketAddr, token: Token) -> Result<Self, Fault> {
        match timeout(CONNECTING, Self::begin(address, token)).await {
            Ok(opened) => opened,
            Err(_elapsed) => Err(Fault::NotSent(format!("{address} does not answer"))),
        }
    }

    async fn begin(address: SocketAddr, token: Token) -> Result<Self, Fault> {
        let not_sent = |error: &dyn std::fmt::Display| Fault::NotSent(error.to_string());
        let stream = TcpStream::connect(address)
            .await
            .map_err(|error| not_sent(&error))?;
        let _best_effort = stream.set_nodelay(true);
        let (sender, connection) = http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .keep_alive_interval(SILENCE)
            .keep_alive_timeout(SILENCE)
            .keep_alive_while_idle(true)
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(WINDOW)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|error| not_sent(&error))?;
        tokio::spawn(connection);
        let mut connection = Self {
            sender,
            address,
            database_id: String::new(),
            path: "/".to_owned(),
            token,
        };
        let request = Bytes::from_static(br#"{"supportedVersions":[3],"keyglass":[1]}"#);
        let answer = body(connection.send("", "application/json", request).await?).await?;
        (connection.database_id, connection.path) =
            metadata(&answer).map_err(|missing| Fault::Malformed(missing.to_owned()))?;
        Ok(connection)
    }

    /// Asks for one answer.
    pub(super) async fn ask<A: Message + Default>(&self, method: &str, request: Bytes) -> Result<A, Fault> {
        let answer = body(self.post(method, request).await?).await?;
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
            of: PhantomData,
        })
    }

    async fn post(&self, method: &str, request: Bytes) -> Result<Response<Incoming>, Fault> {
        self.send(&format!("/{method}"), "application/x-protobuf", request)
            .await
    }

    async fn send(&self, method: &str, content_type: &str, body: Bytes) -> Result<Response<Incoming>, Fault> {
        let not_sent = |error: &dyn std::fmt::Display| Fault::NotSent(error.to_string());
        let request = Request::post(format!("http://{}{}{method}", self.address, self.path))
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token.reveal()))
            .header(header::CONTENT_TYPE, content_type)
            .header(header::USER_AGENT, own_name())
            .header("x-denokv-version", "3")
            .header("x-denokv-database-id", &self.database_id)
            .body(AnswerBody::whole(body))
            .map_err(|error| not_sent(&error))?;
        let mut sender = self.sender.clone();
        sender.ready().await.map_err(|error| not_sent(&error))?;
        let response = match sender.try_send_request(request).await {
            Ok(response) => response,
            Err(mut error) => {
                let was_sent = error.take_message().is_none();
                let reason = error.into_error().to_string();
                return Err(match was_sent {
                    true => Fault::Lost(reason),
                    false => Fault::NotSent(reason),
                });
            }
        };
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

/// The id of the database, and the path of the extension in the version that is spoken here.
fn metadata(answer: &[u8]) -> Result<(String, String), &'static str> {
    let answer: serde_json::Value =
        serde_json::from_slice(answer).map_err(|_other| "it is no server of KV Connect")?;
    let id = answer.get("databaseId").and_then(serde_json::Value::as_str);
    let extension = answer.get("keyglass");
    let extension = extension.ok_or("it speaks KV Connect alone, to which nobody can attach")?;
    let version = extension.get("version").and_then(serde_json::Value::as_u64);
    let path = extension.get("url").and_then(serde_json::Value::as_str);
    match (id, version, path) {
        (Some(id), Some(wire::VERSION), Some(path)) if path.starts_with('/') => {
            Ok((id.to_owned(), path.to_owned()))
        }
        _ => Err("it is another version of Keyglass, which speaks otherwise"),
    }
}

async fn body(response: Response<Incoming>) -> Result<Bytes, Fault> {
    let mut body = response.into_body();
    let mut whole = BytesMut::new();
    while let Some(data) = data(&mut body).await? {
        if whole.len() + data.len() > ANSWER_BYTES {
            return Err(Fault::Malformed("the answer has no end".to_owned()));
        }
        whole.extend_from_slice(&data);
    }
    Ok(whole.freeze())
}

async fn data(body: &mut Incoming) -> Result<Option<Bytes>, Fault> {
    loop {
        match poll_fn(|context| Pin::new(&mut *body).poll_frame(context)).await {
            None => return Ok(None),
            Some(Err(error)) => return Err(Fault::Lost(error.to_string())),
            Some(Ok(frame)) => {
                if let Ok(data) = frame.into_data() {
                    return Ok(Some(data));
                }
            }
        }
    }
}

/// A stream of messages. It ends on the other side when it is dropped.
pub(super) struct Stream<M> {
    body: Incoming,
    frames: Frames,
    of: PhantomData<fn() -> M>,
}

impl<M: Message + Default> Stream<M> {
    /// The next message; `None` at the end.
    pub(super) async fn next(&mut self) -> Result<Option<M>, Fault> {
        loop {
            if let Some(message) = self.frames.next()? {
                return Ok(Some(message));
            }
            match data(&mut self.body).await? {
                Some(data) => self.frames.push(&data),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_attached_to_only_if_it_speaks_the_extension_in_this_version() {
        let id = r#""databaseId":"1""#;
        assert_eq!(
            metadata(format!(r#"{{{id},"keyglass":{{"version":1,"url":"/k"}}}}"#).as_bytes()),
            Ok(("1".to_owned(), "/k".to_owned()))
        );
        for other in [
            "<html>".to_owned(),
            format!("{{{id}}}"),
            format!(r#"{{{id},"keyglass":{{"version":2,"url":"/k"}}}}"#),
            format!(r#"{{{id},"keyglass":{{"version":1,"url":"http://elsewhere"}}}}"#),
            r#"{"keyglass":{"version":1,"url":"/k"}}"#.to_owned(),
        ] {
            assert!(metadata(other.as_bytes()).is_err(), "{other}");
        }
    }
}
