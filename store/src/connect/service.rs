//! What is answered to a request: who asks, what for, and what the database says.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use hyper::body::{Body as _, Incoming};
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::http::uri::Authority;
use hyper::{Method, Request, Response, StatusCode};
use prost::Message;
use tokio::sync::{Semaphore, mpsc, watch as signal};

use super::body::{self, AnswerBody, Answered};
use super::extension::{self, Held};
use super::large::LargeAnswers;
use super::metadata::{DATA_PATH, Metadata};
use super::peer::{OneRequest, Peer};
use super::recording::Recording;
use super::refusal::Refusal;
use super::server::{Changed, Presence};
use super::token::Token;
use super::{answer, request, watch};
use crate::database::Database;
use crate::requests::{LoggedOperation, LoggedOutcome, RequestLog};

/// The most bytes of a request of the data path, as the official server takes; one within all limits is smaller.
const BODY_BYTES: usize = 2 << 20;
/// The most bytes of a metadata exchange.
const METADATA_BYTES: usize = 64 << 10;
/// Bodies of more bytes, or of unknown length, wait for one of few places.
const SMALL_BODY: u64 = 64 << 10;
/// Reads of more entries wait for one of few places, because an entry may have 64 KiB.
const SMALL_READ: usize = 100;

/// Which version of the protocol a client speaks, from 2 on.
pub(super) const PROTOCOL_VERSION: HeaderName = HeaderName::from_static("x-denokv-version");
/// Which database it means.
const DATABASE_ID: HeaderName = HeaderName::from_static("x-denokv-database-id");
/// The same in version 1.
pub(super) const TRANSACTION_DOMAIN_ID: HeaderName = HeaderName::from_static("x-transaction-domain-id");

/// What all connections share.
pub(super) struct Shared {
    pub(super) database: Arc<dyn Database>,
    pub(super) database_id: String,
    pub(super) token: Token,
    /// Names of this server besides its addresses.
    pub(super) hosts: Vec<String>,
    /// Whether nobody is told of the extension, and nobody is answered by it.
    pub(super) protocol_alone: bool,
    /// Places for large bodies of requests.
    pub(super) large_bodies: Arc<Semaphore>,
    /// Large answers and their places.
    pub(super) large_answers: LargeAnswers,
    /// Places for watches.
    pub(super) watches: Arc<Semaphore>,
    /// Who reads the requests.
    pub(super) log: Arc<RequestLog>,
    /// Hears when clients come and go.
    pub(super) changed: Changed,
    /// Views that clients of the extension hold.
    pub(super) held: Held,
    /// Whether the server ends.
    pub(super) ending: signal::Receiver<bool>,
}

impl Shared {
    /// What a path asks for, if that is answered here.
    pub(super) fn asked(&self, path: &str) -> Option<Asked> {
        let asked = Asked::of(path)?;
        let is_answered = !(self.protocol_alone && matches!(asked, Asked::Extension(_)));
        is_answered.then_some(asked)
    }
}

/// Answers one request that came to the address `local`.
pub(super) async fn respond(
    shared: Arc<Shared>,
    peer: Arc<Peer>,
    local: SocketAddr,
    request: Request<Incoming>,
) -> Answered {
    let one = OneRequest::begin(&peer);
    let mut recording = Recording::begin(&shared, &peer, request.uri().path(), request.headers());
    let answered = route(shared, &peer, local, request, &mut recording).await;
    if let Some(recording) = recording {
        recording.finish(answered.as_ref().err());
    }
    let response = match answered {
        Ok(response) => response,
        Err(refusal) => refused(&refusal),
    };
    Ok(response.map(|body| body.holding(one)))
}

async fn route(
    shared: Arc<Shared>,
    peer: &Peer,
    local: SocketAddr,
    request: Request<Incoming>,
    recording: &mut Option<Recording>,
) -> Result<Response<AnswerBody>, Refusal> {
    let host = host(&request, local, &shared.hosts)?;
    if request.headers().contains_key(header::ORIGIN) {
        return Err(Refusal::Origin);
    }
    let asked = shared.asked(request.uri().path()).ok_or(Refusal::NotFound)?;
    if request.method() != Method::POST {
        return Err(Refusal::Method);
    }
    authorise(request.headers(), &shared.token)?;
    peer.is_known.store(true, Ordering::Release);
    if asked == Asked::Metadata {
        let body = body::read(request.into_body(), METADATA_BYTES).await?;
        if let Some(recording) = recording {
            recording.body(&body);
        }
        let metadata = Metadata {
            database_id: &shared.database_id,
            token: shared.token.reveal(),
            host: host.as_str(),
            tells_extension: !shared.protocol_alone,
            now: shared.database.clock().now(),
        };
        let answer = metadata.answer(&body)?;
        if let Some(recording) = recording {
            // It holds the token.
            recording.answered_with(answer.len());
        }
        return Ok(ok("application/json", AnswerBody::whole(answer)));
    }
    check_protocol(request.headers(), &shared.database_id)?;
    let body = {
        let body = request.into_body();
        let is_small = body
            .size_hint()
            .upper()
            .is_some_and(|length| length <= SMALL_BODY);
        // The place is given back once the body is here.
        let _place = match is_small {
            true => None,
            false => shared.large_bodies.acquire().await.ok(),
        };
        body::read(body, BODY_BYTES).await?
    };
    if let Some(recording) = recording {
        recording.body(&body);
    }
    match asked {
        Asked::Metadata => Err(Refusal::NotFound),
        Asked::Read => read(shared, peer, body, recording).await,
        Asked::Write => write(shared, body, recording).await,
        Asked::Watch => watch(shared, body, recording).await,
        Asked::Extension(method) => extension::respond(shared, peer, &method, body, recording).await,
    }
}

/// What a request asks for.
#[derive(PartialEq)]
pub(super) enum Asked {
    Metadata,
    Read,
    Write,
    Watch,
    /// A method of the extension.
    Extension(String),
}

impl Asked {
    /// As the log of requests calls it.
    pub(super) fn logged(&self) -> LoggedOperation {
        match self {
            Self::Metadata => LoggedOperation::Exchange,
            Self::Read => LoggedOperation::Read,
            Self::Write => LoggedOperation::Write,
            Self::Watch => LoggedOperation::Watch,
            Self::Extension(method) => LoggedOperation::Extension(method.clone()),
        }
    }

    fn of(path: &str) -> Option<Self> {
        if path == "/" {
            return Some(Self::Metadata);
        }
        if let Some(method) = path.strip_prefix(extension::wire::PATH) {
            let method = method
                .strip_prefix('/')
                .filter(|method| extension::knows(method))?;
            return Some(Self::Extension(method.to_owned()));
        }
        Some(match path.strip_prefix(DATA_PATH)? {
            "/snapshot_read" => Self::Read,
            "/atomic_write" => Self::Write,
            "/watch" => Self::Watch,
            _ => return None,
        })
    }
}

async fn read(
    shared: Arc<Shared>,
    peer: &Peer,
    body: Bytes,
    recording: &mut Option<Recording>,
) -> Result<Response<AnswerBody>, Refusal> {
    let ranges = request::read_ranges(decode(body)?)?;
    if let Some(recording) = recording {
        recording.reads(&ranges);
    }
    let entries = ranges.iter().map(|range| range.limit).sum::<usize>();
    let place = match entries > SMALL_READ {
        true => shared.large_answers.place(&peer.large_answers).await,
        false => None,
    };
    let database = Arc::clone(&shared.database);
    let (bytes, entries) = blocking(move || {
        let ranges = database.read(&ranges)?;
        let entries = ranges.iter().map(Vec::len).sum();
        Ok((Bytes::from(answer::snapshot(&ranges)), entries))
    })
    .await?;
    if let Some(recording) = recording {
        recording.outcome(LoggedOutcome::Entries(entries));
        recording.answer(&bytes);
    }
    Ok(protobuf(shared.large_answers.body(bytes, place)))
}

async fn write(
    shared: Arc<Shared>,
    body: Bytes,
    recording: &mut Option<Recording>,
) -> Result<Response<AnswerBody>, Refusal> {
    let operation = request::operation(decode(body)?)?;
    if let Some(recording) = recording {
        recording.commits(&operation);
    }
    let outcome = blocking(move || Ok(shared.database.commit(operation)?)).await?;
    if let Some(recording) = recording {
        recording.committed(&outcome);
    }
    let bytes = Bytes::from(answer::outcome(outcome).encode_to_vec());
    if let Some(recording) = recording {
        recording.answer(&bytes);
    }
    Ok(protobuf(AnswerBody::whole(bytes)))
}

async fn watch(
    shared: Arc<Shared>,
    body: Bytes,
    recording: &mut Option<Recording>,
) -> Result<Response<AnswerBody>, Refusal> {
    let keys = request::watched_keys(decode(body)?)?;
    if let Some(recording) = recording {
        recording.watches(&keys);
    }
    let place = Arc::clone(&shared.watches)
        .try_acquire_owned()
        .map_err(|_none_left| Refusal::Watches)?;
    let place = Presence::new(place, &shared);
    let ending = shared.ending.clone();
    let states = blocking(move || Ok(shared.database.watch(keys)?)).await?;
    let (frames, pieces) = mpsc::channel(1);
    // From here on it is told at its end.
    let mut recording = recording.take();
    if let Some(recording) = &mut recording {
        recording.stream_begins();
    }
    tokio::spawn(async move {
        let sent = watch::send(&states, frames, ending).await;
        if let Some(recording) = recording {
            recording.stream_ended(sent.states, sent.bytes);
        }
        // The engine forgets the watch under a lock that a commit may hold for as long as the disk takes.
        tokio::task::spawn_blocking(move || drop((states, place)));
    });
    Ok(ok("application/octet-stream", AnswerBody::pieces(pieces)))
}

/// Does what blocks on a thread of its own, of which there are so many.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) if error.is_cancelled() => Err(Refusal::ending()),
        Err(_panic) => Err(Refusal::Failed(
            "The server failed at this request, and it is not known how far it came.".to_owned(),
        )),
    }
}

fn decode<M: Message + Default>(body: Bytes) -> Result<M, Refusal> {
    M::decode(body).map_err(|error| Refusal::Protobuf(error.to_string()))
}

/// The host that the client believes to talk to, if it is this server. A page that was bound to a name of its own comes
/// with that name.
fn host<B>(request: &Request<B>, local: SocketAddr, names: &[String]) -> Result<Authority, Refusal> {
    let of_uri = request.uri().authority().map(Authority::as_str);
    let mut of_headers = request.headers().get_all(header::HOST).iter();
    let of_header = of_headers.next().map(|host| host.to_str().unwrap_or_default());
    let mut found = None;
    for text in of_uri.into_iter().chain(of_header) {
        let not_ours = || Refusal::Host(text.to_owned());
        let authority: Authority = text.parse().map_err(|_malformed| not_ours())?;
        if text.contains('@') || !is_ours(authority.host(), local.ip(), names) {
            return Err(not_ours());
        }
        found.get_or_insert(authority);
    }
    match (found, of_headers.next()) {
        (Some(host), None) => Ok(host),
        _ => Err(Refusal::Host("none, or several".to_owned())),
    }
}

/// An address is ours if the request came to it. A name is not known to be, but for `localhost` and those that were
/// given.
fn is_ours(host: &str, local: IpAddr, names: &[String]) -> bool {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    if let Ok(address) = bare.unwrap_or(host).parse::<IpAddr>() {
        return address.to_canonical() == local.to_canonical();
    }
    let is_localhost = local.to_canonical().is_loopback() && host.eq_ignore_ascii_case("localhost");
    is_localhost || names.iter().any(|name| name.eq_ignore_ascii_case(host))
}

fn authorise(headers: &HeaderMap, token: &Token) -> Result<(), Refusal> {
    let header = headers.get(header::AUTHORIZATION).map(HeaderValue::as_bytes);
    let header = header.ok_or(Refusal::MalformedAuthorization)?;
    let space = header.iter().position(|byte| *byte == b' ');
    let (scheme, guess) = space
        .and_then(|space| header.split_at_checked(space))
        .ok_or(Refusal::MalformedAuthorization)?;
    if !scheme.eq_ignore_ascii_case(b"bearer") {
        return Err(Refusal::MalformedAuthorization);
    }
    if token.is(guess.trim_ascii()) {
        Ok(())
    } else {
        Err(Refusal::Token)
    }
}

/// Versions 2 and 3 name themselves and the database; version 1 names the database, under another name.
fn check_protocol(headers: &HeaderMap, database_id: &str) -> Result<(), Refusal> {
    let text = |name: &HeaderName| headers.get(name).map(HeaderValue::as_bytes);
    let id = match text(&PROTOCOL_VERSION) {
        Some(b"2" | b"3") => text(&DATABASE_ID),
        Some(_) => return Err(Refusal::ProtocolVersion),
        None => match text(&TRANSACTION_DOMAIN_ID) {
            None => return Err(Refusal::ProtocolVersion),
            id => id,
        },
    };
    if id == Some(database_id.as_bytes()) {
        Ok(())
    } else {
        Err(Refusal::DatabaseId)
    }
}

pub(super) fn ok(content_type: &'static str, body: AnswerBody) -> Response<AnswerBody> {
    let mut response = Response::new(body);
    let value = HeaderValue::from_static(content_type);
    response.headers_mut().insert(header::CONTENT_TYPE, value);
    response
}

pub(super) fn protobuf(body: AnswerBody) -> Response<AnswerBody> {
    ok("application/x-protobuf", body)
}

fn refused(refusal: &Refusal) -> Response<AnswerBody> {
    let status = refusal.status();
    let mut response = ok(
        "text/plain; charset=utf-8",
        AnswerBody::whole(refusal.to_string()),
    );
    *response.status_mut() = status;
    let further = match status {
        StatusCode::METHOD_NOT_ALLOWED => Some((header::ALLOW, "POST")),
        StatusCode::UNAUTHORIZED => Some((header::WWW_AUTHENTICATE, "Bearer")),
        _ => None,
    };
    if let Some((name, value)) = further {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_knows_its_own_address_and_no_other_name() {
        let loopback = "127.0.0.1".parse().unwrap();
        let network = "192.168.1.7".parse().unwrap();
        let names = ["Shop.local".to_owned()];
        for (host, local, expected) in [
            ("127.0.0.1", loopback, true),
            ("localhost", loopback, true),
            ("LOCALHOST", loopback, true),
            ("shop.local", loopback, true),
            ("127.0.0.2", loopback, false),
            ("evil.example", loopback, false),
            ("localhost.evil.example", loopback, false),
            ("[::1]", loopback, false),
            ("[::1]", "::1".parse().unwrap(), true),
            ("[::ffff:127.0.0.1]", loopback, true),
            ("192.168.1.7", network, true),
            ("localhost", network, false),
            ("", loopback, false),
        ] {
            assert_eq!(is_ours(host, local, &names), expected, "{host} at {local}");
        }
    }

    #[test]
    fn each_host_that_a_request_names_must_be_ours() {
        let local = "127.0.0.1:4512".parse().unwrap();
        let request = |uri: &str, hosts: &[&str]| {
            let mut request = Request::builder().uri(uri);
            for host in hosts {
                request = request.header("host", *host);
            }
            host(&request.body(()).unwrap(), local, &[]).map(|host| host.to_string())
        };
        assert_eq!(request("/", &["localhost:4512"]).unwrap(), "localhost:4512");
        // The port may be that of a tunnel.
        assert_eq!(
            request("http://127.0.0.1:9/", &["localhost"]).unwrap(),
            "127.0.0.1:9"
        );
        for (uri, hosts) in [
            ("/", &[][..]),
            ("/", &["localhost", "localhost"]),
            ("/", &["evil.example"]),
            ("/", &["localhost@evil.example"]),
            ("/", &["evil.example@localhost"]),
            ("http://evil.example/", &["localhost"]),
            ("http://localhost/", &["evil.example"]),
            ("/", &["a b"]),
        ] {
            let refused = request(uri, hosts);
            assert!(matches!(refused, Err(Refusal::Host(_))), "{uri} {hosts:?}");
        }
    }

    #[test]
    fn the_token_comes_after_the_word_bearer() {
        let token = Token::new("0123456789abcdef").unwrap();
        let answer = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, value.parse().unwrap());
            authorise(&headers, &token)
        };
        assert_eq!(answer("Bearer 0123456789abcdef"), Ok(()));
        assert_eq!(answer("bearer 0123456789abcdef"), Ok(()));
        assert_eq!(answer("Bearer 0123456789abcdeg"), Err(Refusal::Token));
        assert_eq!(answer("Bearer "), Err(Refusal::Token));
        for malformed in ["Bearer", "", "Basic 0123456789abcdef", "0123456789abcdef"] {
            assert_eq!(answer(malformed), Err(Refusal::MalformedAuthorization));
        }
        assert_eq!(
            authorise(&HeaderMap::new(), &token),
            Err(Refusal::MalformedAuthorization)
        );
    }
}
